import { expect, test } from "vitest";
import { kindOf, typeName } from "../../lib/json/kind.ts";

test.each<[unknown, string, string]>([
  [undefined, "nothing", "undefined"],
  [null, "null", "null"],
  [[1], "a list", "list"],
  [{ a: 1 }, "an object", "object"],
  [Object.create(null), "an object", "object"],
  [new Date(0), "a Date", "object"],
  [new Error("secret"), "an Error", "object"],
  [new (class {})(), "an object", "object"],
  ["secret", "a string", "string"],
  [1, "a number", "number"],
  [1n, "a number", "bigint"],
  [Number.NaN, "NaN", "number"],
  [true, "a boolean", "boolean"],
  [() => 1, "a function", "function"],
])("%o is %s, and of type %s", (value, kind, type) => {
  expect(kindOf(value)).toBe(kind);
  expect(typeName(value)).toBe(type);
});
