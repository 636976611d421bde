import { describe, expect, test } from "vitest";
import { ResponseError, SelectorError } from "../../lib/errors/index.ts";
import { type Json, type JsonObject, stringifyJson } from "../../lib/json/index.ts";
import { parseJson } from "../../lib/json/parse.ts";
import { nullRowsIn } from "../../lib/rows/null-rows.ts";
import { detectSelector, selectRows } from "../../lib/rows/selector.ts";

const row = { id: 1 };

/** Returns the rows at the place that dlt would guess. */
const found = (body: Json) => selectRows(body, detectSelector(body));

describe("a selector returns", () => {
  test.each<[string, Json, string, Json]>([
    ["a list as it is", { data: [row, row] }, "data", [row, row]],
    ["a nested list", { result: { items: [row] } }, "result.items", [row]],
    ["a single object as one row", { data: row }, "data", [row]],
    ["the whole response", [row], "$", [row]],
    ["nothing from null", { data: null }, "data", []],
    ["nothing from an empty list", { data: [] }, "data", []],
    ["one row from an empty object", {}, "$", [{}]],
    ["a list under a quoted key", { "o.d": [row] }, "'o.d'", [row]],
    ["one object of a list as one row", { data: [row, { id: 2 }] }, "data[-1]", [{ id: 2 }]],
    ["the items of a single match that is a list", { data: [{ items: [row] }] }, "data[*].items", [row]],
    [
      "the rows of several lists one after another",
      { data: [{ items: [row, { id: 2 }] }, { items: [] }, { items: [{ id: 3 }] }] },
      "data[*].items",
      [row, { id: 2 }, { id: 3 }],
    ],
    ["several objects as one row each", { data: [{ at: row }, { at: { id: 2 } }] }, "data[*].at", [row, { id: 2 }]],
    ["no row for a null among several matches", { data: [{ items: null }, { items: [row] }] }, "data[*].items", [row]],
    ["the matches of a filter", { data: [row, { id: 2 }] }, "data[?@.id > 1]", [{ id: 2 }]],
    ["the rows under several keys", { a: [row], b: [{ id: 2 }] }, "$['a', 'b']", [row, { id: 2 }]],
    ["the matches at any depth", { x: { hits: [row] }, hits: [{ id: 2 }] }, "$..hits", [{ id: 2 }, row]],
    ["the values of an object", { data: { a: row, b: { id: 2 } } }, "data.*", [row, { id: 2 }]],
  ])("%s", (_, body, selector, rows) => {
    expect(selectRows(body, selector)).toEqual(rows);
  });
});

describe("a selector that matches nothing", () => {
  test.each<[string, Json, string, string]>([
    ["the response", { error: "no", code: 7 }, "data.items", "the response is an object with the keys error, code"],
    ["the response", { error: "no", code: 7 }, "data[*].id", "the response is an object with the keys error, code"],
    ["a value", { data: { rows: [] } }, "data.items", "data is an object with the keys rows"],
    ["a value", { data: { rows: [] } }, "data.items[*]", "data is an object with the keys rows"],
    ["a value", { data: {} }, "data.items", "data is an empty object"],
    ["a value", { data: null }, "data.items", "data is null"],
    ["a value", { data: null }, "data.items[*]", "data is null"],
    ["a value", { data: [{ id: 1 }] }, "data.items", "data is a list"],
    ["a value", { "o.d": { x: { y: 1 } } }, "'o.d'.x.z", '["o.d"].x is an object with the keys y'],
    ["a row", { data: [{ id: 1 }, { id: 2 }] }, "data[*].items", "data[0] is an object with the keys id"],
    ["a row", { data: [{ id: 1 }] }, "data[*].items[*]", "data[0] is an object with the keys id"],
    ["a value without items", { data: "busy" }, "data[*]", "data is a string"],
    ["a value without items", { data: { a: 1 } }, "data[0]", "data is an object with the keys a"],
    ["a value without items", { data: 9007199254740993n }, "data[0:2]", "data is a number"],
    ["the response, for a recursive path", { data: [] }, "$..items", "the response is an object with the keys data"],
    ["a list", [{ id: 1 }], "data", "the response is a list"],
    ["null", null, "data", "the response is null"],
  ])("is an error that describes the deepest value it reached: %s", (_, body, selector, there) => {
    expect(() => selectRows(body, selector)).toThrow(SelectorError);
    expect(() => selectRows(body, selector)).toThrow(
      `data_selector ${JSON.stringify(selector)} matches nothing (${there}): set it to the path of the rows, or set on_missing_data: "empty" if the API leaves out the key of an empty list. The run then resumes at this page`,
    );
  });

  test.each<[Json, string]>([
    [{ data: [] }, "data[*]"],
    [{ data: {} }, "data.*"],
    [{ data: null }, "data[*]"],
    [{ data: [] }, "data[*].items"],
    [{ data: [] }, "data[*].items[*]"],
    [{ data: [{ items: [] }, { items: [] }] }, "data[*].items[*]"],
    [{ data: [] }, "data[0]"],
    [{ data: [] }, "data[-1].items"],
    [{ data: [{ id: 1 }] }, "data[5:9]"],
    [{ data: [{ id: 1 }] }, "data[?@.id > 5]"],
    [{ data: [{ id: 1 }] }, "data[?@.items].items"],
    [{ hits: [] }, "$..hits[*]"],
    [[], "$[*]"],
    [[], "[*].id"],
    [null, "$[*]"],
  ])("returns no rows if a list may be empty at that place: %j %s", (body, selector) => {
    expect(selectRows(body, selector)).toEqual([]);
  });
});

