import { describe, expect, test } from "vitest";
import { ResponseError } from "../../lib/errors.ts";
import type { Json, JsonObject } from "../../lib/json.ts";
import type { Cursor } from "../../lib/lake/position.ts";
import { compareCursors, createIncrementalFilter } from "../../lib/rows/incremental.ts";

describe("cursor values are in order", () => {
  test.each<[Json, Json]>([
    [1, 2],
    [-1, 0],
    [9, 10],
    [1.5, 2],
    ["a", "b"],
    ["9", "10"],
    [9007199254740992n, 9007199254740993n],
    [9007199254740991, 9007199254740992n],
    // A state holds a BigInt as text.
    ["9999999999999999", 10000000000000000n],
    ["9999999999999999", "10000000000000000"],
    // A window given on a command line is text.
    ["9.5", 10.25],
    [9, "10"],
    ["2024-01-01", "2024-01-02"],
    ["2024-01-01", "2024-01-01T00:00:01Z"],
    ["2024-01-01T00:00:00+02:00", "2024-01-01T00:00:00Z"],
    ["2024-01-01T23:00:00-02:00", "2024-01-02T01:00:00.001Z"],
    ["2024-01-01 10:00", "2024-01-01T10:00:01Z"],
  ])("%s is before %s", (a, b) => {
    expect(compareCursors(a, b)).toBe(-1);
    expect(compareCursors(b, a)).toBe(1);
  });

  test.each<[Json, Json]>([
    [1, 1],
    ["x", "x"],
    [9007199254740993n, "9007199254740993"],
    [5, "5"],
    [0.5, "0.50"],
    ["2024-01-01T00:00:00Z", "2024-01-01T02:00:00+02:00"],
    ["2024-01-01T00:00:00.000Z", "2024-01-01 00:00"],
  ])("%s is the same as %s", (a, b) => {
    expect(compareCursors(a, b)).toBe(0);
    expect(compareCursors(b, a)).toBe(0);
  });
});

const at = (time: string, id: number): JsonObject => ({ id, updated: time });
const ids = (records: JsonObject[]) => records.map(({ id }) => id);

/** One run over some pages: the ids that it keeps and the cursor it ends with. */
const run = (pages: JsonObject[][], start?: Cursor, { key = ["id"], end }: { key?: string[]; end?: Json } = {}) => {
  const filter = createIncrementalFilter("updated", key, start, end);
  let cursor: Cursor | undefined;
  const kept = pages.flatMap((page) => {
    const result = filter.apply(page, cursor);
    cursor = result.cursor;
    return ids(result.records);
  });
  return { kept, cursor };
};

