import { describe } from "vitest";
import { means } from "./dialect.fixture.ts";

/** One answer, and the rows that this selector takes from it. */
const selects = (name: string, data_selector: string | null | undefined, answer: unknown, rows: object[]) =>
  means(name, {
    resources: [{ name: "posts", endpoint: { paginator: "single_page", data_selector } }],
    api: [["GET /posts", answer]],
    rows: { posts: rows as Record<string, unknown>[] },
  });

const one = { id: 1 };
const two = { id: 2 };
const three = { id: 3 };

describe("data_selector", () => {
  selects("takes a list under a name", "data", { items: [two], data: [one] }, [one]);
  selects("takes nested names, with or without the leading $", "$.a.b.rows", { a: { b: { rows: [one, two] } } }, [
    one,
    two,
  ]);
  selects("takes a single object for one row", "data.item", { data: { item: one } }, [one]);
  selects("takes null for no rows", "data", { data: null }, []);
  selects("takes the whole answer as $", "$", { id: 1, data: "x" }, [{ id: 1, data: "x" }]);
  selects("takes a whole list as $", "$", [one, two], [one, two]);
  selects("takes the items of a list that is the answer", "[*].post", [{ post: one }, { post: two }], [one, two]);
  selects("takes one item of a list", "pages[-1].rows", { pages: [{ rows: [one] }, { rows: [two, three] }] }, [
    two,
    three,
  ]);
  selects(
    "takes the rows of each list that a wildcard finds",
    "groups[*].rows",
    { groups: [{ rows: [one, two] }, { rows: [three] }] },
    [one, two, three],
  );
  selects("takes the rows of one list that a wildcard finds", "groups[*].rows[*]", { groups: [{ rows: [one, two] }] }, [
    one,
    two,
  ]);
  selects("takes the values of an object by a wildcard", "byId.*", { byId: { a: one, b: two } }, [one, two]);
  selects("takes no rows of an empty list under a wildcard", "groups[*].rows", { groups: [] }, []);
  selects("takes what a filter lets through", "data[?(@.id>1)]", { data: [one, two, three] }, [two, three]);
  selects("takes no rows when a filter lets none through", "data[?(@.id>9)]", { data: [one] }, []);
  selects("compares texts in a filter, too", "data[?(@.kind=='a')]", { data: [{ kind: "a" }, { kind: "b" }] }, [
    { kind: "a" },
  ]);
  selects("takes rows at any depth", "$..post", { a: { post: one }, b: [{ post: two }] }, [one, two]);
  selects("takes names with dashes bare", "a-b.c-d", { "a-b": { "c-d": [one] } }, [one]);
  selects("takes names with dots, blanks and signs in quotes", "'x.y'.'sp ace'", { "x.y": { "sp ace": [one] } }, [one]);
  selects("takes names in brackets", "$['@graph'][\"$x\"]", { "@graph": { $x: [one] } }, [one]);

  means("that matches nothing is an error that shows what there is; dlt takes it for the end", {
    resources: [{ name: "posts", endpoint: { paginator: "single_page", data_selector: "Data" } }],
    api: [["GET /posts", { data: [one], meta: {} }]],
    fails: { posts: /^SelectorError: shop\.posts, page 1: data_selector "Data" matches nothing \(.*keys data, meta/ },
  });
});

describe("without a data_selector", () => {
  selects(
    "a list is found under a usual name, before others that come earlier",
    undefined,
    { foo: [two], meta: { results: [one] } },
    [one],
  );
  selects("of two usual names the first in the answer counts", undefined, { a: { rows: [one] }, items: [two] }, [one]);
  selects("an empty list under a usual name counts", undefined, { foo: [two], data: [] }, []);
  selects("else the first list counts", undefined, { a: { b: { c: [one] } }, d: [two] }, [one]);
  selects(
    "a list four names deep is not seen: the whole answer is a row",
    undefined,
    { a: { b: { c: { d: [two] } } } },
    [{ a__b__c__d: '[{"id":2}]' }],
  );
  selects("an answer without a list is one row", undefined, one, [one]);
  selects("an empty text is none, as null is", null, { data: [one] }, [one]);

  means("rows stay where the first page had them: what else a page without rows says is no row", {
    resources: [{ name: "posts", endpoint: { paginator: "page_number" } }],
    api: [
      ["GET /posts?page=0", { data: [one] }],
      ["GET /posts?page=1", { data: null, message: "no more" }],
    ],
    rows: { posts: [one] },
  });

  means("a page that has nothing there, and no list elsewhere, is an error and no row", {
    resources: [{ name: "posts", endpoint: { paginator: "page_number" } }],
    api: [
      ["GET /posts?page=0", { data: [one] }],
      ["GET /posts?page=1", { message: "no more" }],
    ],
    fails: { posts: /^SelectorError: .*the response has nothing at "data", where the first page had its rows/ },
  });

  means("a list of another name on the second page loses nothing", {
    resources: [{ name: "posts", endpoint: { paginator: { type: "page_number", maximum_page: 2 } } }],
    api: [
      ["GET /posts?page=0", { data: [one] }],
      ["GET /posts?page=1", { results: [two] }],
    ],
    rows: { posts: [one, two] },
  });
});

describe("processing_steps", () => {
  means("go in order: filter, map and yield_map, each on what the one before made", {
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

  means("may be async, and generators of either kind", {
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

  means("that leave no rows of a page do not end the resource", {
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

  means("of the defaults are those of every resource that has none of its own", {
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

  means("see the fields that came from the parent", {
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
    means(`${max_table_nesting ?? "left out"}: ${Object.keys(columns).join(", ")}`, {
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

  means("by name declare types, by the API's names or the table's", {
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

  means("as a list are the same, and merge column by column with those of the defaults, hint by hint", {
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

  means("of the primary key may not be null or missing, as in dlt: the row is named", {
    resources: posts({ primary_key: ["blogId", "id"] }),
    api: [["GET /posts", [{ blogId: 1, id: 1 }, { blogId: 1 }]]],
    fails: {
      posts:
        /^SchemaContractError: shop\.posts, page 1: column id must not be null \(nullable: false, or part of primary_key\), but the row with blog_id=1 has null:/,
    },
  });
  means("of the primary key that no row has are an error, too: nothing could be merged", {
    resources: posts({ primary_key: "uuid" }),
    api: [["GET /posts", [{ id: 1 }]]],
    fails: { posts: /column uuid must not be null .* the row with number 1 of its page has null:/ },
  });
  means("of the primary key may be null where the config says so", {
    resources: posts({ primary_key: "id", columns: { id: { nullable: true } } }),
    api: [["GET /posts", [{ id: 1 }, { n: 2 }]]],
    rows: {
      posts: [
        { id: 1, n: null },
        { id: null, n: 2 },
      ],
    },
  });
  means("with nullable: false and no type are found, and then kept to it", {
    resources: posts({ columns: { name: { nullable: false } } }),
    api: [["GET /posts", [{ name: "a" }]]],
    rows: { posts: [{ name: "a" }] },
    later: [{ api: [["GET /posts", [{ id: 1 }]]], fails: { posts: /column name must not be null/ } }],
  });
  means("of a resource that only has children are no table's, and may be null", {
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
  means("that are decimals take the digits that they have, and text takes the others", {
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
