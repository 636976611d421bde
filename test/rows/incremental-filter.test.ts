import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Cursor } from "../../lib/columns/cursor-values.ts";
import { INCREMENTAL_DEFAULTS } from "../../lib/config/defaults.ts";
import { ConfigError, ResponseError } from "../../lib/errors/index.ts";
import type { Json, JsonObject } from "../../lib/json/index.ts";
import { createIncrementalFilter } from "../../lib/rows/incremental-filter.ts";

const at = (time: string, id: number): JsonObject => ({ id, updated: time });
const ids = (records: JsonObject[]) => records.map(({ id }) => id);

const rules = (dedup_key: string[]) => ({
  ...INCREMENTAL_DEFAULTS,
  cursor_path: "updated",
  dedup_key,
  row_order: null,
  cursor_datetime_formats: null,
});

/** Filters some pages as one run does: returns the ids that are kept, and the cursor at the end. */
const run = (pages: JsonObject[][], start?: Cursor, { key = ["id"], end }: { key?: string[]; end?: Json } = {}) => {
  const filter = createIncrementalFilter(rules(key), { start, end });
  let cursor: Cursor | undefined;
  const kept = pages.flatMap((page) => {
    const result = filter.apply(page, cursor);
    cursor = result.cursor;
    return ids(result.records);
  });
  return { kept, cursor };
};

