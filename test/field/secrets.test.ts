import { describe, expect, test } from "vitest";
import { reply, testConfig } from "../configs/case.fixture.ts";
import { startApi } from "../configs/conversation.fixture.ts";
import { createWorld, runSource, sourceOf } from "../configs/run.fixture.ts";

const KEY = "sk-live-0123456789";
const TENANT = "acme-corporation";
const auth = { type: "bearer" as const, token: { secret: "token" } };
const headers = { authorization: `Bearer ${KEY}` };
const secrets = { token: KEY, tenant: TENANT };
const single = { paginator: "single_page" as const };

describe("A.23: a secret that is ordinary data", () => {
  testConfig("is in the rows, and in the requests that are built from them", {
    client: { auth },
    resources: [
      { name: "projects", endpoint: { ...single, params: { tenant: { secret: "tenant" } } } },
      {
        name: "tasks",
        endpoint: { ...single, path: "p/{resources.projects.owner}/c", data_selector: "$" },
        include_from_parent: ["owner"],
      },
    ],
    secrets,
    api: [
      [`GET /projects?tenant=${TENANT}`, { headers }, [{ id: 1, owner: TENANT }]],
      [`GET /p/${TENANT}/c`, { headers }, [{ id: 7 }]],
    ],
    rows: { projects: [{ id: 1, owner: TENANT }], tasks: [{ id: 7, _projects_owner: TENANT }] },
    warns: {},
  });

  testConfig("is in the path, in rows, and in next links that are relative or absolute", {
    client: { auth },
    resources: [
      {
        name: "messages",
        endpoint: {
          path: "accounts/{account}/messages",
          params: { account: { secret: "sid" } },
          data_selector: "data",
          paginator: { type: "json_link", next_url_path: "next" },
        },
      },
    ],
    secrets: { ...secrets, sid: "AC 0123456789" },
    api: [
      [
        "GET /accounts/AC%200123456789/messages",
        { headers },
        { data: [{ id: 1, account: "AC 0123456789" }], next: "?page=2" },
      ],
      [
        "GET /accounts/AC%200123456789/messages?page=2",
        { headers },
        { data: [{ id: 2, account: "AC 0123456789" }], next: "/accounts/AC%200123456789/messages?page=3" },
      ],
      ["GET /accounts/AC%200123456789/messages?page=3", { headers }, { data: [], next: null }],
    ],
    rows: {
      messages: [
        { id: 1, account: "AC 0123456789" },
        { id: 2, account: "AC 0123456789" },
      ],
    },
    warns: {},
  });

  testConfig("is part of the cursor of the next page, and of the next run", {
    client: { auth },
    resources: [
      {
        name: "events",
        endpoint: {
          params: { account_id: { secret: "tenant" } },
          data_selector: "events",
          paginator: { type: "cursor", cursor_path: "next", cursor_param: "after" },
          incremental: { cursor_path: "key", start_param: "since" },
        },
      },
    ],
    secrets,
    api: [
      [`GET /events?account_id=${TENANT}`, { headers }, { events: [{ key: `${TENANT}/1` }], next: `${TENANT}:2` }],
      [
        `GET /events?after=${TENANT}%3A2&account_id=${TENANT}`,
        { headers },
        { events: [{ key: `${TENANT}/2` }], next: null },
      ],
    ],
    rows: { events: [{ key: `${TENANT}/1` }, { key: `${TENANT}/2` }] },
    state: { events: `${TENANT}/2` },
    warns: {},
  });

  testConfig("is decided by mask_in_rows, whatever the names are", {
    client: { auth, headers: { "X-Key": { secret: "public_key", mask_in_rows: false } } },
    resources: [
      { name: "posts", endpoint: { ...single, params: { user: { secret: "handle_of_me", mask_in_rows: true } } } },
    ],
    secrets: { token: KEY, public_key: "public-0123456789", handle_of_me: "me-0123456789" },
    api: [
      [
        "GET /posts?user=me-0123456789",
        { headers: { ...headers, "x-key": "public-0123456789" } },
        [{ id: "public-0123456789", by: "me-0123456789" }],
      ],
    ],
    rows: { posts: [{ id: "public-0123456789", by: "***" }] },
    warns: { posts: [/^rows contain keys, tokens or passwords/] },
  });
});

