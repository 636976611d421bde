import { describe, expect, test } from "vitest";
import { secret } from "../../lib/config/index.ts";
import { HERE, reply, testConfig } from "../configs/case.fixture.ts";
import { startApi } from "../configs/conversation.fixture.ts";
import { createWorld, runSource, sourceOf } from "../configs/run.fixture.ts";

const one = [{ id: 1 }];
const rows = { posts: one };
/** A resource with a single page. */
const posts = { name: "posts", endpoint: { paginator: "single_page" as const } };
const secrets = {
  key: "key-0123456789",
  user: "ann-0123456789",
  password: "pässword:1",
  refresh: "refresh-0123456789",
};
const basic = (credentials: string) => ({ authorization: `Basic ${Buffer.from(credentials).toString("base64")}` });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe("B.6: http_basic", () => {
  testConfig("sends an empty password after a key as the user name", {
    client: { auth: { type: "http_basic", username: secret("key"), password: "" } },
    resources: [posts],
    secrets,
    api: [["GET /posts", { headers: basic("key-0123456789:") }, one]],
    rows,
  });

  testConfig("sends a plain password after a key as the user name, which is masked in rows", {
    client: { auth: { type: "http_basic", username: secret("user"), password: "x" } },
    resources: [posts],
    secrets,
    api: [["GET /posts", { headers: basic("ann-0123456789:x") }, [{ id: "ann-0123456789" }]]],
    rows: { posts: [{ id: "***" }] },
  });

  testConfig("sends an empty password after a plain user name", {
    client: { auth: { type: "http_basic", username: "me", password: "" } },
    resources: [posts],
    api: [["GET /posts", { headers: basic("me:") }, one]],
    rows,
  });
});

describe("E.5: api_key", () => {
  testConfig("in the location param is a query parameter, as in dlt", {
    client: { auth: { type: "api_key", name: "k", api_key: secret("key"), location: "param" } },
    resources: [posts],
    secrets,
    api: [["GET /posts?k=key-0123456789", one]],
    rows,
  });

  testConfig("has a prefix", {
    client: {
      auth: { type: "api_key", api_key: { secret: "key", prefix: "Token " } },
      headers: { "X-Auth": secret("key", { prefix: "key=" }) },
    },
    resources: [posts],
    secrets,
    api: [["GET /posts", { headers: { authorization: "Token key-0123456789", "x-auth": "key=key-0123456789" } }, one]],
    rows,
  });
});

describe("B.6: oauth2_client_credentials", () => {
  const auth = {
    type: "oauth2_client_credentials" as const,
    access_token_url: `${HERE}/token`,
    client_id: "the client",
    client_secret: secret("key"),
  };

  testConfig("sends the client's credentials in the header, and nothing of them in the form", {
    client: {
      auth: { ...auth, token_endpoint_auth_method: "client_secret_basic", access_token_request_data: { scope: "r" } },
    },
    resources: [posts],
    secrets,
    api: [
      [
        "POST /token",
        { headers: basic("the+client:key-0123456789"), form: "grant_type=client_credentials&scope=r" },
        { access_token: "t-1", expires_in: 60 },
      ],
      ["GET /posts", { headers: bearer("t-1") }, one],
    ],
    rows,
  });

  testConfig("sends JSON", {
    client: { auth: { ...auth, token_request_format: "json", access_token_request_data: { n: 1, all: true } } },
    resources: [posts],
    secrets,
    api: [
      [
        "POST /token",
        {
          json: {
            grant_type: "client_credentials",
            client_id: "the client",
            client_secret: "key-0123456789",
            n: 1,
            all: true,
          },
        },
        { access_token: "t-1" },
      ],
      ["GET /posts", { headers: bearer("t-1") }, one],
    ],
    rows,
  });

  testConfig("requests a token although the config has one, as dlt does", {
    client: { auth: { ...auth, access_token: secret("old") } },
    resources: [posts],
    secrets: { ...secrets, old: "old-token-0123" },
    api: [
      [
        "POST /token",
        { form: "grant_type=client_credentials&client_id=the+client&client_secret=key-0123456789" },
        { access_token: "t-1" },
      ],
      ["GET /posts", { headers: bearer("t-1") }, one],
    ],
    rows,
  });
});

