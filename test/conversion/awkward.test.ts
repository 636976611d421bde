import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FileFormat } from "../../lib/columns/table-schema.ts";
import { openLake } from "../../local/lake/index.ts";
import { awkwardSource, COLUMNS, PAGES, startAwkwardApi } from "./awkward.fixture.ts";
import {
  type Converter,
  createWorld,
  duckType,
  keysOfLines,
  openConverter,
  runNight,
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

const NIGHTS = 2;
const SIZES = [1, 1000];
const FORMATS: FileFormat[] = ["jsonl", "parquet"];
const names = Object.keys(PAGES);
const lakes = new Map<string, Loaded>();

/** What both nights read: the second night's rows meet a schema that is there already. */
const recordsOf = (name: string): RawObject[] =>
  Array.from({ length: NIGHTS }, () => PAGES[name]!.flat().map((row) => readRaw(row) as RawObject)).flat();

beforeAll(async () => {
  await using api = await startAwkwardApi();
  for (const format of FORMATS) {
    for (const size of SIZES) {
      const world = createWorld();
      for (let night = 0; night < NIGHTS; night++) await runNight(world, awkwardSource(api.url, format, size));
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

/** A table's rows as its view shows them, by way of one Parquet file. */
const viewed = async ({ converter }: Loaded, table: Table): Promise<Cells[]> => {
  using lake = await openLake(converter.folder);
  const open = lake.tables.find(({ table: name }) => name === table.name)!;
  expect(open.problem).toBeNull();
  const file = await converter.copyView(open, table);
  return converter.rows(file, table.columns);
};

describe.for(cases)("$name as $format in parts of $size", ({ format, size, name }) => {
  test("is one Parquet file with every value that the API served", async () => {
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

  test("is so by its view, too, with every digit of a decimal", async () => {
    const loaded = lakeOf(format, size);
    const table = loaded.tables.get(name)!;
    const rows = await viewed(loaded, table);
    const model = createModel(table.columns);
    expect(recordsOf(name).flatMap((record, index) => model.compare(record, rows[index]!).faults)).toEqual([]);
  });

  test("has parts that convert alone, with just the columns of their version of the schema, in order", async () => {
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

test.for(names)("%s has the names and types that its first values say", (name) => {
  for (const size of SIZES) {
    const columns = lakeOf("jsonl", size).tables.get(name)!.columns;
    const types = new Map(columns.map((column) => [column.name, column.data_type]));
    expect(Object.fromEntries(Object.keys(COLUMNS[name]!).map((column) => [column, types.get(column)]))).toEqual(
      COLUMNS[name],
    );
  }
});

/** Cells under the names of their columns; numbers of a column that NDJSON made a double, under one name. */
const said = (rows: Cells[], doubles: Set<string>): unknown[] =>
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

test.for(names)("%s shows the same values whatever the format and however it is cut into parts", async (name) => {
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
    loaded.map(async (lake) => said(await viewed(lake, lake.tables.get(name)!), doubles)),
  );
  for (const other of others) expect(other).toEqual(first);
});
