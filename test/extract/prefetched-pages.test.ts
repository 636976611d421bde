import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import type { SourceConfig, SourceSettings } from "../../lib/config/schema/index.ts";
import { work } from "../../lib/run/work.ts";
import { eventually, json, settled, startServer } from "../http/server.ts";
import { type Lake, startLake } from "../lake/lake.fixture.ts";
import { sampleSize } from "../size.ts";

type Endpoint = Record<string, unknown>;

/** Pages of two rows each. `answer` decides what becomes of a request, by its page (from 0), and when. */
interface Shop {
  pages: number;
  /** Whether answers say how many pages there are. */
  total?: boolean;
  /** Whether answers name the next page's cursor. */
  cursors?: boolean;
  /** Characters of each answer that are none of its rows. */
  padding?: number;
  /** Is told the connection of each request. */
  socket?: (socket: Socket) => void;
  answer?: (page: number, number: number) => Promise<undefined | [status: number, headers: Record<string, string>]>;
}

const ROWS = 2;
const idsOf = (pages: number) => Array.from({ length: pages * ROWS }, (_, id) => id);

const startShop = async ({
  pages,
  total = false,
  cursors = false,
  padding = 0,
  socket,
  answer = async () => undefined,
}: Shop) => {
  let [inFlight, peak] = [0, 0];
  const asked: number[] = [];
  const server = await startServer(async ({ url = "", socket: connection }, response, number) => {
    socket?.(connection);
    const { searchParams } = new URL(url, "http://shop");
    const page = searchParams.has("offset")
      ? Number(searchParams.get("offset")) / ROWS
      : Number(searchParams.get("page") ?? searchParams.get("cursor") ?? 0);
    asked.push(page);
    peak = Math.max(peak, ++inFlight);
    response.on("close", () => inFlight--);
    const said = await answer(page, number);
    if (said) return json(response, {}, said[0], said[1]);
    const data = page < pages ? idsOf(pages).slice(page * ROWS, (page + 1) * ROWS) : [];
    json(response, {
      data: data.map((id) => ({ id })),
      padding: "x".repeat(padding),
      ...(total && { total: searchParams.has("offset") ? pages * ROWS : pages, total_pages: pages }),
      ...(cursors && page + 1 < pages && { cursors: { next: String(page + 1) } }),
    });
  });
  return { ...server, asked, peak: () => peak, inFlight: () => inFlight };
};

const NUMBERED = { type: "page_number", base_page: 0 };

const sourceOf = (url: string, endpoint: Endpoint = {}, client: object = {}, settings: SourceSettings = {}) =>
  resolveSource(
    defineSource(
      {
        name: "shop",
        client: { base_url: url, error_handler: { backoff_factor: 1 }, ...client },
        resources: [{ name: "items", endpoint: { paginator: NUMBERED, data_selector: "data", ...endpoint } }],
      } as SourceConfig,
      settings,
    ),
  );

let invocations = 0;
const invoke = (lake: Lake, source: ReturnType<typeof sourceOf>, stop?: AbortSignal) =>
  work(lake.ports, source, "items", {}, { id: `invocation-${++invocations}`, time: 60_000, stop });

/** As many invocations as it takes. */
const toTheEnd = async (lake: Lake, source: ReturnType<typeof sourceOf>) => {
  for (let n = 0; n < 100; n++) {
    const outcome = await invoke(lake, source);
    if (outcome.status === "done") return outcome;
    lake.clock.advance((outcome.retry_after_seconds ?? 0) * 1000);
  }
  throw new Error("it does not end");
};

const idsIn = async (lake: Lake): Promise<number[]> => {
  const ids: number[] = [];
  for (const key of await lake.keys("data/shop/items/")) {
    const lines = gunzipSync(await lake.read(key)).toString();
    for (const line of lines.split("\n").filter(Boolean)) ids.push(JSON.parse(line).id);
  }
  return ids;
};

