import type { Activity } from "../metering/activity.ts";
import { NO_STATS, type ResourceStats } from "../metering/resource-stats.ts";
import type { CommitLog } from "./commit-log.ts";
import type { Manifest } from "./manifest.ts";
import type { Position } from "./position.ts";
import type { LogEnd } from "./stored-part.ts";

const roundSeconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;

const activityStats = ({ requests, retries, waited_seconds, invocations, throttles }: Activity) => ({
  requests,
  retries,
  waited_seconds: roundSeconds(waited_seconds),
  invocations,
  throttles,
});

/** The numbers that positions and manifests have. */
type Counted = Pick<
  Position,
  | "rows"
  | "pages"
  | "discarded_rows"
  | "discarded_values"
  | "masked_rows"
  | "skipped_parents"
  | "read_rows"
  | "reported_rows"
  | "repeated_rows"
>;

const countedStats = (counted: Counted) => {
  const { rows, pages, discarded_rows, discarded_values, masked_rows, skipped_parents } = counted;
  const { read_rows, reported_rows, repeated_rows } = counted;
  const incomplete = { discarded_rows, discarded_values, masked_rows, skipped_parents };
  return { rows, pages, ...incomplete, read_rows, reported_rows: reported_rows ?? 0, repeated_rows };
};

/**
 * Returns the numbers of a resource whose log is not complete.
 *
 * @param end null when the log has not begun.
 */
export const statsOfLog = (end: Pick<LogEnd, "part" | "position"> | null, activity: Activity): ResourceStats => ({
  ...countedStats(end?.position ?? NO_STATS),
  parts: end?.part ?? 0,
  ...activityStats(activity),
});

/** Returns the numbers of a resource whose log is complete. */
export const statsOfManifest = (manifest: Manifest, activity: Activity): ResourceStats => ({
  ...countedStats(manifest),
  parts: manifest.parts.length,
  ...activityStats(activity),
});

/** Returns the numbers of a resource so far. */
export const statsOf = ({ end, activity }: Pick<CommitLog, "end" | "activity">): ResourceStats =>
  statsOfLog(end, activity);
