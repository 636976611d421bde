import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SYSTEM_COLUMNS, type TableColumn } from "../../lib/columns/table-schema.ts";
import type { DataType } from "../../lib/columns/types.ts";
import type { DedupSort, MergeRules } from "../../lib/config/resolved.ts";
import { describeTable } from "../../lib/tables/description.ts";
import { openLake } from "../../local/lake/index.ts";
import { NO_MERGE_RULES } from "../lake/lake.fixture.ts";
import { ask, type HandmadeRun, MONDAY, makeLake, TUESDAY, WEDNESDAY } from "../local/lake.fixture.ts";
import { sampleSize } from "../size.ts";
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

/** Returns the rows of the view as `1 new`, sorted. */
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

describe("the view of a table", () => {
  const twoRuns = [
    run(MONDAY, [
      [1, "a"],
      [2, "a"],
    ]),
    run(TUESDAY, [
      [1, "b"],
      [1, "c"],
    ]),
  ];

  test("shows all finished runs for append, the newest run for replace, and the latest row per key for merge", async () => {
    expect(await shown(twoRuns, APPEND)).toEqual(["1 a", "1 b", "1 c", "2 a"]);
    expect(await shown(twoRuns, REPLACE)).toEqual(["1 b", "1 c"]);
    expect(await shown(twoRuns, MERGE)).toEqual(["1 c", "2 a"]);
  });

  test("does not show a run without a manifest, even if it is the newest", async () => {
    const half = [...twoRuns, run(WEDNESDAY, [[1, "half"]], { finished: false, removes_missing_rows: true })];
    for (const facts of [APPEND, REPLACE, MERGE]) expect(await shown(half, facts)).toEqual(await shown(twoRuns, facts));
  });

  test("does not show an object next to the parts that is in no manifest", async () => {
    expect(await shown(twoRuns, APPEND, true)).toEqual(["1 a", "1 b", "1 c", "2 a"]);
    expect(await shown(twoRuns.slice(0, 1), REPLACE, true)).toEqual(["1 a", "2 a"]);
  });

  test("does not show rows of a merge that the latest run of their resource removed as missing", async () => {
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
      run(TUESDAY, [[2, "again"]], { ...web, removes_missing_rows: true }),
    ];
    expect(await shown(runs, MERGE)).toEqual(["2 again", "3 fair"]);
    expect(await shown(runs, REPLACE)).toEqual(["2 again", "3 fair"]);
    const later = [...runs, run(WEDNESDAY, [], { ...fair, removes_missing_rows: true })];
    expect(await shown(later, MERGE)).toEqual(["2 again"]);
  });

  test("appends in a merge without a key, and accepts a key in the API's spelling", async () => {
    expect(await shown(twoRuns, { ...MERGE, primary_key: [] })).toEqual(["1 a", "1 b", "1 c", "2 a"]);
    expect(await shown(twoRuns, { ...MERGE, primary_key: ["ID"] })).toEqual(["1 c", "2 a"]);
  });

  test("supports columns named like reserved words, partitions, and names in its own SQL", async () => {
    const names =
      "select order group key dt part parts path rank runs run_id first_run current_rows ranked resource _dt entry entries owner owners name newest manifests";
    const columns = Object.fromEntries(names.split(" ").map((name) => [name, "text"] as const));
    const row = Object.fromEntries(Object.keys(columns).map((name) => [name, `its ${name}`]));
    for (const facts of [APPEND, { ...MERGE, primary_key: ["order", "part"] }]) {
      await using lake = await makeLake();
      await lake.run({ table: "orders", run_id: MONDAY, parts: [[row]], ...facts });
      expect(await viewRows(lake, describeOrders(facts, columns))).toEqual([expect.objectContaining(row)]);
    }
  });
});

