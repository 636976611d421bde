import { describe, expect, test } from "vitest";
import { encode } from "../../lib/columns/encode.ts";
import { type ColumnValue, type DataType, inferType, NOT_REPRESENTABLE, timeIn } from "../../lib/columns/types.ts";
import { NumberLiteral } from "../../lib/json/literals.ts";

const literal = (text: string) => new NumberLiteral(text);

describe("a declared type converts values as dlt does (null stands for not representable)", () => {
  const table: Partial<Record<DataType, [ColumnValue, string | null][]>> = {
    text: [
      [[1, "a"], '[1,"a"]'],
      [{ a: 9007199254740993n }, '{"a":9007199254740993}'],
      [{ "\ud800": "a\udc00" }, '{"\ufffd":"a\ufffd"}'],
      [literal("10.0"), "10.0"],
    ],
    bigint: [
      [" 5 ", "5"],
      ["+5", "5"],
      ["007", "7"],
      ["0x1F", "31"],
      [literal("5.0"), "5"],
      [literal("1e18"), "1000000000000000000"],
      [literal("9007199254740993.0"), "9007199254740993"],
      ["5.0", null],
      ["5.", null],
      ["1e3", null],
      ["1,000", null],
      ["", null],
      [5.5, null],
      [true, null],
      ["9223372036854775808", null],
    ],
    double: [
      [" 5.50 ", "5.5"],
      ["1e3", "1000"],
      [".5", "0.5"],
      ["5.", "5"],
      ["-0x1f", null],
      ["0x1f", "31"],
      ["0.1234567890123456789", "0.12345678901234568"],
      [9007199254740993n, "9007199254740992"],
      ["1e400", null],
      ["nan", null],
      ["e5", null],
      ["1,5", null],
      [true, null],
    ],
    decimal: [
      [literal("1234567890.123456789"), "1234567890.123456789"],
      [literal("12345678901234567890.5"), "12345678901234567890.5"],
      [literal("1.5e3"), "1500"],
      ["1e-7", "0.0000001"],
      ["+007.50", "7.50"],
      [" .5", "0.5"],
      ["1e400", null],
      ["inf", null],
      [true, null],
    ],
    bool: [
      ["true", "true"],
      ["True", "true"],
      ["YES", "true"],
      ["y", "true"],
      ["t", "true"],
      ["1", "true"],
      ["false", "false"],
      ["no", "false"],
      ["N", "false"],
      ["f", "false"],
      ["0", "false"],
      [0, "false"],
      [1, "true"],
      [2, "true"],
      [-1, "true"],
      [0n, "false"],
      [literal("0.0"), "false"],
      ["on", null],
      ["2", null],
      [" true ", null],
      ["", null],
      [[], null],
    ],
    timestamp: [
      [0, "1970-01-01 00:00:00.000"],
      [-1, "1969-12-31 23:59:59.000"],
      [1700000000, "2023-11-14 22:13:20.000"],
      [1700000000.123456, "2023-11-14 22:13:20.123"],
      [-0.0005, "1969-12-31 23:59:59.999"],
      [1700000000123, "2023-11-14 22:13:20.123"],
      [1700000000123456, "2023-11-14 22:13:20.123"],
      [1700000000123456789n, "2023-11-14 22:13:20.123"],
      [literal("1.7e9"), "2023-11-14 22:13:20.000"],
      [253402300799, "9999-12-31 23:59:59.000"],
      [253402300799999, "9999-12-31 23:59:59.999"],
      ["1700000000", "2023-11-14 22:13:20.000"],
      ["1700000000.5", "2023-11-14 22:13:20.500"],
      ["20240131T101500Z", "2024-01-31 10:15:00.000"],
      ["2024/01/31 10:15", "2024-01-31 10:15:00.000"],
      ["20240131", "2024-01-31 00:00:00.000"],
      [20240131, "2024-01-31 00:00:00.000"],
      ["2024-01", "2024-01-01 00:00:00.000"],
      ["2024", "2024-01-01 00:00:00.000"],
      ["20240131101500", null],
      ["31/01/2024", null],
      ["10:00", null],
      ["0x1f", null],
      [10n ** 21n, null],
      [true, null],
    ],
    date: [
      [1700000000, "2023-11-14"],
      [1700000000123, "2023-11-14"],
      [20240131, "2024-01-31"],
      ["20240131", "2024-01-31"],
      ["2024-01-01T23:00:00-05:00", "2024-01-02"],
      ["20240131T101500Z", "2024-01-31"],
      ["yesterday", null],
    ],
    json: [
      ['{"a":[1.0,9007199254740993]}', '{"a":[1.0,9007199254740993]}'],
      [" [1]", "[1]"],
      ["{a}", '"{a}"'],
      ["5", '"5"'],
      ["null", '"null"'],
    ],
  };
  for (const [type, values] of Object.entries(table) as [DataType, [ColumnValue, string | null][]][]) {
    test.each(values)(`${type} for %s`, (value, cell) => {
      expect(encode(value, { data_type: type, declared: true })).toBe(cell ?? NOT_REPRESENTABLE);
    });
  }
});

test("a type that is inferred converts nothing", () => {
  expect(encode("yes", { data_type: "bool" })).toBe(NOT_REPRESENTABLE);
  expect(encode(1700000000, { data_type: "timestamp" })).toBe(NOT_REPRESENTABLE);
  expect(encode("007", { data_type: "bigint" })).toBe(NOT_REPRESENTABLE);
  expect(encode('{"a":1}', { data_type: "json" })).toBe('"{\\"a\\":1}"');
});

test.each(["10.0", "1e3", "-0.0"])("a column whose first value is %s is a double", (text) => {
  expect(inferType(literal(text))).toBe("double");
});

describe("times without separators", () => {
  test.each([
    ["20240131T101500Z", "2024-01-31 10:15:00.000"],
    ["20240131T101500.123456Z", "2024-01-31 10:15:00.123"],
    ["20240131T1015+0200", "2024-01-31 08:15:00.000"],
    ["20240131T10", "2024-01-31 10:00:00.000"],
    ["20240131 101500", "2024-01-31 10:15:00.000"],
    ["2024-01-31T10Z", "2024-01-31 10:00:00.000"],
  ])("%s is a timestamp", (text, time) => {
    expect(timeIn(text)).toBe(time);
    expect(inferType(text)).toBe("timestamp");
  });

  test.each(["20240230T101500Z", "20240131T256000Z", "20240131", "20240131101500", "2024-01-31T1015Z", "12:00"])(
    "%s is text",
    (text) => {
      expect(inferType(text)).toBe("text");
    },
  );
});
