import { type CallbackMessage, guardAsyncCallback } from "../config/guard-callback.ts";
import type { Ports } from "../ports/index.ts";
import { excerpt } from "./excerpt.ts";
import { withTimeout } from "./timeout.ts";

/** A user's callback did not finish in time: another attempt may help, as for an API that does not respond. */
export class CallbackTimeout extends Error {
  override name = "CallbackTimeout";
}

/** Bounds of the call of a user's callback. */
export interface CallbackContext extends Pick<Ports, "redactor" | "clock">, Pick<CallbackMessage, "classOf"> {
  /** Seconds that it may take. */
  timeout: number;
  /** Ends the wait for it. */
  signal: AbortSignal;
}

/**
 * Calls a user's callback, which may throw anything, and may never finish.
 *
 * @param callback names it in messages: `the auth function`.
 * @throws ConfigError, or the class for what was thrown, when it throws anything but an error of restlake, which passes unchanged; CallbackTimeout; the reason
 *   of the signal.
 */
export const callCallback = async <Result>(
  callback: string,
  call: () => Result | Promise<Result>,
  { redactor, clock, timeout, signal, classOf }: CallbackContext,
): Promise<Result> => {
  signal.throwIfAborted();
  using limit = withTimeout(clock, signal, timeout);
  const ended = Promise.withResolvers<never>();
  const end = () => {
    ended.reject(
      signal.aborted ? signal.reason : new CallbackTimeout(`${callback} did not finish within ${timeout} s`),
    );
  };
  limit.signal.addEventListener("abort", end, { once: true });
  try {
    const result = guardAsyncCallback(callback, call, { excerpt: (text) => excerpt(text, redactor), classOf });
    return await Promise.race([result, ended.promise]);
  } finally {
    limit.signal.removeEventListener("abort", end);
  }
};
