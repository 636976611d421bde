import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encode } from "../../lib/columns/encode.ts";
import { type DataType, inferType, NOT_REPRESENTABLE, utcTimestamp } from "../../lib/columns/types.ts";
import type { Json } from "../../lib/json/index.ts";

const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;

describe("encode (null stands for not representable)", () => {
  const table: Record<DataType, [Json, string | null][]> = {
    text: [
      ["", '""'],
      ['say "ü"\n', '"say \\"ü\\"\\n"'],
      ["half \ud83d pair", '"half \ufffd pair"'],
      ["😀", '"😀"'],
      ["\u0000", '"\\u0000"'],
      [5, '"5"'],
      [-0, '"0"'],
      [1e21, '"1e+21"'],
      [9007199254740993n, '"9007199254740993"'],
      [true, '"true"'],
      [[], null],
      [{}, null],
    ],
    bigint: [
      [0, "0"],
      [-0, "0"],
      [1e3, "1000"],
      [9007199254740991, "9007199254740991"],
      [9007199254740993n, "9007199254740993"],
      [INT64_MAX, "9223372036854775807"],
      [INT64_MIN, "-9223372036854775808"],
      [INT64_MAX + 1n, null],
      [INT64_MIN - 1n, null],
      ["9223372036854775807", "9223372036854775807"],
      ["9223372036854775808", null],
      ["-12", "-12"],
      ["-0", "0"],
      ["007", null],
      ["+1", null],
      ["1.0", null],
      ["", null],
      [" 1", null],
      ["0x10", null],
      [1.5, null],
      [1e21, null],
      [true, null],
      [[1], null],
    ],
    double: [
      [0, "0"],
      [-0, "0"],
      [1.5, "1.5"],
      [1e21, "1e+21"],
      [5e-324, "5e-324"],
      [Number.POSITIVE_INFINITY, null],
      [Number.NaN, null],
      [9007199254740993n, null],
      ["1.5", "1.5"],
      ["12.50", "12.50"],
      ["100.00", "100.00"],
      ["100", "100"],
      ["0.1234567890123456789", null],
      ["9007199254740993", null],
      ["1e5", null],
      [".5", null],
      ["1.", null],
      ["1,5", null],
      ["", null],
      ["NaN", null],
      ["Infinity", null],
      [true, null],
      [{}, null],
    ],
    bool: [
      [true, "true"],
      [false, "false"],
      [0, null],
      [1, null],
      ["true", null],
      [[], null],
    ],
    timestamp: [
      ["2024-02-29T12:34:56.789Z", '"2024-02-29 12:34:56.789"'],
      ["2024-02-29T23:30:00-02:00", '"2024-03-01 01:30:00.000"'],
      ["2024-03-01T00:15+05:45", '"2024-02-29 18:30:00.000"'],
      ["2024-01-01 10:00:00", '"2024-01-01 10:00:00.000"'],
      ["2024-02-29", '"2024-02-29 00:00:00.000"'],
      ["2023-02-29", null],
      ["2023-02-29T00:00:00Z", null],
      ["2024-13-01", null],
      ["yesterday", null],
      [1704067200, null],
      [true, null],
    ],
    date: [
      ["2024-02-29", '"2024-02-29"'],
      ["2000-02-29", '"2000-02-29"'],
      ["1900-02-29", null],
      ["2023-02-29", null],
      ["2024-04-31", null],
      ["2024-13-01", null],
      ["2024-00-10", null],
      ["2024-01-00", null],
      ["2024-01-32", null],
      ["2024-1-1", null],
      ["2024-01-01T00:00:00Z", null],
      [20240101, null],
    ],
    decimal: [
      ["12.30", "12.30"],
      ["-0.000000001", "-0.000000001"],
      ["-0.0000000010", "-0.0000000010"],
      ["-0.0000000001", null],
      ["99999999999999999999999999999.999999999", "99999999999999999999999999999.999999999"],
      ["100000000000000000000000000000", null],
      [-(10n ** 29n) + 1n, "-99999999999999999999999999999"],
      [10n ** 29n, null],
      ["12345678901234567890.123456789", "12345678901234567890.123456789"],
      [18446744073709551616n, "18446744073709551616"],
      [1.1, "1.1"],
      [0.0000001, "0.0000001"],
      [-1.5e-7, "-0.00000015"],
      [1e21, "1000000000000000000000"],
      [1.25e21, "1250000000000000000000"],
      [Number.POSITIVE_INFINITY, null],
      ["1e5", null],
      ["1_000", null],
      ["", null],
      [true, null],
    ],
    json: [
      [[1, "a", null], '"[1,\\"a\\",null]"'],
      [{ a: { b: 12345678901234567890n } }, '"{\\"a\\":{\\"b\\":12345678901234567890}}"'],
      ["text", '"\\"text\\""'],
      [5, '"5"'],
      [true, '"true"'],
      [["half \ud83d", "\\ud83d", "😀"], '"[\\"half \ufffd\\",\\"\\\\\\\\ud83d\\",\\"😀\\"]"'],
      [{ "\udc00": 1 }, '"{\\"\ufffd\\":1}"'],
    ],
  };
  for (const [type, values] of Object.entries(table) as [DataType, [Json, string | null][]][]) {
    test.each(values)(`${type} for %s`, (value, text) => {
      // The table of cases has strings as JSON.
      const cell = text?.startsWith('"') ? JSON.parse(text) : text;
      expect(encode(value, { data_type: type })).toBe(cell ?? NOT_REPRESENTABLE);
    });
  }
});

