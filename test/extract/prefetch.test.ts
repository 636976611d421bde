import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineSource, secret } from "../../lib/config/index.ts";
import { type ResolvedSource, resolveSource } from "../../lib/config/resolve.ts";
import type { SourceConfig, SourceSettings } from "../../lib/config/schema/index.ts";
import { createPrefetch } from "../../lib/extract/prefetch.ts";
import type { HttpClient, HttpResponse } from "../../lib/http/client.ts";
import { work } from "../../lib/run/work.ts";
import { request, silence, startClient } from "../http/client.fixture.ts";
import { eventually, json, type Responder, startServer } from "../http/server.ts";
import { type Lake, startLake } from "../lake/lake.fixture.ts";
import { sampleSize } from "../size.ts";

type Setup = NonNullable<Parameters<typeof startClient>[1]>;

const noAnswerYet: Responder = () => {};
const ok: Responder = ({ url }, response) => json(response, url);

/** A client, and requests ahead of their turn by path. */
const start = async (answer: Responder, most: number, setup: Setup = {}) => {
  const api = await startClient(answer, setup);
  const ahead = createPrefetch(api.client, most);
  return {
    ...api,
    ahead,
    ask: (path: string) => ahead.send(path, () => request(new URL(path, api.url))),
    /** Asks for paths as long as there is room; says for how many. */
    fill(from: string): number {
      let asked = 0;
      for (; ahead.hasRoom() && asked < 1000; asked++)
        ahead.send(`/${from}-${asked}`, () => request(new URL(`/${from}-${asked}`, api.url)));
      return asked;
    },
  };
};

