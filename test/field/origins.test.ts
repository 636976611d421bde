import { describe, expect, test } from "vitest";
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
