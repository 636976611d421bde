import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Api,
  type Cursors,
  copyWorld,
  createReader,
  createWorld,
  currentRun,
  type Fault,
  leasesExpire,
  type ModelNight,
  modelNight,
  modelSealedRows,
  modelTables,
  NAMES,
  type Name,
  nextDay,
  portsOf,
  type Reader,
  runFaulty,
  runStateMachine,
  type Snapshot,
  sealed,
  sealedRows,
  type World,
} from "./tables-under-crashes.fixture.ts";

const MOST_STARTS = 8;
/** At the end of a night, DuckDB reads the tables of one crash point in so many; manifests and parts are read by hand at all. */
const LOOK_EVERY = 12;

let reader: Reader;
beforeAll(async () => {
  reader = await createReader();
});
afterAll(() => reader[Symbol.dispose]());

/** A world, and what the model knows of it. */
interface Story {
  world: World;
  nights: ModelNight[];
  cursors: Cursors;
}

const begin = (): Story => ({ world: createWorld(), nights: [], cursors: {} });
const copy = ({ world, nights, cursors }: Story): Story => ({ world: copyWorld(world), nights: [...nights], cursors });

/**
 * A snapshot is what the model says of the resources that have a manifest, whatever else lies about: read by hand, by the
 * local lake, and by the view's SQL.
 */
const checkLook = async (objects: Snapshot, nights: ModelNight[], what: string, byHandOnly = false) => {
  const done = sealed(objects);
  const isDone = (name: Name, run_id: string) => done.has(`${run_id}-${name}`);
  expect(sealedRows(objects), `${what}: manifests`).toEqual(modelSealedRows(nights, isDone));
  if (byHandOnly) return;
  const shown = await reader.look(objects);
  const expected = modelTables(nights, isDone);
  expect(shown.local, `${what}: local lake`).toEqual(expected);
  expect(shown.view, `${what}: view`).toEqual(expected);
};

/** The model's nights with the run that is in the snapshot, if it is a new one. */
const withTonight = ({ world, nights, cursors }: Story, objects: Snapshot, refresh: boolean) => {
  const run_id = currentRun(objects)?.run_id;
  if (run_id === undefined || nights.some((night) => night.run_id === run_id)) return { nights, cursors };
  const tonight = modelNight(world.api, cursors, refresh, run_id);
  return { nights: [...nights, tonight.night], cursors: tonight.cursors };
};

