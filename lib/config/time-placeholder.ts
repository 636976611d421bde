import { writeTime } from "../columns/time-format.ts";
import { unknownToken } from "../columns/time-tokens.ts";
import { ConfigError } from "../errors/index.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../time/durations.ts";

/** `{run.opened_at}` or `{now}`, with an offset and a format: `{run.opened_at-30d:%Y-%m-%d}`. */
export interface TimePlaceholder {
  time: "run.opened_at" | "now";
  /** Milliseconds. */
  offset: number;
  /** strptime format; null for ISO 8601. */
  format: string | null;
  /** The placeholder as the config has it. */
  source: string;
}

/** The times that placeholders name, in milliseconds since 1970. */
export interface Times {
  opened_at: number;
  now: number;
}

/** Units of offsets in milliseconds. */
const UNITS: Record<string, number> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };

/** With it, every time is in the years 0 to 9999, which all formats can represent. */
const MAX_OFFSET = 1000 * 365 * DAY;

const TIME = /^\{(run\.opened_at|now)(?: *([+-]) *(\d+(?:\.\d+)?)([smhdw]))?(?::([^{}]*%[^{}]*))?\}/;
/** The beginning of a time that is not one as a whole. `{now: x}` is GraphQL. */
const MALFORMED = /^\{ *(?:run *\. *opened_?at\b|now *(?:[+-] *\d|:[^{}]*%))[^{}]*\}?/i;

/** How a time is written, for errors. */
const TIME_SYNTAX = "{run.opened_at-30d:%Y-%m-%d}, with an offset in s, m, h, d or w";

/**
 * Returns the time placeholder at the beginning of a string; null if there is none.
 *
 * @throws ConfigError for a malformed offset or format.
 */
export const leadingTime = (rest: string): TimePlaceholder | null => {
  const match = TIME.exec(rest);
  if (match === null) {
    const [malformed] = MALFORMED.exec(rest) ?? [];
    if (malformed === undefined) return null;
    throw new ConfigError(`invalid placeholder ${malformed}: write ${TIME_SYNTAX}`);
  }
  const [source, time, sign, amount = "0", unit = "s", format = null] = match;
  const token = format === null ? null : unknownToken(format);
  if (token !== null) throw new ConfigError(`invalid placeholder ${source}: ${token}`);
  const offset = Math.round(Number(amount) * (UNITS[unit] as number));
  if (offset > MAX_OFFSET) throw new ConfigError(`offset of more than 1000 years in ${source}: use a smaller one`);
  return {
    time: time as TimePlaceholder["time"],
    offset: sign === "-" ? -offset : offset,
    format,
    source: source as string,
  };
};

/**
 * Returns the value of a time placeholder: ISO 8601 in UTC, or text in its format; a number for an epoch, `%s`, `%ms` or `%us`.
 */
export const timeValue = ({ time, offset, format }: TimePlaceholder, times: Times): string | number => {
  const milliseconds = (time === "now" ? times.now : times.opened_at) + offset;
  if (format === null) return new Date(milliseconds).toISOString();
  const text = writeTime(format, milliseconds);
  return /^%(s|ms|us)$/.test(format) ? Number(text) : text;
};
