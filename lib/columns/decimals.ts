import type { Json } from "../json/index.ts";

/** A number without a rounding error: `units` times ten to the power of minus `scale`. */
export interface Decimal {
  units: bigint;
  scale: number;
}

const TEXT = /^-?(0|[1-9]\d*)(\.\d+)?$/;
const PARTS = /^(-?\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/** The number that a value is, or that a text writes without an exponent or leading zeros; null for all else. */
export const asDecimal = (value: Json): Decimal | null => {
  if (typeof value === "bigint") return { units: value, scale: 0 };
  if (typeof value !== "number" && (typeof value !== "string" || !TEXT.test(value))) return null;
  const [, whole, fraction = "", exponent = "0"] = PARTS.exec(String(value)) ?? [];
  if (whole === undefined) return null;
  const scale = fraction.length - Number(exponent);
  const units = BigInt(whole + fraction);
  return scale < 0 ? { units: units * 10n ** BigInt(-scale), scale: 0 } : { units, scale };
};

const unitsAt = ({ units, scale }: Decimal, wanted: number): bigint => units * 10n ** BigInt(wanted - scale);

/** -1, 0 or 1. */
export const compareDecimals = (a: Decimal, b: Decimal): number => {
  const scale = Math.max(a.scale, b.scale);
  const [left, right] = [unitsAt(a, scale), unitsAt(b, scale)];
  return left < right ? -1 : left > right ? 1 : 0;
};

/** The sum as text, with as many digits behind the point as the first one has, or more where it needs them. */
export const addDecimals = (a: Decimal, b: Decimal): string => {
  const scale = Math.max(a.scale, b.scale);
  const sum = unitsAt(a, scale) + unitsAt(b, scale);
  const digits = String(sum < 0n ? -sum : sum).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  let fraction = digits.slice(digits.length - scale);
  while (fraction.length > a.scale && fraction.endsWith("0")) fraction = fraction.slice(0, -1);
  return `${sum < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
};