describe("A.23: a key, token or password", () => {
  testConfig("is masked in rows, which are counted, and in the names of fields", {
    client: { auth },
    resources: [{ name: "posts", endpoint: single }],
    secrets,
    api: [
      [
        "GET /posts",
        { headers },
        [{ id: 1, url: `https://api.test/?k=${KEY}` }, { id: 2, host: `${KEY.toUpperCase()}.api.test` }, { id: 3 }],
      ],
    ],
    rows: {
      posts: [
        { id: 1, url: "https://api.test/?k=***", host: null },
        { id: 2, url: null, host: "***.api.test" },
        { id: 3, url: null, host: null },
      ],
    },
    warns: {
      posts: [/^rows contain keys, tokens or passwords of the secret, which are stored as \*\*\*: leave those/],
    },
  });

  testConfig("of a child's URL is an error, and no request is built from ***", {
    client: { auth },
    resources: [
      { name: "keys", endpoint: single },
      { name: "uses", endpoint: { ...single, path: "keys/{resources.keys.id}/uses", data_selector: "$" } },
    ],
    secrets,
    api: [["GET /keys", { headers }, [{ id: KEY }]]],
    fails: {
      keys: /^ResponseError: .*id of a row contains a key, token or password of the secret, .* child resources use it/,
      uses: /^ParentError/,
    },
  });

  testConfig("of the incremental cursor is an error", {
    client: { auth },
    resources: [{ name: "keys", endpoint: { ...single, incremental: { cursor_path: "id" } } }],
    secrets,
    api: [["GET /keys", { headers }, [{ id: KEY }]]],
    fails: { keys: /id of a row contains a key, .* the next run starts at it/ },
  });

  testConfig("of http_basic is masked, and its user name is not", {
    client: { auth: { type: "http_basic", username: { secret: "username" }, password: { secret: "password" } } },
    resources: [{ name: "posts", endpoint: single }],
    secrets: { username: "the-user-name", password: "the-password" },
    api: [
      [
        "GET /posts",
        { headers: { authorization: `Basic ${btoa("the-user-name:the-password")}` } },
        reply(200, [{ by: "the-user-name", hint: "the-password" }]),
      ],
    ],
    rows: { posts: [{ by: "the-user-name", hint: "***" }] },
  });
});

test("A.23: masked rows are counted in manifest and report, over all parts and invocations", async () => {
  await using api = await startApi(({ url }) => {
    const page = Number(url.searchParams.get("page"));
    return page < 3 ? [{ page, key: KEY }, { page }, { page, keys: [{ key: KEY }] }] : [];
  });
  const source = sourceOf(api.url, {
    client: { auth },
    resources: [{ name: "posts", endpoint: { paginator: { type: "page_number", total_path: null } } }],
  });
  const world = createWorld();
  await runSource(world, source, { secrets, pages: () => 1 });
  const stored = (prefix: string) => {
    const [, object] = [...world.objects].find(([key]) => key.startsWith(prefix) && key.endsWith(".json")) ?? [];
    return JSON.parse(Buffer.from(object?.body ?? "").toString());
  };
  expect(stored("manifests/")).toMatchObject({ rows: 9, masked_rows: 6, warnings: [expect.stringContaining("***")] });
  expect(stored("reports/").resources).toMatchObject([{ rows: 9, masked_rows: 6, warnings: [expect.anything()] }]);
});

describe("D: a key in the position", () => {
  testConfig("is refused where it would be the name of the rows' list", {
    client: { auth },
    resources: [{ name: "posts", endpoint: { paginator: { type: "json_link", next_url_path: "next" } } }],
    secrets,
    api: [["GET /posts", { headers }, { [KEY]: [{ id: 1 }], next: "/posts?page=2" }]],
    fails: { posts: /the path to the rows or to the next page holds the key, .*: set data_selector and paginator/ },
  });
});

describe("D: a secret of one to three characters", () => {
  for (const key of ["1", "e", "abc"]) {
    testConfig(`leaves messages and rows readable, and is not shown where it is sent: ${key}`, {
      client: {
        auth: { type: "api_key", name: "key", api_key: { secret: "key" }, location: "query" },
        error_handler: { max_retries: 0 },
      },
      resources: [
        { name: "posts", endpoint: { paginator: "single_page" } },
        {
          name: "tags",
          endpoint: {
            path: "tags/{k}",
            params: { k: { secret: "key" }, p: { secret: "key" } },
            paginator: "single_page",
          },
        },
      ],
      secrets: { key },
      api: [
        [`GET /posts?key=${key}`, [{ id: 1, name: `one ${key}` }]],
        [`GET /tags/${key}?p=${key}&key=${key}`, reply(500, { error: "the server is busy" })],
      ],
      fails: {
        tags: /^HttpError: shop\.tags, page 1, GET http:\/\/127\.0\.0\.1:\d+\/tags\/\*\*\*: the API returned 500: {"error":"the server is busy"}$/,
      },
    });
  }
});
