import fc from "fast-check";
import { expect, test } from "vitest";
import { encode } from "../../lib/columns/encode.ts";
import { type DataType, inferType, NOT_REPRESENTABLE, utcTimestamp } from "../../lib/columns/types.ts";
import { canonicalJson, isJsonObject, type Json, stringifyJson } from "../../lib/json/index.ts";
import { parseJson } from "../../lib/json/parse.ts";
import { sampleSize } from "../size.ts";

const TYPES: DataType[] = ["text", "bigint", "double", "bool", "timestamp", "date", "decimal", "json"];

const TRICKY = [
  "2024-02-29",
  "2024-02-30",
  "2024-02-29T00:00:00+01:00",
  "12.50",
  "-0",
  "-0.0",
  "1e5",
  "\ud800",
  "\\ud800",
  "9007199254740993",
  "9223372036854775808",
];

const double = fc.double({ noNaN: true, noDefaultInfinity: true });

const anyValue = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.boolean(),
    fc.bigInt(),
    fc.integer(),
    double,
    fc.string({ unit: "binary" }),
    fc.constantFrom(...TRICKY),
    fc.bigInt().map(String),
    double.map(String),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 3 }),
  ),
})).value;

/** Any JSON value except null, as an API sends it. */
const received = anyValue.map((value) => parseJson(stringifyJson(value)));

const wellFormed = (value: Json): Json => {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toWellFormed(), wellFormed(inner)]));
};

/** Returns sign, digits and power of ten of a number's text, so that 12.50 equals 12.5 and 1e3 equals 1000. */
const digitsOf = (text: string): string => {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text) ?? [];
  const all = (whole + fraction).replace(/^0+/, "");
  const digits = all.replace(/0+$/, "");
  return digits === "" ? "0" : `${sign}${digits}e${Number(exponent) - fraction.length + all.length - digits.length}`;
};

/** Types whose cells are strings; the other types have numbers and booleans. */
const TEXTS: DataType[] = ["text", "timestamp", "date", "json"];

test("an encoded value parses as JSON, has the type of its column, and loses no digit", () => {
  fc.assert(
    fc.property(received, fc.constantFrom(...TYPES), (value, type) => {
      const text = encode(value, { data_type: type });
      if (typeof text !== "string") return;
      const read = TEXTS.includes(type) ? text : parseJson(text);
      switch (type) {
        case "bigint":
        case "double":
        case "decimal":
          expect(["number", "bigint"]).toContain(typeof read);
          expect(digitsOf(text)).toBe(digitsOf(String(value)));
          break;
        case "bool":
          expect(read).toBe(value);
          break;
        case "text":
          expect(read).toBe(typeof value === "string" ? value.toWellFormed() : String(value));
          break;
        case "timestamp":
          expect(read).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
          break;
        case "date":
          expect(read).toBe(value);
          break;
        case "json":
          expect(canonicalJson(parseJson(read as string))).toBe(canonicalJson(wellFormed(value)));
      }
    }),
    { numRuns: sampleSize({ quick: 500, full: 3000 }) },
  );
});

test("a column can represent the value that its type was inferred from", () => {
  fc.assert(
    fc.property(received, (value) => {
      expect(encode(value, { data_type: inferType(value) })).not.toBe(NOT_REPRESENTABLE);
    }),
    { numRuns: sampleSize({ quick: 200, full: 1000 }) },
  );
});

test("a timestamp in the common form is the instant that Date computes, and never a day that does not exist", () => {
  const two = (most: number) => fc.integer({ min: 0, max: most }).map((value) => String(value).padStart(2, "0"));
  const text = fc
    .tuple(
      fc.integer({ min: 1000, max: 9999 }),
      two(13),
      two(32),
      two(24),
      two(60),
      two(60),
      fc.constantFrom("", ".000", ".987"),
    )
    .map(
      ([year, month, day, hour, minute, second, fraction]) =>
        `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}Z`,
    );
  fc.assert(
    fc.property(text, (given) => {
      const time = Date.parse(given);
      // Date reads February 30th as March 2nd, and 24:00 as the next day.
      const isReal = !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === given.slice(0, 10);
      const expected = isReal ? new Date(time).toISOString().replace("T", " ").slice(0, -1) : null;
      if (given.slice(11, 13) !== "24") expect(utcTimestamp(given)).toBe(expected);
    }),
    { numRuns: sampleSize({ quick: 500, full: 5000 }) },
  );
});
