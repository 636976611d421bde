import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineSource, secret } from "../../lib/config/index.ts";
import { type ResolvedSource, resolveSource } from "../../lib/config/resolve.ts";
import type { SourceConfig, SourceSettings } from "../../lib/config/schema/index.ts";
import type { Ports } from "../../lib/ports/index.ts";
import { work } from "../../lib/run/work.ts";
import { eventually, json, startServer } from "../http/server.ts";
import { type Lake, startLake } from "../lake/lake.fixture.ts";
import { sampleSize } from "../size.ts";

/** The data of an API. */
interface Dataset {
  orders: number[];
  /** Pages of lines by order. */
  lines: Record<number, number[][]>;
}

/** Returns a dataset with a given number of lines per order, in pages of at most two. The last page of an order is empty. */
const datasetOf = (sizes: number[]): Dataset => ({
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

/** Starts the API of a dataset. `statusOf` returns the status of a request for lines, and may delay it. */
const startOrdersApi = async (
  dataset: Dataset,
  statusOf: (url: string, number: number) => number | Promise<number> = () => 200,
) => {
  let [inFlight, peak] = [0, 0];
  const api = await startServer(async ({ url = "" }, response, number) => {
    const [, order, page] = /^\/orders\/(\d+)\/lines\?page=(\d+)/.exec(url) ?? [];
    if (order === undefined)
      return json(
        response,
        dataset.orders.map((id) => ({ id })),
      );
    peak = Math.max(peak, ++inFlight);
    response.on("close", () => inFlight--);
    const status = await statusOf(url, number);
    const rows = dataset.lines[Number(order)]?.[Number(page) - 1] ?? [];
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

/** Returns all lines of a dataset, in the order of sequential requests. */
const expectedLines = ({ orders, lines }: Dataset): string[] =>
  orders.flatMap((order) => (lines[order] ?? []).flat().map((n) => `${order}: ${order}.${n}`));

/** Invokes the child until it is done. */
const loadUntilDone = async (lake: Lake, source: ResolvedSource) => {
  for (let n = 0; n < 100; n++) {
    const outcome = await invoke(lake, source, "lines");
    if (outcome.status === "done") return outcome;
    lake.clock.advance((outcome.retry_after_seconds ?? 0) * 1000);
  }
  throw new Error("not done after 100 invocations");
};

/** Returns ports that count the requests in flight. */
const countInFlight = (ports: Ports) => {
  let count = 0;
  const counting = (...args: Parameters<typeof fetch>) => {
    count++;
    return fetch(...args).finally(() => count--);
  };
  return { ports: { ...ports, fetch: counting }, inFlight: () => count };
};

describe("parallelized children", () => {
  const shortDelay = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 2));

  test("are requested concurrently, up to max_concurrency", async () => {
    const dataset = datasetOf(Array(16).fill(2));
    await using lake = await startLake();
    await using api = await startOrdersApi(dataset, async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return 200;
    });
    const source = sourceOf(api.url);
    await invoke(lake, source, "orders");
    expect(await invoke(lake, source, "lines")).toMatchObject({ status: "done", rows: 32 });
    expect(api.peak()).toBeGreaterThan(1);
    expect(api.peak()).toBeLessThanOrEqual(4);
    expect(await linesOf(lake)).toEqual(expectedLines(dataset));
  });

  test.each([
    ["parallelized: false", { parallelized: false }],
    ["max_concurrency: 1", { endpoint: { ...LINES, max_concurrency: 1 } }],
  ])("are requested one by one with %s", async (_, lines) => {
    await using lake = await startLake();
    await using api = await startOrdersApi(datasetOf([1, 1, 1, 1, 1]), async () => {
      await shortDelay();
      return 200;
    });
    const source = sourceOf(api.url, { lines });
    await invoke(lake, source, "orders");
    await invoke(lake, source, "lines");
    expect(api.peak()).toBe(1);
  });

  test("have the same rows in the same order as when requested one by one, for random failures and orders of responses", async () => {
    const statuses = fc.constantFrom(200, 200, 200, 200, 503, 429, 500);
    const sizes = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.array(statuses, { maxLength: 20 }), async (lineCounts, failures) => {
        const dataset = datasetOf(lineCounts);
        await using lake = await startLake();
        let sent = 0;
        await using api = await startOrdersApi(dataset, async () => {
          const status = failures[sent++] ?? 200;
          await shortDelay();
          return status;
        });
        const source = sourceOf(api.url, { client: { error_handler: { max_retries: 30, backoff_factor: 1 } } });
        await invoke(lake, source, "orders");
        await loadUntilDone(lake, source);
        expect(await linesOf(lake)).toEqual(expectedLines(dataset));
        expect(api.peak()).toBeLessThanOrEqual(4);
      }),
      { numRuns: sampleSize({ quick: 4, full: 12 }) },
    );
  });

  test("with an ignored response end only their own row of the parent, prefetched or not", async () => {
    const dataset = datasetOf([2, 2, 2, 2, 2, 2]);
    await using lake = await startLake();
    await using api = await startOrdersApi(dataset, (url) => (/orders\/[246]\//.test(url) ? 404 : 200));
    const endpoint = { ...LINES, response_actions: [{ status_code: 404, action: "ignore" }] };
    const source = sourceOf(api.url, { lines: { endpoint } });
    await invoke(lake, source, "orders");
    expect(await invoke(lake, source, "lines")).toMatchObject({ status: "done", rows: 6 });
    expect(await linesOf(lake)).toEqual(expectedLines(dataset).filter((line) => /^[135]/.test(line)));
  });

  test("fail when they are due: the rows before them are committed, and the error has the page", async () => {
    const dataset = datasetOf([2, 2, 2, 2, 2]);
    await using lake = await startLake();
    await using api = await startOrdersApi(dataset, (url) => (url.startsWith("/orders/4/") ? 400 : 200));
    const source = sourceOf(api.url);
    await invoke(lake, source, "orders");
    await expect(invoke(lake, source, "lines")).rejects.toMatchObject({ name: "HttpError", place: { page: 7 } });
    expect(await linesOf(lake)).toEqual(expectedLines(dataset).filter((line) => /^[123]/.test(line)));
  });

  test("leave no request in flight when the invocation is stopped while the server does not respond", async () => {
    const dataset = datasetOf(Array(12).fill(1));
    await using lake = await startLake();
    let responses = 0;
    await using api = await startOrdersApi(dataset, () => (responses++ < 9 ? 200 : new Promise(() => {})));
    const { ports, inFlight } = countInFlight(lake.ports);
    const source = sourceOf(api.url);
    await invoke(lake, source, "orders");
    const stop = new AbortController();
    const working = work(ports, source, "lines", {}, { id: "stopped", time: 60_000, stop: stop.signal });
    await eventually(inFlight).toBeGreaterThan(1);
    await eventually(() => api.seen.length).toBeGreaterThan(11);
    stop.abort();
    expect(await working).toMatchObject({ status: "partial" });
    expect(inFlight()).toBe(0);
    await eventually(() => api.inFlight()).toBe(0);
  });

  test("leave no request in flight when one of them fails", async () => {
    const dataset = datasetOf([1, 1, 1, 1, 1, 1, 1, 1]);
    await using lake = await startLake();
    await using api = await startOrdersApi(dataset, (url) => {
      if (/orders\/[5678]/.test(url)) return new Promise(() => {});
      return url.startsWith("/orders/4/") ? 400 : 200;
    });
    const { ports, inFlight } = countInFlight(lake.ports);
    const source = sourceOf(api.url, { client: { error_handler: { max_retries: 0 } } });
    await invoke(lake, source, "orders");
    await expect(work(ports, source, "lines", {}, { id: "failing", time: 60_000 })).rejects.toMatchObject({
      name: "HttpError",
    });
    expect(api.seen.some(({ url }) => url.startsWith("/orders/5/"))).toBe(true);
    expect(inFlight()).toBe(0);
    await eventually(() => api.inFlight()).toBe(0);
  });

  test("share one OAuth2 token, and keep the rate limit", async () => {
    const dataset = datasetOf([3, 0, 1, 4, 2, 2]);
    await using lake = await startLake();
    await using tokens = await startServer((_, response, number) =>
      json(response, { access_token: `token-${number}` }),
    );
    await using api = await startOrdersApi(dataset);
    const sentAt: number[] = [];
    lake.ports.fetch = (...args) => {
      sentAt.push(lake.clock.now());
      return fetch(...args);
    };
    const auth = {
      type: "oauth2_client_credentials",
      access_token_url: tokens.url,
      client_id: "me",
      client_secret: secret("s"),
    };
    const source = sourceOf(api.url, { client: { auth, rate_limit: { requests: 3, per: 20 } } });
    await invoke(lake, source, "orders");
    await loadUntilDone(lake, source);
    expect(await linesOf(lake)).toEqual(expectedLines(dataset));
    for (const start of sentAt) {
      expect(sentAt.filter((at) => at >= start && at < start + 20_000).length).toBeLessThanOrEqual(3);
    }
  });
});
