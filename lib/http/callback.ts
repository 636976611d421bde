import { inspect } from "node:util";
import { ConfigError, RestlakeError } from "../errors/index.ts";
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

/** The thrown error without what it may quote: a key, a page of rows. Its frames say which line it was. */
const withoutTexts = (error: Error, said: string): Error => {
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const cause = new Error(said);
  cause.name = error.name;
  cause.stack = [said, ...frames].join("\n");
  return cause;
};

/**
 * Calls a function of the config, which may throw anything, and may never end.
 *
 * @param what names it in messages: "the auth function".
 * @throws ConfigError when it throws; FunctionTimeout; the signal's reason; and what of the family it throws by itself.
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
    return await Promise.race([call(), ended.promise]);
  } catch (error) {
    if (signal.aborted || error instanceof FunctionTimeout || error instanceof RestlakeError) throw error;
    const said = excerpt(error instanceof Error ? `${error.name}: ${error.message}` : inspect(error), redactor);
    throw new ConfigError(`${what} threw ${said}`, {
      cause: error instanceof Error ? withoutTexts(error, said) : undefined,
    });
  } finally {
    limit.signal.removeEventListener("abort", end);
  }
};
