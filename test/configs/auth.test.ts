import { describe } from "vitest";
import { type AuthRequest, registerAuth, secret } from "../../lib/config/index.ts";
import { HERE, reply, testConfig } from "./case.fixture.ts";

const one = [{ id: 1 }];
const rows = { posts: one };
const secrets = {
  key: "key-0123456789",
  user: "ann",
  password: "pässword:1",
  id: "client-1",
  secret: "secret-0123456789",
};
/** A resource with a single page. */
const posts = { name: "posts", endpoint: { paginator: "single_page" as const } };

describe("bearer", () => {
  testConfig("sends a token in the Authorization header", {
    client: { auth: { type: "bearer", token: secret("key") } },
    resources: [posts],
    secrets,
    api: [["GET /posts", { headers: { authorization: "Bearer key-0123456789" } }, one]],
    rows,
  });

  testConfig("is the type of a token without a type", {
    client: { auth: { token: { secret: "key" } } },
    resources: [posts],
    secrets,
    api: [["GET /posts", { headers: { authorization: "Bearer key-0123456789" } }, one]],
    rows,
  });

  testConfig("replaces an Authorization header of the config", {
    client: { auth: { token: secret("key") }, headers: { Authorization: "client" } },
    resources: [{ name: "posts", endpoint: { paginator: "single_page", headers: { AUTHORIZATION: "own" } } }],
    secrets,
    api: [["GET /posts", { headers: { authorization: "Bearer key-0123456789" } }, one]],
    rows,
  });
});

describe("api_key", () => {
  testConfig("sends the key in Authorization, unless the config names another header", {
    client: { auth: { type: "api_key", api_key: secret("key") } },
    resources: [
      posts,
      {
        name: "users",
        endpoint: { paginator: "single_page", auth: { type: "api_key", name: "X-Api-Key", api_key: secret("key") } },
      },
    ],
    secrets,
    api: [
      ["GET /posts", { headers: { authorization: "key-0123456789" } }, one],
      ["GET /users", { headers: { "x-api-key": "key-0123456789" } }, one],
    ],
    rows: { posts: one, users: one },
  });

  testConfig("sends the key in the query of every page, once if a link contains it already", {
    client: { auth: { type: "api_key", name: "k", api_key: secret("key"), location: "query" } },
    resources: [{ name: "posts", endpoint: { params: { q: 1 }, paginator: "json_link" } }],
    secrets,
    api: [
      ["GET /posts?q=1&k=key-0123456789", { data: one, next: "/posts?p=2&k=key-0123456789" }],
      ["GET /posts?p=2&k=key-0123456789", { data: [{ id: 2 }], next: "/posts?p=3" }],
      ["GET /posts?p=3&k=key-0123456789", { data: [] }],
    ],
    rows: { posts: [{ id: 1 }, { id: 2 }] },
  });

  testConfig("sends the key in a cookie, in addition to those of the config", {
    client: {
      auth: { type: "api_key", name: "session", api_key: secret("key"), location: "cookie" },
      headers: { Cookie: "theme=dark" },
    },
    resources: [posts],
    secrets,
    api: [["GET /posts", { headers: { cookie: "theme=dark; session=key-0123456789" } }, one]],
    rows,
  });
});

describe("http_basic", () => {
  testConfig("sends user and password in UTF-8, and the user may be plain text", {
    client: { auth: { type: "http_basic", username: "änn", password: secret("password") } },
    resources: [posts],
    secrets,
    api: [
      ["GET /posts", { headers: { authorization: `Basic ${Buffer.from("änn:pässword:1").toString("base64")}` } }, one],
    ],
    rows,
  });
});

