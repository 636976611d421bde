import type { Cursor } from "../columns/cursor-values.ts";
import { CheckpointError } from "../errors/index.ts";
import type { RateUsage } from "../http/rate-limit.ts";
import { runKey } from "./keys.ts";

/** A window of cursor values to load again: from `start` up to, and without, `end`. */
export interface Window {
  start: string | number;
  end: string | number;
}

/** Who works on a source, until when at the latest. */
export interface Lease {
  owner: string;
  /** ISO 8601. */
  expires_at: string;
}

/** `state/<source>/run.json`: the one open run of a source, or the last one, closed. */
export interface RunRecord {
  version: 1;
  run_id: string;
  /** ISO 8601. */
  opened_at: string;
  opened_by: string;
  /** When the owner of the lease joined: what was committed before was not its work. ISO 8601. */
  joined_at: string;
  refresh: "full" | null;
  window: Window | null;
  /** The resources it reads, ancestors included; null: all. */
  resources: string[] | null;
  /** Where incremental resources start, by resource, then by parent; fixed when the run is opened. */
  incremental: Record<string, Record<string, Cursor>>;
  lease: Lease | null;
  closed_at: string | null;
  /** The owner whose `finish` failed last: when it comes back, it was redriven. */
  failed_by: string | null;
  /** Requests of late, for a source with a rate limit; missing where nothing was counted. */
  rate?: RateUsage;
}

/** What `open` and `finish` need to know of a resource; the machine's definition carries it. */
export interface ResourceFacts {
  name: string;
  table: string;
  parent: string | null;
  selected: boolean;
  incremental: boolean;
}

/** The bounds that matter for joining. Seconds. */
export interface RunBounds {
  max_run_age: number;
  fresh_after: number;
}

/** @throws CheckpointError when the stored run is corrupt. */
export const parseRunRecord =
  (source: string) =>
  (text: string): RunRecord => {
    try {
      const run = JSON.parse(text) as RunRecord;
      if (run.version === 1 && typeof run.run_id === "string") return run;
    } catch {
      // Told below.
    }
    throw new CheckpointError(`${runKey(source)} is corrupt: restore an older version of the object, or delete it`, {
      source,
    });
  };

/** Whether somebody else than `owner` holds the lease. */
export const isLeasedByOther = (run: RunRecord, owner: string, now: number): run is RunRecord & { lease: Lease } =>
  run.lease !== null && run.lease.owner !== owner && Date.parse(run.lease.expires_at) > now;

/** The cursors that a resource starts from in a run; undefined when it starts from the beginning. */
export const startingCursors = (run: RunRecord, resource: string): Record<string, Cursor> | undefined =>
  Object.hasOwn(run.incremental, resource) ? run.incremental[resource] : undefined;
