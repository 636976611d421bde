import { describe } from "vitest";
import { testConfig } from "../configs/case.fixture.ts";

const posts = (resource: object, endpoint: object = {}) => ({
  name: "posts",
  endpoint: { paginator: "single_page" as const, ...endpoint },
  ...resource,
});

const rows = [
  { id: 1, state: "active", email: "a@b.c", address: { street: "A", postCode: "1010" }, userName: "ann" },
  { id: 2, state: "gone", email: "d@e.f", address: { street: "B", postCode: "1020" }, userName: "bob" },
  { id: 3, state: "active", email: null, address: { postCode: "1030" }, userName: "cy" },
];

describe("B.7: declared processing steps", () => {
  testConfig("filter, remove, rename and add, in the order of the list", {
    resources: [
      posts({
        primary_key: "id",
        processing_steps: [
          { filter: "@.state == 'active' && @.id > 0" },
          { remove: ["email", "address.street"] },
          { rename: { userName: "author", "address.postCode": "zip" } },
          { add: { source: "blog", zip: { path: "address.zip" }, day: "{run.opened_at:%Y-%m-%d}" } },
          { remove: "address" },
        ],
      }),
    ],
    api: [["GET /posts", rows]],
    rows: {
      posts: [
        { id: 1, state: "active", author: "ann", source: "blog", zip: "1010", day: "2026-11-20" },
        { id: 3, state: "active", author: "cy", source: "blog", zip: "1030", day: "2026-11-20" },
      ],
    },
    warns: {},
  });

  testConfig("can follow functions, and see what those return", {
    resources: [
      posts({
        processing_steps: [
          { map: (row: object) => ({ ...row, n: 1 }) },
          { rename: { n: "m" } },
          { filter: ({ m, id }: { m: number; id: number }) => m === 1 && id === 2 },
          { remove: ["email", "address", "state", "userName"] },
        ],
      }),
    ],
    api: [["GET /posts", rows]],
    rows: { posts: [{ id: 2, m: 1 }] },
  });

  testConfig("come before the cursor and before the children, which use the new names", {
    resources: [
      posts(
        { processing_steps: [{ rename: { id: "key", at: "updated" } }, { filter: "@.key != 2" }] },
        { incremental: { cursor_path: "updated" } },
      ),
      { name: "tags", endpoint: { path: "posts/{resources.posts.key}/tags", paginator: "single_page" } },
    ],
    api: [
      [
        "GET /posts",
        [
          { id: 1, at: "2026-01-01" },
          { id: 2, at: "2026-01-03" },
          { id: 3, at: "2026-01-02" },
        ],
      ],
      ["GET /posts/1/tags", [{ tag: "x" }]],
      ["GET /posts/3/tags", []],
    ],
    rows: {
      posts: [
        { key: 1, updated: "2026-01-01" },
        { key: 3, updated: "2026-01-02" },
      ],
      tags: [{ tag: "x" }],
    },
    state: { posts: "2026-01-02" },
  });

  testConfig("see the fields of include_from_parent", {
    resources: [
      posts({}),
      {
        name: "tags",
        include_from_parent: ["id"],
        processing_steps: [{ rename: { _posts_id: "post" } }],
        endpoint: { path: "posts/{resources.posts.id}/tags", paginator: "single_page" },
      },
    ],
    api: [
      ["GET /posts", [{ id: 1 }]],
      ["GET /posts/1/tags", [{ tag: "x" }]],
    ],
    rows: { posts: [{ id: 1 }], tags: [{ tag: "x", post: 1 }] },
  });

  testConfig("that filter all rows of a page do not end pagination", {
    resources: [
      posts(
        { processing_steps: [{ filter: "@.id == 3" }] },
        { paginator: { type: "page_number", total_path: "pages" } },
      ),
    ],
    api: [
      ["GET /posts?page=0", { data: [{ id: 1 }], pages: 3 }],
      ["GET /posts?page=1", { data: [{ id: 2 }], pages: 3 }],
      ["GET /posts?page=2", { data: [{ id: 3 }], pages: 3 }],
    ],
    rows: { posts: [{ id: 3 }] },
    warns: {},
  });

  testConfig("that compare text with a number are a warning, because they may discard rows that should stay", {
    resources: [posts({ processing_steps: [{ filter: "@.id > 1" }] })],
    api: [["GET /posts", [{ id: "1" }, { id: "2" }]]],
    rows: { posts: [] },
    warns: { posts: [/^processing_steps\[0\]\.filter: @\.id is a string in rows, and is compared with a number/] },
  });

  testConfig("that would replace a value are an error that names the row and the request", {
    resources: [posts({ processing_steps: [{ rename: { userName: "name" } }] })],
    api: [["GET /posts", [{ userName: "a" }, { userName: "b", name: "c" }]]],
    fails: {
      posts:
        /^ResponseError: shop\.posts, page 1, GET .*: processing_steps\[0\]\.rename would replace another value of "name" at row 2 of the page: choose another name/,
    },
  });
});
