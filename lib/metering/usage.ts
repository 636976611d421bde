import type { Bucket } from "../ports/bucket.ts";
import type { Ports } from "../ports/index.ts";
import { NO_TRANSITIONS, type Transitions } from "./transitions.ts";

/** Billed usage of AWS, in AWS's units. */
export interface Usage {
  /** Lambda requests. */
  invocations: number;
  /** Lambda duration multiplied by memory. */
  gb_seconds: number;
  /** PUT requests to S3, including rejected ones, which are billed too. */
  s3_puts: number;
  /** GET and HEAD requests to S3. */
  s3_gets: number;
  /** State transitions of Step Functions. */
  transitions: number;
}

/** No usage. */
export const NO_USAGE: Usage = { invocations: 0, gb_seconds: 0, s3_puts: 0, s3_gets: 0, transitions: 0 };

/** Returns the sum of both; missing numbers count as zero. */
export const addUsage = (one: Usage, other: Partial<Usage>): Usage => ({
  invocations: one.invocations + (other.invocations ?? 0),
  gb_seconds: one.gb_seconds + (other.gb_seconds ?? 0),
  s3_puts: one.s3_puts + (other.s3_puts ?? 0),
  s3_gets: one.s3_gets + (other.s3_gets ?? 0),
  transitions: one.transitions + (other.transitions ?? 0),
});

/** Returns usage for a report, without floating-point noise. */
export const roundUsage = (usage: Usage): Usage => ({
  ...usage,
  gb_seconds: Math.round(usage.gb_seconds * 1e6) / 1e6,
});

/** Counts the usage of one invocation. */
export interface Meter {
  /** The given ports, with a bucket that counts its requests. */
  ports: Ports;
  /** State transitions of the state machine; zeros when none invoked the Lambda. */
  transitions: Transitions;
  /**
   * Returns the usage since the meter started.
   *
   * @param expected requests that follow after the usage is stored, and the state transitions.
   */
  usage(expected?: Partial<Pick<Usage, "s3_puts" | "s3_gets" | "transitions">>): Usage;
}

/**
 * Starts the meter of one invocation. It does not include the start of the process, which Lambda bills too, nor anything
 * after the last call of `usage`. Retries inside the SDK are not counted.
 *
 * @param memory_mb memory of the Lambda; null outside Lambda (`npm run sync`), where only S3 requests are billed.
 * @param transitions null for a Lambda that no state machine invoked.
 */
export const meter = (ports: Ports, memory_mb: number | null, transitions: Transitions | null = null): Meter => {
  const { bucket, clock } = ports;
  const startedAt = clock.now();
  let s3_puts = 0;
  let s3_gets = 0;
  const counting: Bucket = {
    name: bucket.name,
    head: (key) => {
      s3_gets += 1;
      return bucket.head(key);
    },
    get: (key) => {
      s3_gets += 1;
      return bucket.get(key);
    },
    put: (...args) => {
      s3_puts += 1;
      return bucket.put(...args);
    },
  };
  const billed = (): Pick<Usage, "invocations" | "gb_seconds"> =>
    memory_mb === null
      ? { invocations: 0, gb_seconds: 0 }
      : { invocations: 1, gb_seconds: ((clock.now() - startedAt) / 1000) * (memory_mb / 1024) };
  return {
    ports: { ...ports, bucket: counting },
    transitions: transitions ?? NO_TRANSITIONS,
    usage: ({ transitions: entered = 0, ...requests } = {}) =>
      addUsage({ ...billed(), s3_puts, s3_gets, transitions: memory_mb === null ? 0 : entered }, requests),
  };
};
