import type { Cursor } from "../columns/cursor-values.ts";
import { mapInBatches } from "../concurrency/batches.ts";
import type { DedupSort, MergeRules } from "../config/resolved.ts";
import { CheckpointError, CommitConflictError, type Place, StorageError } from "../errors/index.ts";
import { canonicalJson } from "../json/index.ts";
import { boolean, count, listOf, objectOf, oneOf, orNull, sha256Text, string } from "../json/shape.ts";
import type { Readings } from "../metering/readings.ts";
import type { SkippedParents } from "../metering/skipped-parents.ts";
import type { Ports } from "../ports/index.ts";
import { CURSORS, EXCEPTIONS, READINGS, VERSION } from "./document-shapes.ts";
import { type LogAddress, manifestKey, partKey, type RunAddress } from "./keys.ts";
import { putOnce } from "./put-once.ts";
import { readDocument, type StoredDocument, storedDocument } from "./stored-document.ts";
import { type PartRecord, readPart, type StoredPart } from "./stored-part.ts";

const MAX_PARALLEL_READS = 16;

/**
 * Written once, when a commit log is complete. Tables consist of the parts in manifests; the rules of the newest one decide
 * how the table is read.
 */
export interface Manifest extends MergeRules, SkippedParents, Omit<Readings, "list_rows" | "list_total"> {
  version: 1;
  source: string;
  resource: string;
  table: string;
  run_id: string;
  /** Whether the run read all rows of the resource, so that rows it did not see no longer exist at the source. */
  full_refresh: boolean;
  /** Whether a merge shows no rows of earlier runs of the resource; true only for a full refresh. */
  removes_missing_rows: boolean;
  /**
   * The resources whose rows count towards the table: those that the source has. `orders`; and `orders/purchases` for an
   * earlier name of it.
   */
  table_resources: string[];
  rows: number;
  /** Rows, and values of the other rows, that `schema_contract` discarded. */
  discarded_rows: number;
  discarded_values: number;
  /** Rows in which keys, tokens or passwords were masked. */
  masked_rows: number;
  /** Contradictions in the API's responses, such as a total that differs from the rows. */
  warnings: string[];
  pages: number;
  parts: PartRecord[];
  cursors: Record<string, Cursor>;
}

const MANIFEST = objectOf<Manifest>({
  version: VERSION,
  source: string,
  resource: string,
  table: string,
  run_id: string,
  full_refresh: boolean,
  removes_missing_rows: boolean,
  write_disposition: string,
  primary_key: listOf(string),
  merge_key: listOf(string),
  hard_delete: orNull(string),
  dedup_sort: orNull(objectOf<DedupSort>({ column: string, order: oneOf("asc", "desc") })),
  insert_only: boolean,
  table_resources: listOf(string),
  rows: count,
  ...EXCEPTIONS,
  ...READINGS,
  pages: count,
  parts: listOf(
    objectOf<PartRecord>({
      part: count,
      key: string,
      rows: count,
      bytes: count,
      sha256: sha256Text,
      schema_version: count,
      parent_rows: orNull(string),
    }),
  ),
  cursors: CURSORS,
});

/** Returns why a manifest cannot be the one with this key, or whole; null if it can. */
const contradictionIn = (manifest: Manifest, key: string): string | null => {
  const { parts, rows } = manifest;
  const keys = [true, false].map((selected) => manifestKey({ ...manifest, selected }));
  if (!keys.includes(key)) return `it is the manifest of ${keys[0]}`;
  const misplaced = parts.findIndex(({ part }, index) => part !== index + 1);
  if (misplaced !== -1) return `parts[${misplaced}].part: expected ${misplaced + 1}, got ${parts[misplaced]?.part}`;
  const sum = parts.reduce((total, part) => total + part.rows, 0);
  return sum === rows ? null : `rows: expected ${sum}, the sum of its parts, got ${rows}`;
};

/** Returns the manifest with this key as a document; its named error is a CheckpointError. */
export const manifestDocument = (key: string, place: Place): StoredDocument<Manifest> =>
  storedDocument({
    key,
    shape: MANIFEST,
    contradiction: (manifest) => contradictionIn(manifest, key),
    error: CheckpointError,
    remedy:
      "restore an older version of the object. While its run is open, you can delete it instead: the next start writes it again from the commit log",
    place,
  });

/** Returns the manifest of a resource in a run; null while its log is not complete. */
export const readManifest = (ports: Pick<Ports, "bucket">, address: RunAddress): Promise<Manifest | null> =>
  readDocument(ports, manifestDocument(manifestKey(address), { source: address.source, resource: address.resource }));

/** Reads the metadata of all parts of a log, and verifies the chain of hashes. */
const readParts = async (ports: Pick<Ports, "bucket">, address: LogAddress, count: number): Promise<StoredPart[]> => {
  const { source, resource, run_id } = address;
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const parts: StoredPart[] = [];
  const stored = await mapInBatches(numbers, MAX_PARALLEL_READS, (number) => readPart(ports, address, number));
  for (const [index, part] of stored.entries()) {
    if (part === null) {
      throw new CheckpointError(
        `part ${index + 1} of run ${run_id} is missing from the bucket (${partKey(address, index + 1)}): start with new_run`,
        { source, resource },
      );
    }
    if (part.previous !== (parts.at(-1)?.record.sha256 ?? "")) {
      throw new CommitConflictError(
        `part ${index + 1} of run ${run_id} does not follow the part before it, because the commit log was changed (${part.record.key}): start with new_run`,
        { source, resource },
      );
    }
    parts.push(part);
  }
  return parts;
};

/**
 * Writes the manifest of a complete log, computed from the log alone. If a manifest exists already, it stays.
 *
 * @param count number of the final part.
 * @param facts what the log does not have; `warnings` are added to those of the log.
 * @returns the stored manifest.
 */
export const writeManifest = async (
  ports: Pick<Ports, "bucket" | "clock">,
  address: LogAddress,
  count: number,
  facts: Pick<Manifest, "full_refresh" | "removes_missing_rows" | "table_resources" | "warnings" | keyof MergeRules>,
): Promise<Manifest> => {
  const { source, resource, table, run_id } = address;
  const parts = await readParts(ports, address, count);
  const last = parts.at(-1)?.end.position;
  const manifest: Manifest = {
    version: 1,
    source,
    resource,
    table,
    run_id,
    ...facts,
    rows: parts.reduce((sum, { record }) => sum + record.rows, 0),
    discarded_rows: last?.discarded_rows ?? 0,
    discarded_values: last?.discarded_values ?? 0,
    masked_rows: last?.masked_rows ?? 0,
    read_rows: last?.read_rows ?? 0,
    reported_rows: last?.reported_rows ?? null,
    differing_lists: last?.differing_lists ?? 0,
    repeated_rows: last?.repeated_rows ?? 0,
    warnings: [...(last?.warnings ?? []), ...facts.warnings],
    skipped_parents: last?.skipped_parents ?? 0,
    skipped_parent_rows: last?.skipped_parent_rows ?? [],
    pages: last?.pages ?? 0,
    parts: parts.map(({ record }) => record),
    cursors: last?.cursors ?? {},
  };
  const content_type = "application/json";
  const result = await putOnce(ports, manifestKey(address), `${canonicalJson(manifest)}\n`, { content_type });
  if (typeof result === "object") return manifest;
  const written = await readManifest(ports, address);
  if (written !== null) return written;
  throw new StorageError(`${manifestKey(address)} cannot be written (${result}): start again`, { source, resource });
};
