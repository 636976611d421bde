import type { Clock } from "../ports/clock.ts";

/** A timer's delay is a whole 32-bit number. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** A time limit; disposing of it releases its alarm. */
export interface TimeLimit extends Disposable {
  signal: AbortSignal;
}

/** A limit whose signal aborts with the given one, or with a TimeoutError after so many seconds. */
export const withTimeout = (clock: Clock, signal: AbortSignal, seconds: number): TimeLimit => {
  const controller = new AbortController();
  const ring = () => controller.abort(new DOMException("the time limit was exceeded", "TimeoutError"));
  const alarm = clock.alarm(Math.min(Math.ceil(seconds * 1000), LONGEST_TIMER), ring);
  return {
    signal: AbortSignal.any([signal, controller.signal]),
    [Symbol.dispose]: () => alarm[Symbol.dispose](),
  };
};
