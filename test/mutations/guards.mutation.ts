import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GUARDS } from "./guards.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const COPIED = [
  "lib",
  "functions",
  "infra",
  "local",
  "cli",
  "test",
  "package.json",
  "tsconfig.json",
  "vitest.config.ts",
];
const copy = mkdtempSync(join(tmpdir(), "restlake-mutations-"));

beforeAll(() => {
  for (const name of COPIED) cpSync(join(PROJECT, name), join(copy, name), { recursive: true });
  symlinkSync(join(PROJECT, "node_modules"), join(copy, "node_modules"), "dir");
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Runs the tests with this title in one file of the copy, and returns the titles of those that fail. */
const failing = async (file: string, title: string): Promise<string[]> => {
  const pattern = title.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const report = join(copy, "report.json");
  rmSync(report, { force: true });
  await promisify(execFile)(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", file, "-t", pattern, "--reporter=json", `--outputFile=${report}`],
    { cwd: copy, env: { ...process.env, NO_COLOR: "1", RESTLAKE_TEST_SIZE: "full" } },
  ).catch(() => {
    // A failing test exits with 1, as expected. The report distinguishes it from a run that broke.
  });
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as {
    testResults: { assertionResults: { title: string; status: string }[] }[];
  };
  const results = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter((result) => result.title === title);
  expect(results, `no test with this title ran: ${title}`).not.toEqual([]);
  return results.filter(({ status }) => status === "failed").map((result) => result.title);
};

describe("without this guard, the named test fails:", () => {
  test.each(GUARDS)("$guard", async ({ file, find, replace, test: named }) => {
    const path = join(copy, file);
    const original = readFileSync(path, "utf8");
    expect(original.split(find).length - 1, `${file} must contain the source text of the guard exactly once`).toBe(1);
    writeFileSync(
      path,
      original.replace(find, () => replace),
    );
    try {
      expect(await failing(named.file, named.title)).toEqual([named.title]);
    } finally {
      writeFileSync(path, original);
    }
  });
});
