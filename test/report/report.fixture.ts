import { costOf } from "../../lib/metering/cost.ts";
import { NO_USAGE } from "../../lib/metering/usage.ts";
import type { EarlierRun, ReportedInterval, ResourceReport, RunReport } from "../../lib/report/run-report.ts";
import { DAY, SECOND } from "../../lib/time/durations.ts";

export const RUN_ID = "20261120T030000Z-0a1b2c3d";
const OPENED = Date.parse("2026-11-20T03:00:00Z");

/** Returns the time that is this many seconds after the opening of the run, in ISO 8601. */
export const at = (seconds: number): string => new Date(OPENED + seconds * SECOND).toISOString();

/** Returns an interval of a timeline, in seconds after the opening of the run. */
export const interval = (from: number, to: number, more: Partial<ReportedInterval> = {}): ReportedInterval => ({
  started_at: at(from),
  ended_at: at(to),
  waited_until: null,
  status: "done",
  rows: 10,
  pages: 1,
  waited_seconds: 0,
  invocations: 1,
  idle_seconds: 0,
  ...more,
});

/** Returns the report of a resource that is done. */
export const resourceReport = (resource: string, more: Partial<ResourceReport> = {}): ResourceReport => ({
  resource,
  table: resource,
  status: "done",
  rows: 1234,
  bytes: 56_789,
  full_refresh: true,
  discarded_rows: 0,
  discarded_values: 0,
  masked_rows: 0,
  read_rows: 0,
  reported_rows: 0,
  repeated_rows: 0,
  skipped_parents: 0,
  skipped_parent_rows: [],
  pages: 13,
  parts: 1,
  requests: 14,
  retries: 0,
  waited_seconds: 0,
  duration_seconds: 20,
  invocations: 1,
  throttles: 0,
  usage: NO_USAGE,
  timeline: [interval(1, 21)],
  warnings: [],
  error: null,
  ...more,
});

/** Returns a run that was opened this many days earlier. */
export const earlierRun = (days: number, more: Partial<EarlierRun> = {}): EarlierRun => {
  const opened = OPENED - days * DAY;
  const second = new Date(opened).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  return {
    run_id: `${second}Z-0a1b2c3d`,
    opened_at: new Date(opened).toISOString(),
    finished_at: new Date(opened + 65_000).toISOString(),
    status: "done",
    complete: true,
    window: null,
    duration_seconds: 65,
    dollars: 0.0123,
    resources: { orders: { rows: 1200 - days * 10, bytes: 50_000, full_refresh: true } },
    ...more,
  };
};

/** Returns the report of a run in which everything succeeded. */
export const runReport = (more: Partial<RunReport> = {}): RunReport => ({
  version: 1,
  source: "shop",
  run_id: RUN_ID,
  opened_at: at(0),
  finished_at: at(125),
  duration_seconds: 125,
  status: "done",
  closed: true,
  complete: true,
  refresh: null,
  window: null,
  freshness_seconds: null,
  empty_resources: [],
  resources: [resourceReport("orders")],
  schema_changes: [],
  cost: costOf({ invocations: 4, gb_seconds: 21.5, s3_puts: 31, s3_gets: 44, transitions: 12 }),
  earlier: [],
  ...more,
});
