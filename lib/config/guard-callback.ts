import { inspect } from "node:util";
import { ConfigError, RestlakeError } from "../errors/index.ts";
import { kindOf } from "../json/kind.ts";

/** Additions to the message of a callback that threw. */
export interface CallbackMessage {
  /** Follows the message, to say on which input the callback failed: ` at row 3 of the page`. */
  input?: string;
  /** Redacts and shortens what was thrown, which may quote a key or a page of rows. The cause then keeps stack frames only. */
  excerpt?: (text: string) => string;
  /** Returns the class of the error for what was thrown; by default ConfigError. */
  classOf?: (thrown: unknown) => typeof RestlakeError;
}

const framesOf = ({ name, stack = "" }: Error, message: string): Error => {
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  const cause = new Error(message);
  cause.name = name;
  cause.stack = [message, ...frames].join("\n");
  return cause;
};

const callbackError = (
  callback: string,
  thrown: unknown,
  { input = "", excerpt, classOf }: CallbackMessage,
): RestlakeError => {
  if (thrown instanceof RestlakeError) return thrown;
  const whole = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : inspect(thrown);
  const text = excerpt === undefined ? whole : excerpt(whole);
  const message = `${callback} threw ${text}${input}`;
  const ErrorClass = classOf?.(thrown) ?? ConfigError;
  if (excerpt === undefined) return new ErrorClass(message, { cause: thrown });
  return new ErrorClass(message, { cause: thrown instanceof Error ? framesOf(thrown, text) : undefined });
};

/**
 * Calls a user's callback. An error of restlake that it throws passes unchanged.
 *
 * @param callback names it in messages: `next of the paginator by_token`.
 * @throws ConfigError when the callback throws anything else.
 */
export const guardCallback = <Result>(callback: string, call: () => Result, message: CallbackMessage = {}): Result => {
  try {
    return call();
  } catch (error) {
    throw callbackError(callback, error, message);
  }
};

/**
 * Calls and awaits a user's callback. An error of restlake that it throws passes unchanged.
 *
 * @param callback names it in messages: `the auth function`.
 * @throws ConfigError, or the class for what was thrown, when the callback throws or rejects with anything else.
 */
export const guardAsyncCallback = async <Result>(
  callback: string,
  call: () => Result | Promise<Result>,
  message: CallbackMessage = {},
): Promise<Result> => {
  try {
    return await call();
  } catch (error) {
    throw callbackError(callback, error, message);
  }
};

/**
 * Returns the error for a callback whose result does not have the required form.
 *
 * @param expected completes `return ...`.
 * @param input follows what was returned: ` for 7`.
 */
export const wrongResult = (callback: string, result: unknown, expected: string, input = ""): ConfigError =>
  new ConfigError(`${callback} returned ${kindOf(result)}${input}: return ${expected}`);
