import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TableSchema } from "../lib/columns/table-schema.ts";
import { StorageError } from "../lib/errors/index.ts";
import type { Manifest } from "../lib/lake/manifest.ts";
import { describeTable, type TableDescription } from "../lib/tables/description.ts";
/** Name of the bucket in the local lake. */
export const LOCAL_BUCKET = "lake";

/** Folder of the local lake's objects. */
export const bucketFolder = (out: string): string => join(out, "s3", LOCAL_BUCKET);

/** @param list what must be a list in it, for the rest to make sense. */
const readJson = <Shape>(bucket: string, key: string, list: keyof Shape): Shape => {
  try {
    const document = JSON.parse(readFileSync(join(bucket, key), "utf8")) as Shape;
    if (Array.isArray(document[list])) return document;
    throw new Error(`it has no ${String(list)}`);
  } catch (cause) {
    throw new StorageError(`${key} cannot be read: ${(cause as Error).message}`, { cause });
  }
};

const namesIn = (folder: string, ending: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(ending) && !name.startsWith("."))
        .sort()
    : [];

/** By run, and within a run by resource: what decides must not hang on the order in which a folder is listed. */
const inOrder = (a: Manifest, b: Manifest): number =>
  a.run_id === b.run_id ? (a.resource < b.resource ? -1 : 1) : a.run_id < b.run_id ? -1 : 1;

const readManifests = (bucket: string, source: string, table: string): Manifest[] => {
  const folder = `manifests/${source}/${table}`;
  return namesIn(join(bucket, folder), ".json")
    .map((name) => readJson<Manifest>(bucket, `${folder}/${name}`, "parts"))
    .sort(inOrder);
};

/** What the lake has of a table: its columns, and the manifests of its finished runs, oldest first. */
export interface StoredTable {
  schema: TableSchema;
  manifests: Manifest[];
}

/**
 * A table's schema and manifests; null when no run has stored its schema yet.
 *
 * @param bucket folder of the bucket's objects.
 * @throws StorageError for a schema or a manifest that is none.
 */
export const readStoredTable = (bucket: string, source: string, name: string): StoredTable | null => {
  const key = `schemas/${source}/${name}.json`;
  if (!existsSync(join(bucket, key))) return null;
  return { schema: readJson<TableSchema>(bucket, key, "columns"), manifests: readManifests(bucket, source, name) };
};

/** Names of the tables of a source that have a schema in the lake, sorted. */
export const storedTableNames = (bucket: string, source: string): string[] =>
  namesIn(join(bucket, "schemas", source), ".json").map((file) => file.slice(0, -".json".length));

/** A table of the lake: what its finished runs left. */
export interface LakeTable extends TableDescription {
  /** Files of the parts that make up the table, older runs first. */
  files: string[];
  /** Rows in these files: the table's own, unless it is merged. */
  rows: number;
  /** Run of the newest manifest; null before the first run is finished. */
  newest_run: string | null;
}

const sinceLastFullRefresh = (runs: Manifest[]): Manifest[] =>
  runs.slice(
    Math.max(
      0,
      runs.findLastIndex((run) => run.full_refresh),
    ),
  );

/**
 * The runs that make up a table, out of all that are finished (DESIGN 8). How is decided by the newest manifest; which,
 * resource by resource, because the resources of one table are refreshed and fail on their own.
 */
const runsThatCount = (manifests: Manifest[], disposition: TableDescription["write_disposition"]): Manifest[] => {
  const choose = {
    append: (runs: Manifest[]) => runs,
    replace: (runs: Manifest[]) => runs.slice(-1),
    merge: sinceLastFullRefresh,
  }[disposition];
  return [...Map.groupBy(manifests, ({ resource }) => resource).values()].flatMap(choose).sort(inOrder);
};

/** None when its schema went away just now. */
const readTable = (bucket: string, source: string, name: string): LakeTable[] => {
  const stored = readStoredTable(bucket, source, name);
  if (stored === null) return [];
  const { schema, manifests } = stored;
  const newest = manifests.at(-1);
  const description = describeTable(source, name, schema, newest);
  const parts = runsThatCount(manifests, description.write_disposition)
    .flatMap((run) => run.parts)
    .filter((part) => part.rows > 0);
  return [
    {
      ...description,
      files: parts.map((part) => join(bucket, part.key)),
      rows: parts.reduce((sum, part) => sum + part.rows, 0),
      newest_run: newest?.run_id ?? null,
    },
  ];
};

/**
 * Every table that has a schema in the lake, by source and name. Reads manifests only, no rows.
 *
 * @param bucket folder of the bucket's objects.
 * @throws StorageError for a schema or a manifest that is none.
 */
export const readTables = (bucket: string): LakeTable[] =>
  namesIn(join(bucket, "schemas"), "").flatMap((source) =>
    storedTableNames(bucket, source).flatMap((name) => readTable(bucket, source, name)),
  );
