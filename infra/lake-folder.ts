import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TableSchema } from "../lib/columns/table-schema.ts";
import { StorageError } from "../lib/errors/index.ts";
import { manifestsPrefix, SCHEMAS_PREFIX, schemasPrefix } from "../lib/lake/keys.ts";
import { type Manifest, manifestDocument } from "../lib/lake/manifest.ts";
import { schemaDocument } from "../lib/lake/schemas.ts";
import type { StoredDocument } from "../lib/lake/stored-document.ts";
import { compareManifests, currentManifests } from "../lib/tables/current-manifests.ts";
import { describeTable, type TableDescription } from "../lib/tables/description.ts";

/** Name of the bucket in a local lake. */
export const LOCAL_BUCKET = "lake";

/** Returns the folder of a local lake's objects. */
export const bucketFolder = (out: string): string => join(out, "s3", LOCAL_BUCKET);

const readFile = <Value>(bucket: string, { key, parse }: StoredDocument<Value>): Value => {
  let content: Buffer;
  try {
    content = readFileSync(join(bucket, key));
  } catch (cause) {
    throw new StorageError(`${key} cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
  return parse(content);
};

const namesIn = (folder: string, suffix: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(suffix) && !name.startsWith("."))
        .sort()
    : [];

const readManifests = (bucket: string, source: string, table: string): Manifest[] => {
  const prefix = manifestsPrefix(source, table);
  return namesIn(join(bucket, prefix), ".json")
    .map((name) => readFile(bucket, manifestDocument(`${prefix}${name}`, { source })))
    .sort(compareManifests);
};

/** Schema of a table, and the manifests of its finished runs, oldest first. */
export interface StoredTable {
  schema: TableSchema;
  manifests: Manifest[];
}

/**
 * Returns a table's schema and manifests; null when no run has stored its schema yet.
 *
 * @param bucket folder of the bucket's objects.
 * @throws CheckpointError for a corrupt manifest, SchemaContractError for a corrupt schema, StorageError for an unreadable file.
 */
export const readStoredTable = (bucket: string, source: string, name: string): StoredTable | null => {
  const document = schemaDocument(source, name);
  if (!existsSync(join(bucket, document.key))) return null;
  return { schema: readFile(bucket, document), manifests: readManifests(bucket, source, name) };
};

/** Returns the names of a source's tables that have a schema in the lake, sorted. */
export const storedTableNames = (bucket: string, source: string): string[] =>
  namesIn(join(bucket, schemasPrefix(source)), ".json").map((file) => file.slice(0, -".json".length));

/** A table of the lake with the parts of its finished runs. */
export interface LakeTable extends TableDescription {
  /** Files of the parts that make up the table, older runs first. */
  files: string[];
  /** Rows in these files. They are the table's rows, unless it is merged. */
  rows: number;
  /** Run of the newest manifest; null before the first run is finished. */
  newest_run: string | null;
}

/** Returns null when the schema was deleted after it was listed. */
const readTable = (bucket: string, source: string, name: string): LakeTable | null => {
  const stored = readStoredTable(bucket, source, name);
  if (stored === null) return null;
  const { schema, manifests } = stored;
  const newest = manifests.at(-1);
  const description = describeTable(source, name, schema, newest);
  const parts = currentManifests(manifests, description.write_disposition)
    .flatMap((run) => run.parts)
    .filter((part) => part.rows > 0);
  return {
    ...description,
    files: parts.map((part) => join(bucket, part.key)),
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    newest_run: newest?.run_id ?? null,
  };
};

/**
 * Returns every table that has a schema in the lake, by source and name. Reads manifests, but no rows.
 *
 * @param bucket folder of the bucket's objects.
 * @throws CheckpointError for a corrupt manifest, SchemaContractError for a corrupt schema, StorageError for an unreadable file.
 */
export const readTables = (bucket: string): LakeTable[] =>
  namesIn(join(bucket, SCHEMAS_PREFIX), "")
    .flatMap((source) => storedTableNames(bucket, source).map((name) => readTable(bucket, source, name)))
    .filter((table) => table !== null);