describe("requests ahead of their turn", () => {
  test("are answered once, to whoever asks for the key", async () => {
    await using api = await start(ok, 3);
    api.ask("/a");
    expect(await api.ahead.take("/a")).toMatchObject({ body: "/a", status: 200 });
    expect(api.ahead.take("/a")).toBeNull();
    expect(api.ahead.take("/never-asked")).toBeNull();
    expect(api.seen).toHaveLength(1);
  });

  test("of one key are one request", async () => {
    await using api = await start(ok, 3);
    api.ask("/a");
    await api.ahead.take("/a");
    for (const path of ["/b", "/b", "/c", "/b"]) api.ask(path);
    await Promise.all([api.ahead.take("/b"), api.ahead.take("/c")]);
    expect(api.seen.map(({ url }) => url)).toEqual(["/a", "/b", "/c"]);
  });

  test("begin with one, and are one more with each that succeeds, up to the bound", async () => {
    await using api = await start(ok, 4);
    const sizes: number[] = [];
    for (let round = 0; round < 4; round++) {
      const size = api.fill(`${round}`);
      sizes.push(size);
      for (let n = 0; n < size; n++) await api.ahead.take(`/${round}-${n}`);
    }
    expect(sizes).toEqual([1, 2, 4, 4]);
  });

  test("are halved by each that fails, down to one", async () => {
    let isBusy = false;
    await using api = await start((_, response) => json(response, [], isBusy ? 503 : 200), 9);
    for (let round = 0; round < 4; round++) {
      for (let n = api.fill(`${round}`) - 1; n >= 0; n--) await api.ahead.take(`/${round}-${n}`);
    }
    expect(api.fill("full")).toBe(9);
    for (let n = 0; n < 9; n++) await api.ahead.take(`/full-${n}`);
    isBusy = true;
    const sizes: number[] = [];
    for (let failure = 0; failure < 5; failure++) {
      api.ask(`/failure-${failure}`);
      await api.ahead.take(`/failure-${failure}`);
      sizes.push(api.fill(`probe-${failure}`));
      isBusy = false;
      // What was asked to see how many there may be must not count.
      await api.ahead.cancel();
      isBusy = true;
    }
    expect(sizes[0]).toBe(4);
    expect(sizes.at(-1)).toBe(1);
  });

  test("never are more than the bound, neither on their way nor waiting to be taken", async () => {
    const fates = fc.array(fc.constantFrom("ok", "ok", "fail", "take"), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fates, async (most, list) => {
        const held = new Map<number, (response: HttpResponse | null) => void>();
        let asked = 0;
        let [untaken, taken, peak] = [0, 0, 0];
        const keys: string[] = [];
        const ahead = createPrefetch({ prefetch: () => new Promise((resolve) => held.set(asked++, resolve)) }, most);
        for (const fate of list) {
          while (ahead.hasRoom()) {
            const key = `${asked}`;
            ahead.send(key, () => request(new URL("http://api")));
            keys.push(key);
            untaken++;
          }
          // Whoever does not look whether there is room is not served either.
          ahead.send("too much", () => request(new URL("http://api")));
          peak = Math.max(peak, held.size, untaken);
          const [oldest] = held.keys();
          if (oldest === undefined) continue;
          held.get(oldest)?.(fate === "fail" ? null : ({ body: [], bytes: 2 } as never));
          held.delete(oldest);
          await ahead.take(keys.shift() as string);
          untaken--;
          taken++;
        }
        expect(peak).toBeLessThanOrEqual(most);
        expect(asked).toBe(taken + untaken);
      }),
    );
  });

  test("are as many as 16 MiB hold, each as large as the largest so far, asked ahead or not", async () => {
    let bytes = 0;
    const answer = () => ({ body: [], bytes }) as unknown as HttpResponse;
    const ahead = createPrefetch({ prefetch: () => Promise.resolve(answer()) }, 8);
    let asked = 0;
    let taken = 0;
    const fill = () => {
      const before = asked;
      while (ahead.hasRoom()) ahead.send(`${asked++}`, () => request(new URL("http://api")));
      return asked - before;
    };
    const drain = async () => {
      while (taken < asked) await ahead.take(`${taken++}`);
    };
    const MEBIBYTE = 2 ** 20;
    const rounds: [number, number][] = [];
    for (const size of [1, 1, 1, 1, 1, 4, 4, 1, 7, 16, 1, 17, 1]) {
      bytes = size * MEBIBYTE;
      rounds.push([size, fill()]);
      await drain();
    }
    // One more with each success up to eight; a large one that was asked for ahead shows once it is there.
    expect(rounds.map(([, count]) => count)).toEqual([1, 2, 4, 8, 8, 8, 4, 4, 4, 2, 1, 1, 0]);
    const other = createPrefetch({ prefetch: () => Promise.resolve(answer()) }, 8);
    other.observe({ ...answer(), bytes: 9 * MEBIBYTE });
    expect(other.hasRoom()).toBe(true);
    other.observe({ ...answer(), bytes: 17 * MEBIBYTE });
    expect(other.hasRoom()).toBe(false);
  });

  test("leave their room to another one as soon as somebody waits for them", async () => {
    await using api = await start(noAnswerYet, 3);
    api.ask("/a");
    expect(api.ahead.hasRoom()).toBe(false);
    const taking = api.ahead.take("/a");
    expect(api.ahead.hasRoom()).toBe(true);
    api.ask("/b");
    await eventually(() => api.seen.length).toBe(2);
    await api.ahead.cancel();
    expect(await taking).toBeNull();
  });

  test("that nobody will take are stopped, say nothing about the API, and leave their room", async () => {
    await using api = await start(noAnswerYet, 1);
    api.ask("/a");
    await eventually(() => api.seen.length).toBe(1);
    api.ahead.retain((key) => key !== "/b");
    expect(api.ahead.hasRoom()).toBe(false);
    api.ahead.retain((key) => key !== "/a");
    await eventually(() => api.connections()).toBe(0);
    expect(api.ahead.take("/a")).toBeNull();
    expect(api.ahead.hasRoom()).toBe(true);
  });

  test("are not even built when there is no room", async () => {
    await using api = await start(noAnswerYet, 1);
    api.ask("/a");
    api.ahead.send("/b", () => {
      throw new Error("built");
    });
    await eventually(() => api.seen.length).toBe(1);
    await api.ahead.cancel();
  });
});