describe("utcTimestamp", () => {
  test.each([
    ["2024-01-01T00:00:00Z", "2024-01-01 00:00:00.000"],
    ["2024-01-01T00:00Z", "2024-01-01 00:00:00.000"],
    ["2024-01-01T00:00:00,5Z", "2024-01-01 00:00:00.500"],
    ["2024-01-01T00:00:00.123456789Z", "2024-01-01 00:00:00.123"],
    ["2024-01-01T00:00:00+02", "2023-12-31 22:00:00.000"],
    ["2024-01-01T00:00:00+0230", "2023-12-31 21:30:00.000"],
    ["2024-01-01 00:00:00 +02:00", "2023-12-31 22:00:00.000"],
    ["2024-01-01T24:00:00Z", "2024-01-02 00:00:00.000"],
    ["2024-12-31T23:59:59.999-00:01", "2025-01-01 00:00:59.999"],
    ["0001-01-01T00:00:00Z", "0001-01-01 00:00:00.000"],
  ])("converts %s to UTC with milliseconds", (text, utc) => {
    expect(utcTimestamp(text)).toBe(utc);
  });

  test.each([
    "2024-02-30T00:00:00Z",
    "2023-02-29T10:00Z",
    "2024-04-31T00:00:00+01:00",
    "2024-13-01T00:00:00Z",
    "2024-01-01T25:00:00Z",
    "2024-01-01T00:60:00Z",
    "2024-06-30T23:59:60Z",
    "2024-01-01T00:00:00+24:00",
    "9999-12-31T23:59:59-01:00",
    "0000-01-01T00:00:00+01:00",
    "+012024-01-01T00:00:00Z",
    "2024-01-01",
    "2024-W01-1T00:00:00Z",
    "2024-01-01T00:00:00ZZ",
    "Mon, 01 Jan 2024 00:00:00 GMT",
    "",
  ])("rejects %j instead of moving it to an existing day", (text) => {
    expect(utcTimestamp(text)).toBeNull();
    expect(inferType(text)).toBe("text");
  });

  test("returns the same instant for every time between the years 0 and 9999, whatever its offset", () => {
    const instant = fc.date({
      min: new Date("0001-01-01T00:00:00Z"),
      max: new Date("9998-12-31T00:00:00Z"),
      noInvalidDate: true,
    });
    const offset = fc.integer({ min: -14 * 60, max: 14 * 60 });
    fc.assert(
      fc.property(instant, offset, (time, minutes) => {
        const local = new Date(time.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        const size = Math.abs(minutes);
        const zone = [Math.floor(size / 60), size % 60].map((part) => String(part).padStart(2, "0")).join(":");
        const utc = utcTimestamp(`${local}${minutes < 0 ? "-" : "+"}${zone}`);
        expect(utc).toBe(time.toISOString().replace("T", " ").slice(0, -1));
      }),
    );
  });
});

test.each<[Json, DataType]>([
  [true, "bool"],
  [0, "bigint"],
  [9007199254740993n, "bigint"],
  [INT64_MAX, "bigint"],
  [INT64_MAX + 1n, "decimal"],
  [1.5, "double"],
  [1e21, "double"],
  ["", "text"],
  ["12", "text"],
  ["2024-01-01", "text"],
  ["2024-01-01T00:00:00Z", "timestamp"],
  [[], "json"],
  [{}, "json"],
])("a column whose first value is %s has the type %s", (value, type) => {
  expect(inferType(value)).toBe(type);
});
