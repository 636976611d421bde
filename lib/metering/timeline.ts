/** How an invocation ended, for the state machine. */
export type Ending = "done" | "partial" | "throttled" | "failed";

/** One invocation, or several consecutive ones that were merged because there were too many. */
export interface Interval {
  /** Milliseconds since 1970. */
  started_at: number;
  /** Milliseconds since 1970. */
  ended_at: number;
  /** End of the state machine's wait after a throttled invocation, in milliseconds since 1970; null when it does not wait. */
  waited_until: number | null;
  status: Ending;
  /** Committed rows and pages. */
  rows: number;
  pages: number;
  /** Seconds waited inside the Lambda, between requests. */
  waited_seconds: number;
  /** Number of merged invocations. */
  invocations: number;
  /** Seconds between the merged invocations, when nothing ran. */
  idle_seconds: number;
}

/** Maximum number of intervals in a checkpoint. It keeps checkpoints small, and is enough for the report's timeline. */
export const MAX_INTERVALS = 50;

/** Largest time value of a Date (ECMA-262, 21.4.1.1). */
const LAST_TIME = 8.64e15;

const isTime = (value: unknown): value is number => Number.isFinite(value) && Math.abs(value as number) <= LAST_TIME;

const isInterval = (value: unknown): value is Interval => {
  const { started_at, ended_at, waited_until, status, ...counts } = (value ?? {}) as Interval;
  const { rows, pages, waited_seconds, invocations, idle_seconds } = counts;
  return (
    [started_at, ended_at].every(isTime) &&
    (waited_until === null || isTime(waited_until)) &&
    ["done", "partial", "throttled", "failed"].includes(status) &&
    [rows, pages, waited_seconds, invocations, idle_seconds].every(Number.isFinite)
  );
};

/** Returns the timeline of a checkpoint; empty if it is not valid. */
export const parseTimeline = (value: unknown): Interval[] =>
  Array.isArray(value) && value.every(isInterval) ? value : [];

const gap = (one: Interval, other: Interval): number => Math.max(0, other.started_at - one.ended_at);

const merged = (one: Interval, other: Interval): Interval => ({
  started_at: one.started_at,
  ended_at: other.ended_at,
  waited_until: other.waited_until,
  status: other.status,
  rows: one.rows + other.rows,
  pages: one.pages + other.pages,
  waited_seconds: one.waited_seconds + other.waited_seconds,
  invocations: one.invocations + other.invocations,
  idle_seconds: one.idle_seconds + other.idle_seconds + gap(one, other) / 1000,
});

/** Returns the index of the two neighbours with the smallest gap, and of those the shortest: merging them loses the least detail. */
const closestPair = (timeline: Interval[]): number => {
  const distance = (index: number): [number, number] => {
    const [one, other] = [timeline[index] as Interval, timeline[index + 1] as Interval];
    return [gap(one, other), other.ended_at - one.started_at];
  };
  let best = 0;
  for (let index = 1; index < timeline.length - 1; index++) {
    const [[gapHere, lengthHere], [gapBest, lengthBest]] = [distance(index), distance(best)];
    if (gapHere < gapBest || (gapHere === gapBest && lengthHere < lengthBest)) best = index;
  }
  return best;
};

/** Returns the timeline with an interval appended. Above `MAX_INTERVALS`, the closest neighbours are merged; sums stay the same. */
export const withInterval = (timeline: Interval[], interval: Interval): Interval[] => {
  const intervals = [...timeline, interval];
  while (intervals.length > MAX_INTERVALS) {
    const index = closestPair(intervals);
    const [one, other] = intervals.slice(index, index + 2) as [Interval, Interval];
    intervals.splice(index, 2, merged(one, other));
  }
  return intervals;
};
