import { expect, test } from "vitest";
import { createRunId } from "../../lib/run/run-id.ts";

test("a run id holds the second in which the run was opened, and eight random digits", () => {
  expect(createRunId(Date.parse("2026-11-20T09:00:00.999Z"), () => 0)).toBe("20261120T090000Z-00000000");
  expect(createRunId(Date.parse("2026-01-02T03:04:05Z"), () => 0.999999999999)).toBe("20260102T030405Z-ffffffff");
});

test("run ids sort by time across the ends of months and years", () => {
  const times = [
    "2026-01-31T23:59:59Z",
    "2026-02-01T00:00:00Z",
    "2026-09-30T10:00:00Z",
    "2026-10-01T09:00:00Z",
    "2026-12-31T23:59:59Z",
    "2027-01-01T00:00:00Z",
  ];
  const ids = times.map((time, index) => createRunId(Date.parse(time), () => 1 - (index + 1) / 10));
  expect(ids.toSorted()).toEqual(ids);
});
