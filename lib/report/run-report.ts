import type { MergeRules } from "../config/resolved.ts";
import { nextStepOf } from "../errors/next-step.ts";
import { loadCheckpoint } from "../lake/checkpoint.ts";
import { type RunAddress, reportKey } from "../lake/keys.ts";
import { readManifest } from "../lake/manifest.ts";
import type { Position } from "../lake/position.ts";
import type { ResourceFacts, RunRecord, Window } from "../lake/run-record.ts";
import { statsOfLog, statsOfManifest } from "../lake/stats.ts";
import { activityOf } from "../metering/activity.ts";
import type { Cost } from "../metering/cost.ts";
import type { ResourceStats } from "../metering/resource-stats.ts";
import type { Interval } from "../metering/timeline.ts";
import { roundUsage, type Usage } from "../metering/usage.ts";
import type { Ports } from "../ports/index.ts";
import { SECOND } from "../time/durations.ts";
import type { ReportedSchemaChange } from "./schema-changes.ts";

/** An error by its stable name, with its message. */
export interface NamedError {
  name: string;
  message: string;
}

/** An error as a report tells it. */
export interface ReportedError extends NamedError {
  /** What to do about it. */
  next_step: string;
}

/** An interval of a resource's timeline, with times for people: ISO 8601. */
export interface ReportedInterval extends Omit<Interval, "started_at" | "ended_at" | "waited_until"> {
  started_at: string;
  ended_at: string;
  waited_until: string | null;
}

/** How one resource ended. */
export interface ResourceReport extends ResourceStats {
  resource: string;
  table: string;
  /** `failed` also when nothing was tried; `error` says why. */
  status: "done" | "failed";
  /** Compressed bytes of its parts in S3; null while it is not done. */
  bytes: number | null;
  /** Whether it read everything there was, not just new data; null while it is not done. */
  full_refresh: boolean | null;
  /** From the start of its first invocation to the end of its last one, waits included; null when nothing is known. */
  duration_seconds: number | null;
  /**
   * What AWS bills for its invocations, except for those that ended before they began to read (nothing to do, a parent that
   * is not done), that died without writing a checkpoint, or that Step Functions retried.
   */
  usage: Usage;
  /** When its invocations worked and waited, the oldest first. Neighbours are merged where there are many. */
  timeline: ReportedInterval[];
  error: ReportedError | null;
}

/** `reports/<source>/<run_id>.json`: what ran and what came of it. `<run_id>.html` beside it is the same for people. */
export interface RunReport {
  version: 1;
  source: string;
  run_id: string;
  opened_at: string;
  finished_at: string;
  /** From the run's opening to this report; a run may take many executions. */
  duration_seconds: number;
  /** Of what this execution was asked for. */
  status: "done" | "failed";
  /** Whether the run is over; if it is not, the next start goes on with it. */
  closed: boolean;
  /** Whether all resources of the source are done in it, and it was no window: the tables are as of its opening. */
  complete: boolean;
  refresh: RunRecord["refresh"];
  window: RunRecord["window"];
  /**
   * Age of what the tables showed until now: from the opening of the complete run before this one to this report. null
   * when none is known.
   */
  freshness_seconds: number | null;
  /**
   * Resources that came without a row, though they had some the last time that they were done. Only runs count in which they
   * read everything there was (`full_refresh` of the manifest: no window, no cursor to start from, and none of a parent's),
   * now and then: where only news are asked for, none is as good as any.
   */
  empty_resources: string[];
  resources: ResourceReport[];
  /** What the run changed about its tables. */
  schema_changes: ReportedSchemaChange[];
  /**
   * An estimate of what the run costs at list price: all work of its resources, and the last execution's `open`, `finish`
   * and states around them. It does not have the states of earlier executions around their resources, nor redrives,
   * retries, and successors of a very long execution; nor S3 storage, logs, and the secret.
   */
  cost: Cost;
  /** The runs before this one, the newest first: at most twenty, as far as they are known. */
  earlier: EarlierRun[];
}

/** What `finish` must know of a resource beyond what people read. */
export interface ResourceState {
  report: ResourceReport;
  /** Where the next run may start; empty while the resource is not done. */
  cursors: Position["cursors"];
  /** How its table is read; null while the resource is not done, and when it is none. */
  rules: MergeRules | null;
  /** Milliseconds since 1970 of its last commit, as far as its checkpoint knows. */
  committed_at: number | null;
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

const reportedInterval = ({ started_at, ended_at, waited_until, ...interval }: Interval): ReportedInterval => ({
  started_at: iso(started_at),
  ended_at: iso(ended_at),
  waited_until: waited_until === null ? null : iso(waited_until),
  ...interval,
});

const durationOf = (timeline: Interval[]): number | null => {
  const [first, last] = [timeline[0], timeline.at(-1)];
  return first === undefined || last === undefined ? null : (last.ended_at - first.started_at) / SECOND;
};

/** Builds the report of one resource from its manifest and its checkpoint. */
export const reportResource = async (
  ports: Pick<Ports, "bucket" | "logger" | "redactor">,
  { name: resource, table, selected }: ResourceFacts,
  address: RunAddress,
  failure: NamedError | undefined,
): Promise<ResourceState> => {
  const [manifest, checkpoint] = await Promise.all([readManifest(ports, address), loadCheckpoint(ports, address)]);
  const activity = activityOf(checkpoint);
  const { committed_at, usage, timeline } = activity;
  const common = {
    resource,
    table,
    duration_seconds: durationOf(timeline),
    usage: roundUsage(usage),
    timeline: timeline.map(reportedInterval),
  };
  if (manifest !== null) {
    const { parts, cursors, full_refresh } = manifest;
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    const stats = statsOfManifest(manifest, activity);
    const report = { ...common, ...stats, status: "done" as const, bytes, full_refresh, error: null };
    return { report, cursors, rules: selected ? manifest : null, committed_at };
  }
  const { name, message } = failure ?? { name: "NotReached", message: "not started in this execution" };
  const report = {
    ...common,
    ...statsOfLog(checkpoint, activity),
    status: "failed" as const,
    bytes: null,
    full_refresh: null,
    // A Lambda redacts its own errors; what the state machine says of one that died is not redacted yet.
    error: { name, message: ports.redactor.redact(message), next_step: nextStepOf(name) },
  };
  return { report, cursors: {}, rules: null, committed_at };
};

/** Writes the report of a run; a later one of the same run replaces it. */
export const writeReport = async ({ bucket }: Pick<Ports, "bucket">, report: RunReport): Promise<void> => {
  await bucket.put(reportKey(report.source, report.run_id), `${JSON.stringify(report)}\n`, {
    content_type: "application/json",
  });
};

/** What a later report remembers of a resource that was done. */
export interface EarlierResource {
  rows: number;
  bytes: number;
  /** Whether it read everything there was. */
  full_refresh: boolean;
}

/** What a later report remembers of a run. */
export interface EarlierRun {
  run_id: string;
  /** ISO 8601. */
  opened_at: string;
  finished_at: string;
  status: "done" | "failed";
  /** Whether the tables show it. */
  complete: boolean;
  window: Window | null;
  duration_seconds: number;
  /** At list price, in US dollars. */
  dollars: number;
  /** By name; only those that were done. */
  resources: Record<string, EarlierResource>;
}
