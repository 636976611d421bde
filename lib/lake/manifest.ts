import type { Cursor } from "../columns/cursor-values.ts";
import type { DedupSort, MergeRules } from "../config/resolved.ts";
import { CheckpointError, CommitConflictError, StorageError } from "../errors/index.ts";
import { canonicalJson } from "../json/index.ts";
import type { Ports } from "../ports/index.ts";
import { type PartRecord, readPart } from "./commit-log.ts";
import { type LogAddress, manifestKey, type RunAddress } from "./keys.ts";
import { putOnce } from "./put-once.ts";

/** Reads of metadata under way at a time. */
const HEADS_AT_ONCE = 16;

/** Written once when a log is sealed: what the tables are made of. */
export interface Manifest {
  version: 1;
  source: string;
  resource: string;
  table: string;
  run_id: string;
  /** Whether the run read everything there was, so that rows it did not see are gone at the source. */
  full_refresh: boolean;
  /** How the table is read; the newest manifest decides. */
  write_disposition: string;
  primary_key: string[];
  merge_key: string[];
  hard_delete: string | null;
  dedup_sort: DedupSort | null;
  rows: number;
  /** What `schema_contract` left out. */
  discarded_rows: number;
  discarded_values: number;
  pages: number;
  parts: PartRecord[];
  cursors: Record<string, Cursor>;
}

/** The manifest of a resource in a run, or null while its log is not sealed. */
export const readManifest = async (
  { bucket }: Pick<Ports, "bucket">,
  address: RunAddress,
): Promise<Manifest | null> => {
  const key = manifestKey(address);
  const object = await bucket.get(key);
  if (object === null) return null;
  try {
    const manifest = JSON.parse(Buffer.from(object.body).toString()) as Manifest;
    if (manifest.version === 1 && Array.isArray(manifest.parts)) return manifest;
  } catch {
    // Told below.
  }
  throw new CheckpointError(`${key} is corrupt: delete it, and the next start writes it anew from the log`, {
    source: address.source,
    resource: address.resource,
  });
};

const readParts = async (ports: Pick<Ports, "bucket">, address: LogAddress, count: number) => {
  const parts: NonNullable<Awaited<ReturnType<typeof readPart>>>[] = [];
  for (let first = 1; first <= count; first += HEADS_AT_ONCE) {
    const numbers = Array.from({ length: Math.min(HEADS_AT_ONCE, count - first + 1) }, (_, index) => first + index);
    for (const [index, part] of (await Promise.all(numbers.map((n) => readPart(ports, address, n)))).entries()) {
      if (part === null) {
        throw new CheckpointError(
          `part ${first + index} of run ${address.run_id} is gone from the bucket: start over with new_run`,
          { source: address.source, resource: address.resource },
        );
      }
      if (part.previous !== (parts.at(-1)?.record.sha256 ?? "")) {
        throw new CommitConflictError(
          `part ${first + index} of run ${address.run_id} does not follow from the part before it: start over with new_run`,
          { source: address.source, resource: address.resource },
        );
      }
      parts.push(part);
    }
  }
  return parts;
};

/**
 * Writes the manifest of a sealed log, from the log alone; the first one written stays.
 *
 * @param count number of the final part.
 */
export const writeManifest = async (
  ports: Pick<Ports, "bucket" | "clock">,
  address: LogAddress,
  count: number,
  facts: Pick<Manifest, "full_refresh" | keyof MergeRules>,
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
    pages: last?.pages ?? 0,
    parts: parts.map(({ record }) => record),
    cursors: last?.cursors ?? {},
  };
  const content_type = "application/json";
  const result = await putOnce(ports, manifestKey(address), `${canonicalJson(manifest)}\n`, { content_type });
  if (typeof result === "object") return manifest;
  const written = await readManifest(ports, address);
  if (written !== null) return written;
  throw new StorageError(`${manifestKey(address)} cannot be written (${result}): try again`, { source, resource });
};
