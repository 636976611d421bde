import { ConfigError } from "../errors/index.ts";
import type { Json } from "../json/index.ts";
import { DAY, SECOND } from "../time/durations.ts";
import { addDecimals, asDecimal, compareDecimals } from "./decimals.ts";
import { sortableTime, timeFormat } from "./time-format.ts";
import { timeFormOf } from "./time-forms.ts";
import { isRealDate, utcTimestamp } from "./types.ts";

/** Formats of times in text; null: forms that are certain are recognised; empty: text is compared as text. */
export type CursorFormats = readonly string[] | null;

const isNumeric = (value: Json): value is number | bigint => typeof value === "number" || typeof value === "bigint";
const quoted = (value: Json): string => JSON.stringify(String(value));

/** Dates without a day have the order of their text, and so do order numbers that look like them. */
const MONTH = "%Y-%m";

const formatError = (text: string, formats: string[]): ConfigError => {
  const suggestions = formats.map((format) => JSON.stringify([format])).join(" or ");
  return new ConfigError(
    `the time ${quoted(text)} has a form that can be read in several ways: set cursor_datetime_formats of the incremental to ${suggestions}, or to [] to compare the values as text`,
  );
};

/** A string as a time: sortable text with nine digits after the second, null for other strings, or the formats that it may have. */
type Recognised = string | null | { formats: string[] };

const recogniseAnew = (text: string): Recognised => {
  if (isRealDate(text)) return `${text} 00:00:00.000000000`;
  const milliseconds = utcTimestamp(text);
  if (milliseconds !== null) {
    const [, fraction = ""] = /[.,](\d+)/.exec(text) ?? [];
    return milliseconds + fraction.slice(3).padEnd(6, "0");
  }
  const form = timeFormOf(text);
  if (form === null || form.formats[0] === MONTH) return null;
  const time = timeFormat(form.formats[0] as string).parse(text);
  return form.isCertain ? time && sortableTime(time) : { formats: form.formats };
};

const MAX_REMEMBERED = 1000;
const remembered = new Map<string, Recognised>();

/** Recognises a string. The cursor that rows are compared with is parsed once. */
const recognise = (text: string): Recognised => {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const result = recogniseAnew(text);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(text, result);
  return result;
};

/** @throws ConfigError for a time whose form is not certain. */
const timeIn = (text: string): string | null => {
  const result = recognise(text);
  if (typeof result === "string" || result === null) return result;
  throw formatError(text, result.formats);
};

/** @throws ConfigError for a value that none of the formats reads. */
const timeBy = (value: Json, formats: readonly string[]): string => {
  const text = String(value);
  for (const format of formats) {
    const time = timeFormat(format).parse(text);
    const sortable = time && sortableTime(time);
    if (sortable !== null) return sortable;
  }
  const recognised = typeof value === "string" ? recognise(text) : null;
  if (typeof recognised === "string") return recognised;
  throw new ConfigError(
    `the cursor value ${quoted(value)} has none of the cursor_datetime_formats ${JSON.stringify(formats)}: add its format. If the formats or the API have changed, start with refresh: "full"`,
  );
};

/** The most common form of times. Two of the same length can be compared as text, which is ten times as fast. */
const UTC_TIME = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,9})?Z$/;
const areAlike = (a: Json, b: Json): boolean =>
  typeof a === "string" && typeof b === "string" && a.length === b.length && UTC_TIME.test(a) && UTC_TIME.test(b);

const order = <Value extends string | number | bigint>(a: Value, b: Value): number => (a < b ? -1 : a > b ? 1 : 0);

const notComparable = (a: Json, b: Json, kind: string): ConfigError =>
  new ConfigError(
    `the cursor values ${quoted(a)} and ${quoted(b)} cannot be compared (one is a ${kind}, the other is not): write initial_value, end_value and the window in the form that the rows have. If the API has changed, start with refresh: "full"`,
  );

const NUMBERS = /\d+/g;
/** Letters between digits, as in an id such as `b1c22`, which is not a number. */
const MIXED = /\d[a-z]+\d/i;

/** Compares integers as text without leading zeros, in linear time. */
const integerOrder = (a: string, b: string): number => order(a.length, b.length) || order(a, b);

/**
 * Compares the numbers in two strings that differ in nothing else.
 *
 * @returns null for other strings, for ids such as `b1c22`, and where a number begins with a zero: numbers of a fixed length have
 * their order as text.
 */
const numberedOrder = (a: string, b: string): number | null => {
  if (MIXED.test(a) || a.replaceAll(NUMBERS, "#") !== b.replaceAll(NUMBERS, "#")) return null;
  const [numbers, others] = [a.match(NUMBERS) ?? [], b.match(NUMBERS) ?? []];
  if ([...numbers, ...others].some((digits) => digits.length > 1 && digits.startsWith("0"))) return null;
  const at = numbers.findIndex((digits, index) => digits !== others[index]);
  return at === -1 ? 0 : integerOrder(numbers[at] as string, others[at] as string);
};

/**
 * Compares two strings that are not times.
 *
 * @throws ConfigError where the order of the text is not that of the numbers in it: as text, `ORD-10` and `v1.10` come before `ORD-9` and `v1.9`.
 */
