import { ConfigError } from "../errors/index.ts";
import type { Json } from "../json/index.ts";
import { addDecimals, asDecimal, compareDecimals } from "./decimals.ts";
import { isRealDate, utcTimestamp } from "./types.ts";

const isNumeric = (value: Json): value is number | bigint => typeof value === "number" || typeof value === "bigint";

/** A time as text that sorts, with all of its nine digits behind the second; a date is its midnight. */
const instantOf = (text: string): string | null => {
  if (isRealDate(text)) return `${text} 00:00:00.000000000`;
  const milliseconds = utcTimestamp(text);
  if (milliseconds === null) return null;
  const [, fraction = ""] = /[.,](\d+)/.exec(text) ?? [];
  return milliseconds + fraction.slice(3).padEnd(6, "0");
};

/** The form that most APIs write times in: of one length it is in order as it is, which takes a tenth of the time. */
const UTC = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,9})?Z$/;
const areAlike = (a: Json, b: Json): boolean =>
  typeof a === "string" && typeof b === "string" && a.length === b.length && UTC.test(a) && UTC.test(b);

const order = <Value extends string | number | bigint>(a: Value, b: Value): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether two cursor values have an order: a number and a text that is none have not. */
export const areComparable = (a: Json, b: Json): boolean =>
  (!isNumeric(a) && !isNumeric(b)) || (asDecimal(a) !== null && asDecimal(b) !== null);

/**
 * Order of two cursor values: times as instants, numbers as numbers without losing a digit, the rest as text. Numbers are
 * compared as such also where they are text: a state holds integers beyond 2^53 so, and a window any.
 *
 * @returns -1, 0 or 1.
 * @throws ConfigError for a number and a text that is none.
 */
export const compareCursors = (a: Json, b: Json): number => {
  if ((typeof a === "number" && typeof b === "number") || areAlike(a, b)) return order(a as string, b as string);
  const [x, y] = [asDecimal(a), asDecimal(b)];
  if (x !== null && y !== null) return compareDecimals(x, y);
  if (!areComparable(a, b)) {
    throw new ConfigError(
      `the cursor values ${JSON.stringify(String(a))} and ${JSON.stringify(String(b))} cannot be compared: one is a number and the other is not. Write initial_value, end_value or the window as the rows have it; if the API has changed, start with refresh: "full"`,
    );
  }
  const [left, right] = [String(a), String(b)];
  return order(instantOf(left) ?? left, instantOf(right) ?? right);
};

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;
const COMPACT_DATE = /^(\d{4})(\d{2})(\d{2})$/;
const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;
const TIME = /^(\d{4}-\d{2}-\d{2})([T ])(\d{2}:\d{2})(:\d{2})?([.,]\d{1,9})?(\s?)(Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** Milliseconds that a zone is ahead of UTC. */
const offsetOf = (zone: string): number => {
  const [, sign = "+", hours = "0", minutes = "0"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60 * SECOND;
};

/** `yyyy-MM-ddTHH:mm:ss.SSS`, for what the calendar of four digits has. */
const isoOf = (milliseconds: number): string | null => {
  const iso = Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : "";
  return iso.length === "yyyy-MM-ddTHH:mm:ss.SSSZ".length ? iso.slice(0, -1) : null;
};

/** The instant that much later, written as the value is: same separators, same digits, same zone. */
const shiftTime = (value: string, utc: string, seconds: number): string | null => {
  const [, , separator = "T", , withSeconds, fraction = "", space = "", zone = ""] = TIME.exec(value) ?? [];
  const iso = isoOf(Date.parse(`${utc.replace(" ", "T")}Z`) + Math.round(seconds * SECOND) + offsetOf(zone));
  if (iso === null) return null;
  const [date = "", time = ""] = iso.split("T");
  const [clock = "", milliseconds = ""] = time.split(".");
  // Digits beyond milliseconds are as they were: a lag is whole milliseconds.
  const digits =
    fraction === ""
      ? ""
      : fraction[0] + milliseconds.padEnd(fraction.length - 1, fraction.slice(4)).slice(0, fraction.length - 1);
  return `${date}${separator}${withSeconds === undefined ? clock.slice(0, 5) : clock}${digits}${space}${zone}`;
};

/** Away from here: half a day back is a day back. It finds more rows than it must, never fewer. */
const outwards = (by: number): number => (by < 0 ? Math.floor(by) : Math.ceil(by));

const shiftDate = (date: string, days: number): string | null =>
  isoOf(Date.parse(`${date}T00:00:00Z`) + outwards(days) * DAY)?.slice(0, 10) ?? null;

/** A text that is some kind of time, that much later; undefined for any other, null where the calendar ends. */
const shiftText = (value: string, by: number): string | null | undefined => {
  const compact = COMPACT_DATE.exec(value)?.slice(1).join("-");
  if (compact !== undefined && isRealDate(compact)) return shiftDate(compact, by)?.replaceAll("-", "") ?? null;
  if (isRealDate(value)) return shiftDate(value, by);
  if (MONTH.test(value)) return isoOf(Date.parse(`${value}-01T00:00:00Z`) + by * SECOND)?.slice(0, 7) ?? null;
  const utc = utcTimestamp(value);
  return utc === null ? undefined : shiftTime(value, utc, by);
};

/** Integers stay integers (dlt). */
const shiftNumber = (value: string | number | bigint, by: number): Json | undefined => {
  const number = asDecimal(value);
  const step = asDecimal(number?.scale === 0 ? outwards(by) : by);
  if (number === null || step === null) return undefined;
  const sum = addDecimals(number, step);
  // An integer beyond 2^53 is text, as in a state.
  if (typeof value !== "number" || (number.scale === 0 && !Number.isSafeInteger(Number(sum)))) return sum;
  return Number(sum);
};

/**
 * A cursor value that much further: dlt's `lag` is seconds of a time, days of a date, else a number. The value keeps the
 * form that it has, and so its resolution: of a date with a lag of half a day it is the day before.
 *
 * @param by negative: back.
 * @throws ConfigError for a value that is none of these, and where the calendar ends.
 */
export const shiftCursor = (value: Json, by: number): Json => {
  if (by === 0) return value;
  const isText = typeof value === "string";
  const moved = isText ? shiftText(value, by) : undefined;
  if (moved === null) {
    throw new ConfigError(
      `lag moves the cursor value ${JSON.stringify(value)} out of the calendar: give a smaller one`,
    );
  }
  const shifted = moved ?? (isText || isNumeric(value) ? shiftNumber(value, by) : undefined);
  if (shifted !== undefined) return shifted;
  throw new ConfigError(
    `lag cannot move the cursor value ${JSON.stringify(value)}: it is neither a number nor a date nor an ISO 8601 time`,
  );
};

/** How far a cursor has come: its highest value, and hashes of the rows that have exactly this value. */
export interface Cursor {
  value: Json;
  hashes: string[];
  /** It follows the lowest value, not the highest. */
  lowest?: true;
  /** The field that it follows: another field's values say nothing about this one's. */
  path?: string;
}
