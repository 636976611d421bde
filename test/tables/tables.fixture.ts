import { cp } from "node:fs/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import type { DedupSort, MergeRules } from "../../lib/config/resolved.ts";
import type { TableDescription } from "../../lib/tables/description.ts";
import { quoteText, tableQuery } from "../../lib/tables/sql.ts";
import { duckType } from "../duck-types.ts";
import { type HandmadeRun, MONDAY, type makeLake } from "../local/lake.fixture.ts";

type HandmadeLake = Awaited<ReturnType<typeof makeLake>>;

/** Returns the rows of a table's view in DuckDB, over relations that contain all objects of the lake, like Athena's. */
export const viewRows = async (lake: HandmadeLake, table: TableDescription): Promise<Record<string, unknown>[]> => {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const folder = `${lake.file("")}`.replace(/\/$/, "");
    const of = (name: string) => `${table.source}/${table.table}${name}`;
    const columns = table.columns.map((column) => `${quoteText(column.name)}: '${duckType(column)}'`);
    await connection.run(
      `CREATE VIEW parts AS FROM read_json(${quoteText(`${folder}/data/${of("/json/*/*/*.json.gz")}`)},
       format='newline_delimited', hive_partitioning=false, filename='$path', columns={${columns.join(", ")}})`,
    );
    await connection.run(
      `CREATE VIEW manifests AS FROM read_json(${quoteText(`${folder}/manifests/${of("/*.json")}`)},
       columns={run_id: 'VARCHAR', resource: 'VARCHAR', removes_missing_rows: 'BOOLEAN', table_resources: 'VARCHAR[]', parts: 'STRUCT("key" VARCHAR)[]'})`,
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

/** Adds an object to the folder of a finished run that is in no manifest, as a crash before the manifest can leave it. */
export const strayPart = (lake: HandmadeLake, table: string, run_id: string = MONDAY): Promise<void> => {
  const { 0: year, 1: month, 2: day } = [run_id.slice(0, 4), run_id.slice(4, 6), run_id.slice(6, 8)];
  const folder = `data/shop/${table}/json/dt=${year}-${month}-${day}/${run_id}`;
  return cp(lake.file(`${folder}/${table}-000001.json.gz`), lake.file(`${folder}/${table}-000099.json.gz`));
};

type Row = Record<string, unknown>;

interface ModelRow {
  seq: number;
  path: string;
  row: Row;
}

/** Whether the candidate is the row to keep, of two rows with the same key in one run. */
const isBetter = (known: ModelRow, candidate: ModelRow, sort: DedupSort | null, insert_only: boolean): boolean => {
  const [a, b] = [known, candidate].map(({ row }) => (sort === null ? null : (row[sort.column] ?? null)));
  if (a !== b) {
    if (a === null || b === null) return a === null;
    return sort?.order === "desc" ? Number(b) > Number(a) : Number(b) < Number(a);
  }
  const isLater = candidate.seq === known.seq ? candidate.path > known.path : candidate.seq > known.seq;
  return isLater !== insert_only;
};

const valuesOf = (row: Row, names: string[]) => names.map((name) => row[name] ?? null);
/** Whether two rows have the same key. Null equals nothing. */
const isSame = (a: Row, b: Row, names: string[]) =>
  names.length > 0 &&
  valuesOf(a, names).every((value) => value !== null) &&
  JSON.stringify(valuesOf(a, names)) === JSON.stringify(valuesOf(b, names));

/** Returns one row per key. */
const deduplicated = (staged: ModelRow[], { primary_key, dedup_sort, insert_only }: MergeRules): Row[] => {
  const kept: ModelRow[] = [];
  for (const candidate of staged) {
    const index = kept.findIndex(({ row }) => isSame(row, candidate.row, primary_key));
    const known = kept[index];
    if (known === undefined) kept.push(candidate);
    else if (isBetter(known, candidate, dedup_sort, insert_only)) kept[index] = candidate;
  }
  return kept.map(({ row }) => row);
};

/**
 * Merges one load into a table like dlt: delete the rows that are replaced, keep one new row per key, leave out deleted rows. With
 * `insert-only`, only rows whose key is new are added.
 */
const load = (table: Row[], staged: ModelRow[], rules: MergeRules): Row[] => {
  const { primary_key: key, merge_key, hard_delete, insert_only } = rules;
  const isDeleted = (row: Row) => hard_delete !== null && row[hard_delete] !== false && row[hard_delete] != null;
  if (insert_only) {
    const inserted = deduplicated(
      staged.filter(({ row }) => !isDeleted(row)),
      rules,
    );
    return [...table, ...inserted.filter((row) => !table.some((old) => isSame(old, row, key)))];
  }
  const remains = (old: Row) => !staged.some(({ row }) => isSame(old, row, key) || isSame(old, row, merge_key));
  return [...table.filter(remains), ...deduplicated(staged, rules).filter((row) => !isDeleted(row))];
};

/** Returns the rows that a table shows after these runs, merged load by load in the order of the runs. */
export const modelRows = (runs: HandmadeRun[], rules: MergeRules): Row[] => {
  const keys = rules.insert_only ? rules.primary_key : [...rules.primary_key, ...rules.merge_key];
  const isMerge = rules.write_disposition === "merge" && keys.length > 0;
  const currentRuns = [...Map.groupBy(runs, ({ resource = "" }) => resource).values()].flatMap((own) => {
    const finished = own
      .filter(({ finished: isFinished = true }) => isFinished)
      .toSorted((a, b) => (a.run_id < b.run_id ? -1 : 1));
    const from = {
      append: 0,
      replace: finished.length - 1,
      merge: isMerge ? finished.findLastIndex(({ removes_missing_rows }) => removes_missing_rows) : 0,
    }[rules.write_disposition as "append" | "replace" | "merge"];
    return finished.slice(Math.max(from, 0));
  });
  const staged = currentRuns.map(({ run_id, resource = "", parts }) => {
    let seq = 0;
    const rows = parts.flatMap((part, index) =>
      part.map((row): ModelRow => ({ seq: ++seq, path: `${resource}-${index}`, row: row as Row })),
    );
    return { run_id, rows };
  });
  if (!isMerge) return staged.flatMap(({ rows }) => rows.map(({ row }) => row));
  return [...Map.groupBy(staged, ({ run_id }) => run_id)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .reduce<Row[]>(
      (table, [, loads]) =>
        load(
          table,
          loads.flatMap(({ rows }) => rows),
          rules,
        ),
      [],
    );
};
