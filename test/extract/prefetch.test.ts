import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPrefetch } from "../../lib/extract/prefetch.ts";
import type { HttpClient, HttpResponse } from "../../lib/http/client.ts";
import { request, silence, startClient } from "../http/client.fixture.ts";
import { eventually, json, type Responder, startServer } from "../http/server.ts";

type Setup = NonNullable<Parameters<typeof startClient>[1]>;

/** Never responds, and lets no time pass. */
const hang: Responder = () => {};
/** Responds with the path of the request. */
const ok: Responder = ({ url }, response) => json(response, url);

/** Starts an API, and a prefetch of its paths. */
const startPrefetch = async (respond: Responder, max: number, setup: Setup = {}) => {
  const api = await startClient(respond, setup);
  const prefetch = createPrefetch(api.client, max);
  return {
    ...api,
    prefetch,
    send: (path: string) => prefetch.send(path, () => request(new URL(path, api.url))),
    /** Sends requests up to the limit, and returns their number. */
    fill(prefix: string): number {
      let sent = 0;
      for (; prefetch.hasRoom() && sent < 1000; sent++) {
        const path = `/${prefix}-${sent}`;
        prefetch.send(path, () => request(new URL(path, api.url)));
      }
      return sent;
    },
  };
};

describe("prefetched requests", () => {
  test("return each response once, by its key", async () => {
    await using api = await startPrefetch(ok, 3);
    api.send("/a");
    expect(await api.prefetch.take("/a")).toMatchObject({ body: "/a", status: 200 });
    expect(api.prefetch.take("/a")).toBeNull();
    expect(api.prefetch.take("/never-sent")).toBeNull();
    expect(api.seen).toHaveLength(1);
  });

  test("are sent once per key", async () => {
    await using api = await startPrefetch(ok, 3);
    api.send("/a");
    await api.prefetch.take("/a");
    for (const path of ["/b", "/b", "/c", "/b"]) api.send(path);
    await Promise.all([api.prefetch.take("/b"), api.prefetch.take("/c")]);
    expect(api.seen.map(({ url }) => url)).toEqual(["/a", "/b", "/c"]);
  });

  test("begin with one, and grow by one with each success, up to the maximum", async () => {
    await using api = await startPrefetch(ok, 4);
    const sizes: number[] = [];
    for (let round = 0; round < 4; round++) {
      const size = api.fill(`${round}`);
      sizes.push(size);
      for (let n = 0; n < size; n++) await api.prefetch.take(`/${round}-${n}`);
    }
    expect(sizes).toEqual([1, 2, 4, 4]);
  });

  test("are halved by each failure, down to one", async () => {
    let isBusy = false;
    await using api = await startPrefetch((_, response) => json(response, [], isBusy ? 503 : 200), 9);
    for (let round = 0; round < 4; round++) {
      for (let n = api.fill(`${round}`) - 1; n >= 0; n--) await api.prefetch.take(`/${round}-${n}`);
    }
    expect(api.fill("full")).toBe(9);
    for (let n = 0; n < 9; n++) await api.prefetch.take(`/full-${n}`);
    isBusy = true;
    const sizes: number[] = [];
    for (let failure = 0; failure < 5; failure++) {
      api.send(`/failure-${failure}`);
      await api.prefetch.take(`/failure-${failure}`);
      sizes.push(api.fill(`probe-${failure}`));
      isBusy = false;
      // Requests that only measure the limit must not count.
      await api.prefetch.cancel();
      isBusy = true;
    }
    expect(sizes[0]).toBe(4);
    expect(sizes.at(-1)).toBe(1);
  });

  test("never exceed the maximum, in flight and waiting to be taken", async () => {
    const outcomes = fc.array(fc.constantFrom("ok", "ok", "fail", "take"), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), outcomes, async (max, list) => {
        const pending = new Map<number, (response: HttpResponse | null) => void>();
        let sent = 0;
        let [untaken, taken, peak] = [0, 0, 0];
        const keys: string[] = [];
        const prefetch = createPrefetch(
          { prefetch: () => new Promise((resolve) => pending.set(sent++, resolve)) },
          max,
        );
        for (const outcome of list) {
          while (prefetch.hasRoom()) {
            const key = `${sent}`;
            prefetch.send(key, () => request(new URL("http://api")));
            keys.push(key);
            untaken++;
          }
          // Over the limit, send ignores the request.
          prefetch.send("one too many", () => request(new URL("http://api")));
          peak = Math.max(peak, pending.size, untaken);
          const [oldest] = pending.keys();
          if (oldest === undefined) continue;
          pending.get(oldest)?.(outcome === "fail" ? null : ({ body: [], bytes: 2 } as never));
          pending.delete(oldest);
          await prefetch.take(keys.shift() as string);
          untaken--;
          taken++;
        }
        expect(peak).toBeLessThanOrEqual(max);
        expect(sent).toBe(taken + untaken);
      }),
    );
  });

  test("are as many as fit into 16 MiB, each as large as the largest response so far, prefetched or not", async () => {
    let bytes = 0;
    const response = () => ({ body: [], bytes }) as unknown as HttpResponse;
    const prefetch = createPrefetch({ prefetch: () => Promise.resolve(response()) }, 8);
    let sent = 0;
    let taken = 0;
    const fill = () => {
      const before = sent;
      while (prefetch.hasRoom()) prefetch.send(`${sent++}`, () => request(new URL("http://api")));
      return sent - before;
    };
    const drain = async () => {
      while (taken < sent) await prefetch.take(`${taken++}`);
    };
    const MEBIBYTE = 2 ** 20;
    const rounds: [number, number][] = [];
    for (const size of [1, 1, 1, 1, 1, 4, 4, 1, 7, 16, 1, 17, 1]) {
      bytes = size * MEBIBYTE;
      rounds.push([size, fill()]);
      await drain();
    }
    // One more with each success, up to eight. The size of a prefetched response counts once it has arrived.
    expect(rounds.map(([, count]) => count)).toEqual([1, 2, 4, 8, 8, 8, 4, 4, 4, 2, 1, 1, 0]);
    const other = createPrefetch({ prefetch: () => Promise.resolve(response()) }, 8);
    other.observe({ ...response(), bytes: 9 * MEBIBYTE });
    expect(other.hasRoom()).toBe(true);
    other.observe({ ...response(), bytes: 17 * MEBIBYTE });
    expect(other.hasRoom()).toBe(false);
  });

  test("stop counting towards the limit as soon as they are taken", async () => {
    await using api = await startPrefetch(hang, 3);
    api.send("/a");
    expect(api.prefetch.hasRoom()).toBe(false);
    const taking = api.prefetch.take("/a");
    expect(api.prefetch.hasRoom()).toBe(true);
    api.send("/b");
    await eventually(() => api.seen.length).toBe(2);
    await api.prefetch.cancel();
    expect(await taking).toBeNull();
  });

  test("that are no longer wanted are cancelled, free their place, and leave the limit as it is", async () => {
    await using api = await startPrefetch(hang, 1);
    api.send("/a");
    await eventually(() => api.seen.length).toBe(1);
    api.prefetch.retain((key) => key !== "/b");
    expect(api.prefetch.hasRoom()).toBe(false);
    api.prefetch.retain((key) => key !== "/a");
    await eventually(() => api.connections()).toBe(0);
    expect(api.prefetch.take("/a")).toBeNull();
    expect(api.prefetch.hasRoom()).toBe(true);
  });

  test("are not built when the limit is reached", async () => {
    await using api = await startPrefetch(hang, 1);
    api.send("/a");
    api.prefetch.send("/b", () => {
      throw new Error("built");
    });
    await eventually(() => api.seen.length).toBe(1);
    await api.prefetch.cancel();
  });
});

