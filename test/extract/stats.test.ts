import { expect, test } from "vitest";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import { NO_STATS, type ResourceStats } from "../../lib/metering/resource-stats.ts";
import type { RunReport } from "../../lib/report/run-report.ts";
import { finish } from "../../lib/run/finish.ts";
import { work } from "../../lib/run/work.ts";
import { json, startServer } from "../http/server.ts";
import { startLake } from "../lake/lake.fixture.ts";
import { finishEventOf, openRun } from "../run/run.fixture.ts";

/** Starts an API of six pages with two rows each, and a lake. `failures` are the responses to the first request of a page. */
const setUp = async (failures: Record<number, [status: number, headers: Record<string, string>]>) => {
  const lake = await startLake();
  const requested = new Set<number>();
  const server = await startServer(({ url = "" }, response) => {
    const page = Number(new URL(url, "http://shop").searchParams.get("page"));
    const [status, headers] = (requested.has(page) ? undefined : failures[page]) ?? [];
    requested.add(page);
    if (status !== undefined) return json(response, {}, status, headers);
    json(response, page > 6 ? [] : [{ id: 2 * page }, { id: 2 * page + 1 }]);
  });
  const source = resolveSource(
    defineSource({
      name: "shop",
      client: { base_url: server.url, max_concurrency: 1, error_handler: { backoff_factor: 1 } },
      resources: [{ name: "items", endpoint: { paginator: { type: "page_number", base_page: 1 } } }],
    }),
  );
  const reported: ResourceStats[] = [];
  const invoke = async (time = 60_000) => {
    const invocation = {
      id: `invocation-${reported.length}`,
      time,
      onStats: (added: ResourceStats) => void reported.push(added),
    };
    const outcome = await work(lake.ports, source, "items", {}, invocation);
    lake.clock.advance((outcome.retry_after_seconds ?? 0) * 1000);
    return outcome;
  };
  return {
    lake,
    source,
    reported,
    invoke,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await lake[Symbol.asyncDispose]();
    },
  };
};

test("the numbers that invocations add sum up to those of the resource, with throttles and retries", async () => {
  await using shop = await setUp({ 3: [429, { "retry-after": "60" }], 5: [429, { "retry-after": "2" }] });
  const first = await shop.invoke();
  expect(first).toMatchObject({ status: "throttled", rows: 4 });
  expect(shop.reported).toEqual([
    {
      ...NO_STATS,
      ...{ rows: 4, read_rows: 4, pages: 2, parts: 1, requests: 3, retries: 1, invocations: 1, throttles: 1 },
      waited_seconds: expect.any(Number),
    },
  ]);
  expect(shop.reported[0]?.waited_seconds).toBeGreaterThanOrEqual(60);
  const last = await shop.invoke();
  expect(last).toMatchObject({ status: "done", rows: 12, pages: 7 });
  expect(shop.reported).toHaveLength(2);
  const [before, after] = shop.reported as [ResourceStats, ResourceStats];
  expect({
    rows: before.rows + after.rows,
    pages: before.pages + after.pages,
    parts: before.parts + after.parts,
  }).toEqual({
    rows: last.rows,
    pages: last.pages,
    parts: last.parts,
  });
  expect(after.retries).toBe(1);
  expect(before.waited_seconds + after.waited_seconds).toBeCloseTo(last.waited_seconds);
});

test("an invocation that fails reports what it committed before", async () => {
  await using shop = await setUp({ 4: [400, {}] });
  await expect(shop.invoke()).rejects.toMatchObject({ name: "HttpError" });
  expect(shop.reported).toMatchObject([{ rows: 6, pages: 3, parts: 1 }]);
});

test("an invocation for a resource that is done adds no rows, pages or parts", async () => {
  await using shop = await setUp({});
  expect(await shop.invoke()).toMatchObject({ status: "done" });
  await shop.invoke();
  expect(shop.reported.slice(1).every(({ rows, pages, parts }) => rows + pages + parts === 0)).toBe(true);
});

test.each([
  ["done", {}],
  ["failed", { 4: [400, {}] as [number, Record<string, string>] }],
])("finish passes the report of a run that is %s to its callback", async (status, failures) => {
  await using shop = await setUp(failures);
  const { ports } = shop.lake;
  const run = await openRun(shop.lake, shop.source);
  await work(ports, shop.source, "items", { run }, { id: "one", time: 60_000 }).catch(() => {});
  const reports: RunReport[] = [];
  const finishing = finish(ports, finishEventOf(shop.source, run), null, (report) => reports.push(report));
  if (status === "done") await finishing;
  else await expect(finishing).rejects.toMatchObject({ name: "RunFailedError" });
  expect(reports).toMatchObject([{ run_id: run.run_id, status, complete: status === "done" }]);
});