describe("a run", () => {
  test("keeps everything without a start, and ends at the highest value, in any order of rows and pages", () => {
    const { kept, cursor } = run([[at("2024-01-03", 3), at("2024-01-01", 1)], [at("2024-01-02", 2)]]);
    expect(kept).toEqual([3, 1, 2]);
    expect(cursor).toMatchObject({ value: "2024-01-03", hashes: [expect.any(String)] });
  });

  test("knows at its end just the rows at the highest value", () => {
    const days = ["2024-01-01", "2024-01-01", "2024-01-02", "2024-01-03", "2024-01-03"];
    expect(run([days.map((day, id) => at(day, id))]).cursor?.hashes).toHaveLength(2);
  });

  test("drops what lies before its start", () => {
    const start = { value: "2024-01-02", hashes: [] };
    expect(run([[at("2024-01-01", 1), at("2024-01-02", 2), at("2024-01-03", 3)]], start).kept).toEqual([2, 3]);
  });

  test("drops at its start value just the rows that the last run had, and no other", () => {
    const first = run([[at("2024-01-01", 1), at("2024-01-02", 2), at("2024-01-02", 3)]]);
    const second = run(
      [[at("2024-01-02", 2), at("2024-01-02", 3), at("2024-01-02", 4), at("2024-01-03", 5)]],
      first.cursor,
    );
    expect(second.kept).toEqual([4, 5]);
    expect(second.cursor?.value).toBe("2024-01-03");
  });

  test("that finds nothing new keeps the cursor and its boundary, so the third run drops them too", () => {
    const first = run([[at("2024-01-02", 2)]]);
    const second = run([[at("2024-01-02", 2), at("2024-01-02", 3)]], first.cursor);
    const third = run([[at("2024-01-02", 2), at("2024-01-02", 3)]], second.cursor);
    expect(second.kept).toEqual([3]);
    expect(third.kept).toEqual([]);
    expect(third.cursor).toEqual(second.cursor);
    expect(run([[]], first.cursor).cursor).toEqual(first.cursor);
  });

  test("without a primary key, or with one that a row lacks, knows a row by all of it", () => {
    const rows = [
      { updated: 1, name: "a" },
      { updated: 1, name: "b" },
    ];
    for (const key of [[], ["name", "absent"]]) {
      const first = createIncrementalFilter("updated", key, undefined, undefined).apply([rows[0]!], undefined);
      const second = createIncrementalFilter("updated", key, first.cursor, undefined).apply(rows, undefined);
      expect(second.records).toEqual([rows[1]]);
    }
  });

  test("with a primary key drops a boundary row even though another field of it changed", () => {
    const first = run([[at("2024-01-02", 2)]]);
    const again = [{ ...at("2024-01-02", 2), note: "touched" }];
    expect(run([again], first.cursor).kept).toEqual([]);
  });

  test("takes times with mixed offsets for the instants that they are", () => {
    const { cursor } = run([
      [at("2024-01-01T10:00:00+05:00", 1), at("2024-01-01T06:00:00Z", 2), at("2024-01-01T01:30:00-04:00", 3)],
    ]);
    expect(cursor?.value).toBe("2024-01-01T06:00:00Z");
    expect(run([[at("2024-01-01T07:00:00+01:00", 2), at("2024-01-01T05:59:00Z", 4)]], cursor).kept).toEqual([]);
    expect(run([[at("2024-01-01T07:00:00+01:00", 9)]], cursor).kept).toEqual([9]);
  });

  test("follows integers beyond 2^53 without losing one", () => {
    const { cursor } = run([
      [
        { id: 1, updated: 9999999999999999n },
        { id: 2, updated: 10000000000000000n },
      ],
    ]);
    expect(cursor?.value).toBe("10000000000000000");
    const next = run(
      [
        [
          { id: 2, updated: 10000000000000000n },
          { id: 3, updated: 10000000000000001n },
        ],
      ],
      cursor,
    );
    expect(next.kept).toEqual([3]);
  });

  test("has a cursor that survives JSON", () => {
    const { cursor } = run([[{ id: 1, updated: 10000000000000000n }]]);
    expect(JSON.parse(JSON.stringify(cursor))).toEqual(cursor);
  });
});

describe("a window", () => {
  test("takes its start and leaves its end out", () => {
    const rows = [at("2024-01-01", 1), at("2024-01-02", 2), at("2024-01-03", 3)];
    expect(run([rows], { value: "2024-01-01", hashes: [] }, { end: "2024-01-03" }).kept).toEqual([1, 2]);
  });

  test("ends at an instant, whatever the offset says", () => {
    const rows = [at("2024-01-03T00:30:00+01:00", 1), at("2024-01-02T23:30:00-01:00", 2)];
    expect(run([rows], { value: "2024-01-01", hashes: [] }, { end: "2024-01-03T00:00:00Z" }).kept).toEqual([1]);
  });

  test("of numbers may be given as text", () => {
    const rows = [9, 10, 11, 100].map((updated) => ({ id: updated, updated }));
    expect(run([rows], { value: "10", hashes: [] }, { end: "100" }).kept).toEqual([10, 11]);
  });
});

test.each<JsonObject>([{ id: 1 }, { id: 1, updated: null }, { id: 1, Updated: "2024-01-01" }])(
  "a row without a cursor value is an error that names the path: %j",
  (row) => {
    expect(() => run([[at("2024-01-01", 1), row]])).toThrow(ResponseError);
    expect(() => run([[row]])).toThrow(/cursor_path "updated"/);
  },
);

test("hashes at the boundary stay bounded", () => {
  const rows = Array.from({ length: 3000 }, (_, id) => at("2024-01-01", id));
  expect(run([rows]).cursor?.hashes.length).toBeLessThanOrEqual(1000);
});
