import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { faultPoints, sampleSize } from "../size.ts";
import {
  type Api,
  copyWorld,
  createWorld,
  type Fault,
  leasesExpire,
  NAMES,
  type Name,
  nextDay,
  portsOf,
  runFaulty,
  runStateMachine,
  type Snapshot,
  type World,
} from "./bazaar.fixture.ts";
import { type Cursors, type ModelRun, modelManifestRows, modelRun, modelTables } from "./bazaar-model.fixture.ts";
import { completeLogs, createReader, currentRun, manifestRows, type Reader } from "./bazaar-reader.fixture.ts";

const MAX_STARTS = 8;
/** DuckDB reads the tables at the end of one fault point in this many. Manifests and parts are read at every fault point. */
const READ_EVERY = sampleSize({ quick: 4, full: 12 });
/** In the quick size, a fault is injected at one write in this many. */
const ONE_IN = 8;

let reader: Reader;
beforeAll(async () => {
  reader = await createReader();
});
afterAll(() => reader[Symbol.dispose]());

/** A world, and the state of the model. */
interface Story {
  world: World;
  runs: ModelRun[];
  cursors: Cursors;
}

const begin = (): Story => ({ world: createWorld(), runs: [], cursors: {} });
const copy = ({ world, runs, cursors }: Story): Story => ({ world: copyWorld(world), runs: [...runs], cursors });

/**
 * Expects that a snapshot equals the model for all resources with a manifest, whatever other objects exist. Reads manifests
 * and parts directly, and, unless `manifestsOnly`, the tables through the local lake and the view.
 */
const checkSnapshot = async (objects: Snapshot, runs: ModelRun[], when: string, manifestsOnly = false) => {
  const done = completeLogs(objects);
  const isDone = (name: Name, run_id: string) => done.has(`${run_id}-${name}`);
  expect(manifestRows(objects), `${when}: manifests`).toEqual(modelManifestRows(runs, isDone));
  if (manifestsOnly) return;
  const shown = await reader.read(objects);
  const expected = modelTables(runs, isDone);
  expect(shown.local, `${when}: local lake`).toEqual(expected);
  expect(shown.view, `${when}: view`).toEqual(expected);
};

/** Adds the run of the snapshot to the model, if it is new. */
const withCurrentRun = ({ world, runs, cursors }: Story, objects: Snapshot, refresh: boolean) => {
  const run_id = currentRun(objects)?.run_id;
  if (run_id === undefined || runs.some((run) => run.run_id === run_id)) return { runs, cursors };
  const added = modelRun(world.api, cursors, refresh, run_id);
  return { runs: [...runs, added.run], cursors: added.cursors };
};

/** Executes a daily run: one fault for each of the first starts, then starts until the run is closed. */
const executeDay = async (
  story: Story,
  refresh: boolean,
  faults: Fault[],
  when: string,
  { endManifestsOnly = false, faultsManifestsOnly = false } = {},
): Promise<Story> => {
  const { world } = story;
  const before = currentRun(world.objects)?.run_id;
  for (let start = 0; start < MAX_STARTS; start++) {
    const fault = faults[start] ?? { at: Number.POSITIVE_INFINITY, how: "after" };
    const input = refresh && start === 0 ? { refresh: "full" } : {};
    const { seen } = await runFaulty(world, `${when}, start ${start}`, input, fault);
    const after = withCurrentRun(story, world.objects, refresh);
    for (const objects of seen)
      await checkSnapshot(objects, after.runs, `${when}, at the fault of start ${start}`, faultsManifestsOnly);
    const run = currentRun(world.objects);
    if (run !== null && run.run_id !== before && run.closed_at !== null) {
      await checkSnapshot(world.objects, after.runs, `${when}, at the end`, endManifestsOnly);
      for (const name of NAMES) expect(completeLogs(world.objects)).toContain(`${run.run_id}-${name}`);
      return { world, ...after };
    }
    leasesExpire(world);
  }
  throw new Error(`${when}: the run is not closed after ${MAX_STARTS} starts`);
};

