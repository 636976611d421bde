import type { Activity } from "../metering/activity.ts";
import { NO_STATS, type ResourceStats } from "../metering/resource-stats.ts";
import type { CommitLog } from "./commit-log.ts";
import type { Manifest } from "./manifest.ts";
import type { LogEnd } from "./stored-part.ts";

const roundSeconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;

const activityStats = ({ requests, retries, waited_seconds, invocations, throttles }: Activity) => ({
  requests,
  retries,
  waited_seconds: roundSeconds(waited_seconds),
  invocations,
  throttles,
});

/**
 * Returns the numbers of a resource whose log is not complete.
 *
 * @param end null when the log has not begun.
 */
export const statsOfLog = (end: Pick<LogEnd, "part" | "position"> | null, activity: Activity): ResourceStats => {
  const { rows, pages, discarded_rows, discarded_values, masked_rows, skipped_parents } = end?.position ?? NO_STATS;
  const incomplete = { discarded_rows, discarded_values, masked_rows, skipped_parents };
  return { rows, pages, parts: end?.part ?? 0, ...incomplete, ...activityStats(activity) };
};

/** Returns the numbers of a resource whose log is complete. */
export const statsOfManifest = (
  { rows, pages, parts, discarded_rows, discarded_values, masked_rows, skipped_parents }: Manifest,
  activity: Activity,
): ResourceStats => ({
  rows,
  pages,
  parts: parts.length,
  discarded_rows,
  discarded_values,
  masked_rows,
  skipped_parents,
  ...activityStats(activity),
});

/** Returns the numbers of a resource so far. */
export const statsOf = ({ end, activity }: Pick<CommitLog, "end" | "activity">): ResourceStats =>
  statsOfLog(end, activity);
