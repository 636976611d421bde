import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { until } from "../until.ts";

const FIXTURE = new URL("emulator.fixture.ts", import.meta.url).href;

const responds = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

test("the emulator ends with the process that started it, even if that process is killed", async () => {
  const script = `import { startEmulator } from ${JSON.stringify(FIXTURE)};
    const { url, folder } = await startEmulator();
    console.log(JSON.stringify({ url, folder }));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { url, folder } = JSON.parse(String(line)) as { url: string; folder: string };
  expect(await responds(url)).toBe(true);
  child.kill("SIGKILL");
  await once(child, "close");
  await until("the emulator is gone", async () => !(await responds(url)));
  rmSync(folder, { recursive: true, force: true });
});
