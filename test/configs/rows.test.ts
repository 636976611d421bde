import { describe } from "vitest";
import { testConfig } from "./case.fixture.ts";

/** Tests the rows that a selector finds in a response. */
const selects = (name: string, data_selector: string | null | undefined, response: unknown, rows: object[]) =>
  testConfig(name, {
    resources: [{ name: "posts", endpoint: { paginator: "single_page", data_selector } }],
    api: [["GET /posts", response]],
    rows: { posts: rows as Record<string, unknown>[] },
  });

const one = { id: 1 };
const two = { id: 2 };
const three = { id: 3 };

describe("data_selector", () => {
  selects("selects a list by its key", "data", { items: [two], data: [one] }, [one]);
  selects("selects nested keys, with or without the leading $", "$.a.b.rows", { a: { b: { rows: [one, two] } } }, [
    one,
    two,
  ]);
  selects("selects a single object as one row", "data.item", { data: { item: one } }, [one]);
  selects("selects no rows from null", "data", { data: null }, []);
  selects("selects the whole response with $", "$", { id: 1, data: "x" }, [{ id: 1, data: "x" }]);
  selects("selects a whole list with $", "$", [one, two], [one, two]);
  selects("selects from the items of a list as the response", "[*].post", [{ post: one }, { post: two }], [one, two]);
  selects("selects from one item of a list", "pages[-1].rows", { pages: [{ rows: [one] }, { rows: [two, three] }] }, [
    two,
    three,
  ]);
  selects(
    "selects the rows of each list that a wildcard matches",
    "groups[*].rows",
    { groups: [{ rows: [one, two] }, { rows: [three] }] },
    [one, two, three],
  );
  selects(
    "selects the items of one list that a wildcard matches",
    "groups[*].rows[*]",
    { groups: [{ rows: [one, two] }] },
    [one, two],
  );
  selects("selects the values of an object with a wildcard", "byId.*", { byId: { a: one, b: two } }, [one, two]);
  selects("selects no rows from an empty list with a wildcard", "groups[*].rows", { groups: [] }, []);
  selects("selects the rows that a filter matches", "data[?(@.id>1)]", { data: [one, two, three] }, [two, three]);
  selects("selects no rows if a filter matches none", "data[?(@.id>9)]", { data: [one] }, []);
  selects("compares strings in a filter", "data[?(@.kind=='a')]", { data: [{ kind: "a" }, { kind: "b" }] }, [
    { kind: "a" },
  ]);
  selects("selects rows at any depth", "$..post", { a: { post: one }, b: [{ post: two }] }, [one, two]);
  selects("selects keys with dashes without quotes", "a-b.c-d", { "a-b": { "c-d": [one] } }, [one]);
  selects("selects keys with dots and spaces in quotes", "'x.y'.'sp ace'", { "x.y": { "sp ace": [one] } }, [one]);
  selects("selects keys in brackets", "$['@graph'][\"$x\"]", { "@graph": { $x: [one] } }, [one]);

  testConfig("that matches nothing is an error that lists the existing keys, unlike in dlt, where it ends pagination", {
    resources: [{ name: "posts", endpoint: { paginator: "single_page", data_selector: "Data" } }],
    api: [["GET /posts", { data: [one], meta: {} }]],
    fails: {
      posts: /^SelectorError: shop\.posts, page 1, GET \S+: data_selector "Data" matches nothing \(.*keys data, meta/,
    },
  });
});

describe("without a data_selector", () => {
  selects(
    "a list with a common name is detected before earlier lists",
    undefined,
    { foo: [two], meta: { results: [one] } },
    [one],
  );
  selects("the first of two lists with common names is detected", undefined, { a: { rows: [one] }, items: [two] }, [
    one,
  ]);
  selects("an empty list with a common name is detected", undefined, { foo: [two], data: [] }, []);
  selects("the first list is detected if none has a common name", undefined, { a: { b: { c: [one] } }, d: [two] }, [
    one,
  ]);
  selects(
    "a list at depth four is not detected, so that the whole response is a row",
    undefined,
    { a: { b: { c: { d: [two] } } } },
    [{ a__b__c__d: '[{"id":2}]' }],
  );
  selects("a response without a list is one row", undefined, one, [one]);
  selects("null as the selector is the same as none", null, { data: [one] }, [one]);

  testConfig(
    "the location of the first page applies to later pages, so that other data of an empty page is not a row",
    {
      resources: [{ name: "posts", endpoint: { paginator: "page_number" } }],
      api: [
        ["GET /posts?page=0", { data: [one] }],
        ["GET /posts?page=1", { data: null, message: "no more" }],
      ],
      rows: { posts: [one] },
    },
  );

  testConfig("a later page without a list is an error", {
    resources: [{ name: "posts", endpoint: { paginator: "page_number" } }],
    api: [
      ["GET /posts?page=0", { data: [one] }],
      ["GET /posts?page=1", { message: "no more" }],
    ],
    fails: { posts: /^SelectorError: .*the response has nothing at "data", where the first page had its rows/ },
  });

  testConfig("a list with another name on the second page is loaded", {
    resources: [{ name: "posts", endpoint: { paginator: { type: "page_number", maximum_page: 2 } } }],
    api: [
      ["GET /posts?page=0", { data: [one] }],
      ["GET /posts?page=1", { results: [two] }],
    ],
    rows: { posts: [one, two] },
  });
});

describe("processing_steps", () => {
  testConfig("are applied in order, each to the result of the previous step", {
    resources: [
      {
        name: "posts",
        endpoint: { paginator: "single_page" },
        processing_steps: [
          { filter: ({ id }) => id > 1 },
          { map: (row) => ({ ...row, double: row.id * 2 }) },
          { yield_map: ({ id, double }) => [id, double].map((value) => ({ value })) },
          { filter: ({ value }) => value !== 3 },
        ],
      },
    ],
    api: [["GET /posts", [one, two, three]]],
    rows: { posts: [{ value: 2 }, { value: 4 }, { value: 6 }] },
  });

  testConfig("may be async functions and generators", {
    resources: [
      {
        name: "posts",
        endpoint: { paginator: "single_page" },
        processing_steps: [
          { filter: async ({ id }) => id !== 2 },
          { map: async (row) => ({ ...row, seen: true }) },
          {
            *yield_map(row) {
              yield row;
              yield { ...row, n: 1 };
            },
          },
          {
            async *yield_map(row) {
              yield await Promise.resolve(row);
            },
          },
        ],
      },
    ],
    api: [["GET /posts", [one, two, three]]],
    rows: {
      posts: [
        { id: 1, seen: true, n: null },
        { id: 1, seen: true, n: 1 },
        { id: 3, seen: true, n: null },
        { id: 3, seen: true, n: 1 },
      ],
    },
  });

  testConfig("that discard all rows of a page do not end pagination", {
    resources: [
      { name: "posts", endpoint: { paginator: "page_number" }, processing_steps: [{ filter: ({ id }) => id === 3 }] },
    ],
    api: [
      ["GET /posts?page=0", [one]],
      ["GET /posts?page=1", [two]],
      ["GET /posts?page=2", [three]],
      ["GET /posts?page=3", []],
    ],
    rows: { posts: [three] },
  });

  testConfig("of resource_defaults apply to every resource without its own", {
    resource_defaults: {
      processing_steps: [{ map: ({ id }) => ({ id: -id }) }],
      endpoint: { paginator: "single_page" },
    },
    resources: ["a", { name: "b", processing_steps: [] }, { name: "c", processing_steps: null }],
    api: [
      ["GET /a", [one]],
      ["GET /b", [one]],
      ["GET /c", [one]],
    ],
    rows: { a: [{ id: -1 }], b: [one], c: [one] },
  });

  testConfig("see the fields of include_from_parent", {
    resources: [
      "users",
      {
        name: "posts",
        endpoint: "users/{resources.users.id}/posts",
        include_from_parent: ["id"],
        processing_steps: [{ map: (row) => ({ key: `${row._users_id}/${row.n}` }) }],
      },
    ],
    api: [
      ["GET /users", [{ id: 7 }]],
      ["GET /users/7/posts", [{ n: 1 }]],
    ],
    rows: { users: [{ id: 7 }], posts: [{ key: "7/1" }] },
  });
});

describe("max_table_nesting", () => {
  const row = { id: 1, d: { a: 1, e: { f: { g: 2 } } }, l: [{ x: 1 }] };
  const nested = (max_table_nesting: number | undefined, columns: object) =>
    testConfig(`of ${max_table_nesting ?? "no value"} makes the columns ${Object.keys(columns).join(", ")}`, {
      resources: [{ name: "posts", endpoint: { paginator: "single_page" }, max_table_nesting }],
      api: [["GET /posts", [row]]],
      rows: { posts: [{ id: 1, l: '[{"x":1}]', ...columns }] },
    });

  nested(0, { d: '{"a":1,"e":{"f":{"g":2}}}' });
  nested(1, { d__a: 1, d__e: '{"f":{"g":2}}' });
  nested(2, { d__a: 1, d__e__f: '{"g":2}' });
  nested(undefined, { d__a: 1, d__e__f__g: 2 });
});

describe("columns", () => {
  const row = { orderId: "7", at: "2024-01-05T00:00:00Z", price: "12.50", note: 5, tags: { a: 1 } };
  const typed = { order_id: 7, at: "2024-01-05 00:00:00.000", price: 12.5, note: "5", tags: '{"a":1}' };

  testConfig("by name declare types, with the names of the API or of the table", {
    resources: [
      {
        name: "orders",
        endpoint: { paginator: "single_page" },
        columns: {
          orderId: { data_type: "bigint" },
          price: { data_type: "double" },
          note: { data_type: "text" },
          tags: { data_type: "json" },
        },
      },
    ],
    api: [["GET /orders", [row]]],
    rows: { orders: [typed] },
  });

  testConfig("as a list are equivalent, and merge hint by hint with those of the defaults", {
    resource_defaults: {
      endpoint: { paginator: "single_page" },
      columns: { orderId: { data_type: "text", nullable: false }, price: { data_type: "double" } },
    },
    resources: [
      {
        name: "orders",
        columns: [
          { name: "orderId", data_type: "bigint" },
          { name: "note", data_type: "text" },
          { name: "tags", data_type: "json" },
        ],
      },
    ],
    api: [["GET /orders", [row]]],
    rows: { orders: [typed] },
    later: [
      {
        api: [["GET /orders", [{ ...row, orderId: null }]]],
        fails: { orders: /^SchemaContractError: .*order_id must not be null/ },
      },
    ],
  });

  const posts = (more: object) => [{ name: "posts", endpoint: { paginator: "single_page" as const }, ...more }];

  testConfig("of the primary key may not be null or missing, as in dlt, and the error names the row", {
    resources: posts({ primary_key: ["blogId", "id"] }),
    api: [["GET /posts", [{ blogId: 1, id: 1 }, { blogId: 1 }]]],
    fails: {
      posts:
        /^SchemaContractError: shop\.posts, page 1, GET \S+: the row with blog_id=1 lacks column id, which must not be null \(nullable: false, or part of primary_key\):/,
    },
  });
  testConfig("of the primary key that no row has are an error, because rows could not be merged", {
    resources: posts({ primary_key: "uuid" }),
    api: [["GET /posts", [{ id: 1 }]]],
    fails: { posts: /the row with number 1 of its page lacks column uuid, which must not be null/ },
  });
  testConfig("of the primary key may be null with nullable: true", {
    resources: posts({ primary_key: "id", columns: { id: { nullable: true } } }),
    api: [["GET /posts", [{ id: 1 }, { n: 2 }]]],
    rows: {
      posts: [
        { id: 1, n: null },
        { id: null, n: 2 },
      ],
    },
  });
  testConfig("with nullable: false and no type are inferred, and may not be null", {
    resources: posts({ columns: { name: { nullable: false } } }),
    api: [["GET /posts", [{ name: "a" }]]],
    rows: { posts: [{ name: "a" }] },
    later: [{ api: [["GET /posts", [{ id: 1 }]]], fails: { posts: /lacks column name, which must not be null/ } }],
  });
  testConfig("of a resource that is not selected may be null", {
    resources: [
      { name: "users", endpoint: { paginator: "single_page" }, primary_key: "uuid", selected: false },
      { name: "posts", endpoint: { path: "users/{resources.users.id}/posts", paginator: "single_page" } },
    ],
    api: [
      ["GET /users", [{ id: 7 }]],
      ["GET /users/7/posts", [{ n: 1 }]],
    ],
    rows: { posts: [{ n: 1 }] },
  });
  testConfig("of type decimal store values with at most their digits, and others as text", {
    resources: posts({
      columns: {
        price: { data_type: "decimal", precision: 6, scale: 2 },
        balance: { data_type: "wei" },
        rate: { data_type: "decimal" },
      },
    }),
    api: [
      [
        "GET /posts",
        [
          { price: "1234.50", balance: "12345678901234567890123456789012345678", rate: 0.1 },
          { price: "1234.567", balance: "0.5", rate: "0.0123456789" },
        ],
      ],
    ],
    rows: {
      posts: [
        {
          price: 1234.5,
          balance: Number("12345678901234567890123456789012345678"),
          rate: 0.1,
          price__v_text: null,
          balance__v_text: null,
          rate__v_text: null,
        },
        {
          price: null,
          balance: null,
          rate: null,
          price__v_text: "1234.567",
          balance__v_text: "0.5",
          rate__v_text: "0.0123456789",
        },
      ],
    },
  });
});
