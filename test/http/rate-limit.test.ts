import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type HttpOptions, Throttled } from "../../lib/http/client.ts";
import { createRateLimiter, type RateUsage } from "../../lib/http/rate-limit.ts";
import type { Secrets } from "../../lib/ports/secrets.ts";
import { sampleSize } from "../size.ts";
import { rejection, request, START, startClient } from "./client.fixture.ts";
import { eventually, json, type Responder, startServer } from "./server.ts";

const ok: Responder = (_, response) => json(response, []);

/** Returns the maximum number of requests within any window. */
const maxWithin = (sent: number[], window: number): number =>
  Math.max(0, ...sent.map((start) => sent.filter((at) => at >= start && at < start + window).length));

describe("the rate limiter", () => {
  const limits = fc.record({ requests: fc.integer({ min: 1, max: 8 }), per: fc.constantFrom(0.5, 1, 10, 60) });

  test("never admits more than `requests` within any `per` seconds, over random arrivals and invocations", () => {
    // Milliseconds until the next arrival; null: another invocation takes over.
    const arrivals = fc.array(fc.option(fc.integer({ min: 0, max: 20_000 }), { freq: 5 }), { maxLength: 120 });
    fc.assert(
      fc.property(limits, arrivals, (limit, gaps) => {
        let now = START;
        const clock = { now: () => now };
        const sent: number[] = [];
        let limiter = createRateLimiter(limit, clock);
        for (const gap of gaps) {
          if (gap === null) limiter = createRateLimiter(limit, clock, JSON.parse(JSON.stringify(limiter.usage())));
          now += gap ?? 0;
          if (limiter.take()) sent.push(now);
        }
        expect(maxWithin(sent, limit.per * 1000)).toBeLessThanOrEqual(limit.requests);
      }),
    );
  });

  test("delays no request longer than necessary within one invocation", () => {
    const arrivals = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(limits, arrivals, (limit, gaps) => {
        let now = START;
        const limiter = createRateLimiter(limit, { now: () => now });
        const sent: number[] = [];
        for (const gap of gaps) {
          now += gap;
          const wait = limiter.delay();
          const inWindow = sent.filter((at) => at > now - limit.per * 1000);
          expect(wait > 0).toBe(inWindow.length >= limit.requests);
          now += wait;
          expect(limiter.take()).toBe(true);
          sent.push(now);
        }
      }),
    );
  });

  test("keeps capacity for reserved requests", () => {
    const limiter = createRateLimiter({ requests: 2, per: 10 }, { now: () => START });
    expect([limiter.delay(1), limiter.delay(2)]).toEqual([0, Number.POSITIVE_INFINITY]);
    expect(limiter.take(2)).toBe(false);
    expect(limiter.take(1)).toBe(true);
    expect(limiter.take(1)).toBe(false);
    expect(limiter.delay(1)).toBe(10_000);
    expect(limiter.take()).toBe(true);
    expect(limiter.usage()).toEqual({ at: START, requests: 2 });
  });

  test("without a limit counts nothing and never waits", () => {
    const limiter = createRateLimiter(null, { now: () => START }, { at: START, requests: 1000 });
    expect([limiter.delay(), limiter.take(), limiter.usage()]).toEqual([0, true, null]);
  });

  test("ignores usage in the future, from a wrong clock: no delay exceeds `per`", () => {
    const limit = { requests: 1, per: 10 };
    const limiter = createRateLimiter(limit, { now: () => START }, { at: START + 1e9, requests: 1 });
    expect(limiter.delay()).toBe(10_000);
  });

  test("waits a full window when the limit was lowered below the recent usage", () => {
    const limiter = createRateLimiter(
      { requests: 2, per: 10 },
      { now: () => START + 4000 },
      { at: START, requests: 50 },
    );
    expect(limiter.delay()).toBe(6000);
  });
});

