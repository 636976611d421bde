import { describe, expect, test } from "vitest";
import type { Cursor } from "../../lib/columns/cursor-values.ts";
import { RunFailedError } from "../../lib/errors/index.ts";
import { nextStepOf } from "../../lib/errors/next-step.ts";
import { PRICES } from "../../lib/metering/cost.ts";
import { NO_USAGE } from "../../lib/metering/usage.ts";
import { MINUTE } from "../../lib/time/durations.ts";
import { type Lake, startLake } from "../lake/lake.fixture.ts";
import { ALL, facts, finish, opened, RESOURCES, seal, work } from "./run.fixture.ts";

const cursor = (value: Cursor["value"]): Cursor => ({ value, hashes: ["h"] });
const STATE = "state/shop/orders.json";
const states = async (lake: Lake) =>
  (await lake.keys("state/shop/")).filter((key) => /^state\/shop\/(?!run)\w+\.json$/.test(key));
const loadOrders = (lake: Lake, run_id: string, value: Cursor["value"], sourceResources = RESOURCES) =>
  work(lake, run_id, "orders", { cursor: cursor(value), sourceResources });

describe("incremental state", () => {
  test("moves when the resource and all of its descendants are done", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await loadOrders(lake, run_id, "2024-05-01");
    await seal(lake, run_id, ["lines", "taxes", "items"]);
    expect(await states(lake)).toEqual([]);
    await finish(lake, run_id, "a");
    expect(await lake.json(STATE)).toEqual({ version: 1, run_id, cursors: { "": cursor("2024-05-01") } });
  });

  test("moves although a resource that is not a descendant failed", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await loadOrders(lake, run_id, 5);
    await seal(lake, run_id, ["lines", "taxes"]);
    await expect(finish(lake, run_id, "a")).rejects.toThrow(RunFailedError);
    expect(await lake.json(STATE)).toMatchObject({ cursors: { "": cursor(5) } });
  });

  test("does not move while a grandchild is missing, whose rows would never be requested again", async () => {
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

  test("moves without waiting for a descendant that is not selected", async () => {
    await using lake = await startLake();
    const sourceResources = [
      facts("orders", { incremental: true }),
      facts("lines", { parent: "orders", selected: false }),
    ];
    const { run_id } = await opened(lake, "a", { sourceResources });
    await loadOrders(lake, run_id, 5, sourceResources);
    await expect(finish(lake, run_id, "a", { sourceResources })).rejects.toThrow(/lines/);
    expect(await states(lake)).toEqual([STATE]);
  });

  test("waits for a selected resource below one that is not selected", async () => {
    await using lake = await startLake();
    const sourceResources = [
      facts("orders", { incremental: true }),
      facts("lines", { parent: "orders", selected: false }),
      facts("taxes", { parent: "lines" }),
    ];
    const { run_id } = await opened(lake, "a", { sourceResources });
    await loadOrders(lake, run_id, 5, sourceResources);
    await work(lake, run_id, "lines", { sourceResources });
    await expect(finish(lake, run_id, "a", { sourceResources })).rejects.toThrow(/taxes/);
    expect(await states(lake)).toEqual([]);
  });

  test("does not move while a descendant is not done, in an execution that names the resource alone", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { resources: ["orders"] });
    await loadOrders(lake, run_id, 5);
    await seal(lake, run_id, ["lines"]);
    await expect(finish(lake, run_id, "a", { resources: ["orders"] })).rejects.toThrow(
      /1 of 3 resources failed: taxes/,
    );
    expect(await states(lake)).toEqual([]);
  });

  test("does not move in a run of a window", async () => {
    await using lake = await startLake();
    const window = { start: 1, end: 100 };
    const { run_id } = await opened(lake, "a", { window });
    await loadOrders(lake, run_id, 99);
    await seal(lake, run_id, ["lines", "taxes", "items"]);
    expect(await finish(lake, run_id, "a", { window })).toMatchObject({ status: "done" });
    expect(await states(lake)).toEqual([]);
  });

  test("does not move in a run without rows, which has no cursor", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await seal(lake, run_id, ALL);
    await finish(lake, run_id, "a");
    expect(await states(lake)).toEqual([]);
  });

  test("moves only for incremental resources", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await seal(lake, run_id, ALL, cursor(7));
    await finish(lake, run_id, "a");
    expect(await states(lake)).toEqual([STATE]);
  });

  test("is where the next run starts, and never moves back after a full refresh with a lower cursor", async () => {
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

describe("the report of a run", () => {
  const report = async (lake: Lake, run_id: string) => lake.json(`reports/shop/${run_id}.json`);

  test("states the result and the numbers of every resource", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await work(lake, run_id, "orders");
    await work(lake, run_id, "lines", { final: false });
    lake.clock.advance(5 * MINUTE);
    const failures = { lines: { name: "ThrottledError", message: "the API returned 429" } };
    await expect(finish(lake, run_id, "a", { failures })).rejects.toThrow(RunFailedError);
    // No Lambda loaded these resources.
    const unbilled = { duration_seconds: null, invocations: 0, throttles: 0, usage: NO_USAGE, timeline: [] };
    const numbers = {
      discarded_rows: 0,
      discarded_values: 0,
      masked_rows: 0,
      read_rows: 0,
      reported_rows: 0,
      repeated_rows: 0,
      skipped_parents: 0,
      requests: 3,
      retries: 1,
      waited_seconds: 0.25,
      ...unbilled,
    };
    const notLoaded = { bytes: null, full_refresh: null, warnings: [], skipped_parent_rows: [] };
    const noWork = {
      rows: 0,
      ...notLoaded,
      discarded_rows: 0,
      discarded_values: 0,
      masked_rows: 0,
      read_rows: 0,
      reported_rows: 0,
      repeated_rows: 0,
      skipped_parents: 0,
      pages: 0,
      parts: 0,
      requests: 0,
      retries: 0,
      waited_seconds: 0,
      ...unbilled,
    };
    const notReached = {
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
          skipped_parent_rows: [],
          pages: 2,
          parts: 1,
          ...numbers,
          error: null,
        },
        {
          resource: "lines",
          table: "lines",
          status: "failed",
          rows: 1,
          ...notLoaded,
          pages: 2,
          parts: 1,
          ...numbers,
          error: { ...failures.lines, next_step: nextStepOf("ThrottledError") },
        },
        { resource: "taxes", table: "taxes", status: "failed", ...noWork, error: notReached },
        { resource: "items", table: "items", status: "failed", ...noWork, error: notReached },
      ],
      schema_changes: [],
      cost: { usage: expect.objectContaining({ gb_seconds: 0 }), dollars: expect.anything(), prices: PRICES },
      earlier: [],
    });
  });

  test("is replaced by the report of the execution that completes the run", async () => {
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

  test("has no activity where the checkpoint is corrupt", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { resources: ["items"] });
    await work(lake, run_id, "items");
    await lake.overwrite(`state/shop/${run_id}/items.json`, "{");
    await finish(lake, run_id, "a", { resources: ["items"] });
    expect(await report(lake, run_id)).toMatchObject({
      resources: [{ resource: "items", status: "done", rows: 1, requests: 0 }],
    });
  });

  test("masks a key in the state machine's message about a Lambda that died", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    lake.ports.redactor.add("key-0123456789");
    const failures = { items: { name: "Runtime.ExitError", message: "exited while sending key-0123456789" } };
    await expect(finish(lake, run_id, "a", { failures })).rejects.toThrow(RunFailedError);
    for (const key of await lake.keys("reports/")) expect(String(await lake.read(key))).not.toContain("key-0123456789");
    const { resources } = await report(lake, run_id);
    expect(resources[3].error).toMatchObject({ message: "exited while sending ***" });
  });

  test("contains no cursor and no row", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { resources: ["orders"] });
    await work(lake, run_id, "orders", { cursor: cursor("jane@example.com") });
    await seal(lake, run_id, ["lines", "taxes"]);
    await finish(lake, run_id, "a", { resources: ["orders"] });
    expect(JSON.stringify(await report(lake, run_id))).not.toContain("jane");
  });
});
