import { reportKey } from "../lake/keys.ts";
import type { RunRecord, Window } from "../lake/run-record.ts";
import type { Cost } from "../metering/cost.ts";
import type { ResourceStats } from "../metering/resource-stats.ts";
import type { SkippedParent } from "../metering/skipped-parents.ts";
import type { Interval } from "../metering/timeline.ts";
import type { Usage } from "../metering/usage.ts";
import type { Ports } from "../ports/index.ts";
import type { ReportedSchemaChange } from "./schema-changes.ts";

/** An error as its stable name and its message. */
export interface NamedError {
  name: string;
  message: string;
}

/** An error with its next step. */
export interface ReportedError extends NamedError {
  /** Instruction for the user. */
  next_step: string;
}

/** An interval of a resource's timeline, with times in ISO 8601. */
export interface ReportedInterval extends Omit<Interval, "started_at" | "ended_at" | "waited_until"> {
  started_at: string;
  ended_at: string;
  waited_until: string | null;
}

/** Result of one resource in a run. */
export interface ResourceReport extends ResourceStats {
  resource: string;
  table: string;
  /** `failed` includes a resource that was not started; `error` has the reason. */
  status: "done" | "failed";
  /** Compressed bytes of its parts in S3; null while it is not done. */
  bytes: number | null;
  /** Whether it read all rows, not only new ones; null while it is not done. */
  full_refresh: boolean | null;
  /** From the start of its first invocation to the end of its last one, waits included; null when no invocation is known. */
  duration_seconds: number | null;
  /**
   * Usage that AWS bills for its invocations, except for those that ended before they began to read (nothing to do, a parent
   * that is not done), that died without writing a checkpoint, or that Step Functions retried.
   */
  usage: Usage;
  /** When its invocations worked and waited, oldest first. Neighbours are merged where there are many. */
  timeline: ReportedInterval[];
  /** The first of the skipped rows of the parent (`skipped_parents` counts all), with the reasons. */
  skipped_parent_rows: SkippedParent[];
  /** Facts that could not be proven, for a user to check. The resource may be done. */
  warnings: string[];
  error: ReportedError | null;
}

/** Report of a run: `reports/<source>/<run_id>.json`. `<run_id>.html` next to it is the same as a page. */
export interface RunReport {
  version: 1;
  source: string;
  run_id: string;
  /** ISO 8601. */
  opened_at: string;
  finished_at: string;
  /** From the opening of the run to this report. A run may span several executions. */
  duration_seconds: number;
  /** Of the resources that this execution requested. */
  status: "done" | "failed";
  /** Whether the run is closed; the next start resumes a run that is not. */
  closed: boolean;
  /** Whether all resources of the source are done and the run has no window: the tables then show the state at `opened_at`. */
  complete: boolean;
  refresh: RunRecord["refresh"];
  window: RunRecord["window"];
  /**
   * Age of the data in the tables before this run: from the opening of the previous complete run to this report. null when
   * no complete run is known.
   */
  freshness_seconds: number | null;
  /**
   * Resources that returned no rows, but had rows in their previous full load. Compares only runs that read all rows
   * (`full_refresh` of the manifest: no window, no cursor to start from, not even a parent's), because an incremental run
   * without new rows is normal.
   */
  empty_resources: string[];
  resources: ResourceReport[];
  /** Changes of the run to the schemas of its tables. */
  schema_changes: ReportedSchemaChange[];
  /**
   * Estimated cost of the run at list prices: all invocations of its resources, and `open`, `finish` and the states around
   * them in the last execution. Not included: the states around the resources in earlier executions; redrives, retries and
   * successors of a very long execution; S3 storage, logs and the secret.
   */
  cost: Cost;
  /** Known runs before this one, newest first: at most `MAX_EARLIER_RUNS`. */
  earlier: EarlierRun[];
}

/** Result of a resource that was done in an earlier run. */
export interface EarlierResource {
  rows: number;
  bytes: number;
  /** Whether it read all rows. */
  full_refresh: boolean;
}

/** Summary of an earlier run in the reports of later runs. */
export interface EarlierRun {
  run_id: string;
  /** ISO 8601. */
  opened_at: string;
  finished_at: string;
  status: "done" | "failed";
  /** See `RunReport.complete`. */
  complete: boolean;
  window: Window | null;
  duration_seconds: number;
  /** US dollars at list prices. */
  dollars: number;
  /** By resource; only those that were done. */
  resources: Record<string, EarlierResource>;
}

/** Writes the report of a run. A later report of the same run replaces it. */
export const writeReport = async ({ bucket }: Pick<Ports, "bucket">, report: RunReport): Promise<void> => {
  await bucket.put(reportKey(report.source, report.run_id), `${JSON.stringify(report)}\n`, {
    content_type: "application/json",
  });
};
