import { latestReportKey } from "../lake/keys.ts";
import type { Ports } from "../ports/index.ts";
import type { EarlierResource, EarlierRun, ResourceReport, RunReport } from "./run-report.ts";
/** Earlier runs that a report knows of. */
export const MAX_EARLIER_RUNS = 20;
const asEarlierResource = ({ rows, bytes, full_refresh }: ResourceReport): EarlierResource => ({
  rows,
  bytes: bytes ?? 0,
  full_refresh: full_refresh === true,
});

/** A report as later ones remember it. */
export const asEarlierRun = (report: RunReport): EarlierRun => {
  const { run_id, opened_at, finished_at, status, complete, window, duration_seconds, cost, resources } = report;
  const done = resources.filter((resource) => resource.status === "done");
  return {
    run_id,
    opened_at,
    finished_at,
    status,
    complete,
    window,
    duration_seconds,
    dollars: cost.dollars.total,
    resources: Object.fromEntries(done.map((resource) => [resource.resource, asEarlierResource(resource)])),
  };
};

const isDate = (text: unknown): boolean => typeof text === "string" && !Number.isNaN(Date.parse(text));

/** Whether a stored value is what a page and a later report can work with. */
const isEarlierRun = (run: EarlierRun): boolean =>
  typeof run.run_id === "string" &&
  [run.opened_at, run.finished_at].every(isDate) &&
  ["done", "failed"].includes(run.status) &&
  typeof run.complete === "boolean" &&
  [run.duration_seconds, run.dollars].every(Number.isFinite) &&
  Object.values(run.resources).every(({ rows, bytes }) => [rows, bytes].every(Number.isFinite));

/** The runs of the newest report, itself included, the newest first. */
const runsOf = (text: string, source: string): EarlierRun[] => {
  const latest = JSON.parse(text) as RunReport;
  const runs = [asEarlierRun(latest), ...latest.earlier];
  if (latest.version !== 1 || latest.source !== source || !runs.every(isEarlierRun)) {
    throw new Error("it is not what was written");
  }
  return runs;
};

/** What is known of a source's other runs. */
export interface History {
  /** Those that were opened before, the newest first: at most twenty. */
  earlier: EarlierRun[];
  /** Whether no later run is known: only then is a report the latest one. */
  isLatest: boolean;
}

/**
 * The runs before this one, from the copy of the newest report. That is a cache: lost, corrupt or unreadable, there are just
 * no earlier runs. A run that is finished again does not remember itself.
 */
export const readHistory = async (
  { bucket, logger }: Pick<Ports, "bucket" | "logger">,
  source: string,
  run_id: string,
): Promise<History> => {
  const key = latestReportKey(source);
  try {
    const object = await bucket.get(key);
    const runs = object === null ? [] : runsOf(Buffer.from(object.body).toString(), source);
    const earlier = runs.filter((run) => run.run_id < run_id).slice(0, MAX_EARLIER_RUNS);
    return { earlier, isLatest: runs.every((run) => run.run_id <= run_id) };
  } catch (error) {
    logger.warn("earlier runs not known", { why: `${key}: ${(error as Error).message}` });
    return { earlier: [], isLatest: true };
  }
};

/** The newest run in which a resource was done, a backfill's window aside: what a later one can be compared with. */
export const beforeOf = (earlier: EarlierRun[], resource: string): EarlierResource | null => {
  const run = earlier.find(({ window, resources }) => window === null && Object.hasOwn(resources, resource));
  return run?.resources[resource] ?? null;
};

/** The newest run in which it read everything there was, and was done. */
export const fullBeforeOf = (earlier: EarlierRun[], resource: string): EarlierResource | null =>
  beforeOf(
    earlier.filter(({ resources }) => Object.hasOwn(resources, resource) && resources[resource]?.full_refresh),
    resource,
  );

/** See `RunReport.freshness_seconds`. @param now milliseconds since 1970. */
export const freshnessOf = (earlier: EarlierRun[], now: number): number | null => {
  const before = earlier.find(({ complete }) => complete);
  return before === undefined ? null : Math.max(0, (now - Date.parse(before.opened_at)) / 1000);
};

/** See `RunReport.empty_resources`. */
export const emptyResources = (resources: ResourceReport[], earlier: EarlierRun[]): string[] =>
  resources
    .filter(({ status, rows, full_refresh }) => status === "done" && rows === 0 && full_refresh === true)
    .filter(({ resource }) => (fullBeforeOf(earlier, resource)?.rows ?? 0) > 0)
    .map(({ resource }) => resource);
