import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StorageError } from "../../../lib/errors.ts";
import type { Manifest } from "../../../lib/lake/manifest.ts";
import { declaredName } from "../../../lib/rows/names.ts";
import { SYSTEM_COLUMNS, type TableColumn, type TableSchema } from "../../../lib/rows/table-schema.ts";

/** A table of the lake: what its finished runs left. */
export interface LakeTable {
  source: string;
  name: string;
  /** The user's columns first, restlake's own last. */
  columns: TableColumn[];
  /** The columns by which only the latest row stays; empty when every row of the parts counts. */
  key: string[];
  /** Files of the parts that make up the table, older runs first. */
  files: string[];
  /** Rows in these files: the table's own, unless it has a key. */
  rows: number;
  /** Run of the newest manifest; null before the first run is finished. */
  newest_run: string | null;
}

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
const runsThatCount = (manifests: Manifest[], key: string[]): Manifest[] => {
  const disposition = manifests.at(-1)?.write_disposition;
  const choose = (runs: Manifest[]): Manifest[] => {
    if (disposition === "replace") return runs.slice(-1);
    return disposition === "merge" && key.length > 0 ? sinceLastFullRefresh(runs) : runs;
  };
  return [...Map.groupBy(manifests, ({ resource }) => resource).values()].flatMap(choose).sort(inOrder);
};

/**
 * The primary key's columns: a config may name them as the API does (`orderId` for `order_id`). One that no row ever
 * had is null in every row and tells no two of them apart.
 */
const keyColumns = (primaryKey: string[], columns: TableColumn[]): string[] => {
  const known = new Set(columns.map(({ name }) => name));
  return primaryKey.map((name) => (known.has(name) ? name : declaredName(name))).filter((name) => known.has(name));
};

const readTable = (bucket: string, source: string, name: string): LakeTable => {
  const stored = readJson<TableSchema>(bucket, `schemas/${source}/${name}.json`, "columns").columns;
  const own = new Set(SYSTEM_COLUMNS.map((column) => column.name));
  const manifests = readManifests(bucket, source, name);
  const newest = manifests.at(-1);
  const key = newest?.write_disposition === "merge" ? keyColumns(newest.primary_key, stored) : [];
  const parts = runsThatCount(manifests, key)
    .flatMap((run) => run.parts)
    .filter((part) => part.rows > 0);
  return {
    source,
    name,
    columns: [...stored.filter((column) => !own.has(column.name)), ...stored.filter((column) => own.has(column.name))],
    key,
    files: parts.map((part) => join(bucket, part.key)),
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    newest_run: newest?.run_id ?? null,
  };
};

/**
 * Every table that has a schema in the lake, by source and name. Reads manifests only, no rows.
 *
 * @param bucket folder of the bucket's objects.
 * @throws StorageError for a schema or a manifest that is none.
 */
export const readTables = (bucket: string): LakeTable[] =>
  namesIn(join(bucket, "schemas"), "").flatMap((source) =>
    namesIn(join(bucket, "schemas", source), ".json").map((file) =>
      readTable(bucket, source, file.slice(0, -".json".length)),
    ),
  );
