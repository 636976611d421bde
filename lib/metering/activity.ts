import type { ResourceStats } from "./resource-stats.ts";
import { type Interval, parseTimeline } from "./timeline.ts";
import { addUsage, NO_USAGE, type Usage } from "./usage.ts";

/** The numbers of a resource that its commit log does not hold. */
type Counted = Pick<ResourceStats, "requests" | "retries" | "waited_seconds" | "invocations" | "throttles">;

/** Numbers of the invocations of a resource in a run. Its checkpoint stores them. */
export interface Activity extends Counted {
  /** Consecutive retries since the last commit. */
  attempts: number;
  /** Milliseconds since 1970; null before the first commit. */
  committed_at: number | null;
  /** AWS usage of all invocations. */
  usage: Usage;
  /** Intervals of the invocations, oldest first. */
  timeline: Interval[];
}

/** Returns the activity in a checkpoint; missing numbers are zero, and all of them for null. */
export const activityOf = (checkpoint: Partial<Activity> | null): Activity => {
  const { requests = 0, retries = 0, waited_seconds = 0, attempts = 0 } = checkpoint ?? {};
  const { invocations = 0, throttles = 0, committed_at = null } = checkpoint ?? {};
  const usage = addUsage(NO_USAGE, checkpoint?.usage ?? {});
  const timeline = parseTimeline(checkpoint?.timeline);
  return { requests, retries, waited_seconds, attempts, invocations, throttles, committed_at, usage, timeline };
};
