import type { Json } from "../json/index.ts";

/** An exact number: `units` times ten to the power of minus `scale`. */
export interface Decimal {
  units: bigint;
  scale: number;
}

const NUMERIC_TEXT = /^-?(0|[1-9]\d*)(\.\d+)?$/;
const PARTS = /^(-?\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/** Returns the number in a value, or in a string without an exponent or leading zeros; null for anything else. */
export const asDecimal = (value: Json): Decimal | null => {
  if (typeof value === "bigint") return { units: value, scale: 0 };
  if (typeof value !== "number" && (typeof value !== "string" || !NUMERIC_TEXT.test(value))) return null;
  const [, whole, fraction = "", exponent = "0"] = PARTS.exec(String(value)) ?? [];
  if (whole === undefined) return null;
  const scale = fraction.length - Number(exponent);
  const units = BigInt(whole + fraction);
  return scale < 0 ? { units: units * 10n ** BigInt(-scale), scale: 0 } : { units, scale };
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
  const scale = Math.max(a.scale, b.scale);
  const sum = unitsAt(a, scale) + unitsAt(b, scale);
  const digits = String(sum < 0n ? -sum : sum).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  let fraction = digits.slice(digits.length - scale);
  while (fraction.length > a.scale && fraction.endsWith("0")) fraction = fraction.slice(0, -1);
  return `${sum < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
};