const first = (api: Api) => {
  api.orders = [1, 2, 3, 4, 5].map((id) => ({ id, state: "new", changed: id }));
  api.lines = [
    { id: 11, order_id: 1, version: 1, what: "cup", changed: 1 },
    { id: 12, order_id: 1, version: 1, what: "pot", changed: 2 },
    { id: 21, order_id: 2, version: 2, what: "tea", changed: 3 },
    { id: 21, order_id: 2, version: 1, what: "an older tea, read last", changed: 4 },
    { id: 31, order_id: 3, version: 1, what: "jug", changed: 5 },
    { id: 99, order_id: null, version: 1, what: "without an order", changed: 6 },
  ];
  api.customers = [1, 2, 3, 4].map((id) => ({ id, name: `customer ${id}` }));
  api.suppliers = [3, 4, 5].map((id) => ({ id, name: `supplier ${id}`, changed: id }));
  api.stock_north = [1, 2, 3, 4, 5].map((id) => ({ id, left: 10 * id }));
  api.stock_south = [1, 2].map((id) => ({ id, left: 7 * id }));
  api.rates = [1, 2, 3].map((id) => ({ id, rate: id }));
  api.events = [1, 2, 3, 4].map((id) => ({ id, what: "seen", changed: id }));
};

/** Rows change, get a new column, are flagged as deleted, and disappear. */
const second = (api: Api) => {
  api.orders = [
    ...api.orders.filter(({ id }) => id === 4),
    { id: 1, state: "paid", changed: 10 },
    { id: 2, state: "new", note: "a new column", changed: 11 },
    { id: 3, state: "new", deleted: true, changed: 12 },
    { id: 6, state: "new", deleted: false, changed: 13 },
    { id: 7, state: "new", changed: 14 },
  ];
  api.lines = [
    ...api.lines.filter(({ id }) => id !== 99),
    { id: 11, order_id: 1, version: 3, what: "big cup", changed: 10 },
    { id: 11, order_id: 1, version: 2, what: "cup, read last", changed: 11 },
    { id: 21, order_id: 2, version: 3, what: "tea", gone: true, changed: 12 },
    { id: 41, order_id: 4, version: 1, what: "mug", changed: 13 },
  ];
  api.customers = [1, 3, 6].map((id) => ({ id, name: `customer ${id} of the second day`, city: "Ulm" }));
  api.suppliers = [
    ...api.suppliers.filter(({ id }) => id !== 5),
    { id: 6, name: "supplier 6", vat: "DE6", changed: 10 },
  ];
  api.stock_north = [1, 3, 4, 6].map((id) => ({ id, left: id, aisle: "b" }));
  api.stock_south = [];
  api.rates = [1, 2, 3, 4, 5].map((id) => ({ id, rate: id + 100 }));
  api.events = [3, 4, 5, 6, 7].map((id) => ({ id, what: "seen", changed: id * 2 }));
};

/** The changes before the full refresh. */
const third = (api: Api) => {
  api.orders = [...api.orders.slice(1, -1), { id: 8, state: "new", changed: 20 }];
  api.lines = api.lines.filter(({ id }) => id !== 31 && id !== 12);
  api.customers = api.customers.slice(1);
  api.suppliers = [{ id: 3, name: "supplier 3 of the third day", changed: 20 }];
  api.stock_south = [{ id: 9, left: 1, shelf: "new column" }];
  api.rates = [];
  api.events = [{ id: 20, what: "seen", changed: 20 }];
};

const fourth = (api: Api) => {
  api.orders = [...api.orders, { id: 9, state: "new", changed: 30 }];
  api.lines = [...api.lines, { id: 42, order_id: 4, version: 1, what: "lid", changed: 30 }];
  api.rates = [{ id: 1, rate: 1 }];
  api.events = [...api.events, { id: 30, what: "seen", changed: 30 }];
};

