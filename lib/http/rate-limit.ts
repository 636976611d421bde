import type { RateLimit } from "../config/schema/index.ts";
import type { Clock } from "../ports/clock.ts";
import { SECOND } from "../time/durations.ts";

/** Recent requests, as the next invocation must know them. */
export interface RateUsage {
  /** When the last of them was sent. Milliseconds since 1970. */
  at: number;
  /** Number of requests within one `per` before that. */
  requests: number;
}

/** Holds requests back so that never more than `requests` are sent within any `per` seconds. */
export interface RateLimiter {
  /**
   * Milliseconds until a request may be sent; 0: now.
   *
   * @param reserved number of other requests that capacity must be left for.
   * @returns Infinity when the limit is too low for all of them.
   */
  delay(reserved?: number): number;
  /** Counts a request that is sent now; false, and not counted, when it has to wait. */
  take(reserved?: number): boolean;
  /** Recent requests; null when there were none, or without a limit. */
  usage(): RateUsage | null;
}

/**
 * Returns a limiter that counts requests in a sliding window of `per` seconds.
 *
 * @param earlier requests of an earlier invocation. All of them count as sent when its last one was, which is on the safe side.
 */
export const createRateLimiter = (
  limit: RateLimit | null,
  clock: Pick<Clock, "now">,
  earlier: RateUsage | null = null,
): RateLimiter => {
  if (limit === null) return { delay: () => 0, take: () => true, usage: () => null };
  const window = limit.per * SECOND;
  // A time in the future comes from a clock that was wrong.
  const at = Math.min(earlier?.at ?? 0, clock.now());
  /** When requests were sent, the oldest first. */
  const sent = Array.from({ length: Math.min(earlier?.requests ?? 0, limit.requests) }, () => at);
  const forgetOlderThanWindow = (now: number) => {
    while (sent[0] !== undefined && sent[0] <= now - window) sent.shift();
  };
  const delay = (reserved = 0): number => {
    const now = clock.now();
    forgetOlderThanWindow(now);
    /** Number of earlier requests that may be in the window of this one. */
    const allowed = limit.requests - 1 - reserved;
    if (allowed < 0) return Number.POSITIVE_INFINITY;
    const blocking = sent[sent.length - 1 - allowed];
    return blocking === undefined ? 0 : Math.max(1, blocking + window - now);
  };
  return {
    delay,
    take(reserved = 0) {
      if (delay(reserved) > 0) return false;
      sent.push(clock.now());
      return true;
    },
    usage() {
      // Requests older than one `per` were dropped when the last one was sent.
      const last = sent.at(-1);
      return last === undefined ? null : { at: last, requests: sent.length };
    },
  };
};