describe("an attempt ahead", () => {
  test.each([
    ["429", (_, response) => json(response, {}, 429, { "retry-after": "5" })],
    ["503", (_, response) => json(response, {}, 503)],
    ["404", (_, response) => json(response, {}, 404)],
    ["401", (_, response) => json(response, {}, 401)],
    ["HTML", (_, response) => response.end("<h1>")],
    ["JSON that breaks off", (_, response) => response.end("[1")],
    ["a reset", (_, response) => response.socket?.resetAndDestroy()],
    ["a redirect to another origin", (_, response) => response.writeHead(302, { location: "http://a.test" }).end()],
  ] as [string, Responder][])("that meets %s is none: no wait, no retry, no error", async (_, answer) => {
    await using api = await start(answer, 2);
    api.ask("/a");
    expect(await api.ahead.take("/a")).toBeNull();
    expect(api.seen).toHaveLength(1);
    expect(api.sleeps).toEqual([]);
    expect(api.client.stats).toMatchObject({ requests: 1, retries: 0, waited_seconds: 0 });
  });

  test("that meets silence is none after request_timeout", async () => {
    await using api = await start(silence, 1);
    api.ask("/a");
    expect(await api.ahead.take("/a")).toBeNull();
    expect(api.seen).toHaveLength(1);
  });

  test("that fails leaves the page to its turn, with all the patience there is", async () => {
    await using api = await start((_, response, number) => json(response, number, number < 3 ? 503 : 200), 1);
    api.ask("/a");
    expect(await api.ahead.take("/a")).toBeNull();
    expect((await api.get("/a")).body).toBe(3);
    expect(api.sleeps).toHaveLength(2);
  });

  test("that is refused reads no secret anew: a storm of them is no storm of the secret's readings", async () => {
    const answer: Responder = ({ headers }, response) =>
      json(response, [], headers["x-api-key"] === "new-key" ? 200 : 401);
    await using api = await startClient(answer, { secret: ["old-key", "new-key"] });
    const attempts = Array.from({ length: 8 }, (_, n) =>
      api.client.prefetch(request(new URL(`/${n}`, api.url)), new AbortController().signal),
    );
    expect(await Promise.all(attempts)).toEqual(Array(8).fill(null));
    expect(api.reads).not.toContain(true);
    await api.get();
    expect(api.reads.filter(Boolean)).toHaveLength(1);
  });

  test("is not made while the API wants to be left alone", async () => {
    await using api = await start(
      (_, response, number) => (number === 0 ? json(response, {}, 429, { "retry-after": "60" }) : json(response, [])),
      2,
    );
    api.ask("/a");
    await api.ahead.take("/a");
    api.advance(59);
    api.ask("/b");
    expect(await api.ahead.take("/b")).toBeNull();
    expect(api.seen).toHaveLength(1);
    api.advance(2);
    api.ask("/c");
    expect(await api.ahead.take("/c")).toMatchObject({ status: 200 });
  });

  test("shares the token that is asked for in turn, and asks for none itself", async () => {
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
    const attempt = () => api.client.prefetch(request(new URL("/ahead", api.url)), new AbortController().signal);
    expect(await attempt()).toBeNull();
    expect(tokens.seen).toEqual([]);
    const inTurn = api.get("/in-turn");
    await eventually(() => tokens.seen.length).toBe(1);
    expect(await Promise.all([attempt(), attempt(), inTurn])).toMatchObject([{ status: 200 }, { status: 200 }, {}]);
    expect(tokens.seen).toHaveLength(1);
    api.advance(3600);
    expect(await attempt()).toBeNull();
    expect(tokens.seen).toHaveLength(1);
  });
});

