import { describe } from "vitest";
import { type Case, means } from "./dialect.fixture.ts";
import type { Row } from "./run.fixture.ts";

const first = [{ id: 1, name: "a" }];
const changed = [
  { id: 2, name: "b" },
  { id: 3, name: "c", colour: "red" },
  { id: 4, name: ["d"] },
];

/** A table that the first night makes, and what the second night's changes come to. */
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
  means(
    "evolve: new columns and variants are added",
    contract(
      "evolve",
      posts(
        { id: 2, name: "b", colour: null, name__v_json: null },
        { id: 3, name: "c", colour: "red", name__v_json: null },
        { id: 4, name: null, colour: null, name__v_json: '["d"]' },
      ),
    ),
  );

  means(
    "columns: freeze names the column and the row, and the table stays",
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

  means(
    "data_type: freeze names the column and the row",
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

  means(
    "discard_row: rows that would change the table are left out",
    contract({ columns: "discard_row", data_type: "discard_row" }, posts({ id: 2, name: "b" })),
  );

  means(
    "discard_value: what would change the table is left out, and its row stays",
    contract(
      { columns: "discard_value", data_type: "discard_value" },
      posts({ id: 2, name: "b" }, { id: 3, name: "c" }, { id: 4, name: null }),
    ),
  );

  means(
    "columns and data_type each for themselves",
    contract(
      { columns: "discard_row", data_type: "evolve" },
      posts({ id: 2, name: "b", name__v_json: null }, { id: 4, name: null, name__v_json: '["d"]' }),
    ),
  );

  means("tables: freeze lets no table be made, as one word for all three does", {
    resources: [{ name: "posts", schema_contract: "freeze", endpoint: { paginator: "single_page" } }],
    api: [],
    fails: {
      posts:
        /^SchemaContractError: .*schema_contract freezes the tables, and table posts does not exist yet: let tables evolve/,
    },
  });

  means("tables: discard_row loads nothing of a new one, and its children are read all the same", {
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

  means("a row that is left out of the table has its children all the same, as in dlt", {
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
