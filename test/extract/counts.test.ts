import { expect, test } from "vitest";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import { NO_STATS, type ResourceStats } from "../../lib/metering/resource-stats.ts";
import { NO_TRANSITIONS } from "../../lib/metering/transitions.ts";
import type { RunReport } from "../../lib/report/run-report.ts";
import { finish } from "../../lib/run/finish.ts";
import { type OpenEvent, open } from "../../lib/run/open.ts";
import { resourceFactsOf } from "../../lib/run/source-facts.ts";
import { work } from "../../lib/run/work.ts";
import { json, startServer } from "../http/server.ts";
import { startLake } from "../lake/lake.fixture.ts";

/** Pages of two rows each; what `trouble` says to a page when it is asked for the first time. */
const setUp = async (trouble: Record<number, [status: number, headers: Record<string, string>]>) => {
  const lake = await startLake();
  const asked = new Set<number>();
  const server = await startServer(({ url = "" }, response) => {
    const page = Number(new URL(url, "http://shop").searchParams.get("page"));
    const [status, headers] = (asked.has(page) ? undefined : trouble[page]) ?? [];
    asked.add(page);
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
  const told: ResourceStats[] = [];
  const invoke = async (time = 60_000) => {
    const invocation = {
      id: `invocation-${told.length}`,
      time,
      onStats: (added: ResourceStats) => void told.push(added),
    };
    const outcome = await work(lake.ports, source, "items", {}, invocation);
    lake.clock.advance((outcome.retry_after_seconds ?? 0) * 1000);
    return outcome;
  };
  return {
    lake,
    source,
    told,
    invoke,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await lake[Symbol.asyncDispose]();
    },
  };
};

test("what invocations add comes to what the resource has: throttled, retried and done", async () => {
  await using shop = await setUp({ 3: [429, { "retry-after": "60" }], 5: [429, { "retry-after": "2" }] });
  const first = await shop.invoke();
  expect(first).toMatchObject({ status: "throttled", rows: 4 });
  expect(shop.told).toEqual([
    {
      ...NO_STATS,
      ...{ rows: 4, pages: 2, parts: 1, requests: 3, retries: 1, invocations: 1, throttles: 1 },
      waited_seconds: expect.any(Number),
    },
  ]);
  expect(shop.told[0]?.waited_seconds).toBeGreaterThanOrEqual(60);
  const last = await shop.invoke();
  expect(last).toMatchObject({ status: "done", rows: 12, pages: 7 });
  expect(shop.told).toHaveLength(2);
  const [one, other] = shop.told as [ResourceStats, ResourceStats];
  expect({ rows: one.rows + other.rows, pages: one.pages + other.pages, parts: one.parts + other.parts }).toEqual({
    rows: last.rows,
    pages: last.pages,
    parts: last.parts,
  });
  expect(other.retries).toBe(1);
  expect(one.waited_seconds + other.waited_seconds).toBeCloseTo(last.waited_seconds);
});

test("an invocation that fails tells what it committed before", async () => {
  await using shop = await setUp({ 4: [400, {}] });
  await expect(shop.invoke()).rejects.toMatchObject({ name: "HttpError" });
  expect(shop.told).toMatchObject([{ rows: 6, pages: 3, parts: 1 }]);
});

test("a resource that is done already adds nothing", async () => {
  await using shop = await setUp({});
  const ticket = await shop.invoke();
  expect(ticket.status).toBe("done");
  await shop.invoke();
  expect(shop.told.slice(1).every(({ rows, pages, parts }) => rows + pages + parts === 0)).toBe(true);
});

test.each([
  ["done", {}],
  ["failed", { 4: [400, {}] as [number, Record<string, string>] }],
])("finish tells what its report says, of a run that is %s", async (status, trouble) => {
  await using shop = await setUp(trouble);
  const { ports } = shop.lake;
  const facts = {
    source: "shop",
    resources: resourceFactsOf(shop.source),
    bounds: { max_run_age: 1e6, fresh_after: 1e6 },
  };
  const run = await open(ports, {
    ...facts,
    transitions: NO_TRANSITIONS,
    input: {},
    owner: "execution",
  } satisfies OpenEvent);
  if (run.status !== "open") throw new Error(run.status);
  await work(ports, shop.source, "items", { run } as never, { id: "one", time: 60_000 }).catch(() => {});
  const reports: RunReport[] = [];
  const finishing = finish(ports, { ...facts, run, failures: {} }, null, (report) => reports.push(report));
  if (status === "done") await finishing;
  else await expect(finishing).rejects.toMatchObject({ name: "RunFailedError" });
  expect(reports).toMatchObject([{ run_id: run.run_id, status, complete: status === "done" }]);
});
