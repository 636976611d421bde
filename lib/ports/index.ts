import type { Redactor } from "../secrets/redact.ts";
import type { Bucket } from "./bucket.ts";

/** Time and chance. Milliseconds everywhere. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after the wait; rejects with the signal's reason when that aborts first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** A number from 0 up to 1. */
  random(): number;
}

/** Structured log lines; never a payload, never a secret (the writer redacts). */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** The same log, with fields that every line has, as they are when it is written. */
export const withFields = (log: Log, always: Record<string, unknown>): Log => ({
  debug: (message, fields) => log.debug(message, { ...always, ...fields }),
  info: (message, fields) => log.info(message, { ...always, ...fields }),
  warn: (message, fields) => log.warn(message, { ...always, ...fields }),
});

/** Values of the source's secret by field. */
export interface Secrets {
  /**
   * @param options.force reads the secret anew: it may have been rotated.
   * @throws SecretError when the secret or the field is missing.
   */
  get(field: string, options?: { force?: boolean }): Promise<string>;
}

/** Every side effect of a run: a test counts, fails and replays each of them. */
export interface Ports {
  bucket: Bucket;
  secrets: Secrets;
  fetch: typeof fetch;
  clock: Clock;
  log: Log;
  redactor: Redactor;
}
