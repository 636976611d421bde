import { type Json, stringifyJson } from "../json/index.ts";

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const ISO_TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?$/;
/** The most common form of timestamps, with existing days only. It is converted by dropping the T and the Z. */
const USUAL_TIMESTAMP =
  /^\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?Z$/;
const INTEGER = /^-?(0|[1-9]\d*)$/;
const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?$/;

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

const asBigint = (value: Json): string | typeof NOT_REPRESENTABLE => {
  if (typeof value === "number")
    return Number.isSafeInteger(value) ? String(value === 0 ? 0 : value) : NOT_REPRESENTABLE;
  if (typeof value === "string" && !INTEGER.test(value)) return NOT_REPRESENTABLE;
  if (typeof value !== "bigint" && typeof value !== "string") return NOT_REPRESENTABLE;
  const integer = BigInt(value);
  return integer >= INT64_MIN && integer <= INT64_MAX ? integer.toString() : NOT_REPRESENTABLE;
};

const asDouble = (value: Json): string | typeof NOT_REPRESENTABLE => {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : NOT_REPRESENTABLE;
  if (typeof value !== "string" || !DECIMAL.test(value)) return NOT_REPRESENTABLE;
  // A string counts as a number only if no digit gets lost. The trailing zeros of 12.50 do not count.
  return String(Number(value)) === value.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "") ? value : NOT_REPRESENTABLE;
};

/** Returns a number without an exponent: 1e-7 as 0.0000001. */
const plainNumber = (value: number): string => {
  const [, sign = "", whole = "", fraction = "", exponent] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(String(value)) ?? [];
  if (exponent === undefined) return String(value);
  const shift = Number(exponent);
  const digits = shift < 0 ? whole.padStart(1 - shift, "0") + fraction : whole + fraction.padEnd(shift, "0");
  return shift < 0 ? `${sign}${digits.slice(0, 1)}.${digits.slice(1)}` : `${sign}${digits}`;
};

const asDecimal = (value: Json, type: ColumnType): string | typeof NOT_REPRESENTABLE => {
  const text = typeof value === "number" ? plainNumber(value) : typeof value === "bigint" ? String(value) : value;
  if (typeof text !== "string" || !DECIMAL.test(text)) return NOT_REPRESENTABLE;
  const { precision, scale } = decimalDigits(type);
  const [whole = "", fraction = ""] = text.replace("-", "").split(".");
  // Neither a zero before the point nor the trailing zeros of 12.50 count as digits.
  const wholeDigits = whole === "0" ? 0 : whole.length;
  return wholeDigits <= precision - scale && fraction.replace(/0+$/, "").length <= scale ? text : NOT_REPRESENTABLE;
};

const asDate = (value: Json): string | typeof NOT_REPRESENTABLE =>
  typeof value === "string" && isRealDate(value) ? value : NOT_REPRESENTABLE;

const asTimestamp = (value: Json): string | typeof NOT_REPRESENTABLE => {
  if (typeof value !== "string") return NOT_REPRESENTABLE;
  const isDate = value.length === "yyyy-MM-dd".length && isRealDate(value);
  const time = isDate ? `${value} 00:00:00.000` : utcTimestamp(value);
  return time ?? NOT_REPRESENTABLE;
};

/** Replaces lone surrogates, which most readers reject, also where JSON text escapes them. */
const asJsonText = (value: Json): string => {
  const text = stringifyJson(value);
  if (!text.includes("\\ud")) return text;
  return text.replaceAll(/\\(u[0-9a-f]{4}|.)/g, (escaped, code: string) =>
    /^ud[89a-f]/.test(code) ? "\ufffd" : escaped,
  );
};

const asText = (value: Json): string | typeof NOT_REPRESENTABLE => {
  if (typeof value === "string") return value.toWellFormed();
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
    ? String(value)
    : NOT_REPRESENTABLE;
};

const ENCODERS: Record<DataType, (value: Json, type: ColumnType) => string | typeof NOT_REPRESENTABLE> = {
  text: asText,
  bigint: asBigint,
  double: asDouble,
  bool: (value) => (typeof value === "boolean" ? String(value) : NOT_REPRESENTABLE),
  timestamp: asTimestamp,
  date: asDate,
  decimal: asDecimal,
  json: asJsonText,
};

/**
 * Returns a value (not null) as text in the form of its column's type. Parts of every format are written from this text. In a
 * json column it is JSON.
 *
 * @returns NOT_REPRESENTABLE when the type cannot represent the value without loss.
 */
export const encode = (value: Json, type: ColumnType): string | typeof NOT_REPRESENTABLE =>
  ENCODERS[type.data_type](value, type);

/** Whether an integer, given as text, has more digits than a double can hold. */
export const isBeyondDouble = (integer: string): boolean =>
  integer.length > 15 && !Number.isSafeInteger(Number(integer));

/** Returns the type of a column from its first value (not null). As in dlt, a string is a timestamp only in ISO form. */
export const inferType = (value: Json): DataType => {
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      if (value >= INT64_MIN && value <= INT64_MAX) return "bigint";
      return asDecimal(value, { data_type: "decimal" }) === NOT_REPRESENTABLE ? "text" : "decimal";
    case "number":
      return Number.isInteger(value) ? (Number.isSafeInteger(value) ? "bigint" : "double") : "double";
    case "string":
      return utcTimestamp(value) === null ? "text" : "timestamp";
    default:
      return "json";
  }
};
