import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { CheckpointError } from "../../lib/errors/index.ts";
import type { JsonObject } from "../../lib/json/index.ts";
import { parseJson } from "../../lib/json/parse.ts";
import { openCommitLog } from "../../lib/lake/commit-log.ts";
import { partKey } from "../../lib/lake/keys.ts";
import { type Manifest, writeManifest } from "../../lib/lake/manifest.ts";
import { fieldsForChildren, openParentRows, packParentRows } from "../../lib/lake/parent-rows.ts";
import { address, type Lake, NO_MERGE_RULES, partOf, position, RUN_ID, startLake } from "./lake.fixture.ts";

const FACTS = {
  full_refresh: true,
  removes_missing_rows: false,
  write_disposition: "append",
  primary_key: [],
  table_resources: ["orders"],
  warnings: [],
  ...NO_MERGE_RULES,
};

/** Writes a complete log whose parts have these parent rows. */
const parentOf = async (lake: Lake, parts: (JsonObject[] | null)[]): Promise<Manifest> => {
  const log = await openCommitLog(lake.ports, address, position(), "a");
  for (const [index, rows] of parts.entries()) {
    await log.commit({
      ...(await partOf(index + 1)),
      rows: rows?.length ?? 1,
      final: index === parts.length - 1,
      parent_rows: rows === null || rows.length === 0 ? null : await packParentRows(rows),
    });
  }
  return writeManifest(lake.ports, address, parts.length, FACTS);
};

const all = async (lake: Lake, manifest: Manifest) => {
  const parents = openParentRows(lake.ports, manifest);
  const found: [string, JsonObject][] = [];
  for (let here = await parents.find({ part: 1, row: 0 }); here !== null; ) {
    found.push([`${here.place.part}/${here.place.row}`, here.row]);
    here = await parents.find({ part: here.place.part, row: here.place.row + 1 });
  }
  return found;
};

test("children read the rows in order, part by part, and skip parts without rows", async () => {
  await using lake = await startLake();
  const manifest = await parentOf(lake, [[], [{ id: 1 }, { id: 2 }], [], [], [{ id: 3 }], []]);
  expect(await all(lake, manifest)).toEqual([
    ["2/0", { id: 1 }],
    ["2/1", { id: 2 }],
    ["5/0", { id: 3 }],
  ]);
});

test("another invocation finds a place in the middle", async () => {
  await using lake = await startLake();
  const manifest = await parentOf(lake, [[{ id: 1 }, { id: 2 }], [{ id: 3 }]]);
  const find = (part: number, row: number) => openParentRows(lake.ports, manifest).find({ part, row });
  expect(await find(1, 1)).toEqual({ place: { part: 1, row: 1 }, row: { id: 2 } });
  expect(await find(1, 2)).toEqual({ place: { part: 2, row: 0 }, row: { id: 3 } });
  expect(await find(2, 1)).toBeNull();
  expect(await find(9, 0)).toBeNull();
});

test("parent rows have raw values: big integers, nulls, nested objects, __proto__", async () => {
  await using lake = await startLake();
  const row = parseJson('{"id":12345678901234567890,"none":null,"o":{"a":["😀"]},"__proto__":{"x":1}}') as JsonObject;
  const manifest = await parentOf(lake, [[row]]);
  const [[, found] = []] = await all(lake, manifest);
  expect(found).toEqual(row);
  expect(Object.keys(found!)).toEqual(Object.keys(row));
});

test("only fields that children use are kept; a missing field stays missing, and null stays null", () => {
  const record = { id: 1, "full name": "x", geo: { lat: 2 }, nothing: null, secret: "no" };
  const fields = fieldsForChildren(record, ["id", "geo.lat", "absent", "geo.absent", "nothing", "full name"]);
  expect(fields).toEqual({ id: 1, "geo.lat": 2, nothing: null, "full name": "x" });
  expect(Object.hasOwn(fields, "absent")).toBe(false);
});

test("a field may be any path, and any key of the row, whatever characters it has", () => {
  const record = { "a.b": 1, a: { b: 2, c: [{ id: 3 }] }, "price ($)": 4, list: [5, 6] };
  const names = ["a.b", "a.c[0].id", "price ($)", "$['a']['b']", "list[-1]", "toString"];
  expect(fieldsForChildren(record, names)).toEqual({
    "a.b": 1,
    "a.c[0].id": 3,
    "price ($)": 4,
    "$['a']['b']": 2,
    "list[-1]": 6,
  });
  expect(fieldsForChildren({ a: { b: 2 } }, ["a.b"])).toEqual({ "a.b": 2 });
});

test("parent rows are in an object named by its hash, written before its part", async () => {
  await using lake = await startLake();
  await parentOf(lake, [[{ id: 1 }]]);
  const [key, ...others] = await lake.keys(`state/shop/${RUN_ID}/parents/`);
  expect(others).toEqual([]);
  const body = await lake.read(key!);
  const hash = createHash("sha256").update(body).digest("hex");
  expect(key).toBe(`state/shop/${RUN_ID}/parents/${hash}.json.gz`);
  expect(JSON.parse(gunzipSync(body).toString())).toEqual([{ id: 1 }]);
  expect(await lake.metadata(partKey(address, 1))).toMatchObject({ "parents-sha256": hash });
  const puts = lake.requests.filter(({ operation }) => operation === "PutObject").map((request) => request.key);
  expect(puts.indexOf(key!)).toBeLessThan(puts.indexOf(partKey(address, 1)));
});

test("the parent rows of a part are read once, however many there are", async () => {
  await using lake = await startLake();
  const manifest = await parentOf(lake, [Array.from({ length: 50 }, (_, id) => ({ id }))]);
  lake.requests.length = 0;
  expect(await all(lake, manifest)).toHaveLength(50);
  expect(lake.requests).toHaveLength(1);
});

test("a part without parent rows is a CheckpointError, because children would miss rows", async () => {
  await using lake = await startLake();
  const manifest = await parentOf(lake, [null]);
  await expect(all(lake, manifest)).rejects.toThrow(CheckpointError);
  await expect(all(lake, manifest)).rejects.toThrow(/part 1 of the parent orders .*new_run/);
});

test.each(["lost", "no gzip", "cut off", "of another part"])(
  "an object of parent rows that is %s is a CheckpointError with its key",
  async (how) => {
    await using lake = await startLake();
    const manifest = await parentOf(lake, [[{ id: 1 }]]);
    const [key] = await lake.keys(`state/shop/${RUN_ID}/parents/`);
    if (how === "lost") await lake.remove(key!);
    if (how === "no gzip") await lake.overwrite(key!, "no gzip");
    if (how === "cut off") await lake.overwrite(key!, (await lake.read(key!)).subarray(0, 20));
    // Valid rows, but not the ones that were read: without a check, children of other parents would be loaded.
    if (how === "of another part") await lake.overwrite(key!, await packParentRows([{ id: 2 }]));
    const error = await all(lake, manifest).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CheckpointError);
    expect(String(error)).toMatch(/part 1 of the parent orders .*start with new_run$/);
    expect(String(error)).toContain(key);
  },
);
