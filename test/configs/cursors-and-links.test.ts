import { describe } from "vitest";
import { registerPaginator } from "../../lib/config/index.ts";
import { HERE, reply, testConfig } from "./case.fixture.ts";

const one = [{ id: 1 }];
const two = [{ id: 2 }];
const rows = { posts: [...one, ...two] };
/** Returns a resource with a paginator, and more endpoint keys. */
const posts = (paginator: unknown, endpoint: object = {}) => ({
  resources: [{ name: "posts", endpoint: { paginator: paginator as "auto", ...endpoint } }],
});

describe("cursor", () => {
  testConfig("as a string reads cursors.next, sends `cursor`, and omits it from the first request", {
    ...posts("cursor"),
    api: [
      ["GET /posts", { data: one, cursors: { next: "b=2&c" } }],
      ["GET /posts?cursor=b%3D2%26c", { data: two, cursors: { next: null } }],
    ],
    rows,
  });

  testConfig("reads any path, such as the id of the last row, and ends if there is no value", {
    ...posts({ type: "cursor", cursor_path: "data[-1].id", cursor_param: "after" }, { params: { sort: "id" } }),
    api: [
      ["GET /posts?sort=id", { data: one }],
      ["GET /posts?sort=id&after=1", { data: two }],
      ["GET /posts?sort=id&after=2", { data: [] }],
    ],
    rows,
  });

  for (const [what, end] of [
    ["missing", {}],
    ["empty", { next: "" }],
    ["false", { next: false }],
    ["0", { next: 0 }],
  ] as const) {
    testConfig(`ends with a cursor that is ${what}`, {
      ...posts({ type: "cursor", cursor_path: "next" }),
      api: [
        ["GET /posts", { data: one, next: 17 }],
        ["GET /posts?cursor=17", { data: two, ...end }],
      ],
      rows,
    });
  }

  testConfig("continues after pages without rows", {
    ...posts({ type: "cursor", cursor_path: "next" }),
    api: [
      ["GET /posts", { data: [], next: "a" }],
      ["GET /posts?cursor=a", { data: [], next: "b" }],
      ["GET /posts?cursor=b", { data: one }],
    ],
    rows: { posts: one },
  });

  testConfig("ends at a page without rows with stop_after_empty_page", {
    ...posts({ type: "cursor", cursor_path: "next", stop_after_empty_page: true }),
    api: [
      ["GET /posts", { data: one, next: "a" }],
      ["GET /posts?cursor=a", { data: [], next: "b" }],
    ],
    rows: { posts: one },
  });

  testConfig("ends at a page without rows, which may lack has_more", {
    ...posts({ type: "cursor", cursor_path: "next", has_more_path: "has_more", stop_after_empty_page: true }),
    api: [
      ["GET /posts", { data: one, next: "a", has_more: true }],
      ["GET /posts?cursor=a", { data: [] }],
    ],
    rows: { posts: one },
  });

  testConfig("that is a list sends the parameter several times, and the string 0 is a cursor", {
    ...posts({ type: "cursor", cursor_path: "next" }),
    api: [
      ["GET /posts", { data: one, next: ["a", 2] }],
      ["GET /posts?cursor=a&cursor=2", { data: two, next: "0" }],
      ["GET /posts?cursor=0", { data: [] }],
    ],
    rows,
  });

  testConfig("ends if has_more is false, even with a cursor", {
    ...posts({ type: "cursor", cursor_path: "next", has_more_path: "has_more" }),
    api: [
      ["GET /posts", { data: one, next: "a", has_more: true }],
      ["GET /posts?cursor=a", { data: two, next: "b", has_more: false }],
    ],
    rows,
  });

  testConfig("inserts the cursor into the body with its type, and omits it from the first request", {
    ...posts(
      { type: "cursor", cursor_path: "next", cursor_body_path: "page.after" },
      { method: "POST", json: { limit: 1 } },
    ),
    api: [
      ["POST /posts", { json: { limit: 1 } }, { data: one, next: 11 }],
      ["POST /posts", { json: { limit: 1, page: { after: 11 } } }, { data: two, next: "11" }],
      ["POST /posts", { json: { limit: 1, page: { after: "11" } } }, { data: [{ id: 3 }] }],
    ],
    rows: { posts: [...one, ...two, { id: 3 }] },
  });

  testConfig("inserts a list into the body unchanged, as search_after of Elasticsearch requires", {
    ...posts(
      { type: "cursor", cursor_path: "hits.hits[-1].sort", cursor_body_path: "search_after" },
      { method: "POST", json: { size: 1 }, data_selector: "hits.hits[*]._source" },
    ),
    api: [
      ["POST /posts", { json: { size: 1 } }, { hits: { hits: [{ _source: { id: 1 }, sort: [5, "a"] }] } }],
      [
        "POST /posts",
        { json: { size: 1, search_after: [5, "a"] } },
        { hits: { hits: [{ _source: { id: 2 }, sort: [6, "b"] }] } },
      ],
      ["POST /posts", { json: { size: 1, search_after: [6, "b"] } }, { hits: { hits: [] } }],
    ],
    rows,
  });

  testConfig("sends a parameter with the same name in the first request only", {
    ...posts({ type: "cursor", cursor_path: "next" }, { params: { cursor: "*" } }),
    api: [
      ["GET /posts?cursor=*", { data: one, next: "a" }],
      ["GET /posts?cursor=a", { data: two }],
    ],
    rows,
  });

  testConfig("that leads to a pagination loop is an error", {
    ...posts({ type: "cursor", cursor_path: "next" }),
    api: [
      ["GET /posts", { data: one, next: "a" }],
      ["GET /posts?cursor=a", { data: two, next: "b" }],
      ["GET /posts?cursor=b", { data: [{ id: 3 }], next: "a" }],
    ],
    fails: { posts: /^RepeatedPageError: shop\.posts, page 3, GET \S+: .*back to a page/ },
  });

  testConfig("of 19 digits keeps all of them", {
    ...posts({ type: "cursor", cursor_path: "next" }),
    api: [
      ["GET /posts", reply(200, '{"data": [{"id": 9007199254740993}], "next": 9223372036854775807}')],
      ["GET /posts?cursor=9223372036854775807", { data: [] }],
    ],
  });
});

