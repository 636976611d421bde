import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FileFormat } from "../../lib/columns/table-schema.ts";
import { openLake } from "../../local/lake/index.ts";
import { duckType } from "../duck-types.ts";
import { awkwardSource, COLUMNS, PAGES, startAwkwardApi } from "./awkward.fixture.ts";
import {
  type Converter,
  createWorld,
  keysOfLines,
  openConverter,
  runSource,
  type Table,
  tablesOf,
  type World,
} from "./lake.fixture.ts";
import { type Cells, createModel, type RawObject, readRaw } from "./oracle.fixture.ts";

interface Loaded {
  world: World;
  converter: Converter;
  tables: Map<string, Table>;
}

const RUNS = 2;
const SIZES = [1, 1000];
const FORMATS: FileFormat[] = ["jsonl", "parquet"];
const names = Object.keys(PAGES);
const lakes = new Map<string, Loaded>();

/** Returns the rows of both runs. The second run finds the schema of the first one. */
const recordsOf = (name: string): RawObject[] =>
  Array.from({ length: RUNS }, () => PAGES[name]!.flat().map((row) => readRaw(row) as RawObject)).flat();

beforeAll(async () => {
  await using api = await startAwkwardApi();
  for (const format of FORMATS) {
    for (const size of SIZES) {
      const world = createWorld();
      for (let run = 0; run < RUNS; run++) await runSource(world, awkwardSource(api.url, format, size));
      const converter = await openConverter();
      converter.write(world.objects);
      lakes.set(`${format} ${size}`, {
        world,
        converter,
        tables: new Map(tablesOf(world.objects).map((table) => [table.name, table])),
      });
    }
  }
});

afterAll(() => {
  for (const { converter } of lakes.values()) converter[Symbol.dispose]();
});

const lakeOf = (format: FileFormat, size: number) => lakes.get(`${format} ${size}`)!;

const cases = FORMATS.flatMap((format) => SIZES.flatMap((size) => names.map((name) => ({ format, size, name }))));

/** Returns the rows of a table's view, read through a Parquet file. */
const rowsOfView = async ({ converter }: Loaded, table: Table): Promise<Cells[]> => {
  using lake = await openLake(converter.folder);
  const open = lake.tables.find(({ table: name }) => name === table.name)!;
  expect(open.problem).toBeNull();
  const file = await converter.copyView(open, table);
  return converter.rows(file, table.columns);
};

describe.for(cases)("$name as $format in parts of $size", ({ format, size, name }) => {
  test("converts to one Parquet file with every value of the API", async () => {
    const { converter, tables } = lakeOf(format, size);
    const table = tables.get(name)!;
    const file = await converter.toParquet(table);
    expect(await converter.describe(file)).toEqual(
      Object.fromEntries(table.columns.map((column) => [column.name, duckType(column)])),
    );
    const rows = await converter.rows(file, table.columns);
    const records = recordsOf(name);
    expect(rows).toHaveLength(records.length);
    const model = createModel(table.columns, format === "jsonl" ? "as doubles" : "exact");
    expect(records.flatMap((record, index) => model.compare(record, rows[index]!).faults)).toEqual([]);
  });

  test("has every value of the API in its view, with all digits of decimals", async () => {
    const loaded = lakeOf(format, size);
    const table = loaded.tables.get(name)!;
    const rows = await rowsOfView(loaded, table);
    const model = createModel(table.columns);
    expect(recordsOf(name).flatMap((record, index) => model.compare(record, rows[index]!).faults)).toEqual([]);
  });

  test("has parts that convert separately, with exactly the columns of their schema version, in order", async () => {
    const { converter, tables, world } = lakeOf(format, size);
    const table = tables.get(name)!;
    for (const part of table.parts.filter(({ rows }) => rows > 0)) {
      const { body } = world.objects.get(part.key)!;
      if (format === "jsonl") {
        const lines = keysOfLines(body);
        expect(lines, part.key).toEqual(lines.map(() => part.names));
      } else {
        expect(await converter.namesIn(part), part.key).toEqual(part.names);
      }
      const rows = await converter.rows(await converter.toParquet(table, [part]), table.columns);
      expect(rows.length, part.key).toBe(part.rows);
    }
  });
});

test.for(names)("%s has the column names and types that its first values determine", (name) => {
  for (const size of SIZES) {
    const columns = lakeOf("jsonl", size).tables.get(name)!.columns;
    const types = new Map(columns.map((column) => [column.name, column.data_type]));
    expect(Object.fromEntries(Object.keys(COLUMNS[name]!).map((column) => [column, types.get(column)]))).toEqual(
      COLUMNS[name],
    );
  }
});

/** Returns the cells by column name. A column that is a double in NDJSON has the same name as its variants. */
const comparable = (rows: Cells[], doubles: Set<string>): unknown[] =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([column, cell]) => cell !== null && !["_run_id", "_extracted_at"].includes(column))
        .map(([column, cell]) => {
          const base = column.replace(/__v_(double|bigint)$/, "");
          return doubles.has(base) ? ([base, `${cell}`] as const) : ([column, cell] as const);
        })
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  );

test.for(names)("%s shows the same values in every file format and part size", async (name) => {
  const loaded = [...lakes.values()];
  const doubles = new Set(
    loaded.flatMap(({ tables }) =>
      tables
        .get(name)!
        .columns.filter(({ data_type, variant }) => data_type === "double" && !variant)
        .map((column) => column.name),
    ),
  );
  const [first, ...others] = await Promise.all(
    loaded.map(async (lake) => comparable(await rowsOfView(lake, lake.tables.get(name)!), doubles)),
  );
  for (const other of others) expect(other).toEqual(first);
});
