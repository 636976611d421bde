import { describe } from "vitest";
import { type Case, testConfig } from "./case.fixture.ts";
import type { Row } from "./run.fixture.ts";

const first = [{ id: 1, name: "a" }];
const changed = [
  { id: 2, name: "b" },
  { id: 3, name: "c", colour: "red" },
  { id: 4, name: ["d"] },
];

/** Returns a case whose first run creates a table and whose second run changes it. */
const contract = (schema_contract: unknown, second: Pick<Case, "rows" | "fails">): Case => ({
  resources: [
    {
      name: "posts",
      primary_key: "id",
      schema_contract: schema_contract as "evolve",
      endpoint: { paginator: "single_page" },
    },
  ],
  api: [["GET /posts", first]],
  rows: { posts: first },
  later: [{ api: [["GET /posts", changed]], ...second }],
});
const posts = (...rows: Row[]) => ({ rows: { posts: rows } });

describe("schema_contract", () => {
  testConfig(
    "evolve adds new columns and variants",
    contract(
      "evolve",
      posts(
        { id: 2, name: "b", colour: null, name__v_json: null },
        { id: 3, name: "c", colour: "red", name__v_json: null },
        { id: 4, name: null, colour: null, name__v_json: '["d"]' },
      ),
    ),
  );

  testConfig(
    "columns: freeze fails with the column and the row, and keeps the table",
    contract(
      { columns: "freeze" },
      {
        fails: {
          posts:
            /^SchemaContractError: .*the row with id=3 has a new column colour, but schema_contract freezes columns/,
        },
      },
    ),
  );

  testConfig(
    "data_type: freeze fails with the column and the row",
    contract(
      { data_type: "freeze" },
      {
        fails: {
          posts:
            /^SchemaContractError: .*the row with id=4 has a value in name that is not of the column's type, but schema_contract freezes data_type/,
        },
      },
    ),
  );

  testConfig(
    "discard_row discards rows that would change the table",
    contract({ columns: "discard_row", data_type: "discard_row" }, posts({ id: 2, name: "b" })),
  );

  testConfig(
    "discard_value discards values that would change the table, and keeps their rows",
    contract(
      { columns: "discard_value", data_type: "discard_value" },
      posts({ id: 2, name: "b" }, { id: 3, name: "c" }, { id: 4, name: null }),
    ),
  );

  testConfig(
    "columns and data_type may have different modes",
    contract(
      { columns: "discard_row", data_type: "evolve" },
      posts({ id: 2, name: "b", name__v_json: null }, { id: 4, name: null, name__v_json: '["d"]' }),
    ),
  );

  testConfig("freeze for all changes prevents the creation of a table", {
    resources: [{ name: "posts", schema_contract: "freeze", endpoint: { paginator: "single_page" } }],
    api: [],
    fails: {
      posts:
        /^SchemaContractError: .*schema_contract freezes the tables, and table posts does not exist yet: let tables evolve/,
    },
  });

  testConfig("tables: discard_row loads nothing into a new table, and reads its children", {
    resources: [
      { name: "posts", schema_contract: { tables: "discard_row" }, endpoint: { paginator: "single_page" } },
      { name: "notes", endpoint: { path: "posts/{resources.posts.id}/notes", paginator: "single_page" } },
    ],
    api: [
      ["GET /posts", first],
      ["GET /posts/1/notes", [{ note: "n" }]],
    ],
    rows: { posts: [], notes: [{ note: "n" }] },
  });

  testConfig("discarded rows have children, as in dlt", {
    resources: [
      { name: "posts", schema_contract: { columns: "discard_row" }, endpoint: { paginator: "single_page" } },
      { name: "notes", endpoint: { path: "posts/{resources.posts.id}/notes", paginator: "single_page" } },
    ],
    api: [
      ["GET /posts", [{ id: 1 }]],
      ["GET /posts/1/notes", [{ note: "n" }]],
    ],
    rows: { posts: [{ id: 1 }], notes: [{ note: "n" }] },
    later: [
      {
        api: [
          ["GET /posts", [{ id: 2, colour: "red" }]],
          ["GET /posts/2/notes", [{ note: "m" }]],
        ],
        rows: { posts: [], notes: [{ note: "m" }] },
      },
    ],
  });
});
