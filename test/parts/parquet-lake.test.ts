import { cp } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { FileFormat, TableColumn } from "../../lib/columns/table-schema.ts";
import type { ColumnType } from "../../lib/columns/types.ts";
import type { Json } from "../../lib/json/index.ts";
import { openLake } from "../../local/lake/index.ts";
import { ask, MONDAY, makeLake, putManifest, TUESDAY, WEDNESDAY } from "../local/lake.fixture.ts";
import { columnOf } from "./parquet.fixture.ts";
import { askOnce, putRun, putSchema } from "./parquet-lake.fixture.ts";

const columnsOf = (types: Record<string, ColumnType["data_type"]>): TableColumn[] =>
  Object.entries(types).map(([name, data_type]) => columnOf(name, { data_type }));

const OLD = columnsOf({ id: "bigint", state: "text" });
const ALL = [...OLD, ...columnsOf({ total: "decimal", tags: "json", seen: "timestamp" })];
const LATER = { total: "12.5", tags: [1], seen: "2026-11-17T01:02:03.004Z" };
const READ = ["12.500000000", "[1]", "2026-11-17 01:02:03.004"];
const NONE = [null, null, null];

const ORDERS = "select id, state, total, tags, seen from shop.orders order by id, _run_id, _seq";
const merge = { write_disposition: "merge", primary_key: ["id"] };

const DIRECTIONS: [string, FileFormat, FileFormat][] = [
  ["JSON first, then Parquet", "jsonl", "parquet"],
  ["Parquet first, then JSON", "parquet", "jsonl"],
  ["Parquet of one schema, then of the next", "parquet", "parquet"],
];

describe.each(DIRECTIONS)("a table with parts of two schemas: %s", (_name, older, newer) => {
  const table = "orders";
  const lakeOfTwo = async (rules: Record<string, unknown>) => {
    const lake = await makeLake();
    await putSchema(lake, table, ALL);
    const first: Record<string, Json>[][] = [[{ id: 1, state: "old" }], [{ id: 2, state: "old" }, { id: 3 }]];
    await putRun(lake, older, OLD, { table, run_id: MONDAY, ...rules, parts: first });
    const second = [[{ id: 2, state: "new", ...LATER }], [], [{ id: 4, ...LATER }]];
    await putRun(lake, newer, ALL, { table, run_id: TUESDAY, ...rules, parts: second });
    return lake;
  };

  test("has all rows with append, and null where a column is newer than the row", async () => {
    await using lake = await lakeOfTwo({});
    expect(await askOnce(lake.out, ORDERS)).toEqual([
      [1n, "old", ...NONE],
      [2n, "old", ...NONE],
      [2n, "new", ...READ],
      [3n, null, ...NONE],
      [4n, null, ...READ],
    ]);
  });

  test("has only the rows of the newer run with replace", async () => {
    await using lake = await lakeOfTwo({ write_disposition: "replace" });
    expect(await askOnce(lake.out, ORDERS)).toEqual([
      [2n, "new", ...READ],
      [4n, null, ...READ],
    ]);
    // The newest run has the older format again.
    await putRun(lake, older, OLD, { table, run_id: WEDNESDAY, write_disposition: "replace", parts: [[{ id: 9 }]] });
    expect(await askOnce(lake.out, ORDERS)).toEqual([[9n, null, ...NONE]]);
  });

  test("has the latest row of each key with merge, in either format", async () => {
    await using lake = await lakeOfTwo(merge);
    expect(await askOnce(lake.out, ORDERS)).toEqual([
      [1n, "old", ...NONE],
      [2n, "new", ...READ],
      [3n, null, ...NONE],
      [4n, null, ...READ],
    ]);
    await putRun(lake, older, OLD, { table, ...merge, run_id: WEDNESDAY, parts: [[{ id: 4, state: "newest" }]] });
    expect((await askOnce(lake.out, ORDERS)).at(-1)).toEqual([4n, "newest", ...NONE]);
  });

  test("has the row of the last path with merge, for equal run and _seq", async () => {
    await using lake = await makeLake();
    await putSchema(lake, table, ALL);
    const run = { table, ...merge, run_id: MONDAY };
    await putRun(lake, older, OLD, { ...run, resource: "web", parts: [[{ id: 1, state: `web ${older}` }]] });
    await putRun(lake, newer, ALL, { ...run, resource: "fair", parts: [[{ id: 1, state: `fair ${newer}` }]] });
    const paths = [`${older} web`, `${newer} fair`].toSorted();
    const [format, resource] = paths.at(-1)?.split(" ") ?? [];
    expect(await askOnce(lake.out, "select id, state from shop.orders")).toEqual([[1n, `${resource} ${format}`]]);
  });

  test("has the types of the schema, and counts its rows", async () => {
    await using lake = await lakeOfTwo(merge);
    using open = await openLake(lake.out);
    expect(await ask(open, "select column_name, column_type from (describe shop.orders)")).toEqual([
      ["id", "BIGINT"],
      ["state", "VARCHAR"],
      ["total", "DECIMAL(38,9)"],
      ["tags", "JSON"],
      ["seen", "TIMESTAMP"],
      ["_run_id", "VARCHAR"],
      ["_seq", "BIGINT"],
      ["_extracted_at", "TIMESTAMP"],
    ]);
    expect(open.tables.map(({ problem, files }) => [problem, files.length])).toEqual([[null, 4]]);
    expect(await open.countRows(open.tables[0]!)).toBe(4);
    expect(await ask(open, "select tags->>'$[0]' from shop.orders where id = 4")).toEqual([["1"]]);
    expect(await ask(open, "select _seq, _extracted_at from shop.orders where id = 4")).toEqual([
      [2n, "2026-11-16 03:00:00.25"],
    ]);
  });

  test("may have awkward names of columns, tables and folders", async () => {
    const names = {
      order: "text",
      dt: "text",
      filename: "text",
      file_row_number: "text",
      'say "when"': "decimal",
    } as const;
    const columns = columnsOf({ ...names, "it's": "bigint", "a.b": "json", path: "text" });
    const row = {
      order: "o",
      dt: "mine",
      filename: "f",
      file_row_number: "n",
      'say "when"': "1.5",
      "it's": 7,
      "a.b": {},
    };
    const parts = [[{ ...row, path: "p" }]];
    await using lake = await makeLake("select", `it's a "lake" [1] * of dt=5, ü?`);
    await putSchema(lake, "group", columns, "select");
    const run = { table: "group", ...merge, primary_key: ["order", "dt"] };
    await putRun(lake, older, columns, { ...run, run_id: MONDAY, parts }, "select");
    await putRun(lake, newer, columns, { ...run, run_id: TUESDAY, parts }, "select");
    // The folder's name, as a pattern, would match this copy.
    await cp(lake.out, lake.out.replace("[1] *", "1 or 2"), { recursive: true });
    using open = await openLake(lake.out);
    expect(open.tables.map(({ problem }) => problem)).toEqual([null]);
    const sql = `select "order", dt, filename, file_row_number, "say ""when""", "it's", "a.b", path from "select"."group"`;
    expect(await ask(open, sql)).toEqual([["o", "mine", "f", "n", "1.500000000", 7n, "{}", "p"]]);
  });
});

