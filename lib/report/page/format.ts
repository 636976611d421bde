import { type Html, html } from "./html.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** By digits behind the point: to make one takes longer than all that a page does with it. */
const formats = new Map<number, Intl.NumberFormat>();

/** With thousands separators. */
export const numberText = (value: number, digits = 0): string => {
  const format =
    formats.get(digits) ??
    new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  formats.set(digits, format);
  return format.format(value);
};

/** `1 row`, `2 rows`. */
export const countText = (value: number, one: string, many = `${one}s`): string =>
  `${numberText(value)} ${value === 1 ? one : many}`;

/** With its sign; `±0` for no difference. */
export const differenceText = (value: number): string =>
  value === 0 ? "±0" : `${value > 0 ? "+" : "−"}${numberText(Math.abs(value))}`;

/** `2 min 5 s`: the two largest units that say something, and tenths of a second only below ten. */
export const durationText = (seconds: number): string => {
  if (seconds > 0 && seconds < 0.05) return "< 0.1 s";
  if (seconds < 9.95) return `${numberText(seconds, Number.isInteger(Math.round(seconds * 10) / 10) ? 0 : 1)} s`;
  const whole = Math.round(seconds) * SECOND;
  const units: [number, string][] = [
    [Math.floor(whole / DAY), "d"],
    [Math.floor((whole % DAY) / HOUR), "h"],
    [Math.floor((whole % HOUR) / MINUTE), "min"],
    [Math.floor((whole % MINUTE) / SECOND), "s"],
  ];
  const first = units.findIndex(([count]) => count > 0);
  return units
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${numberText(count)} ${unit}`)
    .join(" ");
};

/** `1.2 MB`, in powers of a thousand. */
export const bytesText = (bytes: number): string => {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${numberText(value, unit > 0 && value < 99.95 ? 1 : 0)} ${units[unit]}`;
};

/** Less than a dollar is told to a hundredth of a cent: a run costs little. */
export const dollarText = (dollars: number): string => {
  if (dollars > 0 && dollars < 0.00005) return "< $0.0001";
  return `$${numberText(dollars, dollars < 1 ? 4 : 2)}`;
};

/** `2026-11-20 03:00:05`, in UTC. */
export const timeText = (time: string): string => new Date(time).toISOString().slice(0, 19).replace("T", " ");

/** A moment in UTC, for people and for programs; the zone is told unless a heading tells it. */
export const moment = (time: string, zone = " UTC"): Html =>
  html`<time datetime="${new Date(time).toISOString()}">${timeText(time)}${zone}</time>`;
