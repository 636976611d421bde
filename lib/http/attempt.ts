import { SECOND } from "../time/durations.ts";
import { API, type Peer } from "./peer.ts";
import type { Throttle } from "./throttle.ts";
import type { Wait } from "./wait.ts";

/** A prefetch that would have to wait is not sent. Never leaves `lib/http`. */
export class PrefetchSkipped {
  readonly reason = "prefetch skipped";
}

/** One attempt to read a page. It may take several requests: for a token, for redirects. */
export interface Attempt {
  /** Aborts the attempt. */
  signal: AbortSignal;
  /** Whether it is for a later page. A prefetch never waits, never reloads a secret and never requests a token. */
  isPrefetch: boolean;
  /** Resolves when a request may be sent; what it throws ends the attempt. */
  waitForSlot(): Promise<void>;
  /** Takes the slot of a request that is about to be sent; false when it has to wait. */
  takeSlot(peer: Peer): boolean;
}

/** Starts attempts. */
export interface Attempts {
  /**
   * Starts an attempt to read the current page.
   *
   * @param attempts retries used for this page so far, over all invocations.
   */
  forCurrentPage(attempts: number): Attempt;
  /** Starts a prefetch, which `stop` aborts. */
  forPrefetch(stop: AbortSignal): Attempt;
}

/** Everything that attempts depend on. */
export interface AttemptContext {
  throttle: Throttle;
  wait(wait: Wait): Promise<void>;
  /** Aborts when the invocation has to end. */
  signal: AbortSignal;
  /** Called for each request that is about to be sent. */
  onRequest(): void;
}

/** Starts attempts whose requests the throttle admits. */
export const createAttempts = ({ throttle, wait, signal, onRequest }: AttemptContext): Attempts => ({
  forCurrentPage(attempts) {
    let hasSent = false;
    const attempt: Attempt = {
      signal,
      isPrefetch: false,
      async waitForSlot() {
        for (let delay = throttle.delay(); delay.milliseconds > 0; delay = throttle.delay()) {
          await wait({ seconds: delay.milliseconds / SECOND, ...delay.cause, attempts, hasSent });
        }
      },
      takeSlot(peer) {
        if (!throttle.take()) return false;
        hasSent = true;
        if (peer === API) throttle.release(attempt);
        onRequest();
        return true;
      },
    };
    return attempt;
  },

  forPrefetch: (stop) => ({
    signal: AbortSignal.any([signal, stop]),
    isPrefetch: true,
    async waitForSlot() {
      if (!throttle.hasCapacityForPrefetch()) throw new PrefetchSkipped();
    },
    takeSlot() {
      if (!throttle.takeForPrefetch()) return false;
      onRequest();
      return true;
    },
  }),
});
