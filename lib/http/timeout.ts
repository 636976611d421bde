/** A timer's delay is a whole 32-bit number. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** A signal that aborts with the given one, or with a TimeoutError after so many seconds. */
export const withTimeout = (signal: AbortSignal, seconds: number): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(Math.min(Math.ceil(seconds * 1000), LONGEST_TIMER))]);