describe("the auth of an endpoint", () => {
  testConfig("overrides the client's, and null sends none", {
    client: { auth: { token: secret("key") } },
    resource_defaults: { endpoint: { paginator: "single_page" } },
    resources: [
      { name: "a", endpoint: { auth: { type: "http_basic", username: secret("user"), password: secret("key") } } },
      { name: "b", endpoint: { auth: null } },
      "c",
    ],
    secrets,
    api: [
      ["GET /a", { headers: { authorization: `Basic ${Buffer.from("ann:key-0123456789").toString("base64")}` } }, one],
      ["GET /b", one],
      ["GET /c", { headers: { authorization: "Bearer key-0123456789" } }, one],
    ],
    rows: { a: one, b: one, c: one },
  });

  testConfig("in resource_defaults overrides the client's, and null at a resource sends none", {
    client: { auth: { token: secret("key") } },
    resource_defaults: {
      endpoint: { paginator: "single_page", auth: { type: "api_key", name: "X-K", api_key: secret("key") } },
    },
    resources: ["a", { name: "b", endpoint: { auth: null } }],
    secrets,
    api: [
      ["GET /a", { headers: { "x-k": "key-0123456789" } }, one],
      ["GET /b", one],
    ],
    rows: { a: one, b: one },
  });
});

describe("oauth2_client_credentials", () => {
  const auth = {
    type: "oauth2_client_credentials" as const,
    access_token_url: `${HERE}/token`,
    client_id: secret("id"),
    client_secret: secret("secret"),
  };
  const form = "grant_type=client_credentials&client_id=client-1&client_secret=secret-0123456789";
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  const token = (access_token: string, expires_in?: unknown) => ({ access_token, token_type: "x", expires_in });
  const paged = { name: "posts", endpoint: { paginator: "page_number" as const } };
  const onlyUninterrupted = "every invocation requests its own token";

  testConfig("requests a token with a form, once for all pages", {
    client: { auth },
    resources: [paged],
    secrets,
    onlyUninterrupted,
    api: [
      ["POST /token", { form }, token("token-one-0123", 3600)],
      ["GET /posts?page=0", bearer("token-one-0123"), one],
      ["GET /posts?page=1", bearer("token-one-0123"), []],
    ],
    rows,
  });

  testConfig("sends additional fields of the form, also secrets, which may replace grant_type", {
    client: {
      auth: {
        ...auth,
        client_id: "public-id",
        access_token_request_data: { grant_type: "password", scope: "read write", otp: secret("user") },
      },
    },
    resources: [posts],
    secrets,
    api: [
      [
        "POST /token",
        {
          form: "grant_type=password&client_id=public-id&client_secret=secret-0123456789&scope=read+write&otp=ann",
        },
        token("token-one-0123"),
      ],
      ["GET /posts", bearer("token-one-0123"), one],
    ],
    rows,
  });

  testConfig("renews the token before it expires, after 90 of 100 seconds", {
    client: { auth },
    resources: [paged],
    secrets,
    settings: { max_inline_wait: 1000 },
    onlyUninterrupted,
    api: [
      ["POST /token", { form }, token("token-one-0123", "100")],
      ["GET /posts?page=0", bearer("token-one-0123"), reply(429, {}, { "retry-after": "89" })],
      ["GET /posts?page=0", bearer("token-one-0123"), reply(429, {}, { "retry-after": "2" })],
      ["POST /token", { form }, token("token-two-0123", 100)],
      ["GET /posts?page=0", bearer("token-two-0123"), one],
      ["GET /posts?page=1", bearer("token-two-0123"), []],
    ],
    rows,
    waits: [89, 2],
  });

  testConfig("applies default_token_expiration if the response has no expires_in", {
    client: { auth: { ...auth, default_token_expiration: 10 } },
    resources: [paged],
    secrets,
    settings: { max_inline_wait: 1000 },
    onlyUninterrupted,
    api: [
      ["POST /token", { form }, token("token-one-0123")],
      ["GET /posts?page=0", bearer("token-one-0123"), reply(503, {}, { "retry-after": "10" })],
      ["POST /token", { form }, token("token-two-0123")],
      ["GET /posts?page=0", bearer("token-two-0123"), []],
    ],
    rows: { posts: [] },
  });

  testConfig("requests another token once after a 401", {
    client: { auth },
    resources: [paged],
    secrets,
    onlyUninterrupted,
    api: [
      ["POST /token", { form }, token("token-one-0123", 3600)],
      ["GET /posts?page=0", bearer("token-one-0123"), one],
      ["GET /posts?page=1", bearer("token-one-0123"), reply(401)],
      ["POST /token", { form }, token("token-two-0123", 3600)],
      ["GET /posts?page=1", bearer("token-two-0123"), [{ id: 2 }]],
      ["GET /posts?page=2", bearer("token-two-0123"), []],
    ],
    rows: { posts: [{ id: 1 }, { id: 2 }] },
  });

  testConfig("fails with AuthError if the second token is rejected as well", {
    client: { auth },
    resources: [posts],
    secrets,
    onlyUninterrupted,
    api: [
      ["POST /token", { form }, token("token-one-0123")],
      ["GET /posts", bearer("token-one-0123"), reply(401)],
      ["POST /token", { form }, token("token-two-0123")],
      ["GET /posts", bearer("token-two-0123"), reply(401)],
    ],
    fails: { posts: /^AuthError: shop\.posts, page 1, GET \S+: the API returned 401/ },
  });

  testConfig("retries a failed token request", {
    client: { auth },
    resources: [posts],
    secrets,
    onlyUninterrupted,
    api: [
      ["POST /token", { form }, reply(500)],
      ["POST /token", { form }, token("token-one-0123")],
      ["GET /posts", bearer("token-one-0123"), one],
    ],
    rows,
    waits: [1],
  });

  testConfig("shares one token among concurrent requests", {
    client: { auth },
    resources: [
      { name: "users", endpoint: { paginator: "single_page", auth: null } },
      {
        name: "posts",
        parallelized: true,
        endpoint: { path: "users/{resources.users.id}/posts", paginator: "single_page" },
      },
    ],
    secrets,
    onlyUninterrupted,
    anyOrder: true,
    api: [
      ["GET /users", [1, 2, 3, 4, 5].map((id) => ({ id }))],
      ["POST /token", { form }, token("token-one-0123", 3600)],
      ...[1, 2, 3, 4, 5].map(
        (id) => [`GET /users/${id}/posts`, bearer("token-one-0123"), [{ n: id }]] as [string, object, unknown],
      ),
    ],
    rows: { users: [1, 2, 3, 4, 5].map((id) => ({ id })), posts: [1, 2, 3, 4, 5].map((n) => ({ n })) },
  });
});

