import { readFileSync } from "node:fs";
import { join } from "node:path";
import { reportKey } from "../lib/lake/keys.ts";
import type { Cost } from "../lib/metering/cost.ts";
import { NO_STATS, type ResourceStats, statsIn } from "../lib/metering/resource-stats.ts";
import { reportDocument } from "../lib/report/history.ts";
import type { RunReport } from "../lib/report/run-report.ts";
import type { EventSink, RunEvent } from "../local/events.ts";

/** Result of one resource, as `--json` prints it. */
export interface ResourceSummary extends ResourceStats {
  resource: string;
  /** `done`, `partial`, `throttled`, `skipped`, `failed`, or `not_started`. */
  status: string;
  /** `Name: message`; null without an error. */
  error: string | null;
  /** Warnings of the report, for the user to check. The resource may be done. */
  warnings: string[];
}

/** Result of one source. */
export interface SourceSummary {
  source: string;
  run_id: string | null;
  resources: ResourceSummary[];
  /** Seconds on this machine, by resource. */
  durations: Map<string, number>;
  /** Cost of the run, from its report; null if the execution ended before the report. */
  cost: Cost | null;
}

/** Collects the results of one source from its events. */
export interface Tracker {
  sink: EventSink;
  /**
   * Returns the results so far. The report of this execution takes precedence over the events.
   *
   * @param bucket folder of the local bucket.
   */
  summary(bucket: string): SourceSummary;
}

/** Returns `source.resource: Name: message`, without the place that many messages begin with. */
const failureText = (place: string, error: string): string =>
  `${place}: ${error.replace(`: ${place}`, ":").replace(/:[,:] /, ": ")}`;

/** Returns the errors of all resources, one line each. */
export const errorLines = (summaries: SourceSummary[]): string[] =>
  summaries.flatMap(({ source, resources }) =>
    resources.flatMap(({ resource, error }) => (error === null ? [] : [failureText(`${source}.${resource}`, error)])),
  );

/** Returns the warnings of all resources, one line each. */
export const warningLines = (summaries: SourceSummary[]): string[] =>
  summaries.flatMap(({ source, resources }) =>
    resources.flatMap(({ resource, warnings }) => warnings.map((text) => `Warning: ${source}.${resource}: ${text}`)),
  );

/** Returns the report of a run; null if this execution did not write one. */
const readReport = (bucket: string, source: string, run_id: string | null, startedAt: number): RunReport | null => {
  if (run_id === null) return null;
  const key = reportKey(source, run_id);
  try {
    const report = reportDocument(source, key).parse(readFileSync(join(bucket, key)));
    return Date.parse(report.finished_at) >= startedAt ? report : null;
  } catch {
    // The execution ended before `finish` wrote a report.
    return null;
  }
};

/** Copies the final results of a report. Resources that this execution did not run keep their status. */
const applyReport = (results: Map<string, ResourceSummary>, report: RunReport): void => {
  for (const { resource, status, error, warnings, ...stats } of report.resources) {
    const result = results.get(resource);
    if (result === undefined || result.status === "not_started" || result.status === "skipped") continue;
    Object.assign(result, { status, ...statsIn(stats), warnings });
    result.error = error === null ? null : `${error.name}: ${error.message}`;
  }
};

/**
 * Creates a tracker for one execution.
 *
 * @param resources names of the requested resources.
 */
export const createTracker = (source: string, resources: string[]): Tracker => {
  const results = new Map<string, ResourceSummary>(
    resources.map((resource) => [
      resource,
      { resource, status: "not_started", ...NO_STATS, error: null, warnings: [] },
    ]),
  );
  const firstEvents = new Map<string, number>();
  const durations = new Map<string, number>();
  const startedAt = Date.now();
  let run_id: string | null = null;

  const measure = (resource: string) => {
    const now = performance.now();
    const first = firstEvents.get(resource) ?? now;
    firstEvents.set(resource, first);
    durations.set(resource, (now - first) / 1000);
  };

  const follow = (event: RunEvent) => {
    if (event.type === "run" && typeof event.run_id === "string") run_id = event.run_id;
    const result = results.get(event.resource ?? "");
    if (event.resource === undefined || result === undefined) return;
    measure(event.resource);
    if (event.type === "outcome" && event.reason !== "not_in_run") {
      Object.assign(result, { status: event.status, ...statsIn(event), error: null });
      if (typeof event.run_id === "string") run_id = event.run_id;
    }
    if (event.type === "failure") {
      Object.assign(result, { status: "failed", error: `${event.name}: ${event.message}` });
    }
  };

  return {
    sink: follow,
    summary(bucket) {
      const report = readReport(bucket, source, run_id, startedAt);
      if (report !== null) applyReport(results, report);
      return { source, run_id, resources: [...results.values()], durations, cost: report?.cost ?? null };
    },
  };
};
