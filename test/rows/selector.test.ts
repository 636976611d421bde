import { describe, expect, test } from "vitest";
import { ResponseError, SelectorError } from "../../lib/errors.ts";
import type { Json } from "../../lib/json.ts";
import { at } from "../../lib/rows/path.ts";
import { detectSelector, selectRows } from "../../lib/rows/selector.ts";

const row = { id: 1 };

describe("paths", () => {
  const body: Json = { a: { b: { c: 1 } }, list: [{ x: 1 }], nothing: null, "": 2 };
  test.each<[string, Json | undefined]>([
    ["$", body],
    ["$.a.b.c", 1],
    ["a.b.c", 1],
    ["nothing", null],
    ["nothing.more", undefined],
    ["a.x", undefined],
    ["list.0", undefined],
    ["a.b.c.d", undefined],
    ["toString", undefined],
    ["a.__proto__", undefined],
  ])("%s", (path, value) => {
    expect(at(body, path)).toEqual(value);
  });
});

describe("a selector picks", () => {
  test.each<[string, Json, string, Json]>([
    ["a list as it is", { data: [row, row] }, "data", [row, row]],
    ["a nested list", { result: { items: [row] } }, "result.items", [row]],
    ["a single object as one row", { data: row }, "data", [row]],
    ["the whole", [row], "$", [row]],
    ["nothing from null", { data: null }, "data", []],
    ["nothing from an empty list", { data: [] }, "data", []],
  ])("%s", (_, body, selector, rows) => {
    expect(selectRows(body, selector)).toEqual(rows);
  });
});

test("a selector that matches nothing is an error that says what the answer has instead", () => {
  const failing = () => selectRows({ error: "no", code: 7 }, "data.items");
  expect(failing).toThrow(SelectorError);
  expect(failing).toThrow(/"data.items" matches nothing: the answer is an object with the keys error, code/);
});

test.each<[string, Json, RegExp]>([
  ["a number", { data: [row, 5] }, /row 2 at "data" is not an object but a number/],
  ["null", { data: [null] }, /row 1 at "data" is not an object but null/],
  ["a list", { data: [[row]] }, /row 1 at "data" is not an object but a list/],
  ["a text", { data: "busy" }, /row 1 at "data" is not an object but a string/],
])("a row that is %s is an error by name", (_, body, message) => {
  expect(() => selectRows(body, "data")).toThrow(ResponseError);
  expect(() => selectRows(body, "data")).toThrow(message);
});

describe("without a selector", () => {
  // Expected values are what dlt's find_response_page_data answers.
  test.each<[string, Json, string[]]>([
    ["the whole is a list", [row], []],
    ["one list", { orders: [row] }, ["orders"]],
    ["a usual key goes before others", { errors: [], data: [row] }, ["data"]],
    ["the first usual key of the answer wins", { values: [row], data: [row] }, ["values"]],
    ["also when it lies deeper", { meta: { records: [] }, items: [row] }, ["meta", "records"]],
    ["else the first list of the answer", { a: { b: [row] }, c: [row] }, ["a", "b"]],
    ["three keys deep", { a: { b: { data: [row] } } }, ["a", "b", "data"]],
    ["not four keys deep", { a: { b: { c: { data: [row] } } } }, []],
    ["no list: the whole is one row", { id: 1 }, []],
  ])("%s", (_, body, keys) => {
    expect(detectSelector(body)).toEqual(keys);
  });

  test("a key with a dot is one key", () => {
    expect(selectRows({ "search.results": [row] }, null)).toEqual([row]);
  });

  test("null is no rows, and an object one", () => {
    expect(selectRows(null, null)).toEqual([]);
    expect(selectRows(row, null)).toEqual([row]);
  });
});
