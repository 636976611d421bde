import { describe, expect, test } from "vitest";
import type { Cursor } from "../../lib/columns/cursor-values.ts";
import { RunFailedError } from "../../lib/errors/index.ts";
import { nextStepOf } from "../../lib/errors/next-step.ts";
import { PRICES } from "../../lib/metering/cost.ts";
import { NO_USAGE } from "../../lib/metering/usage.ts";
import { type Lake, startLake } from "../lake/lake.fixture.ts";
import { ALL, facts, finish, MINUTE, opened, RESOURCES, seal, work } from "./run.fixture.ts";

const cursor = (value: Cursor["value"]): Cursor => ({ value, hashes: ["h"] });
const STATE = "state/shop/orders.json";
const states = async (lake: Lake) =>
  (await lake.keys("state/shop/")).filter((key) => /^state\/shop\/(?!run)\w+\.json$/.test(key));
const loadOrders = (lake: Lake, run_id: string, value: Cursor["value"], known = RESOURCES) =>
  work(lake, run_id, "orders", { cursor: cursor(value), known });

describe("incremental state moves", () => {
  test("when the resource and all that descends from it are done", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await loadOrders(lake, run_id, "2024-05-01");
    await seal(lake, run_id, ["lines", "taxes", "items"]);
    expect(await states(lake)).toEqual([]);
    await finish(lake, run_id, "a");
    expect(await lake.json(STATE)).toEqual({ version: 1, run_id, cursors: { "": cursor("2024-05-01") } });
  });

  test("though something else failed that does not descend from it", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await loadOrders(lake, run_id, 5);
    await seal(lake, run_id, ["lines", "taxes"]);
    await expect(finish(lake, run_id, "a")).rejects.toThrow(RunFailedError);
    expect(await lake.json(STATE)).toMatchObject({ cursors: { "": cursor(5) } });
  });

  test("not while a grandchild is missing: its rows would never be asked for again", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await loadOrders(lake, run_id, 5);
    await seal(lake, run_id, ["lines", "items"]);
    await expect(finish(lake, run_id, "a")).rejects.toThrow(RunFailedError);
    expect(await states(lake)).toEqual([]);
    await opened(lake, "b");
    await seal(lake, run_id, ["taxes"]);
    await finish(lake, run_id, "b");
    expect(await states(lake)).toEqual([STATE]);
  });

  test("without waiting for a descendant that is not selected", async () => {
    await using lake = await startLake();
    const known = [facts("orders", { incremental: true }), facts("lines", { parent: "orders", selected: false })];
    const { run_id } = await opened(lake, "a", { known });
    await loadOrders(lake, run_id, 5, known);
    await expect(finish(lake, run_id, "a", { known })).rejects.toThrow(/lines/);
    expect(await states(lake)).toEqual([STATE]);
  });

  test("but waits for what is selected below one that is not", async () => {
    await using lake = await startLake();
    const known = [
      facts("orders", { incremental: true }),
      facts("lines", { parent: "orders", selected: false }),
      facts("taxes", { parent: "lines" }),
    ];
    const { run_id } = await opened(lake, "a", { known });
    await loadOrders(lake, run_id, 5, known);
    await work(lake, run_id, "lines", { known });
    await expect(finish(lake, run_id, "a", { known })).rejects.toThrow(/taxes/);
    expect(await states(lake)).toEqual([]);
  });

  test("not by an execution that left descendants out", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { resources: ["orders"] });
    await loadOrders(lake, run_id, 5);
    expect(await finish(lake, run_id, "a", { resources: ["orders"] })).toMatchObject({ status: "done" });
    expect(await states(lake)).toEqual([]);
  });

  test("not by a window", async () => {
    await using lake = await startLake();
    const window = { start: 1, end: 100 };
    const { run_id } = await opened(lake, "a", { window });
    await loadOrders(lake, run_id, 99);
    await seal(lake, run_id, ["lines", "taxes", "items"]);
    expect(await finish(lake, run_id, "a", { window })).toMatchObject({ status: "done" });
    expect(await states(lake)).toEqual([]);
  });

  test("not without a cursor: a run that saw no rows leaves it where it was", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await seal(lake, run_id, ALL);
    await finish(lake, run_id, "a");
    expect(await states(lake)).toEqual([]);
  });

  test("only for incremental resources", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await seal(lake, run_id, ALL, cursor(7));
    await finish(lake, run_id, "a");
    expect(await states(lake)).toEqual([STATE]);
  });

  test("into the start of the next run, and never back by a full refresh that saw less", async () => {
    await using lake = await startLake();
    for (const [value, refresh] of [
      [5, null],
      [3, "full"],
    ] as const) {
      const { run_id } = await opened(lake, "a", { refresh });
      await loadOrders(lake, run_id, value);
      await seal(lake, run_id, ["lines", "taxes", "items"]);
      await finish(lake, run_id, "a", { refresh });
      lake.clock.advance(MINUTE);
    }
    expect((await opened(lake, "b")).incremental.orders).toEqual({ "": cursor(5) });
  });
});

