import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openLake } from "../../infra/local/lake/index.ts";
import { SYSTEM_COLUMNS, type TableColumn } from "../../lib/rows/table-schema.ts";
import type { MergeRules } from "../../lib/source/resolved.ts";
import type { DataType } from "../../lib/source/schema/index.ts";
import { describeTable } from "../../lib/tables/description.ts";
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

test("of any runs of two resources, the view and the local lake show what the model does", async () => {
  const rows = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
  const night = fc.record({
    resource: fc.constantFrom("web", "fair"),
    day: fc.integer({ min: 10, max: 16 }),
    full_refresh: fc.boolean(),
    finished: fc.boolean(),
    parts: fc.array(rows, { minLength: 1, maxLength: 3 }),
  });
  const nights = fc.uniqueArray(night, { maxLength: 8, selector: ({ resource, day }) => `${resource} ${day}` });
  const facts = fc.constantFrom(APPEND, REPLACE, MERGE);
  await fc.assert(
    fc.asyncProperty(nights, facts, async (drawn, read) => {
      let count = 0;
      const runs: HandmadeRun[] = drawn.map(({ day, parts, ...rest }) => ({
        table: "orders",
        run_id: `202611${day}T030000Z-0000aaaa`,
        parts: parts.map((ids) => ids.map((id) => ({ id, state: `row ${++count}` }))),
        ...rest,
      }));
      // DuckDB wants a file of each kind to be there.
      const all = [run("20261101T030000Z-0000aaaa", [[1, "first"]], { resource: "first" }), ...runs];
      await using lake = await makeLake();
      await lake.schema("orders", { id: "bigint", state: "text" });
      for (const one of all) await lake.run({ ...one, ...read });
      const description = describeOrders(read);
      const model = modelRows(all, description.write_disposition, "id").map(({ state }) => state);
      const view = (await viewRows(lake, description)).map(({ state }) => state);
      expect(view.sort()).toEqual(model.sort());
      // What `npm run query` shows, which chooses the files by itself, is the same.
      using open = await openLake(lake.out);
      expect((await ask(open, "select state from shop.orders")).flat().sort()).toEqual(model);
    }),
    { numRuns: 60 },
  );
});
