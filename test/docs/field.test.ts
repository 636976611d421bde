import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const FIELD = fileURLToPath(new URL("../field", import.meta.url));

const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

/** Returns the cases that titles at the top level of test/field begin with: "A.1", "C". A title may name two. */
const casesOfTitles = (): string[] => {
  const files = readdirSync(FIELD).filter((file) => file.endsWith(".test.ts"));
  const texts = files.map((file) => readFileSync(join(FIELD, file), "utf8"));
  const titles = texts.flatMap((text) => [...text.matchAll(/^(?:test|describe)[^\n"'`]*\(\s*["'`]([^"'`\n]+)/gm)]);
  return titles.flatMap(([, title = ""]) => [...(title.split(":")[0] ?? "").matchAll(/\b[A-E](?:\.\d+)?\b/g)].flat());
};

test("every case of test/field/README.md has a test, and every case of a title is in it", () => {
  const table = readFileSync(join(FIELD, "README.md"), "utf8");
  const rows = [...table.matchAll(/^\| ([A-E](?:\.\d+)?) \|/gm)].flatMap(([, name = ""]) => name);
  expect(sorted(casesOfTitles())).toEqual(sorted(rows));
});
