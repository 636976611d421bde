import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { startApi } from "../configs/conversation.fixture.ts";
import { type Config, createWorld, runSource, sourceOf } from "../configs/run.fixture.ts";

const ROWS = Array.from({ length: 38 }, (_, id) => ({ id }));
const LIMIT = 5;

/** Rows per page: the page with row 15 is short. */
const sizeAt = (start: number): number => (start === 15 ? 3 : LIMIT);
const STARTS = [0];
while ((STARTS.at(-1) ?? 0) < ROWS.length) STARTS.push((STARTS.at(-1) ?? 0) + sizeAt(STARTS.at(-1) ?? 0));

const PAGINATORS = {
  offset: { type: "offset", limit: LIMIT, total_path: "total" },
  page_number: { type: "page_number", limit: LIMIT, limit_param: "limit", total_path: "pages" },
};

/** Runs a source whose pages are prefetched, and which is stopped during some requests. */
const run = async (type: keyof typeof PAGINATORS, stopAt: number[] = []) => {
  let controller = new AbortController();
  let [inFlight, peak] = [0, 0];
  await using api = await startApi(async ({ url }, number) => {
    peak = Math.max(peak, ++inFlight);
    if (stopAt.includes(number)) controller.abort();
    // Later pages arrive before earlier ones.
    await setTimeout((number * 7) % 5);
    inFlight--;
    const page = url.searchParams.get("page");
    const start = page === null ? Number(url.searchParams.get("offset")) : (STARTS[Number(page)] ?? ROWS.length);
    const data = ROWS.slice(start, start + sizeAt(start));
    return { data, total: ROWS.length, pages: STARTS.length - 1 };
  });
  const config = {
    client: { max_concurrency: 4 },
    resources: [{ name: "rows", endpoint: { data_selector: "data", paginator: PAGINATORS[type] } }],
  } as Config;
  const result = await runSource(createWorld(), sourceOf(api.url, config), {
    stop() {
      controller = new AbortController();
      return controller.signal;
    },
  });
  return { ...result, requests: api.requests, peak };
};

describe("A.1: a short page among prefetched ones", () => {
  test("of offset drops the pages that were prefetched after it, and loads every row once and in order", async () => {
    const { rows, failures, warnings, requests, peak } = await run("offset");
    expect({ rows: rows.rows, failures, warnings }).toEqual({ rows: ROWS, failures: {}, warnings: {} });
    expect(peak).toBeGreaterThan(1);
    // The page after the short one, and one that was prefetched for a full page.
    expect(requests).toEqual(expect.arrayContaining(["GET /rows?offset=18&limit=5", "GET /rows?offset=20&limit=5"]));
  });

  test("of page_number keeps them, because page numbers do not depend on rows", async () => {
    const { rows, failures, warnings, requests, peak } = await run("page_number");
    expect({ rows: rows.rows, failures, warnings }).toEqual({ rows: ROWS, failures: {}, warnings: {} });
    expect(peak).toBeGreaterThan(1);
    expect(requests.toSorted()).toEqual(
      STARTS.slice(0, -1)
        .map((_, page) => `GET /rows?page=${page}&limit=5`)
        .toSorted(),
    );
  });

  test.each(["offset", "page_number"] as const)(
    "of %s loads every row once when stopped during any request",
    async (type) => {
      const { requests } = await run(type);
      let resumed = 0;
      for (let at = 0; at < requests.length; at++) {
        const { rows, failures, warnings, invocations } = await run(type, [at, at + 4]);
        expect({ at, rows: rows.rows, failures, warnings }).toEqual({ at, rows: ROWS, failures: {}, warnings: {} });
        if ((invocations.rows ?? 0) > 1) resumed++;
      }
      // A stop during the last request may come too late.
      expect(resumed).toBeGreaterThan(requests.length / 2);
    },
  );
});
