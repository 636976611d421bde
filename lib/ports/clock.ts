/** Time and chance. Milliseconds everywhere. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after the wait; rejects with the signal's reason when that aborts first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Calls `ring` once after the wait, unless the alarm is disposed of first. At most 2^31 - 1. */
  alarm(milliseconds: number, ring: () => void): Disposable;
  /** A number from 0 up to 1. */
  random(): number;
}
