import { describe, expect, test } from "vitest";
import type { RunReport } from "../../lib/report/run-report.ts";
import { createWorld, leasesExpire, runStateMachine, type World } from "../reliability/world.ts";
import { newestReport, overwrite, textOf } from "./world.fixture.ts";

const resourceOf = (report: RunReport, name: string) => {
  const found = report.resources.find(({ resource }) => resource === name);
  if (found === undefined) throw new Error(`no ${name} in the report`);
  return found;
};
const pageOf = (world: World) => textOf(world, `reports/shop/${newestReport(world).run_id}.html`);
const seconds = (from: string, to: string | null) => (Date.parse(to ?? "") - Date.parse(from)) / 1000;

describe("the timeline of a run with partial and throttled rounds", () => {
  test("has an interval per invocation with its pages, its rows, its outcome and the wait of the state machine", async () => {
    const world = createWorld();
    await runStateMachine(world, world.ports(), { owner: "a" });
    const report = newestReport(world);
    // The clock of this world advances by a second per request, and by the waits of the state machine.
    const [throttled, rest, ...none] = resourceOf(report, "items").timeline;
    expect(none).toEqual([]);
    expect(throttled).toMatchObject({ status: "throttled", rows: 2, pages: 1, waited_seconds: 0, idle_seconds: 0 });
    expect(seconds(throttled?.started_at ?? "", throttled?.ended_at ?? "")).toBe(2);
    expect(seconds(throttled?.ended_at ?? "", throttled?.waited_until ?? null)).toBe(60);
    expect(rest).toMatchObject({ started_at: throttled?.waited_until, status: "done", rows: 5, waited_until: null });
    const orders = resourceOf(report, "orders").timeline;
    expect(orders.slice(0, -1).map(({ status }) => status)).toContain("partial");
    expect(orders.at(-1)?.status).toBe("done");
    for (const { timeline, rows, pages, invocations, duration_seconds } of report.resources) {
      const sum = (key: "rows" | "pages" | "invocations") => timeline.reduce((total, one) => total + one[key], 0);
      expect([sum("rows"), sum("pages"), sum("invocations")]).toEqual([rows, pages, invocations]);
      expect(duration_seconds).toBe(seconds(timeline[0]?.started_at ?? "", timeline.at(-1)?.ended_at ?? ""));
      for (const [index, { started_at }] of timeline.entries()) {
        if (index > 0)
          expect(Date.parse(started_at)).toBeGreaterThanOrEqual(Date.parse(timeline[index - 1]?.ended_at ?? ""));
      }
    }
  });

  test("continues over several executions, and keeps the failed invocation", async () => {
    const world = createWorld();
    world.data.broken = (path) => path === "/items";
    await runStateMachine(world, world.ports(), { owner: "a" });
    expect(resourceOf(newestReport(world), "items").timeline).toMatchObject([{ status: "failed", rows: 0 }]);
    world.data.broken = undefined;
    leasesExpire(world);
    await runStateMachine(world, world.ports(), { owner: "b" });
    const { timeline } = resourceOf(newestReport(world), "items");
    expect(timeline.map(({ status }) => status)).toEqual(["failed", "throttled", "done"]);
  });

  test("is empty when the checkpoint has no timeline or an invalid one", async () => {
    for (const timeline of [undefined, null, "x", [{}], [{ started_at: 1e300, ended_at: 1, waited_until: null }]]) {
      const world = createWorld();
      world.data.broken = (path) => path === "/items";
      await runStateMachine(world, world.ports(), { owner: "a" });
      const key = `state/shop/${newestReport(world).run_id}/orders.json`;
      overwrite(world, key, JSON.stringify({ ...JSON.parse(textOf(world, key)), timeline }));
      leasesExpire(world);
      await runStateMachine(world, world.ports(), { owner: "b" });
      expect(resourceOf(newestReport(world), "orders")).toMatchObject({
        timeline: [],
        duration_seconds: null,
        rows: 9,
      });
      expect(pageOf(world)).toContain('id="timeline"');
    }
  });
});

describe("a report", () => {
  test("contains the bytes of each resource's parts in S3", async () => {
    const world = createWorld();
    await runStateMachine(world, world.ports(), { owner: "a" });
    for (const { resource, bytes } of newestReport(world).resources) {
      const parts = [...world.objects].filter(([key]) => key.startsWith(`data/shop/${resource}/`));
      expect(bytes).toBe(parts.reduce((sum, [, { body }]) => sum + body.byteLength, 0));
    }
  });

  test("contains the next step of a failure, and no bytes for a resource that is not done", async () => {
    const world = createWorld();
    world.data.broken = (path) => path === "/orders";
    await runStateMachine(world, world.ports(), { owner: "a" });
    const report = newestReport(world);
    expect(report).toMatchObject({ status: "failed", closed: false, complete: false });
    expect(resourceOf(report, "orders")).toMatchObject({
      bytes: null,
      full_refresh: null,
      error: { name: "HttpError", next_step: expect.stringContaining("start the state machine again") },
    });
    expect(resourceOf(report, "returns").error).toMatchObject({ name: "ParentError" });
    expect(pageOf(world)).toContain("HttpError");
  });

  test("contains the schema changes of its run, and none of other runs", async () => {
    const world = createWorld();
    await runStateMachine(world, world.ports(), { owner: "a" });
    const made = newestReport(world).schema_changes;
    expect([...new Set(made.map(({ table }) => table))]).toEqual(["orders", "returns", "items"]);
    expect(made.filter(({ table }) => table === "orders")[0]).toMatchObject({
      version: 1,
      changed: [],
      more: 0,
      added: expect.arrayContaining([{ name: "id", data_type: "bigint" }]),
    });
    leasesExpire(world);
    world.data.items.push({ id: 8.5, name: "half", colour: "red" });
    await runStateMachine(world, world.ports(), { owner: "b" });
    expect(newestReport(world).schema_changes).toMatchObject([
      {
        table: "items",
        added: [{ name: "colour", data_type: "text" }],
        changed: [{ name: "id", from: "bigint", to: "double" }],
      },
    ]);
    const page = pageOf(world);
    expect(page).toContain('id="changes"');
    expect(page).toMatch(/<bdi>colour<\/bdi>.*<bdi>bigint<\/bdi> → <bdi>double<\/bdi>/s);
    leasesExpire(world);
    await runStateMachine(world, world.ports(), { owner: "c" });
    expect(newestReport(world).schema_changes).toEqual([]);
    expect(pageOf(world)).not.toContain('id="changes"');
  });

  test("lists fifty new columns of a table, and the number of the other ones", async () => {
    const world = createWorld();
    world.data.items = [Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`c${index}`, index]))];
    await runStateMachine(world, world.ports(), { owner: "a" });
    const changes = newestReport(world).schema_changes.filter(({ table }) => table === "items");
    expect(changes.reduce((sum, { added, more }) => sum + added.length + more, 0)).toBe(83);
    for (const { added } of changes) expect(added.length).toBeLessThanOrEqual(50);
    expect(pageOf(world)).toMatch(/and \d+ more columns/);
  });
});
