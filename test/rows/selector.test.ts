import { describe, expect, test } from "vitest";
import { ResponseError, SelectorError } from "../../lib/errors/index.ts";
import { type Json, parseJson } from "../../lib/json/index.ts";
import { detectSelector, selectRows } from "../../lib/rows/selector.ts";

const row = { id: 1 };

/** The rows where dlt would guess that they are. */
const found = (body: Json) => selectRows(body, detectSelector(body));

describe("a selector picks", () => {
  test.each<[string, Json, string, Json]>([
    ["a list as it is", { data: [row, row] }, "data", [row, row]],
    ["a nested list", { result: { items: [row] } }, "result.items", [row]],
    ["a single object as one row", { data: row }, "data", [row]],
    ["the whole", [row], "$", [row]],
    ["nothing from null", { data: null }, "data", []],
    ["nothing from an empty list", { data: [] }, "data", []],
    ["one row from an empty object", {}, "$", [{}]],
    ["a list under a key that only quotes can name", { "o.d": [row] }, "'o.d'", [row]],
    ["one object of a list as one row", { data: [row, { id: 2 }] }, "data[-1]", [{ id: 2 }]],
    ["an only match that is a list as its items", { data: [{ items: [row] }] }, "data[*].items", [row]],
    [
      "the rows of several lists one after another",
      { data: [{ items: [row, { id: 2 }] }, { items: [] }, { items: [{ id: 3 }] }] },
      "data[*].items",
      [row, { id: 2 }, { id: 3 }],
    ],
    ["several objects as a row each", { data: [{ at: row }, { at: { id: 2 } }] }, "data[*].at", [row, { id: 2 }]],
    ["what is null among several as none", { data: [{ items: null }, { items: [row] }] }, "data[*].items", [row]],
    ["what a filter keeps", { data: [row, { id: 2 }] }, "data[?@.id > 1]", [{ id: 2 }]],
    ["what several keys hold", { a: [row], b: [{ id: 2 }] }, "$['a', 'b']", [row, { id: 2 }]],
    ["what lies anywhere", { x: { hits: [row] }, hits: [{ id: 2 }] }, "$..hits", [{ id: 2 }, row]],
    ["the values of an object", { data: { a: row, b: { id: 2 } } }, "data.*", [row, { id: 2 }]],
  ])("%s", (_, body, selector, rows) => {
    expect(selectRows(body, selector)).toEqual(rows);
  });
});

describe("a selector that matches nothing", () => {
  test.each<[string, Json, string, string]>([
    ["the whole", { error: "no", code: 7 }, "data.items", "the answer is an object with the keys error, code"],
    ["the whole", { error: "no", code: 7 }, "data[*].id", "the answer is an object with the keys error, code"],
    ["a place", { data: { rows: [] } }, "data.items", "data is an object with the keys rows"],
    ["a place", { data: { rows: [] } }, "data.items[*]", "data is an object with the keys rows"],
    ["a place", { data: {} }, "data.items", "data is an empty object"],
    ["a place", { data: null }, "data.items", "data is null"],
    ["a place", { data: null }, "data.items[*]", "data is null"],
    ["a place", { data: [{ id: 1 }] }, "data.items", "data is a list"],
    ["a place", { "o.d": { x: { y: 1 } } }, "'o.d'.x.z", '["o.d"].x is an object with the keys y'],
    ["a row", { data: [{ id: 1 }, { id: 2 }] }, "data[*].items", "data[0] is an object with the keys id"],
    ["a row", { data: [{ id: 1 }] }, "data[*].items[*]", "data[0] is an object with the keys id"],
    ["what has no items", { data: "busy" }, "data[*]", "data is a string"],
    ["what has no items", { data: { a: 1 } }, "data[0]", "data is an object with the keys a"],
    ["what has no items", { data: 9007199254740993n }, "data[0:2]", "data is a number"],
    ["what is not anywhere", { data: [] }, "$..items", "the answer is an object with the keys data"],
    ["a list", [{ id: 1 }], "data", "the answer is a list"],
    ["null", null, "data", "the answer is null"],
  ])("is an error that says what is there: %s", (_, body, selector, there) => {
    expect(() => selectRows(body, selector)).toThrow(SelectorError);
    expect(() => selectRows(body, selector)).toThrow(
      `data_selector ${JSON.stringify(selector)} matches nothing: ${there}. Mend the selector; the run goes on from here`,
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
  ])("in a list is none: what picks among items may pick no item, %j %s", (body, selector) => {
    expect(selectRows(body, selector)).toEqual([]);
  });
});

test.each<[string, Json, RegExp]>([
  ["a number", { data: [row, 5] }, /row 2 at "data" is not an object but a number/],
  ["null", { data: [null] }, /row 1 at "data" is not an object but null/],
  ["a list", { data: [[row]] }, /row 1 at "data" is not an object but a list/],
  ["a text", { data: "busy" }, /row 1 at "data" is not an object but a string/],
  ["false", { data: false }, /row 1 at "data" is not an object but a boolean/],
  ["zero", { data: 0 }, /row 1 at "data" is not an object but a number/],
  ["a large integer", { data: [9007199254740993n] }, /row 1 at "data" is not an object but a number/],
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
    ["an empty list counts", { data: [], rows: [row] }, ["data"]],
    ["an empty list under no usual key counts, too", { errors: [], data: row }, ["errors"]],
    ["keys have their case", { Data: [row], items: [row] }, ["items"]],
    ["an object under a usual key is none", { data: row, found: [row] }, ["found"]],
    ["a usual key deeper down goes before a list that comes first", { foo: [row], x: { data: [row] } }, ["x", "data"]],
    ["lists are not looked into", { pages: [{ data: [row] }] }, ["pages"]],
  ])("%s", (_, body, keys) => {
    expect(detectSelector(body)).toEqual(keys);
  });

  test.each(["search.results", "sp ace", "$rows", "it's", "a[0]", "__proto__"])("a key may be anything: %s", (key) => {
    expect(found(parseJson(JSON.stringify(Object.fromEntries([[key, [row]]]))))).toEqual([row]);
  });

  test("rows that are no objects are an error that says where", () => {
    expect(() => found({ meta: { "o.d": [1] } })).toThrow(/row 1 at "meta\[\\"o\.d\\"\]" is not an object/);
    expect(() => found("busy")).toThrow(/row 1 at "\$" is not an object but a string/);
  });

  test("null is no rows, and an object one", () => {
    expect(found(null)).toEqual([]);
    expect(found(row)).toEqual([row]);
    expect(found({})).toEqual([{}]);
  });
});
