import type { ErrorHandler } from "../config/schema/index.ts";
import type { Clock } from "../ports/clock.ts";
import type { Attempt, Attempts } from "./attempt.ts";
import { type AttemptResult, isSuccess } from "./classification.ts";
import { inconsistentPage } from "./failure.ts";
import type { HttpRequest, HttpResponse } from "./messages.ts";
import { retryWait } from "./retry-timing.ts";
import type { Throttle } from "./throttle.ts";
import type { Wait } from "./wait.ts";

/** Checks a successful response; returns why it is inconsistent, so that it is requested again, else null. */
export type Validate = (response: HttpResponse) => string | null;

/** Everything that retries depend on. */
export interface RetryContext {
  attempts: Pick<Attempts, "forCurrentPage">;
  /** Makes one attempt. */
  tryOnce(request: HttpRequest, attempt: Attempt, isRetry: boolean): Promise<AttemptResult>;
  throttle: Pick<Throttle, "pause">;
  handler: Required<ErrorHandler>;
  random: Clock["random"];
  wait(wait: Wait): Promise<void>;
  /** Called before the wait of each retry. */
  onRetry(): void;
}

const validated = (result: AttemptResult, validate: Validate): AttemptResult => {
  const inconsistency = isSuccess(result) && !result.ignored ? validate(result) : null;
  return inconsistency === null ? result : inconsistentPage(inconsistency);
};

/**
 * Sends a request until it succeeds. Each page has `max_retries`, over all invocations.
 *
 * @param earlier retries that earlier invocations used for this page.
 * @throws the error of the last failure; and the errors of `wait`.
 */
export const sendWithRetries = async (
  { attempts, tryOnce, throttle, handler, random, wait, onRetry }: RetryContext,
  request: HttpRequest,
  earlier: number,
  validate: Validate,
): Promise<HttpResponse> => {
  for (let used = earlier; ; ) {
    const result = validated(await tryOnce(request, attempts.forCurrentPage(used), used > earlier), validate);
    if (isSuccess(result)) return result;
    // A Retry-After of one response holds back all requests.
    if (result.retry_after_seconds !== null) throttle.pause(result.retry_after_seconds);
    if (used >= handler.max_retries) throw result.error(used);
    used++;
    const bounds = result.hasResponse ? handler : { ...handler, min_retry_after: 0 };
    const seconds = retryWait(bounds, used, result.retry_after_seconds, random);
    onRetry();
    const { required_by, reason } = result;
    await wait({ seconds, required_by, reason, attempts: used, hasSent: false });
  }
};