describe("requests over the limit", () => {
  test("wait inline up to max_inline_wait", async () => {
    await using api = await startClient(ok, { rate_limit: { requests: 2, per: 10 } });
    for (let n = 0; n < 5; n++) {
      await api.get();
      api.advance(1);
    }
    expect(api.sentAt).toEqual([0, 1000, 10_000, 11_000, 20_000]);
    expect(api.sleeps).toEqual([8, 8]);
    expect(api.client.stats).toMatchObject({ requests: 5, retries: 0, waited_seconds: 16 });
  });

  test("get their credentials after the wait, so that a signature with a time is current", async () => {
    const sleepsAtCall: number[] = [];
    await using api = await startClient(ok, {
      rate_limit: { requests: 1, per: 10 },
      auth: (given) => {
        sleepsAtCall.push(api.sleeps.length);
        return given;
      },
    });
    await api.get();
    await api.get();
    expect(sleepsAtCall).toEqual([0, 1]);
  });

  test("leave a wait over max_inline_wait to the state machine, without using a retry", async () => {
    await using api = await startClient(ok, { rate_limit: { requests: 1, per: 11 } });
    await api.get();
    for (const attempts of [0, 2, 3]) {
      const thrown = await rejection(api.get("/", attempts));
      expect(thrown).toBeInstanceOf(Throttled);
      expect(thrown).toMatchObject({ retry_after_seconds: 11, attempts });
    }
    expect(api.sleeps).toEqual([]);
    expect(api.seen).toHaveLength(1);
  });

  test("leave a wait that does not fit into the time budget to the state machine", async () => {
    await using api = await startClient(ok, { rate_limit: { requests: 1, per: 8 }, time: 8000 });
    await api.get();
    expect(await rejection(api.get())).toMatchObject({ reason: "throttled", retry_after_seconds: 8, attempts: 0 });
  });

  test("fail with a ThrottledError that names rate_limit when the wait exceeds max_wait", async () => {
    await using api = await startClient(ok, { rate_limit: { requests: 1, per: 3601 } });
    await api.get();
    expect(await rejection(api.get())).toMatchObject({
      name: "ThrottledError",
      message:
        "rate_limit requires a wait of 3601 s, more than max_wait (3600 s): raise max_wait, or let a later run resume",
    });
  });

  test("are all sent within the limit when five are concurrent", async () => {
    await using api = await startClient(ok, { rate_limit: { requests: 2, per: 5 } });
    await Promise.all([1, 2, 3, 4, 5].map((n) => api.get(`/${n}`)));
    expect(api.seen).toHaveLength(5);
    expect(maxWithin(api.sentAt, 5000)).toBeLessThanOrEqual(2);
  });

  test("count the requests of the invocation before", async () => {
    const usage: RateUsage = { at: START - 3000, requests: 2 };
    await using api = await startClient(ok, { rate_limit: { requests: 3, per: 10 }, usage });
    await api.get();
    await api.get();
    expect(api.sentAt).toEqual([0, 7000]);
  });
});

/** Starts a token server; returns it with an auth that uses it. */
const startTokens = async () => {
  const tokens = await startServer((_, response, number) => json(response, { access_token: `token-${number}` }));
  const auth: HttpOptions["auth"] = {
    type: "oauth2_client_credentials",
    access_token_url: tokens.url,
    client_id: "me",
    client_secret: { secret: "client_secret" },
    default_token_expiration: 3600,
  };
  return { ...tokens, auth };
};

describe("a page that takes several requests under a limit of one", () => {
  const redirected: Responder = ({ url }, response) =>
    url === "/new" ? json(response, ["there"]) : response.writeHead(302, { location: "/new" }).end();

  test("waits inline after its token request, which would otherwise be repeated forever", async () => {
    await using tokens = await startTokens();
    await using api = await startClient(ok, { auth: tokens.auth, rate_limit: { requests: 1, per: 50 } });
    expect(await api.get()).toMatchObject({ status: 200 });
    expect(api.sleeps).toEqual([50]);
    expect([tokens.seen.length, api.seen.length]).toEqual([1, 1]);
  });

  test("requests another token after a 401", async () => {
    await using tokens = await startTokens();
    await using api = await startClient(
      ({ headers }, response) => json(response, [], headers.authorization === "Bearer token-1" ? 200 : 401),
      { auth: tokens.auth, rate_limit: { requests: 1, per: 50 } },
    );
    expect(await api.get()).toMatchObject({ status: 200 });
    expect(api.sentAt).toEqual([0, 50_000, 100_000, 150_000]);
    expect([tokens.seen.length, api.seen.length]).toEqual([2, 2]);
  });

  test("follows its redirect", async () => {
    await using api = await startClient(redirected, { rate_limit: { requests: 1, per: 50 } });
    expect((await api.get("/old")).body).toEqual(["there"]);
    expect(api.sentAt).toEqual([0, 50_000]);
  });

  test("fails with a ThrottledError when its waits do not fit into the time budget", async () => {
    await using api = await startClient(redirected, { rate_limit: { requests: 1, per: 50 }, time: 40_000 });
    let attempts = 0;
    for (const expected of [1, 2, 3]) {
      const thrown = (await rejection(
        api.invoke().client.send(request(new URL("/old", api.url)), attempts),
      )) as Throttled;
      expect(thrown).toMatchObject({ reason: "throttled", retry_after_seconds: 50, attempts: expected });
      ({ attempts } = thrown);
    }
    expect(await rejection(api.invoke().client.send(request(new URL("/old", api.url)), attempts))).toMatchObject({
      name: "ThrottledError",
      message: expect.stringMatching(/^rate_limit does not allow all requests of one page/),
    });
  });
});