const days: { change: (api: Api) => void; refresh: boolean; name: string }[] = [
  { change: first, refresh: false, name: "first run" },
  { change: second, refresh: false, name: "second run" },
  { change: third, refresh: true, name: "full refresh" },
  { change: fourth, refresh: false, name: "fourth run" },
];

const statesBefore = new Map<number, Promise<Story>>();

/** Returns the state before a daily run: all earlier runs are closed, and the API has changed. */
const stateBefore = async (index: number): Promise<Story> => {
  const state = statesBefore.get(index) ?? executeUntil(index);
  statesBefore.set(index, state);
  return copy(await state);
};

const executeUntil = async (index: number): Promise<Story> => {
  let story = begin();
  for (const { change, refresh, name } of days.slice(0, index)) {
    change(story.world.api);
    story = await executeDay(story, refresh, [], name);
    nextDay(story.world);
  }
  days[index]?.change(story.world.api);
  return story;
};

test("the daily runs change every table, and a full refresh removes rows that the API no longer has", async () => {
  const story = await stateBefore(0);
  const shown: Record<string, string[]>[] = [];
  let after = story;
  for (const [index, { change, refresh, name }] of days.entries()) {
    if (index > 0) change(after.world.api);
    after = await executeDay(after, refresh, [], name);
    shown.push((await reader.read(after.world.objects)).local);
    nextDay(after.world);
  }
  const ids = (day: number, table: string) =>
    shown[day]?.[table]?.map((row) => Object.fromEntries(JSON.parse(row)).id).sort((a, b) => a - b);
  expect(["orders", "lines", "parties", "stock", "rates", "events"].map((table) => ids(0, table))).toEqual([
    [1, 2, 3, 4, 5],
    [11, 12, 21, 31, 99],
    [1, 2, 3, 4, 5],
    [1, 1, 2, 2, 3, 4, 5],
    [1, 2, 3],
    [1, 2, 3, 4],
  ]);
  expect(["orders", "lines", "parties", "stock", "rates", "events"].map((table) => ids(1, table))).toEqual([
    [1, 2, 4, 5, 6, 7],
    [11, 31, 41, 99],
    [1, 3, 4, 5, 6],
    [1, 3, 4, 6],
    [1, 2, 3, 4, 5],
    [1, 2, 3, 3, 4, 4, 5, 6, 7],
  ]);
  expect(["orders", "lines", "parties", "stock", "rates", "events"].map((table) => ids(2, table))).toEqual([
    [1, 2, 6, 8],
    [11, 41],
    [3, 6],
    [1, 3, 4, 6, 9],
    [],
    [1, 2, 3, 3, 4, 4, 5, 6, 7, 20],
  ]);
});

