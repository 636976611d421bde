import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import type { FileFormat, TableSchema } from "../../lib/columns/table-schema.ts";
import type { DataType } from "../../lib/columns/types.ts";
import type { Manifest } from "../../lib/lake/manifest.ts";
import { describeTable, type TableDescription } from "../../lib/tables/description.ts";
import { quoteName, quoteText, tableQuery } from "../../lib/tables/sql.ts";
import { openLake } from "../../local/lake/index.ts";
import { type Snapshot, TABLES } from "./bazaar.fixture.ts";
import { canonical, type Tables } from "./bazaar-model.fixture.ts";
import type { StoredObject } from "./memory-bucket.ts";
import type { Row } from "./world.ts";

const jsonOf = <Shape>(object: StoredObject | undefined): Shape =>
  JSON.parse(Buffer.from(object?.body ?? "null").toString()) as Shape;

/** Returns the run record; null when there is none. */
export const currentRun = (objects: Snapshot): { run_id: string; closed_at: string | null } | null =>
  jsonOf(objects.get("state/bazaar/run.json"));

/** Returns `<run_id>-<resource>` of all manifests. */
export const completeLogs = (objects: Snapshot): Set<string> =>
  new Set([...objects.keys()].flatMap((key) => /^manifests\/bazaar\/\w+\/(.*)\.json$/.exec(key)?.slice(1) ?? []));

const decoded = new WeakMap<StoredObject, string[]>();

/** Returns the rows of a JSON part. */
const rowsOf = (object: StoredObject): string[] => {
  let rows = decoded.get(object);
  if (rows === undefined) {
    const lines = gunzipSync(object.body).toString().split("\n").filter(Boolean);
    rows = lines.map((line) => canonical(JSON.parse(line) as Row));
    decoded.set(object, rows);
  }
  return rows;
};

/** Returns the rows of every manifest (for Parquet, their number) by `<run_id>-<resource>`, read without restlake. */
export const manifestRows = (objects: Snapshot): Record<string, string[] | number> => {
  const result: Record<string, string[] | number> = {};
  for (const key of objects.keys()) {
    if (!key.startsWith("manifests/")) continue;
    const { run_id, resource, parts, full_refresh } = jsonOf<Manifest>(objects.get(key));
    const isParquet = parts.some((part) => part.key.endsWith(".parquet"));
    const rows = parts.flatMap((part) => {
      const object = objects.get(part.key);
      if (object === undefined) throw new Error(`${part.key} of a manifest does not exist`);
      return isParquet ? [] : rowsOf(object);
    });
    const count = parts.reduce((sum, part) => sum + part.rows, 0);
    result[`${run_id}-${resource} ${full_refresh ? "full" : "new"}`] = isParquet ? count : rows;
  }
  return result;
};

const DUCKDB_TYPES: Partial<Record<DataType, string>> = { text: "VARCHAR", bigint: "BIGINT", bool: "BOOLEAN" };

const isTableData = (key: string): boolean => /^(data|manifests|schemas)\//.test(key);

const duckdbType = (data_type: DataType): string => DUCKDB_TYPES[data_type] ?? "VARCHAR";

/** Returns the JSON and Parquet parts of a table as relations over all objects, with or without a manifest. */
const partRelations = (bucket: string, keys: string[], { columns, file_formats }: TableDescription): string[] => {
  const list = (format: FileFormat, suffix: string) =>
    file_formats.includes(format)
      ? keys.filter((key) => key.endsWith(suffix)).map((key) => quoteText(join(bucket, key)))
      : [];
  const [json, parquet] = [list("jsonl", ".json.gz"), list("parquet", ".parquet")];
  const types = columns.map(({ name, data_type }) => `${quoteName(name)}: '${duckdbType(data_type)}'`).join(", ");
  const nulls = columns.map(({ name, data_type }) => `CAST(NULL AS ${duckdbType(data_type)}) AS ${quoteName(name)}`);
  const options = "hive_partitioning=false, filename='$path'";
  const relations: string[] = [];
  if (json.length > 0) {
    relations.push(`(FROM read_json([${json}], format='newline_delimited', ${options}, columns={${types}}))`);
  }
  if (parquet.length > 0) {
    relations.push(
      `(SELECT ${nulls.join(", ")}, '' AS "$path" WHERE false UNION ALL BY NAME
       SELECT * EXCLUDE ("_extracted_at") FROM read_parquet([${parquet}], ${options}, union_by_name=true))`,
    );
  }
  return relations;
};

