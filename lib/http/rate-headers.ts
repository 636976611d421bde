import { parseRetryAfter } from "./retry-timing.ts";

/** What an answer says of the requests that are still allowed. */
export interface Allowance {
  /** Requests that may still be sent before the reset. */
  remaining: number;
  /** When there are new ones. Milliseconds since 1970. */
  reset_at: number;
}

/** A reset is a number of seconds, or a moment: in seconds or milliseconds since 1970, or a date. Larger is a moment. */
const FIRST_MOMENT = 1_000_000_000;
const FIRST_MILLISECOND_MOMENT = FIRST_MOMENT * 1000;

const momentOf = (text: string | null, now: number): number | null => {
  if (text === null) return null;
  const number = /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : null;
  if (number === null) {
    const date = parseRetryAfter(text, now) !== null || /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(date) ? null : date;
  }
  if (number >= FIRST_MILLISECOND_MOMENT) return number;
  return number >= FIRST_MOMENT ? number * 1000 : now + number * 1000;
};

const wholeOf = (text: string | null | undefined): number | null =>
  text != null && /^\s*\d+\s*$/.test(text) ? Number(text) : null;

/** The fields of the draft's one header: `limit=100, remaining=7, reset=30`, or since its eighth version `"minute";r=7;t=30`. */
const fieldOf = (header: string | null, names: string): string | null =>
  header === null ? null : (new RegExp(`(?:^|[,;\\s])(?:${names})\\s*=\\s*(\\d+)`).exec(header)?.[1] ?? null);

const PREFIXES = ["ratelimit", "x-ratelimit", "x-rate-limit"];

/**
 * What `RateLimit`, `RateLimit-Remaining` and `-Reset`, or the same behind `X-`, say (draft-ietf-httpapi-ratelimit-headers, and
 * what was usual before it).
 *
 * @param now milliseconds since 1970.
 * @returns null where they do not say both, or say nonsense.
 */
export const parseAllowance = (headers: Headers, now: number): Allowance | null => {
  const one = headers.get("ratelimit");
  const said = [
    [fieldOf(one, "remaining|r"), fieldOf(one, "reset|t")],
    ...PREFIXES.map((prefix) => [headers.get(`${prefix}-remaining`), headers.get(`${prefix}-reset`)]),
  ];
  for (const [left = null, reset = null] of said) {
    const remaining = wholeOf(left);
    const reset_at = momentOf(reset, now);
    if (remaining !== null && reset_at !== null && reset_at > now) return { remaining, reset_at };
  }
  return null;
};
