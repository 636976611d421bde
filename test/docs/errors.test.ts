import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as errors from "../../lib/errors/index.ts";
import { errorReference } from "../../tools/docs/error-reference.ts";

const document = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");

test("docs/errors.md is current: npm run docs writes it", () => {
  expect(document).toBe(errorReference());
});

test("docs/errors.md has a row for every error class", () => {
  const names = Object.keys(errors).filter((name) => name.endsWith("Error") && name !== "RestlakeError");
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) expect(document).toContain(`| \`${name}\` |`);
});