describe("a prefetch", () => {
  test.each([
    ["429", (_, response) => json(response, {}, 429, { "retry-after": "5" })],
    ["503", (_, response) => json(response, {}, 503)],
    ["404", (_, response) => json(response, {}, 404)],
    ["401", (_, response) => json(response, {}, 401)],
    ["HTML", (_, response) => response.end("<h1>")],
    ["truncated JSON", (_, response) => response.end("[1")],
    ["a connection reset", (_, response) => response.socket?.resetAndDestroy()],
    ["a redirect to another origin", (_, response) => response.writeHead(302, { location: "http://a.test" }).end()],
  ] as [string, Responder][])(
    "that receives %s returns nothing, without a wait, a retry or an error",
    async (_, respond) => {
      await using api = await startPrefetch(respond, 2);
      api.send("/a");
      expect(await api.prefetch.take("/a")).toBeNull();
      expect(api.seen).toHaveLength(1);
      expect(api.sleeps).toEqual([]);
      expect(api.client.stats).toMatchObject({ requests: 1, retries: 0, waited_seconds: 0 });
    },
  );

  test("without a response returns nothing after request_timeout", async () => {
    await using api = await startPrefetch(silence, 1);
    api.send("/a");
    expect(await api.prefetch.take("/a")).toBeNull();
    expect(api.seen).toHaveLength(1);
  });

  test("that fails leaves all retries to the request of the page when it is due", async () => {
    await using api = await startPrefetch((_, response, number) => json(response, number, number < 3 ? 503 : 200), 1);
    api.send("/a");
    expect(await api.prefetch.take("/a")).toBeNull();
    expect((await api.get("/a")).body).toBe(3);
    expect(api.sleeps).toHaveLength(2);
  });

  test("with a 401 does not reload the secret, so that many of them reload it only once", async () => {
    const respond: Responder = ({ headers }, response) =>
      json(response, [], headers["x-api-key"] === "new-key" ? 200 : 401);
    await using api = await startClient(respond, { secret: ["old-key", "new-key"] });
    const attempts = Array.from({ length: 8 }, (_, n) =>
      api.client.prefetch(request(new URL(`/${n}`, api.url)), new AbortController().signal),
    );
    expect(await Promise.all(attempts)).toEqual(Array(8).fill(null));
    expect(api.reads).not.toContain(true);
    await api.get();
    expect(api.reads.filter(Boolean)).toHaveLength(1);
  });

  test("is not sent before Retry-After has passed", async () => {
    await using api = await startPrefetch(
      (_, response, number) => (number === 0 ? json(response, {}, 429, { "retry-after": "60" }) : json(response, [])),
      2,
    );
    api.send("/a");
    await api.prefetch.take("/a");
    api.advance(59);
    api.send("/b");
    expect(await api.prefetch.take("/b")).toBeNull();
    expect(api.seen).toHaveLength(1);
    api.advance(2);
    api.send("/c");
    expect(await api.prefetch.take("/c")).toMatchObject({ status: 200 });
  });

  test("uses the token of the page that is due, and requests none itself", async () => {
    await using tokens = await startServer((_, response, number) =>
      json(response, { access_token: `token-${number}` }),
    );
    const auth = {
      type: "oauth2_client_credentials",
      access_token_url: tokens.url,
      client_id: "me",
      client_secret: { secret: "client_secret" },
      default_token_expiration: 3600,
    } as const;
    await using api = await startClient(ok, { auth });
    const attempt = () => api.client.prefetch(request(new URL("/prefetched", api.url)), new AbortController().signal);
    expect(await attempt()).toBeNull();
    expect(tokens.seen).toEqual([]);
    const due = api.get("/due");
    await eventually(() => tokens.seen.length).toBe(1);
    expect(await Promise.all([attempt(), attempt(), due])).toMatchObject([{ status: 200 }, { status: 200 }, {}]);
    expect(tokens.seen).toHaveLength(1);
    api.advance(3600);
    expect(await attempt()).toBeNull();
    expect(tokens.seen).toHaveLength(1);
  });
});

