import { describe } from "vitest";
import { MAX_COLUMNS } from "../../lib/config/defaults.ts";
import { reply, testConfig } from "./case.fixture.ts";

const MEBIBYTE = 2 ** 20;

/** Returns a response with JSON that JSON.stringify cannot produce. */
const json = (text: string) => reply(200, text, { "content-type": "application/json" });

/** Tests the rows that a single response is loaded as. */
const loads = (name: string, response: unknown[] | string, rows: Record<string, unknown>[], more: object = {}) =>
  testConfig(name, {
    resources: [{ name: "posts", endpoint: { paginator: "single_page", data_selector: "data" }, ...more }],
    api: [["GET /posts", typeof response === "string" ? json(response) : { data: response }]],
    rows: { posts: rows },
  });

/** Tests the error of a row that no table can store, on the second page. */
const fail = (name: string, response: unknown, error: RegExp, more: object = {}) =>
  testConfig(name, {
    resources: [
      { name: "posts", endpoint: { paginator: { type: "page_number", base_page: 1, total_path: null } }, ...more },
    ],
    api: [
      ["GET /posts?page=1", { data: [{ id: 1 }] }],
      ["GET /posts?page=2", response],
    ],
    fails: { posts: error },
  });

/** Returns the JSON of nested lists. */
const nestedLists = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const keys = (count: number, value: unknown = 1) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value]));

describe("unusual rows", () => {
  fail(
    "a value instead of a list of rows is an error with its type",
    { data: "busy" },
    /^ResponseError: shop\.posts, page 2, GET \S+: "data" is neither a list nor an object \(it is a string\)/,
    { endpoint: { paginator: { type: "page_number", base_page: 1, total_path: null }, data_selector: "data" } },
  );
  loads("an empty object is a row of nulls", [{}, { id: 1 }, {}], [{ id: null }, { id: 1 }, { id: null }]);
  loads("an empty object as a value makes no column", [{ a: {}, b: 1 }], [{ b: 1 }]);
  loads(
    "an empty object as a value is null in the columns of other rows",
    [{ a: { x: 1 } }, { a: {} }],
    [{ a__x: 1 }, { a__x: null }],
  );
  loads("an empty list is stored as JSON", [{ a: [] }], [{ a: "[]" }]);
  loads(
    "keys with the same name in snake_case keep separate columns, in any order",
    [{ "a b": 1, a_b: 2, "a-b": null }, { a_b: 3 }, { "a b": 4 }],
    [
      { a_b: 1, a_b_f202b0: 2 },
      { a_b: null, a_b_f202b0: 3 },
      { a_b: 4, a_b_f202b0: null },
    ],
  );
  loads(
    "a key of any length is a column of at most 127 characters, which no other key shares",
    [{ [`${"long ".repeat(200)}a`]: 1, [`${"long ".repeat(200)}b`]: 2 }],
    [
      {
        long_long_long_long_long_long_long_long_long_long_long_lon_8fcaa9445b__long_long_long_long_long_long_long_long_long_long_long_a: 1,
        long_long_long_long_long_long_long_long_long_long_long_lon_f20ad86a0d__long_long_long_long_long_long_long_long_long_long_long_b: 2,
      },
    ],
  );
  loads("a thousand nested lists are JSON text", `{"data":[{"id":1,"deep":${nestedLists(1000)}}]}`, [
    { id: 1, deep: nestedLists(1000) },
  ]);
  fail(
    "a hundred thousand nested lists are a ResponseError and do not crash the process",
    json(`{"data":[{"id":2,"deep":${nestedLists(100_000)}}]}`),
    /^ResponseError: shop\.posts, page 2, GET \S+: the response is nested too deeply \(more than about a thousand levels\)/,
  );
  loads(
    "a row of 30 MB is loaded",
    [{ id: 1, text: "x".repeat(30 * MEBIBYTE) }],
    [{ id: 1, text: "x".repeat(30 * MEBIBYTE) }],
  );
  fail(
    "a row of more than 32 MB, which Athena cannot read, is an error with its key",
    { data: [{ id: 2 }, { id: 3, text: "ü".repeat(17 * MEBIBYTE) }] },
    /^ResponseError: shop\.posts, page 2, GET \S+: the row with id=3 is too large as a line of JSON \(35 MB; Athena reads at most 32 MB\)/,
    { primary_key: "id" },
  );
  fail(
    "a row of more than 32 MB without a key is an error with its number",
    { data: [{ id: 2 }, { id: 3, text: "x".repeat(33 * MEBIBYTE) }] },
    /the row with _seq=3 is too large as a line of JSON \(34 MB;/,
  );
  const maximum = keys(MAX_COLUMNS - 3);
  loads("5,000 columns, including three system columns, are a table", [maximum], [maximum]);
  fail(
    "5,001 columns are an error that suggests a declaration",
    { data: [{ id: 2, prices: keys(MAX_COLUMNS - 4), names: { a: 1 } }] },
    /^SchemaContractError: shop\.posts, page 2, GET \S+: table posts would have 5001 columns \(the maximum is 5000\): .* columns: \{ prices: \{ data_type: "json" \} \}/,
  );
  loads(
    "an object in a json column may have any number of keys",
    [{ id: 2, prices: keys(MAX_COLUMNS) }],
    [{ id: 2, prices: JSON.stringify(keys(MAX_COLUMNS)) }],
    { columns: { prices: { data_type: "json" } } },
  );
});
