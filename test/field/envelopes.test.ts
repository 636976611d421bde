import { describe } from "vitest";
import { reply, testConfig } from "../configs/case.fixture.ts";

const users = (endpoint: object = {}, more: object = {}) => ({
  name: "users",
  endpoint: { paginator: "single_page" as const, ...endpoint },
  ...more,
});
const one = [{ id: 1 }];

describe("B.1: a list whose key is left out when it is empty", () => {
  const empty = { data_selector: "items", on_missing_data: "empty" };

  for (const body of [{}, { kind: "list" }, null, { total: 0 }, { resourceType: "Bundle", link: [{ url: "/self" }] }]) {
    testConfig(`has no rows with on_missing_data: "empty": ${JSON.stringify(body)}`, {
      resources: [users(empty)],
      api: [["GET /users", body]],
      rows: { users: [] },
    });

    testConfig(`is an error that names on_missing_data by default: ${JSON.stringify(body)}`, {
      resources: [users({ data_selector: "items" })],
      api: [["GET /users", body]],
      fails: { users: /SelectorError: .* matches nothing .*on_missing_data: "empty" if the API leaves out the key/ },
    });
  }

  testConfig("has no rows without a data_selector either", {
    resources: [users({ on_missing_data: "empty" })],
    api: [["GET /users", { kind: "list" }]],
    rows: { users: [] },
  });

  testConfig("has no rows on a later page", {
    resources: [
      users({ on_missing_data: "empty", paginator: { type: "page_number", base_page: 1, total_path: null } }),
    ],
    api: [
      ["GET /users?page=1", { items: one }],
      ["GET /users?page=2", { kind: "list", total: 1 }],
    ],
    rows: { users: one },
  });

  testConfig("is an empty object without a data_selector, which is not a row", {
    resources: [users()],
    api: [["GET /users", {}]],
    fails: { users: /SelectorError: .*the response is an empty object: set data_selector .*on_missing_data/ },
  });

  testConfig("is an error if a total counts rows", {
    resources: [users(empty)],
    api: [["GET /users", { total: 3 }]],
    fails: { users: /IncompleteError: .*nothing at "items", but total is 3, and the page has 0 rows/ },
  });

  for (const [title, body] of [
    ["has rows under a common key", { data: one }],
    ["has the key in another case", { Items: one }],
    ["is a list", one],
  ] as const) {
    testConfig(`is an error if the response ${title}`, {
      resources: [users(empty)],
      api: [["GET /users", body]],
      fails: { users: /SelectorError: .*matches nothing/ },
    });
  }

  for (const body of [{ error: "quota" }, { ok: false, error: "quota" }, { message: "quota", status: "error" }]) {
    testConfig(`is an error with the API's text for an error: ${JSON.stringify(body)}`, {
      resources: [users(empty)],
      api: [["GET /users", body]],
      fails: { users: /ResponseError: .*the response is an error, although its status is 200 \("quota"\)/ },
    });
  }
});

