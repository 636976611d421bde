import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SYSTEM_COLUMNS, type TableColumn } from "../../lib/columns/table-schema.ts";
import type { DataType } from "../../lib/columns/types.ts";
import type { DedupSort, MergeRules } from "../../lib/config/resolved.ts";
import { describeTable } from "../../lib/tables/description.ts";
import { openLake } from "../../local/lake/index.ts";
import { NO_MERGE_RULES } from "../lake/lake.fixture.ts";
import { ask, type HandmadeRun, MONDAY, makeLake, TUESDAY, WEDNESDAY } from "../local/lake.fixture.ts";
import { modelRows, strayPart, viewRows } from "./tables.fixture.ts";

const column = ([name, data_type]: [string, DataType]): TableColumn => ({ name, data_type, nullable: true });

const describeOrders = (facts: MergeRules, columns: Record<string, DataType> = { id: "bigint", state: "text" }) =>
  describeTable(
    "shop",
    "orders",
    { columns: [...SYSTEM_COLUMNS, ...Object.entries(columns).map(column)], file_formats: ["jsonl"] },
    facts,
  );

const APPEND = { write_disposition: "append", primary_key: [], ...NO_MERGE_RULES };
const REPLACE = { write_disposition: "replace", primary_key: ["id"], ...NO_MERGE_RULES };
const MERGE = { write_disposition: "merge", primary_key: ["id"], ...NO_MERGE_RULES };

/** The view's rows as `1 new`, sorted. */
const shown = async (runs: HandmadeRun[], facts: MergeRules, stray = false): Promise<string[]> => {
  await using lake = await makeLake();
  for (const run of runs) await lake.run({ ...run, ...facts });
  if (stray) await strayPart(lake, "orders");
  const rows = await viewRows(lake, describeOrders(facts));
  return rows.map(({ id, state }) => `${id} ${state}`).sort();
};

const run = (run_id: string, rows: [number, string][], more: Partial<HandmadeRun> = {}): HandmadeRun => ({
  table: "orders",
  run_id,
  parts: [rows.map(([id, state]) => ({ id, state }))],
  ...more,
});

describe("the view's SQL over all objects of a lake", () => {
  const nights = [
    run(MONDAY, [
      [1, "a"],
      [2, "a"],
    ]),
    run(TUESDAY, [
      [1, "b"],
      [1, "c"],
    ]),
  ];

  test("append shows every finished run, replace the newest, merge the latest row per key", async () => {
    expect(await shown(nights, APPEND)).toEqual(["1 a", "1 b", "1 c", "2 a"]);
    expect(await shown(nights, REPLACE)).toEqual(["1 b", "1 c"]);
    expect(await shown(nights, MERGE)).toEqual(["1 c", "2 a"]);
  });

  test("a run without a manifest is invisible, also where it would be the newest", async () => {
    const half = [...nights, run(WEDNESDAY, [[1, "half"]], { finished: false, full_refresh: true })];
    for (const facts of [APPEND, REPLACE, MERGE]) expect(await shown(half, facts)).toEqual(await shown(nights, facts));
  });

  test("an object beside the parts that no manifest names is invisible", async () => {
    expect(await shown(nights, APPEND, true)).toEqual(["1 a", "1 b", "1 c", "2 a"]);
    expect(await shown(nights.slice(0, 1), REPLACE, true)).toEqual(["1 a", "2 a"]);
  });

  test("merge: what a full refresh did not see is gone, of its own resource only", async () => {
    const web = { resource: "web" };
    const fair = { resource: "fair" };
    const runs = [
      run(
        MONDAY,
        [
          [1, "web"],
          [2, "web"],
        ],
        web,
      ),
      run(MONDAY, [[3, "fair"]], fair),
      run(TUESDAY, [[2, "again"]], { ...web, full_refresh: true }),
    ];
    expect(await shown(runs, MERGE)).toEqual(["2 again", "3 fair"]);
    expect(await shown(runs, REPLACE)).toEqual(["2 again", "3 fair"]);
    const later = [...runs, run(WEDNESDAY, [], { ...fair, full_refresh: true })];
    expect(await shown(later, MERGE)).toEqual(["2 again"]);
  });

  test("a merge without a key appends, and one by a key in the API's spelling merges", async () => {
    expect(await shown(nights, { ...MERGE, primary_key: [] })).toEqual(["1 a", "1 b", "1 c", "2 a"]);
    expect(await shown(nights, { ...MERGE, primary_key: ["ID"] })).toEqual(["1 c", "2 a"]);
  });

  test("columns may have the names of the view's own parts, of reserved words and of partitions", async () => {
    const names = "select order group key dt part parts path place runs run_id first_run counted placed resource _dt";
    const columns = Object.fromEntries(names.split(" ").map((name) => [name, "text"] as const));
    const row = Object.fromEntries(Object.keys(columns).map((name) => [name, `its ${name}`]));
    for (const facts of [APPEND, { ...MERGE, primary_key: ["order", "part"] }]) {
      await using lake = await makeLake();
      await lake.run({ table: "orders", run_id: MONDAY, parts: [[row]], ...facts });
      expect(await viewRows(lake, describeOrders(facts, columns))).toEqual([expect.objectContaining(row)]);
    }
  });
});

