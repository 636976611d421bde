import { describe, expect, test } from "vitest";
import { StorageError } from "../../lib/errors/index.ts";
import type { RunReport } from "../../lib/report/run-report.ts";
import { DAY } from "../../lib/time/durations.ts";
import { createWorld, leasesExpire, runStateMachine, type World } from "../reliability/world.ts";
import { newestReport, overwrite, reportsOf, textOf } from "./world.fixture.ts";

const LATEST = "reports/shop/latest.json";

const runOnce = async (world: World, owner: string, input: object = {}) => {
  const execution = await runStateMachine(world, world.ports(), { owner, input });
  world.advance(DAY);
  return execution;
};

const runDaily = async (world: World, count: number) => {
  for (let index = 1; index <= count; index++) await runOnce(world, `run ${index}`);
};

const earlierIds = (report: RunReport) => report.earlier.map(({ run_id }) => run_id);

describe("the earlier runs of a report", () => {
  test("are the twenty runs before it, newest first", async () => {
    const world = createWorld();
    await runDaily(world, 25);
    const reports = reportsOf(world);
    expect(reports).toHaveLength(25);
    const ids = reports.map(({ run_id }) => run_id);
    expect(earlierIds(reports[0] as RunReport)).toEqual([]);
    expect(earlierIds(reports[3] as RunReport)).toEqual([ids[2], ids[1], ids[0]]);
    expect(earlierIds(newestReport(world))).toEqual(ids.slice(4, 24).reverse());
    expect(JSON.parse(textOf(world, LATEST))).toEqual(newestReport(world));
  });

  test("have their times, their costs, and the rows and bytes of each resource", async () => {
    const world = createWorld();
    await runDaily(world, 2);
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

  test("contain a run only once, even if it was finished twice", async () => {
    const world = createWorld();
    await runDaily(world, 1);
    world.data.broken = (path) => path === "/items";
    expect(await runStateMachine(world, world.ports(), { owner: "fails" })).toMatchObject({ status: "failed" });
    const failed = newestReport(world);
    world.data.broken = undefined;
    leasesExpire(world);
    expect(await runOnce(world, "fixed")).toMatchObject({ status: "succeeded" });
    const fixed = newestReport(world);
    expect(fixed.run_id).toBe(failed.run_id);
    expect(earlierIds(fixed)).toEqual(earlierIds(failed));
    await runDaily(world, 1);
    const [before] = newestReport(world).earlier;
    expect(before).toMatchObject({ run_id: fixed.run_id, status: "done", complete: true });
    expect(earlierIds(newestReport(world))).toHaveLength(2);
  });

  test("are older than its run, and a run that finishes late does not replace the latest report", async () => {
    const world = createWorld();
    await runDaily(world, 2);
    const later = { ...newestReport(world), run_id: "20991231T000000Z-ffffffff" };
    overwrite(world, LATEST, JSON.stringify(later));
    await runDaily(world, 1);
    const report = newestReport(world);
    expect(earlierIds(report)).toEqual(earlierIds(later));
    expect(JSON.parse(textOf(world, LATEST)).run_id).toBe(later.run_id);
  });
});

describe("the copy of the latest report", () => {
  test.for([
    ["missing", null],
    ["empty", ""],
    ["cut off", '{"version":1,"source":"shop","run_id":"2026'],
    ["null", "null"],
    ["of another version", '{"version":2,"source":"shop","earlier":[],"resources":[]}'],
    ["of another shape", '{"version":1,"source":"shop","run_id":5,"earlier":[{}],"resources":[null],"cost":{}}'],
  ] as const)("is a cache: when it is %s, the run finishes and its report has no earlier runs", async ([, text]) => {
    const world = createWorld();
    await runDaily(world, 2);
    if (text === null) world.objects.delete(LATEST);
    else overwrite(world, LATEST, text);
    const warnings: string[] = [];
    const ports = world.ports();
    const logger = { ...ports.logger, warn: (message: string) => warnings.push(message) };
    expect(await runStateMachine(world, { ...ports, logger }, { owner: "next" })).toMatchObject({
      status: "succeeded",
    });
    expect(newestReport(world)).toMatchObject({ status: "done", earlier: [], freshness_seconds: null });
    // A missing copy is not worth a warning: every source has a first run.
    expect(warnings).toEqual(text === null ? [] : ["cannot read earlier runs"]);
    await runDaily(world, 1);
    expect(earlierIds(newestReport(world))).toHaveLength(1);
  });

  test("is ignored when one of its runs has invalid values", async () => {
    const world = createWorld();
    await runDaily(world, 2);
    const latest = JSON.parse(textOf(world, LATEST)) as RunReport;
    const [entry] = latest.earlier;
    for (const wrong of [
      { finished_at: "soon" },
      { dollars: "1" },
      { status: "<b>" },
      { resources: { a: { rows: null } } },
    ]) {
      overwrite(world, LATEST, JSON.stringify({ ...latest, earlier: [{ ...entry, ...wrong }] }));
      await runDaily(world, 1);
      expect(newestReport(world).earlier).toEqual([]);
    }
  });

  test("is ignored when it is of another source or version", async () => {
    const world = createWorld();
    for (const wrong of [{ version: 2 }, { source: "other" }]) {
      await runDaily(world, 2);
      overwrite(world, LATEST, JSON.stringify({ ...JSON.parse(textOf(world, LATEST)), ...wrong }));
      await runDaily(world, 1);
      expect(newestReport(world).earlier).toEqual([]);
    }
  });

  test.for(["reports/shop/latest.json", ".html"])(
    "does not keep a run open when it, or the page, cannot be accessed: %s",
    async (denied) => {
      const world = createWorld();
      const ports = world.ports();
      const deny = <Result>(key: string, call: () => Promise<Result>): Promise<Result> =>
        key.endsWith(denied) ? Promise.reject(new StorageError("access denied")) : call();
      const bucket: typeof ports.bucket = {
        ...ports.bucket,
        get: (key) => deny(key, () => ports.bucket.get(key)),
        put: (key, ...rest) => deny(key, () => ports.bucket.put(key, ...rest)),
      };
      expect(await runStateMachine(world, { ...ports, bucket }, { owner: "a" })).toMatchObject({ status: "succeeded" });
      expect(JSON.parse(textOf(world, "state/shop/run.json")).closed_at).not.toBeNull();
      expect(newestReport(world)).toMatchObject({ status: "done" });
    },
  );
});

describe("freshness_seconds", () => {
  test("is the age of the data in the tables: the time since the previous complete run was opened", async () => {
    const world = createWorld();
    await runDaily(world, 2);
    const [first, second] = reportsOf(world) as [RunReport, RunReport];
    expect(first.freshness_seconds).toBeNull();
    expect(second.freshness_seconds).toBe((Date.parse(second.finished_at) - Date.parse(first.opened_at)) / 1000);
  });

  test("skips runs that failed, that had a window, or that loaded only some resources", async () => {
    const world = createWorld();
    await runDaily(world, 1);
    const [complete] = reportsOf(world) as [RunReport];
    await runOnce(world, "some", { resources: ["items"] });
    await runOnce(world, "window", { window: { start: "2026-01-01", end: "2026-01-02" } });
    world.data.broken = (path) => path === "/items";
    await runOnce(world, "fails");
    world.data.broken = undefined;
    await runOnce(world, "new", { new_run: true });
    const reports = reportsOf(world);
    expect(reports.map((report) => report.complete)).toEqual([true, false, false, false, true]);
    const newest = reports.at(-1) as RunReport;
    const age = Date.parse(newest.finished_at) - Date.parse(complete.opened_at);
    expect(newest.freshness_seconds).toBe(age / 1000);
  });
});

describe("empty_resources", () => {
  test("contains a resource that had rows in the previous full load and has none in this one", async () => {
    const world = createWorld();
    await runDaily(world, 1);
    world.data.items = [];
    await runDaily(world, 2);
    const [, second, third] = reportsOf(world) as [RunReport, RunReport, RunReport];
    expect(second.empty_resources).toEqual(["items"]);
    // The previous run was empty too: only the first empty run is reported.
    expect(third.empty_resources).toEqual([]);
  });

  test("does not contain an incremental resource without new rows, nor its children", async () => {
    const world = createWorld();
    await runDaily(world, 1);
    world.data.orders = [];
    await runDaily(world, 1);
    const report = newestReport(world);
    const empty = report.resources.filter(({ rows }) => rows === 0);
    expect(empty.map(({ resource, full_refresh }) => [resource, full_refresh])).toEqual([
      ["orders", false],
      ["returns", false],
    ]);
    expect(report.empty_resources).toEqual([]);
  });

  test("contains incremental resources in a full refresh, compared with their previous full load", async () => {
    const world = createWorld();
    await runDaily(world, 1);
    world.data.broken = (path) => path === "/items";
    await runOnce(world, "fails");
    world.data.broken = undefined;
    world.data.orders = [];
    world.data.items = [];
    await runOnce(world, "full", { refresh: "full", new_run: true });
    expect(newestReport(world).empty_resources).toEqual(["orders", "returns", "items"]);
  });

  test("is empty in a first run, and in a run with a window", async () => {
    const world = createWorld({ orders: [], returns: new Map(), items: [] });
    await runDaily(world, 1);
    expect(newestReport(world).empty_resources).toEqual([]);
    const other = createWorld();
    await runDaily(other, 1);
    other.data.items = [];
    await runOnce(other, "window", { window: { start: "2026-01-01", end: "2026-01-02" } });
    expect(newestReport(other).empty_resources).toEqual([]);
  });
});
