import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Execution } from "../../local/state-machine/index.ts";
import { faultPoints, sampleSize } from "../size.ts";
import { countEffects, type Fault } from "./effects.ts";
import { CANARY, createWorld, leasesExpire, type Row, rowsByResource, runStateMachine, type World } from "./world.ts";

const MAX_STARTS = 8;

/** Starts the state machine until it succeeds. Each of the first starts has one of the faults. */
const runWithFaults = async (world: World, faults: { at: number; how: Fault }[]) => {
  let effects = 0;
  let happened = 0;
  for (let start = 0; start < MAX_STARTS; start++) {
    const counted = countEffects(world.ports(), faults[start] ?? null);
    const execution: Execution = await runStateMachine(world, counted.ports, { owner: `execution ${start}` });
    effects = Math.max(effects, counted.names.length);
    if (counted.happened) happened++;
    if (execution.status === "succeeded" && start >= faults.length - 1) return { effects, happened, starts: start + 1 };
    leasesExpire(world);
  }
  throw new Error(`the run is not done after ${MAX_STARTS} starts`);
};

/**
 * Returns all rows of the first run, by resource. A start after that run was closed opens another run, which is not tested
 * here.
 */
const rows = (world: World): Record<string, Row[]> => {
  const all = Object.entries(rowsByResource(world)).map(([key, of]) => ({ key: key.split("@"), of }));
  const first = all.map(({ key }) => key[1] as string).sort()[0];
  return Object.fromEntries(all.filter(({ key }) => key[1] === first).map(({ key, of }) => [key[0] as string, of]));
};

/** Expects that every log is a chain of hashes, and that only its last part is final. */
const checkChains = (world: World) => {
  const logs = new Map<string, string[]>();
  for (const key of world.objects.keys()) {
    const match = /^(data\/.*\/[a-z_]+)-(\d{6})\.json\.gz$/.exec(key);
    if (match !== null) logs.set(match[1] as string, [...(logs.get(match[1] as string) ?? []), key]);
  }
  for (const keys of logs.values()) {
    let previous = "";
    for (const [index, key] of keys.sort().entries()) {
      const object = world.objects.get(key);
      const hash = createHash("sha256")
        .update(object?.body ?? "")
        .digest("hex");
      expect(object?.metadata).toMatchObject({ sha256: hash, previous, final: String(index === keys.length - 1) });
      previous = hash;
    }
  }
};

/** Expects only known kinds of objects, none of which contains the API key. */
const checkObjects = (world: World) => {
  const known =
    /^(data\/shop\/\w+\/json\/dt=2026-\d\d-\d\d\/[\dTZ]+-[0-9a-f]{8}\/\w+-\d{6}\.json\.gz|manifests\/shop\/\w+\/[\dTZ]+-[0-9a-f]{8}-\w+\.json|schemas\/shop\/\w+\.json|state\/shop\/.+|reports\/shop\/.+|tables\/shop\/\w+\/(athena\.sql|columns\.json|row\.schema\.json))$/;
  for (const [key, { body, metadata }] of world.objects) {
    expect(key).toMatch(known);
    const text = key.endsWith(".gz") ? gunzipSync(body).toString() : Buffer.from(body).toString();
    expect(text + JSON.stringify(metadata)).not.toContain(CANARY);
  }
};

const withoutFaults = async () => {
  const world = createWorld();
  const { effects } = await runWithFaults(world, []);
  return { effects, expected: rows(world) };
};

test("a run without faults has a parent, a child, an incremental resource, a throttled and a partial invocation", async () => {
  const world = createWorld();
  await runWithFaults(world, []);
  expect(
    Object.fromEntries(Object.entries(rows(world)).map(([name, of]) => [name, of.map((row) => row._seq)])),
  ).toEqual({
    orders: [1, 2, 3, 4, 5, 6, 7, 8, 9],
    returns: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].slice(0, [...world.data.returns.values()].flat().length),
    items: [1, 2, 3, 4, 5, 6, 7],
  });
  checkChains(world);
  checkObjects(world);
});

for (const how of ["before", "after", "lost", "retried"] as const) {
  const title = {
    before: "a crash before",
    after: "a crash after",
    lost: "a lost response to",
    retried: "a lost response to, and a retry of,",
  }[how];
  test(`${title} any side effect of a run loses and duplicates no row`, async () => {
    const { effects, expected } = await withoutFaults();
    for (const at of faultPoints(effects, { oneIn: 9 })) {
      const world = createWorld();
      await runWithFaults(world, [{ at, how }]);
      expect(rows(world), `effect ${at}`).toEqual(expected);
      checkChains(world);
      checkObjects(world);
    }
  });
}

test("two faults, one in each of two starts, lose and duplicate no row (random; a failure prints the seed)", async () => {
  const { effects, expected } = await withoutFaults();
  const fault = fc.record({
    at: fc.integer({ min: 1, max: effects }),
    how: fc.constantFrom<Fault>("before", "after", "lost", "retried"),
  });
  await fc.assert(
    fc.asyncProperty(fault, fault, async (first, second) => {
      const world = createWorld();
      await runWithFaults(world, [first, second]);
      expect(rows(world)).toEqual(expected);
      checkChains(world);
      checkObjects(world);
    }),
    { numRuns: sampleSize({ quick: 20, full: 150 }) },
  );
});