/** Returns the SQL of the view over all objects; null while there is no manifest. */
const viewOver = (bucket: string, objects: Snapshot, table: string): string | null => {
  const keysIn = (folder: string) => [...objects.keys()].filter((key) => key.startsWith(`${folder}/bazaar/${table}/`));
  const schema = jsonOf<TableSchema | null>(objects.get(`schemas/bazaar/${table}.json`));
  const newest = keysIn("manifests").sort().at(-1);
  if (schema === null || newest === undefined) return null;
  const description = describeTable("bazaar", table, schema, jsonOf<Manifest>(objects.get(newest)));
  const manifests = quoteText(join(bucket, `manifests/bazaar/${table}/*.json`));
  return tableQuery(description, {
    manifests: `read_json(${manifests}, columns={run_id: 'VARCHAR', resource: 'VARCHAR', removes_missing_rows: 'BOOLEAN', table_resources: 'VARCHAR[]', parts: 'STRUCT("key" VARCHAR)[]'})`,
    parts: partRelations(bucket, keysIn("data"), description),
    path: "$path",
    path_of_part: `${quoteText(`${bucket}/`)} || part.key`,
  });
};

/** Rows of a table in the local lake, and by the SQL of the view over all objects, as in Athena. */
interface TableRows {
  local: string[];
  view: string[];
}

/**
 * Returns a reader of the lake. Each call of `read` writes the objects to a folder. A table is not read again if none of its
 * objects has changed since an earlier call.
 */
export const createReader = async () => {
  const root = mkdtempSync(join(tmpdir(), "restlake-reader-"));
  const out = join(root, "lake");
  const bucket = join(out, "s3", "lake");
  const written = new Map<string, string>();
  const known = new Map<string, TableRows>();
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();

  const writeOut = (objects: Snapshot) => {
    for (const key of written.keys()) {
      if (objects.has(key)) continue;
      rmSync(join(bucket, key));
      written.delete(key);
    }
    for (const [key, { body, etag }] of objects) {
      if (!isTableData(key) || written.get(key) === etag) continue;
      mkdirSync(dirname(join(bucket, key)), { recursive: true });
      writeFileSync(join(bucket, key), body);
      written.set(key, etag);
    }
  };

  const readLocal = async (tables: string[]): Promise<Tables> => {
    const result: Tables = {};
    using lake = await openLake(out);
    for (const { table, sql_name } of lake.tables.filter((open) => tables.includes(open.table))) {
      const { names, chunks } = await lake.query(`SELECT * FROM ${sql_name}`);
      const rows: string[] = [];
      for await (const chunk of chunks) {
        rows.push(...chunk.map((row) => canonical(Object.fromEntries(row.map((value, n) => [names[n] ?? "", value])))));
      }
      result[table] = rows.sort();
    }
    return result;
  };

  const readView = async (objects: Snapshot, table: string): Promise<string[]> => {
    const sql = viewOver(bucket, objects, table);
    if (sql === null) return [];
    const rows = (await connection.runAndReadAll(sql)).getRowObjectsJS();
    return rows.map((row) => canonical(row as Row)).sort();
  };

  const fingerprints = (objects: Snapshot): Map<string, string> => {
    const found = new Map<string, string[]>();
    for (const [key, { etag }] of objects) {
      const table = /^(?:data|manifests|schemas)\/bazaar\/(\w+)/.exec(key)?.[1];
      if (table !== undefined) found.set(table, [...(found.get(table) ?? []), `${key} ${etag}`]);
    }
    return new Map([...found].map(([table, lines]) => [table, `${table}: ${lines.sort().join(" ")}`]));
  };

  return {
    /** Returns the rows of all tables; a table that does not exist yet has none. */
    async read(objects: Snapshot): Promise<Record<keyof TableRows, Tables>> {
      const ids = fingerprints(objects);
      const unknown = [...ids].flatMap(([table, id]) => (known.has(id) ? [] : [table]));
      if (unknown.length > 0) {
        writeOut(objects);
        const isLake = [...written.keys()].some((key) => key.startsWith("schemas/"));
        const local = isLake ? await readLocal(unknown) : {};
        for (const table of unknown) {
          known.set(ids.get(table) ?? "", { local: local[table] ?? [], view: await readView(objects, table) });
        }
      }
      const rowsOfAll = (reading: keyof TableRows) =>
        Object.fromEntries(TABLES.map((table) => [table, known.get(ids.get(table) ?? "")?.[reading] ?? []]));
      return { local: rowsOfAll("local"), view: rowsOfAll("view") };
    },
    [Symbol.dispose]() {
      connection.closeSync();
      instance.closeSync();
      rmSync(root, { recursive: true, force: true });
    },
  };
};

export type Reader = Awaited<ReturnType<typeof createReader>>;
