import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareCursors, shiftCursor } from "../../lib/columns/cursor-values.ts";
import { ConfigError } from "../../lib/errors/index.ts";
import type { Json } from "../../lib/json/index.ts";

describe("the order of cursor values", () => {
  test.each<[Json, Json]>([
    [1, 2],
    [-1, 0],
    [9, 10],
    [1.5, 2],
    [1e-7, 2e-7],
    [1e21, 2e21],
    ["a", "b"],
    ["9", "10"],
    ["-10", "-9"],
    ["9.5", "10"],
    ["9.5", "10.25"],
    ["10", "10.25"],
    ["0.1", "0.10000000000000000001"],
    [9007199254740992n, 9007199254740993n],
    [9007199254740991, 9007199254740992n],
    ["9007199254740992.5", 9007199254740993n],
    // The state stores a BigInt as a string.
    ["9999999999999999", 10000000000000000n],
    ["9999999999999999", "10000000000000000"],
    // A window from the command line has strings.
    ["9.5", 10.25],
    [9, "10"],
    ["2024-01-01", "2024-01-02"],
    ["2024-01-01", "2024-01-01T00:00:01Z"],
    ["2024-01-01T23:59:59Z", "2024-01-02"],
    ["2024-01-01T00:00:00+02:00", "2024-01-01T00:00:00Z"],
    ["2024-01-01T23:00:00-02:00", "2024-01-02T01:00:00.001Z"],
    ["2024-01-01 10:00", "2024-01-01T10:00:01Z"],
    // dlt compares times as text, where a point sorts before Z.
    ["2024-01-01T10:00:00Z", "2024-01-01T10:00:00.5Z"],
    ["2024-01-01T10:00:00.123Z", "2024-01-01T10:00:00.123456Z"],
    ["2024-01-01T10:00:00.123456Z", "2024-01-01T10:00:00.123457Z"],
    ["2024-01-01T10:00:00.123456788Z", "2024-01-01T12:00:00.123456789+02:00"],
    ["2024-01-01T23:00:00Z", "2024-01-01T24:00:00Z"],
    ["2024-01-01T24:00:00Z", "2024-01-02T00:00:01Z"],
    // A string that is not a time compares as text.
    ["2024-02-30", "2024-02-31"],
    ["01HQZ", "01HR0"],
  ])("puts %s before %s", (a, b) => {
    expect(compareCursors(a, b)).toBe(-1);
    expect(compareCursors(b, a)).toBe(1);
  });

  test.each<[Json, Json]>([
    [1, 1],
    ["x", "x"],
    [9007199254740993n, "9007199254740993"],
    [5, "5"],
    [0.5, "0.50"],
    [0, -0],
    [10000000000000000000000n, 1e22],
    ["2024-01-01T00:00:00Z", "2024-01-01T02:00:00+02:00"],
    ["2024-01-01T00:00:00Z", "2024-01-01T02:00:00+0200"],
    ["2024-01-01T00:00:00Z", "2024-01-01T02:00:00+02"],
    ["2024-01-01T00:00:00.000Z", "2024-01-01 00:00"],
    ["2024-01-01T00:00:00.1Z", "2024-01-01T00:00:00,100000000"],
    ["2024-01-01", "2024-01-01T00:00:00Z"],
    ["2024-01-01T24:00:00Z", "2024-01-02T00:00:00Z"],
  ])("treats %s and %s as equal", (a, b) => {
    expect(compareCursors(a, b)).toBe(0);
    expect(compareCursors(b, a)).toBe(0);
  });

  test.each<[Json, Json]>([
    [5, "abc"],
    ["2024-01-01T00:00:00Z", 1704067200],
    [9007199254740993n, "2024-01-01"],
    ["", 0],
  ])("fails for %s and %s, which cannot be compared", (a, b) => {
    expect(() => compareCursors(a, b)).toThrow(ConfigError);
    expect(() => compareCursors(b, a)).toThrow(/cannot be compared \(one is a number, the other is not\)/);
  });

  test.each<[Json, Json]>([
    ["2024-01-01", "pending"],
    ["Mon, 01 Jan 2024 00:00:00 GMT", "n/a"],
    ["2024-01-31", "2024-02-31"],
  ])("fails for %s and %s, only one of which is a time", (a, b) => {
    expect(() => compareCursors(a, b)).toThrow(/cannot be compared \(one is a time, the other is not\)/);
    expect(() => compareCursors(b, a)).toThrow(ConfigError);
  });

  const numeric = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.bigInt(),
    fc.bigInt().map(String),
    fc.tuple(fc.integer(), fc.nat(999)).map(([whole, rest]) => `${whole}.${rest}`),
    fc.constantFrom<Json>("0.10", 0.1, "9007199254740993", 9007199254740992n, 9007199254740991, 1e300, 5e-324),
  );
  const timed = fc
    .record({
      time: fc.integer({ min: 0, max: 4e12 }),
      digits: fc.nat(9),
      nanos: fc.nat(999_999),
      zone: fc.constantFrom(["", 0], ["Z", 0], ["+02:00", 120], ["-0530", -330], ["+14", 840]) as fc.Arbitrary<
        [string, number]
      >,
      separator: fc.constantFrom("T", " "),
    })
    .map(({ time, digits, nanos, zone: [zone, minutes], separator }) => {
      const iso = new Date(time + minutes * 60_000).toISOString();
      const fraction = (iso.slice(20, 23) + String(nanos).padStart(6, "0")).slice(0, digits);
      return `${iso.slice(0, 10)}${separator}${iso.slice(11, 19)}${fraction === "" ? "" : `.${fraction}`}${zone}`;
    });

  test.each<[string, fc.Arbitrary<Json>]>([
    ["numbers in every form", numeric],
    [
      "times in every form",
      fc.oneof(
        timed,
        timed.map((text) => text.slice(0, 10)),
      ),
    ],
    ["any string", fc.string().filter((text) => !/^-?\d/.test(text))],
  ])("is total and transitive for %s", (_, values) => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        expect(compareCursors(a, a)).toBe(0);
        expect(compareCursors(a, b) + compareCursors(b, a)).toBe(0);
        if (compareCursors(a, b) <= 0 && compareCursors(b, c) <= 0) expect(compareCursors(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 1000 },
    );
  });

  test("is the order of instants for times in any form", () => {
    fc.assert(
      fc.property(timed, timed, (a, b) => {
        const utc = (text: string) =>
          Date.parse(/(Z|[+-]\d\d(:?\d\d)?)$/.test(text.slice(10)) ? zoned(text) : `${text}Z`);
        const zoned = (text: string) =>
          text.replace(/([+-]\d\d)(\d\d)?$/, (_all, hours, minutes = "00") => `${hours}:${minutes}`);
        const order = Math.sign(utc(a.replace(" ", "T")) - utc(b.replace(" ", "T")));
        if (order !== 0) expect(compareCursors(a, b)).toBe(order);
      }),
    );
  });
});

