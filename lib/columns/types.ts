import type { Json } from "../json/index.ts";
import { NumberLiteral } from "../json/literals.ts";

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const ISO_TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?$/;
/** The most common form of timestamps, with existing days only. It is converted by dropping the T and the Z. */
const USUAL_TIMESTAMP =
  /^\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?Z$/;
/** ISO 8601 without separators, or without minutes. */
const SHORT_TIMESTAMP =
  /^(\d{4})(?:-(\d\d)-(\d\d)[T ](\d\d)|(\d\d)(\d\d)[T ](\d\d)(?:(\d\d)(?:(\d\d)([.,]\d{1,9})?)?)?)(Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** Types of a table's columns. */
export const DATA_TYPES = ["text", "bigint", "double", "bool", "timestamp", "date", "decimal", "json"] as const;

export type DataType = (typeof DATA_TYPES)[number];

/** Type of a column. `precision` (all digits) and `scale` (digits after the point) belong to decimals, as in dlt. */
export interface ColumnType {
  data_type: DataType;
  precision?: number;
  scale?: number;
}

/** Maximum number of digits of a decimal in query engines. */
export const MAX_PRECISION = 38;

/** Returns the digits of a decimal column, with dlt's defaults. */
export const decimalDigits = ({ precision = MAX_PRECISION, scale = 9 }: Omit<ColumnType, "data_type">) => ({
  precision,
  scale,
});

/** A value of a flattened row: a number keeps its literal where a double would lose something. */
export type ColumnValue = Json | NumberLiteral;

/** Stands for a value that a type cannot represent without loss. It goes to a variant column. */
export const NOT_REPRESENTABLE = Symbol("not representable");

/** Whether a string is an existing day as `yyyy-MM-dd`. `Date` alone would read February 30th as March 2nd. */
export const isRealDate = (text: string): boolean => {
  const time = ISO_DATE.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
};

/**
 * Returns an ISO 8601 time in UTC as `yyyy-MM-dd HH:mm:ss.SSS`, the form that every JSON SerDe reads.
 *
 * @returns null for other text, and for years outside 0 to 9999.
 */
export const utcTimestamp = (text: string): string | null => {
  if (USUAL_TIMESTAMP.test(text)) {
    const [date, time] = [text.slice(0, 10), text.slice(11, -1)];
    return time.length === "HH:mm:ss".length ? `${date} ${time}.000` : `${date} ${time}`;
  }
  const match = ISO_TIMESTAMP.exec(text);
  if (match === null) return null;
  const [, date = "", minutes, seconds = "00", fraction = "", zone = "Z"] = match;
  const offset = zone === "Z" ? "Z" : zone.length === 3 ? `${zone}:00` : zone.replace(/^(...)(\d\d)$/, "$1:$2");
  const time = Date.parse(`${date}T${minutes}:${seconds}.${fraction.slice(0, 3).padEnd(3, "0")}${offset}`);
  if (Number.isNaN(time) || (date.slice(8) > "28" && !isRealDate(date))) return null;
  const utc = new Date(time).toISOString();
  return utc.length === "yyyy-MM-ddTHH:mm:ss.SSSZ".length ? utc.replace("T", " ").slice(0, -1) : null;
};

/**
 * Returns the time in a string as `yyyy-MM-dd HH:mm:ss.SSS` in UTC, if dlt reads it as a timestamp too: ISO 8601 with a date and
 * a time, also as `20240101T100000Z` and `2024-01-01T10`. null for anything else.
 */
export const timeIn = (text: string): string | null => {
  const time = utcTimestamp(text);
  if (time !== null || text.length < "yyyyMMddTHH".length) return time;
  const match = SHORT_TIMESTAMP.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, compactMonth, compactDay, compactHour, minutes, seconds, fraction, zone] = match;
  const date = `${year}-${month ?? compactMonth}-${day ?? compactDay}`;
  const clock = `${hour ?? compactHour}:${minutes ?? "00"}:${seconds ?? "00"}${fraction ?? ""}`;
  return utcTimestamp(`${date}T${clock}${zone ?? ""}`);
};

/** Whether an integer, given as text, has more digits than a double can hold. */
export const isBeyondDouble = (integer: string): boolean =>
  integer.length > 15 && !Number.isSafeInteger(Number(integer));

/** Whether an integer fits into 64 bits. */
export const isInt64 = (value: bigint): boolean => value >= INT64_MIN && value <= INT64_MAX;

const digitsOf = (value: bigint): number => String(value < 0n ? -value : value).length;

/** Returns the type of a column from its first value (not null). As in dlt, a string is a timestamp only in ISO form. */
export const inferType = (value: ColumnValue): DataType => {
  if (value instanceof NumberLiteral) return "double";
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint": {
      if (isInt64(value)) return "bigint";
      const { precision, scale } = decimalDigits({});
      return digitsOf(value) <= precision - scale ? "decimal" : "text";
    }
    case "number":
      return Number.isInteger(value) ? (Number.isSafeInteger(value) ? "bigint" : "double") : "double";
    case "string":
      return timeIn(value) === null ? "text" : "timestamp";
    default:
      return "json";
  }
};
