import { parseRetryAfter } from "./retry-timing.ts";

/** Requests that the API still allows, as a response reports them. */
export interface Allowance {
  /** Requests that may be sent before the reset. */
  remaining: number;
  /** Milliseconds since 1970. */
  reset_at: number;
}

/** A number below this is seconds from now; from this on it is seconds since 1970. */
const MIN_EPOCH_SECONDS = 1_000_000_000;
/** From this on it is milliseconds since 1970. */
const MIN_EPOCH_MILLISECONDS = MIN_EPOCH_SECONDS * 1000;

/** Returns the milliseconds since 1970 of a reset; null when it is absent or invalid. */
const parseReset = (text: string | null, now: number): number | null => {
  if (text === null) return null;
  const number = /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : null;
  if (number === null) {
    const isDate = parseRetryAfter(text, now) !== null || /^\d{4}-\d\d-\d\dT/.test(text);
    const date = isDate ? Date.parse(text) : Number.NaN;
    return Number.isNaN(date) ? null : date;
  }
  if (number >= MIN_EPOCH_MILLISECONDS) return number;
  return number >= MIN_EPOCH_SECONDS ? number * 1000 : now + number * 1000;
};

const parseInteger = (text: string | null): number | null =>
  text !== null && /^\s*\d+\s*$/.test(text) ? Number(text) : null;

/** Finds a field of the `RateLimit` header: `limit=100, remaining=7, reset=30`, or since draft 08 `"minute";r=7;t=30`. */
const fieldOf = (header: string | null, names: string): string | null =>
  header === null ? null : (new RegExp(`(?:^|[,;\\s])(?:${names})\\s*=\\s*(\\d+)`).exec(header)?.[1] ?? null);

const PREFIXES = ["ratelimit", "x-ratelimit", "x-rate-limit"];

/**
 * Reads the allowance from `RateLimit`, or from `RateLimit-Remaining` and `RateLimit-Reset`, with or without `X-`
 * (draft-ietf-httpapi-ratelimit-headers, and the common headers before it).
 *
 * @param now milliseconds since 1970.
 * @returns null when the number or the reset is absent, invalid or in the past.
 */
export const parseAllowance = (headers: Headers, now: number): Allowance | null => {
  const combined = headers.get("ratelimit");
  const candidates = [
    { remaining: fieldOf(combined, "remaining|r"), reset: fieldOf(combined, "reset|t") },
    ...PREFIXES.map((prefix) => ({
      remaining: headers.get(`${prefix}-remaining`),
      reset: headers.get(`${prefix}-reset`),
    })),
  ];
  for (const candidate of candidates) {
    const remaining = parseInteger(candidate.remaining);
    const reset_at = parseReset(candidate.reset, now);
    if (remaining !== null && reset_at !== null && reset_at > now) return { remaining, reset_at };
  }
  return null;
};
