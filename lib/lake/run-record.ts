import type { Cursor } from "../columns/cursor-values.ts";
import { CheckpointError } from "../errors/index.ts";
import type { RateUsage } from "../http/rate-limit.ts";
import {
  count,
  listOf,
  mapOf,
  matching,
  number,
  objectOf,
  oneOf,
  optional,
  orNull,
  string,
  time,
} from "../json/shape.ts";
import { CURSORS, VERSION } from "./document-shapes.ts";
import { runKey } from "./keys.ts";
import { type StoredDocument, storedDocument } from "./stored-document.ts";

/** A window of cursor values to load again: from `start` (inclusive) to `end` (exclusive). */
export interface Window {
  start: string | number;
  end: string | number;
}

/** The exclusive right to work on a source until it expires. */
export interface Lease {
  owner: string;
  /** ISO 8601. */
  expires_at: string;
}

/** `state/<source>/run.json`: the open run of a source, or its last run when none is open. */
export interface RunRecord {
  version: 1;
  run_id: string;
  /** ISO 8601. */
  opened_at: string;
  opened_by: string;
  /** When the lease's owner joined: earlier commits are not its work. ISO 8601. */
  joined_at: string;
  refresh: "full" | null;
  window: Window | null;
  /** The resources that it reads, with their ancestors; null for all. */
  resources: string[] | null;
  /** Cursors that incremental resources start from, by resource, then by parent; fixed when the run is opened. */
  incremental: Record<string, Record<string, Cursor>>;
  lease: Lease | null;
  /** ISO 8601; null while the run is open. */
  closed_at: string | null;
  /** The last owner whose `finish` failed: the same owner comes back only by a redrive. */
  failed_by: string | null;
  /** Recent requests, for a source with a rate limit; missing when nothing was counted. */
  rate?: RateUsage;
}

/** Returns the record of a run that is opened: all resources, without incremental state, start options and lease. */
export const newRunRecord = ({
  run_id,
  opened_at,
  opened_by,
}: Pick<RunRecord, "run_id" | "opened_at" | "opened_by">): RunRecord => ({
  version: 1,
  run_id,
  opened_at,
  opened_by,
  joined_at: opened_at,
  refresh: null,
  window: null,
  resources: null,
  incremental: {},
  lease: null,
  closed_at: null,
  failed_by: null,
});

/** Facts about a resource that `open` and `finish` use; the state machine's definition contains them. */
export interface ResourceFacts {
  name: string;
  table: string;
  parent: string | null;
  selected: boolean;
  incremental: boolean;
  /** Names that it had before; missing for none. */
  renamed_from?: string[];
}

/** Limits for joining a run. Seconds. */
export interface RunBounds {
  /** Age at which an open run is abandoned and replaced by a new run. */
  max_run_age: number;
  /** Age at which `finish`, after it closes the run, has the execution start a new one. */
  fresh_after: number;
}

const bound = matching("string or number", (value) => typeof value === "string" || Number.isFinite(value));

const RUN_RECORD = objectOf<RunRecord>({
  version: VERSION,
  run_id: string,
  opened_at: time,
  opened_by: string,
  joined_at: time,
  refresh: orNull(oneOf("full")),
  window: orNull(objectOf<Window>({ start: bound, end: bound })),
  resources: orNull(listOf(string)),
  incremental: mapOf(CURSORS),
  lease: orNull(objectOf<Lease>({ owner: string, expires_at: time })),
  closed_at: orNull(time),
  failed_by: orNull(string),
  rate: optional(objectOf<RateUsage>({ at: number, requests: count })),
});

/** Returns the document of a source's run record; its named error is a CheckpointError. */
export const runRecord = (source: string): StoredDocument<RunRecord> =>
  storedDocument({
    key: runKey(source),
    shape: RUN_RECORD,
    error: CheckpointError,
    remedy: "restore an older version of the object, or delete it",
    place: { source },
  });

/** Whether an owner other than `owner` holds a lease that has not expired. */
export const isLeasedByOther = (run: RunRecord, owner: string, now: number): run is RunRecord & { lease: Lease } =>
  run.lease !== null && run.lease.owner !== owner && Date.parse(run.lease.expires_at) > now;

/** Returns the cursors that a resource starts from in a run; undefined when it starts from the beginning. */
export const startingCursors = (
  run: RunRecord,
  { name, renamed_from = [] }: Pick<ResourceFacts, "name" | "renamed_from">,
): Record<string, Cursor> | undefined => {
  // The run may have been opened under an earlier name.
  const known = [name, ...renamed_from].find((one) => Object.hasOwn(run.incremental, one));
  return known === undefined ? undefined : run.incremental[known];
};
