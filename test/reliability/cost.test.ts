import { expect, test } from "vitest";
import type { State } from "../../infra/transitions.ts";
import { BudgetTooSmallError, StorageError } from "../../lib/errors/index.ts";
import { costOf } from "../../lib/metering/cost.ts";
import { addUsage, NO_USAGE, type Usage } from "../../lib/metering/usage.ts";
import type { Ports } from "../../lib/ports/index.ts";
import type { RunReport } from "../../lib/report/run-report.ts";
import { type OpenEvent, open } from "../../lib/run/open.ts";
import { resourceFactsOf } from "../../lib/run/source-facts.ts";
import { work } from "../../lib/run/work.ts";
import { systemClock } from "../../lib/time/clock.ts";
import { createWorld, definition, INVOCATION_TIME, leasesExpire, runStateMachine, shop, type World } from "./world.ts";

const MEMORY = 512;
/** GB-seconds of a request, which takes one second of fake time. */
const REQUEST_GB_SECONDS = MEMORY / 1024;

const reportsOf = (world: World): RunReport[] =>
  [...world.objects]
    .filter(([key]) => /^reports\/shop\/\d.*\.json$/.test(key))
    .map(([, { body }]) => JSON.parse(Buffer.from(body).toString()) as RunReport);
const reportOf = (world: World): RunReport => reportsOf(world)[0] as RunReport;

/** Counts the actual requests to the bucket and the API, and the states that were entered. */
const watch = (world: World) => {
  const { bucket, fetch, ...rest } = world.ports();
  const seen = { s3_puts: 0, s3_gets: 0, requests: 0, states: [] as string[] };
  const ports = {
    ...rest,
    fetch: ((...args: Parameters<typeof fetch>) => {
      seen.requests += 1;
      return fetch(...args);
    }) as typeof fetch,
    bucket: {
      name: bucket.name,
      head: (key: string) => {
        seen.s3_gets += 1;
        return bucket.head(key);
      },
      get: (key: string) => {
        seen.s3_gets += 1;
        return bucket.get(key);
      },
      put: (...args: Parameters<typeof bucket.put>) => {
        seen.s3_puts += 1;
        return bucket.put(...args);
      },
    },
  };
  const run = (owner: string, input = {}, memory_mb: number | undefined = MEMORY) =>
    runStateMachine(world, ports, { owner, input, memory_mb, onState: (state) => seen.states.push(state) });
  return { seen, ports, run };
};

const usageInCheckpoint = (world: World, resource: string): Usage => {
  const [, checkpoint] =
    [...world.objects].find(([key]) => /^state\/shop\/\d/.test(key) && key.endsWith(`/${resource}.json`)) ?? [];
  return (JSON.parse(Buffer.from(checkpoint?.body ?? "").toString()) as { usage: Usage }).usage;
};

const openIn = (ports: Ports) => {
  const resources = resourceFactsOf(shop);
  const bounds = { max_run_age: 1e6, fresh_after: 1e6 };
  const { transitions } = (definition.States.open as State).Parameters as OpenEvent;
  return open(ports, { source: "shop", resources, bounds, transitions, input: {}, owner: "execution" });
};

const times = (states: string[], name: string): number => states.filter((state) => state === name).length;

test("a run with partial and throttled invocations reports its exact states, PUTs and GETs", async () => {
  const world = createWorld();
  const { seen, run } = watch(world);
  expect(await run("execution")).toMatchObject({ status: "succeeded" });
  const { cost, resources } = reportOf(world);
  // The run has partial and throttled invocations.
  expect(times(seen.states, "orders: round")).toBeGreaterThan(0);
  expect(times(seen.states, "items: wait")).toBe(1);
  expect(cost.usage).toMatchObject({
    transitions: seen.states.length,
    s3_puts: seen.s3_puts,
    s3_gets: seen.s3_gets,
    invocations: times(seen.states, "open") + 1 + resources.reduce((sum, { invocations }) => sum + invocations, 0),
  });
  for (const { resource, usage, invocations, throttles } of resources) {
    expect(usage.invocations).toBe(times(seen.states, resource));
    expect(invocations).toBe(times(seen.states, resource));
    expect(throttles).toBe(times(seen.states, `${resource}: wait`));
    expect(usage.transitions).toBe(seen.states.filter((state) => state.startsWith(resource)).length);
  }
});

test("the usage of a resource is the sum of its invocations, without waits of the state machine", async () => {
  const world = createWorld();
  const { seen, run } = watch(world);
  await run("execution");
  const { cost, resources } = reportOf(world);
  for (const { usage, requests } of resources) expect(usage.gb_seconds).toBe(requests * REQUEST_GB_SECONDS);
  expect(cost.usage.gb_seconds).toBe(seen.requests * REQUEST_GB_SECONDS);
});

test("the usage of a run includes its resources, open and finish, and its cost uses the prices of the report", async () => {
  const world = createWorld();
  const { run } = watch(world);
  const execution = await run("execution");
  const { cost, resources } = reportOf(world);
  const { usage: opened } = execution.run as { usage: Usage };
  expect(opened).toMatchObject({ invocations: 1, s3_puts: 1, transitions: 0 });
  const known = resources.reduce((sum, { usage }) => addUsage(sum, usage), opened);
  expect(cost.usage.invocations - known.invocations).toBe(1);
  // At least the report, the closed run record, and the cursors of orders.
  expect(cost.usage.s3_puts - known.s3_puts).toBeGreaterThanOrEqual(3);
  expect(cost).toEqual(costOf(cost.usage));
  expect(cost.dollars.total).toBeGreaterThan(0);
});

