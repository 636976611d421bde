import { NumberLiteral } from "../json/literals.ts";
import { parseJson } from "../json/parse.ts";
import { type Decimal, MAX_NUMBER_LENGTH, parseDecimal } from "./decimals.ts";
import { jsonTextOf } from "./json-text.ts";
import { type ColumnValue, type DataType, isRealDate, timeIn } from "./types.ts";

const TRUE = new Set(["true", "t", "yes", "y", "1"]);
const FALSE = new Set(["false", "f", "no", "n", "0"]);

const INTEGER = /^(?:[+-]?\d+|0x[\da-f]+)$/i;
const HEXADECIMAL = /^0x[\da-f]+$/i;
const NUMBER = /^([+-]?)(?=\.?\d)0*(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;

/** Returns the number in a string as a JSON literal, from all forms that Python reads; undefined for anything else. */
const literalIn = (text: string): string | undefined => {
  const number = text.trim();
  if (number.length > MAX_NUMBER_LENGTH) return undefined;
  if (HEXADECIMAL.test(number)) return String(BigInt(number));
  const [, sign, whole, fraction, exponent] = NUMBER.exec(number) ?? [];
  if (whole === undefined) return undefined;
  return `${sign === "-" ? "-" : ""}${whole || "0"}${fraction ? `.${fraction}` : ""}${exponent ? `e${exponent}` : ""}`;
};

/** Returns the number in a value as a JSON literal; undefined for other values. */
const numberIn = (value: ColumnValue): string | undefined => {
  if (value instanceof NumberLiteral) return value.text;
  if (typeof value === "string") return literalIn(value);
  return typeof value === "number" || typeof value === "bigint" ? String(value) : undefined;
};

const toBool = (value: ColumnValue): boolean | undefined => {
  if (typeof value !== "string") {
    const number = numberIn(value);
    return number === undefined ? undefined : Number(number) !== 0;
  }
  const word = value.length > "false".length ? "" : value.toLowerCase();
  return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined;
};

/** Text must be an integer, as in dlt; a number may be written as 5.0. */
const toBigint = (value: ColumnValue): bigint | undefined => {
  const literal = numberIn(value);
  if (literal === undefined || (typeof value === "string" && !INTEGER.test(value.trim()))) return undefined;
  const decimal = parseDecimal(literal);
  if (decimal === null) return undefined;
  const one = 10n ** BigInt(decimal.scale);
  return decimal.units % one === 0n ? decimal.units / one : undefined;
};

/** Returns the nearest double, because the config declares one. */
const toDouble = (value: ColumnValue): number | undefined => {
  const number = Number(numberIn(value));
  return Number.isFinite(number) ? number : undefined;
};

const toDecimal = (value: ColumnValue): NumberLiteral | undefined => {
  const literal = numberIn(value);
  return literal === undefined ? undefined : new NumberLiteral(literal);
};

/** Units of epoch numbers, by their number per second: seconds, milliseconds, microseconds, nanoseconds. */
const UNITS = [1, 1e3, 1e6, 1e9];
/** Seconds of the year 5138. Larger numbers have another unit. */
const MAX_SECONDS = 1e11;
/** Begin and end of December 31st, 9999, which stands for "never". */
const LAST_DAY = [253_402_214_400, 253_402_300_800] as const;

const isInUnit = (number: number, perSecond: number): boolean =>
  number < MAX_SECONDS * perSecond || (number >= LAST_DAY[0] * perSecond && number < LAST_DAY[1] * perSecond);

const floorDivide = (a: bigint, b: bigint): bigint => (a >= 0n ? a / b : -((-a + b - 1n) / b));

/** Returns the time of a number since 1970: seconds, milliseconds, microseconds or nanoseconds, by its magnitude. */
const epochTime = ({ units, scale }: Decimal): string | undefined => {
  const one = 10n ** BigInt(scale);
  const magnitude = Math.abs(Number(units) / Number(one));
  const perSecond = UNITS.find((unit) => isInUnit(magnitude, unit));
  if (perSecond === undefined) return undefined;
  const milliseconds = floorDivide(units * 1000n, one * BigInt(perSecond));
  const iso = new Date(Number(milliseconds)).toISOString();
  return iso.length === "yyyy-MM-ddTHH:mm:ss.SSSZ".length ? iso : undefined;
};

/** A date as text: `2024-01-31`, `2024/01/31`, `20240131`, `2024-01` or `2024`. */
const DATE = /^(\d{4})(?:([-/]?)(\d\d)\2(\d\d)|-(\d\d))?$/;

/** Returns the day of a date, as `yyyy-MM-dd`; undefined for other text. */
const dayIn = (text: string): string | undefined => {
  const [, year, , month, day, only] = DATE.exec(text) ?? [];
  const date = `${year}-${month ?? only ?? "01"}-${day ?? "01"}`;
  return year !== undefined && isRealDate(date) ? date : undefined;
};

/** Numbers that are read as days, such as 20240131: as seconds since 1970, they would all be in August 1970. */
const isDayNumber = (literal: string): boolean => /^(?:19|20)\d{6}$/.test(literal) && dayIn(literal) !== undefined;

const toTimestamp = (value: ColumnValue): string | undefined => {
  const text = typeof value === "string" ? value : undefined;
  const time = text === undefined ? undefined : (dayIn(text) ?? timeIn(text.replaceAll("/", "-")));
  if (time != null) return time;
  const literal = text !== undefined && HEXADECIMAL.test(text.trim()) ? undefined : numberIn(value);
  if (literal === undefined) return undefined;
  if (isDayNumber(literal)) return dayIn(literal);
  // Text of 14 digits is more often yyyyMMddHHmmss than milliseconds.
  const decimal = text !== undefined && /^\d{14}$/.test(literal) ? null : parseDecimal(literal);
  return decimal === null ? undefined : epochTime(decimal);
};

/** Returns the day in UTC. */
const toDate = (value: ColumnValue): string | undefined => toTimestamp(value)?.slice(0, "yyyy-MM-dd".length);

/** Reads text that is a JSON object or list. Other text stays a string. */
const toJson = (value: ColumnValue): ColumnValue | undefined => {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return undefined;
  try {
    return parseJson(value);
  } catch {
    return undefined;
  }
};

/** Objects and lists become JSON text. */
const toText = (value: ColumnValue): string | undefined =>
  typeof value === "object" && !(value instanceof NumberLiteral) ? jsonTextOf(value) : undefined;

const CONVERSIONS: Record<DataType, (value: ColumnValue) => ColumnValue | undefined> = {
  text: toText,
  bigint: toBigint,
  double: toDouble,
  bool: toBool,
  timestamp: toTimestamp,
  date: toDate,
  decimal: toDecimal,
  json: toJson,
};

/**
 * Converts a value (not null) to the type that the config declares for its column, as dlt does: words and numbers to bool,
 * numeric text to numbers, epoch numbers and dates to times, text with JSON to json. Different from dlt, the unit of an epoch
 * number follows from its magnitude, and a number such as 20240131 is a day.
 *
 * @returns undefined where there is no conversion.
 */
export const convert = (value: ColumnValue, type: DataType): ColumnValue | undefined => CONVERSIONS[type](value);
