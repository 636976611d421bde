import { describe, expect, test } from "vitest";
import { StorageError } from "../../lib/errors/index.ts";
import type { RunReport } from "../../lib/report/run-report.ts";
import { createWorld, leasesExpire, runMachine, type World } from "../reliability/world.ts";
import { newestReport, overwrite, reportsOf, textOf } from "./world.fixture.ts";

const LATEST = "reports/shop/latest.json";
const DAY = 86_400_000;

const night = async (world: World, owner: string, input: object = {}) => {
  const execution = await runMachine(world, world.ports(), { owner, input });
  world.advance(DAY);
  return execution;
};

const nights = async (world: World, count: number) => {
  for (let index = 1; index <= count; index++) await night(world, `night ${index}`);
};

const earlierIds = (report: RunReport) => report.earlier.map(({ run_id }) => run_id);

describe("a report knows of the runs before it", () => {
  test("the newest first, and of twenty at most, however many there were", async () => {
    const world = createWorld();
    await nights(world, 25);
    const reports = reportsOf(world);
    expect(reports).toHaveLength(25);
    const ids = reports.map(({ run_id }) => run_id);
    expect(earlierIds(reports[0] as RunReport)).toEqual([]);
    expect(earlierIds(reports[3] as RunReport)).toEqual([ids[2], ids[1], ids[0]]);
    expect(earlierIds(newestReport(world))).toEqual(ids.slice(4, 24).reverse());
    expect(JSON.parse(textOf(world, LATEST))).toEqual(newestReport(world));
  });

  test("with their times, costs, and rows and bytes of each resource", async () => {
    const world = createWorld();
    await nights(world, 2);
    const [first, second] = reportsOf(world) as [RunReport, RunReport];
    const { run_id, opened_at, finished_at, status, duration_seconds, cost, resources } = first;
    expect(second.earlier).toEqual([
      {
        run_id,
        opened_at,
        finished_at,
        status,
        complete: true,
        window: null,
        duration_seconds,
        dollars: cost.dollars.total,
        resources: Object.fromEntries(
          resources.map(({ resource, rows, bytes }) => [resource, { rows, bytes, full_refresh: true }]),
        ),
      },
    ]);
    expect(resources.map(({ rows }) => rows)).toEqual([9, 10, 7]);
    for (const { bytes } of resources) expect(bytes).toBeGreaterThan(0);
  });

  test("and a run that is finished again replaces itself", async () => {
    const world = createWorld();
    await nights(world, 1);
    world.data.broken = (path) => path === "/items";
    expect(await runMachine(world, world.ports(), { owner: "fails" })).toMatchObject({ status: "failed" });
    const failed = newestReport(world);
    world.data.broken = undefined;
    leasesExpire(world);
    expect(await night(world, "mends")).toMatchObject({ status: "succeeded" });
    const mended = newestReport(world);
    expect(mended.run_id).toBe(failed.run_id);
    expect(earlierIds(mended)).toEqual(earlierIds(failed));
    await nights(world, 1);
    const [before] = newestReport(world).earlier;
    expect(before).toMatchObject({ run_id: mended.run_id, status: "done", complete: true });
    expect(earlierIds(newestReport(world))).toHaveLength(2);
  });

  test("but not of what comes after it: a late finish leaves the newest report where it is", async () => {
    const world = createWorld();
    await nights(world, 2);
    const later = { ...newestReport(world), run_id: "20991231T000000Z-ffffffff" };
    overwrite(world, LATEST, JSON.stringify(later));
    await nights(world, 1);
    const report = newestReport(world);
    expect(earlierIds(report)).toEqual(earlierIds(later));
    expect(JSON.parse(textOf(world, LATEST)).run_id).toBe(later.run_id);
  });
});

