import { describe } from "vitest";
import { reply, testConfig } from "./case.fixture.ts";

const one = [{ id: 1 }];
const two = [{ id: 2 }];
const rows = { posts: one };

type Actions = NonNullable<
  Exclude<
    Exclude<
      Extract<Parameters<typeof testConfig>[1]["resources"][number], object>["endpoint"],
      string | null | undefined
    >,
    undefined
  >["response_actions"]
>;

/** Returns a resource with page numbers and response actions. */
const posts = (response_actions: Actions, endpoint: object = {}) => ({
  resources: [{ name: "posts", endpoint: { paginator: "page_number" as const, response_actions, ...endpoint } }],
});

describe("response_actions", () => {
  testConfig("ignore keeps earlier pages and requests no later ones", {
    ...posts([{ status_code: 404, action: "ignore" }]),
    api: [
      ["GET /posts?page=0", one],
      ["GET /posts?page=1", two],
      ["GET /posts?page=2", reply(404, "no such page")],
    ],
    rows: { posts: [...one, ...two] },
  });

  testConfig("ignore for the first response loads no rows, without an error", {
    ...posts([{ status_code: 404, action: "ignore" }]),
    api: [["GET /posts?page=0", reply(404)]],
    rows: { posts: [] },
  });

  testConfig("ignore in a child continues with the next row of the parent", {
    resources: [
      "users",
      {
        name: "posts",
        endpoint: {
          path: "users/{resources.users.id}/posts",
          response_actions: [{ status_code: 404, action: "ignore" }],
        },
      },
      { name: "comments", endpoint: "posts/{resources.posts.id}/comments" },
    ],
    api: [
      ["GET /users", [{ id: 1 }, { id: 2 }, { id: 3 }]],
      ["GET /users/1/posts", reply(404)],
      ["GET /users/2/posts", two],
      ["GET /users/3/posts", reply(404)],
      ["GET /posts/2/comments", [{ c: 1 }]],
    ],
    rows: { users: [{ id: 1 }, { id: 2 }, { id: 3 }], posts: two, comments: [{ c: 1 }] },
  });

  testConfig("ignore takes precedence over retries of a 500 or a 429", {
    ...posts([
      { status_code: 500, action: "ignore" },
      { status_code: 429, action: "ignore" },
    ]),
    api: [
      ["GET /posts?page=0", one],
      ["GET /posts?page=1", reply(500)],
    ],
    rows,
    later: [{ api: [["GET /posts?page=0", reply(429)]], rows: { posts: [] } }],
  });

  testConfig("content matches a case-sensitive part of the body, and together with status_code both must match", {
    ...posts([
      { content: "No More.", action: "ignore" },
      { status_code: 400, content: "out of range", action: "ignore" },
    ]),
    api: [
      ["GET /posts?page=0", { data: one, note: "no more. Really" }],
      ["GET /posts?page=1", { data: two, note: "No More." }],
    ],
    rows,
    later: [
      { api: [["GET /posts?page=0", reply(400, { error: "page out of range" })]], rows: { posts: [] } },
      {
        api: [["GET /posts?page=0", reply(400, { error: "bad key" })]],
        fails: { posts: /^HttpError: shop\.posts, page 1, GET \S+: the API returned 400: \{"error":"bad key"\}/ },
      },
    ],
  });

  testConfig("retry repeats the request as after a failure, whatever the status; dlt has no retry", {
    ...posts([{ content: "busy", action: "retry" }], { paginator: "single_page" }),
    api: [
      ["GET /posts", { status: "busy" }],
      ["GET /posts", reply(400, { status: "busy" })],
      ["GET /posts", one],
    ],
    rows,
    waits: [1, 2],
  });

  testConfig("ignore of the second attempt discards the contradictory first response", {
    ...posts([{ status_code: 404, action: "ignore" }], { paginator: { type: "page_number", total_path: "pages" } }),
    api: [
      ["GET /posts?page=0", { data: one, pages: 3 }],
      ["GET /posts?page=1", { data: two }],
      ["GET /posts?page=1", reply(404)],
    ],
    rows,
  });

  testConfig("a function may replace status and text for rows, paginator and later actions", {
    ...posts(
      [
        {
          status_code: 404,
          action: () => ({ status: 200, text: '{"data": [{"id": 1}], "next": "/posts?p=2", "x": "seen"}' }),
        },
        { status_code: 404, action: "ignore" },
        { content: "seen", action: ({ text }) => ({ text: text.replace('"id": 1', '"id": 9') }) },
      ],
      { paginator: "json_link" },
    ),
    api: [
      ["GET /posts", reply(404)],
      ["GET /posts?p=2", { data: two, next: null }],
    ],
    rows: { posts: [{ id: 9 }, { id: 2 }] },
  });

  testConfig("a function may turn a successful response into an error", {
    ...posts([({ text }) => (text.includes('"error"') ? { status: 422 } : undefined)]),
    api: [["GET /posts?page=0", { error: "quota", data: [] }]],
    fails: { posts: /^HttpError: shop\.posts, page 1, GET \S+: the API returned 422: \{"error":"quota"/ },
  });

  testConfig("a function that returns nothing does not prevent an error", {
    ...posts([() => {}]),
    api: [["GET /posts?page=0", reply(404)]],
    fails: { posts: /^HttpError: .*404/ },
  });

  testConfig("functions in a list run in order, may be async, and may return ignore and retry", {
    ...posts([
      {
        status_code: 400,
        action: [
          async ({ text }) => ({ text: text.replace("a", "b") }),
          ({ text }) => (text === '"b"' ? "ignore" : undefined),
        ],
      },
      ({ headers }) => (headers.get("x-again") === null ? undefined : "retry"),
    ]),
    api: [
      ["GET /posts?page=0", reply(200, [], { "X-Again": "1" })],
      ["GET /posts?page=0", one],
      ["GET /posts?page=1", reply(400, '"a"')],
    ],
    rows,
  });

  testConfig("of a resource replace those of resource_defaults, and null removes them", {
    resource_defaults: {
      endpoint: { paginator: "single_page", response_actions: [{ status_code: 404, action: "ignore" }] },
    },
    resources: [
      "a",
      { name: "b", endpoint: { response_actions: null } },
      { name: "c", endpoint: { response_actions: [{ status_code: 410, action: "ignore" }] } },
    ],
    api: [
      ["GET /a", reply(404)],
      ["GET /b", reply(404)],
      ["GET /c", reply(410)],
    ],
    fails: { b: /^HttpError/ },
  });
});

describe("failures", () => {
  testConfig("are retried four times with growing delays, and then fail with HttpError", {
    resources: [{ name: "posts", endpoint: { paginator: "single_page" } }],
    api: [
      ["GET /posts", reply(500)],
      ["GET /posts", reply(502)],
      ["GET /posts", reply(429)],
      ["GET /posts", reply(599)],
      ["GET /posts", reply(503, "down")],
    ],
    fails: { posts: /^HttpError: shop\.posts, page 1, GET \S+: the API returned 503: down \(after 4 retries\)/ },
    waits: [1, 2, 4, 8],
  });

  testConfig("with other status codes are not retried", {
    resources: ["posts"],
    api: [["GET /posts", reply(408)]],
    fails: { posts: /^HttpError: .*408/ },
  });

  testConfig("are retried by the error_handler of the endpoint, the defaults and the client, in this precedence", {
    client: { error_handler: { retry_on_status_codes: [418], backoff_factor: 3, max_retries: 9 } },
    resource_defaults: { endpoint: { error_handler: { max_retries: 2 } } },
    resources: [
      { name: "posts", endpoint: { paginator: "single_page", error_handler: { min_retry_after: 5, max_retries: 1 } } },
      { name: "users", endpoint: { paginator: "single_page" } },
    ],
    api: [
      ["GET /posts", reply(418)],
      ["GET /posts", reply(500)],
      ["GET /users", reply(418)],
      ["GET /users", reply(418)],
      ["GET /users", one],
    ],
    // The client's list does not contain 500.
    fails: { posts: /^HttpError: .*500/ },
    waits: [5, 1.5, 4.5],
  });

  testConfig(
    "with Retry-After wait as long as requested, and the state machine takes waits longer than max_inline_wait",
    {
      resources: [{ name: "posts", endpoint: { paginator: "single_page" } }],
      api: [
        ["GET /posts", reply(429, {}, { "Retry-After": "7" })],
        ["GET /posts", reply(503, {}, { "Retry-After": "600" })],
        ["GET /posts", reply(503, {}, { "Retry-After": "soon" })],
        ["GET /posts", one],
      ],
      rows,
      waits: [7, 600, 4],
    },
  );
});

describe("throttling of a child", () => {
  testConfig("lets the state machine wait, and the child resumes at the throttled page", {
    resources: [
      "users",
      { name: "posts", endpoint: { path: "users/{resources.users.id}/posts", paginator: "page_number" } },
    ],
    api: [
      ["GET /users", [{ id: 1 }, { id: 2 }]],
      ["GET /users/1/posts?page=0", one],
      ["GET /users/1/posts?page=1", reply(429, {}, { "Retry-After": "900" })],
      ["GET /users/1/posts?page=1", []],
      ["GET /users/2/posts?page=0", reply(503, {}, { "Retry-After": "900" })],
      ["GET /users/2/posts?page=0", two],
      ["GET /users/2/posts?page=1", []],
    ],
    rows: { users: [{ id: 1 }, { id: 2 }], posts: [...one, ...two] },
    waits: [900, 900],
  });
});

describe("rate_limit", () => {
  testConfig("limits requests in any period, over all resources", {
    client: { rate_limit: { requests: 2, per: 5 } },
    resources: [{ name: "posts", endpoint: { paginator: "page_number" } }, "users", "items"],
    api: [
      ["GET /posts?page=0", one],
      ["GET /posts?page=1", two],
      ["GET /posts?page=2", []],
      ["GET /users", one],
      ["GET /items", one],
    ],
    rows: { posts: [...one, ...two], users: one, items: one },
    waits: [5, 5],
  });
});

describe("a response that is not JSON", () => {
  testConfig("is a ResponseError, also if it is an HTML page or an empty body", {
    resource_defaults: { endpoint: { paginator: "single_page", error_handler: { max_retries: 0 } } },
    resources: ["posts", "users"],
    api: [
      ["GET /posts", reply(200, "<html>Log in</html>", { "content-type": "text/html" })],
      ["GET /users", reply(200, "")],
    ],
    fails: { posts: /^ResponseError: .*not JSON \(text\/html, /, users: /^ResponseError: .*empty body/ },
  });
});