describe("forget", () => {
  test("aborts what is on its way, waits until it has ended, and begins anew", async () => {
    let isSilent = true;
    await using api = await start((...all) => (isSilent ? noAnswerYet : ok)(...all), 3);
    api.ask("/a");
    await eventually(() => api.seen.length).toBe(1);
    const waiting = api.ahead.take("/a");
    await api.ahead.cancel();
    expect(await waiting).toBeNull();
    await eventually(() => api.connections()).toBe(0);
    isSilent = false;
    api.ask("/a");
    expect(await api.ahead.take("/a")).toMatchObject({ body: "/a" });
  });

  test("waits for what needs its time to end, also if somebody waits for the answer", async () => {
    const prefetch: HttpClient["prefetch"] = (_request, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => setTimeout(() => resolve(null), 10));
      });
    const ahead = createPrefetch({ prefetch }, 2);
    const url = new URL("http://api");
    ahead.send("a", () => request(url));
    const taking = ahead.take("a")?.then(() => "ended");
    ahead.send("b", () => request(url));
    await ahead.cancel();
    expect(await Promise.race([taking, new Promise((resolve) => setImmediate(resolve, "still under way"))])).toBe(
      "ended",
    );
  });

  test("forgets answers that nobody took", async () => {
    await using api = await start(ok, 3);
    api.ask("/a");
    await eventually(() => api.seen.length).toBe(1);
    await api.ahead.cancel();
    expect(await api.ahead.take("/a")).toBeNull();
  });
});

interface Family {
  orders: number[];
  /** Pages of lines by order. */
  lines: Record<number, number[][]>;
}

/** What an order's lines are like: the last page is shorter, or empty. */
const familyOf = (sizes: number[]): Family => ({
  orders: sizes.map((_, index) => index + 1),
  lines: Object.fromEntries(
    sizes.map((size, index) => [
      index + 1,
      [
        ...Array.from({ length: Math.ceil(size / 2) }, (_, page) => [page * 2, page * 2 + 1].filter((n) => n < size)),
        [],
      ],
    ]),
  ),
});

const LINES = {
  path: "orders/{resources.orders.id}/lines",
  paginator: { type: "page_number", base_page: 1, total_path: null },
  data_selector: "$",
};

const sourceOf = (
  url: string,
  { lines = {}, client = {}, settings = {} }: { lines?: object; client?: object; settings?: SourceSettings } = {},
): ResolvedSource => {
  const config = {
    name: "shop",
    client: { base_url: url, error_handler: { backoff_factor: 1 }, ...client },
    resources: [
      { name: "orders", endpoint: { paginator: "single_page", data_selector: "$" } },
      {
        name: "lines",
        parallelized: true,
        include_from_parent: ["id"],
        endpoint: { ...LINES, max_concurrency: 4 },
        ...lines,
      },
    ],
  } as SourceConfig;
  return resolveSource(defineSource(config, settings));
};

/** The API of a family; `fate` decides what becomes of a request for lines, and may answer later. */
const startFamily = async (
  family: Family,
  fate: (url: string, number: number) => number | Promise<number> = () => 200,
) => {
  let [inFlight, peak] = [0, 0];
  const api = await startServer(async ({ url = "" }, response, number) => {
    const [, order, page] = /^\/orders\/(\d+)\/lines\?page=(\d+)/.exec(url) ?? [];
    if (order === undefined)
      return json(
        response,
        family.orders.map((id) => ({ id })),
      );
    peak = Math.max(peak, ++inFlight);
    response.on("close", () => inFlight--);
    const status = await fate(url, number);
    const rows = family.lines[Number(order)]?.[Number(page) - 1] ?? [];
    return json(response, status === 200 ? rows.map((n) => ({ n: `${order}.${n}` })) : {}, status);
  });
  return { ...api, peak: () => peak, inFlight: () => inFlight };
};

