import { DAY, HOUR, MINUTE, SECOND } from "../time/durations.ts";

/** Number formats by digits after the decimal point. Creating one takes longer than everything else on a page. */
const formats = new Map<number, Intl.NumberFormat>();

/** Formats a number with thousands separators: `1,234.5`. */
export const formatNumber = (value: number, digits = 0): string => {
  const format =
    formats.get(digits) ??
    new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  formats.set(digits, format);
  return format.format(value);
};

/** Formats a number with its noun: `1 row`, `2 rows`. */
export const formatCount = (value: number, one: string, many = `${one}s`): string =>
  `${formatNumber(value)} ${value === 1 ? one : many}`;

/** Formats a difference with its sign; `±0` for no difference. */
export const formatDifference = (value: number): string =>
  value === 0 ? "±0" : `${value > 0 ? "+" : "−"}${formatNumber(Math.abs(value))}`;

/** Formats a duration with its two largest units: `2 min 5 s`. Below ten seconds it has tenths of a second. */
export const formatDuration = (seconds: number): string => {
  if (seconds > 0 && seconds < 0.05) return "< 0.1 s";
  if (seconds < 9.95) return `${formatNumber(seconds, Number.isInteger(Math.round(seconds * 10) / 10) ? 0 : 1)} s`;
  const duration = Math.round(seconds) * SECOND;
  const units: [number, string][] = [
    [Math.floor(duration / DAY), "d"],
    [Math.floor((duration % DAY) / HOUR), "h"],
    [Math.floor((duration % HOUR) / MINUTE), "min"],
    [Math.floor((duration % MINUTE) / SECOND), "s"],
  ];
  const first = units.findIndex(([count]) => count > 0);
  return units
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${formatNumber(count)} ${unit}`)
    .join(" ");
};

const BYTE_UNITS = ["bytes", "kB", "MB", "GB", "TB"];

/** Formats a size in decimal units: `1.2 MB` is 1,200,000 bytes. */
export const formatBytes = (bytes: number): string => {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${formatNumber(value, unit > 0 && value < 99.95 ? 1 : 0)} ${BYTE_UNITS[unit]}`;
};

/** Formats an amount in US dollars. Amounts below one dollar have four decimal places, because most runs cost less than a cent. */
export const formatDollars = (dollars: number): string => {
  if (dollars > 0 && dollars < 0.00005) return "< $0.0001";
  return `$${formatNumber(dollars, dollars < 1 ? 4 : 2)}`;
};

/**
 * Formats a time in UTC: `2026-11-20 03:00:05`.
 *
 * @param time ISO 8601, or milliseconds since 1970.
 */
export const formatTime = (time: string | number): string =>
  new Date(time).toISOString().slice(0, 19).replace("T", " ");
