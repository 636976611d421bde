import type { Clock } from "../ports/clock.ts";

/** Maximum delay of a timer: 31 bits. */
const MAX_TIMER_DELAY = 2 ** 31 - 1;

/** A time limit. Disposing of it releases its alarm. */
export interface TimeLimit extends Disposable {
  signal: AbortSignal;
}

/** Returns a time limit whose signal aborts with the given one, or with a TimeoutError after some seconds. */
export const withTimeout = (clock: Pick<Clock, "alarm">, signal: AbortSignal, seconds: number): TimeLimit => {
  const controller = new AbortController();
  const ring = () => controller.abort(new DOMException("the time limit was exceeded", "TimeoutError"));
  const alarm = clock.alarm(Math.min(Math.ceil(seconds * 1000), MAX_TIMER_DELAY), ring);
  return {
    signal: AbortSignal.any([signal, controller.signal]),
    [Symbol.dispose]: () => alarm[Symbol.dispose](),
  };
};