describe("B.6: oauth2_refresh_token", () => {
  const client = {
    auth: {
      type: "oauth2_refresh_token" as const,
      access_token_url: `${HERE}/token`,
      client_id: "c",
      refresh_token: secret("refresh"),
    },
  };
  const form = (token: string) => ({ form: `grant_type=refresh_token&refresh_token=${token}&client_id=c` });
  const token = (refresh_token?: string) => ({ access_token: "t", refresh_token });

  testConfig("requests a token with a refresh token that stays", {
    client,
    resources: [posts],
    secrets,
    api: [
      ["POST /token", form("refresh-0123456789"), token()],
      ["GET /posts", { headers: bearer("t") }, one],
    ],
    rows,
  });

  /** Runs a source twice whose token server accepts only the last refresh token that it issued. */
  const startRotating = async (loseFirst = false) => {
    let [issued, current] = [0, "refresh-0123456789"];
    const api = await startApi(({ url, body }) => {
      if (url.pathname !== "/token") return one;
      const sent = new URLSearchParams(body).get("refresh_token");
      if (loseFirst && issued === 0) {
        // Another Lambda uses the token first, and stores the new one.
        issued++;
        current = "refresh-of-the-other";
        stored.refresh = current;
        return reply(400, { error: "invalid_grant" });
      }
      if (sent !== current) return reply(400, { error: "invalid_grant" });
      current = `refresh-${++issued}-0123456789`;
      return { access_token: "t", refresh_token: current };
    });
    const stored = { refresh: current, other: "stays" };
    const config = { ...client.auth, access_token_url: `${api.url}/token` };
    const source = sourceOf(api.url, { client: { auth: config }, resources: [posts] });
    const world = createWorld();
    const run = async () => (await runSource(world, source, { secrets: stored })).failures;
    return { api, stored, run, current: () => current };
  };

  test("stores a refresh token that rotates, so that the next run has it", async () => {
    const { api, stored, run, current } = await startRotating();
    await using _ = api;
    expect(await run()).toEqual({});
    expect(await run()).toEqual({});
    expect(stored).toEqual({ refresh: "refresh-2-0123456789", other: "stays" });
    expect(stored.refresh).toBe(current());
  });

  test("reads the secret again when another Lambda has used the refresh token first", async () => {
    const { api, stored, run, current } = await startRotating(true);
    await using _ = api;
    expect(await run()).toEqual({});
    expect(stored.refresh).toBe(current());
  });

  testConfig("that is refused is an AuthError that says what to do", {
    client,
    resources: [posts],
    secrets,
    api: [
      ["POST /token", form("refresh-0123456789"), reply(400, { error: "invalid_grant" })],
      ["POST /token", form("refresh-0123456789"), reply(400, { error: "invalid_grant" })],
    ],
    fails: {
      posts:
        /^AuthError: .*the token server returned 400 \({"error":"invalid_grant"}\) again .*: put a valid refresh token into/,
    },
  });
});

describe("B.8: an auth function", () => {
  testConfig("that throws because its login is refused is an AuthError", {
    client: {
      async auth() {
        throw new Error("login refused");
      },
    },
    resources: [posts],
    api: [],
    fails: { posts: /^AuthError: .*the auth function threw Error: login refused/ },
  });
});

describe("B.6: session_token", () => {
  const login = { type: "session_token" as const, login_url: "/login" };
  const json = { user: secret("user") as never, password: secret("password") as never };
  const sent = { json: { user: "ann-0123456789", password: "pässword:1" } };

  testConfig("logs in with JSON, and sends the token of the response", {
    client: { base_url: "/v1", auth: { ...login, json, token_path: "data.token" } },
    resources: [posts],
    secrets,
    api: [
      ["POST /v1/login", sent, { data: { token: "s-1" } }],
      ["GET /v1/posts", { headers: bearer("s-1") }, one],
    ],
    rows,
  });

  testConfig("logs in again after a 401, once", {
    client: { auth: { ...login, json, name: "X-Session" } },
    resources: [posts],
    secrets,
    api: [
      ["POST /login", sent, { token: 17 }],
      ["GET /posts", { headers: { "x-session": "17" } }, reply(401)],
      ["POST /login", sent, { token: 18 }],
      ["GET /posts", { headers: { "x-session": "18" } }, one],
    ],
    rows,
  });

  testConfig("logs in with a form, and takes the token from a header", {
    client: {
      auth: {
        ...login,
        login_url: `${HERE}/auth`,
        data: { user: secret("user") },
        headers: { "X-App": "a" },
        token_header: "X-Token",
        name: "sid",
        location: "query",
      },
    },
    resources: [posts],
    secrets,
    api: [
      [
        "POST /auth",
        { headers: { "x-app": "a" }, form: "user=ann-0123456789" },
        reply(201, "welcome", { "x-token": "s-1", "content-type": "text/html" }),
      ],
      ["GET /posts?sid=s-1", one],
    ],
    rows,
  });

  testConfig("takes the token from a cookie, and sends it as that cookie", {
    client: { auth: { ...login, json, token_cookie: "sid" } },
    resources: [posts],
    secrets,
    api: [
      ["POST /login", sent, reply(200, {}, { "set-cookie": "sid=s-1; Path=/; HttpOnly" })],
      ["GET /posts", { headers: { cookie: "sid=s-1" } }, one],
    ],
    rows,
  });

  testConfig("fails with an error that names the login", {
    client: { auth: { ...login, json } },
    resources: [posts],
    secrets,
    api: [["POST /login", sent, { ok: false }]],
    fails: { posts: /^ResponseError: .*the login returned no token \(token\): check login_url and the token's place/ },
  });

  testConfig("masks the token in rows", {
    client: { auth: { ...login, json } },
    resources: [posts],
    secrets,
    api: [
      ["POST /login", sent, { token: "session-0123456789" }],
      ["GET /posts", { headers: bearer("session-0123456789") }, [{ id: "session-0123456789" }]],
    ],
    rows: { posts: [{ id: "***" }] },
  });
});
