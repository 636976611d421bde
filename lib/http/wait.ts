import { ThrottledError } from "../errors/index.ts";
import type { Ports } from "../ports/index.ts";
import { type Budget, BudgetSpent } from "../time/budget.ts";
import { SECOND } from "../time/durations.ts";

/** A wait that is left to the state machine. Not an error; never leaves `lib`. */
export class Throttled {
  readonly reason = "throttled";
  /** Integer of at least 1. */
  readonly retry_after_seconds: number;
  /** Retries used for this page so far, over all invocations. */
  readonly attempts: number;

  constructor(retry_after_seconds: number, attempts: number) {
    this.retry_after_seconds = retry_after_seconds;
    this.attempts = attempts;
  }
}

/** Why a request has to wait. */
export interface WaitCause {
  /** Subject of "... requires a wait of 60 s". */
  required_by: string;
  /** For logs. */
  reason: string;
}

/** A wait before the next request. */
export interface Wait extends WaitCause {
  seconds: number;
  /** Retries used for this page so far, over all invocations. */
  attempts: number;
  /**
   * Whether the attempt has already sent a request, such as one for a token. The state machine's wait would discard the
   * token, and every next invocation would spend its first request on another one. Such an attempt therefore waits inline
   * if it can; otherwise it counts as failed.
   */
  hasSent: boolean;
}

/** Bounds of waits. */
export interface WaitLimits {
  /** Seconds. */
  max_inline_wait: number;
  /** Seconds. */
  max_wait: number;
  max_retries: number;
}

/**
 * Returns a function that waits inline, or leaves the wait to the state machine by throwing `Throttled`.
 * It throws ThrottledError for a wait over `max_wait`, and BudgetSpent when the invocation ends during the wait.
 */
export const createWaiter =
  ({ clock, logger }: Pick<Ports, "clock" | "logger">, limits: WaitLimits, budget: Budget) =>
  async ({ seconds, required_by, reason, attempts, hasSent }: Wait): Promise<void> => {
    if (seconds > limits.max_wait) {
      throw new ThrottledError(
        `${required_by} requires a wait of ${Math.round(seconds)} s, more than max_wait (${limits.max_wait} s): raise max_wait, or let a later run resume`,
      );
    }
    const fitsBudget = seconds * SECOND < budget.remaining();
    const isInline = fitsBudget && (hasSent || seconds <= limits.max_inline_wait);
    logger.info(isInline ? "wait" : "throttled", { reason, seconds, attempt: attempts });
    if (isInline) {
      await clock.sleep(seconds * SECOND, budget.signal).catch(() => {
        throw new BudgetSpent();
      });
      return;
    }
    if (hasSent && attempts >= limits.max_retries) {
      throw new ThrottledError(
        `${required_by} does not allow all requests of one page (token, redirects) within the time budget: allow more requests or raise the Lambda timeout`,
      );
    }
    throw new Throttled(Math.max(1, Math.ceil(seconds)), attempts + (hasSent ? 1 : 0));
  };
