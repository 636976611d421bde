/** Time and chance. Milliseconds everywhere. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after the wait; rejects with the signal's reason when that aborts first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** A number from 0 up to 1. */
  random(): number;
}