let invocations = 0;
const invoke = (lake: Lake, source: ResolvedSource, resource: string, stop?: AbortSignal) =>
  work(lake.ports, source, resource, {}, { id: `invocation-${++invocations}`, time: 60_000, stop });

const linesOf = async (lake: Lake): Promise<string[]> => {
  const rows: string[] = [];
  for (const key of await lake.keys("data/shop/lines/")) {
    for (const line of gunzipSync(await lake.read(key))
      .toString()
      .split("\n")
      .filter(Boolean)) {
      const { n, _orders_id } = JSON.parse(line);
      rows.push(`${_orders_id}: ${n}`);
    }
  }
  return rows;
};

/** All lines of a family, in the order of one request after another. */
const expectedLines = ({ orders, lines }: Family): string[] =>
  orders.flatMap((order) => (lines[order] ?? []).flat().map((n) => `${order}: ${order}.${n}`));

/** Runs the child to its end, however many invocations that takes. */
const toTheEnd = async (lake: Lake, source: ResolvedSource) => {
  for (let n = 0; n < 100; n++) {
    const outcome = await invoke(lake, source, "lines");
    if (outcome.status === "done") return outcome;
    lake.clock.advance((outcome.retry_after_seconds ?? 0) * 1000);
  }
  throw new Error("it does not end");
};

