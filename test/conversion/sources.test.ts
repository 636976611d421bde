import { afterAll, beforeAll, expect, test } from "vitest";
import { loadSources } from "../../infra/sources.ts";
import { sampleTables, startSampleApis } from "../../local/sample-apis/index.ts";
import { duckType } from "../duck-types.ts";
import { expectedRow } from "../e2e/oracle.fixture.ts";
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
import { createModel, jsonText, type RawObject, readRaw } from "./oracle.fixture.ts";

/** Small enough that most tables have several parts. */
const ROWS_PER_PART = 40;

const SYSTEM_COLUMN_NAMES = ["_run_id", "_seq", "_extracted_at"];
const deployed = await loadSources();
const names = deployed.flatMap(({ resolved }) =>
  resolved.resources.map(({ table }) => [resolved.name, table] as const),
);

let world: World;
let converter: Converter;
let tables: Map<string, Table>;

beforeAll(async () => {
  const apis = await startSampleApis();
  world = createWorld();
  try {
    for (const { resolved } of deployed) {
      const { name, settings } = resolved;
      const source = {
        ...resolved,
        base_url: apis.urls[name]!,
        settings: { ...settings, file_max_items: ROWS_PER_PART },
      };
      await runSource(world, source, { api_key: apis.keys[name]! });
    }
  } finally {
    await apis.close();
  }
  converter = await openConverter();
  converter.write(world.objects);
  tables = new Map(tablesOf(world.objects).map((table) => [`${table.source}.${table.name}`, table]));
});

afterAll(() => converter?.[Symbol.dispose]());

const tableOf = (source: string, name: string) => tables.get(`${source}.${name}`)!;

const recordsOf = (source: string, name: string) => sampleTables(source)[name] as Record<string, unknown>[];

test("the five sources have 26 tables, most of them with several parts", () => {
  expect([...tables.keys()].sort()).toEqual(names.map(([source, name]) => `${source}.${name}`).sort());
  expect(tables.size).toBe(26);
  const all = [...tables.values()];
  expect(all.filter(({ parts }) => parts.length > 1).length).toBeGreaterThan(13);
  expect(all.flatMap(({ parts }) => parts).reduce((sum, { rows }) => sum + rows, 0)).toBe(3912);
});

test.for(names)("%s.%s converts to one Parquet file with every value of the API", async ([source, name]) => {
  const table = tableOf(source, name);
  const records = recordsOf(source, name);
  const file = await converter.toParquet(table);
  expect(await converter.describe(file)).toEqual(
    Object.fromEntries(table.columns.map((column) => [column.name, duckType(column)])),
  );
  const rows = await converter.rows(file, table.columns);
  expect(rows.map(({ _seq }) => _seq)).toEqual(records.map((_record, index) => String(index + 1)));
  const model = createModel(table.columns);
  const compared = records.map((record, index) => model.compare(readRaw(jsonText(record)) as RawObject, rows[index]!));
  expect(compared.flatMap(({ faults }) => faults)).toEqual([]);
  expect(compared.reduce((sum, { values }) => sum + values, 0)).toBeGreaterThanOrEqual(records.length);
});

test.for(names)("%s.%s has exactly the columns of the API's keys and of the config", ([source, name]) => {
  const { columns } = deployed
    .find(({ resolved }) => resolved.name === source)!
    .resolved.resources.find(({ table }) => table === name)!;
  const columnsWithValues = recordsOf(source, name).flatMap((record) =>
    Object.entries(expectedRow(record, columns)).flatMap(([column, value]) => (value === null ? [] : [column])),
  );
  expect(new Set(tableOf(source, name).columns.map((column) => column.name))).toEqual(
    new Set([...SYSTEM_COLUMN_NAMES, ...Object.keys(columns), ...columnsWithValues]),
  );
});

test("every part converts separately, and its rows have exactly the columns of its schema version, in order", async () => {
  for (const table of tables.values()) {
    for (const part of table.parts) {
      const lines = keysOfLines(world.objects.get(part.key)!.body);
      expect(lines, part.key).toEqual(lines.map(() => part.names));
      expect(lines.length, part.key).toBe(part.rows);
      const rows = await converter.rows(await converter.toParquet(table, [part]), table.columns);
      expect(rows.length, part.key).toBe(part.rows);
    }
  }
});
