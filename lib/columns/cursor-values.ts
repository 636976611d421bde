import { ConfigError } from "../errors/index.ts";
import type { Json } from "../json/index.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../time/durations.ts";
import { addDecimals, asDecimal, compareDecimals } from "./decimals.ts";
import { isRealDate, utcTimestamp } from "./types.ts";

const isNumeric = (value: Json): value is number | bigint => typeof value === "number" || typeof value === "bigint";

/** Returns a time as sortable text with nine digits after the second; a date counts as its midnight. */
const instantOf = (text: string): string | null => {
  if (isRealDate(text)) return `${text} 00:00:00.000000000`;
  const milliseconds = utcTimestamp(text);
  if (milliseconds === null) return null;
  const [, fraction = ""] = /[.,](\d+)/.exec(text) ?? [];
  return milliseconds + fraction.slice(3).padEnd(6, "0");
};

/** The most common form of times. Two of the same length can be compared as text, which is ten times as fast. */
const UTC_TIME = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,9})?Z$/;
const areAlike = (a: Json, b: Json): boolean =>
  typeof a === "string" && typeof b === "string" && a.length === b.length && UTC_TIME.test(a) && UTC_TIME.test(b);

const order = <Value extends string | number | bigint>(a: Value, b: Value): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether two cursor values have an order. A number and a string that is not a number have none. */
export const areComparable = (a: Json, b: Json): boolean =>
  (!isNumeric(a) && !isNumeric(b)) || (asDecimal(a) !== null && asDecimal(b) !== null);

/**
 * Compares two cursor values: times as instants, numbers exactly, everything else as text. Numbers in strings count as numbers,
 * because the state stores integers beyond 2^53 as strings, and a window stores all numbers as strings.
 *
 * @returns -1, 0 or 1.
 * @throws ConfigError for a number and a string that is not a number.
 */
export const compareCursors = (a: Json, b: Json): number => {
  if ((typeof a === "number" && typeof b === "number") || areAlike(a, b)) return order(a as string, b as string);
  const [x, y] = [asDecimal(a), asDecimal(b)];
  if (x !== null && y !== null) return compareDecimals(x, y);
  if (!areComparable(a, b)) {
    throw new ConfigError(
      `the cursor values ${JSON.stringify(String(a))} and ${JSON.stringify(String(b))} cannot be compared (one is a number, the other is not): write initial_value, end_value and the window in the form that the rows have. If the API has changed, start with refresh: "full"`,
    );
  }
  const [left, right] = [String(a), String(b)];
  return order(instantOf(left) ?? left, instantOf(right) ?? right);
};

const COMPACT_DATE = /^(\d{4})(\d{2})(\d{2})$/;
const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;
const TIME = /^(\d{4}-\d{2}-\d{2})([T ])(\d{2}:\d{2})(:\d{2})?([.,]\d{1,9})?(\s?)(Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** Returns the milliseconds that a time zone is ahead of UTC. */
const offsetOf = (zone: string): number => {
  const [, sign = "+", hours = "0", minutes = "0"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * MINUTE);
};

/** Returns `yyyy-MM-ddTHH:mm:ss.SSS`; null outside the years 0 to 9999. */
const isoOf = (milliseconds: number): string | null => {
  const iso = Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : "";
  return iso.length === "yyyy-MM-ddTHH:mm:ss.SSSZ".length ? iso.slice(0, -1) : null;
};

/** Moves a time and keeps its form: separators, digits and zone. */
const shiftTime = (value: string, utc: string, seconds: number): string | null => {
  const [, , separator = "T", , withSeconds, fraction = "", space = "", zone = ""] = TIME.exec(value) ?? [];
  const iso = isoOf(Date.parse(`${utc.replace(" ", "T")}Z`) + Math.round(seconds * SECOND) + offsetOf(zone));
  if (iso === null) return null;
  const [date = "", time = ""] = iso.split("T");
  const [clock = "", milliseconds = ""] = time.split(".");
  // Digits after the milliseconds do not change, because a lag has whole milliseconds.
  const digits =
    fraction === ""
      ? ""
      : fraction[0] + milliseconds.padEnd(fraction.length - 1, fraction.slice(4)).slice(0, fraction.length - 1);
  return `${date}${separator}${withSeconds === undefined ? clock.slice(0, 5) : clock}${digits}${space}${zone}`;
};

/** Rounds away from zero: half a day back becomes a day back, so that no row is missed. */
const roundOutwards = (by: number): number => (by < 0 ? Math.floor(by) : Math.ceil(by));

const shiftDate = (date: string, days: number): string | null =>
  isoOf(Date.parse(`${date}T00:00:00Z`) + roundOutwards(days) * DAY)?.slice(0, 10) ?? null;

/** Moves a string that is a date or time; undefined for any other string, null outside the calendar. */
const shiftText = (value: string, by: number): string | null | undefined => {
  const compact = COMPACT_DATE.exec(value)?.slice(1).join("-");
  if (compact !== undefined && isRealDate(compact)) return shiftDate(compact, by)?.replaceAll("-", "") ?? null;
  if (isRealDate(value)) return shiftDate(value, by);
  if (MONTH.test(value)) return isoOf(Date.parse(`${value}-01T00:00:00Z`) + by * SECOND)?.slice(0, 7) ?? null;
  const utc = utcTimestamp(value);
  return utc === null ? undefined : shiftTime(value, utc, by);
};

/** Moves a number. Integers stay integers (dlt). */
const shiftNumber = (value: string | number | bigint, by: number): Json | undefined => {
  const number = asDecimal(value);
  const step = asDecimal(number?.scale === 0 ? roundOutwards(by) : by);
  if (number === null || step === null) return undefined;
  const sum = addDecimals(number, step);
  // An integer beyond 2^53 becomes a string, as in the state.
  if (typeof value !== "number" || (number.scale === 0 && !Number.isSafeInteger(Number(sum)))) return sum;
  return Number(sum);
};

/**
 * Moves a cursor value by dlt's `lag`: seconds for a time, days for a date, otherwise a plain number. The value keeps its form
 * and resolution: a date with a lag of half a day becomes the day before.
 *
 * @param by negative moves back.
 * @throws ConfigError for any other value, and for a result outside the calendar.
 */
export const shiftCursor = (value: Json, by: number): Json => {
  if (by === 0) return value;
  const isText = typeof value === "string";
  const moved = isText ? shiftText(value, by) : undefined;
  if (moved === null) {
    throw new ConfigError(
      `lag moves the cursor value ${JSON.stringify(value)} out of the calendar: choose a smaller lag`,
    );
  }
  const shifted = moved ?? (isText || isNumeric(value) ? shiftNumber(value, by) : undefined);
  if (shifted !== undefined) return shifted;
  throw new ConfigError(
    `lag cannot move the cursor value ${JSON.stringify(value)} (neither a number nor a date nor an ISO 8601 time): remove lag, or choose another cursor_path`,
  );
};

/** A stored list of row hashes: see `lib/lake/row-hashes.ts`. */
export interface HashList {
  /** Hash of the list's content, and its name. */
  sha256: string;
  /** Number of row hashes in it. */
  count: number;
}

/** Progress of incremental loading: the highest value, and hashes of the rows that have exactly this value. */
export interface Cursor {
  value: Json;
  hashes: string[];
  /** Lists of more such hashes, which do not fit in here. */
  hash_lists?: HashList[];
  /** The cursor tracks the lowest value instead of the highest. */
  lowest?: true;
  /** Field that the cursor tracks. Values of another field are not comparable. */
  path?: string;
}
