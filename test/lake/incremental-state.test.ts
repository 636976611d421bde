import { describe, expect, test } from "vitest";
import type { Cursor } from "../../lib/columns/cursor-values.ts";
import { CheckpointError } from "../../lib/errors/index.ts";
import { moveIncrementalState, readIncrementalState, readNewestState } from "../../lib/lake/incremental-state.ts";
import { type Lake, startLake } from "./lake.fixture.ts";

const KEY = "state/shop/orders.json";
const [MONDAY, TUESDAY, WEDNESDAY] = [
  "20261116T090000Z-00000000",
  "20261117T090000Z-00000000",
  "20261118T090000Z-00000000",
];
const cursor = (value: Cursor["value"], ...hashes: string[]): Cursor => ({ value, hashes });
const move = (lake: Lake, run_id: string, cursors: Record<string, Cursor>) =>
  moveIncrementalState(lake.ports, { source: "shop", resource: "orders", run_id }, cursors);
const read = (lake: Lake) => readIncrementalState(lake.ports, "shop", "orders");

test("a resource that was never loaded has no incremental state", async () => {
  await using lake = await startLake();
  expect(await read(lake)).toBeNull();
});

test("incremental state is what the last run moved it to", async () => {
  await using lake = await startLake();
  await move(lake, MONDAY, { "": cursor("2024-01-01", "a") });
  await move(lake, TUESDAY, { "": cursor("2024-01-02", "b") });
  expect(await read(lake)).toEqual({ version: 1, run_id: TUESDAY, cursors: { "": cursor("2024-01-02", "b") } });
});

describe("a cursor never moves back", () => {
  test.each<[string, Cursor["value"], Cursor["value"]]>([
    ["numbers", 10, 9],
    ["integers beyond 2^53, which are text", "10000000000000000", "9999999999999999"],
    ["timestamps with offsets", "2024-01-01T00:00:00Z", "2024-01-01T01:00:00+02:00"],
    ["strings", "b", "a"],
  ])("for %s", async (_, further, back) => {
    await using lake = await startLake();
    await move(lake, MONDAY, { "": cursor(further, "x") });
    await move(lake, TUESDAY, { "": cursor(back, "y") });
    expect((await read(lake))?.cursors).toEqual({ "": cursor(further, "x") });
    await move(lake, WEDNESDAY, { "": cursor(back, "z"), other: cursor(1) });
    expect((await read(lake))?.cursors).toEqual({ "": cursor(further, "x"), other: cursor(1) });
  });

  test("up, when it follows the lowest value", async () => {
    await using lake = await startLake();
    const down = (value: Cursor["value"]): Cursor => ({ ...cursor(value), lowest: true });
    await move(lake, MONDAY, { "": down("2024-01-05"), other: down(5) });
    await move(lake, TUESDAY, { "": down("2024-01-07"), other: down(3) });
    expect((await read(lake))?.cursors).toEqual({ "": down("2024-01-05"), other: down(3) });
  });

  test("unless it follows another field now, or another direction", async () => {
    await using lake = await startLake();
    const of = (path: string, value: Cursor["value"]): Cursor => ({ ...cursor(value, path), path });
    await move(lake, MONDAY, { "": of("id", 100), other: cursor(100), third: of("at", "2024-01-05") });
    await move(lake, TUESDAY, { "": of("number", 7), other: of("id", 7), third: of("id", 9) });
    expect((await read(lake))?.cursors).toEqual({ "": of("number", 7), other: cursor(100), third: of("id", 9) });
    await move(lake, WEDNESDAY, { "": { ...of("number", 5), lowest: true } });
    expect((await read(lake))?.cursors[""]).toEqual({ ...of("number", 5), lowest: true });
  });

  test("unless the API's values have another type now, as after a full refresh", async () => {
    await using lake = await startLake();
    await move(lake, MONDAY, { "": cursor("2024-01-05T00:00:00Z") });
    await move(lake, TUESDAY, { "": cursor(1704412800) });
    expect((await read(lake))?.cursors[""]).toEqual(cursor(1704412800));
  });

  test("and at the same value keeps the row hashes of both runs", async () => {
    await using lake = await startLake();
    await move(lake, MONDAY, { "": cursor(5, "a", "b") });
    await move(lake, TUESDAY, { "": cursor(5, "b", "c") });
    expect((await read(lake))?.cursors[""]?.hashes.sort()).toEqual(["a", "b", "c"]);
  });

  test("when an older run finishes later, even with a later cursor", async () => {
    await using lake = await startLake();
    await move(lake, TUESDAY, { "": cursor(5) });
    await move(lake, MONDAY, { "": cursor(9), other: cursor(1) });
    expect(await read(lake)).toEqual({ version: 1, run_id: TUESDAY, cursors: { "": cursor(5) } });
  });

  test("when two runs move it at the same time", async () => {
    await using lake = await startLake();
    await Promise.all(
      Array.from({ length: 8 }, (_, n) => move(lake, TUESDAY, { "": cursor(n), [`parent ${n}`]: cursor(n) })),
    );
    const state = await read(lake);
    expect(state?.cursors[""]?.value).toBe(7);
    expect(Object.keys(state?.cursors ?? {})).toHaveLength(9);
  });
});