describe.each<[string, Endpoint]>([
  ["page_number", { paginator: NUMBERED }],
  ["offset", { paginator: { type: "offset", limit: ROWS } }],
  ["page_number found by auto", { paginator: { type: "auto" } }],
])("pages ahead of their turn, %s", (type, endpoint) => {
  const total = type !== "page_number";

  test("are several on their way, never more than max_concurrency, and come in order", async () => {
    await using lake = await startLake();
    await using shop = await startShop({ pages: 20, total, answer: () => sleep(5 + Math.random() * 10, undefined) });
    const outcome = await invoke(lake, sourceOf(shop.url, { ...endpoint, max_concurrency: 3 }));
    expect(outcome).toMatchObject({ status: "done", rows: 40 });
    expect(await idsIn(lake)).toEqual(idsOf(20));
    expect(shop.peak()).toBe(3);
    expect(shop.asked.length).toBe(new Set(shop.asked).size);
  });

  test("are four by default, and begin gently", async () => {
    await using lake = await startLake();
    const held: (() => void)[] = [];
    const hold = () => new Promise<undefined>((go) => held.push(() => go(undefined)));
    await using shop = await startShop({ pages: 30, total, answer: hold });
    const outcome = invoke(lake, sourceOf(shop.url, endpoint));
    const flights: number[] = [];
    for (let round = 0; round < 6; round++) {
      await eventually(() => held.length).toBeGreaterThan(0);
      await settled(() => held.length);
      flights.push(shop.inFlight());
      for (const go of held.splice(0)) go();
    }
    const ending = setInterval(() => held.splice(0).map((go) => go()), 2);
    await outcome;
    clearInterval(ending);
    expect(flights[0]).toBe(1);
    expect(Math.max(...flights)).toBe(4);
    for (const [index, count] of flights.entries()) {
      if (index > 0) expect(count).toBeLessThanOrEqual(2 * (flights[index - 1] ?? 0) + 1);
    }
  });

  test("share connections that stay open: a few serve all pages", async () => {
    await using lake = await startLake();
    const sockets = new Set<Socket>();
    const answer = () => sleep(2, undefined);
    await using shop = await startShop({ pages: 20, total, answer, socket: (one) => sockets.add(one) });
    await invoke(lake, sourceOf(shop.url, { ...endpoint, max_concurrency: 3 }));
    expect(await idsIn(lake)).toEqual(idsOf(20));
    // One more is opened where the one before it is not free at the very moment.
    expect(sockets.size).toBeLessThanOrEqual(2 * 3);
  });

  test("are none with max_concurrency: 1, and no request is too many", async () => {
    await using lake = await startLake();
    await using shop = await startShop({ pages: 6, total, answer: () => sleep(2, undefined) });
    await invoke(lake, sourceOf(shop.url, { ...endpoint, max_concurrency: 1 }));
    expect(shop.peak()).toBe(1);
    expect(shop.asked).toEqual(Array.from({ length: type === "offset" ? 6 : 7 }, (_, page) => page));
  });
});

test.each([
  [9, 2],
  [17, 1],
])("pages of %i MiB each are as few as a Lambda's memory can hold: %i requests at once", async (size, most) => {
  await using lake = await startLake();
  await using shop = await startShop({ pages: 4, padding: size * 2 ** 20 });
  await invoke(lake, sourceOf(shop.url));
  expect(shop.peak()).toBe(most);
  expect(await idsIn(lake)).toEqual(idsOf(4));
});