describe("header_cursor", () => {
  testConfig("reads the header `next` by default, and ends without it", {
    ...posts("header_cursor"),
    api: [
      ["GET /posts", reply(200, one, { Next: "t2" })],
      ["GET /posts?cursor=t2", two],
    ],
    rows,
  });

  testConfig("reads any header, whatever its case, and ends with an empty one", {
    ...posts({ type: "header_cursor", cursor_key: "X-Next-Token", cursor_param: "token" }),
    api: [
      ["GET /posts", reply(200, one, { "x-next-token": "t/2" })],
      ["GET /posts?token=t%2F2", reply(200, two, { "X-NEXT-TOKEN": "" })],
    ],
    rows,
  });
});

describe("json_link", () => {
  testConfig("as a string follows `next` with the link's own parameters and encoding", {
    ...posts("json_link", { params: { limit: 1, q: "x" } }),
    client: { base_url: "/api/v1" },
    api: [
      ["GET /api/v1/posts?limit=1&q=x", { data: one, next: `${HERE}/api/v1/posts?limit=1&q=a%20b+c%2Fd` }],
      ["GET /api/v1/posts?limit=1&q=a%20b+c%2Fd", { data: two, next: null }],
    ],
    rows,
  });

  testConfig("resolves relative links against the URL of the request", {
    resources: [
      { name: "posts", endpoint: { path: "a/posts", paginator: { type: "json_link", next_url_path: "links.next" } } },
    ],
    client: { base_url: "/api" },
    api: [
      ["GET /api/a/posts", { data: [{ id: 1 }], links: { next: "?page=2" } }],
      ["GET /api/a/posts?page=2", { data: [{ id: 2 }], links: { next: "more?page=3" } }],
      ["GET /api/a/more?page=3", { data: [{ id: 3 }], links: { next: "../b?page=4" } }],
      ["GET /api/b?page=4", { data: [{ id: 4 }], links: { next: "/top?page=5" } }],
      ["GET /top?page=5", { data: [{ id: 5 }], links: {} }],
    ],
    rows: { posts: [1, 2, 3, 4, 5].map((id) => ({ id })) },
  });

  testConfig("keeps method, body and headers, also as json_response", {
    ...posts(
      { type: "json_response", next_url_path: "'@odata.nextLink'" },
      { method: "POST", json: { a: 1 }, headers: { "X-Mode": "full" } },
    ),
    api: [
      [
        "POST /posts",
        { headers: { "x-mode": "full" }, json: { a: 1 } },
        { value: one, "@odata.nextLink": "/posts?$skip=1" },
      ],
      ["POST /posts?$skip=1", { headers: { "x-mode": "full" }, json: { a: 1 } }, { value: two }],
    ],
    rows,
  });

  testConfig("ends with an empty link, which is a URL for dlt", {
    ...posts("json_link"),
    api: [["GET /posts", { data: one, next: "" }]],
    rows: { posts: one },
  });

  testConfig("that is not a string is an error, as in dlt, so that no later page is lost", {
    resources: [{ name: "posts", endpoint: { paginator: "json_link", error_handler: { max_retries: 0 } } }],
    api: [["GET /posts", { data: one, next: { href: "/posts?page=2" } }]],
    fails: { posts: /^ResponseError: shop\.posts, page 1, GET \S+: .*next/ },
  });

  testConfig("to another host is an error, and nothing is sent there", {
    ...posts("json_link"),
    api: [["GET /posts", { data: one, next: "https://elsewhere.test/posts?page=2" }]],
    fails: { posts: /^ResponseError: shop\.posts, page 1, GET \S+: .*another origin, https:\/\/elsewhere\.test/ },
  });
});

