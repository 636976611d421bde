import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkCursor, compareCursors, shiftCursor } from "../../lib/columns/cursor-values.ts";
import { timeFormat } from "../../lib/columns/time-format.ts";
import { timeFormOf } from "../../lib/columns/time-forms.ts";
import { formatProblem } from "../../lib/columns/time-tokens.ts";
import type { Json } from "../../lib/json/index.ts";

describe("a form that is certain", () => {
  test.each([
    ["2024-01-31", "%Y-%m-%d"],
    ["2024/01/31", "%Y/%m/%d"],
    ["2024.1.31", "%Y.%m.%d"],
    ["2024/01/31 10:00:00", "%Y/%m/%d %H:%M:%S"],
    ["2024-01-31 10:00:00.123456 UTC", "%Y-%m-%d %H:%M:%S.%f %Z"],
    ["2024-01-31T10:00:00+0200", "%Y-%m-%dT%H:%M:%S%z"],
    ["2024-01-31 10:00 PM", "%Y-%m-%d %I:%M %p"],
    ["20240131T100000Z", "%Y%m%dT%H%M%S%z"],
    ["Wed, 31 Jan 2024 10:00:00 +0000", "%a, %d %b %Y %H:%M:%S %z"],
    ["Wed, 31 Jan 2024 10:00:00 GMT", "%a, %d %b %Y %H:%M:%S %Z"],
    ["Wed, 31 Jan 2024 10:00:00 EST", "%a, %d %b %Y %H:%M:%S %Z"],
    ["Wed, 31 Jan 2024 10:00:00 +0000 (UTC)", "%a, %d %b %Y %H:%M:%S %z (UTC)"],
    ["31 January 2024", "%d %B %Y"],
    ["31-Jan-2024 10:00", "%d-%b-%Y %H:%M"],
    ["Jan 31, 2024, 10:00:00 AM", "%b %d, %Y, %I:%M:%S %p"],
    ["Wednesday, 31-Jan-24 10:00:00 GMT", "%A, %d-%b-%y %H:%M:%S %Z"],
    ["Wed Jan 31 10:00:00 2024", "%a %b %d %H:%M:%S %Y"],
    ["Wed Jan 31 10:00:00 +0000 2024", "%a %b %d %H:%M:%S %z %Y"],
    ["Wed Jan 31 2024 10:00:00 GMT+0100 (Central European Time)", "%a %b %d %Y %H:%M:%S GMT%z (Central European Time)"],
    ["2024-Jan-31", "%Y-%b-%d"],
    ["01/2024", "%m/%Y"],
    ["Jan 2024", "%b %Y"],
  ])("of %s is %s", (text, format) => {
    expect(timeFormOf(text)).toEqual({ formats: [format], isCertain: true });
    expect(formatProblem(format)).toBeNull();
    expect(timeFormat(format).parse(text)).not.toBeNull();
    expect(timeFormat(format).move(text, 0)).toBe(text);
  });

  test.each([
    ["Mon, 01 Jan 2024 00:00:00 +0000", "Tue, 02 Jan 2024 00:00:00 +0000"],
    ["Fri, 02 Feb 2024 00:00:00 GMT", "Mon, 01 Apr 2024 00:00:00 GMT"],
    ["Tue, 02 Jan 2024 00:30:00 +0100", "Mon, 01 Jan 2024 23:45:00 GMT"],
    ["2024/9/30", "2024/10/01"],
    ["12/2023", "01/2024"],
    ["Jan 31, 2024 10:00 AM", "Jan 31, 2024 01:00 PM"],
    ["2024-01-01T00:00:00Z", "Mon, 01 Jan 2024 00:00:01 GMT"],
    ["31 Dec 2023", "2024-01-01"],
  ])("puts %s before %s", (a, b) => {
    expect(compareCursors(a, b)).toBe(-1);
    expect(compareCursors(b, a)).toBe(1);
  });
});

describe("a form that is not certain", () => {
  test.each([
    ["20-01-2024", '["%d-%m-%Y"]'],
    ["01/20/2024", '["%m/%d/%Y"]'],
    ["01/02/2024", '["%d/%m/%Y"] or ["%m/%d/%Y"]'],
    ["12/31/2024 10:00 PM", '["%m/%d/%Y %I:%M %p"]'],
    ["31.12.24", '["%d.%m.%y"]'],
    ["01-Jan-24", '["%d-%b-%y"]'],
    ["Mon, 01/02/2024 10:00", '["%a, %d/%m/%Y %H:%M"] or ["%a, %m/%d/%Y %H:%M"]'],
    ["2024-01-31 10:00:00 CET", '["%Y-%m-%d %H:%M:%S CET"]'],
    ["2024-01-31T10:00:00[Europe/Paris]", '["%Y-%m-%dT%H:%M:%S[Europe/Paris]"]'],
  ])("of %s is refused, with %s as a suggestion that reads it", (text, suggestion) => {
    expect(() => checkCursor(text)).toThrow(
      `set cursor_datetime_formats of the incremental to ${suggestion}, or to [] to compare the values as text`,
    );
    expect(() => shiftCursor(text, -1)).toThrow("cursor_datetime_formats");
    for (const formats of suggestion.split(" or ")) checkCursor(text, JSON.parse(formats));
  });
});

