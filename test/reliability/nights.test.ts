import fc from "fast-check";
import { expect, test } from "vitest";
import { countEffects, type Fault } from "./effects.ts";
import { type ApiData, createWorld, type Row, rowsByResource, runStateMachine, type World } from "./world.ts";

const DAY = 24 * 60 * 60 * 1000;

/** What happens between two nights and in the night. */
interface Night {
  /** Orders that change, with a return that comes with the change; ids from 1. */
  changes: { order: number; withReturn: boolean }[];
  /** Whether the new changes carry the very time of the last ones: the cursor stands still. */
  sameTime: boolean;
  /** Orders whose returns cannot be read tonight. */
  brokenReturns: number[];
  crash: { at: number; how: Fault } | null;
}

const night: fc.Arbitrary<Night> = fc.record({
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
 * Carries out a night's changes: a changed order has a new time and a new revision. Several orders may carry one time,
 * but no order changes twice at one: a cursor cannot see that (dlt's boundary is by primary key).
 */
const change = (data: ApiData, { changes, sameTime }: Night, clock: { minute: number; revision: number }) => {
  if (!sameTime) clock.minute++;
  const updated_at = new Date(Date.parse("2026-01-01T00:00:00Z") + clock.minute * 60_000).toISOString();
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

/** A table with merge: the latest row per id over all runs that have a manifest. */
const merged = (world: World, resource: string): Row[] => {
  const runs = Object.entries(rowsByResource(world))
    .filter(([key]) => key.startsWith(`${resource}@`))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const latest = new Map<unknown, Row>();
  for (const [, rows] of runs) for (const row of rows) latest.set(row.id, row);
  return [...latest.values()].sort((a, b) => Number(a.id) - Number(b.id));
};

test("over many nights of failures and crashes, no order and no return of one is ever missed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(night, { minLength: 2, maxLength: 8 }), async (nights) => {
      const world = createWorld({ orders: [], returns: new Map(), items: [] });
      const clock = { minute: 0, revision: 0 };
      for (const [index, tonight] of nights.entries()) {
        change(world.data, tonight, clock);
        world.data.broken = (path) => tonight.brokenReturns.some((id) => path === `/orders/${id}/returns`);
        const { ports } = countEffects(world.ports(), tonight.crash);
        await runStateMachine(world, ports, { owner: `night ${index}` });
        world.advance(DAY);
      }
      world.data.broken = undefined;
      // Two quiet nights: one may have to finish what was left open, the other sees what came since.
      for (const owner of ["quiet 1", "quiet 2"]) {
        const execution = await runStateMachine(world, world.ports(), { owner });
        expect(execution.status).toBe("succeeded");
        world.advance(DAY);
      }
      const orders = merged(world, "orders").map(({ id, revision }) => ({ id, revision }));
      expect(orders).toEqual(world.data.orders.map(({ id, revision }) => ({ id, revision })));
      const returns = [...world.data.returns.values()].flat().map(({ id }) => Number(id));
      expect(merged(world, "returns").map(({ id }) => Number(id))).toEqual(returns.sort((a, b) => a - b));
    }),
    { numRuns: 120 },
  );
});