describe("A.16: an error in a response with status 200", () => {
  const graphql = (body: unknown, endpoint: object = {}) => ({
    resources: [
      users(
        { method: "POST", json: { query: "{users}" }, data_selector: "data.users", ...endpoint },
        { write_disposition: "replace" },
      ),
    ],
    api: [["POST /users", { json: { query: "{users}" } }, body] as [string, object, unknown]],
  });
  const errors = [{ message: "no field users" }, { message: "too complex" }];

  for (const data of [null, { users: null }, { users: [] }]) {
    testConfig(`of GraphQL without rows is an error that quotes the API: data is ${JSON.stringify(data)}`, {
      ...graphql({ errors, data }),
      fails: { users: /ResponseError: .*status is 200 \("no field users; too complex"\)/ },
    });
  }

  testConfig("is an error instead of no rows: an empty list next to errors", {
    resources: [users({}, { write_disposition: "replace" })],
    api: [["GET /users", { data: [], errors, total: 7 }]],
    fails: { users: /ResponseError: .*status is 200 \("no field users; too complex"\)/ },
  });

  testConfig("of GraphQL without a data_selector is not loaded as a row", {
    ...graphql({ errors, data: { users: null } }, { data_selector: null }),
    fails: { users: /ResponseError: .*status is 200 \("no field users; too complex"\)/ },
  });

  testConfig("of GraphQL next to rows is a warning", {
    ...graphql({ data: { users: one }, errors }),
    rows: { users: one },
    warns: { users: [/^the API reports an error next to the rows: "no field users; too complex"$/] },
  });

  testConfig('of GraphQL next to rows is an error with action: "fail"', {
    ...graphql({ data: { users: one }, errors }, { response_actions: [{ content: '"errors":[', action: "fail" }] }),
    fails: { users: /ResponseError: .*a response action rejects the response \(status 200: {"data":.*no field users/ },
  });

  testConfig("is not seen in an empty list of errors", {
    ...graphql({ errors: [], data: { users: one } }),
    rows: { users: one },
    warns: {},
  });

  testConfig("is not seen where the resource consists of errors", {
    resources: [users({ data_selector: "errors" })],
    api: [["GET /users", { errors: one }]],
    rows: { users: one },
    warns: {},
  });

  testConfig('with action: "fail" for a status is an error, which on_error does not skip', {
    resources: [
      users(),
      {
        name: "tags",
        on_error: "skip",
        endpoint: {
          path: "users/{resources.users.id}/tags",
          response_actions: [{ status_code: 404, action: "fail" }],
          paginator: "single_page",
        },
      },
    ],
    api: [
      ["GET /users", one],
      ["GET /users/1/tags", reply(404, { error: "moved" })],
    ],
    fails: { tags: /ResponseError: .*a response action rejects the response \(status 404: {"error":"moved"}\)/ },
  });

  for (const [body, text] of [
    [{ ok: false, error: "invalid_auth", response_metadata: { messages: ["x"] } }, "invalid_auth"],
    [{ success: false, message: "quota exceeded", data: null }, "quota exceeded"],
    [{ error: { code: 190, message: "token expired" } }, "token expired, 190"],
    [{ error: true, message: "no" }, "no"],
    [{ errors: { id: ["is invalid"] } }, "is invalid"],
    [{ jsonrpc: "2.0", id: 1, error: { code: -32601, message: "no method" } }, "no method, -32601"],
    [{ status: "fail", message: "no", data: {} }, "no"],
    [{ fault: { faultstring: "quota violation", detail: { errorcode: "x" } } }, "quota violation"],
    [{ code: 40101, message: "invalid token" }, "invalid token"],
    [{ error_message: "no key", results: [], status: "REQUEST_DENIED" }, "no key"],
    [{ Error: { Code: "AccessDenied", Message: "denied" } }, "denied, AccessDenied"],
    [{ "Error Message": "invalid call" }, "invalid call"],
    [{ errorMessage: "denied" }, "denied"],
    [{ errcode: 40001, errmsg: "invalid credential" }, "invalid credential, 40001"],
    [{ errno: "E17", errmsg: "no", hints: [] }, "no, E17"],
    [{ error_code: 17, error_msg: "daily limit" }, "daily limit, 17"],
    [{ "Error Code": 5, Message: "no" }, "no, 5"],
    [{ fault: "denied" }, "denied"],
    [{ errorCode: 0, error: "denied" }, "denied, 0"],
  ] as const) {
    testConfig(`is an error instead of one row: ${JSON.stringify(body)}`, {
      resources: [users()],
      api: [["GET /users", body]],
      fails: { users: new RegExp(`ResponseError: .*status is 200 \\("?.*${text}`) },
    });
  }

  for (const body of [
    { id: 5, error: "timeout" },
    { id: 5, success: false, log: "x" },
    { id: 5, status: "failed", message: "x" },
    { ok: true, error: null, name: "x" },
    { code: 40101, message: "x", rate: 2 },
    { code: 20000, message: "success" },
    { id: 5, error_message: "x", fault: null },
    { error: { code: 0, message: "ok" }, id: 1 },
    { errcode: 0, errmsg: "request done", url: "x" },
    { id: 5, errcode: 17, errmsg: "x" },
  ]) {
    testConfig(`is not seen in an object that is a row: ${JSON.stringify(body)}`, {
      resources: [users({}, { columns: { error: { data_type: "json" } } })],
      api: [["GET /users", body]],
      warns: {},
    });
  }

  testConfig("is not seen in a list next to the code of a success", {
    resources: [users()],
    api: [["GET /users", { errcode: 0, errmsg: "request done", users: one }]],
    rows: { users: one },
    warns: {},
  });

  const lines = (...values: object[]) =>
    reply(200, values.map((value) => JSON.stringify(value)).join("\n"), { "content-type": "application/x-ndjson" });

  for (const [title, endpoint] of [
    ["by content type", {}],
    ["by response_format", { response_format: "jsonl", headers: { Accept: "application/json" } }],
    ["with a data_selector", { data_selector: "$" }],
  ] as const) {
    testConfig(`is an error in the only line of JSON Lines, ${title}`, {
      resources: [users(endpoint, { write_disposition: "replace" })],
      api: [["GET /users", lines({ error: { message: "quota" } })]],
      fails: { users: /ResponseError: .*status is 200 \("quota"\)/ },
    });
  }

  testConfig("is an error in the last line of JSON Lines, after rows", {
    resources: [users()],
    api: [["GET /users", lines({ id: 1 }, { id: 2 }, { error: "stream aborted" })]],
    fails: { users: /ResponseError: .*status is 200 \("stream aborted"\)/ },
  });

  for (const rows of [
    [{ id: 1, error: "x" }],
    [
      { time: "t1", message: "a" },
      { time: "t2", message: "b", error: "c" },
    ],
    [{ error: "a" }, { error: "b" }],
    [{ error: null }, { error: "", message: "b" }],
  ]) {
    testConfig(`is not seen in rows of JSON Lines: ${JSON.stringify(rows)}`, {
      resources: [users({}, { columns: { error: { data_type: "text" } } })],
      api: [["GET /users", lines(...rows)]],
      warns: {},
    });
  }

  testConfig("is an error in JSON where CSV is expected", {
    resources: [users({ response_format: "csv", headers: { Accept: "application/json" } })],
    api: [["GET /users", { error: "quota" }]],
    fails: { users: /ResponseError: .*status is 200 \("quota"\)/ },
  });

  testConfig("is quoted without secrets", {
    client: { auth: { type: "bearer", token: { secret: "token" } } },
    resources: [users()],
    secrets: { token: "token-0123456789" },
    api: [["GET /users", { headers: { authorization: "Bearer token-0123456789" } }, { error: "bad token-0123456789" }]],
    fails: { users: /\("bad \*\*\*"\)/ },
  });
});

describe("A.16: null instead of a list", () => {
  testConfig("under a common key is an empty list, and not a row", {
    resources: ["posts"],
    api: [["GET /posts", { items: null, count: 0 }]],
    rows: { posts: [] },
    warns: {},
  });

  testConfig("in an object that may be a row is a value of that row", {
    resources: ["post"],
    api: [["GET /post", { id: 1, content: null }]],
    rows: { post: [{ id: 1 }] },
  });

  testConfig("is an error next to a count of rows", {
    resources: ["posts"],
    api: [["GET /posts", { results: null, total: 5 }]],
    fails: { posts: /IncompleteError: .*total is 5, and the page has 0 rows/ },
  });
});

describe("A.16: a list that is not that of the first page", () => {
  const paginator = { type: "page_number", base_page: 1, total_path: null } as const;

  testConfig("does not count as the rows of a later page", {
    resources: [{ name: "posts", endpoint: { paginator } }],
    api: [
      ["GET /posts?page=1", { data: [{ id: 1 }], facets: [{ f: 1 }] }],
      ["GET /posts?page=2", { facets: [{ f: 2 }] }],
    ],
    fails: { posts: /SelectorError: .*the response has nothing at "data", where the first page had its rows/ },
  });
});
