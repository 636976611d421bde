/** Maximum Retry-After: seconds of a leap year. A longer one is ignored as invalid. */
const MAX_RETRY_AFTER = 366 * 24 * 60 * 60;

/** The three forms of an HTTP date (RFC 9110, 5.6.7). Date.parse alone finds a year in any text: "soon 2027". */
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;
const RFC_850_DATE = /^[A-Z][a-z]+, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/;
const ASCTIME_DATE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/** Returns the milliseconds since 1970 of an HTTP date, or NaN. */
const parseHttpDate = (text: string): number => {
  if (IMF_FIXDATE.test(text) || RFC_850_DATE.test(text)) return Date.parse(text);
  return ASCTIME_DATE.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
};

/**
 * Returns the seconds of a `Retry-After` header, which is a number or an HTTP date (RFC 9110, 10.2.3).
 *
 * @param now milliseconds since 1970, for dates.
 * @returns null when the header is absent, in the past or invalid.
 */
export const parseRetryAfter = (header: string | null, now: number): number | null => {
  const text = header?.trim() ?? "";
  if (text === "") return null;
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : (parseHttpDate(text) - now) / 1000;
  return seconds >= 0 && seconds <= MAX_RETRY_AFTER ? seconds : null;
};

/**
 * Returns the seconds to wait before the next attempt: `max(min_retry_after, Retry-After, backoff)`, where the backoff is
 * `backoff_factor ** attempt` with full jitter.
 *
 * @param attempt 1 for the wait after the first failure.
 */
export const retryWait = (
  handler: { backoff_factor: number; min_retry_after: number },
  attempt: number,
  retryAfter: number | null,
  random: () => number,
): number => Math.max(handler.min_retry_after, retryAfter ?? 0, random() * handler.backoff_factor ** attempt);