describe("header_link", () => {
  testConfig("as a string follows rel=next among other links", {
    ...posts("header_link"),
    api: [
      [
        "GET /posts",
        reply(200, one, { link: `<${HERE}/posts?page=1>; rel="first", <${HERE}/posts?page=2>; rel="next"` }),
      ],
      ["GET /posts?page=2", reply(200, two, { link: `<${HERE}/posts?page=1>; rel="first"` })],
    ],
    rows,
  });

  testConfig("follows the relation in links_next_key, also with relative URLs", {
    ...posts({ type: "header_link", links_next_key: "older" }, { params: { limit: 1 } }),
    api: [
      ["GET /posts?limit=1", reply(200, one, { link: '</posts?before=9>; rel="older"' })],
      ["GET /posts?before=9", reply(200, two, { link: '</posts?before=8>; rel="newer"' })],
    ],
    rows,
  });
});

describe("an invalid Link header", () => {
  for (const paginator of ["header_link", "auto"]) {
    testConfig(`is an error with the paginator ${paginator}, because there may be a next page`, {
      ...posts(paginator),
      api: [["GET /posts", reply(200, one, { link: "https://api.test/posts?page=2" })]],
      fails: { posts: /^ResponseError: shop\.posts, page 1, GET \S+: .*Link header/ },
    });
  }
});

describe("single_page", () => {
  testConfig("sends one request, whatever the response says about more pages", {
    ...posts("single_page"),
    api: [["GET /posts", { data: one, next: "/posts?page=2", total_pages: 9 }]],
    rows: { posts: one },
  });
});

/** A custom paginator that reads the number of pages from a string: `page 2 of 3`. */
const pageOfPages = registerPaginator<{ param: string }, { page: number }>("page_of_pages", {
  first: () => ({ page: 1 }),
  request: ({ param }, { page }) => (page === 1 ? {} : { params: { [param]: String(page) } }),
  next(_options, { page }, { body }) {
    const text = (body as { at: string }).at;
    return Number(/of (\d+)/.exec(text)?.[1]) > page ? { state: { page: page + 1 } } : { end: true };
  },
});

describe("a custom paginator", () => {
  testConfig("is registered by name, receives its options, and can be resumed", {
    ...posts(pageOfPages({ param: "p" })),
    api: [
      ["GET /posts", { data: one, at: "page 1 of 2" }],
      ["GET /posts?p=2", { data: two, at: "page 2 of 2" }],
    ],
    rows,
  });

  testConfig("may insert values into the body and follow links", {
    ...posts(
      registerPaginator<object, { n: number } | { url: string }>("body_then_link", {
        first: () => ({ n: 0 }),
        request: (_options, state) => ("url" in state ? { url: state.url } : { body: { "paging.n": state.n } }),
        next: (_options, state) =>
          "url" in state ? { end: true } : state.n === 0 ? { state: { n: 1 } } : { link: "/posts/rest" },
      })({}),
      { method: "POST" },
    ),
    api: [
      ["POST /posts", { json: { paging: { n: 0 } } }, one],
      ["POST /posts", { json: { paging: { n: 1 } } }, two],
      ["POST /posts/rest", [{ id: 3 }]],
    ],
    rows: { posts: [...one, ...two, { id: 3 }] },
  });
});