test("a run without Lambdas has no invocations, GB-seconds or transitions, and counts its requests to S3", async () => {
  const world = createWorld();
  await runStateMachine(world, world.ports(), { owner: "sync" });
  const { cost } = reportOf(world);
  expect(cost.usage).toMatchObject({ invocations: 0, gb_seconds: 0, transitions: 0 });
  expect(cost.dollars).toMatchObject({ lambda: 0, step_functions: 0 });
  const { seen, run } = watch(createWorld());
  await run("execution");
  expect(cost.usage).toMatchObject({ s3_puts: seen.s3_puts, s3_gets: seen.s3_gets });
});

test("a failed execution reports the states that it entered, up to finish", async () => {
  const world = createWorld();
  // `returns` fails without its parent, and `items` fails while it loads.
  world.data.broken = (path) => path !== "/unknown";
  const { seen, run } = watch(world);
  expect(await run("execution")).toMatchObject({ status: "failed" });
  expect(seen.states.at(-1)).toBe("finish");
  expect(reportOf(world).cost.usage.transitions).toBe(seen.states.length);
});

test("a later execution of a run adds to the usage of its resources, and counts states for resources that are done", async () => {
  const world = createWorld();
  world.data.broken = (path) => path === "/items";
  const { seen, run } = watch(world);
  await run("execution 1");
  const first = reportOf(world);
  const itemsStates = times(seen.states, "items");
  world.data.broken = undefined;
  leasesExpire(world);
  seen.states.length = 0;
  expect(await run("execution 2")).toMatchObject({ status: "succeeded" });
  const second = reportOf(world);
  expect(second.run_id).toBe(first.run_id);
  expect(reportsOf(world)).toHaveLength(1);
  const usageOf = (report: RunReport, name: string) =>
    report.resources.find(({ resource }) => resource === name)?.usage ?? NO_USAGE;
  expect(usageOf(second, "orders")).toEqual(usageOf(first, "orders"));
  expect(usageOf(second, "items").invocations).toBe(itemsStates + times(seen.states, "items"));
  const earlier = first.resources.reduce((sum, { usage }) => sum + usage.transitions, 0);
  expect(second.cost.usage.transitions).toBe(earlier + seen.states.length);
});

test("a resource that is not among the start options costs two state transitions", async () => {
  const world = createWorld();
  const { seen, run } = watch(world);
  expect(await run("execution", { resources: ["items"] })).toMatchObject({ status: "succeeded" });
  expect(times(seen.states, "orders")).toBe(1);
  expect(reportOf(world).cost.usage.transitions).toBe(seen.states.length);
});

test("a manual invocation of a Lambda is billed for its work, without state transitions", async () => {
  const world = createWorld();
  const manual = { id: "manual", time: INVOCATION_TIME, memory_mb: MEMORY };
  await work(world.ports(), shop, "orders", {}, manual);
  expect(usageInCheckpoint(world, "orders")).toMatchObject({ invocations: 1, transitions: 0 });
  expect(usageInCheckpoint(world, "orders").gb_seconds).toBeGreaterThan(0);
});

test("an invocation with a budget too small for one page costs one state transition", async () => {
  const world = createWorld();
  const ports = world.ports();
  const handle = await openIn(ports);
  const hanging = ((_url: string, { signal }: RequestInit) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
    })) as typeof fetch;
  const clock = { ...ports.clock, alarm: systemClock.alarm };
  const invocation = { id: "task", time: 50, memory_mb: MEMORY };
  await expect(work({ ...ports, clock, fetch: hanging }, shop, "items", { run: handle }, invocation)).rejects.toThrow(
    BudgetTooSmallError,
  );
  expect(usageInCheckpoint(world, "items")).toMatchObject({ invocations: 1, transitions: 1 });
});

test("the usage of an invocation includes the requests that store its rate", async () => {
  const world = createWorld();
  const { ports, seen } = watch(world);
  const handle = await openIn(world.ports());
  const limited = { ...shop, rate_limit: { requests: 100, per: 60 } };
  const invocation = { id: "task", time: INVOCATION_TIME, memory_mb: MEMORY };
  const outcome = await work(ports, limited, "orders", { run: handle }, invocation);
  expect(outcome.status).toBe("partial");
  const { s3_puts, s3_gets } = seen;
  expect(usageInCheckpoint(world, "orders")).toMatchObject({ s3_puts, s3_gets });
});

test("an invocation that fails at its manifest is counted once", async () => {
  const world = createWorld();
  const { ports, seen } = watch(world);
  const handle = await openIn(world.ports());
  const { bucket } = ports;
  const put: typeof bucket.put = (key, ...rest) => {
    if (key.startsWith("manifests/")) throw new StorageError("no");
    return bucket.put(key, ...rest);
  };
  const invocation = { id: "task", time: 1e9, memory_mb: MEMORY };
  const failing = work({ ...ports, bucket: { ...bucket, put } }, shop, "orders", { run: handle }, invocation);
  await expect(failing).rejects.toThrow(StorageError);
  const gb_seconds = seen.requests * REQUEST_GB_SECONDS;
  expect(usageInCheckpoint(world, "orders")).toMatchObject({ invocations: 1, gb_seconds, transitions: 1 });
});

test("an unfinished resource that is not among the start options costs two state transitions", async () => {
  const world = createWorld();
  world.data.broken = (path) => path === "/items";
  const { seen, run } = watch(world);
  await run("execution 1");
  const earlier = reportOf(world).resources.reduce((sum, { usage }) => sum + usage.transitions, 0);
  leasesExpire(world);
  seen.states.length = 0;
  expect(await run("execution 2", { resources: ["orders"] })).toMatchObject({ status: "succeeded" });
  expect(times(seen.states, "items")).toBe(1);
  expect(reportOf(world).cost.usage.transitions).toBe(earlier + seen.states.length);
});
