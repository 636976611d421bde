import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import type { Json, JsonObject } from "../../lib/json/index.ts";
import { parseJson } from "../../lib/json/parse.ts";
import { openCommitLog } from "../../lib/lake/commit-log.ts";
import { logAddressOf } from "../../lib/lake/keys.ts";
import { firstPosition, type Position } from "../../lib/lake/position.ts";
import { createSchemaStore } from "../../lib/lake/schemas.ts";
import { openSeenKeys } from "../../lib/lake/seen-keys.ts";
import { readPart } from "../../lib/lake/stored-part.ts";
import { createPartWriter } from "../../lib/parts/writer.ts";
import { sampleSize } from "../size.ts";
import {
  type Converter,
  createWorld,
  keysOfLines,
  openConverter,
  portsOf,
  type Table,
  tableOf,
  type World,
} from "./lake.fixture.ts";
import { createModel, type Fault, type RawObject, readRaw } from "./oracle.fixture.ts";
import { type Load, load, type Page } from "./random.fixture.ts";

const RUN_ID = "20261120T090000Z-0a1b2c3d";

let converter: Converter;
let tables = 0;

beforeAll(async () => {
  converter = await openConverter();
});

afterAll(() => converter?.[Symbol.dispose]());

/** Writes the pages of one resource, and yields to the other resources after each page. */
async function* write(
  world: World,
  given: Load,
  resource: ReturnType<typeof sourceOf>["resources"][number],
  pages: Page[],
) {
  const ports = portsOf(world);
  const address = logAddressOf("shop", resource, RUN_ID);
  const { settings } = sourceOf(given, resource.table);
  let writers = 0;
  const begin = async () => {
    const log = await openCommitLog(
      ports,
      address,
      firstPosition(resource, "https://api.test"),
      `writer ${++writers} of ${resource.name}`,
    );
    const schemas = createSchemaStore(ports, address, resource);
    const seen = await openSeenKeys(ports, address, log.end.position.keys);
    return { log, parts: await createPartWriter(ports, log, schemas, { resource, settings, run_id: RUN_ID, seen }) };
  };
  let { log, parts } = await begin();
  let position: Position = log.end.position;
  for (const { rows, resumed } of pages) {
    if (resumed) {
      if (!parts.isEmpty(position)) await parts.commit(position, "full");
      await parts.settle();
      ({ log, parts } = await begin());
    }
    const records = rows.map((row) => parseJson(row) as JsonObject);
    const added = await parts.add(records, position);
    position = {
      ...position,
      pages: position.pages + 1,
      rows: position.rows + added.rows,
      page: position.pages as Json,
    };
    if (parts.isFull()) await parts.commit(position, "full");
    yield;
  }
  await parts.commit(position, "final");
  await parts.settle();
  parts.discard();
}

const sourceOf = ({ file_format, file_max_items, max_table_nesting, columns, writers }: Load, table: string) =>
  resolveSource(
    defineSource(
      {
        name: "shop",
        client: { base_url: "https://api.test", paginator: "single_page" },
        resource_defaults: { table_name: table, file_format, max_table_nesting, columns },
        resources: writers.map((_pages, index) => `r${index}`),
      },
      { file_max_items },
    ),
  );

const partsOf = async (world: World, given: Load, name: string): Promise<Table> => {
  const records: Parameters<typeof tableOf>[3] = [];
  for (const resource of sourceOf(given, name).resources) {
    const address = logAddressOf("shop", resource, RUN_ID);
    for (let number = 1; ; number++) {
      const part = await readPart(portsOf(world), address, number);
      if (part === null) break;
      records.push({ ...part.record, resource: resource.name, run_id: RUN_ID });
    }
  }
  return tableOf(world.objects, "shop", name, records);
};

interface Result {
  values: number;
  rows: number;
  parts: number;
  faults: Fault[];
}

/** Loads the table, converts all parts together and then those of each resource, and compares the rows with the API. */
const convert = async (given: Load): Promise<Result> => {
  const world = createWorld();
  const name = `t${++tables}`;
  const turns = sourceOf(given, name).resources.map((resource, index) =>
    write(world, given, resource, given.writers[index]!),
  );
  while (turns.length > 0) {
    for (const turn of [...turns]) if ((await turn.next()).done) turns.splice(turns.indexOf(turn), 1);
  }
  converter.write(world.objects, "data/");
  const table = await partsOf(world, given, name);
  for (const { key, names } of table.parts) {
    if (!key.endsWith(".gz")) continue;
    const lines = keysOfLines(world.objects.get(key)!.body);
    expect(lines, key).toEqual(lines.map(() => names));
  }
  const model = createModel(table.columns, given.file_format === "jsonl" ? "as doubles" : "exact");
  const result: Result = { values: 0, rows: 0, parts: table.parts.length, faults: [] };
  const whole = await converter.toParquet(table);
  if (given.writers.length > 1) await converter.rows(whole, table.columns);
  for (const [index, all] of given.writers.entries()) {
    const own = table.parts.filter(({ resource }) => resource === `r${index}`);
    const file = given.writers.length === 1 ? whole : await converter.toParquet(table, own);
    const rows = await converter.rows(file, table.columns);
    const records = all.flatMap((page) => page.rows);
    expect(rows.length).toBe(records.length);
    for (const [row, record] of records.entries()) {
      const { values, faults } = model.compare(readRaw(record) as RawObject, rows[row]!);
      result.values += values;
      result.faults.push(...faults);
    }
    result.rows += rows.length;
  }
  return result;
};

const total = { cases: 0, values: 0, rows: 0, parts: 0 };

const verify = async (given: Load) => {
  const { faults, ...counts } = await convert(given);
  total.cases++;
  total.values += counts.values;
  total.rows += counts.rows;
  total.parts += counts.parts;
  expect(faults).toEqual([]);
};

test("every value of random pages is in exactly one cell of the Parquet file, unchanged", async () => {
  await fc.assert(fc.asyncProperty(load({ min: 1, max: 1 }), verify), {
    numRuns: sampleSize({ quick: 30, full: 100 }),
  });
  expect(total.values).toBeGreaterThan(5 * total.cases);
});

test("every value is in exactly one cell when two resources write one table alternately, read with the final schema", async () => {
  await fc.assert(fc.asyncProperty(load({ min: 2, max: 2 }), verify), { numRuns: sampleSize({ quick: 15, full: 50 }) });
});
