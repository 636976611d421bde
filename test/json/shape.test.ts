import { describe, expect, test } from "vitest";
import {
  anyValue,
  boolean,
  count,
  listOf,
  mapOf,
  number,
  objectOf,
  oneOf,
  optional,
  orNull,
  type Shape,
  sha256Text,
  string,
  time,
} from "../../lib/json/shape.ts";

interface Box {
  name: string;
  parts: { rows: number }[];
  note?: string | null;
}

const BOX = objectOf<Box>({
  name: string,
  parts: listOf(objectOf<Box["parts"][number]>({ rows: count })),
  note: optional(orNull(string)),
});

describe("a shape", () => {
  test("accepts a value with all keys, without the optional ones, and with unknown ones", () => {
    expect(BOX({ name: "a", parts: [] }, "")).toBeNull();
    expect(BOX({ name: "a", parts: [{ rows: 0 }], note: null, later: 1 }, "")).toBeNull();
  });

  test.each<[unknown, string]>([
    [null, "expected object, got null"],
    [[], "expected object, got list"],
    ["{}", "expected object, got string"],
    [{ parts: [] }, "name: expected string, got nothing"],
    [{ name: 1, parts: [] }, "name: expected string, got number"],
    [{ name: "a", parts: {} }, "parts: expected list, got object"],
    [{ name: "a", parts: [{ rows: 1 }, null] }, "parts[1]: expected object, got null"],
    [{ name: "a", parts: [{ rows: 1 }, { rows: "1" }] }, "parts[1].rows: expected integer, got string"],
    [{ name: "a", parts: [], note: 1 }, "note: expected string, got number"],
    [Object.create({ name: "a", parts: [] }), "name: expected string, got nothing"],
  ])("names the place in %j, and what is there", (value, problem) => {
    expect(BOX(value, "")).toBe(problem);
  });

  test.each<[string, Shape, unknown[], unknown[]]>([
    ["count", count, [0, 7, 2 ** 53 - 1], [-1, 0.5, 2 ** 53, "1", null, Number.NaN]],
    ["number", number, [-1.5, 0], [Number.NaN, Number.POSITIVE_INFINITY, "1"]],
    ["boolean", boolean, [true, false], [0, "true", null]],
    ["time", time, ["2026-11-20T03:00:00.000Z"], ["", "yesterday", 0, null]],
    ["sha256", sha256Text, ["0".repeat(64)], ["", "0".repeat(63), "A".repeat(64), 0]],
    ["one of several", oneOf("asc", "desc"), ["asc", "desc"], ["ASC", "", null, undefined]],
    ["any value", anyValue, [null, undefined, 1], []],
    ["map", mapOf(count), [{}, { a: 1 }], [[], { a: -1 }, null]],
  ])("of a %s accepts exactly its values", (_name, shape, valid, invalid) => {
    for (const value of valid) expect(shape(value, ""), String(value)).toBeNull();
    for (const value of invalid) expect(shape(value, ""), String(value)).not.toBeNull();
  });
});