describe("hints refine a merge as in dlt", () => {
  const COLUMNS = { id: "bigint", state: "text", day: "text", revision: "bigint", gone: "bool" } as const;
  const shownOf = async (runs: HandmadeRun[], rules: Partial<MergeRules>) => {
    const facts = { ...MERGE, ...rules };
    await using lake = await makeLake();
    for (const one of runs) await lake.run({ ...one, ...facts });
    return (await viewRows(lake, describeOrders(facts, COLUMNS))).map(({ state }) => state).sort();
  };
  const night = (run_id: string, rows: Record<string, unknown>[]): HandmadeRun => ({
    table: "orders",
    run_id,
    parts: [rows.map((row) => ({ day: null, revision: null, gone: null, ...row }))],
  });

  test("merge_key: a run's rows take the place of all earlier ones of that key; rows without one stay", async () => {
    const runs = [
      night(MONDAY, [
        { id: 1, state: "old", day: "mon" },
        { id: 2, state: "other day", day: "sun" },
        { id: 3, state: "no day" },
      ]),
      night(TUESDAY, [
        { id: 4, state: "new 1", day: "mon" },
        { id: 4, state: "new 2", day: "mon" },
        { id: 5, state: "no day either" },
      ]),
    ];
    const days = ["new 1", "new 2", "no day", "no day either", "other day"];
    expect(await shownOf(runs, { primary_key: [], merge_key: ["day"] })).toEqual(days);
    expect(await shownOf(runs, { merge_key: ["day"] })).toEqual(days.filter((state) => state !== "new 1"));
  });

  test("hard_delete: a row that says so is gone, with those of its key before it, until the key comes again", async () => {
    const runs = [
      night(MONDAY, [
        { id: 1, state: "deleted later" },
        { id: 2, state: "false deletes nothing", gone: false },
        { id: 3, state: "comes again" },
      ]),
      night(TUESDAY, [
        { id: 1, state: "x", gone: true },
        { id: 3, state: "y", gone: true },
      ]),
      night(WEDNESDAY, [{ id: 3, state: "is back" }]),
    ];
    expect(await shownOf(runs, { hard_delete: "gone" })).toEqual(["false deletes nothing", "is back"]);
    // Of a column that is no bool, anything but null deletes.
    expect(
      await shownOf(
        [
          night(MONDAY, [
            { id: 1, state: "a", day: "" },
            { id: 2, state: "b" },
          ]),
        ],
        { hard_delete: "day" },
      ),
    ).toEqual(["b"]);
  });

  test("dedup_sort: of the rows of one key in one run the first in that order stays, and nulls come last", async () => {
    const rows = [
      { id: 1, state: "second", revision: 2 },
      { id: 1, state: "third", revision: 3 },
      { id: 1, state: "first", revision: 1 },
      { id: 1, state: "none" },
    ];
    const sorted = (order: "asc" | "desc") => ({ dedup_sort: { column: "revision", order } });
    expect(await shownOf([night(MONDAY, rows)], sorted("desc"))).toEqual(["third"]);
    expect(await shownOf([night(MONDAY, rows)], sorted("asc"))).toEqual(["first"]);
    expect(await shownOf([night(MONDAY, rows)], {})).toEqual(["none"]);
    // Another run wins whatever its revision is.
    const runs = [night(MONDAY, rows), night(TUESDAY, [{ id: 1, state: "later", revision: 0 }])];
    expect(await shownOf(runs, sorted("desc"))).toEqual(["later"]);
  });

  test("none of them does anything to an append or a replace, or in columns that there are not", async () => {
    const runs = [
      night(MONDAY, [
        { id: 1, state: "a", gone: true, day: "mon" },
        { id: 1, state: "b", day: "mon" },
      ]),
    ];
    const hints: Partial<MergeRules> = {
      merge_key: ["day"],
      hard_delete: "gone",
      dedup_sort: { column: "revision", order: "asc" },
    };
    for (const write_disposition of ["append", "replace"]) {
      expect(await shownOf(runs, { ...hints, write_disposition })).toEqual(["a", "b"]);
    }
    const absent: Partial<MergeRules> = {
      merge_key: ["x"],
      hard_delete: "y",
      dedup_sort: { column: "z", order: "asc" },
    };
    expect(await shownOf(runs, absent)).toEqual(["b"]);
  });
});