test("a repeated finish writes nothing", async () => {
  await using lake = await startLake();
  await move(lake, MONDAY, { "": cursor(5, "a") });
  lake.requests.length = 0;
  await move(lake, MONDAY, { "": cursor(5, "a") });
  expect(lake.requests.map(({ operation }) => operation)).toEqual(["GetObject"]);
});

describe("corrupt incremental state is a CheckpointError and is not replaced", () => {
  test.each([
    " ",
    "{",
    "null",
    "[]",
    "{}",
    '{"version":2,"run_id":"x","cursors":{}}',
    '{"version":1,"cursors":{}}',
    '{"version":1,"run_id":"x"}',
    '{"version":1,"run_id":"x","cursors":[]}',
    '{"version":1,"run_id":"x","cursors":{"":null}}',
    '{"version":1,"run_id":"x","cursors":{"":{"hashes":[]}}}',
    '{"version":1,"run_id":"x","cursors":{"":{"value":null,"hashes":[]}}}',
    '{"version":1,"run_id":"x","cursors":{"":{"value":1}}}',
    '{"version":1,"run_id":"x","cursors":{"":{"value":[1],"hashes":[]}}}',
    '{"version":1,"run_id":"x","cursors":{"":{"value":{},"hashes":[]}}}',
    '{"version":1,"run_id":"x","cursors":{"":{"value":true,"hashes":[]}}}',
    '{"version":1,"run_id":"x","cursors":{"":{"value":1,"hashes":[1]}}}',
  ])("%j", async (content) => {
    await using lake = await startLake();
    await lake.overwrite(KEY, content);
    await expect(read(lake)).rejects.toThrow(CheckpointError);
    await expect(read(lake)).rejects.toThrow(/shop\.orders: state\/shop\/orders\.json is corrupt.*refresh: "full"/);
    await expect(move(lake, MONDAY, { "": cursor(1) })).rejects.toThrow(CheckpointError);
    expect((await lake.read(KEY)).toString()).toBe(content);
  });
});

test("a renamed resource takes over all cursors of its earlier name, once, from the state that is newer", async () => {
  await using lake = await startLake();
  const renamed = (run_id: string, cursors: Record<string, Cursor>) =>
    moveIncrementalState(lake.ports, { source: "shop", resource: "sales", run_id, renamed_from: ["orders"] }, cursors);
  const sales = () => readNewestState(lake.ports, "shop", ["sales", "orders"]);
  await move(lake, MONDAY, { one: cursor(1), two: cursor(2) });
  expect(await sales()).toMatchObject({ resource: "orders", cursors: { one: cursor(1), two: cursor(2) } });
  await renamed(TUESDAY, { two: cursor(3) });
  expect(await sales()).toMatchObject({ resource: "sales", cursors: { one: cursor(1), two: cursor(3) } });

  // Renamed back and again, the state of the last run counts, not that of the newest name.
  await move(lake, WEDNESDAY, { one: cursor(9) });
  expect(await sales()).toMatchObject({ resource: "orders", run_id: WEDNESDAY });
});