const textOrder = (a: string, b: string): number => {
  const result = order(a, b);
  const numbered = numberedOrder(a, b);
  if (numbered === null || numbered === result) return result;
  throw new ConfigError(
    `the cursor values ${quoted(a)} and ${quoted(b)} have another order as text than as numbers: choose another cursor_path, or set cursor_datetime_formats of the incremental to [] to compare the values as text`,
  );
};

/**
 * Compares two cursor values: times as instants, numbers exactly, everything else as text. Numbers in strings count as numbers,
 * because the state stores integers beyond 2^53 as strings, and a window stores all numbers as strings.
 *
 * @returns -1, 0 or 1.
 * @throws ConfigError for values of two kinds, and, without formats, for times whose form, and for strings whose order, is not certain.
 */
export const compareCursors = (a: Json, b: Json, formats: CursorFormats = null): number => {
  if (formats !== null && formats.length > 0) return order(timeBy(a, formats), timeBy(b, formats));
  if ((typeof a === "number" && typeof b === "number") || areAlike(a, b)) return order(a as string, b as string);
  const [x, y] = [asDecimal(a), asDecimal(b)];
  if (x !== null && y !== null) return compareDecimals(x, y);
  if (isNumeric(a) || isNumeric(b)) throw notComparable(a, b, "number");
  const [left, right] = [String(a), String(b)];
  if (formats !== null) return order(left, right);
  const [one, other] = [timeIn(left), timeIn(right)];
  if ((one === null) !== (other === null)) throw notComparable(a, b, "time");
  return one === null || other === null ? textOrder(left, right) : order(one, other);
};

/** Whether two cursor values have an order: they are of one kind, and their form is certain. */
export const areComparable = (a: Json, b: Json, formats: CursorFormats = null): boolean => {
  try {
    compareCursors(a, b, formats);
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
};

/** @throws ConfigError for a cursor value that cannot be ordered: a time whose form is not certain, or has none of the formats. */
export const checkCursor = (value: Json, formats: CursorFormats = null): void => {
  compareCursors(value, value, formats);
};

/** Whether a value can be ordered without formats. */
export const isCertain = (value: Json): boolean => areComparable(value, value);

/** Rounds away from zero: half a day back becomes a day back, so that no row is missed. */
const roundOutwards = (by: number): number => (by < 0 ? Math.floor(by) : Math.ceil(by));

/** Returns the format that reads a string; null if it is not a time. */
const formatOf = (text: string, formats: CursorFormats): string | null => {
  const given = formats?.find((format) => timeFormat(format).parse(text) !== null);
  if (given !== undefined || formats?.length === 0) return given ?? null;
  const form = timeFormOf(text);
  if (form === null || (form.isCertain && timeFormat(form.formats[0] as string).parse(text) === null)) return null;
  if (!form.isCertain) throw formatError(text, form.formats);
  return form.formats[0] as string;
};

/** Moves a string that is a date or time; undefined for any other strings, null outside the calendar. */
const shiftTime = (text: string, by: number, formats: CursorFormats): string | null | undefined => {
  const format = formatOf(text, formats);
  if (format === null) return undefined;
  const { hasClock, hasDay, move } = timeFormat(format);
  return move(text, hasDay && !hasClock ? roundOutwards(by) * DAY : by * SECOND);
};

/** Moves a number. Integers stay integers (dlt). */
const shiftNumber = (value: string | number | bigint, by: number): Json | undefined => {
  const number = asDecimal(value);
  const step = asDecimal(number?.scale === 0 ? roundOutwards(by) : by);
  if (number === null || step === null) return undefined;
  return asNumber(addDecimals(number, step), value);
};

/** Returns a number as the type of the value that it comes from. An integer beyond 2^53 becomes a string, as in the state. */
const asNumber = (text: string, from: Json): Json =>
  typeof from !== "number" || (!text.includes(".") && !Number.isSafeInteger(Number(text))) ? text : Number(text);

/**
 * Moves a cursor value by dlt's `lag`: seconds for a time, days for a date, otherwise a plain number. The value keeps its form
 * and resolution: a date with a lag of half a day becomes the day before.
 *
 * @param by negative moves back.
 * @throws ConfigError for any other value, and for a result outside the calendar.
 */
export const shiftCursor = (value: Json, by: number, formats: CursorFormats = null): Json => {
  if (by === 0) return value;
  const isTime = typeof value === "string" || (isNumeric(value) && formats !== null);
  const moved = isTime ? shiftTime(String(value), by, formats) : undefined;
  if (moved === null) {
    throw new ConfigError(`lag moves the cursor value ${quoted(value)} out of the calendar: choose a smaller lag`);
  }
  if (moved !== undefined) return asNumber(moved, value);
  const shifted = typeof value === "string" || isNumeric(value) ? shiftNumber(value, by) : undefined;
  if (shifted !== undefined) return shifted;
  throw new ConfigError(
    `lag cannot move the cursor value ${JSON.stringify(value)} (neither a number nor a date nor a time): remove lag, or choose another cursor_path`,
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
  /** `cursor_datetime_formats` of the config; missing for none. */
  formats?: string[];
}
