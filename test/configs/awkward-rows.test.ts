import { describe } from "vitest";
import { MAX_COLUMNS } from "../../lib/config/defaults.ts";
import { means, reply } from "./dialect.fixture.ts";

const MEBIBYTE = 2 ** 20;

/** An answer that JSON.stringify could not write. */
const json = (text: string) => reply(200, text, { "content-type": "application/json" });

/** What one answer's rows become. */
const become = (name: string, answer: unknown[] | string, rows: Record<string, unknown>[], more: object = {}) =>
  means(name, {
    resources: [{ name: "posts", endpoint: { paginator: "single_page", data_selector: "data" }, ...more }],
    api: [["GET /posts", typeof answer === "string" ? json(answer) : { data: answer }]],
    rows: { posts: rows },
  });

/** Rows that no table can take: the page before them is kept. */
const fail = (name: string, answer: unknown, error: RegExp, more: object = {}) =>
  means(name, {
    resources: [
      { name: "posts", endpoint: { paginator: { type: "page_number", base_page: 1, total_path: null } }, ...more },
    ],
    api: [
      ["GET /posts?page=1", { data: [{ id: 1 }] }],
      ["GET /posts?page=2", answer],
    ],
    fails: { posts: error },
  });

/** A list in a list in a list. */
const nestedLists = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const keys = (count: number, value: unknown = 1) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value]));

describe("rows that are hard to make a table of", () => {
  fail(
    "a row that is not an object is an error that says which, and what it is",
    { data: [{ id: 2 }, "id 3"] },
    /^ResponseError: shop\.posts, page 2: row 2 at "data" is not an object \(it is a string/,
    { endpoint: { paginator: { type: "page_number", base_page: 1, total_path: null }, data_selector: "data" } },
  );
  become("an empty row is a row without values", [{}, { id: 1 }, {}], [{ id: null }, { id: 1 }, { id: null }]);
  become("an empty object is null, and alone it makes no column", [{ a: {}, b: 1 }], [{ b: 1 }]);
  become(
    "an empty object is null in the columns that others have",
    [{ a: { x: 1 } }, { a: {} }],
    [{ a__x: 1 }, { a__x: null }],
  );
  become("an empty list is a list", [{ a: [] }], [{ a: "[]" }]);
  become(
    "keys that become one name keep their values apart, whichever comes first",
    [{ "a b": 1, a_b: 2, "a-b": null }, { a_b: 3 }, { "a b": 4 }],
    [
      { a_b: 1, a_b_f202b0: 2 },
      { a_b: null, a_b_f202b0: 3 },
      { a_b: 4, a_b_f202b0: null },
    ],
  );
  become(
    "a key of any length is a column of at most 127 signs, which another key does not share",
    [{ [`${"long ".repeat(200)}a`]: 1, [`${"long ".repeat(200)}b`]: 2 }],
    [
      {
        long_long_long_long_long_long_long_long_long_long_long_lon_e216d62eeb__long_long_long_long_long_long_long_long_long_long_long_a: 1,
        long_long_long_long_long_long_long_long_long_long_long_lon_92823b7e26__long_long_long_long_long_long_long_long_long_long_long_b: 2,
      },
    ],
  );
  become("a thousand levels of lists are JSON text", `{"data":[{"id":1,"deep":${nestedLists(1000)}}]}`, [
    { id: 1, deep: nestedLists(1000) },
  ]);
  fail(
    "a hundred thousand levels are an error by name, and not the end of the process",
    json(`{"data":[{"id":2,"deep":${nestedLists(100_000)}}]}`),
    /^ResponseError: shop\.posts, page 2: the response is nested too deeply \(more than about a thousand levels\)/,
  );
  become(
    "a row of 30 MB is a row",
    [{ id: 1, text: "x".repeat(30 * MEBIBYTE) }],
    [{ id: 1, text: "x".repeat(30 * MEBIBYTE) }],
  );
  fail(
    "a row of over 32 MB is an error by its key: Athena could not read it",
    { data: [{ id: 2 }, { id: 3, text: "ü".repeat(17 * MEBIBYTE) }] },
    /^ResponseError: shop\.posts, page 2: the row with id=3 is too large as a line of JSON \(35 MB; Athena reads at most 32 MB\)/,
    { primary_key: "id" },
  );
  fail(
    "without a key, it is told by its number",
    { data: [{ id: 2 }, { id: 3, text: "x".repeat(33 * MEBIBYTE) }] },
    /the row with _seq=3 is too large as a line of JSON \(34 MB;/,
  );
  const most = keys(MAX_COLUMNS - 3);
  become("5,000 columns, our own three among them, are a table", [most], [most]);
  fail(
    "one more is an error that says what to declare",
    { data: [{ id: 2, prices: keys(MAX_COLUMNS - 4), names: { a: 1 } }] },
    /^SchemaContractError: shop\.posts, page 2: table posts would have 5001 columns \(the maximum is 5000\): .* columns: \{ prices: \{ data_type: "json" \} \}/,
  );
  become(
    "as a column of JSON, an object takes any number of keys",
    [{ id: 2, prices: keys(MAX_COLUMNS) }],
    [{ id: 2, prices: JSON.stringify(keys(MAX_COLUMNS)) }],
    { columns: { prices: { data_type: "json" } } },
  );
});
