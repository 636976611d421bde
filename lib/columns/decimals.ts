import type { Json } from "../json/index.ts";

/** An exact number: `units` times ten to the power of minus `scale`. */
export interface Decimal {
  units: bigint;
  scale: number;
}

/** Maximum length of text that is read as a number. A double has at most 309 digits before its point. */
export const MAX_NUMBER_LENGTH = 400;

const NUMERIC_TEXT = /^-?(0|[1-9]\d*)(\.\d+)?$/;
const PARTS = /^(-?\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Returns the number in a value, or in a string without an exponent or leading zeros; null for anything else. */
export const asDecimal = (value: Json): Decimal | null => {
  if (typeof value === "bigint") return { units: value, scale: 0 };
  const isNumeric = typeof value === "string" && value.length <= MAX_NUMBER_LENGTH && NUMERIC_TEXT.test(value);
  return typeof value === "number" || isNumeric ? parseDecimal(String(value)) : null;
};

/** Returns the number in a JSON literal; null for other text, and for one that would have too many digits. */
export const parseDecimal = (literal: string): Decimal | null => {
  if (literal.length > MAX_NUMBER_LENGTH) return null;
  const [, whole, fraction = "", exponent = "0"] = PARTS.exec(literal) ?? [];
  if (whole === undefined || Math.abs(Number(exponent)) > MAX_NUMBER_LENGTH) return null;
  const scale = fraction.length - Number(exponent);
  const units = BigInt(whole + fraction);
  return scale < 0 ? { units: units * 10n ** BigInt(-scale), scale: 0 } : { units, scale };
};

/** Returns a decimal as text, without an exponent and with `scale` digits after the point. */
export const decimalText = ({ units, scale }: Decimal): string => {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale);
  return `${units < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
};

const unitsAt = ({ units, scale }: Decimal, target: number): bigint => units * 10n ** BigInt(target - scale);

/** Compares two decimals: -1, 0 or 1. */
export const compareDecimals = (a: Decimal, b: Decimal): number => {
  const scale = Math.max(a.scale, b.scale);
  const [left, right] = [unitsAt(a, scale), unitsAt(b, scale)];
  return left < right ? -1 : left > right ? 1 : 0;
};

/** Returns the sum as text, with as many digits after the point as the first number has, or more where they are required. */
export const addDecimals = (a: Decimal, b: Decimal): string => {
  let scale = Math.max(a.scale, b.scale);
  let units = unitsAt(a, scale) + unitsAt(b, scale);
  for (; scale > a.scale && units % 10n === 0n; scale--) units /= 10n;
  return decimalText({ units, scale });
};
