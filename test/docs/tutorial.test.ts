import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type SampleApis, startSampleApis } from "../../local/sample-apis/index.ts";
import { restlake } from "../cli/command.fixture.ts";

interface Block {
  language: string;
  text: string;
}

/** Code blocks of the tutorial with a language, in order. Blocks without one are not executed. */
const blocks: Block[] = [
  ...readFileSync(new URL("../../docs/tutorial.md", import.meta.url), "utf8").matchAll(/^```(\w+)\n([\s\S]*?)^```/gm),
].map(([, language = "", text = ""]) => ({ language, text }));

/** Splits a command line at spaces outside of double quotes. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);

const folder = mkdtempSync(join(tmpdir(), "restlake-tutorial-"));
let apis: SampleApis;

beforeAll(async () => {
  apis = await startSampleApis({ sources: ["order_management"] });
});

afterAll(async () => {
  await apis.close();
  rmSync(folder, { recursive: true });
});

test("the files and commands of the tutorial work in order, and print the results that it shows", async () => {
  const url = apis.urls.order_management as string;
  const env: Record<string, string> = {};
  const outputs: string[] = [];
  for (const { language, text } of blocks) {
    if (language === "yaml") {
      const [, name = ""] = /^# (\S+)\n/.exec(text) ?? [];
      writeFileSync(join(folder, name), text.replace("http://127.0.0.1:3021", url));
    }
    if (language === "text") expect(outputs.at(-1)).toContain(text);
    if (language !== "sh") continue;
    const line = text.trim();
    const [, variable, value] = /^export (\w+)=(\S+)$/.exec(line) ?? [];
    if (variable !== undefined) env[variable] = value as string;
    // The sample API is already running, on a free port.
    if (variable !== undefined || line === "npm run offline") continue;
    const [npm, run, silent, command, ...args] = wordsOf(line);
    expect([npm, run, silent]).toEqual(["npm", "run", "--silent"]);
    const words = args.filter((word) => word !== "--");
    const { code, out, err } = await restlake([command as string, ...words], folder, env);
    expect({ line, code, err }).toEqual({ line, code: 0, err: "" });
    outputs.push(out);
  }
  const [live, plan, first, second, tables] = outputs as [string, string, string, string, string];
  expect(live).toMatch(/25 at data/);
  expect(live).toMatch(/updated_at timestamp/);
  expect(live).toMatch(/meta\.total_pages/);
  expect(plan).toMatch(/returns, for each row of orders/);
  expect(first).toMatch(/shop\.orders +done +240 /);
  expect(first).toMatch(/shop\.returns +done +133 /);
  expect(second).toMatch(/shop\.orders +done +0 /);
  expect(tables).toMatch(/shop\.orders +240 /);
});

test("the tutorial uses the key of `npm run offline`", () => {
  const tutorial = readFileSync(new URL("../../docs/tutorial.md", import.meta.url), "utf8");
  expect(tutorial).toContain(`RESTLAKE_SECRET_API_KEY=${apis.keys.order_management}`);
});