describe("text that is not a time", () => {
  test.each([
    ...[
      "01HQZ",
      "ord_0001",
      "2024-01-31-000123",
      "2024-000123",
      "1.2.345",
      "01-02-0003",
      "99-99-2024",
      "May",
      "maybe 5",
    ],
    ...["0000-00-00 00:00:00", "2024-02-30", "mysql-bin.000003:12345", "10:00:00", "a1b2c3d4-0001", "Monday", "12/34"],
  ])("stays text: %s", (text) => {
    checkCursor(text);
    expect(compareCursors(text, `${text}x`)).toBe(-1);
  });
});

describe("cursor_datetime_formats", () => {
  test.each<[Json, Json, string[]]>([
    ["31/12/2023", "01/01/2024", ["%d/%m/%Y"]],
    ["12/31/2023 10:00 PM", "01/01/2024 09:00 AM", ["%m/%d/%Y %I:%M %p"]],
    ["12/31/2024 12:30 AM", "12/31/2024 01:00 AM", ["%m/%d/%Y %I:%M %p"]],
    [1704067200, "2024-01-01T00:00:01Z", ["%s"]],
    ["1704067200123", 1704067200124, ["%ms"]],
    ["1704067200", "02.01.2024", ["%s", "%d.%m.%Y"]],
    ["311223", "010124", ["%d%m%y"]],
    ["1503435956.000247", "1503435956.000248", ["%s"]],
    ["9", "10", []],
  ])("puts %s before %s with %j", (a, b, formats) => {
    expect(compareCursors(a, b, formats)).toBe(-1);
    expect(compareCursors(b, a, formats)).toBe(1);
  });

  test("that are empty compare text as text", () => {
    expect(compareCursors("02/01/2024", "01/02/2025", [])).toBe(1);
    expect(compareCursors("2024-01-01T00:00:00Z", "2024-01-01T00:00:00.5Z", [])).toBe(1);
  });

  test("refuse a value that has none of them", () => {
    expect(() => checkCursor("soon", ["%d/%m/%Y"])).toThrow(
      'the cursor value "soon" has none of the cursor_datetime_formats ["%d/%m/%Y"]: add its format',
    );
    expect(() => checkCursor("31/02/2024", ["%d/%m/%Y"])).toThrow("has none of");
  });

  test.each<[Json, number, string[], Json]>([
    ["01/03/2024", -1, ["%d/%m/%Y"], "29/02/2024"],
    ["3/1/2024 12:05 AM", -600, ["%m/%d/%Y %I:%M %p"], "2/29/2024 11:55 PM"],
    [1704067200, -60, ["%s"], 1704067140],
    [1704067200123, -60, ["%ms"], 1704067140123],
    ["1704067200123456", -0.5, ["%us"], "1704067199623456"],
    ["1503435956.000247", -60, ["%s"], "1503435896.000247"],
    [-1, -1, ["%s"], -2],
    [1704067200, -0.5, ["%s"], 1704067199],
    ["10.5", -1, [], "9.5"],
  ])("move %s by %d with %j to %s", (value, by, formats, expected) => {
    expect(shiftCursor(value, by, formats)).toBe(expected);
  });

  test.each([
    ["%d/%m/%Q", "unknown token %Q"],
    ["%d/%m", "without a year"],
    ["%d/%Y", "without a month"],
    ["%Y-%m-%d %I:%M", "%I and %p belong together"],
    ["%s.%f", "stand alone"],
    ["%Y-%m-%d %d", "%d is there twice"],
  ])("%s: %s", (format, problem) => {
    expect(formatProblem(format)).toContain(problem);
  });

  test("read what they write, and write what they read, for any time", () => {
    const formats = [
      "%a, %d %b %Y %H:%M:%S %z",
      "%m/%d/%Y %I:%M:%S %p",
      "%A %e %B %Y %H:%M:%S.%f",
      "%Y%m%d%H%M%S",
      "%s",
    ];
    const seeds = [
      "Mon, 01 Jan 2024 00:00:00 -0330",
      "01/01/2024 12:00:00 AM",
      "Monday  1 January 2024 00:00:00.000",
      "20240101000000",
      "1704067200",
    ];
    fc.assert(
      fc.property(fc.nat(4), fc.integer({ min: -1e9, max: 1e9 }), (index, seconds) => {
        const { parse, move } = timeFormat(formats[index] as string);
        const seed = seeds[index] as string;
        const moved = move(seed, seconds * 1000) as string;
        expect((parse(moved)?.milliseconds ?? 0) - (parse(seed)?.milliseconds ?? 0)).toBe(seconds * 1000);
        expect(move(moved, -seconds * 1000)).toBe(seed);
      }),
    );
  });
});
