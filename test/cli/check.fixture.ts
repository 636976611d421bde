import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect } from "vitest";
import { stringify } from "yaml";
import { type Ended, restlake } from "./command.fixture.ts";

/** URL of the module that a TypeScript config imports. */
export const LIBRARY = pathToFileURL(join(import.meta.dirname, "../../lib/config/index.ts")).href;
/** Secrets that no output may contain. */
export const KEY = "check-key-8d41f0b2c7";
export const TOKEN = "check-token-55e9a1";

/** Folder of the test's configs, in which the command is run. */
export const folder = mkdtempSync(join(tmpdir(), "restlake-check-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a config into the folder, in the format of its extension. */
export const write = (name: string, content: unknown): void => {
  const text =
    typeof content === "string" ? content : name.endsWith("json") ? JSON.stringify(content) : stringify(content);
  writeFileSync(join(folder, name), text);
};

/** Runs `npm run check`. In its output, ports and durations are replaced by PORT and N. */
export const check = async (args: string[], env: Record<string, string> = {}): Promise<Ended> => {
  const { code, out, err } = await restlake(["check", ...args], folder, env);
  const steady = (text: string) =>
    text.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT").replaceAll(/in \d+ ms/g, "in N ms");
  expect(out + err).not.toContain(KEY);
  expect(out + err).not.toContain(TOKEN);
  return { code, out: steady(out), err: steady(err) };
};

/** An address that no test reaches. */
export const API = "https://tickets.your-company.com/api";
