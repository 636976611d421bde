import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { GUARDS } from "../mutations/guards.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

/** Returns the text of a test file, with the values of its template literals. */
const text = (file: string): string =>
  readFileSync(join(PROJECT, file), "utf8")
    .replaceAll("${ROWS}", "20000")
    .replaceAll("${KILLS}", "20")
    .replaceAll("${title}", "TITLE");

const CRASH_TITLES =
  /^(a crash before|a crash after|a lost response to|a lost response to, and a retry of,) (any side effect)/;

test("every test in docs/reliability.md exists with that title", () => {
  const rows = [
    ...readFileSync(join(PROJECT, "docs/reliability.md"), "utf8").matchAll(/\| `([^`]+\.test\.ts)`: (.+) \|$/gm),
  ];
  expect(rows.length).toBeGreaterThan(45);
  for (const [, file = "", title = ""] of rows) {
    expect(text(join("test", file)), `${file}: ${title}`).toContain(title.replace(CRASH_TITLES, "TITLE $2"));
  }
});

test("every guard is in its file exactly once, and its test exists", () => {
  for (const { guard, file, find, test: named } of GUARDS) {
    expect(readFileSync(join(PROJECT, file), "utf8").split(find).length - 1, guard).toBe(1);
    const title = named.title.replace(CRASH_TITLES, "TITLE $2").replace("after 401 the", "after %i the");
    expect(text(named.file), guard).toContain(title);
  }
});