describe("the copy of the newest report is a cache", () => {
  test.for([
    ["lost", null],
    ["empty", ""],
    ["half written", '{"version":1,"source":"shop","run_id":"2026'],
    ["null", "null"],
    ["of another version", '{"version":2,"source":"shop","earlier":[],"resources":[]}'],
    ["of another shape", '{"version":1,"source":"shop","run_id":5,"earlier":[{}],"resources":[null],"cost":{}}'],
  ] as const)("%s: the run is finished all the same, and there are no earlier runs", async ([, text]) => {
    const world = createWorld();
    await nights(world, 2);
    if (text === null) world.objects.delete(LATEST);
    else overwrite(world, LATEST, text);
    const warnings: string[] = [];
    const ports = world.ports();
    const log = { ...ports.logger, warn: (message: string) => warnings.push(message) };
    expect(await runMachine(world, { ...ports, logger: log }, { owner: "next" })).toMatchObject({
      status: "succeeded",
    });
    expect(newestReport(world)).toMatchObject({ status: "done", earlier: [], freshness_seconds: null });
    // That there is none is no news: every source has a first run.
    expect(warnings).toEqual(text === null ? [] : ["earlier runs not known"]);
    await nights(world, 1);
    expect(earlierIds(newestReport(world))).toHaveLength(1);
  });

  test("with an entry that no page could show: it is not used", async () => {
    const world = createWorld();
    await nights(world, 2);
    const latest = JSON.parse(textOf(world, LATEST)) as RunReport;
    const [entry] = latest.earlier;
    for (const wrong of [
      { finished_at: "soon" },
      { dollars: "1" },
      { status: "<b>" },
      { resources: { a: { rows: null } } },
    ]) {
      overwrite(world, LATEST, JSON.stringify({ ...latest, earlier: [{ ...entry, ...wrong }] }));
      await nights(world, 1);
      expect(newestReport(world).earlier).toEqual([]);
    }
  });

  test("of another source or version, however well it is made: it is not used", async () => {
    const world = createWorld();
    for (const wrong of [{ version: 2 }, { source: "other" }]) {
      await nights(world, 2);
      overwrite(world, LATEST, JSON.stringify({ ...JSON.parse(textOf(world, LATEST)), ...wrong }));
      await nights(world, 1);
      expect(newestReport(world).earlier).toEqual([]);
    }
  });

  test.for(["reports/shop/latest.json", ".html"])(
    "that cannot be used, or a page that cannot be written (%s), keeps no run open",
    async (denied) => {
      const world = createWorld();
      const ports = world.ports();
      const deny = <Result>(key: string, go: () => Promise<Result>): Promise<Result> =>
        key.endsWith(denied) ? Promise.reject(new StorageError("access denied")) : go();
      const bucket: typeof ports.bucket = {
        ...ports.bucket,
        get: (key) => deny(key, () => ports.bucket.get(key)),
        put: (key, ...rest) => deny(key, () => ports.bucket.put(key, ...rest)),
      };
      expect(await runMachine(world, { ...ports, bucket }, { owner: "a" })).toMatchObject({ status: "succeeded" });
      expect(JSON.parse(textOf(world, "state/shop/run.json")).closed_at).not.toBeNull();
      expect(newestReport(world)).toMatchObject({ status: "done" });
    },
  );
});

describe("freshness_seconds", () => {
  test("is the age of what the tables showed: from the opening of the complete run before", async () => {
    const world = createWorld();
    await nights(world, 2);
    const [first, second] = reportsOf(world) as [RunReport, RunReport];
    expect(first.freshness_seconds).toBeNull();
    expect(second.freshness_seconds).toBe((Date.parse(second.finished_at) - Date.parse(first.opened_at)) / 1000);
  });

  test("passes over runs that failed, that were a window, or of some resources only", async () => {
    const world = createWorld();
    await nights(world, 1);
    const [complete] = reportsOf(world) as [RunReport];
    await night(world, "some", { resources: ["items"] });
    await night(world, "window", { window: { start: "2026-01-01", end: "2026-01-02" } });
    world.data.broken = (path) => path === "/items";
    await night(world, "fails");
    world.data.broken = undefined;
    await night(world, "new", { new_run: true });
    const reports = reportsOf(world);
    expect(reports.map((report) => report.complete)).toEqual([true, false, false, false, true]);
    const newest = reports.at(-1) as RunReport;
    const age = Date.parse(newest.finished_at) - Date.parse(complete.opened_at);
    expect(newest.freshness_seconds).toBe(age / 1000);
  });
});

describe("empty_resources", () => {
  test("names what had rows in the run before, reads everything, and comes without any", async () => {
    const world = createWorld();
    await nights(world, 1);
    world.data.items = [];
    await nights(world, 2);
    const [, second, third] = reportsOf(world) as [RunReport, RunReport, RunReport];
    expect(second.empty_resources).toEqual(["items"]);
    // The one before was empty as well: that is told once.
    expect(third.empty_resources).toEqual([]);
  });

  test("does not name what asks for news only, nor its children", async () => {
    const world = createWorld();
    await nights(world, 1);
    world.data.orders = [];
    await nights(world, 1);
    const report = newestReport(world);
    const empty = report.resources.filter(({ rows }) => rows === 0);
    expect(empty.map(({ resource, full_refresh }) => [resource, full_refresh])).toEqual([
      ["orders", false],
      ["returns", false],
    ]);
    expect(report.empty_resources).toEqual([]);
  });

  test("names those too in a full refresh, and compares with the last time that they read everything", async () => {
    const world = createWorld();
    await nights(world, 1);
    world.data.broken = (path) => path === "/items";
    await night(world, "fails");
    world.data.broken = undefined;
    world.data.orders = [];
    world.data.items = [];
    await night(world, "all anew", { refresh: "full", new_run: true });
    expect(newestReport(world).empty_resources).toEqual(["orders", "returns", "items"]);
  });

  test("names nothing in a first run, or in a window", async () => {
    const world = createWorld({ orders: [], returns: new Map(), items: [] });
    await nights(world, 1);
    expect(newestReport(world).empty_resources).toEqual([]);
    const other = createWorld();
    await nights(other, 1);
    other.data.items = [];
    await night(other, "window", { window: { start: "2026-01-01", end: "2026-01-02" } });
    expect(newestReport(other).empty_resources).toEqual([]);
  });
});
