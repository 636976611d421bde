import { describe } from "vitest";
import { testConfig } from "./case.fixture.ts";

const one = [{ id: 1 }];
const two = [{ id: 2 }];
const rows = { posts: [...one, ...two] };
/** Returns a resource with a paginator. */
const posts = (paginator: object | string) => ({
  resources: [{ name: "posts", endpoint: { paginator: paginator as "auto" } }],
});

describe("page_number", () => {
  testConfig("as a string has dlt's defaults: pages 0, 1, 2 in `page`, until a page has no rows", {
    ...posts("page_number"),
    api: [
      ["GET /posts?page=0", { data: one }],
      ["GET /posts?page=1", { data: two }],
      ["GET /posts?page=2", { data: [] }],
    ],
    rows,
  });

  testConfig("counts from base_page, and a total is a number of pages", {
    ...posts({ type: "page_number", base_page: 1, total_path: "meta.pages" }),
    api: [
      ["GET /posts?page=1", { data: one, meta: { pages: 2 } }],
      ["GET /posts?page=2", { data: two, meta: { pages: "2" } }],
    ],
    rows,
  });

  testConfig("starts at `page`, and the total is counted from base_page", {
    ...posts({ type: "page_number", base_page: 1, page: 3 }),
    api: [
      ["GET /posts?page=3", { data: one, total: 4 }],
      ["GET /posts?page=4", { data: two, total: 4 }],
    ],
    rows,
  });

  testConfig("sends the page number in page_param, and the limit in limit_param", {
    ...posts({ type: "page_number", page_param: "p[number]", limit: 50, limit_param: "p[size]", total_path: null }),
    api: [
      ["GET /posts?p%5Bnumber%5D=0&p%5Bsize%5D=50", one],
      ["GET /posts?p%5Bnumber%5D=1&p%5Bsize%5D=50", []],
    ],
    rows: { posts: one },
  });

  testConfig("never requests maximum_page: base 1 and maximum 3 are two pages", {
    ...posts({ type: "page_number", base_page: 1, maximum_page: 3 }),
    api: [
      ["GET /posts?page=1", one],
      ["GET /posts?page=2", two],
    ],
    rows,
  });

  testConfig("requests one page if maximum_page is not above base_page, as in dlt", {
    ...posts({ type: "page_number", base_page: 1, maximum_page: 1 }),
    api: [["GET /posts?page=1", one]],
    rows: { posts: one },
  });

  testConfig("ends if has_more is false, also on a page with rows", {
    ...posts({ type: "page_number", has_more_path: "meta.more" }),
    api: [
      ["GET /posts?page=0", { data: one, meta: { more: true } }],
      ["GET /posts?page=1", { data: two, meta: { more: false } }],
    ],
    rows,
  });

  testConfig("accepts the same strings as dlt for has_more", {
    ...posts({ type: "page_number", has_more_path: "more" }),
    api: [
      ["GET /posts?page=0", { data: [{ id: 0 }], more: "TRUE" }],
      ["GET /posts?page=1", { data: [{ id: 1 }], more: "y" }],
      ["GET /posts?page=2", { data: [{ id: 2 }], more: "Yes" }],
      ["GET /posts?page=3", { data: [{ id: 3 }], more: "1" }],
      ["GET /posts?page=4", { data: [{ id: 4 }], more: "no" }],
    ],
    rows: { posts: [0, 1, 2, 3, 4].map((id) => ({ id })) },
  });

  testConfig("continues after empty pages without stop_after_empty_page, and ends at the total", {
    ...posts({ type: "page_number", stop_after_empty_page: false, total_path: "pages" }),
    api: [
      ["GET /posts?page=0", { data: one, pages: 3 }],
      ["GET /posts?page=1", { data: [], pages: 3 }],
      ["GET /posts?page=2", { data: two, pages: 3 }],
    ],
    rows,
  });

  testConfig("reads the default `total` if there is no other stop condition", {
    ...posts({ type: "page_number", stop_after_empty_page: false }),
    api: [
      ["GET /posts?page=0", { data: one, total: 2 }],
      ["GET /posts?page=1", { data: two, total: 2 }],
    ],
    rows,
  });

  testConfig("does not end early if the default `total` counts rows", {
    ...posts({ type: "page_number", base_page: 1 }),
    api: [
      ["GET /posts?page=1", { data: one, total: 200 }],
      ["GET /posts?page=2", { data: two, total: 200 }],
      ["GET /posts?page=3", { data: [], total: 200 }],
    ],
    rows,
  });

  testConfig("replaces a parameter of the endpoint with the same name", {
    resources: [{ name: "posts", endpoint: { params: { page: 7, sort: "id" }, paginator: "page_number" } }],
    api: [
      ["GET /posts?sort=id&page=0", one],
      ["GET /posts?sort=id&page=1", []],
    ],
    rows: { posts: one },
  });

  testConfig("inserts the number into the body at page_body_path instead of the query", {
    resources: [
      {
        name: "posts",
        endpoint: {
          method: "POST",
          json: { query: { state: "open" }, paging: { size: 2 } },
          paginator: { type: "page_number", page_body_path: "paging.number", base_page: 1 },
        },
      },
    ],
    api: [
      ["POST /posts", { json: { query: { state: "open" }, paging: { size: 2, number: 1 } } }, one],
      ["POST /posts", { json: { query: { state: "open" }, paging: { size: 2, number: 2 } } }, []],
    ],
    rows: { posts: one },
  });

  testConfig("creates a body for page_body_path if there is none", {
    resources: [
      {
        name: "posts",
        endpoint: { method: "POST", paginator: { type: "page_number", page_body_path: "a.b.page", maximum_page: 2 } },
      },
    ],
    api: [
      ["POST /posts", { json: { a: { b: { page: 0 } } } }, one],
      ["POST /posts", { json: { a: { b: { page: 1 } } } }, two],
    ],
    rows,
  });

  testConfig("retries a page without rows if a total that the config names promises more", {
    ...posts({ type: "page_number", base_page: 1, total_path: "pages" }),
    api: [
      ["GET /posts?page=1", { data: one, pages: 2 }],
      ["GET /posts?page=2", { data: [], pages: 2 }],
      ["GET /posts?page=2", { data: two, pages: 2 }],
    ],
    rows,
    waits: [1],
  });

  testConfig("fails if the total that the config names is missing", {
    resources: [
      {
        name: "posts",
        endpoint: { paginator: { type: "page_number", total_path: "pages" }, error_handler: { max_retries: 1 } },
      },
    ],
    api: [
      ["GET /posts?page=0", { data: one }],
      ["GET /posts?page=0", { data: one }],
    ],
    fails: { posts: /^ResponseError: shop\.posts, page 1, GET \S+: .*no usable value at total_path pages/ },
  });
});

