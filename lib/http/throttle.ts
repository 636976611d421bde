import type { Clock } from "../ports/clock.ts";
import { SECOND } from "../time/durations.ts";
import { API } from "./peer.ts";
import { type Allowance, parseAllowance } from "./rate-headers.ts";
import type { RateLimiter } from "./rate-limit.ts";
import type { WaitCause } from "./wait.ts";

const BY_RATE_LIMIT: WaitCause = { required_by: "rate_limit", reason: "rate_limit" };
const BY_API: WaitCause = { required_by: API.name, reason: "requested by the API" };

/** Delay before the next request. */
export interface Delay {
  /** 0: the request may be sent now. */
  milliseconds: number;
  cause: WaitCause;
}

/**
 * Decides when the next request may be sent: by the source's `rate_limit`, by the rate limit that the API's headers state,
 * and by the pauses that the API requires.
 */
export interface Throttle {
  /** Delay of a request for the current page. */
  delay(): Delay;
  /** Takes the slot of a request for the current page that is about to be sent; false when it has to wait. */
  take(): boolean;
  /** Whether a prefetch may be sent now: it leaves capacity for every reserved request. */
  hasCapacityForPrefetch(): boolean;
  /** Takes the slot of a prefetch that is about to be sent; false when there is no capacity for it. */
  takeForPrefetch(): boolean;
  /** Keeps capacity for the page request of an attempt until it is released. */
  reserve(attempt: object): void;
  /** Frees the capacity that was kept for an attempt, if there was any. */
  release(attempt: object): void;
  /** Holds back all requests for some seconds. */
  pause(seconds: number): void;
  /** Whether a pause is not over yet. */
  isPaused(): boolean;
  /** Returns the response of a page request, and applies the rate limit that its headers state. */
  track<Response extends { headers: Headers }>(sending: Promise<Response>): Promise<Response>;
}

/**
 * Returns the throttle of a client.
 *
 * @param limiter enforces the source's `rate_limit`.
 * @param max_wait seconds.
 */
export const createThrottle = (limiter: RateLimiter, clock: Pick<Clock, "now">, max_wait: number): Throttle => {
  /** Attempts for the current page whose page request is not sent yet. */
  const reserved = new Set<object>();
  /** Milliseconds since 1970. */
  let pausedUntil = 0;
  /** The last reported allowance, less the requests that were in flight then or have been sent since. */
  let allowance: Allowance | null = null;
  let inFlight = 0;

  /** Milliseconds until the API allows one request besides those that capacity is kept for. */
  const allowanceDelay = (kept = 0): number =>
    allowance === null || allowance.remaining > kept ? 0 : Math.max(0, allowance.reset_at - clock.now());

  /** Milliseconds. An allowance that resets after max_wait does not fail the run; a refusal by the API does. */
  const apiDelay = (): number => {
    const delay = allowanceDelay();
    return Math.max(pausedUntil - clock.now(), delay > max_wait * SECOND ? 0 : delay, 0);
  };

  const countRequest = () => {
    if (allowance !== null) allowance = { ...allowance, remaining: allowance.remaining - 1 };
  };

  return {
    delay() {
      const byLimiter = limiter.delay();
      const byApi = apiDelay();
      if (byLimiter < byApi) return { milliseconds: byApi, cause: BY_API };
      return { milliseconds: byLimiter, cause: BY_RATE_LIMIT };
    },
    take() {
      if (apiDelay() > 0 || !limiter.take()) return false;
      countRequest();
      return true;
    },
    hasCapacityForPrefetch: () => limiter.delay(reserved.size) === 0 && allowanceDelay(reserved.size) === 0,
    takeForPrefetch() {
      if (allowanceDelay(reserved.size) > 0 || !limiter.take(reserved.size)) return false;
      countRequest();
      return true;
    },
    reserve: (attempt) => void reserved.add(attempt),
    release: (attempt) => void reserved.delete(attempt),
    pause(seconds) {
      pausedUntil = Math.max(pausedUntil, clock.now() + seconds * SECOND);
    },
    isPaused: () => clock.now() < pausedUntil,
    async track(sending) {
      inFlight++;
      const response = await sending.finally(() => {
        inFlight--;
      });
      const reported = parseAllowance(response.headers, clock.now());
      if (reported !== null) allowance = { ...reported, remaining: reported.remaining - inFlight };
      return response;
    },
  };
};
