import { expect, test } from "vitest";
import { addWarnings, MAX_WARNINGS } from "../../lib/metering/warnings.ts";

test("warnings are distinct, in the order in which they came, and short", () => {
  const warnings = addWarnings(["a"], ["b", "a", "x".repeat(1000)]);
  expect(warnings.slice(0, 2)).toEqual(["a", "b"]);
  expect(warnings[2]).toMatch(/^x{297}\.\.\.$/);
  expect(addWarnings(warnings, [])).toEqual(warnings);
});

test("warnings are few: a position has to stay small", () => {
  const many = Array.from({ length: 100 }, (_, index) => `warning ${index}`);
  expect(addWarnings([], many)).toEqual(many.slice(0, MAX_WARNINGS));
});