test("of any runs of two resources, the view and the local lake show what dlt's loads would have left", async () => {
  const COLUMNS = { id: "bigint", state: "text", day: "text", revision: "bigint", gone: "bool" } as const;
  const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
  const row = fc.record({
    id: fc.integer({ min: 1, max: 4 }),
    day: maybe(fc.constantFrom("mon", "tue")),
    revision: maybe(fc.integer({ min: 1, max: 3 })),
    gone: maybe(fc.boolean()),
  });
  const night = fc.record({
    resource: fc.constantFrom("web", "fair"),
    day: fc.integer({ min: 10, max: 16 }),
    full_refresh: fc.boolean(),
    finished: fc.boolean(),
    parts: fc.array(fc.array(row, { maxLength: 4 }), { minLength: 1, maxLength: 3 }),
  });
  const nights = fc.uniqueArray(night, { maxLength: 8, selector: ({ resource, day }) => `${resource} ${day}` });
  const merges = fc.record({
    write_disposition: fc.constant("merge"),
    primary_key: fc.constantFrom<string[]>(["id"], ["id", "state"], []),
    merge_key: fc.constantFrom<string[]>([], ["day"], ["day", "revision"]),
    hard_delete: fc.constantFrom(null, "gone", "revision"),
    dedup_sort: fc.constantFrom<DedupSort | null>(
      null,
      { column: "revision", order: "asc" },
      { column: "revision", order: "desc" },
    ),
  });
  await fc.assert(
    fc.asyncProperty(
      nights,
      fc.oneof(fc.constantFrom<MergeRules>(APPEND, REPLACE, MERGE), merges),
      async (drawn, rules) => {
        let count = 0;
        const runs: HandmadeRun[] = drawn.map(({ day, parts, ...rest }) => ({
          table: "orders",
          run_id: `202611${day}T030000Z-0000aaaa`,
          parts: parts.map((rows) => rows.map((values) => ({ ...values, state: `row ${++count}` }))),
          ...rest,
        }));
        // DuckDB wants a file of each kind to be there.
        const first = { id: 1, state: "first", day: null, revision: null, gone: null };
        const all = [
          { table: "orders", run_id: "20261101T030000Z-0000aaaa", parts: [[first]], resource: "first" },
          ...runs,
        ];
        await using lake = await makeLake();
        await lake.schema("orders", COLUMNS);
        for (const one of all) await lake.run({ ...one, ...rules });
        const description = describeOrders(rules, COLUMNS);
        const model = modelRows(all, rules)
          .map(({ state }) => state)
          .sort();
        const view = (await viewRows(lake, description)).map(({ state }) => state);
        expect(view.sort()).toEqual(model);
        // What `npm run query` shows, which chooses the files by itself, is the same.
        using open = await openLake(lake.out);
        expect((await ask(open, "select state from shop.orders")).flat().sort()).toEqual(model);
      },
    ),
    { numRuns: 60 },
  );
});
