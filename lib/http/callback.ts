import { guardAsyncCallback } from "../config/guard-callback.ts";
import type { Clock } from "../ports/clock.ts";
import type { Redactor } from "../ports/redactor.ts";
import { excerpt } from "./excerpt.ts";
import { withTimeout } from "./timeout.ts";

/** A function of the config did not end in time: worth another attempt, like an API that does not answer. */
export class FunctionTimeout extends Error {
  override name = "FunctionTimeout";
}

/** Where a function of the config is called. */
export interface OwnFunctionContext {
  redactor: Redactor;
  clock: Clock;
  /** Seconds that it may take. */
  timeout: number;
  /** Ends the wait for it. */
  signal: AbortSignal;
}

/**
 * Calls a function of the config, which may throw anything, and may never end.
 *
 * @param what names it in messages: "the auth function".
 * @throws ConfigError when it throws anything but an error of restlake, which passes unchanged; FunctionTimeout; the signal's reason.
 */
export const callOwnFunction = async <Result>(
  what: string,
  call: () => Result | Promise<Result>,
  { redactor, clock, timeout, signal }: OwnFunctionContext,
): Promise<Result> => {
  signal.throwIfAborted();
  using limit = withTimeout(clock, signal, timeout);
  const ended = Promise.withResolvers<never>();
  const end = () => {
    ended.reject(signal.aborted ? signal.reason : new FunctionTimeout(`${what} did not end within ${timeout} s`));
  };
  limit.signal.addEventListener("abort", end, { once: true });
  try {
    const result = guardAsyncCallback(what, call, { excerpt: (text) => excerpt(text, redactor) });
    return await Promise.race([result, ended.promise]);
  } finally {
    limit.signal.removeEventListener("abort", end);
  }
};
