import type { RateLimit } from "../config/schema/index.ts";
import type { Clock } from "../ports/clock.ts";

/** Requests of late, as the next invocation must know them. */
export interface RateUsage {
  /** When the last of them was sent. Milliseconds since 1970. */
  at: number;
  /** How many there were within one `per` before that. */
  requests: number;
}

/** Holds requests back so that never more than `requests` go out within any `per` seconds. */
export interface RateLimiter {
  /**
   * Milliseconds until a request may go out; 0: now.
   *
   * @param kept for how many others there must be room besides; Infinity when there never is that much.
   */
  wait(kept?: number): number;
  /** Counts a request that goes out now, and says whether it may; if it may not, it is not counted. */
  take(kept?: number): boolean;
  /** What was sent of late; null when nothing was, or nobody counts. */
  usage(): RateUsage | null;
}

/**
 * @param known what an earlier invocation sent: all of it counts as sent at its end, which is on the safe side.
 */
export const createRateLimiter = (
  limit: RateLimit | null,
  clock: Pick<Clock, "now">,
  known: RateUsage | null = null,
): RateLimiter => {
  if (limit === null) return { wait: () => 0, take: () => true, usage: () => null };
  const window = limit.per * 1000;
  // Nothing was sent in the future: whoever wrote that had a clock that is wrong.
  const at = Math.min(known?.at ?? 0, clock.now());
  /** When requests were sent, the oldest first. */
  const sent = Array.from({ length: Math.min(known?.requests ?? 0, limit.requests) }, () => at);
  const forget = (now: number) => {
    while (sent[0] !== undefined && sent[0] <= now - window) sent.shift();
  };
  const wait = (kept = 0): number => {
    const now = clock.now();
    forget(now);
    const others = limit.requests - 1 - kept;
    if (others < 0) return Number.POSITIVE_INFINITY;
    // Of what was sent, so many of the newest may still count.
    const inTheWay = sent[sent.length - 1 - others];
    return inTheWay === undefined ? 0 : Math.max(1, inTheWay + window - now);
  };
  return {
    wait,
    take(kept = 0) {
      if (wait(kept) > 0) return false;
      sent.push(clock.now());
      return true;
    },
    usage() {
      // What is older than one `per` was forgotten when the last of them was sent.
      const last = sent.at(-1);
      return last === undefined ? null : { at: last, requests: sent.length };
    },
  };
};
