/** Retry-After over a year is garbage, not a wait. */
const LONGEST_SANE_SECONDS = 366 * 24 * 60 * 60;

/**
 * Seconds that a `Retry-After` header asks for: a number, or an HTTP date (RFC 9110, 10.2.3).
 *
 * @param now milliseconds since 1970, for dates.
 * @returns null when the header is absent, past or garbage.
 */
export const parseRetryAfter = (header: string | null, now: number): number | null => {
  const text = header?.trim() ?? "";
  if (text === "") return null;
  const seconds = /^\d+(\.\d+)?$/.test(text)
    ? Number(text)
    : /^[A-Za-z]{3}/.test(text)
      ? (Date.parse(text) - now) / 1000
      : Number.NaN;
  return seconds >= 0 && seconds <= LONGEST_SANE_SECONDS ? seconds : null;
};

/**
 * Seconds to wait before the next attempt: `max(min_retry_after, Retry-After, backoff)`, where the backoff is
 * `backoff_factor ** attempt` with full jitter (DESIGN 7).
 *
 * @param attempt 1 for the wait after the first failure.
 */
export const retryWait = (
  handler: { backoff_factor: number; min_retry_after: number },
  attempt: number,
  retryAfter: number | null,
  random: () => number,
): number => Math.max(handler.min_retry_after, retryAfter ?? 0, random() * handler.backoff_factor ** attempt);
