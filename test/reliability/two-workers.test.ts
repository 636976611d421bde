import fc from "fast-check";
import { expect, test } from "vitest";
import { findResource, type ResolvedSource } from "../../lib/config/resolve.ts";
import { extract } from "../../lib/extract/extract.ts";
import { createRateLimiter } from "../../lib/http/rate-limit.ts";
import { newRunRecord } from "../../lib/lake/run-record.ts";
import { meter } from "../../lib/metering/usage.ts";
import type { Bucket } from "../../lib/ports/bucket.ts";
import type { Ports } from "../../lib/ports/index.ts";
import { sampleSize } from "../size.ts";
import { CANARY, createWorld, rowsByResource, shop, type World } from "./world.ts";

/** Schedules per property. Each is another order of the responses to the two workers. */
const SCHEDULES = sampleSize({ quick: 100, full: 1000 });
const RUN_ID = "20261120T030000Z-00000001";

const openRun = newRunRecord({ run_id: RUN_ID, opened_at: "2026-11-20T03:00:00.000Z", opened_by: "both" });

/** Returns ports whose bucket and API respond in the order of the scheduler. */
const scheduled = (ports: Ports, scheduler: fc.Scheduler, worker: string): Ports => {
  const { bucket } = ports;
  const step = <Result>(name: string, perform: () => Promise<Result>): Promise<Result> =>
    scheduler.schedule(Promise.resolve(), `${worker}: ${name}`).then(perform);
  const interleaved: Bucket = {
    name: bucket.name,
    head: (key) => step(`head ${key}`, () => bucket.head(key)),
    get: (key) => step(`get ${key}`, () => bucket.get(key)),
    put: (key, body, options) => step(`put ${key}`, () => bucket.put(key, body, options)),
  };
  return {
    ...ports,
    bucket: interleaved,
    fetch: ((...args: Parameters<typeof fetch>) =>
      step(`fetch ${String(args[0])}`, () => ports.fetch(...args))) as typeof fetch,
  };
};

/** Invokes the resource until it is done. */
const invokeUntilDone = async (ports: Ports, writer: string, source: ResolvedSource = shop) => {
  for (let invocation = 1; ; invocation++) {
    const metered = meter(ports, null);
    const context = { ports: metered.ports, source, resource: findResource(source, "orders"), run: openRun };
    const instruments = { limiter: createRateLimiter(null, ports.clock), meter: metered };
    const outcome = await extract(context, { id: `${writer}${invocation}`, time: 1e9 }, instruments);
    if (outcome.status === "done") return outcome;
  }
};

const orders = (world: World) => rowsByResource(world)[`orders@${RUN_ID}`]?.map(({ _seq, id }) => [_seq, id]);

test("two workers on one log lose and duplicate no row, in any order of responses", async () => {
  const reference = createWorld();
  await invokeUntilDone(reference.ports(), "alone");
  const expected = orders(reference);
  expect(expected).toHaveLength(reference.data.orders.length);

  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const world = createWorld();
      const workers = ["a", "b"].map((name) => invokeUntilDone(scheduled(world.ports(), scheduler, name), name));
      const outcomes = await scheduler.waitFor(Promise.all(workers));
      expect(outcomes.map(({ rows }) => rows)).toEqual([9, 9]);
      expect(orders(world)).toEqual(expected);
      expect(JSON.stringify([...world.objects.values()].map(({ metadata }) => metadata))).not.toContain(CANARY);
    }),
    { numRuns: SCHEDULES, endOnFailure: true },
  );
});

test("two workers with different part sizes, as during a deploy, lose and duplicate no row", async () => {
  const smaller = { ...shop, settings: { ...shop.settings, file_max_items: 2 } };
  const reference = createWorld();
  await invokeUntilDone(reference.ports(), "alone");
  const expected = orders(reference);
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const world = createWorld();
      const workers = [shop, smaller].map((source, index) =>
        invokeUntilDone(scheduled(world.ports(), scheduler, `${index}`), `${index}`, source),
      );
      await scheduler.waitFor(Promise.all(workers));
      expect(orders(world)).toEqual(expected);
    }),
    { numRuns: SCHEDULES / 2, endOnFailure: true },
  );
});

test("a worker that stalls at any effect and resumes after the run is done changes nothing", async () => {
  const reference = createWorld();
  await invokeUntilDone(reference.ports(), "alone");
  const expected = orders(reference);
  let stalls = 0;
  for (let stallAt = 1; ; stallAt++) {
    const world = createWorld();
    const resume = Promise.withResolvers<void>();
    const stalled = Promise.withResolvers<void>();
    let effects = 0;
    const zombie = world.ports();
    const maybeStall = async <Result>(perform: () => Promise<Result>): Promise<Result> => {
      if (++effects === stallAt) {
        stalled.resolve();
        await resume.promise;
      }
      return perform();
    };
    const { bucket } = zombie;
    const ports: Ports = {
      ...zombie,
      bucket: {
        name: bucket.name,
        head: (key) => maybeStall(() => bucket.head(key)),
        get: (key) => maybeStall(() => bucket.get(key)),
        put: (key, body, options) => maybeStall(() => bucket.put(key, body, options)),
      },
    };
    const stalledWork = invokeUntilDone(ports, "zombie");
    const first = await Promise.race([stalled.promise.then(() => "stalled"), stalledWork.then(() => "done")]);
    if (first === "done") break;
    stalls++;
    await invokeUntilDone(world.ports(), "successor");
    const partsBefore = JSON.stringify([...world.objects.keys()].filter((key) => key.startsWith("data/")));
    resume.resolve();
    await stalledWork;
    expect(orders(world), `stalled at ${stallAt}`).toEqual(expected);
    expect(JSON.stringify([...world.objects.keys()].filter((key) => key.startsWith("data/")))).toBe(partsBefore);
  }
  expect(stalls).toBeGreaterThan(10);
});
