import { expect, test } from "vitest";
import { formatBytes, formatDifference, formatDollars, formatDuration } from "../../lib/report/format.ts";

test.for([
  [0, "0 s"],
  [0.01, "< 0.1 s"],
  [0.25, "0.3 s"],
  [3, "3 s"],
  [9.94, "9.9 s"],
  [9.96, "10 s"],
  [59.6, "1 min"],
  [125, "2 min 5 s"],
  [3600, "1 h"],
  [3725, "1 h 2 min"],
  [86_399.7, "1 d"],
  [90_000, "1 d 1 h"],
  [86_400 * 1234, "1,234 d"],
] as const)("formats %d seconds as %s", ([seconds, text]) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.for([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1000, "1.0 kB"],
  [99_949, "99.9 kB"],
  [123_456, "123 kB"],
  [999_600, "1.0 MB"],
  [5e15, "5,000 TB"],
] as const)("formats %d bytes as %s", ([bytes, text]) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.for([
  [0, "$0.0000"],
  [0.00001, "< $0.0001"],
  [0.0123, "$0.0123"],
  [1234.5, "$1,234.50"],
] as const)("formats %d dollars as %s", ([dollars, text]) => {
  expect(formatDollars(dollars)).toBe(text);
});

test("formats a difference with its sign and thousands separators", () => {
  expect([1234, -1234, 0].map(formatDifference)).toEqual(["+1,234", "−1,234", "±0"]);
});