test("no window contains more requests than the limit, including retries, redirects, tokens and waits of the state machine", async () => {
  // How the API responds to a request.
  const fates = fc.constantFrom("ok", "ok", "ok", "503", "redirect", "401", "reset", "retry-after");
  const limits = fc.record({ requests: fc.integer({ min: 1, max: 5 }), per: fc.constantFrom(1, 5, 30) });
  await using tokens = await startTokens();
  await fc.assert(
    fc.asyncProperty(
      limits,
      fc.array(fates, { maxLength: 25 }),
      fc.integer({ min: 1, max: 10 }),
      async (rate_limit, list, pages) => {
        await using api = await startClient(
          (_request, response, number) => {
            const fate = list[number] ?? "ok";
            if (fate === "redirect") return response.writeHead(307, { location: `/${number}` }).end();
            if (fate === "reset") return response.socket?.resetAndDestroy();
            if (fate === "retry-after") return json(response, {}, 429, { "retry-after": "20" });
            return json(response, [], fate === "ok" ? 200 : Number(fate));
          },
          { auth: tokens.auth, rate_limit, error_handler: { max_retries: 30 } },
        );
        let { client, limiter } = api;
        for (let page = 0, attempts = 0; page < pages; ) {
          try {
            await client.send(request(new URL(`/page-${page}`, api.url)), attempts);
            page++;
            attempts = 0;
          } catch (thrown) {
            if (thrown instanceof Throttled) {
              api.advance(thrown.retry_after_seconds);
              ({ attempts } = thrown);
            } else page++;
            ({ client, limiter } = api.invoke(limiter.usage()));
          }
        }
        expect(maxWithin(api.sentAt, rate_limit.per * 1000)).toBeLessThanOrEqual(rate_limit.requests);
      },
    ),
    { numRuns: sampleSize({ quick: 15, full: 40 }) },
  );
});

describe("prefetches", () => {
  test("leave capacity for the request of the current page, even before it is ready", async () => {
    const secret = Promise.withResolvers<string>();
    const secrets: Secrets = {
      get: (field) => (field === "slow" ? secret.promise : Promise.resolve("key")),
      put: async () => {},
    };
    await using api = await startClient(ok, { rate_limit: { requests: 1, per: 5 }, secrets });
    const current = api.send("/current", { headers: { "x-slow": { secret: "slow" } } });
    expect(
      await api.client.prefetch(request(new URL("/prefetched", api.url)), new AbortController().signal),
    ).toBeNull();
    expect(api.seen).toEqual([]);
    secret.resolve("key");
    await current;
    expect(api.seen.map(({ url }) => url)).toEqual(["/current"]);
    expect(api.sleeps).toEqual([]);
  });

  test("use the remaining capacity as soon as the request of the current page is sent", async () => {
    const held = Promise.withResolvers<void>();
    await using api = await startClient(
      async ({ url }, response) => {
        if (url === "/current") await held.promise;
        json(response, []);
      },
      { rate_limit: { requests: 2, per: 5 } },
    );
    const prefetch = () => api.client.prefetch(request(new URL("/prefetched", api.url)), new AbortController().signal);
    const current = api.get("/current");
    await eventually(() => api.seen.length).toBe(1);
    expect(await prefetch()).toMatchObject({ status: 200 });
    held.resolve();
    await current;
    expect(api.sleeps).toEqual([]);
  });

  test("use all capacity when no request of the current page is pending, such as after a failed one", async () => {
    await using api = await startClient(ok, { rate_limit: { requests: 1, per: 5 }, secret: ['{"api_key": "key-1"}'] });
    await rejection(api.send("/", { headers: { x: { secret: "absent" } } }));
    const prefetched = api.client.prefetch(request(new URL("/prefetched", api.url)), new AbortController().signal);
    expect(await prefetched).toMatchObject({ status: 200 });
  });

  test("count toward the limit, and never wait for capacity", async () => {
    await using api = await startClient(ok, { rate_limit: { requests: 2, per: 5 } });
    const prefetch = (path: string) =>
      api.client.prefetch(request(new URL(path, api.url)), new AbortController().signal);
    expect(await prefetch("/1")).toMatchObject({ status: 200 });
    expect(await prefetch("/2")).toMatchObject({ status: 200 });
    expect(await prefetch("/3")).toBeNull();
    expect(api.sleeps).toEqual([]);
    expect(api.seen).toHaveLength(2);
  });
});