for (const [index, { refresh, name }] of days.entries()) {
  if (index === 3) continue;

  test(`${name}: after every write, a reader sees only complete runs, and never an earlier state again`, async () => {
    const story = await stateBefore(index);
    const input = refresh ? { refresh: "full" } : {};
    const { seen, puts, execution } = await runFaulty(story.world, name, input, null);
    expect(execution.status).toBe("succeeded");
    expect(puts.length).toBeGreaterThan(60);
    const after = withCurrentRun(story, story.world.objects, refresh);
    const shown: Record<string, string[]> = {};
    for (const [at, objects] of seen.entries()) {
      await checkSnapshot(objects, after.runs, `write ${at + 1}`);
      const { local } = await reader.read(objects);
      for (const [table, rows] of Object.entries(local)) {
        const states = shown[table] ?? [];
        shown[table] = states;
        const state = JSON.stringify(rows);
        if (states.at(-1) === state) continue;
        expect(states, `${table} after write ${at + 1} is an earlier state`).not.toContain(state);
        states.push(state);
      }
    }
    // Each resource becomes visible once, at one write.
    const steps = Object.fromEntries(Object.entries(shown).map(([table, states]) => [table, states.length - 1]));
    const maxSteps = { orders: 1, lines: 1, parties: 2, stock: 2, rates: 1, events: 1 };
    for (const [table, max] of Object.entries(maxSteps)) expect(steps[table], table).toBeLessThanOrEqual(max);
    expect(Object.values(steps).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(7);
  });

  for (const how of index < 2 ? (["after"] as const) : (["after", "lost"] as const)) {
    const title = how === "after" ? "a crash after any write" : "a lost response to any write";
    test(`${name}: ${title} leaves only complete runs in every table, and the next start and the next run complete them`, async () => {
      const before = await stateBefore(index);
      const { puts } = await runFaulty(copyWorld(before.world), "count", refresh ? { refresh: "full" } : {}, null);
      const next = days[index + 1];
      for (const [nth, at] of faultPoints(puts.length, { oneIn: ONE_IN }).entries()) {
        const after = await executeDay(copy(before), refresh, [{ at, how }], `write ${at}`, {
          endManifestsOnly: nth % READ_EVERY > 0,
        });
        if (nth % 3 > 0) continue;
        nextDay(after.world);
        next?.change(after.world.api);
        const { world } = after;
        await runStateMachine(world, portsOf(world), `next run, write ${at}`, next?.refresh ? { refresh: "full" } : {});
        const complete = withCurrentRun(after, world.objects, next?.refresh ?? false);
        const done = completeLogs(world.objects);
        const isDone = (resource: Name, run_id: string) => done.has(`${run_id}-${resource}`);
        expect(done.size).toBe(complete.runs.length * NAMES.length);
        expect(manifestRows(world.objects), `next run, write ${at}`).toEqual(modelManifestRows(complete.runs, isDone));
      }
    });
  }
}

test("the run after an abandoned run loses no row, after a crash at any manifest or incremental state", async () => {
  const before = await stateBefore(1);
  const reference = await executeDay(copy(before), false, [], "reference");
  const plain = (rows: string[] = []) =>
    rows
      .map((row) =>
        JSON.stringify((JSON.parse(row) as [string, unknown][]).filter(([name]) => !/^_(seq|run_id)$/.test(name))),
      )
      .sort();
  const expected = (await reader.read(reference.world.objects)).local;
  const { puts } = await runFaulty(copyWorld(before.world), "count", {}, null);
  const points = puts.flatMap((key, index) =>
    /^manifests|^state\/bazaar\/(?!run\.)\w+\.json$/.test(key) ? [index + 1] : [],
  );
  expect(points.length).toBeGreaterThan(NAMES.length);
  for (const point of faultPoints(points.length, { oneIn: 3 })) {
    const at = points[point - 1] as number;
    const { world } = copy(before);
    await runFaulty(world, "crashed", {}, { at, how: "after" });
    const abandoned = currentRun(world.objects)?.run_id;
    leasesExpire(world);
    const execution = await runStateMachine(world, portsOf(world), "new run", { new_run: true });
    expect(execution.status).toBe("succeeded");
    expect(currentRun(world.objects)?.run_id).not.toBe(abandoned);
    const { local, view } = await reader.read(world.objects);
    for (const table of Object.keys(expected)) {
      // Appended rows are stored twice: by the abandoned run, and by the run after it.
      const comparable = (rows: string[] | undefined) => (table === "events" ? [...new Set(plain(rows))] : plain(rows));
      expect(comparable(local[table]), `${table}, abandoned after write ${at}`).toEqual(comparable(expected[table]));
      expect(view[table], `${table}, abandoned after write ${at}`).toEqual(local[table]);
    }
  }
});

test("an execution that stalls at any write and resumes after another closed its run changes no table", async () => {
  const before = await stateBefore(1);
  const { puts } = await runFaulty(copyWorld(before.world), "count", {}, null);
  // The first write opens the run: an execution that stalls there has no run.
  for (const [nth, stallAt] of faultPoints(puts.length, { oneIn: ONE_IN }).slice(1).entries()) {
    const story = copy(before);
    const { world } = story;
    const resume = Promise.withResolvers<void>();
    const stalled = Promise.withResolvers<void>();
    const seen: Snapshot[] = [];
    let writes = 0;
    const watch = async (perform: () => Promise<unknown>, key: string) => {
      await perform();
      if (/^(manifests|data|schemas)/.test(key)) seen.push(new Map(world.objects));
    };
    const zombie = portsOf(world, async (perform, key) => {
      if (++writes === stallAt) {
        stalled.resolve();
        await resume.promise;
      }
      await watch(perform, key);
    });
    const stalledExecution = runStateMachine(world, zombie, "zombie");
    await stalled.promise;
    leasesExpire(world);
    const execution = await runStateMachine(world, portsOf(world, watch), "successor");
    expect(execution.status).toBe("succeeded");
    const { runs } = withCurrentRun(story, world.objects, false);
    resume.resolve();
    await stalledExecution;
    expect(currentRun(world.objects)?.run_id).toBe(runs.at(-1)?.run_id);
    let count = 0;
    for (const [index, objects] of seen.entries()) {
      expect(completeLogs(objects).size).toBeGreaterThanOrEqual(count);
      count = completeLogs(objects).size;
      await checkSnapshot(objects, runs, `stalled at ${stallAt}, write ${index}`, nth % (2 * READ_EVERY) > 0);
    }
    expect(count).toBe(2 * NAMES.length);
    await checkSnapshot(world.objects, runs, `stalled at ${stallAt}`, nth % READ_EVERY > 0);
  }
});

/** A change of the API between two runs. */
interface Change {
  name: Name;
  how: "put" | "flag" | "delete";
  id: number;
  /** Additional column of the row. */
  extra: "none" | "version" | "note";
}

const change = (api: Api, { name, how, id, extra }: Change, changed: number) => {
  const row = {
    id,
    what: `${how} ${changed}`,
    ...(extra === "version" && { version: changed % 3 }),
    ...(extra === "note" && { note: `of ${changed}` }),
    ...((name === "orders" || name === "lines" || name === "suppliers" || name === "events") && { changed }),
  };
  const others = api[name].filter((other) => other.id !== id);
  if (how === "delete") api[name] = others;
  else if (name === "lines") {
    const gone = how === "flag" ? { gone: true } : {};
    api.lines = [...api.lines, { ...row, ...gone, order_id: changed % 4 === 0 ? null : id % 2 }];
  } else if (name === "events") api.events = [...api.events, row];
  else api[name] = [...others, name === "orders" && how === "flag" ? { ...row, deleted: true } : row];
};

const aDay = fc.record({
  changes: fc.array(
    fc.record({
      name: fc.constantFrom(...NAMES),
      how: fc.constantFrom<Change["how"]>("put", "put", "put", "flag", "delete"),
      id: fc.integer({ min: 1, max: 4 }),
      extra: fc.constantFrom<Change["extra"]>("none", "version", "note"),
    }),
    { maxLength: 24 },
  ),
  refresh: fc.nat({ max: 3 }).map((chance) => chance === 0),
  faults: fc.array(
    fc.record({ at: fc.integer({ min: 1, max: 70 }), how: fc.constantFrom<Fault["how"]>("after", "lost") }),
    { maxLength: 2 },
  ),
});

test("tables equal the model at every fault and after every run, for random daily runs with two faults (a failure prints the seed)", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aDay, { minLength: 2, maxLength: 4 }), async (daysToCome) => {
      let story = begin();
      let changed = 0;
      for (const [index, { changes, refresh, faults }] of daysToCome.entries()) {
        for (const each of changes) change(story.world.api, each, ++changed);
        const isLast = index === daysToCome.length - 1;
        const options = { endManifestsOnly: !isLast, faultsManifestsOnly: !isLast };
        story = await executeDay(story, refresh, faults, `day ${index}`, options);
        nextDay(story.world);
      }
    }),
    { numRuns: sampleSize({ quick: 3, full: 8 }) },
  );
});
