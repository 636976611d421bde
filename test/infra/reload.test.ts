import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { context } from "esbuild";
import { expect, test } from "vitest";
import { writeChanged } from "../../infra/plugin/offline.ts";

test("serverless-offline reloads bundles that differ, and none that was only saved: a reload ends invocations", async () => {
  const folder = mkdtempSync(join(tmpdir(), "restlake-reload-"));
  const commands: string[] = [];
  const spawn = async (command: string) => void commands.push(command);
  const [source, bundle] = [join(folder, "source.js"), join(folder, "bundle.mjs")];
  writeFileSync(source, "export const handler = 1;");
  const watching = await context({
    entryPoints: [source],
    outfile: bundle,
    write: false,
    plugins: [writeChanged({ pluginManager: { spawn } })],
  });
  await watching.rebuild();
  expect(readFileSync(bundle, "utf8")).toContain("handler = 1");
  utimesSync(source, new Date(), new Date());
  await watching.rebuild();
  expect(commands).toEqual([]);
  writeFileSync(source, "export const handler = 2;");
  await watching.rebuild();
  expect(readFileSync(bundle, "utf8")).toContain("handler = 2");
  expect(commands).toEqual(["offline:functionsUpdated"]);
  await watching.dispose();
  rmSync(folder, { recursive: true });
});