/** Goes through a night: a fault for each of the first starts, then starts until the run is closed. */
const live = async (
  story: Story,
  refresh: boolean,
  faults: Fault[],
  what: string,
  { endByHand = false, faultsByHand = false } = {},
): Promise<Story> => {
  const { world } = story;
  const before = currentRun(world.objects)?.run_id;
  for (let start = 0; start < MOST_STARTS; start++) {
    const fault = faults[start] ?? { at: Number.POSITIVE_INFINITY, how: "after" };
    const input = refresh && start === 0 ? { refresh: "full" } : {};
    const { seen } = await runFaulty(world, `${what}, start ${start}`, input, fault);
    const after = withTonight(story, world.objects, refresh);
    for (const objects of seen)
      await checkLook(objects, after.nights, `${what}, at the fault of start ${start}`, faultsByHand);
    const run = currentRun(world.objects);
    if (run !== null && run.run_id !== before && run.closed_at !== null) {
      await checkLook(world.objects, after.nights, `${what}, at the end`, endByHand);
      for (const name of NAMES) expect(sealed(world.objects)).toContain(`${run.run_id}-${name}`);
      return { world, ...after };
    }
    leasesExpire(world);
  }
  throw new Error(`${what}: the run did not end within ${MOST_STARTS} starts`);
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

/** Rows change, appear with a new column, are flagged as deleted, and go without a word. */
const second = (api: Api) => {
  api.orders = [
    ...api.orders.filter(({ id }) => id === 4),
    { id: 1, state: "paid", changed: 10 },
    { id: 2, state: "new", note: "a column that comes now", changed: 11 },
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
  api.customers = [1, 3, 6].map((id) => ({ id, name: `customer ${id} of the second night`, city: "Ulm" }));
  api.suppliers = [
    ...api.suppliers.filter(({ id }) => id !== 5),
    { id: 6, name: "supplier 6", vat: "DE6", changed: 10 },
  ];
  api.stock_north = [1, 3, 4, 6].map((id) => ({ id, left: id, aisle: "b" }));
  api.stock_south = [];
  api.rates = [1, 2, 3, 4, 5].map((id) => ({ id, rate: id + 100 }));
  api.events = [3, 4, 5, 6, 7].map((id) => ({ id, what: "seen", changed: id * 2 }));
};

/** The night of the full refresh. */
const third = (api: Api) => {
  api.orders = [...api.orders.slice(1, -1), { id: 8, state: "new", changed: 20 }];
  api.lines = api.lines.filter(({ id }) => id !== 31 && id !== 12);
  api.customers = api.customers.slice(1);
  api.suppliers = [{ id: 3, name: "supplier 3 of the third night", changed: 20 }];
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

const nights: { change: (api: Api) => void; refresh: boolean; name: string }[] = [
  { change: first, refresh: false, name: "first night" },
  { change: second, refresh: false, name: "second night" },
  { change: third, refresh: true, name: "night of the full refresh" },
  { change: fourth, refresh: false, name: "fourth night" },
];

const evenings = new Map<number, Promise<Story>>();

/** The evening before a night: all nights before are done, and the API has changed. */
const eveningBefore = async (index: number): Promise<Story> => {
  const evening = evenings.get(index) ?? goTo(index);
  evenings.set(index, evening);
  return copy(await evening);
};

const goTo = async (index: number): Promise<Story> => {
  let story = begin();
  for (const { change, refresh, name } of nights.slice(0, index)) {
    change(story.world.api);
    story = await live(story, refresh, [], name);
    nextDay(story.world);
  }
  nights[index]?.change(story.world.api);
  return story;
};

test("the four nights change what every table shows, and a full refresh makes go what is gone at the source", async () => {
  const story = await eveningBefore(0);
  const shown: Record<string, string[]>[] = [];
  let after = story;
  for (const [index, { change, refresh, name }] of nights.entries()) {
    if (index > 0) change(after.world.api);
    after = await live(after, refresh, [], name);
    shown.push((await reader.look(after.world.objects)).local);
    nextDay(after.world);
  }
  const ids = (night: number, table: string) =>
    shown[night]?.[table]?.map((row) => Object.fromEntries(JSON.parse(row)).id).sort((a, b) => a - b);
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

for (const [index, { refresh, name }] of nights.entries()) {
  if (index === 3) continue;

  test(`${name}: a reader after every write of an undisturbed run sees whole runs only, and nothing of before again`, async () => {
    const story = await eveningBefore(index);
    const input = refresh ? { refresh: "full" } : {};
    const { seen, puts, execution } = await runFaulty(story.world, name, input, null);
    expect(execution.status).toBe("succeeded");
    expect(puts.length).toBeGreaterThan(60);
    const after = withTonight(story, story.world.objects, refresh);
    const shown: Record<string, string[]> = {};
    for (const [at, objects] of seen.entries()) {
      await checkLook(objects, after.nights, `write ${at + 1}`);
      const { local } = await reader.look(objects);
      for (const [table, rows] of Object.entries(local)) {
        const states = shown[table] ?? [];
        shown[table] = states;
        const state = JSON.stringify(rows);
        if (states.at(-1) === state) continue;
        expect(states, `${table} after write ${at + 1} is as it was before`).not.toContain(state);
        states.push(state);
      }
    }
    // Every resource of a table shows up once, at one write.
    const steps = Object.fromEntries(Object.entries(shown).map(([table, states]) => [table, states.length - 1]));
    const atMost = { orders: 1, lines: 1, parties: 2, stock: 2, rates: 1, events: 1 };
    for (const [table, most] of Object.entries(atMost)) expect(steps[table], table).toBeLessThanOrEqual(most);
    expect(Object.values(steps).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(7);
  });

  for (const how of index < 2 ? (["after"] as const) : (["after", "lost"] as const)) {
    const title = how === "after" ? "a crash after any write" : "a lost answer to any write";
    test(`${name}: ${title} leaves every table at whole runs, and the next start and the next night make it complete`, async () => {
      const evening = await eveningBefore(index);
      const { puts } = await runFaulty(copyWorld(evening.world), "count", refresh ? { refresh: "full" } : {}, null);
      const next = nights[index + 1];
      for (let at = 1; at <= puts.length; at++) {
        const after = await live(copy(evening), refresh, [{ at, how }], `write ${at}`, {
          endByHand: at % LOOK_EVERY > 0,
        });
        if (at % 3 > 0) continue;
        nextDay(after.world);
        next?.change(after.world.api);
        const { world } = after;
        await runStateMachine(
          world,
          portsOf(world),
          `the night after, write ${at}`,
          next?.refresh ? { refresh: "full" } : {},
        );
        const complete = withTonight(after, world.objects, next?.refresh ?? false);
        const done = sealed(world.objects);
        const isDone = (resource: Name, run_id: string) => done.has(`${run_id}-${resource}`);
        expect(done.size).toBe(complete.nights.length * NAMES.length);
        expect(sealedRows(world.objects), `the night after write ${at}`).toEqual(
          modelSealedRows(complete.nights, isDone),
        );
      }
    });
  }
}

test("a run that is abandoned after a crash at a manifest or at a state costs the run after it no row", async () => {
  const evening = await eveningBefore(1);
  const undisturbed = await live(copy(evening), false, [], "undisturbed");
  const plain = (rows: string[] = []) =>
    rows
      .map((row) =>
        JSON.stringify((JSON.parse(row) as [string, unknown][]).filter(([name]) => !/^_(seq|run_id)$/.test(name))),
      )
      .sort();
  const expected = (await reader.look(undisturbed.world.objects)).local;
  const { puts } = await runFaulty(copyWorld(evening.world), "count", {}, null);
  const points = puts.flatMap((key, index) =>
    /^manifests|^state\/bazaar\/(?!run\.)\w+\.json$/.test(key) ? [index + 1] : [],
  );
  expect(points.length).toBeGreaterThan(NAMES.length);
  for (const at of points) {
    const { world } = copy(evening);
    await runFaulty(world, "crashed", {}, { at, how: "after" });
    const abandoned = currentRun(world.objects)?.run_id;
    leasesExpire(world);
    const execution = await runStateMachine(world, portsOf(world), "anew", { new_run: true });
    expect(execution.status).toBe("succeeded");
    expect(currentRun(world.objects)?.run_id).not.toBe(abandoned);
    const { local, view } = await reader.look(world.objects);
    for (const table of Object.keys(expected)) {
      // What is appended is there twice then: once in the run that was abandoned, once in the one after it.
      const of = (rows: string[] | undefined) => (table === "events" ? [...new Set(plain(rows))] : plain(rows));
      expect(of(local[table]), `${table}, abandoned after write ${at}`).toEqual(of(expected[table]));
      expect(view[table], `${table}, abandoned after write ${at}`).toEqual(local[table]);
    }
  }
});

test("an execution that stalls at any write and wakes up when another has ended its run changes no table", async () => {
  const evening = await eveningBefore(1);
  const { puts } = await runFaulty(copyWorld(evening.world), "count", {}, null);
  // The first write opens the run: who stalls there has none.
  for (let stallAt = 2; stallAt <= puts.length; stallAt++) {
    const story = copy(evening);
    const { world } = story;
    const wakeUp = Promise.withResolvers<void>();
    const stalled = Promise.withResolvers<void>();
    const seen: Snapshot[] = [];
    let count = 0;
    const watch = async (carryOut: () => Promise<unknown>, key: string) => {
      await carryOut();
      if (/^(manifests|data|schemas)/.test(key)) seen.push(new Map(world.objects));
    };
    const zombie = portsOf(world, async (carryOut, key) => {
      if (++count === stallAt) {
        stalled.resolve();
        await wakeUp.promise;
      }
      await watch(carryOut, key);
    });
    const sleeping = runStateMachine(world, zombie, "zombie");
    await stalled.promise;
    leasesExpire(world);
    const execution = await runStateMachine(world, portsOf(world, watch), "successor");
    expect(execution.status).toBe("succeeded");
    const { nights } = withTonight(story, world.objects, false);
    wakeUp.resolve();
    await sleeping;
    expect(currentRun(world.objects)?.run_id).toBe(nights.at(-1)?.run_id);
    let most = 0;
    for (const [index, objects] of seen.entries()) {
      expect(sealed(objects).size).toBeGreaterThanOrEqual(most);
      most = sealed(objects).size;
      await checkLook(objects, nights, `stalled at ${stallAt}, look ${index}`, stallAt % 25 > 0);
    }
    expect(most).toBe(2 * NAMES.length);
    await checkLook(world.objects, nights, `stalled at ${stallAt}`, stallAt % LOOK_EVERY > 0);
  }
});

/** What happens at the source between two nights. */
interface Change {
  name: Name;
  how: "put" | "flag" | "vanish";
  id: number;
  /** What of a row is there at all. */
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
  if (how === "vanish") api[name] = others;
  else if (name === "lines") {
    const gone = how === "flag" ? { gone: true } : {};
    api.lines = [...api.lines, { ...row, ...gone, order_id: changed % 4 === 0 ? null : id % 2 }];
  } else if (name === "events") api.events = [...api.events, row];
  else api[name] = [...others, name === "orders" && how === "flag" ? { ...row, deleted: true } : row];
};

const night = fc.record({
  changes: fc.array(
    fc.record({
      name: fc.constantFrom(...NAMES),
      how: fc.constantFrom<Change["how"]>("put", "put", "put", "flag", "vanish"),
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

test("over random nights with two faults each, every table is the model's at each fault and each morning (the seed is printed on failure)", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(night, { minLength: 2, maxLength: 4 }), async (nightsToCome) => {
      let story = begin();
      let changed = 0;
      for (const [index, { changes, refresh, faults }] of nightsToCome.entries()) {
        for (const each of changes) change(story.world.api, each, ++changed);
        const isLast = index === nightsToCome.length - 1;
        const byHand = { endByHand: !isLast, faultsByHand: !isLast };
        story = await live(story, refresh, faults, `night ${index}`, byHand);
        nextDay(story.world);
      }
    }),
    { numRuns: 8 },
  );
});
