import { expect, test } from "vitest";
import { leadingTime, type TimePlaceholder, timeValue } from "../../lib/config/time-placeholder.ts";

const times = { opened_at: Date.parse("2026-03-01T03:04:05.678Z"), now: Date.parse("2026-03-01T13:00:00Z") };
const valueFor = (text: string) => timeValue(leadingTime(text) as TimePlaceholder, times);

test.each<[string, string | number]>([
  ["{run.opened_at}", "2026-03-01T03:04:05.678Z"],
  ["{now}", "2026-03-01T13:00:00.000Z"],
  ["{run.opened_at-1d:%Y-%m-%d}", "2026-02-28"],
  ["{run.opened_at-30d:%Y%m%dT%H%M%SZ}", "20260130T030405Z"],
  ["{run.opened_at+0.5s:%H:%M:%S.%f}", "03:04:06.178000"],
  ["{now:%a, %d %b %Y %I:%M %p %z}", "Sun, 01 Mar 2026 01:00 PM +0000"],
  ["{now:%A %B %e %y %Z}", "Sunday March  1 26 UTC"],
  ["{run.opened_at:%s}", 1_772_334_245],
  ["{run.opened_at:%ms}", 1_772_334_245_678],
  ["{run.opened_at:%us}", 1_772_334_245_678_000],
  ["{run.opened_at:t%s}", "t1772334245"],
  ["{now-60000d:%s}", -3_411_630_000],
  ["{now:100%%}", "100%"],
])("%s has the value %j", (text, value) => {
  expect(valueFor(text)).toBe(value);
});
