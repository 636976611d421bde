import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Interval, MAX_INTERVALS, parseTimeline, withInterval } from "../../lib/metering/timeline.ts";

const interval = (started_at: number, ended_at: number, more: Partial<Interval> = {}): Interval => ({
  started_at,
  ended_at,
  waited_until: null,
  status: "partial",
  rows: 1,
  pages: 2,
  waited_seconds: 0.5,
  invocations: 1,
  idle_seconds: 0,
  ...more,
});

const build = (intervals: Interval[]) => intervals.reduce(withInterval, [] as Interval[]);
const sum = (timeline: Interval[], key: "rows" | "pages" | "waited_seconds" | "invocations") =>
  timeline.reduce((total, one) => total + one[key], 0);
/** Milliseconds in which an invocation ran. */
const worked = (timeline: Interval[]) =>
  timeline.reduce((total, one) => total + one.ended_at - one.started_at - one.idle_seconds * 1000, 0);

describe("a timeline", () => {
  test("has one interval per invocation while there are few", () => {
    const few = Array.from({ length: MAX_INTERVALS }, (_, index) => interval(index * 10, index * 10 + 5));
    expect(build(few)).toEqual(few);
  });

  test("merges the closest neighbours, and so keeps the long waits", () => {
    const early = Array.from({ length: 40 }, (_, index) => interval(index * 10, index * 10 + 9));
    const later = early.map((one) => interval(one.started_at + 1e6, one.ended_at + 1e6));
    const timeline = build([...early, ...later]);
    expect(timeline).toHaveLength(MAX_INTERVALS);
    const gaps = timeline.slice(1).map((one, index) => one.started_at - (timeline[index]?.ended_at ?? 0));
    expect(Math.max(...gaps)).toBe(1e6 - 399);
  });

  test("never exceeds its maximum, and keeps the sums of rows, pages, waits, invocations and time, for any run", () => {
    const steps = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 45, maxLength: 200 });
    fc.assert(
      fc.property(steps, (given) => {
        let time = 0;
        const intervals = given.map(([gap, length]) => {
          const started_at = time + gap;
          time = started_at + length;
          return interval(started_at, time);
        });
        const timeline = build(intervals);
        expect(timeline.length).toBe(Math.min(MAX_INTERVALS, intervals.length));
        for (const key of ["rows", "pages", "waited_seconds", "invocations"] as const) {
          expect(sum(timeline, key)).toBeCloseTo(sum(intervals, key), 6);
        }
        expect(worked(timeline)).toBeCloseTo(worked(intervals), 3);
        expect([timeline[0]?.started_at, timeline.at(-1)?.ended_at]).toEqual([
          intervals[0]?.started_at,
          intervals.at(-1)?.ended_at,
        ]);
      }),
    );
  });

  test("keeps status and wait of the last of two merged neighbours", () => {
    const many = Array.from({ length: MAX_INTERVALS + 1 }, (_, index) =>
      interval(index, index + 1, { status: "throttled", waited_until: index + 2 }),
    );
    const [first] = build(many);
    expect(first).toEqual(
      interval(0, 2, { status: "throttled", waited_until: 3, rows: 2, pages: 4, waited_seconds: 1, invocations: 2 }),
    );
  });
});

describe("a stored timeline", () => {
  test("is read back unchanged", () => {
    const timeline = [interval(1, 2), interval(3, 4, { waited_until: 9 })];
    expect(parseTimeline(JSON.parse(JSON.stringify(timeline)))).toEqual(timeline);
  });

  test.for([
    undefined,
    null,
    5,
    {},
    [null],
    [{}],
    [interval(Number.NaN, 1)],
    [interval(0, 9e15)],
    [{ ...interval(1, 2), status: "?" }],
  ])("is empty when it is not valid: %j", (value) => {
    expect(parseTimeline(value)).toEqual([]);
  });
});