describe("parallelized children", () => {
  const soon = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 2));

  test("are several on their way, and never more than max_concurrency says", async () => {
    const family = familyOf(Array(16).fill(2));
    await using lake = await startLake();
    await using api = await startFamily(family, async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return 200;
    });
    const source = sourceOf(api.url);
    await invoke(lake, source, "orders");
    expect(await invoke(lake, source, "lines")).toMatchObject({ status: "done", rows: 32 });
    expect(api.peak()).toBeGreaterThan(1);
    expect(api.peak()).toBeLessThanOrEqual(4);
    expect(await linesOf(lake)).toEqual(expectedLines(family));
  });

  test.each([
    ["parallelized: false", { parallelized: false }],
    ["max_concurrency: 1", { endpoint: { ...LINES, max_concurrency: 1 } }],
  ])("are one by one with %s", async (_, lines) => {
    await using lake = await startLake();
    await using api = await startFamily(familyOf([1, 1, 1, 1, 1]), async () => {
      await soon();
      return 200;
    });
    const source = sourceOf(api.url, { lines });
    await invoke(lake, source, "orders");
    await invoke(lake, source, "lines");
    expect(api.peak()).toBe(1);
  });

  test("have the same rows in the same order as one by one, whatever fails and however answers overtake each other", async () => {
    const statuses = fc.constantFrom(200, 200, 200, 200, 503, 429, 500);
    const sizes = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.array(statuses, { maxLength: 20 }), async (children, fates) => {
        const family = familyOf(children);
        await using lake = await startLake();
        let asked = 0;
        await using api = await startFamily(family, async () => {
          const status = fates[asked++] ?? 200;
          await soon();
          return status;
        });
        const source = sourceOf(api.url, { client: { error_handler: { max_retries: 30, backoff_factor: 1 } } });
        await invoke(lake, source, "orders");
        await toTheEnd(lake, source);
        expect(await linesOf(lake)).toEqual(expectedLines(family));
        expect(api.peak()).toBeLessThanOrEqual(4);
      }),
      { numRuns: sampleSize({ quick: 4, full: 12 }) },
    );
  });

  test("that are ignored end their own row of the parent only, asked ahead or in turn", async () => {
    const family = familyOf([2, 2, 2, 2, 2, 2]);
    await using lake = await startLake();
    await using api = await startFamily(family, (url) => (/orders\/[246]\//.test(url) ? 404 : 200));
    const endpoint = { ...LINES, response_actions: [{ status_code: 404, action: "ignore" }] };
    const source = sourceOf(api.url, { lines: { endpoint } });
    await invoke(lake, source, "orders");
    expect(await invoke(lake, source, "lines")).toMatchObject({ status: "done", rows: 6 });
    expect(await linesOf(lake)).toEqual(expectedLines(family).filter((line) => /^[135]/.test(line)));
  });

  test("fail in their turn: the rows before them are committed, and the message names the page", async () => {
    const family = familyOf([2, 2, 2, 2, 2]);
    await using lake = await startLake();
    await using api = await startFamily(family, (url) => (url.startsWith("/orders/4/") ? 400 : 200));
    const source = sourceOf(api.url);
    await invoke(lake, source, "orders");
    await expect(invoke(lake, source, "lines")).rejects.toMatchObject({ name: "HttpError", place: { page: 7 } });
    expect(await linesOf(lake)).toEqual(expectedLines(family).filter((line) => /^[123]/.test(line)));
  });

  test("leave no request behind when the invocation is stopped, though the server never answers", async () => {
    const family = familyOf(Array(12).fill(1));
    await using lake = await startLake();
    let answered = 0;
    await using api = await startFamily(family, () => (answered++ < 9 ? 200 : new Promise(() => {})));
    let open = 0;
    const ports = {
      ...lake.ports,
      fetch: (...given: Parameters<typeof fetch>) => {
        open++;
        return fetch(...given).finally(() => open--);
      },
    };
    const source = sourceOf(api.url);
    await invoke(lake, source, "orders");
    const stop = new AbortController();
    const working = work(ports, source, "lines", {}, { id: "stopped", time: 60_000, stop: stop.signal });
    await eventually(() => open).toBeGreaterThan(1);
    await eventually(() => api.seen.length).toBeGreaterThan(11);
    stop.abort();
    expect(await working).toMatchObject({ status: "partial" });
    expect(open).toBe(0);
    await eventually(() => api.inFlight()).toBe(0);
  });

  test("leave no request behind when one of them fails in its turn", async () => {
    const family = familyOf([1, 1, 1, 1, 1, 1, 1, 1]);
    await using lake = await startLake();
    await using api = await startFamily(family, (url) => {
      if (/orders\/[5678]/.test(url)) return new Promise(() => {});
      return url.startsWith("/orders/4/") ? 400 : 200;
    });
    let open = 0;
    const ports = {
      ...lake.ports,
      fetch: (...given: Parameters<typeof fetch>) => {
        open++;
        return fetch(...given).finally(() => open--);
      },
    };
    const source = sourceOf(api.url, { client: { error_handler: { max_retries: 0 } } });
    await invoke(lake, source, "orders");
    await expect(work(ports, source, "lines", {}, { id: "failing", time: 60_000 })).rejects.toMatchObject({
      name: "HttpError",
    });
    expect(api.seen.some(({ url }) => url.startsWith("/orders/5/"))).toBe(true);
    expect(open).toBe(0);
    await eventually(() => api.inFlight()).toBe(0);
  });

  test("with tokens have one token, and keep to the rate limit", async () => {
    const family = familyOf([3, 0, 1, 4, 2, 2]);
    await using lake = await startLake();
    await using tokens = await startServer((_, response, number) =>
      json(response, { access_token: `token-${number}` }),
    );
    await using api = await startFamily(family);
    const sentAt: number[] = [];
    lake.ports.fetch = (...given) => {
      sentAt.push(lake.clock.now());
      return fetch(...given);
    };
    const auth = {
      type: "oauth2_client_credentials",
      access_token_url: tokens.url,
      client_id: "me",
      client_secret: secret("s"),
    };
    const source = sourceOf(api.url, { client: { auth, rate_limit: { requests: 3, per: 20 } } });
    await invoke(lake, source, "orders");
    await toTheEnd(lake, source);
    expect(await linesOf(lake)).toEqual(expectedLines(family));
    for (const start of sentAt) {
      expect(sentAt.filter((at) => at >= start && at < start + 20_000).length).toBeLessThanOrEqual(3);
    }
  });
});
