import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { createParquetPart, ROW_GROUP_BYTES } from "../../lib/parts/parquet.ts";
import type { Cells } from "../../lib/rows/shape.ts";
import { COLUMNS, cells, columnOf, openDuck, parquetOf, partOf } from "./parquet.fixture.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

describe("row groups", () => {
  const groupsOf = (path: string) =>
    `SELECT row_group_id, row_group_num_rows FROM parquet_metadata('${path}') GROUP BY ALL ORDER BY ALL`;

  test("are written when their cells reach the maximum number of characters, where a null counts as one", async () => {
    await using duck = await openDuck();
    // Six characters per row: four of "1000", and one for each of the two cells.
    const rows = Array.from({ length: 7 }, (_, index): Cells => [String(1000 + index), null]);
    const path = await duck.file(await partOf(COLUMNS, rows, 12));
    expect(await duck.ask(groupsOf(path))).toEqual([
      [0n, 2n],
      [1n, 2n],
      [2n, 2n],
      [3n, 1n],
    ]);
    expect(await duck.ask(`FROM ${parquetOf(path)}`)).toEqual(rows.map(([id]) => [BigInt(id as string), null]));
    const one = await duck.file(await partOf(COLUMNS, rows, 13));
    expect(await duck.ask(groupsOf(one))).toEqual([
      [0n, 3n],
      [1n, 3n],
      [2n, 1n],
    ]);
  });

  test("keep the order of rows, across groups and pages", async () => {
    await using duck = await openDuck();
    const part = createParquetPart(COLUMNS, { row_group_bytes: 3000 });
    for (let page = 0; page < 50; page++) await part.add(cells(page * 37, 37), page);
    const path = await duck.file(await part.finish());
    const expected = Array.from({ length: 50 }, (_, page) => cells(page * 37, 37)).flat();
    expect(await duck.ask(`FROM ${parquetOf(path)}`)).toEqual(expected.map(([id, name]) => [BigInt(id ?? ""), name]));
    const groups = await duck.ask(groupsOf(path));
    expect(groups.length).toBeGreaterThan(10);
    expect(groups.reduce((sum, [, rows]) => sum + Number(rows), 0)).toBe(50 * 37);
  });

  test("are one for a part of usual size", async () => {
    await using duck = await openDuck();
    const path = await duck.file(await partOf(COLUMNS, cells(0, 20_000)));
    expect(ROW_GROUP_BYTES).toBeGreaterThan(1024 * 1024);
    expect(await duck.ask(groupsOf(path))).toEqual([[0n, 20_000n]]);
  });

  test("are compressed with Zstandard, and their columns are always nullable", async () => {
    await using duck = await openDuck();
    const columns = COLUMNS.map((column) => ({ ...column, nullable: false }));
    const path = await duck.file(await partOf(columns, cells(0, 1000)));
    expect(await duck.ask(`SELECT DISTINCT compression FROM parquet_metadata('${path}')`)).toEqual([["ZSTD"]]);
    expect(
      await duck.ask(`SELECT name, repetition_type FROM parquet_schema('${path}') WHERE num_children IS NULL`),
    ).toEqual([
      ["id", "OPTIONAL"],
      ["name", "OPTIONAL"],
    ]);
    expect(await duck.ask(`SELECT created_by, num_rows FROM parquet_file_metadata('${path}')`)).toEqual([
      ["restlake", 1000n],
    ]);
    const noise = (await partOf(columns, cells(0, 10_000))).byteLength;
    expect(noise).toBeLessThan(100_000);
  });

  test("are released once written, so that memory holds at most the current group", async () => {
    const part = createParquetPart(COLUMNS, { row_group_bytes: 10_000 });
    const rows: WeakRef<Cells>[] = [];
    for (let page = 0; page < 100; page++) {
      // A separate function, so that no variable here holds the page.
      await (async () => {
        const added = cells(page * 50, 50);
        rows.push(...added.map((row) => new WeakRef(row)));
        await part.add(added, 0);
      })();
    }
    await new Promise(setImmediate);
    collect();
    const alive = rows.flatMap((row) => row.deref() ?? []);
    const characters = alive.flat().reduce((sum, cell) => sum + 1 + (cell?.length ?? 0), 0);
    expect(characters).toBeLessThan(10_000);
    expect(part.rows).toBe(5000);
    part.discard();
    await new Promise(setImmediate);
    alive.length = 0;
    collect();
    expect(rows.filter((row) => row.deref() !== undefined)).toEqual([]);
  });

  test("have no statistics for long strings, which would stay in memory", async () => {
    await using duck = await openDuck();
    const columns = [columnOf("text", { data_type: "text" }), columnOf("json", { data_type: "json" })];
    const part = createParquetPart(columns, { row_group_bytes: 1000 });
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let row = 0; row < 50; row++) {
      const long = [`${row}${"x".repeat(500_000)}`, `["${row}${"y".repeat(500_000)}"]`];
      await part.add([["short", "[]"], long], 0);
    }
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
    await part.add([["short", "[]"]], 0);
    const body = await part.finish();
    expect(body.byteLength).toBeLessThan(100_000);
    const path = await duck.file(body);
    expect(await duck.ask(`SELECT count(*) FROM ${parquetOf(path)} WHERE text LIKE '%x' AND json LIKE '%y"]'`)).toEqual(
      [[50n]],
    );
    // Statistics of short strings let a query skip groups.
    const statistics = `SELECT stats_min_value, stats_max_value FROM parquet_metadata('${path}') WHERE row_group_id = 50`;
    expect(await duck.ask(statistics)).toEqual([
      ["short", "short"],
      ["[]", "[]"],
    ]);
  });
});
