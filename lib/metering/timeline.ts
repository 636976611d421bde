/** How an invocation ended, as the machine sees it. */
export type Ending = "done" | "partial" | "throttled" | "failed";

/** What one invocation did with its time; several neighbours in one, where there were too many to keep apart. */
export interface Interval {
  /** Milliseconds since 1970. */
  started_at: number;
  /** Milliseconds since 1970. */
  ended_at: number;
  /** Until when the API then wants to be left alone, which the machine waits for; null when it does not wait. */
  waited_until: number | null;
  status: Ending;
  /** Rows and pages that it committed. */
  rows: number;
  pages: number;
  /** Seconds that it waited in place, between requests. */
  waited_seconds: number;
  /** How many invocations are told as one. */
  invocations: number;
  /** Seconds between those, in which nothing ran. */
  idle_seconds: number;
}

/** Intervals that a checkpoint keeps of a resource: a picture of a run needs no more, and a checkpoint stays small. */
export const MAX_INTERVALS = 50;

/** The last millisecond that a date can have (ECMA-262, 21.4.1.1). */
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

/** The intervals that a checkpoint holds; one that an older version wrote, or somebody's hand, has none. */
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

/** Where two neighbours lie closest, and the shortest of those: what is lost by telling them as one is least. */
const closest = (timeline: Interval[]): number => {
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

/** The timeline with one more interval at its end; it never has more than `MOST_INTERVALS`, and their sums stay what they are. */
export const withInterval = (timeline: Interval[], interval: Interval): Interval[] => {
  const intervals = [...timeline, interval];
  while (intervals.length > MAX_INTERVALS) {
    const index = closest(intervals);
    const [one, other] = intervals.slice(index, index + 2) as [Interval, Interval];
    intervals.splice(index, 2, merged(one, other));
  }
  return intervals;
};
