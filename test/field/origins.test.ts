import { lookup } from "node:dns/promises";
import { describe, expect, test } from "vitest";
import { defineSource, secret } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import { createPublicFetch } from "../../lib/http/public-fetch.ts";
import { systemClock } from "../../lib/time/clock.ts";
import { reply, testConfig } from "../configs/case.fixture.ts";
import { startApi } from "../configs/conversation.fixture.ts";
import { createWorld, runSource, sourceOf } from "../configs/run.fixture.ts";

const one = [{ id: 1 }];
const next = { type: "json_link" as const, next_url_path: "next" };

describe("B.5: the other scheme on the same host and port", () => {
  test.each(["next", "location"])("in a %s is an error that says to write https", async (place) => {
    await using api = await startApi(() => {
      const target = `${api.url.replace("http:", "https:")}/posts?page=2`;
      return place === "next" ? { data: one, next: target } : reply(301, {}, { location: target });
    });
    const source = sourceOf(api.url, { resources: [{ name: "posts", endpoint: { paginator: next } }] });
    const { failures } = await runSource(createWorld(), source);
    expect(failures.posts).toContain(
      `the response points to another origin, ${api.url.replace("http:", "https:")} (expected ${api.url}): write https in base_url`,
    );
  });
});

describe("D: an absolute path to another origin", () => {
  const start = async (endpoint: object, resource_defaults: object = {}) => {
    const [api, other] = [await startApi(() => one), await startApi(() => one)];
    const source = sourceOf(api.url, {
      client: {
        auth: { type: "bearer", token: secret("token") },
        headers: { "X-Key": secret("key"), "X-App": "app" },
      },
      resource_defaults,
      resources: ["users", { name: "posts", endpoint: { path: `${other.url}/posts`, ...endpoint } }],
    });
    const { failures } = await runSource(createWorld(), source, { secrets: { token: "t-1", key: "k-1" } });
    expect(failures).toEqual({});
    await api[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    return { here: api.requests, there: other.requests };
  };
  const here = ["GET /users\n  authorization: Bearer t-1\n  x-app: app\n  x-key: k-1"];

  test("gets no auth, secret header or secret parameter of the client and the defaults", async () => {
    const defaults = { endpoint: { params: { k: secret("key"), n: 1 } } };
    expect(await start({}, defaults)).toEqual({
      here: ["GET /users?n=1&k=k-1\n  authorization: Bearer t-1\n  x-app: app\n  x-key: k-1"],
      there: ["GET /posts?n=1\n  x-app: app"],
    });
  });

  test("gets them with send_auth", async () => {
    expect(await start({ send_auth: true })).toEqual({
      here,
      there: ["GET /posts\n  authorization: Bearer t-1\n  x-app: app\n  x-key: k-1"],
    });
  });

  test("gets those that it has itself", async () => {
    const own = { auth: { token: secret("key") }, headers: { "X-Own": secret("token") }, params: { k: secret("key") } };
    expect(await start(own)).toEqual({
      here,
      there: ["GET /posts?k=k-1\n  authorization: Bearer k-1\n  x-app: app\n  x-own: t-1"],
    });
  });

  test("is one if it equals the config's base_url, and the stage has another", () => {
    const source = defineSource({
      name: "shop",
      client: { base_url: "https://api.acme.dev", auth: { token: secret("token") } },
      resources: [{ name: "posts", endpoint: { path: "https://api.acme.dev/posts" } }],
    });
    expect(resolveSource(source).resources[0]).toMatchObject({ other_origin: null, auth: { type: "bearer" } });
    expect(resolveSource(source, { base_url: "https://test.acme.dev" }).resources[0]).toMatchObject({
      other_origin: { origin: "https://api.acme.dev", sends_auth: false },
      auth: null,
    });
  });
});

describe("E.7: cookies", () => {
  testConfig("that a response sets are sent with the next requests of its invocation", {
    client: { headers: { cookie: "own=1" } },
    resources: [{ name: "posts", endpoint: { paginator: next, data_selector: "data" } }],
    api: [
      [
        "GET /posts",
        { headers: { cookie: "own=1" } },
        reply(200, { data: one, next: "/posts?page=2" }, { "set-cookie": "sid=abc; Path=/; HttpOnly" }),
      ],
      ["GET /posts?page=2", { headers: { cookie: "own=1; sid=abc" } }, { data: [{ id: 2 }], next: null }],
    ],
    rows: { posts: [{ id: 1 }, { id: 2 }] },
    onlyUninterrupted: "a cookie is a session, which no position stores",
  });

  test("are not stored: a new invocation gets its own, and logs in again", async () => {
    await using api = await startApi(({ url }) => {
      if (url.pathname === "/login") return reply(200, {}, { "set-cookie": "sid=session-0123456789; HttpOnly" });
      return url.search === "" ? { data: one, next: "/posts?page=2" } : { data: [{ id: 2 }], next: null };
    });
    const source = sourceOf(api.url, {
      client: { auth: { type: "session_token", login_url: "/login", token_cookie: "sid" } },
      resources: [{ name: "posts", endpoint: { paginator: next, data_selector: "data" } }],
    });
    const world = createWorld();
    const { rows } = await runSource(world, source, { pages: () => 1 });
    expect(rows.posts).toHaveLength(2);
    expect(api.requests.filter((text) => text.startsWith("POST /login"))).toHaveLength(2);
    for (const { body, metadata } of world.objects.values()) {
      expect(`${Buffer.from(body)}${JSON.stringify(metadata)}`).not.toContain("session-0123456789");
    }
  });
});

describe("D: a nonpublic address in a Lambda", () => {
  test("is an error that names the setting, without a retry", async () => {
    await using api = await startApi(() => one);
    const source = sourceOf(api.url, { resources: [{ name: "posts", endpoint: { paginator: "single_page" } }] });
    const guarded = (allow_private_addresses: boolean) =>
      createPublicFetch(
        fetch,
        (host) => lookup(host, { all: true }),
        {
          allow_private_addresses,
          allow_link_local: false,
          addresses: new Set(),
        },
        systemClock,
      );
    const refused = await runSource(createWorld(), source, { fetch: guarded(false) });
    expect(refused.failures.posts).toMatch(
      /^ConfigError: .*the address of 127.0.0.1 is private: refused. Set allow_private/,
    );
    expect({ requests: api.requests, waits: refused.waits }).toEqual({ requests: [], waits: [] });
    expect((await runSource(createWorld(), source, { fetch: guarded(true) })).failures).toEqual({});
  });
});
