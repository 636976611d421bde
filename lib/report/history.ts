import { CheckpointError } from "../errors/index.ts";
import { isJsonObject } from "../json/index.ts";
import { latestReportKey } from "../lake/keys.ts";
import { readDocument, type StoredDocument, storedDocument } from "../lake/stored-document.ts";
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

const isReportOf =
  (source: string) =>
  (value: unknown): value is RunReport =>
    isJsonObject(value) &&
    value.version === 1 &&
    value.source === source &&
    isJsonObject(value.cost) &&
    isJsonObject(value.cost.dollars) &&
    Array.isArray(value.resources) &&
    value.resources.every(isJsonObject) &&
    Array.isArray(value.earlier) &&
    [asEarlierRun(value as unknown as RunReport), ...value.earlier].every(isEarlierRun);

/** Returns a report of a source as a document; its named error is a CheckpointError. */
export const reportDocument = (source: string, key: string): StoredDocument<RunReport> =>
  storedDocument({
    key,
    kind: `report of ${source}`,
    isValid: isReportOf(source),
    error: CheckpointError,
    remedy: "delete it, and the next run writes a new one",
    place: { source },
  });

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
  try {
    const latest = await readDocument({ bucket }, reportDocument(source, latestReportKey(source)));
    const runs = latest === null ? [] : [asEarlierRun(latest), ...latest.earlier];
    const earlier = runs.filter((run) => run.run_id < run_id).slice(0, MAX_EARLIER_RUNS);
    return { earlier, isLatest: runs.every((run) => run.run_id <= run_id) };
  } catch (error) {
    logger.warn("earlier runs not known", { why: (error as Error).message });
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
