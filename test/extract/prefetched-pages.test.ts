import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { work } from "../../lib/run/work.ts";
import { eventually, json, settled, startServer } from "../http/server.ts";
import { startLake } from "../lake/lake.fixture.ts";
import { sampleSize } from "../size.ts";
import {
  type Endpoint,
  idsIn,
  idsOf,
  invoke,
  loadUntilDone,
  NUMBERED,
  ROWS,
  sourceOf,
  startShop,
} from "./pages.fixture.ts";

describe.each<[string, Endpoint]>([
  ["page_number", { paginator: NUMBERED }],
  ["offset", { paginator: { type: "offset", limit: ROWS } }],
  ["auto that finds page_number", { paginator: { type: "auto" } }],
])("prefetched pages with paginator %s", (type, endpoint) => {
  const total = type !== "page_number";

  test("are requested concurrently, up to max_concurrency, and are stored in order", async () => {
    await using lake = await startLake();
    await using shop = await startShop({
      pages: 20,
      total,
      beforeResponse: () => sleep(5 + Math.random() * 10, undefined),
    });
    const outcome = await invoke(lake, sourceOf(shop.url, { ...endpoint, max_concurrency: 3 }));
    expect(outcome).toMatchObject({ status: "done", rows: 40 });
    expect(await idsIn(lake)).toEqual(idsOf(20));
    expect(shop.peak()).toBe(3);
    expect(shop.requested.length).toBe(new Set(shop.requested).size);
  });

  test("are at most four by default, and begin with one", async () => {
    await using lake = await startLake();
    const waiting: (() => void)[] = [];
    const hold = () => new Promise<undefined>((respond) => waiting.push(() => respond(undefined)));
    await using shop = await startShop({ pages: 30, total, beforeResponse: hold });
    const outcome = invoke(lake, sourceOf(shop.url, endpoint));
    const inFlight: number[] = [];
    // A busy computer may need more rounds. All requests that are sent are in flight only once they have arrived.
    for (let round = 0; round < 6 || (round < 12 && !inFlight.includes(4)); round++) {
      await eventually(() => waiting.length).toBeGreaterThan(0);
      await settled(() => waiting.length);
      inFlight.push(shop.inFlight());
      for (const respond of waiting.splice(0)) respond();
    }
    const timer = setInterval(() => waiting.splice(0).map((respond) => respond()), 2);
    await outcome;
    clearInterval(timer);
    expect(inFlight[0]).toBe(1);
    expect(Math.max(...inFlight)).toBe(4);
    for (const [index, count] of inFlight.entries()) {
      if (index > 0) expect(count).toBeLessThanOrEqual(2 * (inFlight[index - 1] ?? 0) + 1);
    }
  });

  test("share a few connections that stay open", async () => {
    await using lake = await startLake();
    const sockets = new Set<Socket>();
    const beforeResponse = () => sleep(2, undefined);
    await using shop = await startShop({
      pages: 20,
      total,
      beforeResponse,
      onConnection: (socket) => sockets.add(socket),
    });
    await invoke(lake, sourceOf(shop.url, { ...endpoint, max_concurrency: 3 }));
    expect(await idsIn(lake)).toEqual(idsOf(20));
    // Another connection is opened while the previous one is not free yet.
    expect(sockets.size).toBeLessThanOrEqual(2 * 3);
  });

  test("do not exist with max_concurrency: 1, which sends no extra request", async () => {
    await using lake = await startLake();
    await using shop = await startShop({ pages: 6, total, beforeResponse: () => sleep(2, undefined) });
    await invoke(lake, sourceOf(shop.url, { ...endpoint, max_concurrency: 1 }));
    expect(shop.peak()).toBe(1);
    expect(shop.requested).toEqual(Array.from({ length: type === "offset" ? 6 : 7 }, (_, page) => page));
  });
});

test.each([
  [9, 2],
  [17, 1],
])("pages of %i MiB are prefetched only as far as memory allows: %i at a time", async (size, max) => {
  await using lake = await startLake();
  await using shop = await startShop({ pages: 4, padding: size * 2 ** 20 });
  await invoke(lake, sourceOf(shop.url));
  expect(shop.peak()).toBe(max);
  expect(await idsIn(lake)).toEqual(idsOf(4));
});