describe("cancelling all prefetched requests", () => {
  test("aborts those in flight, waits until they have ended, and allows new ones", async () => {
    let isHanging = true;
    await using api = await startPrefetch((...all) => (isHanging ? hang : ok)(...all), 3);
    api.send("/a");
    await eventually(() => api.seen.length).toBe(1);
    const waiting = api.prefetch.take("/a");
    await api.prefetch.cancel();
    expect(await waiting).toBeNull();
    await eventually(() => api.connections()).toBe(0);
    isHanging = false;
    api.send("/a");
    expect(await api.prefetch.take("/a")).toMatchObject({ body: "/a" });
  });

  test("waits for slow requests to end, also for those that were taken", async () => {
    const sendSlowly: HttpClient["prefetch"] = (_request, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => setTimeout(() => resolve(null), 10));
      });
    const prefetch = createPrefetch({ prefetch: sendSlowly }, 2);
    const url = new URL("http://api");
    prefetch.send("a", () => request(url));
    const taking = prefetch.take("a")?.then(() => "ended");
    prefetch.send("b", () => request(url));
    await prefetch.cancel();
    expect(await Promise.race([taking, new Promise((resolve) => setImmediate(resolve, "in flight"))])).toBe("ended");
  });

  test("forgets responses that were not taken", async () => {
    await using api = await startPrefetch(ok, 3);
    api.send("/a");
    await eventually(() => api.seen.length).toBe(1);
    await api.prefetch.cancel();
    expect(await api.prefetch.take("/a")).toBeNull();
  });
});