/** Signs the path of each request. */
const signed = registerAuth<{ key: { secret: string }; header?: string }>(
  "signed",
  async ({ url, headers }, tools, { key, header = "x-signature" }) => {
    const signature = `${(await tools.text(key)).length}:${url.pathname}${url.search}`;
    tools.conceal(signature);
    return { url, headers: { ...headers, [header]: signature } };
  },
);

describe("a custom auth", () => {
  testConfig("is a function that may change URL and headers of each request", {
    client: {
      auth: async ({ url, headers }: AuthRequest, tools) => {
        url.searchParams.set("user", await tools.text(secret("user")));
        return { url, headers: { ...headers, "X-Seen": String(headers["x-mode"]) } };
      },
      headers: { "X-Mode": "full" },
    },
    resources: [{ name: "posts", endpoint: { paginator: "page_number" } }],
    secrets,
    api: [
      ["GET /posts?page=0&user=ann", { headers: { "x-mode": "full", "x-seen": "full" } }, one],
      ["GET /posts?page=1&user=ann", { headers: { "x-mode": "full", "x-seen": "full" } }, []],
    ],
    rows,
  });

  testConfig("may be registered by name with options", {
    client: { auth: signed({ key: secret("key") }) },
    resources: [
      { name: "posts", endpoint: { path: "v1/posts", params: { q: 1 }, paginator: "single_page" } },
      { name: "users", endpoint: { paginator: "single_page", auth: signed({ key: secret("user"), header: "X-S" }) } },
    ],
    secrets,
    api: [
      ["GET /v1/posts?q=1", { headers: { "x-signature": "14:/v1/posts?q=1" } }, one],
      ["GET /users", { headers: { "x-s": "3:/users" } }, one],
    ],
    rows: { posts: one, users: one },
  });

  testConfig("is called again after a rejection, and may replace its credentials", {
    client: {
      auth: ({ url, headers }: AuthRequest, { renew }) => ({
        url,
        headers: { ...headers, "x-session": renew ? "new" : "old" },
      }),
    },
    resources: [posts],
    secrets,
    api: [
      ["GET /posts", { headers: { "x-session": "old" } }, reply(401)],
      ["GET /posts", { headers: { "x-session": "new" } }, one],
    ],
    rows,
  });
});
