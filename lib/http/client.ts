import type { ErrorHandler } from "../config/schema/index.ts";
import { RestlakeError } from "../errors/index.ts";
import type { HttpStats } from "../metering/resource-stats.ts";
import type { Ports } from "../ports/index.ts";
import { type Budget, BudgetSpent } from "../time/budget.ts";
import { type Attempt, createAttempts, PrefetchSkipped } from "./attempt.ts";
import { createAuthorizedRequest, type RequestOptions } from "./authorized-request.ts";
import { type AttemptResult, createClassification, isSuccess } from "./classification.ts";
import { createFailures, OUT_OF_TIME } from "./failure.ts";
import type { HttpRequest, HttpResponse } from "./messages.ts";
import type { RateLimiter } from "./rate-limit.ts";
import { sendWithRetries, type Validate } from "./retry.ts";
import { retryWait } from "./retry-timing.ts";
import { createThrottle, type Throttle } from "./throttle.ts";
import { createWaiter, Throttled, type Wait } from "./wait.ts";

export type { HttpRequest, HttpResponse } from "./messages.ts";
export { Throttled } from "./wait.ts";

/** Config of a client, from its resource and the settings of its source. */
export interface HttpOptions extends RequestOptions {
  error_handler: Required<ErrorHandler>;
  /** Maximum seconds of an inline wait. Longer waits are left to the state machine. */
  max_inline_wait: number;
  /** Maximum seconds of any wait. A longer one is an error. */
  max_wait: number;
}

/** Sends the requests of one resource, with auth, rate limit, timeouts, retries, and redirects inside the origin. */
export interface HttpClient {
  /**
   * Sends the request of the current page.
   *
   * @param attempts retries that earlier invocations already used for this page.
   * @throws Throttled when the wait is left to the state machine; BudgetSpent; and subclasses of RestlakeError.
   */
  send(request: HttpRequest, attempts?: number, validate?: Validate): Promise<HttpResponse>;
  /**
   * Sends the request of a later page: one attempt, which neither waits, nor reloads a secret, nor requests a token.
   *
   * @returns null when it does not succeed at once, or during a pause: `send` then reads the page when it is the current one.
   */
  prefetch(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse | null>;
  /** Numbers of this client so far; its waits are the inline ones. */
  readonly stats: HttpStats;
}

/** Returns a function that makes one attempt and classifies its result. */
const createTryOnce = (ports: Ports, options: HttpOptions, throttle: Throttle, budget: Budget) => {
  const { auth, error_handler, request_timeout, response_format } = options;
  const sendAuthorized = createAuthorizedRequest(ports, options, throttle);
  const { retry_on_status_codes } = error_handler;
  const failures = createFailures(ports, { request_timeout, retry_on_status_codes });
  const classification = createClassification(ports, { auth, retry_on_status_codes, response_format }, failures);

  return async (request: HttpRequest, attempt: Attempt, isRetry: boolean): Promise<AttemptResult> => {
    if (!attempt.isPrefetch) throttle.reserve(attempt);
    try {
      return classification.ofResponse(await sendAuthorized(request, attempt));
    } catch (error) {
      if (error instanceof RestlakeError || error instanceof Throttled || error instanceof PrefetchSkipped) throw error;
      // Earlier failures of the page used up the time budget: the page itself may fit into it.
      if (budget.signal.aborted && isRetry && !budget.isStopped()) return OUT_OF_TIME;
      if (budget.signal.aborted) throw new BudgetSpent();
      return classification.ofError(error);
    } finally {
      throttle.release(attempt);
    }
  };
};

/** Returns the HTTP client of one resource in one invocation. */
export const createHttpClient = (
  ports: Ports,
  options: HttpOptions,
  limiter: RateLimiter,
  budget: Budget,
): HttpClient => {
  const { clock, logger } = ports;
  const { error_handler: handler, max_wait, max_inline_wait } = options;
  const stats: HttpStats = { requests: 0, retries: 0, waited_seconds: 0 };
  const throttle = createThrottle(limiter, clock, max_wait);
  const waitOrLeave = createWaiter(ports, { max_wait, max_inline_wait, max_retries: handler.max_retries }, budget);
  const wait = async (next: Wait) => {
    await waitOrLeave(next);
    stats.waited_seconds += next.seconds;
  };
  const onRequest = () => void stats.requests++;
  const onRetry = () => void stats.retries++;
  const attempts = createAttempts({ throttle, wait, signal: budget.signal, onRequest });
  const tryOnce = createTryOnce(ports, options, throttle, budget);
  const retries = { attempts, tryOnce, throttle, handler, random: clock.random, wait, onRetry };

  return {
    stats,
    send: (request, earlier = 0, validate = () => null) => sendWithRetries(retries, request, earlier, validate),
    async prefetch(request, signal) {
      if (throttle.isPaused()) return null;
      try {
        const result = await tryOnce(request, attempts.forPrefetch(signal), true);
        if (isSuccess(result)) return result;
        const { retry_after_seconds, hasResponse } = result;
        // A prefetch that the API fails holds back all requests, as long as a first retry would wait.
        if (hasResponse) throttle.pause(retryWait(handler, 1, retry_after_seconds, clock.random));
      } catch (error) {
        logger.debug("prefetch failed", { reason: error instanceof Error ? error.name : "no capacity or no time" });
      }
      return null;
    },
  };
};