// The expected rows are those of dlt 1.31.
test.each<[string, Json, string, JsonObject[]]>([
  ["numbers", { data: [5, 6.5] }, "data", [{ value: 5 }, { value: 6.5 }]],
  ["objects and values", { data: [row, 5, "a"] }, "data", [row, { value: 5 }, { value: "a" }]],
  ["null", { data: [1, null] }, "data", [{ value: 1 }, { value: null }]],
  ["lists", { data: [[row], [1, 2], []] }, "data", [{ value: [row] }, { value: [1, 2] }, { value: [] }]],
  ["a large integer", { data: [9007199254740993n] }, "data", [{ value: 9007199254740993n }]],
  ["values of a wildcard", { a: { n: 1 }, b: { n: 2 } }, "$.*.n", [{ value: 1 }, { value: 2 }]],
  ["a single value of a wildcard", { a: [{ n: 1 }] }, "a[*].n", [{ value: 1 }]],
])("items that are not objects are rows with a column value: %s", (_, body, selector, rows) => {
  expect(selectRows(body, selector)).toEqual(rows);
});

test("a number in a list keeps its literal", () => {
  expect(selectRows(parseJson('{"data":[10.0,2]}'), "data").map(stringifyJson)).toEqual([
    '{"value":10.0}',
    '{"value":2}',
  ]);
});

test.each<[Json, string, string | null]>([
  [{ data: [row, null] }, "data", "data[?@ != null]"],
  [[null, row], "$", "$[?@ != null]"],
  [[null, 1], "$", null],
  [[null], "$", null],
  [[{ value: null }, row], "$", null],
])("null among objects is found, with the selector which skips it: %j %s", (body, selector, skipping) => {
  expect(nullRowsIn(body, selector, selectRows(body, selector))?.skipping ?? null).toBe(skipping);
  if (skipping !== null) expect(selectRows(body, skipping)).toEqual([row]);
});

test.each<[string, Json, RegExp]>([
  ["a string", { data: "busy" }, /^"data" is neither a list nor an object \(it is a string\)/],
  ["false", { data: false }, /^"data" is neither a list nor an object \(it is a boolean\)/],
  ["zero", { data: 0 }, /^"data" is neither a list nor an object \(it is a number\)/],
])("%s instead of rows is an error that shows where it is", (_, body, message) => {
  expect(() => selectRows(body, "data")).toThrow(ResponseError);
  expect(() => selectRows(body, "data")).toThrow(message);
});

describe("without a selector", () => {
  // Except for errors, the expected values are those of dlt's find_response_page_data.
  test.each<[string, Json, string[]]>([
    ["a response that is a list is used whole", [row], []],
    ["the only list is used", { orders: [row] }, ["orders"]],
    ["a common key wins over others", { errors: [], data: [row] }, ["data"]],
    ["the first common key of the response wins", { values: [row], data: [row] }, ["values"]],
    [
      "the first common key wins, also deeper in the response",
      { meta: { records: [] }, items: [row] },
      ["meta", "records"],
    ],
    ["without a common key, the first list of the response wins", { a: { b: [row] }, c: [row] }, ["a", "b"]],
    ["a list is found three keys deep", { a: { b: { data: [row] } } }, ["a", "b", "data"]],
    ["a list is not found four keys deep", { a: { b: { c: { data: [row] } } } }, []],
    ["without a list, the whole response is one row", { id: 1 }, []],
    ["an empty list counts as a list", { data: [], rows: [row] }, ["data"]],
    ["an empty list counts under any other key, too", { found: [], data: row }, ["found"]],
    ["a list of errors or warnings is not used", { errors: [], warnings: [row], found: [row] }, ["found"]],
    ["keys are case-sensitive", { Data: [row], items: [row] }, ["items"]],
    ["an object under a common key is not a list", { data: row, found: [row] }, ["found"]],
    ["a common key deeper down wins over an earlier list", { foo: [row], x: { data: [row] } }, ["x", "data"]],
    ["lists inside of lists are ignored", { pages: [{ data: [row] }] }, ["pages"]],
  ])("%s", (_, body, keys) => {
    expect(detectSelector(body)).toEqual(keys);
  });

  test.each(["search.results", "sp ace", "$rows", "it's", "a[0]", "__proto__"])(
    "rows are found under any key: %s",
    (key) => {
      expect(found(parseJson(JSON.stringify(Object.fromEntries([[key, [row]]]))))).toEqual([row]);
    },
  );

  test("a list of values under a common key, or as the response, has rows", () => {
    expect(found({ id: 1, results: ["a"] })).toEqual([{ value: "a" }]);
    expect(found(["a"])).toEqual([{ value: "a" }]);
  });

  test("a list of values that may be a field of an object is an error with both ways out", () => {
    expect(() => found({ id: 1, tags: ["a"] })).toThrow(
      /^the only list of the response, at "tags", has no objects \(its first item is a string\): set data_selector to "tags" .* or to "\$"/,
    );
    expect(selectRows({ id: 1, tags: ["a"] }, "tags")).toEqual([{ value: "a" }]);
    expect(selectRows({ id: 1, tags: ["a"] }, "$")).toEqual([{ id: 1, tags: ["a"] }]);
    expect(found({ id: 1, tags: [] })).toEqual([]);
  });

  test("a value instead of rows is an error", () => {
    expect(() => found("busy")).toThrow(/^"\$" is neither a list nor an object \(it is a string\)/);
  });

  test("null has no rows, and an object is one row", () => {
    expect(found(null)).toEqual([]);
    expect(found(row)).toEqual([row]);
    expect(found({})).toEqual([{}]);
  });
});