describe("a table with only Parquet parts", () => {
  test("has columns that no part has yet, and reads parts of many schemas", async () => {
    await using lake = await makeLake();
    const columns = [...ALL, ...columnsOf({ day: "date", price: "double", open: "bool" })];
    await putSchema(lake, "orders", columns);
    const widths = [7, 2, 4, 3, 5];
    for (const [index, width] of widths.entries()) {
      await putRun(lake, "parquet", columns.slice(0, width), {
        table: "orders",
        run_id: `2026111${index}T030000Z-0000aaaa`,
        parts: [[{ id: index, day: "1969-12-31", price: 0.5, open: true, ...LATER }]],
      });
    }
    const sql = "select id, total, tags, seen, day, price, open from shop.orders order by id";
    expect(await askOnce(lake.out, sql)).toEqual(
      widths.map((width, index) => [
        BigInt(index),
        ...[...READ, "1969-12-31", 0.5, true].map((value, place) => (place + 3 <= width ? value : null)),
      ]),
    );
    await putRun(lake, "parquet", [], {
      table: "orders",
      write_disposition: "replace",
      run_id: WEDNESDAY,
      parts: [[{}]],
    });
    expect(await askOnce(lake.out, sql)).toEqual([Array(7).fill(null)]);
  });

  test("is empty after a run without rows, and has its types", async () => {
    await using lake = await makeLake();
    await putSchema(lake, "orders", ALL);
    await putRun(lake, "parquet", ALL, { table: "orders", run_id: MONDAY, parts: [[]] });
    using open = await openLake(lake.out);
    expect(await ask(open, "from shop.orders")).toEqual([]);
    expect(
      await ask(
        open,
        "select typeof(tags), typeof(total) from (select tags, total from shop.orders) right join (select 1) on true",
      ),
    ).toEqual([["JSON", "DECIMAL(38,9)"]]);
  });

  test("reads a json cell that is not valid JSON as a string", async () => {
    await using lake = await makeLake();
    await putSchema(lake, "orders", columnsOf({ id: "bigint", tags: "json" }));
    // In a Parquet file, a json column is a string: it may contain anything.
    const texts = columnsOf({ id: "bigint", tags: "text" });
    const rows: Record<string, Json>[] = [{ id: 1, tags: "{broken" }, { id: 2, tags: '["A"]' }, { id: 3 }];
    await putRun(lake, "parquet", texts, { table: "orders", run_id: MONDAY, parts: [rows] });
    expect(await askOnce(lake.out, "select id, tags, tags->>'$[0]' from shop.orders order by id")).toEqual([
      [1n, '"{broken"', null],
      [2n, '["A"]', "A"],
      [3n, null, null],
    ]);
  });

  test("fails with the key of a missing part", async () => {
    await using lake = await makeLake();
    await putSchema(lake, "orders", OLD);
    await putRun(lake, "parquet", OLD, { table: "orders", run_id: MONDAY, parts: [[{ id: 1 }]] });
    const key = `data/shop/orders/parquet/dt=2026-11-17/${TUESDAY}/orders-000001.parquet`;
    await putManifest(lake.put, { resource: "orders", table: "orders", run_id: TUESDAY, parts: [{ key, rows: 1 }] });
    await expect(askOnce(lake.out, "from shop.orders")).rejects.toThrow(`${key} is missing in the lake`);
  });
});
