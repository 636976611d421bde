import { type Json, stringifyJson } from "../json/index.ts";

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const ISO_TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?$/;
/** What most APIs send, and of days that there are: all but the T and the Z is the answer already. */
const USUAL_TIMESTAMP =
  /^\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?Z$/;
const INTEGER = /^-?(0|[1-9]\d*)$/;
const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/** The types that a column of a table can have. */
export type DataType = "text" | "bigint" | "double" | "bool" | "timestamp" | "date" | "decimal" | "json";

/** A column's type: of a decimal, its digits in all and behind the point (dlt's hints, and dlt's defaults). */
export interface ColumnType {
  data_type: DataType;
  precision?: number;
  scale?: number;
}

/** No engine has decimals of more digits. */
export const MAX_PRECISION = 38;

/** The digits of a decimal column; dlt's where it does not say. */
export const decimalDigits = ({ precision = MAX_PRECISION, scale = 9 }: Omit<ColumnType, "data_type">) => ({
  precision,
  scale,
});

/** The value cannot be told in this type without loss: it goes to a column of its own. */
export const MISFIT = Symbol("misfit");

/** Whether the calendar has this `yyyy-MM-dd`: Date itself takes February 30th for March 2nd. */
export const isRealDate = (text: string): boolean => {
  const time = ISO_DATE.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
};

/**
 * UTC as `yyyy-MM-dd HH:mm:ss.SSS`, the one form that every JSON SerDe reads; null when it is no ISO 8601 time, or
 * none between the years 0 and 9999.
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

const asBigint = (value: Json): string | typeof MISFIT => {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value === 0 ? 0 : value) : MISFIT;
  if (typeof value === "string" && !INTEGER.test(value)) return MISFIT;
  if (typeof value !== "bigint" && typeof value !== "string") return MISFIT;
  const integer = BigInt(value);
  return integer >= INT64_MIN && integer <= INT64_MAX ? integer.toString() : MISFIT;
};

const asDouble = (value: Json): string | typeof MISFIT => {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : MISFIT;
  if (typeof value !== "string" || !DECIMAL.test(value)) return MISFIT;
  // A text is a number only if no digit gets lost on the way; the zeros at the end of 12.50 say nothing.
  return String(Number(value)) === value.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "") ? value : MISFIT;
};

/** A number without an exponent, such as 1e-7 as 0.0000001. */
const plainNumber = (value: number): string => {
  const [, sign = "", whole = "", fraction = "", exponent] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(String(value)) ?? [];
  if (exponent === undefined) return String(value);
  const shift = Number(exponent);
  const digits = shift < 0 ? whole.padStart(1 - shift, "0") + fraction : whole + fraction.padEnd(shift, "0");
  return shift < 0 ? `${sign}${digits.slice(0, 1)}.${digits.slice(1)}` : `${sign}${digits}`;
};

const asDecimal = (value: Json, type: ColumnType): string | typeof MISFIT => {
  const text = typeof value === "number" ? plainNumber(value) : typeof value === "bigint" ? String(value) : value;
  if (typeof text !== "string" || !DECIMAL.test(text)) return MISFIT;
  const { precision, scale } = decimalDigits(type);
  const [whole = "", fraction = ""] = text.replace("-", "").split(".");
  // A zero before the point is no digit, and those at the end of 12.50 say nothing.
  const wholeDigits = whole === "0" ? 0 : whole.length;
  return wholeDigits <= precision - scale && fraction.replace(/0+$/, "").length <= scale ? text : MISFIT;
};

const asDate = (value: Json): string | typeof MISFIT =>
  typeof value === "string" && isRealDate(value) ? value : MISFIT;

const asTimestamp = (value: Json): string | typeof MISFIT => {
  if (typeof value !== "string") return MISFIT;
  const isDate = value.length === "yyyy-MM-dd".length && isRealDate(value);
  const time = isDate ? `${value} 00:00:00.000` : utcTimestamp(value);
  return time ?? MISFIT;
};

/** Half a surrogate pair is no character: most readers refuse it, also where JSON text escapes it. */
const asJsonText = (value: Json): string => {
  const text = stringifyJson(value);
  if (!text.includes("\\ud")) return text;
  return text.replaceAll(/\\(u[0-9a-f]{4}|.)/g, (escaped, code: string) =>
    /^ud[89a-f]/.test(code) ? "\ufffd" : escaped,
  );
};

const asText = (value: Json): string | typeof MISFIT => {
  if (typeof value === "string") return value.toWellFormed();
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean" ? String(value) : MISFIT;
};

const ENCODERS: Record<DataType, (value: Json, type: ColumnType) => string | typeof MISFIT> = {
  text: asText,
  bigint: asBigint,
  double: asDouble,
  bool: (value) => (typeof value === "boolean" ? String(value) : MISFIT),
  timestamp: asTimestamp,
  date: asDate,
  decimal: asDecimal,
  json: asJsonText,
};

/**
 * A value (not null) in the one form that its column's type has, as text: what parts of any format are written from. MISFIT
 * when it cannot be told without loss. A list or an object in a json column is JSON text.
 */
export const encode = (value: Json, type: ColumnType): string | typeof MISFIT => ENCODERS[type.data_type](value, type);

/** The type of a column whose first value (not null) this is; as in dlt, text is a timestamp only in ISO form. */
export const inferType = (value: Json): DataType => {
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      if (value >= INT64_MIN && value <= INT64_MAX) return "bigint";
      return asDecimal(value, { data_type: "decimal" }) === MISFIT ? "text" : "decimal";
    case "number":
      return Number.isInteger(value) ? (Number.isSafeInteger(value) ? "bigint" : "double") : "double";
    case "string":
      return utcTimestamp(value) === null ? "text" : "timestamp";
    default:
      return "json";
  }
};
