import { NumberLiteral } from "../json/literals.ts";
import { convert } from "./conversions.ts";
import { type Decimal, decimalText, MAX_NUMBER_LENGTH, parseDecimal } from "./decimals.ts";
import { jsonTextOf } from "./json-text.ts";
import { withoutTrailingZeros } from "./trailing.ts";
import {
  type ColumnType,
  type ColumnValue,
  type DataType,
  decimalDigits,
  isInt64,
  isRealDate,
  NOT_REPRESENTABLE,
  timeIn,
} from "./types.ts";

const INTEGER = /^-?(0|[1-9]\d*)$/;
const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?$/;
const INT64_LENGTH = "-9223372036854775808".length;

type Encoded = string | typeof NOT_REPRESENTABLE;

/** A number in a value that is not text, as text. */
const numberText = (value: ColumnValue): string | null => {
  if (value instanceof NumberLiteral) return value.text;
  return typeof value === "number" || typeof value === "bigint" ? String(value) : null;
};

const asBigint = (value: ColumnValue): Encoded => {
  if (value instanceof NumberLiteral) return asBigint(Number(value.text));
  if (typeof value === "number")
    return Number.isSafeInteger(value) ? String(value === 0 ? 0 : value) : NOT_REPRESENTABLE;
  if (typeof value === "string" && (value.length > INT64_LENGTH || !INTEGER.test(value))) return NOT_REPRESENTABLE;
  if (typeof value !== "bigint" && typeof value !== "string") return NOT_REPRESENTABLE;
  const integer = BigInt(value);
  return isInt64(integer) ? integer.toString() : NOT_REPRESENTABLE;
};

/** Returns the text of a number without trailing zeros after its point, and without a point at its end. */
const shortest = (text: string): string => {
  if (!text.includes(".")) return text;
  const short = withoutTrailingZeros(text);
  return short.endsWith(".") ? short.slice(0, -1) : short;
};

const asDouble = (value: ColumnValue): Encoded => {
  if (value instanceof NumberLiteral) return String(Number(value.text));
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : NOT_REPRESENTABLE;
  if (typeof value !== "string" || value.length > MAX_NUMBER_LENGTH || !DECIMAL.test(value)) return NOT_REPRESENTABLE;
  // A string counts as a number only if no digit gets lost. The trailing zeros of 12.50 do not count.
  return String(Number(value)) === shortest(value) ? value : NOT_REPRESENTABLE;
};

/** Whether a decimal column has enough digits. Neither a zero before the point nor the trailing zeros of 12.50 count. */
const fits = (text: string, type: ColumnType): boolean => {
  const { precision, scale } = decimalDigits(type);
  const [whole = "", fraction = ""] = text.replace("-", "").split(".");
  const wholeDigits = whole === "0" ? 0 : whole.length;
  return wholeDigits <= precision - scale && withoutTrailingZeros(fraction).length <= scale;
};

const asDecimal = (value: ColumnValue, type: ColumnType): Encoded => {
  const number = numberText(value);
  const decimal: Decimal | null = number === null ? null : parseDecimal(number);
  const text = decimal === null ? value : decimalText(decimal);
  if (typeof text !== "string" || text.length > MAX_NUMBER_LENGTH || !DECIMAL.test(text)) return NOT_REPRESENTABLE;
  return fits(text, type) ? text : NOT_REPRESENTABLE;
};

const asDate = (value: ColumnValue): Encoded =>
  typeof value === "string" && isRealDate(value) ? value : NOT_REPRESENTABLE;

const asTimestamp = (value: ColumnValue): Encoded => {
  if (typeof value !== "string") return NOT_REPRESENTABLE;
  const isDate = value.length === "yyyy-MM-dd".length && isRealDate(value);
  const time = isDate ? `${value} 00:00:00.000` : timeIn(value);
  return time ?? NOT_REPRESENTABLE;
};

const asText = (value: ColumnValue): Encoded => {
  if (typeof value === "string") return value.toWellFormed();
  return typeof value === "boolean" ? String(value) : (numberText(value) ?? NOT_REPRESENTABLE);
};

const ENCODERS: Record<DataType, (value: ColumnValue, type: ColumnType) => Encoded> = {
  text: asText,
  bigint: asBigint,
  double: asDouble,
  bool: (value) => (typeof value === "boolean" ? String(value) : NOT_REPRESENTABLE),
  timestamp: asTimestamp,
  date: asDate,
  decimal: asDecimal,
  json: jsonTextOf,
};

/**
 * Returns a value (not null) as text in the form of its column's type. Parts of every format are written from this text. In a
 * json column it is JSON. Where the config declares the type, a value of another type is converted as dlt does: see `convert`.
 *
 * @returns NOT_REPRESENTABLE when the type cannot represent the value without loss.
 */
export const encode = (value: ColumnValue, type: ColumnType & { declared?: boolean }): Encoded => {
  const encoder = ENCODERS[type.data_type];
  if (!type.declared) return encoder(value, type);
  if (type.data_type === "json") return encoder(convert(value, "json") ?? value, type);
  const exact = encoder(value, type);
  if (exact !== NOT_REPRESENTABLE) return exact;
  const converted = convert(value, type.data_type);
  return converted === undefined ? NOT_REPRESENTABLE : encoder(converted, type);
};
