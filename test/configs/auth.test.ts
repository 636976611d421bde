import { describe } from "vitest";
import { type AuthRequest, registerAuth, secret } from "../../lib/config/index.ts";
import { HERE, means, reply } from "./dialect.fixture.ts";

const one = [{ id: 1 }];
const rows = { posts: one };
const secrets = {
  key: "key-0123456789",
  user: "ann",
  password: "pässword:1",
  id: "client-1",
  secret: "secret-0123456789",
};
/** One resource that is one page. */
const posts = { name: "posts", endpoint: { paginator: "single_page" as const } };

describe("bearer", () => {
  means("is a token in the Authorization header", {
    client: { auth: { type: "bearer", token: secret("key") } },
    resources: [posts],
    secrets,
    api: [["GET /posts", { headers: { authorization: "Bearer key-0123456789" } }, one]],
    rows,
  });

  means("is what a token without a type is", {
    client: { auth: { token: { secret: "key" } } },
    resources: [posts],
    secrets,
    api: [["GET /posts", { headers: { authorization: "Bearer key-0123456789" } }, one]],
    rows,
  });

  means("takes the place of an Authorization header that the config has", {
    client: { auth: { token: secret("key") }, headers: { Authorization: "client" } },
    resources: [{ name: "posts", endpoint: { paginator: "single_page", headers: { AUTHORIZATION: "own" } } }],
    secrets,
    api: [["GET /posts", { headers: { authorization: "Bearer key-0123456789" } }, one]],
    rows,
  });
});

describe("api_key", () => {
  means("is the bare key in Authorization, unless the config names another header", {
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

  means("goes into the query of every page, once where a link holds it already", {
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

  means("goes into a cookie, beside those that the config has; dlt has no cookies", {
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
  means("is user and password in UTF-8; the user may be no secret", {
    client: { auth: { type: "http_basic", username: "änn", password: secret("password") } },
    resources: [posts],
    secrets,
    api: [
      ["GET /posts", { headers: { authorization: `Basic ${Buffer.from("änn:pässword:1").toString("base64")}` } }, one],
    ],
    rows,
  });
});

describe("an endpoint's own auth", () => {
  means("comes before the client's, null is none at all, and the defaults may have one as well", {
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

  means("in the defaults, with a resource that resets it to none", {
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
  const uncut = "every invocation asks for a token of its own";

  means("asks for a token by a form, once for all pages", {
    client: { auth },
    resources: [paged],
    secrets,
    uncut,
    api: [
      ["POST /token", { form }, token("token-one-0123", 3600)],
      ["GET /posts?page=0", bearer("token-one-0123"), one],
      ["GET /posts?page=1", bearer("token-one-0123"), []],
    ],
    rows,
  });

  means("sends more fields of the form, secret ones too; they may replace grant_type", {
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

  means("renews the token before it expires: after 90 of its 100 seconds", {
    client: { auth },
    resources: [paged],
    secrets,
    settings: { max_inline_wait: 1000 },
    uncut,
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

  means("takes default_token_expiration where the answer says nothing", {
    client: { auth: { ...auth, default_token_expiration: 10 } },
    resources: [paged],
    secrets,
    settings: { max_inline_wait: 1000 },
    uncut,
    api: [
      ["POST /token", { form }, token("token-one-0123")],
      ["GET /posts?page=0", bearer("token-one-0123"), reply(503, {}, { "retry-after": "10" })],
      ["POST /token", { form }, token("token-two-0123")],
      ["GET /posts?page=0", bearer("token-two-0123"), []],
    ],
    rows: { posts: [] },
  });

  means("asks for another token once after a 401, and goes on with that", {
    client: { auth },
    resources: [paged],
    secrets,
    uncut,
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

  means("gives up by name when the second token is refused as well", {
    client: { auth },
    resources: [posts],
    secrets,
    uncut,
    api: [
      ["POST /token", { form }, token("token-one-0123")],
      ["GET /posts", bearer("token-one-0123"), reply(401)],
      ["POST /token", { form }, token("token-two-0123")],
      ["GET /posts", bearer("token-two-0123"), reply(401)],
    ],
    fails: { posts: /^AuthError: shop\.posts, page 1: the API returned 401/ },
  });

  means("asks the token's server again when that fails", {
    client: { auth },
    resources: [posts],
    secrets,
    uncut,
    api: [
      ["POST /token", { form }, reply(500)],
      ["POST /token", { form }, token("token-one-0123")],
      ["GET /posts", bearer("token-one-0123"), one],
    ],
    rows,
    waits: [1],
  });

  means("shares one token among requests that go side by side", {
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
    uncut,
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

describe("an auth of one's own", () => {
  means("is a function that gets each request, pages and all, and may change URL and headers", {
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

  means("may be registered by name, with options", {
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

  means("is told when the API refused it, and may make its credentials anew", {
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