describe("the report", () => {
  const report = async (lake: Lake, run_id: string) => lake.json(`reports/shop/${run_id}.json`);

  test("says of every resource what came of it, with its counts", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await work(lake, run_id, "orders");
    await work(lake, run_id, "lines", { final: false });
    lake.clock.advance(5 * MINUTE);
    const failures = { lines: { name: "ThrottledError", message: "the API returned 429" } };
    await expect(finish(lake, run_id, "a", { failures })).rejects.toThrow(RunFailedError);
    // These resources were worked on without a Lambda.
    const unbilled = { duration_seconds: null, invocations: 0, throttles: 0, usage: NO_USAGE, timeline: [] };
    const counts = {
      discarded_rows: 0,
      discarded_values: 0,
      requests: 3,
      retries: 1,
      waited_seconds: 0.25,
      ...unbilled,
    };
    const unknown = { bytes: null, full_refresh: null, warnings: [] };
    const nothing = {
      rows: 0,
      ...unknown,
      discarded_rows: 0,
      discarded_values: 0,
      pages: 0,
      parts: 0,
      requests: 0,
      retries: 0,
      waited_seconds: 0,
      ...unbilled,
    };
    const unreached = {
      name: "NotReached",
      message: "not started in this execution",
      next_step: expect.any(String),
    };
    const [{ bytes }] = (await lake.json(`manifests/shop/orders/${run_id}-orders.json`)).parts;
    const full_refresh = true;
    expect(await report(lake, run_id)).toEqual({
      version: 1,
      source: "shop",
      run_id,
      opened_at: "2026-11-20T09:00:00.000Z",
      finished_at: "2026-11-20T09:05:00.000Z",
      duration_seconds: 300,
      status: "failed",
      closed: false,
      complete: false,
      refresh: null,
      window: null,
      freshness_seconds: null,
      empty_resources: [],
      resources: [
        {
          resource: "orders",
          table: "orders",
          status: "done",
          rows: 1,
          bytes,
          full_refresh,
          warnings: [],
          pages: 2,
          parts: 1,
          ...counts,
          error: null,
        },
        {
          resource: "lines",
          table: "lines",
          status: "failed",
          rows: 1,
          ...unknown,
          pages: 2,
          parts: 1,
          ...counts,
          error: { ...failures.lines, next_step: nextStepOf("ThrottledError") },
        },
        { resource: "taxes", table: "taxes", status: "failed", ...nothing, error: unreached },
        { resource: "items", table: "items", status: "failed", ...nothing, error: unreached },
      ],
      schema_changes: [],
      cost: { usage: expect.objectContaining({ gb_seconds: 0 }), dollars: expect.anything(), prices: PRICES },
      earlier: [],
    });
  });

  test("is replaced by that of the execution that finished the run", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await expect(finish(lake, run_id, "a")).rejects.toThrow(RunFailedError);
    await opened(lake, "b");
    await seal(lake, run_id, ALL);
    await finish(lake, run_id, "b");
    expect(await report(lake, run_id)).toMatchObject({
      status: "done",
      resources: ALL.map((resource) => ({ resource, status: "done", error: null })),
    });
  });

  test("does without the counts of a corrupt checkpoint", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { resources: ["items"] });
    await work(lake, run_id, "items");
    await lake.overwrite(`state/shop/${run_id}/items.json`, "{");
    await finish(lake, run_id, "a", { resources: ["items"] });
    expect(await report(lake, run_id)).toMatchObject({
      resources: [{ resource: "items", status: "done", rows: 1, requests: 0 }],
    });
  });

  test("has no key that the machine itself told of a Lambda that died", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    lake.ports.redactor.add("key-0123456789");
    const failures = { items: { name: "Runtime.ExitError", message: "died with key-0123456789 in its hand" } };
    await expect(finish(lake, run_id, "a", { failures })).rejects.toThrow(RunFailedError);
    for (const key of await lake.keys("reports/")) expect(String(await lake.read(key))).not.toContain("key-0123456789");
    const { resources } = await report(lake, run_id);
    expect(resources[3].error).toMatchObject({ message: "died with *** in its hand" });
  });

  test("has no data: no cursor, no row", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { resources: ["orders"] });
    await work(lake, run_id, "orders", { cursor: cursor("jane@example.com") });
    await finish(lake, run_id, "a", { resources: ["orders"] });
    expect(JSON.stringify(await report(lake, run_id))).not.toContain("jane");
  });
});
