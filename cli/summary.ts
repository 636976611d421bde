import { readFileSync } from "node:fs";
import { join } from "node:path";
import { reportKey } from "../lib/lake/keys.ts";
import type { Cost } from "../lib/metering/cost.ts";
import { NO_STATS, type ResourceStats, statsIn } from "../lib/metering/resource-stats.ts";
import { reportDocument } from "../lib/report/history.ts";
import type { RunReport } from "../lib/report/run-report.ts";
import type { EventSink, RunEvent } from "../local/events.ts";

/** How one resource came out, as `--json` prints it. */
export interface ResourceSummary extends ResourceStats {
  resource: string;
  /** `done`, `partial`, `throttled`, `skipped`, `failed`, or `not_started`. */
  status: string;
  /** `Name: message`; null when all is well. */
  error: string | null;
}

/** How a source came out. */
export interface SourceSummary {
  source: string;
  run_id: string | null;
  resources: ResourceSummary[];
  /** Seconds by resource, on this machine. */
  durations: Map<string, number>;
  /** Of the run, as its report has it; null when the execution got to none. */
  cost: Cost | null;
}

/** Follows the events of one source and keeps the last word on each resource. */
export interface Tracker {
  sink: EventSink;
  /** @param bucket folder of the local bucket: this execution's report, when it got to one, knows better. */
  summary(bucket: string): SourceSummary;
}

/** `source.resource: Name: message`, with the place only once: many messages begin with it. */
export const failureText = (place: string, error: string): string =>
  `${place}: ${error.replace(`: ${place}`, ":").replace(/:[,:] /, ": ")}`;

/** The errors of a run, one line each. */
export const errorLines = (summaries: SourceSummary[]): string[] =>
  summaries.flatMap(({ source, resources }) =>
    resources.flatMap(({ resource, error }) => (error === null ? [] : [failureText(`${source}.${resource}`, error)])),
  );

/** The report of a run, unless an earlier execution wrote it. */
const readReport = (bucket: string, source: string, run_id: string | null, since: number): RunReport | null => {
  if (run_id === null) return null;
  const key = reportKey(source, run_id);
  try {
    const report = reportDocument(source, key).parse(readFileSync(join(bucket, key)));
    return Date.parse(report.finished_at) >= since ? report : null;
  } catch {
    // The execution ended before `finish`: the events are all there is.
    return null;
  }
};

/**
 * @param resources those that were asked for.
 */
export const createTracker = (source: string, resources: string[]): Tracker => {
  const known = new Map<string, ResourceSummary>(
    resources.map((resource) => [resource, { resource, status: "not_started", ...NO_STATS, error: null }]),
  );
  const started = new Map<string, number>();
  const durations = new Map<string, number>();
  const since = Date.now();
  let run_id: string | null = null;

  const follow = (event: RunEvent) => {
    if (event.type === "run" && typeof event.run_id === "string") run_id = event.run_id;
    const current = known.get(event.resource ?? "");
    if (event.resource === undefined || current === undefined) return;
    const now = performance.now();
    if (!started.has(event.resource)) started.set(event.resource, now);
    durations.set(event.resource, (now - (started.get(event.resource) ?? now)) / 1000);
    if (event.type === "outcome" && event.reason !== "not_in_run") {
      Object.assign(current, { status: event.status, ...statsIn(event), error: null });
      if (typeof event.run_id === "string") run_id = event.run_id;
    }
    if (event.type === "failure") {
      Object.assign(current, { status: "failed", error: `${event.name}: ${event.message}` });
    }
  };

  return {
    sink: follow,
    summary(bucket) {
      const report = readReport(bucket, source, run_id, since);
      for (const { resource, status, error, ...stats } of report?.resources ?? []) {
        const current = known.get(resource);
        if (current === undefined || current.status === "not_started" || current.status === "skipped") continue;
        Object.assign(current, { status, ...statsIn(stats) });
        current.error = error === null ? null : `${error.name}: ${error.message}`;
      }
      return { source, run_id, resources: [...known.values()], durations, cost: report?.cost ?? null };
    },
  };
};