describe("a lag moves", () => {
  // The first cases have dlt's results, except that dlt always writes fractions with six digits.
  test.each<[Json, number, Json]>([
    ["2024-01-05T00:00:00Z", -3600, "2024-01-04T23:00:00Z"],
    ["2024-01-05T00:00:00+02:00", -1, "2024-01-04T23:59:59+02:00"],
    ["2024-01-05T00:00:00+0200", -1, "2024-01-04T23:59:59+0200"],
    ["2024-01-05T00:00:00+02", -1, "2024-01-04T23:59:59+02"],
    ["2024-01-05T00:00:00-05:00", -1, "2024-01-04T23:59:59-05:00"],
    ["2024-01-05T00:00:00.123Z", -1, "2024-01-04T23:59:59.123Z"],
    ["2024-01-05T00:00:00.500+02:00", -1, "2024-01-04T23:59:59.500+02:00"],
    ["2024-01-05T00:00:00", -1, "2024-01-04T23:59:59"],
    ["2024-01-05T00:00", -60, "2024-01-04T23:59"],
    ["2024-01-05", -2, "2024-01-03"],
    ["2024-01-05", -0.5, "2024-01-04"],
    ["20240105", -1, "20240104"],
    ["20240301", -1, "20240229"],
    ["2024-03", -1, "2024-02"],
    [1000, -10, 990],
    [1000, -10.5, 989],
    [10.5, -1, 9.5],
    [100, 5, 105],
    ["2024-01-05 10:00:00", -3600, "2024-01-05 09:00:00"],
    ["2024-01-05 10:00:00 +01:00", -3600, "2024-01-05 09:00:00 +01:00"],
    ["2024-03-01T00:00:00Z", -1, "2024-02-29T23:59:59Z"],
    ["2023-03-01T00:00:00Z", -1, "2023-02-28T23:59:59Z"],
    ["2024-12-31T23:59:59Z", 1, "2025-01-01T00:00:00Z"],
    ["2024-03-01", -1, "2024-02-29"],
    ["2100-03-01", -1, "2100-02-28"],
    ["2024-01-31", 1, "2024-02-01"],
    ["2024-01-05", 0.5, "2024-01-06"],
    ["2024-01-05T00:00:00Z", -0.25, "2024-01-04T23:59:59Z"],
    ["2024-01-05T00:00:00.5Z", -0.25, "2024-01-05T00:00:00.2Z"],
    ["2024-01-05T00:00:00.000Z", -0.25, "2024-01-04T23:59:59.750Z"],
    ["2024-01-05T00:00:00.123456789Z", -0.5, "2024-01-04T23:59:59.623456789Z"],
    ["2024-01-05T00:00:00,12", -1, "2024-01-04T23:59:59,12"],
    ["2024-01-05T00:00Z", -30, "2024-01-04T23:59Z"],
    [0.3, -0.1, 0.2],
    [5, -7, -2],
    [-1000, -10.5, -1011],
    [1000, 10.5, 1011],
    ["1000", -10, "990"],
    ["1000", -10.5, "989"],
    ["12.50", -0.25, "12.25"],
    ["12.50", -0.125, "12.375"],
    ["12.50", -0.5, "12.00"],
    ["12.5", -0.25, "12.25"],
    ["1503435956.000247", -60, "1503435896.000247"],
    ["9007199254740993", -1, "9007199254740992"],
    ["9007199254740993", 10, "9007199254741003"],
    [9007199254740993n, -2, "9007199254740991"],
    [9007199254740991, 2, "9007199254740993"],
    [-9007199254740991, -2, "-9007199254740993"],
    ["0", -1, "-1"],
    ["2024-1-5", -5, "2023-12-31"],
    ["2024-10-1", -1, "2024-9-30"],
    ["2024-01-05t00:00:00z", -1, "2024-01-04t23:59:59z"],
    ["20240105T000000Z", -1, "20240104T235959Z"],
    ["2024/01/05 00:00:00", -1, "2024/01/04 23:59:59"],
    ["Fri, 05 Jan 2024 00:00:00 GMT", -1, "Thu, 04 Jan 2024 23:59:59 GMT"],
    ["Fri, 5 Jan 2024 00:00:00 +0200", -86400, "Thu, 4 Jan 2024 00:00:00 +0200"],
    ["FRIDAY, 05-JAN-24 00:00:00 GMT", -86400, "THURSDAY, 04-JAN-24 00:00:00 GMT"],
    ["Mon Jan  1 00:00:00 2024", -1, "Sun Dec 31 23:59:59 2023"],
    ["Jan 1, 2024 12:30 a.m.", -3600, "Dec 31, 2023 11:30 p.m."],
    ["January 5, 2024", -5, "December 31, 2023"],
    ["01/2024", -1, "12/2023"],
    ["2024-01-05T00:00+01:00[Europe/Paris]", -60, "2024-01-04T23:59+01:00[Europe/Paris]"],
  ])("%s by %d to %s", (value, by, expected) => {
    expect(shiftCursor(value, by)).toBe(expected);
  });

  test("by zero no value at all", () => {
    for (const value of ["abc", "", 5, "2024-02-30", 7n]) expect(shiftCursor(value, 0)).toBe(value);
  });

  test.each<Json>([
    "",
    "abc",
    "1e3",
    "+5",
    "007",
    " 5",
    "2024-02-30",
    "2024-13-01",
    "2024-13",
    "2024-01-05T25:00:00Z",
    "2024-02-30T00:00:00Z",
    "2024-01-05T00:00:00.1234567890Z",
    "2024-01-05T10:00.5Z",
    "10:00:00",
    "Fri, 32 Jan 2024 00:00:00 GMT",
    true,
    null,
    [1],
    { a: 1 },
  ])("but fails for %j, which is neither a number nor a date", (value) => {
    expect(() => shiftCursor(value, -1)).toThrow(ConfigError);
    expect(() => shiftCursor(value, -1)).toThrow(/lag cannot move the cursor value .*neither a number nor a date/);
  });

  test.each<[string, number]>([
    ["0000-01-01T00:00:00Z", -1],
    ["9999-12-31T23:59:59Z", 1],
    ["0001-01-01", -1000],
    ["9999-12-31", 1],
    ["99991231", 1],
    ["0000-01", -1],
    ["2024-01-05", -1e12],
    ["2024-01-05T00:00:00Z", -1e18],
  ])("but fails for %s by %d, which leaves the calendar", (value, by) => {
    expect(() => shiftCursor(value, by)).toThrow(ConfigError);
    expect(() => shiftCursor(value, by)).toThrow(/out of the calendar/);
  });

  const date = fc.date({ min: new Date("0100-01-01"), max: new Date("9900-01-01"), noInvalidDate: true });
  const zone = fc.constantFrom("", "Z", "+02:00", "-0530", "+14", " +01:00");
  /** Values with steps that their form can represent. */
  const movable = fc.oneof(
    fc.tuple(fc.integer(), fc.integer()),
    fc.tuple(fc.integer(), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
    fc
      .tuple(fc.bigInt(), fc.integer())
      // Eight digits may be a date, before or after the step.
      .filter(([value, by]) => [value, value + BigInt(by)].every((integer) => !/^\d{8}$/.test(String(integer))))
      .map(([value, by]) => [String(value), by]),
    fc.tuple(
      fc.integer().map((units) => units + 0.25),
      fc.integer(),
    ),
    fc.tuple(
      date.map((day) => day.toISOString().slice(0, 10)),
      fc.integer({ min: -10_000, max: 10_000 }),
    ),
    fc.tuple(
      date.map((day) => day.toISOString().slice(0, 10).replaceAll("-", "")),
      fc.integer({ min: -9999, max: 9999 }),
    ),
    fc.tuple(
      fc.tuple(date, zone).map(([day, suffix]) => `${day.toISOString().slice(0, 16)}${suffix}`),
      fc.integer({ min: -1e6, max: 1e6 }).map((minutes) => minutes * 60),
    ),
    fc.tuple(
      fc
        .tuple(date, zone, fc.nat(6))
        .map(([day, suffix, digits]) => `${day.toISOString().slice(0, 23)}${"123456".slice(0, digits)}${suffix}`),
      fc.integer({ min: -1e9, max: 1e9 }).map((milliseconds) => milliseconds / 1000),
    ),
  ) as fc.Arbitrary<[Json, number]>;

  test("there and back to the same value", () => {
    fc.assert(
      fc.property(movable, ([value, by]) => {
        expect(shiftCursor(shiftCursor(value, by), -by)).toBe(Object.is(value, -0) ? 0 : value);
      }),
      { numRuns: 2000 },
    );
  });

  test("values backwards or forwards, and two values of a kind keep their order", () => {
    fc.assert(
      fc.property(movable, movable, ([value, by], [other]) => {
        const order = Math.sign(compareCursors(shiftCursor(value, by), value));
        if (Math.abs(by) >= 60 || Number.isInteger(by)) expect(order).toBe(Math.sign(by) + 0);
        if (typeof other !== typeof value || String(other).length !== String(value).length) return;
        if (String(other).replaceAll(/\d/g, "0") !== String(value).replaceAll(/\d/g, "0")) return;
        const moved = compareCursors(shiftCursor(value, by), shiftCursor(other, by));
        expect(moved).toBe(compareCursors(value, other));
      }),
      { numRuns: 2000 },
    );
  });

  test("outwards for a step that the form cannot represent, so that no row is missed", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), fc.double({ min: -50, max: 50, noNaN: true }), (value, by) => {
        const moved = shiftCursor(value, by) as number;
        if (by < 0) expect(moved).toBeLessThanOrEqual(value + by);
        else expect(moved).toBeGreaterThanOrEqual(value + by);
      }),
    );
  });
});