describe("requests that turn out to be too many", () => {
  test("are none where a total says how many pages there are", async () => {
    await using lake = await startLake();
    await using shop = await startShop({ pages: 9, total: true, answer: () => sleep(Math.random() * 5, undefined) });
    await invoke(lake, sourceOf(shop.url));
    expect(shop.asked.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test.each([0, 1, 2, 3, 5, 12])(
    "are at most max_concurrency - 1 behind the empty page of %i pages, and none behind one page",
    async (pages) => {
      await using lake = await startLake();
      await using shop = await startShop({ pages, answer: () => sleep(Math.random() * 3, undefined) });
      expect(await invoke(lake, sourceOf(shop.url))).toMatchObject({ status: "done", rows: pages * ROWS });
      const tooMany = shop.asked.filter((page) => page > pages).length;
      expect(tooMany).toBeLessThanOrEqual(pages <= 1 ? 0 : Math.min(3, pages - 1));
      expect(await idsIn(lake)).toEqual(idsOf(pages));
      // What was dropped was also stopped.
      await eventually(() => shop.inFlight()).toBe(0);
    },
  );

  test("are none for a page by cursor: the next one is asked for while this one is worked on", async () => {
    await using lake = await startLake();
    const cursor = { type: "cursor", cursor_path: "cursors.next", cursor_param: "cursor" };
    await using shop = await startShop({ pages: 8, cursors: true });
    await invoke(lake, sourceOf(shop.url, { paginator: cursor }));
    expect(shop.asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(shop.peak()).toBe(1);
    expect(await idsIn(lake)).toEqual(idsOf(8));
  });
});

describe("the page that comes next", () => {
  const cursor = { type: "cursor", cursor_path: "cursors.next", cursor_param: "cursor" };

  test.each([
    ["before", 0, ["asked", ...Array(3).fill(["asked", "worked on"]).flat(), "worked on"]],
    // A Lambda's memory holds one of them.
    ["where it is large, after", 17 * 2 ** 20, Array(4).fill(["asked", "worked on"]).flat()],
  ])("is asked for %s the rows of this one are worked on, by any paginator", async (_, padding, expected) => {
    await using lake = await startLake();
    await using shop = await startShop({ pages: 4, cursors: true, padding });
    const happened: string[] = [];
    const { logger: log, fetch } = lake.ports;
    const ports = {
      ...lake.ports,
      fetch: ((...request: Parameters<typeof fetch>) => {
        happened.push("asked");
        return fetch(...request);
      }) as typeof fetch,
      logger: { ...log, debug: (message: string) => void (message === "page" && happened.push("worked on")) },
    };
    await work(ports, sourceOf(shop.url, { paginator: cursor }), "items", {}, { id: "one", time: 60_000 });
    expect(happened).toEqual(expected);
  });

  test("is not asked for where there is no time left for it", async () => {
    await using lake = await startLake();
    await using shop = await startShop({ pages: 9, cursors: true });
    const { fetch } = lake.ports;
    const ports = {
      ...lake.ports,
      fetch: (async (...request: Parameters<typeof fetch>) => {
        lake.clock.advance(100_000);
        return fetch(...request);
      }) as typeof fetch,
    };
    const source = sourceOf(shop.url, { paginator: cursor });
    // A page of 100 s, and what the last part needs.
    const outcome = await work(ports, source, "items", {}, { id: "short", time: 200_000 });
    expect(outcome).toMatchObject({ status: "partial", pages: 1 });
    expect(shop.asked).toEqual([0]);
  });
});

describe("an API that is asked too much", () => {
  test("is asked by nobody until the time that it told one of them, and then again in order", async () => {
    await using lake = await startLake();
    let refused = 0;
    const at: [page: number, when: number][] = [];
    await using shop = await startShop({
      pages: 14,
      total: true,
      answer: async (page) => {
        at.push([page, lake.clock.now()]);
        await sleep(5);
        if (page === 7 && refused++ === 0) return [429, { "retry-after": "8" }];
        return undefined;
      },
    });
    await toTheEnd(lake, sourceOf(shop.url));
    expect(await idsIn(lake)).toEqual(idsOf(14));
    const [, refusedAt = 0] = at.find(([page]) => page === 7) ?? [];
    const later = at.filter(([, when]) => when > refusedAt);
    // Those that were on their way at the time were not held back; whoever came later waited for eight seconds.
    expect(later.length).toBeGreaterThan(0);
    expect(Math.min(...later.map(([, when]) => when))).toBeGreaterThanOrEqual(refusedAt + 8000);
    expect(at.filter(([, when]) => when === refusedAt).length).toBeLessThanOrEqual(7 + 4);
  });

  test("gets half as many at once, and then one more with each success", async () => {
    await using lake = await startLake();
    let refused = false;
    const after: number[] = [];
    await using shop = await startShop({
      pages: 24,
      total: true,
      answer: async (page) => {
        await sleep(8);
        if (page === 12 && !refused) {
          refused = true;
          return [503, {}];
        }
        if (refused) after.push(shop.inFlight());
        return undefined;
      },
    });
    await toTheEnd(lake, sourceOf(shop.url, { max_concurrency: 8 }));
    expect(await idsIn(lake)).toEqual(idsOf(24));
    // What was in flight when it failed is answered first; then come fewer.
    expect(Math.min(...after.slice(0, 9))).toBeLessThanOrEqual(4);
  });

  test("is not asked beyond what its RateLimit headers leave, however many could be on their way", async () => {
    await using lake = await startLake();
    const [allowed, window, pages] = [9, 30_000, 34];
    const sent: number[] = [];
    let opened = lake.clock.now();
    await using api = await startServer(async ({ url = "" }, response) => {
      const now = lake.clock.now();
      if (now >= opened + window) opened = now;
      sent.push(now);
      const used = sent.filter((at) => at >= opened).length;
      const page = Number(new URL(url, "http://shop").searchParams.get("page"));
      await sleep(2);
      const headers = {
        "x-ratelimit-remaining": String(Math.max(0, allowed - used)),
        "x-ratelimit-reset": String(Math.ceil((opened + window - now) / 1000)),
      };
      const data = idsOf(pages).slice(page * ROWS, (page + 1) * ROWS);
      json(
        response,
        used > allowed ? {} : { data: data.map((id) => ({ id })), total: pages },
        used > allowed ? 429 : 200,
        headers,
      );
    });
    await toTheEnd(lake, sourceOf(api.url, { max_concurrency: 8 }));
    expect(await idsIn(lake)).toEqual(idsOf(pages));
    const windows = Map.groupBy(sent, (at) => Math.floor((at - (sent[0] ?? 0)) / window));
    for (const requests of windows.values()) expect(requests.length).toBeLessThanOrEqual(allowed);
    expect(sent).toHaveLength(pages);
  });
});

test("the same rows in the same order as one by one, whatever fails, overtakes, or is cut off", async () => {
  const fates = fc.array(fc.constantFrom(200, 200, 200, 200, 200, 429, 503), { maxLength: 30 });
  const setup = fc.record({
    pages: fc.integer({ min: 0, max: 14 }),
    total: fc.boolean(),
    paginator: fc.constantFrom<object>(NUMBERED, { type: "offset", limit: ROWS }, { type: "auto" }),
    max_concurrency: fc.integer({ min: 1, max: 6 }),
    file_max_items: fc.integer({ min: 1, max: 9 }),
    stops: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 3 }),
    fates,
  });
  await fc.assert(
    fc.asyncProperty(
      setup,
      async ({ pages, total, paginator, max_concurrency, file_max_items, stops, fates: given }) => {
        await using lake = await startLake();
        let stopper = new AbortController();
        const stopAt = new Set(stops);
        await using shop = await startShop({
          pages,
          // Without a total, `auto` takes an answer without a next page for the only one.
          total: total || (paginator as { type: string }).type === "auto",
          answer: async (_page, number) => {
            await sleep(Math.random() * 3);
            if (stopAt.delete(number)) stopper.abort();
            const status = given[number] ?? 200;
            if (status === 429) return [status, { "retry-after": "1" }];
            if (status === 503) return [status, {}];
            return undefined;
          },
        });
        const source = sourceOf(shop.url, { paginator, max_concurrency }, {}, { file_max_items });
        for (let n = 0; ; n++) {
          if (n > 60) throw new Error("it does not end");
          stopper = new AbortController();
          const outcome = await invoke(lake, source, stopper.signal);
          if (outcome.status === "done") break;
          lake.clock.advance((outcome.retry_after_seconds ?? 0) * 1000);
        }
        expect(await idsIn(lake)).toEqual(idsOf(pages));
        expect(shop.peak()).toBeLessThanOrEqual(max_concurrency);
      },
    ),
    { numRuns: sampleSize({ quick: 8, full: 30 }) },
  );
});

/** The lake's ports, where a part is put only when `before` has resolved. */
const withPartsHeld = ({ ports }: Lake, before: (key: string) => Promise<void>) => {
  const { bucket } = ports;
  const put = async (...[key, ...rest]: Parameters<typeof bucket.put>) => {
    if (key.startsWith("data/")) await before(key);
    return bucket.put(key, ...rest);
  };
  return { ...ports, bucket: { ...bucket, put } };
};

describe("a part on its way to S3", () => {
  test("holds nobody up: pages go on being read, one more part waits behind it, and no third is begun", async () => {
    await using lake = await startLake();
    await using shop = await startShop({ pages: 40, total: true });
    const [puts, letGo]: [string[], (() => void)[]] = [[], []];
    let [inFlight, peak] = [0, 0];
    const ports = withPartsHeld(lake, async (key) => {
      puts.push(key);
      peak = Math.max(peak, ++inFlight);
      await new Promise<void>((go) => letGo.push(go));
      inFlight--;
    });
    const source = sourceOf(shop.url, {}, {}, { file_max_items: 4 });
    const running = work(ports, source, "items", {}, { id: "slow", time: 60_000 });
    await eventually(() => puts.length).toBe(1);
    // Two parts of two pages each, the page that fills the second of them, and what may be ahead of that.
    await eventually(() => shop.asked.length).toBeGreaterThanOrEqual(4);
    await settled(() => shop.asked.length);
    expect(shop.asked.length).toBeLessThanOrEqual(4 + 4);
    expect(puts).toHaveLength(1);
    const going = setInterval(() => letGo.splice(0).map((go) => go()), 1);
    expect(await running).toMatchObject({ status: "done", rows: 80, parts: 20 });
    clearInterval(going);
    expect(peak).toBe(1);
    expect(await idsIn(lake)).toEqual(idsOf(40));
  });

  test("is there before an invocation that is cut off says where it stands", async () => {
    await using lake = await startLake();
    const stopper = new AbortController();
    await using shop = await startShop({
      pages: 6,
      answer: async (page) => {
        if (page === 2) stopper.abort();
        return undefined;
      },
    });
    const ports = withPartsHeld(lake, () => sleep(60));
    const invocation = { id: "cut", time: 60_000, stop: stopper.signal };
    const outcome = await work(ports, sourceOf(shop.url, { max_concurrency: 1 }), "items", {}, invocation);
    expect(outcome).toMatchObject({ status: "partial", pages: 2, parts: 1, rows: 4 });
    expect(await lake.keys("data/")).toHaveLength(1);
  });

  test("that cannot be written is the error of the run, and what was read behind it is not written either", async () => {
    await using lake = await startLake();
    await using shop = await startShop({ pages: 10, total: true });
    lake.failOnce(({ operation, key }) => operation === "PutObject" && key.endsWith("-000002.json.gz"), {
      status: 403,
      code: "AccessDenied",
    } as never);
    const source = sourceOf(shop.url, {}, {}, { file_max_items: 4 });
    await expect(invoke(lake, source)).rejects.toMatchObject({ name: "StorageError" });
    expect(await lake.keys("data/")).toHaveLength(1);
    expect(await toTheEnd(lake, source)).toMatchObject({ rows: 20 });
    expect(await idsIn(lake)).toEqual(idsOf(10));
  });
});
