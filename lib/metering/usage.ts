import type { Bucket } from "../ports/bucket.ts";
import type { Ports } from "../ports/index.ts";
import { NO_TRANSITIONS, type Transitions } from "./transitions.ts";

/** What AWS bills of a piece of work, in AWS's own units. */
export interface Usage {
  /** Lambda requests. */
  invocations: number;
  /** Lambda duration times its memory. */
  gb_seconds: number;
  /** PUT requests to S3; refused ones are billed too. */
  s3_puts: number;
  /** GET and HEAD requests to S3. */
  s3_gets: number;
  /** States that Step Functions entered. */
  transitions: number;
}

/** Nothing that anyone would bill. */
export const NO_USAGE: Usage = { invocations: 0, gb_seconds: 0, s3_puts: 0, s3_gets: 0, transitions: 0 };

/** Both together; what one of them does not know counts as zero. */
export const addUsage = (one: Usage, other: Partial<Usage>): Usage => ({
  invocations: one.invocations + (other.invocations ?? 0),
  gb_seconds: one.gb_seconds + (other.gb_seconds ?? 0),
  s3_puts: one.s3_puts + (other.s3_puts ?? 0),
  s3_gets: one.s3_gets + (other.s3_gets ?? 0),
  transitions: one.transitions + (other.transitions ?? 0),
});

/** As a report tells it: no digits that only floating-point sums have. */
export const roundUsage = (usage: Usage): Usage => ({
  ...usage,
  gb_seconds: Math.round(usage.gb_seconds * 1e6) / 1e6,
});

/** Counts what one invocation uses. */
export interface Meter {
  /** To work with: their bucket counts its requests. */
  ports: Ports;
  /** States that the state machine enters; zeros for a Lambda that is started by hand. */
  transitions: Transitions;
  /**
   * Returns what was used since the meter started.
   *
   * @param foreseen requests that follow after the last moment at which they can be recorded, and state transitions.
   */
  usage(foreseen?: Partial<Pick<Usage, "s3_puts" | "s3_gets" | "transitions">>): Usage;
}

/**
 * Starts to count one invocation. Its time is what the step sees: the start of the process, which Lambda bills too, and
 * what is written after the last look at the meter are not in it. Requests that the SDK repeats on its own count once.
 *
 * @param memory_mb memory of the Lambda; null where there is none (`npm run sync`): nobody bills that time, that
 *   invocation, or a state machine.
 * @param transitions of the state machine that invoked it; null for a Lambda that is started by hand.
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
