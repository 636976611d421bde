import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { SYSTEM_COLUMNS } from "../../lib/columns/table-schema.ts";
import { quoteName } from "../../lib/tables/sql.ts";
import { type Lake, type OpenTable, openLake } from "../../local/lake/index.ts";
import { type Config, runSource, sourceOf, type World } from "../configs/run.fixture.ts";
import { ask } from "../local/lake.fixture.ts";
import type { DltResult } from "./dlt.fixture.ts";
import type { RawTable } from "./tables.fixture.ts";

const SYSTEM = new Set(SYSTEM_COLUMNS.map(({ name }) => name));

/** Returns the SQL of a column's values as text; load.py has the same rule. */
const selected = (name: string, type: string): string =>
  `CAST(${type === "timestamp" ? `epoch_us(${quoteName(name)})` : quoteName(name)} AS VARCHAR)`;

const readTable = async (lake: Lake, { source, table, columns, problem }: OpenTable): Promise<RawTable> => {
  if (problem !== null) throw new Error(problem);
  const own = columns.filter(({ name }) => !SYSTEM.has(name));
  const values = own.map(({ name, data_type }) => selected(name, data_type)).join(", ");
  const rows =
    own.length === 0 ? [] : await ask(lake, `SELECT ${values} FROM ${quoteName(source)}.${quoteName(table)}`);
  return {
    columns: Object.fromEntries(own.map(({ name, data_type }) => [name, data_type])),
    rows: rows as RawTable["rows"],
  };
};

/** Returns the tables of a lake that have columns. */
const readTables = async ({ objects }: World): Promise<Record<string, RawTable>> => {
  if (![...objects.keys()].some((key) => key.startsWith("schemas/"))) return {};
  const out = mkdtempSync(join(tmpdir(), "restlake-beside-dlt-"));
  try {
    for (const [key, { body }] of objects) {
      const file = join(out, "s3", "lake", key);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, body);
    }
    using lake = await openLake(out);
    const tables: Record<string, RawTable> = {};
    for (const table of lake.tables) tables[table.table] = await readTable(lake, table);
    return Object.fromEntries(Object.entries(tables).filter(([, { columns }]) => Object.keys(columns).length > 0));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
};

/** Runs a config once in a world, against an API, and returns the tables of the lake after it. */
export const loadWithRestlake = async (
  world: World,
  address: string,
  config: Config,
  secrets: Record<string, string>,
): Promise<DltResult> => {
  try {
    const { failures, execution } = await runSource(world, sourceOf(address, config), { secrets });
    const error = Object.values(failures)[0] ?? (execution.status === "succeeded" ? null : execution.status);
    return { tables: error === null ? await readTables(world) : {}, error };
  } catch (error) {
    return {
      tables: {},
      error: `${(error as Error).name}: ${(error as Error).message.split("\n").slice(0, 4).join(" ")}`,
    };
  }
};