describe("extra requests after the last page", () => {
  test("are not sent when responses have a total", async () => {
    await using lake = await startLake();
    await using shop = await startShop({
      pages: 9,
      total: true,
      beforeResponse: () => sleep(Math.random() * 5, undefined),
    });
    await invoke(lake, sourceOf(shop.url));
    expect(shop.requested.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test.each([0, 1, 2, 3, 5, 12])(
    "are at most max_concurrency - 1 after %i pages, and none after a single page",
    async (pages) => {
      await using lake = await startLake();
      await using shop = await startShop({ pages, beforeResponse: () => sleep(Math.random() * 3, undefined) });
      expect(await invoke(lake, sourceOf(shop.url))).toMatchObject({ status: "done", rows: pages * ROWS });
      const extra = shop.requested.filter((page) => page > pages).length;
      expect(extra).toBeLessThanOrEqual(pages <= 1 ? 0 : Math.min(3, pages - 1));
      expect(await idsIn(lake)).toEqual(idsOf(pages));
      // Dropped requests are also cancelled.
      await eventually(() => shop.inFlight()).toBe(0);
    },
  );

  test("are not sent with a cursor, where only the next page is prefetched", async () => {
    await using lake = await startLake();
    const cursor = { type: "cursor", cursor_path: "cursors.next", cursor_param: "cursor" };
    await using shop = await startShop({ pages: 8, cursors: true });
    await invoke(lake, sourceOf(shop.url, { paginator: cursor }));
    expect(shop.requested).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(shop.peak()).toBe(1);
    expect(await idsIn(lake)).toEqual(idsOf(8));
  });
});

describe("the next page", () => {
  const cursor = { type: "cursor", cursor_path: "cursors.next", cursor_param: "cursor" };

  test.each([
    ["before", 0, ["requested", ...Array(3).fill(["requested", "processed"]).flat(), "processed"]],
    // Memory allows one large page at a time.
    ["if pages are large, after", 17 * 2 ** 20, Array(4).fill(["requested", "processed"]).flat()],
  ])("is requested %s the rows of this one are processed, with any paginator", async (_, padding, expected) => {
    await using lake = await startLake();
    await using shop = await startShop({ pages: 4, cursors: true, padding });
    const events: string[] = [];
    const { logger, fetch } = lake.ports;
    const ports = {
      ...lake.ports,
      fetch: ((...request: Parameters<typeof fetch>) => {
        events.push("requested");
        return fetch(...request);
      }) as typeof fetch,
      logger: { ...logger, debug: (message: string) => void (message === "page" && events.push("processed")) },
    };
    await work(ports, sourceOf(shop.url, { paginator: cursor }), "items", {}, { id: "one", time: 60_000 });
    expect(events).toEqual(expected);
  });

  test("of a scroll API, which sends each page once, is not requested before it is due: a stop in between loses no row", async () => {
    await using lake = await startLake();
    const scroll = { type: "cursor", cursor_path: "scroll", cursor_param: "scroll", stop_after_empty_page: true };
    let page = 0;
    await using api = await startServer(async ({ url = "" }, response) => {
      page = url.includes("scroll=") ? page + 1 : 0;
      const data = page < 4 ? idsOf(4).slice(page * ROWS, (page + 1) * ROWS) : [];
      json(response, { data: data.map((id) => ({ id })), scroll: "s" });
    });
    let stopper = new AbortController();
    const debug = (message: string) => void (message === "page" && stopper.abort());
    const ports = { ...lake.ports, logger: { ...lake.ports.logger, debug } };
    for (let invocation = 0; invocation < 6; invocation++) {
      stopper = new AbortController();
      const source = sourceOf(api.url, { paginator: scroll });
      const limits = { id: `invocation ${invocation}`, time: 60_000, stop: stopper.signal };
      const { status } = await work(ports, source, "items", {}, limits);
      if (status === "done") break;
    }
    expect(await idsIn(lake)).toEqual(idsOf(4));
  });

  test("is not requested when there is no time left for it", async () => {
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
    // Time for one page of 100 s and the last part.
    const outcome = await work(ports, source, "items", {}, { id: "short", time: 200_000 });
    expect(outcome).toMatchObject({ status: "partial", pages: 1 });
    expect(shop.requested).toEqual([0]);
  });
});

describe("an API that throttles", () => {
  test("receives no request until the Retry-After of one response has passed, and then all pages in order", async () => {
    await using lake = await startLake();
    let refused = 0;
    const received: [page: number, at: number][] = [];
    await using shop = await startShop({
      pages: 14,
      total: true,
      beforeResponse: async (page) => {
        received.push([page, lake.clock.now()]);
        await sleep(5);
        if (page === 7 && refused++ === 0) return [429, { "retry-after": "8" }];
        return undefined;
      },
    });
    await loadUntilDone(lake, sourceOf(shop.url));
    expect(await idsIn(lake)).toEqual(idsOf(14));
    const [, refusedAt = 0] = received.find(([page]) => page === 7) ?? [];
    const later = received.filter(([, at]) => at > refusedAt);
    // Requests in flight at that time are not held back. Later ones wait for eight seconds.
    expect(later.length).toBeGreaterThan(0);
    expect(Math.min(...later.map(([, at]) => at))).toBeGreaterThanOrEqual(refusedAt + 8000);
    expect(received.filter(([, at]) => at === refusedAt).length).toBeLessThanOrEqual(7 + 4);
  });

  test("receives half as many requests at a time after a failure, and one more with each success", async () => {
    await using lake = await startLake();
    let refused = false;
    const after: number[] = [];
    await using shop = await startShop({
      pages: 24,
      total: true,
      beforeResponse: async (page) => {
        await sleep(8);
        if (page === 12 && !refused) {
          refused = true;
          return [503, {}];
        }
        if (refused) after.push(shop.inFlight());
        return undefined;
      },
    });
    await loadUntilDone(lake, sourceOf(shop.url, { max_concurrency: 8 }));
    expect(await idsIn(lake)).toEqual(idsOf(24));
    // The requests that were in flight at the failure come first, then fewer.
    expect(Math.min(...after.slice(0, 9))).toBeLessThanOrEqual(4);
  });

  test("receives no more requests than its RateLimit headers allow, whatever max_concurrency is", async () => {
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
    await loadUntilDone(lake, sourceOf(api.url, { max_concurrency: 8 }));
    expect(await idsIn(lake)).toEqual(idsOf(pages));
    const windows = Map.groupBy(sent, (at) => Math.floor((at - (sent[0] ?? 0)) / window));
    for (const requests of windows.values()) expect(requests.length).toBeLessThanOrEqual(allowed);
    expect(sent).toHaveLength(pages);
  });
});

test("prefetched pages have the same rows in the same order as sequential ones, for random failures, delays and stops", async () => {
  const setup = fc.record({
    pages: fc.integer({ min: 0, max: 14 }),
    total: fc.boolean(),
    paginator: fc.constantFrom<object>(NUMBERED, { type: "offset", limit: ROWS }, { type: "auto" }),
    max_concurrency: fc.integer({ min: 1, max: 6 }),
    file_max_items: fc.integer({ min: 1, max: 9 }),
    stops: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 3 }),
    statuses: fc.array(fc.constantFrom(200, 200, 200, 200, 200, 429, 503), { maxLength: 30 }),
  });
  await fc.assert(
    fc.asyncProperty(setup, async ({ pages, total, paginator, max_concurrency, file_max_items, stops, statuses }) => {
      await using lake = await startLake();
      let stopper = new AbortController();
      const stopAt = new Set(stops);
      await using shop = await startShop({
        pages,
        // Without a total, `auto` takes a response without a next page for the only page.
        total: total || (paginator as { type: string }).type === "auto",
        beforeResponse: async (_page, number) => {
          await sleep(Math.random() * 3);
          if (stopAt.delete(number)) stopper.abort();
          const status = statuses[number] ?? 200;
          if (status === 429) return [status, { "retry-after": "1" }];
          if (status === 503) return [status, {}];
          return undefined;
        },
      });
      const source = sourceOf(shop.url, { paginator, max_concurrency }, {}, { file_max_items });
      for (let n = 0; ; n++) {
        if (n > 60) throw new Error("not done after 60 invocations");
        stopper = new AbortController();
        const outcome = await invoke(lake, source, stopper.signal);
        if (outcome.status === "done") break;
        lake.clock.advance((outcome.retry_after_seconds ?? 0) * 1000);
      }
      expect(await idsIn(lake)).toEqual(idsOf(pages));
      expect(shop.peak()).toBeLessThanOrEqual(max_concurrency);
    }),
    { numRuns: sampleSize({ quick: 8, full: 30 }) },
  );
});
