import { CheckpointError } from "../errors/index.ts";
import { isJsonObject } from "../json/index.ts";
import { matching } from "../json/shape.ts";
import { latestReportKey } from "../lake/keys.ts";
import { readDocument, type StoredDocument, storedDocument } from "../lake/stored-document.ts";
import type { Ports } from "../ports/index.ts";
import { SECOND } from "../time/durations.ts";
import type { EarlierResource, EarlierRun, ResourceReport, RunReport } from "./run-report.ts";

/** Maximum number of earlier runs in a report. */
export const MAX_EARLIER_RUNS = 20;

const toEarlierResource = ({ rows, bytes, full_refresh }: ResourceReport): EarlierResource => ({
  rows,
  bytes: bytes ?? 0,
  full_refresh: full_refresh === true,
});

/** Returns the summary of a report that later reports contain. */
export const toEarlierRun = (report: RunReport): EarlierRun => {
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
    resources: Object.fromEntries(done.map((resource) => [resource.resource, toEarlierResource(resource)])),
  };
};

const isDate = (text: unknown): boolean => typeof text === "string" && !Number.isNaN(Date.parse(text));

const isEarlierResource = (value: unknown): boolean =>
  isJsonObject(value) && [value.rows, value.bytes].every(Number.isFinite);

const isEarlierRun = (value: unknown): boolean =>
  isJsonObject(value) &&
  typeof value.run_id === "string" &&
  [value.opened_at, value.finished_at].every(isDate) &&
  (value.status === "done" || value.status === "failed") &&
  typeof value.complete === "boolean" &&
  [value.duration_seconds, value.dollars].every(Number.isFinite) &&
  isJsonObject(value.resources) &&
  Object.values(value.resources).every(isEarlierResource);

const isReportOf = (source: string, value: unknown): boolean =>
  isJsonObject(value) &&
  value.version === 1 &&
  value.source === source &&
  isJsonObject(value.cost) &&
  isJsonObject(value.cost.dollars) &&
  Array.isArray(value.resources) &&
  value.resources.every(isJsonObject) &&
  Array.isArray(value.earlier) &&
  [toEarlierRun(value as unknown as RunReport), ...value.earlier].every(isEarlierRun);

/** Returns a report of a source as a document; its named error is a CheckpointError. */
export const reportDocument = (source: string, key: string): StoredDocument<RunReport> =>
  storedDocument({
    key,
    shape: matching(`report of ${source}`, (value) => isReportOf(source, value)),
    error: CheckpointError,
    remedy: "delete it, and the next run writes a new one",
    place: { source },
  });

/**
 * Reads the runs of a source that are known from the copy of its latest report, newest first. The copy is a cache: without a
 * valid one, no runs are known.
 */
export const readRuns = async (
  { bucket, logger }: Pick<Ports, "bucket" | "logger">,
  source: string,
): Promise<EarlierRun[]> => {
  try {
    const latest = await readDocument({ bucket }, reportDocument(source, latestReportKey(source)));
    return latest === null ? [] : [toEarlierRun(latest), ...latest.earlier];
  } catch (error) {
    logger.warn("cannot read earlier runs", { why: (error as Error).message });
    return [];
  }
};

/** Other runs of a source, as far as they are known. */
export interface History {
  /** Runs opened before this one, newest first: at most `MAX_EARLIER_RUNS`. */
  earlier: EarlierRun[];
  /** Whether no later run is known. Only then the report of this run becomes the latest one. */
  isLatest: boolean;
}

/** Reads the earlier runs of a source. A run that is finished a second time is not its own earlier run. */
export const readHistory = async (
  ports: Pick<Ports, "bucket" | "logger">,
  source: string,
  run_id: string,
): Promise<History> => {
  const runs = await readRuns(ports, source);
  const earlier = runs.filter((run) => run.run_id < run_id).slice(0, MAX_EARLIER_RUNS);
  return { earlier, isLatest: runs.every((run) => run.run_id <= run_id) };
};

/**
 * Returns the result of a resource in the newest earlier run without a window in which it was done; null when there is none.
 */
export const previousResult = (earlier: EarlierRun[], resource: string): EarlierResource | null => {
  const run = earlier.find(({ window, resources }) => window === null && Object.hasOwn(resources, resource));
  return run?.resources[resource] ?? null;
};

/** Returns the result of a resource in the newest earlier run in which it read all rows; null when there is none. */
export const previousFullResult = (earlier: EarlierRun[], resource: string): EarlierResource | null =>
  previousResult(
    earlier.filter(({ resources }) => Object.hasOwn(resources, resource) && resources[resource]?.full_refresh),
    resource,
  );

/**
 * Returns the difference in rows to the previous result of a resource. null when the two cannot be compared: one of them read
 * all rows and the other only new ones, the resource failed, or the run has a window.
 */
export const rowDifference = (
  { resource, rows, full_refresh, status }: ResourceReport,
  { earlier, window }: Pick<RunReport, "earlier" | "window">,
): number | null => {
  const previous = previousResult(earlier, resource);
  const isComparable = window === null && status === "done" && previous?.full_refresh === full_refresh;
  return isComparable ? rows - (previous?.rows ?? 0) : null;
};

/** Returns `RunReport.freshness_seconds`. @param now milliseconds since 1970. */
export const freshnessOf = (earlier: EarlierRun[], now: number): number | null => {
  const previous = earlier.find(({ complete }) => complete);
  return previous === undefined ? null : Math.max(0, (now - Date.parse(previous.opened_at)) / SECOND);
};

/** Returns `RunReport.empty_resources`. */
export const emptyResources = (resources: ResourceReport[], earlier: EarlierRun[]): string[] =>
  resources
    .filter(({ status, rows, full_refresh }) => status === "done" && rows === 0 && full_refresh === true)
    .filter(({ resource }) => (previousFullResult(earlier, resource)?.rows ?? 0) > 0)
    .map(({ resource }) => resource);
