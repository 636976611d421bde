import { describe } from "vitest";
import { HERE, means, reply } from "./dialect.fixture.ts";

const one = [{ id: 1 }];
const two = [{ id: 2 }];
const three = [{ id: 3 }];
const rows = { posts: [...one, ...two] };
/** Nothing about pages: they are found out. */
const resources = ["posts"];

describe("without a paginator, the first answer tells", () => {
  means("a Link header, before anything in the body", {
    resources,
    api: [
      [
        "GET /posts",
        reply(200, { data: one, next: "/wrong", total_pages: 9 }, { link: `<${HERE}/posts?p=2>; rel="next"` }),
      ],
      ["GET /posts?p=2", { data: two, next: "/wrong" }],
    ],
    rows,
  });

  means("a URL under a key that begins with next, before a count of pages", {
    resources,
    api: [
      ["GET /posts", { data: one, total_pages: 2, Next_Page: `${HERE}/posts?p=2` }],
      ["GET /posts?p=2", { data: two, total_pages: 2 }],
    ],
    rows,
  });

  means("a URL deep in the answer, lists not looked into", {
    resources,
    api: [
      ["GET /posts", { data: [{ id: 1, next: "/wrong" }], a: { b: { c: { nextLink: "/posts?p=2" } } } }],
      ["GET /posts?p=2", { data: two, a: {} }],
    ],
    rows: {
      posts: [
        { id: 1, next: "/wrong" },
        { id: 2, next: null },
      ],
    },
  });

  means("an object with an href under such a key, as HAL has it", {
    resources,
    api: [
      ["GET /posts", { _embedded: { items: one }, _links: { self: { href: "/posts" }, next: { href: "/posts?p=2" } } }],
      ["GET /posts?p=2", { _embedded: { items: two }, _links: { self: { href: "/posts?p=2" } } }],
    ],
    rows,
  });

  means("the next such key, when the first one holds null", {
    resources,
    api: [
      ["GET /posts", { data: one, next: null, next_url: "/posts?p=2" }],
      ["GET /posts?p=2", { data: two }],
    ],
    rows,
  });

  means("a URL under a key with a dot in it, which dlt finds and then does not see", {
    resources,
    api: [
      ["GET /posts", { data: one, "next.page": "/posts?p=2" }],
      ["GET /posts?p=2", { data: two }],
    ],
    rows,
  });

  means("a count of pages: counted from 0 by an API that says page 0", {
    resources,
    api: [
      ["GET /posts", { data: one, page: 0, total_pages: 2 }],
      ["GET /posts?page=1", { data: two, page: 1, total_pages: 2 }],
    ],
    rows,
  });

  means("a count of pages: counted from 1 by an API that says page 1, its last page included", {
    resources,
    api: [
      ["GET /posts", { data: one, meta: { current_page: 1, total_pages: "3" } }],
      ["GET /posts?page=2", { data: two, meta: { current_page: 2, total_pages: "3" } }],
      ["GET /posts?page=3", { data: three, meta: { current_page: 3, total_pages: "3" } }],
    ],
    rows: { posts: [...one, ...two, ...three] },
  });

  means("a count of pages without a page's number, from 0", {
    resources,
    api: [
      ["GET /posts", { data: one, pages: 3 }],
      ["GET /posts?page=1", { data: two, pages: 3 }],
      ["GET /posts?page=2", { data: three, pages: 3 }],
      // Nothing says that the second page was not the first one, changed meanwhile: a count from 1 has one more.
      ["GET /posts?page=3", { data: [], pages: 3 }],
    ],
    rows: { posts: [...one, ...two, ...three] },
  });

  means(
    "a count of pages without a page's number, from 1, whose first page changes between two requests: none is lost",
    {
      resources,
      api: [
        ["GET /posts", { data: [{ id: 1, seen: 1 }], pages: 3 }],
        ["GET /posts?page=1", { data: [{ id: 1, seen: 2 }], pages: 3 }],
        ["GET /posts?page=2", { data: [{ id: 2, seen: 1 }], pages: 3 }],
        ["GET /posts?page=3", { data: [{ id: 3, seen: 1 }], pages: 3 }],
        ["GET /posts?page=4", { data: [], pages: 3 }],
      ],
      rows: {
        posts: [
          { id: 1, seen: 1 },
          { id: 1, seen: 2 },
          { id: 2, seen: 1 },
          { id: 3, seen: 1 },
        ],
      },
    },
  );

  means("a count of pages without a page's number, from 1: page 1 is the first once more, and is not loaded twice", {
    resources,
    api: [
      ["GET /posts", { data: one, totalPages: 3 }],
      ["GET /posts?page=1", { data: one, totalPages: 3 }],
      ["GET /posts?page=2", { data: two, totalPages: 3 }],
      ["GET /posts?page=3", { data: three, totalPages: 3 }],
    ],
    rows: { posts: [...one, ...two, ...three] },
  });

  means("two pages, counted from 1 without a number: the second one is not lost", {
    resources,
    api: [
      ["GET /posts", { data: one, pages: 2 }],
      ["GET /posts?page=1", { data: one, pages: 2 }],
      ["GET /posts?page=2", { data: two, pages: 2 }],
    ],
    rows,
  });

  means("one page is one request", {
    resources,
    api: [["GET /posts", { data: one, pages: 1 }]],
    rows: { posts: one },
  });

  means("a count of pages, with the endpoint's own page=1 in the way", {
    resources: [{ name: "posts", endpoint: { params: { page: 1, size: 5 } } }],
    api: [
      ["GET /posts?page=1&size=5", { data: one, page: 1, pages: 2 }],
      ["GET /posts?size=5&page=2", { data: two, page: 2, pages: 2 }],
    ],
    rows,
  });

  means("a list named pages is no count", {
    resources,
    api: [["GET /posts", { data: one, pages: [1, 2, 3] }]],
    rows: { posts: one },
  });

  means("a cursor: anything else under a key that begins with next", {
    resources,
    api: [
      ["GET /posts", { data: one, meta: { next_cursor: "abc" } }],
      ["GET /posts?cursor=abc", { data: two, meta: { next_cursor: "" } }],
    ],
    rows,
  });

  means("a count of pages before a cursor, as in dlt", {
    resources,
    api: [
      ["GET /posts", { data: one, page: 1, next: 2, pages: 2 }],
      ["GET /posts?page=2", { data: two, page: 2, next: null, pages: 2 }],
    ],
    rows,
  });

  means("nothing: one page", {
    resources,
    api: [["GET /posts", { data: one, total: 99, has_next: true }]],
    rows: { posts: one },
  });

  means("by its name `auto`, and with parameters kept for cursors and dropped for links", {
    resources: [{ name: "posts", endpoint: { params: { q: "x" }, paginator: { type: "auto" } } }],
    api: [
      ["GET /posts?q=x", { data: one, next: "c1" }],
      ["GET /posts?q=x&cursor=c1", { data: two }],
    ],
    rows,
  });

  means("for every row of a parent anew", {
    resources: ["users", { name: "posts", endpoint: "users/{resources.users.id}/posts" }],
    api: [
      ["GET /users", [{ id: 1 }, { id: 2 }, { id: 3 }]],
      ["GET /users/1/posts", { data: one, next: "/users/1/posts?p=2" }],
      ["GET /users/1/posts?p=2", { data: two }],
      ["GET /users/2/posts", { data: [{ id: 21 }], page: 1, total_pages: 2 }],
      ["GET /users/2/posts?page=2", { data: [{ id: 22 }], page: 2, total_pages: 2 }],
      ["GET /users/3/posts", [{ id: 31 }]],
    ],
    rows: {
      users: [{ id: 1 }, { id: 2 }, { id: 3 }],
      posts: [1, 2, 21, 22, 31].map((id) => ({ id })),
    },
  });
});

describe("a paginator of the client", () => {
  means("is everyone's, an endpoint's own comes before it, and null resets the one of the defaults", {
    client: { paginator: { type: "page_number", maximum_page: 1 } },
    resource_defaults: { endpoint: { paginator: "single_page" } },
    resources: [
      "a",
      { name: "b", endpoint: { paginator: { type: "offset", limit: 9, maximum_offset: 9 } } },
      { name: "c", endpoint: { paginator: null } },
    ],
    api: [
      ["GET /a", one],
      ["GET /b?offset=0&limit=9", one],
      ["GET /c?page=0", one],
    ],
    rows: { a: one, b: one, c: one },
  });
});
