import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY, MINUTE } from "../../lib/time/durations.ts";
import { sampleSize } from "../size.ts";
import { countEffects, type Fault } from "./effects.ts";
import { type ApiData, createWorld, type Row, rowsByResource, runStateMachine, type World } from "./world.ts";

/** Changes before a daily run, and faults in it. */
interface Day {
  /** Orders that change, and whether a return is added; ids from 1. */
  changes: { order: number; withReturn: boolean }[];
  /** Whether the changes have the same time as the last ones, so that the cursor does not move. */
  sameTime: boolean;
  /** Orders whose returns cannot be read in this run. */
  brokenReturns: number[];
  crash: { at: number; how: Fault } | null;
}

const aDay: fc.Arbitrary<Day> = fc.record({
  changes: fc.array(fc.record({ order: fc.integer({ min: 1, max: 6 }), withReturn: fc.boolean() }), { maxLength: 4 }),
  sameTime: fc.boolean(),
  brokenReturns: fc.subarray([1, 2, 3, 4, 5, 6]),
  crash: fc.option(
    fc.record({
      at: fc.integer({ min: 1, max: 140 }),
      how: fc.constantFrom<Fault>("before", "after", "lost", "retried"),
    }),
  ),
});

/**
 * Applies changes: a changed order has a new time and a new revision. Several orders may have the same time, but no order
 * changes twice at the same time: a cursor cannot detect that, because dlt deduplicates by primary key.
 */
const change = (data: ApiData, { changes, sameTime }: Day, clock: { minute: number; revision: number }) => {
  if (!sameTime) clock.minute++;
  const updated_at = new Date(Date.parse("2026-01-01T00:00:00Z") + clock.minute * MINUTE).toISOString();
  for (const { order, withReturn } of changes) {
    if (data.orders.some((row) => row.id === order && row.updated_at === updated_at)) continue;
    clock.revision++;
    const kept = data.orders.filter((row) => row.id !== order);
    data.orders = [...kept, { id: order, updated_at, revision: clock.revision }].sort(
      (a, b) => Number(a.id) - Number(b.id),
    );
    if (withReturn)
      data.returns.set(order, [...(data.returns.get(order) ?? []), { id: order * 1000 + clock.revision }]);
  }
};

/** Returns the rows of a table with merge: the latest row of each id, over all runs with a manifest. */
const merged = (world: World, resource: string): Row[] => {
  const runs = Object.entries(rowsByResource(world))
    .filter(([key]) => key.startsWith(`${resource}@`))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const latest = new Map<unknown, Row>();
  for (const [, rows] of runs) for (const row of rows) latest.set(row.id, row);
  return [...latest.values()].sort((a, b) => Number(a.id) - Number(b.id));
};

test("many daily runs with failures and crashes miss no order and no return", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aDay, { minLength: 2, maxLength: 8 }), async (days) => {
      const world = createWorld({ orders: [], returns: new Map(), items: [] });
      const clock = { minute: 0, revision: 0 };
      for (const [index, day] of days.entries()) {
        change(world.data, day, clock);
        world.data.broken = (path) => day.brokenReturns.some((id) => path === `/orders/${id}/returns`);
        const { ports } = countEffects(world.ports(), day.crash);
        await runStateMachine(world, ports, { owner: `day ${index}` });
        world.advance(DAY);
      }
      world.data.broken = undefined;
      // Two runs without faults: the first may finish an open run, and the second loads later changes.
      for (const owner of ["without faults 1", "without faults 2"]) {
        const execution = await runStateMachine(world, world.ports(), { owner });
        expect(execution.status).toBe("succeeded");
        world.advance(DAY);
      }
      const orders = merged(world, "orders").map(({ id, revision }) => ({ id, revision }));
      expect(orders).toEqual(world.data.orders.map(({ id, revision }) => ({ id, revision })));
      const returns = [...world.data.returns.values()].flat().map(({ id }) => Number(id));
      expect(merged(world, "returns").map(({ id }) => Number(id))).toEqual(returns.sort((a, b) => a - b));
    }),
    { numRuns: sampleSize({ quick: 15, full: 120 }) },
  );
});
