import { describe } from "vitest";
import { HERE, reply, testConfig } from "./case.fixture.ts";

const one = [{ id: 1 }];
const two = [{ id: 2 }];
const three = [{ id: 3 }];
const rows = { posts: [...one, ...two] };
/** A resource without a paginator. */
const resources = ["posts"];

describe("without a paginator, the first response determines it:", () => {
  testConfig("a Link header takes precedence over the body", {
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

  testConfig("a URL at a key that begins with next takes precedence over a count of pages", {
    resources,
    api: [
      ["GET /posts", { data: one, total_pages: 2, Next_Page: `${HERE}/posts?p=2` }],
      ["GET /posts?p=2", { data: two, total_pages: 2 }],
    ],
    rows,
  });

  testConfig("a URL is found at any depth, but not in lists", {
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

  testConfig("an object with an href at such a key is a link, as in HAL", {
    resources,
    api: [
      ["GET /posts", { _embedded: { items: one }, _links: { self: { href: "/posts" }, next: { href: "/posts?p=2" } } }],
      ["GET /posts?p=2", { _embedded: { items: two }, _links: { self: { href: "/posts?p=2" } } }],
    ],
    rows,
  });

  testConfig("the next such key is used if the first one is null", {
    resources,
    api: [
      ["GET /posts", { data: one, next: null, next_url: "/posts?p=2" }],
      ["GET /posts?p=2", { data: two }],
    ],
    rows,
  });

  testConfig("a URL at a key with a dot is followed, which dlt fails to read", {
    resources,
    api: [
      ["GET /posts", { data: one, "next.page": "/posts?p=2" }],
      ["GET /posts?p=2", { data: two }],
    ],
    rows,
  });

  testConfig("a count of pages is counted from 0 if the response contains page 0", {
    resources,
    api: [
      ["GET /posts", { data: one, page: 0, total_pages: 2 }],
      ["GET /posts?page=1", { data: two, page: 1, total_pages: 2 }],
    ],
    rows,
  });

  testConfig("a count of pages is counted from 1 if the response contains page 1", {
    resources,
    api: [
      ["GET /posts", { data: one, meta: { current_page: 1, total_pages: "3" } }],
      ["GET /posts?page=2", { data: two, meta: { current_page: 2, total_pages: "3" } }],
      ["GET /posts?page=3", { data: three, meta: { current_page: 3, total_pages: "3" } }],
    ],
    rows: { posts: [...one, ...two, ...three] },
  });

  testConfig("a count of pages without a page number, from 0, loads all pages", {
    resources,
    api: [
      ["GET /posts", { data: one, pages: 3 }],
      ["GET /posts?page=1", { data: two, pages: 3 }],
      ["GET /posts?page=2", { data: three, pages: 3 }],
      // The second page may be the first one, changed since: with numbers from 1, there is one more page.
      ["GET /posts?page=3", { data: [], pages: 3 }],
    ],
    rows: { posts: [...one, ...two, ...three] },
  });

  testConfig(
    "a count of pages without a page number, from 1, loses no page if the first page changes between two requests",
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

  testConfig("a count of pages without a page number, from 1, does not load the first page twice", {
    resources,
    api: [
      ["GET /posts", { data: one, totalPages: 3 }],
      ["GET /posts?page=1", { data: one, totalPages: 3 }],
      ["GET /posts?page=2", { data: two, totalPages: 3 }],
      ["GET /posts?page=3", { data: three, totalPages: 3 }],
    ],
    rows: { posts: [...one, ...two, ...three] },
  });

  testConfig("a count of two pages without a page number, from 1, loads the second page", {
    resources,
    api: [
      ["GET /posts", { data: one, pages: 2 }],
      ["GET /posts?page=1", { data: one, pages: 2 }],
      ["GET /posts?page=2", { data: two, pages: 2 }],
    ],
    rows,
  });

  testConfig("a count of one page needs one request", {
    resources,
    api: [["GET /posts", { data: one, pages: 1 }]],
    rows: { posts: one },
  });

  testConfig("a count of pages replaces the page parameter of the endpoint", {
    resources: [{ name: "posts", endpoint: { params: { page: 1, size: 5 } } }],
    api: [
      ["GET /posts?page=1&size=5", { data: one, page: 1, pages: 2 }],
      ["GET /posts?size=5&page=2", { data: two, page: 2, pages: 2 }],
    ],
    rows,
  });

  testConfig("a list named pages is not a count of pages", {
    resources,
    api: [["GET /posts", { data: one, pages: [1, 2, 3] }]],
    rows: { posts: one },
  });

  testConfig("any other value at a key that begins with next is a cursor", {
    resources,
    api: [
      ["GET /posts", { data: one, meta: { next_cursor: "abc" } }],
      ["GET /posts?cursor=abc", { data: two, meta: { next_cursor: "" } }],
    ],
    rows,
  });

  testConfig("a count of pages takes precedence over a cursor, as in dlt", {
    resources,
    api: [
      ["GET /posts", { data: one, page: 1, next: 2, pages: 2 }],
      ["GET /posts?page=2", { data: two, page: 2, next: null, pages: 2 }],
    ],
    rows,
  });

  testConfig("a response without any of these is a single page", {
    resources,
    api: [["GET /posts", { data: one, total: 1, has_next: false }]],
    rows: { posts: one },
  });

  testConfig("the type auto is the same, and keeps the parameters with a cursor", {
    resources: [{ name: "posts", endpoint: { params: { q: "x" }, paginator: { type: "auto" } } }],
    api: [
      ["GET /posts?q=x", { data: one, next: "c1" }],
      ["GET /posts?q=x&cursor=c1", { data: two }],
    ],
    rows,
  });

  testConfig("each row of a parent has its own paginator", {
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
  testConfig("applies to all endpoints, which may override it, and null resets the one of resource_defaults", {
    client: { paginator: { type: "page_number", maximum_page: 1 } },
    resource_defaults: { endpoint: { paginator: "single_page" } },
    resources: [
      "a",
      { name: "b", endpoint: { paginator: { type: "offset", limit: 1, maximum_offset: 1 } } },
      { name: "c", endpoint: { paginator: null } },
    ],
    api: [
      ["GET /a", one],
      ["GET /b?offset=0&limit=1", one],
      ["GET /c?page=0", one],
    ],
    rows: { a: one, b: one, c: one },
  });
});
