import type { MergeRules } from "../config/resolved.ts";
import { ABANDONED_NEXT_STEP, nextStepOf } from "../errors/next-step.ts";
import { loadCheckpoint } from "../lake/checkpoint.ts";
import type { RunAddress } from "../lake/keys.ts";
import { type Manifest, readManifest } from "../lake/manifest.ts";
import type { Position } from "../lake/position.ts";
import type { ResourceFacts } from "../lake/run-record.ts";
import { statsOfLog, statsOfManifest } from "../lake/stats.ts";
import { activityOf } from "../metering/activity.ts";
import type { Interval } from "../metering/timeline.ts";
import { roundUsage } from "../metering/usage.ts";
import type { Ports } from "../ports/index.ts";
import { SECOND } from "../time/durations.ts";
import type { NamedError, ReportedInterval, ResourceReport } from "./run-report.ts";

/** State of a resource at the end of an execution: its report, and what `finish` needs in addition. */
export interface ResourceState {
  report: ResourceReport;
  /** Cursors that the next run may start from; empty while the resource is not done. */
  cursors: Position["cursors"];
  /** Merge rules and resources of its table; null while the resource is not done, and when it has no table. */
  rules: (MergeRules & Pick<Manifest, "table_resources">) | null;
  /** Time of its last commit in milliseconds since 1970; null when its checkpoint has none. */
  committed_at: number | null;
}

const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

const toReportedInterval = ({ started_at, ended_at, waited_until, ...interval }: Interval): ReportedInterval => ({
  started_at: isoTime(started_at),
  ended_at: isoTime(ended_at),
  waited_until: waited_until === null ? null : isoTime(waited_until),
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
    timeline: timeline.map(toReportedInterval),
  };
  if (manifest !== null) {
    const { parts, cursors, full_refresh, warnings, skipped_parent_rows } = manifest;
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    const stats = statsOfManifest(manifest, activity);
    const facts = { bytes, full_refresh, warnings, skipped_parent_rows };
    const report = { ...common, ...stats, status: "done" as const, ...facts, error: null };
    return { report, cursors, rules: selected ? manifest : null, committed_at };
  }
  const { name, message } = failure ?? { name: "NotReached", message: "not started in this execution" };
  const report = {
    ...common,
    ...statsOfLog(checkpoint, activity),
    status: "failed" as const,
    bytes: null,
    full_refresh: null,
    warnings: checkpoint?.position.warnings ?? [],
    skipped_parent_rows: checkpoint?.position.skipped_parent_rows ?? [],
    // A Lambda redacts its own errors. The state machine's message about a Lambda that died is not redacted yet.
    error: { name, message: ports.redactor.redact(message), next_step: nextStepOf(name) },
  };
  return { report, cursors: {}, rules: null, committed_at };
};

/** Returns the report of a resource in an abandoned run, which no start resumes. */
export const withoutResume = (report: ResourceReport): ResourceReport =>
  report.error === null ? report : { ...report, error: { ...report.error, next_step: ABANDONED_NEXT_STEP } };