describe("merge hints", () => {
  const COLUMNS = { id: "bigint", state: "text", day: "text", revision: "bigint", gone: "bool" } as const;
  const shownOf = async (runs: HandmadeRun[], rules: Partial<MergeRules>) => {
    const facts = { ...MERGE, ...rules };
    await using lake = await makeLake();
    for (const one of runs) await lake.run({ ...one, ...facts });
    return (await viewRows(lake, describeOrders(facts, COLUMNS))).map(({ state }) => state).sort();
  };
  const runWith = (run_id: string, rows: Record<string, unknown>[]): HandmadeRun => ({
    table: "orders",
    run_id,
    parts: [rows.map((row) => ({ day: null, revision: null, gone: null, ...row }))],
  });

  test("merge_key replaces all earlier rows of the same key, and keeps rows without a key", async () => {
    const runs = [
      runWith(MONDAY, [
        { id: 1, state: "old", day: "mon" },
        { id: 2, state: "other day", day: "sun" },
        { id: 3, state: "no day" },
      ]),
      runWith(TUESDAY, [
        { id: 4, state: "new 1", day: "mon" },
        { id: 4, state: "new 2", day: "mon" },
        { id: 5, state: "no day either" },
      ]),
    ];
    const days = ["new 1", "new 2", "no day", "no day either", "other day"];
    expect(await shownOf(runs, { primary_key: [], merge_key: ["day"] })).toEqual(days);
    expect(await shownOf(runs, { merge_key: ["day"] })).toEqual(days.filter((state) => state !== "new 1"));
  });

  test("hard_delete removes a row and the earlier rows of its key, until the key returns", async () => {
    const runs = [
      runWith(MONDAY, [
        { id: 1, state: "deleted later" },
        { id: 2, state: "false deletes nothing", gone: false },
        { id: 3, state: "returns" },
      ]),
      runWith(TUESDAY, [
        { id: 1, state: "x", gone: true },
        { id: 3, state: "y", gone: true },
      ]),
      runWith(WEDNESDAY, [{ id: 3, state: "is back" }]),
    ];
    expect(await shownOf(runs, { hard_delete: "gone" })).toEqual(["false deletes nothing", "is back"]);
    // In a column that is not a bool, every value except null deletes the row.
    expect(
      await shownOf(
        [
          runWith(MONDAY, [
            { id: 1, state: "a", day: "" },
            { id: 2, state: "b" },
          ]),
        ],
        { hard_delete: "day" },
      ),
    ).toEqual(["b"]);
  });

  test("dedup_sort keeps the first row of a key in a run in that order, with nulls last", async () => {
    const rows = [
      { id: 1, state: "second", revision: 2 },
      { id: 1, state: "third", revision: 3 },
      { id: 1, state: "first", revision: 1 },
      { id: 1, state: "none" },
    ];
    const sorted = (order: "asc" | "desc") => ({ dedup_sort: { column: "revision", order } });
    expect(await shownOf([runWith(MONDAY, rows)], sorted("desc"))).toEqual(["third"]);
    expect(await shownOf([runWith(MONDAY, rows)], sorted("asc"))).toEqual(["first"]);
    expect(await shownOf([runWith(MONDAY, rows)], {})).toEqual(["none"]);
    // A later run wins, whatever its revision is.
    const runs = [runWith(MONDAY, rows), runWith(TUESDAY, [{ id: 1, state: "later", revision: 0 }])];
    expect(await shownOf(runs, sorted("desc"))).toEqual(["later"]);
  });

  test("have no effect on append and replace, or when their columns do not exist", async () => {
    const runs = [
      runWith(MONDAY, [
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

test("the view and the local lake show the rows that dlt would load, for random runs of two resources", async () => {
  const COLUMNS = { id: "bigint", state: "text", day: "text", revision: "bigint", gone: "bool" } as const;
  const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
  const row = fc.record({
    id: fc.integer({ min: 1, max: 4 }),
    day: maybe(fc.constantFrom("mon", "tue")),
    revision: maybe(fc.integer({ min: 1, max: 3 })),
    gone: maybe(fc.boolean()),
  });
  const drawnRun = fc.record({
    resource: fc.constantFrom("web", "fair"),
    day: fc.integer({ min: 10, max: 16 }),
    removes_missing_rows: fc.boolean(),
    finished: fc.boolean(),
    parts: fc.array(fc.array(row, { maxLength: 4 }), { minLength: 1, maxLength: 3 }),
  });
  const drawnRuns = fc.uniqueArray(drawnRun, { maxLength: 8, selector: ({ resource, day }) => `${resource} ${day}` });
  const merges = fc.record({
    write_disposition: fc.constant("merge"),
    primary_key: fc.constantFrom<string[]>(["id"], ["id", "state"], ["id", "day"], []),
    merge_key: fc.constantFrom<string[]>([], ["day"], ["day", "revision"]),
    hard_delete: fc.constantFrom(null, "gone", "revision"),
    dedup_sort: fc.constantFrom<DedupSort | null>(
      null,
      { column: "revision", order: "asc" },
      { column: "revision", order: "desc" },
    ),
    insert_only: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      drawnRuns,
      fc.oneof(fc.constantFrom<MergeRules>(APPEND, REPLACE, MERGE), merges),
      async (drawn, rules) => {
        let count = 0;
        const runs: HandmadeRun[] = drawn.map(({ day, parts, ...rest }) => ({
          table: "orders",
          run_id: `202611${day}T030000Z-0000aaaa`,
          parts: parts.map((rows) => rows.map((values) => ({ ...values, state: `row ${++count}` }))),
          ...rest,
        }));
        // DuckDB requires at least one file of each kind.
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
        // `npm run query`, which selects the files itself, shows the same.
        using open = await openLake(lake.out);
        expect((await ask(open, "select state from shop.orders")).flat().sort()).toEqual(model);
      },
    ),
    { numRuns: sampleSize({ quick: 15, full: 60 }) },
  );
});
