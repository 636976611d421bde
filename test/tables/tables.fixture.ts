import { cp } from "node:fs/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import type { DataType } from "../../lib/source/schema/index.ts";
import type { TableDescription } from "../../lib/tables/description.ts";
import { quoteText, tableQuery } from "../../lib/tables/sql.ts";
import { type HandmadeRun, MONDAY, type makeLake } from "../local/lake.fixture.ts";

const DUCKDB_TYPES: Record<DataType, string> = {
  text: "VARCHAR",
  bigint: "BIGINT",
  double: "DOUBLE",
  bool: "BOOLEAN",
  timestamp: "TIMESTAMP",
  date: "DATE",
  decimal: "DECIMAL(38,9)",
  json: "VARCHAR",
};

type HandmadeLake = Awaited<ReturnType<typeof makeLake>>;

/** The rows of a table's view in DuckDB, over relations that see every object there is, as Athena's do. */
export const viewRows = async (lake: HandmadeLake, table: TableDescription): Promise<Record<string, unknown>[]> => {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const folder = `${lake.file("")}`.replace(/\/$/, "");
    const of = (name: string) => `${table.source}/${table.table}${name}`;
    const columns = table.columns.map(({ name, data_type }) => `${quoteText(name)}: '${DUCKDB_TYPES[data_type]}'`);
    await connection.run(
      `CREATE VIEW parts AS FROM read_json(${quoteText(`${folder}/data/${of("/json/*/*/*.json.gz")}`)},
       format='newline_delimited', hive_partitioning=false, filename='$path', columns={${columns.join(", ")}})`,
    );
    await connection.run(
      `CREATE VIEW manifests AS FROM read_json(${quoteText(`${folder}/manifests/${of("/*.json")}`)},
       columns={run_id: 'VARCHAR', resource: 'VARCHAR', full_refresh: 'BOOLEAN', parts: 'STRUCT("key" VARCHAR)[]'})`,
    );
    const sql = tableQuery(table, {
      manifests: "manifests",
      parts: ["parts"],
      path: "$path",
      path_of_part: `${quoteText(`${folder}/`)} || part.key`,
    });
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
};

/** An object in a finished run's folder that no manifest names: what a crash before the seal may leave. */
export const strayPart = (lake: HandmadeLake, table: string, run_id: string = MONDAY): Promise<void> => {
  const { 0: year, 1: month, 2: day } = [run_id.slice(0, 4), run_id.slice(4, 6), run_id.slice(6, 8)];
  const folder = `data/shop/${table}/json/dt=${year}-${month}-${day}/${run_id}`;
  return cp(lake.file(`${folder}/${table}-000001.json.gz`), lake.file(`${folder}/${table}-000099.json.gz`));
};

interface ModelRow {
  run_id: string;
  seq: number;
  path: string;
  row: Record<string, unknown>;
}

const isLater = (a: ModelRow, b: ModelRow): boolean => {
  if (a.run_id !== b.run_id) return a.run_id > b.run_id;
  return a.seq === b.seq ? a.path > b.path : a.seq > b.seq;
};

/** What a table shows of its runs, said once more as plainly as can be. */
export const modelRows = (
  runs: HandmadeRun[],
  disposition: TableDescription["write_disposition"],
  key: string,
): Record<string, unknown>[] => {
  const shown: ModelRow[] = [];
  const resources = new Set(runs.map(({ resource = "" }) => resource));
  for (const wanted of resources) {
    const finished = runs
      .filter(({ resource = "", finished: isFinished = true }) => resource === wanted && isFinished)
      .toSorted((a, b) => (a.run_id < b.run_id ? -1 : 1));
    let from = 0;
    if (disposition === "replace") from = finished.length - 1;
    if (disposition === "merge") from = finished.findLastIndex(({ full_refresh }) => full_refresh);
    for (const { run_id, parts } of finished.slice(Math.max(from, 0))) {
      let seq = 0;
      for (const [index, part] of parts.entries()) {
        for (const row of part) {
          seq++;
          shown.push({ run_id, seq, path: `${wanted}-${index}`, row: row as Record<string, unknown> });
        }
      }
    }
  }
  if (disposition !== "merge") return shown.map(({ row }) => row);
  const latest = new Map<unknown, ModelRow>();
  for (const candidate of shown) {
    const known = latest.get(candidate.row[key]);
    if (known === undefined || isLater(candidate, known)) latest.set(candidate.row[key], candidate);
  }
  return [...latest.values()].map(({ row }) => row);
};