describe("a run", () => {
  test("without a start keeps all rows and ends at the highest value, in any order of rows and pages", () => {
    const { kept, cursor } = run([[at("2024-01-03", 3), at("2024-01-01", 1)], [at("2024-01-02", 2)]]);
    expect(kept).toEqual([3, 1, 2]);
    expect(cursor).toMatchObject({ value: "2024-01-03", hashes: [expect.any(String)] });
  });

  test("stores the hashes of the rows at the highest value only", () => {
    const days = ["2024-01-01", "2024-01-01", "2024-01-02", "2024-01-03", "2024-01-03"];
    expect(run([days.map((day, id) => at(day, id))]).cursor?.hashes).toHaveLength(2);
  });

  test("drops rows before its start", () => {
    const start = { value: "2024-01-02", hashes: [] };
    expect(run([[at("2024-01-01", 1), at("2024-01-02", 2), at("2024-01-03", 3)]], start).kept).toEqual([2, 3]);
  });

  test("drops rows at its start value only if the previous run loaded them", () => {
    const first = run([[at("2024-01-01", 1), at("2024-01-02", 2), at("2024-01-02", 3)]]);
    const second = run(
      [[at("2024-01-02", 2), at("2024-01-02", 3), at("2024-01-02", 4), at("2024-01-03", 5)]],
      first.cursor,
    );
    expect(second.kept).toEqual([4, 5]);
    expect(second.cursor?.value).toBe("2024-01-03");
  });

  test("without new rows keeps the cursor and its hashes, so that the third run drops the same rows", () => {
    const first = run([[at("2024-01-02", 2)]]);
    const second = run([[at("2024-01-02", 2), at("2024-01-02", 3)]], first.cursor);
    const third = run([[at("2024-01-02", 2), at("2024-01-02", 3)]], second.cursor);
    expect(second.kept).toEqual([3]);
    expect(third.kept).toEqual([]);
    expect(third.cursor).toEqual(second.cursor);
    expect(run([[]], first.cursor).cursor).toEqual(first.cursor);
  });

  test("identifies a row by all its fields if it has no primary key", () => {
    const rows = [
      { updated: 1, name: "a" },
      { updated: 1, name: "b" },
    ];
    for (const key of [[], ["name", "absent"]]) {
      const first = createIncrementalFilter(rules(key), { start: undefined, end: undefined }).apply(
        [rows[0]!],
        undefined,
      );
      const second = createIncrementalFilter(rules(key), { start: first.cursor, end: undefined }).apply(
        rows,
        undefined,
      );
      expect(second.records).toEqual([rows[1]]);
    }
  });

  test("drops a row at the start value by its primary key, although another field changed", () => {
    const first = run([[at("2024-01-02", 2)]]);
    const again = [{ ...at("2024-01-02", 2), note: "touched" }];
    expect(run([again], first.cursor).kept).toEqual([]);
  });

  test("compares times with different offsets as instants", () => {
    const { cursor } = run([
      [at("2024-01-01T10:00:00+05:00", 1), at("2024-01-01T06:00:00Z", 2), at("2024-01-01T01:30:00-04:00", 3)],
    ]);
    expect(cursor?.value).toBe("2024-01-01T06:00:00Z");
    expect(run([[at("2024-01-01T07:00:00+01:00", 2), at("2024-01-01T05:59:00Z", 4)]], cursor).kept).toEqual([]);
    expect(run([[at("2024-01-01T07:00:00+01:00", 9)]], cursor).kept).toEqual([9]);
  });

  test("tracks integers beyond 2^53 without losing a row", () => {
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
  test("includes its start and excludes its end", () => {
    const rows = [at("2024-01-01", 1), at("2024-01-02", 2), at("2024-01-03", 3)];
    expect(run([rows], { value: "2024-01-01", hashes: [] }, { end: "2024-01-03" }).kept).toEqual([1, 2]);
  });

  test("ends at an instant, whatever its offset", () => {
    const rows = [at("2024-01-03T00:30:00+01:00", 1), at("2024-01-02T23:30:00-01:00", 2)];
    expect(run([rows], { value: "2024-01-01", hashes: [] }, { end: "2024-01-03T00:00:00Z" }).kept).toEqual([1]);
  });

  test("of numbers may be given as strings", () => {
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

test.each(["", "0000-00-00", "0000-00-00 00:00:00"])(
  "%j counts as no cursor value: compared with times, it would sort before all of them",
  (value) => {
    expect(() => run([[at("2024-01-01", 1), at(value, 2)]])).toThrow(/cursor_path "updated"/);
  },
);

test("the only row of a first run has to have a cursor value that later runs can compare", () => {
  expect(() => run([[at("20-01-2024", 1)]])).toThrow(
    /set cursor_datetime_formats of the incremental to \["%d-%m-%Y"\]/,
  );
});

describe("the range", () => {
  type Rules = Parameters<typeof createIncrementalFilter>[0];
  const kept = (given: Partial<Rules>, values: Json[], from?: Json, to?: Json) => {
    const start = from === undefined ? undefined : { value: from, hashes: [] };
    const filter = createIncrementalFilter({ ...rules([]), ...given }, { start, end: to });
    return filter.apply(
      values.map((updated) => ({ updated })),
      undefined,
    );
  };
  const values = (given: Partial<Rules>, from?: Json, to?: Json) =>
    kept(given, [1, 2, 3, 4, 5], from, to).records.map(({ updated }) => updated);

  test("includes its start and excludes its end, unless the config changes that", () => {
    expect(values({}, 2, 4)).toEqual([2, 3]);
    expect(values({ range_start: "open" }, 2, 4)).toEqual([3]);
    expect(values({ range_end: "closed" }, 2, 4)).toEqual([2, 3, 4]);
    expect(values({ range_start: "open", range_end: "closed" }, 2, 4)).toEqual([3, 4]);
    expect(values({}, 2)).toEqual([2, 3, 4, 5]);
    expect(values({}, undefined, 2)).toEqual([1]);
    expect(values({}, 3, 3)).toEqual([]);
  });

  test("runs downwards with last_value_func min", () => {
    const down = { last_value_func: "min" } as const;
    expect(values(down, 4, 2)).toEqual([3, 4]);
    expect(values({ ...down, range_start: "open" }, 4, 2)).toEqual([3]);
    expect(values({ ...down, range_end: "closed" }, 4, 2)).toEqual([2, 3, 4]);
    expect(values({ ...down, range_start: "open", range_end: "closed" }, 4, 2)).toEqual([2, 3]);
    expect(values(down, 4)).toEqual([1, 2, 3, 4]);
  });

  test("ends at the highest value, or with min at the lowest, which is marked so", () => {
    expect(kept({}, [3, 5, 4]).cursor).toMatchObject({ value: 5 });
    expect(kept({ last_value_func: "min" }, [3, 5, 4]).cursor).toMatchObject({ value: 3, lowest: true });
    expect(kept({}, [3]).cursor).not.toHaveProperty("lowest");
  });

  test("without any rows keeps its start for the next run", () => {
    expect(kept({}, [], 7).cursor).toEqual({ value: 7, hashes: [] });
    expect(kept({}, []).cursor).toBeUndefined();
  });

  describe("stops early, by row_order,", () => {
    const isOver = (given: Partial<Rules>, page: Json[], from?: Json, to?: Json) => kept(given, page, from, to).isOver;
    test.each<["max" | "min", "asc" | "desc", Json[], Json[]]>([
      // Upwards the range is 2 to 4; downwards it is 4 to 2.
      ["max", "asc", [2, 3, 4], [1, 2, 3]],
      ["max", "desc", [3, 2, 1], [5, 4, 3]],
      ["min", "asc", [3, 4, 5], [1, 2, 3]],
      ["min", "desc", [4, 3, 2], [5, 4, 3]],
    ])(
      "when rows leave the range, but not when they enter it: %s, %s",
      (last_value_func, row_order, leaving, entering) => {
        const [from, to] = last_value_func === "max" ? [2, 4] : [4, 2];
        const given = { last_value_func, row_order };
        expect(isOver(given, leaving, from, to)).toBe(true);
        expect(isOver(given, entering, from, to)).toBe(false);
        expect(isOver({ last_value_func, row_order: null }, [1, 2, 3, 4, 5], from, to)).toBe(false);
      },
    );

    test("at a value on an open bound", () => {
      expect(isOver({ row_order: "desc" }, [3, 2], 2)).toBe(false);
      expect(isOver({ row_order: "desc", range_start: "open" }, [3, 2], 2)).toBe(true);
      expect(isOver({ row_order: "asc" }, [3, 4], 2, 4)).toBe(true);
      expect(isOver({ row_order: "asc", range_end: "closed" }, [3, 4], 2, 4)).toBe(false);
    });

    test("at no value if the range has no such bound", () => {
      expect(isOver({ row_order: "desc" }, [3, 2, 1])).toBe(false);
      expect(isOver({ row_order: "asc" }, [3, 4, 5], 2)).toBe(false);
    });

    test("but not at a page that is not sorted, and filters the rest of the page as usual", () => {
      const { records, isOver: over } = kept({ row_order: "desc" }, [3, 1, 4], 2);
      expect([records.map(({ updated }) => updated), over]).toEqual([[3, 4], false]);
    });

    test("but not at a row that the previous run loaded, because a new row with the same value may follow", () => {
      const first = createIncrementalFilter(rules(["id"]), { start: undefined, end: undefined });
      const { cursor } = first.apply([{ id: 1, updated: 3 }], undefined);
      const filter = createIncrementalFilter(
        { ...rules(["id"]), row_order: "desc" },
        { start: cursor, end: undefined },
      );
      expect(filter.apply([{ id: 1, updated: 3 }], undefined)).toMatchObject({ records: [], isOver: false });
      expect(ids(filter.apply([{ id: 9, updated: 3 }], undefined).records)).toEqual([9]);
    });
  });
});

describe("a row without a cursor value", () => {
  const page: JsonObject[] = [at("2024-01-02", 1), { id: 2 }, { id: 3, updated: null }];
  const apply = (on_cursor_value_missing: "raise" | "include" | "exclude", cursor_path = "updated") =>
    createIncrementalFilter(
      { ...rules([]), on_cursor_value_missing, cursor_path },
      { start: { value: "2024-01-01", hashes: [] }, end: "2024-01-09" },
    ).apply(page, undefined);

  test("is kept with include, and does not move the cursor", () => {
    const { records, cursor } = apply("include");
    expect(ids(records)).toEqual([1, 2, 3]);
    expect(cursor?.value).toBe("2024-01-02");
  });

  test("is dropped with exclude", () => {
    expect(ids(apply("exclude").records)).toEqual([1]);
  });

  test("is an error otherwise, also for a nested path", () => {
    expect(() => apply("raise")).toThrow(/no value at cursor_path "updated"/);
    expect(() => apply("raise", "meta.updated")).toThrow(/no value at cursor_path "meta.updated"/);
    expect(ids(apply("include", "meta.updated").records)).toEqual([1, 2, 3]);
  });
});

test.each<[string, Json, string]>([
  ["a list", [1], "a list"],
  ["an object", { at: 1 }, "an object"],
  ["a boolean", true, "a boolean"],
])("a cursor value that is %s is an error, whatever on_cursor_value_missing is", (_, updated, what) => {
  for (const on_cursor_value_missing of ["raise", "include", "exclude"] as const) {
    const filter = createIncrementalFilter(
      { ...rules([]), on_cursor_value_missing },
      { start: undefined, end: undefined },
    );
    expect(() => filter.apply([{ updated }], undefined)).toThrow(ResponseError);
    expect(() => filter.apply([{ updated }], undefined)).toThrow(`a row has ${what} at cursor_path "updated"`);
  }
});

test("values of another kind than the start are an error, because comparing them as text would lose rows", () => {
  expect(() => run([[{ id: 1, updated: 1704067200 }]], { value: "2024-01-01", hashes: [] })).toThrow(ConfigError);
});

test("cursor_path accepts any JSONPath", () => {
  const filter = (cursor_path: string) =>
    createIncrementalFilter({ ...rules([]), cursor_path }, { start: { value: 2, hashes: [] }, end: undefined });
  const page: JsonObject[] = [1, 2, 3].map((n) => ({ id: n, m: { "u.at": n }, h: [{ t: n }, { t: 0 }] }));
  for (const path of ["m.'u.at'", "h[0].t", "h[*].t", "$.id"]) {
    expect(ids(filter(path).apply(page, undefined).records)).toEqual([2, 3]);
  }
});

describe("a cursor path with several matches", () => {
  const page: JsonObject[] = [
    { id: 1, h: [{ t: 5 }, { t: 9 }, { t: null }] },
    { id: 2, h: [{ t: 7 }, { t: 3 }] },
  ];
  const apply = (given: object, start?: Json) =>
    createIncrementalFilter(
      { ...rules([]), cursor_path: "h[*].t", ...given },
      { start: start === undefined ? undefined : { value: start, hashes: [] }, end: undefined },
    ).apply(page, undefined);

  test("takes the highest, or with min the lowest, and skips null", () => {
    expect(apply({}).cursor?.value).toBe(9);
    expect(apply({ last_value_func: "min" }).cursor?.value).toBe(3);
    expect(ids(apply({}, 8).records)).toEqual([1]);
    expect(ids(apply({ last_value_func: "min" }, 4).records)).toEqual([2]);
  });

  test("rejects a match that is neither a string nor a number", () => {
    const filter = createIncrementalFilter({ ...rules([]), cursor_path: "h[*]" }, { start: undefined, end: undefined });
    expect(() => filter.apply(page, undefined)).toThrow(/a row has an object at cursor_path "h\[\*\]"/);
  });
});

test("without dedup a row at the start value is kept again, and no hashes are stored", () => {
  const page: JsonObject[] = [{ id: 1, updated: 5 }];
  const { cursor: start } = createIncrementalFilter(rules([]), { start: undefined, end: undefined }).apply(
    page,
    undefined,
  );
  expect(start?.hashes).toHaveLength(1);
  const filter = createIncrementalFilter({ ...rules([]), dedup_key: null }, { start, end: undefined });
  const { records, cursor } = filter.apply([...page, { id: 2, updated: 6 }], undefined);
  expect(ids(records)).toEqual([1, 2]);
  expect(cursor).toEqual({ value: 6, hashes: [] });
});

test("over many runs every row is loaded once, for each row_order and direction", () => {
  const night = fc.array(fc.nat(2), { maxLength: 6 });
  const config = fc.record({
    nights: fc.array(night, { minLength: 1, maxLength: 6 }),
    last_value_func: fc.constantFrom("max", "min"),
    row_order: fc.constantFrom("asc", "desc", null),
    dedup_key: fc.constantFrom(["id"], [] as string[]),
    size: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(config, ({ nights, last_value_func, row_order, dedup_key, size }) => {
      const api: JsonObject[] = [];
      const seen: Json[] = [];
      let start: Cursor | undefined;
      let furthest = 0;
      for (const steps of nights) {
        // New rows are at the furthest value so far, or beyond it.
        for (const step of steps) {
          furthest += step;
          api.push({ id: api.length, updated: last_value_func === "max" ? furthest : -furthest });
        }
        const order = row_order === null ? 0 : row_order === "asc" ? 1 : -1;
        const sorted = api.toSorted((a, b) => order * (Number(a.updated) - Number(b.updated)));
        const filter = createIncrementalFilter(
          { ...rules(dedup_key), last_value_func, row_order },
          { start, end: undefined },
        );
        let cursor: Cursor | undefined;
        for (let first = 0; first < sorted.length; first += size) {
          const page = filter.apply(sorted.slice(first, first + size), cursor);
          seen.push(...page.records.map(({ id }) => id as number));
          cursor = JSON.parse(JSON.stringify(page.cursor ?? null)) ?? undefined;
          if (page.isOver) break;
        }
        start = cursor ?? start;
        expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(api.map(({ id }) => id));
      }
    }),
    { numRuns: 500 },
  );
});