describe("offset", () => {
  testConfig("advances by the rows received until a page has no rows, also after a short page", {
    ...posts({ type: "offset", limit: 2 }),
    api: [
      ["GET /posts?offset=0&limit=2", [{ id: 1 }, { id: 2 }]],
      ["GET /posts?offset=2&limit=2", [{ id: 3 }]],
      ["GET /posts?offset=3&limit=2", []],
    ],
    rows: { posts: [{ id: 1 }, { id: 2 }, { id: 3 }] },
  });

  testConfig("ends at the total of rows, which may be a string", {
    ...posts({ type: "offset", limit: 1, total_path: "meta.count" }),
    api: [
      ["GET /posts?offset=0&limit=1", { data: one, meta: { count: "2" } }],
      ["GET /posts?offset=1&limit=1", { data: two, meta: { count: "2" } }],
    ],
    rows,
  });

  testConfig("reads the total of every page, because the data may grow", {
    ...posts({ type: "offset", limit: 1 }),
    api: [
      ["GET /posts?offset=0&limit=1", { data: one, total: 1 + 1 }],
      ["GET /posts?offset=1&limit=1", { data: two, total: 3 }],
      ["GET /posts?offset=2&limit=1", { data: [{ id: 3 }], total: 3 }],
    ],
    rows: { posts: [...one, ...two, { id: 3 }] },
  });

  testConfig("has configurable parameter names, starts at `offset`, and replaces parameters with the same name", {
    resources: [
      {
        name: "posts",
        endpoint: {
          params: { take: 99 },
          paginator: { type: "offset", limit: 1, offset: 5, offset_param: "skip", limit_param: "take" },
        },
      },
    ],
    api: [
      ["GET /posts?skip=5&take=1", one],
      ["GET /posts?skip=6&take=1", []],
    ],
    rows: { posts: one },
  });

  testConfig("never requests maximum_offset", {
    ...posts({ type: "offset", limit: 2, maximum_offset: 3 }),
    api: [
      ["GET /posts?offset=0&limit=2", [...one, ...two]],
      ["GET /posts?offset=2&limit=2", [{ id: 3 }, { id: 4 }]],
    ],
    rows: { posts: [...one, ...two, { id: 3 }, { id: 4 }] },
  });

  testConfig("ends if has_more is false", {
    ...posts({ type: "offset", limit: 1, has_more_path: "more", stop_after_empty_page: false }),
    api: [
      ["GET /posts?offset=0&limit=1", { data: one, more: 1 }],
      ["GET /posts?offset=1&limit=1", { data: two, more: 0 }],
    ],
    rows,
  });

  testConfig("inserts offset and limit into the body at their paths", {
    resources: [
      {
        name: "posts",
        endpoint: {
          method: "POST",
          json: { filter: "all" },
          paginator: { type: "offset", limit: 1, offset_body_path: "page.from", limit_body_path: "page.size" },
        },
      },
    ],
    api: [["POST /posts", { json: { filter: "all", page: { from: 0, size: 1 } } }, { items: one, total: 1 }]],
    rows: { posts: one },
  });

  testConfig("sends the offset in the query if only the limit has a body path", {
    resources: [
      {
        name: "posts",
        endpoint: {
          method: "POST",
          paginator: { type: "offset", limit: 1, limit_body_path: "size", maximum_offset: 1 },
        },
      },
    ],
    api: [["POST /posts?offset=0", { json: { size: 1 } }, one]],
    rows: { posts: one },
  });

  testConfig("sends the limit in the query if only the offset has a body path, as in dlt", {
    resources: [
      {
        name: "posts",
        endpoint: { method: "POST", paginator: { type: "offset", limit: 1, offset_body_path: "from" } },
      },
    ],
    api: [
      ["POST /posts?limit=1", { json: { from: 0 } }, one],
      ["POST /posts?limit=1", { json: { from: 1 } }, []],
    ],
    rows: { posts: one },
  });
});
