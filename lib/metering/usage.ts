import type { Bucket } from "../ports/bucket.ts";
import type { Ports } from "../ports/index.ts";
import type { Ending } from "./timeline.ts";

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

/**
 * How a resource's invocation ends, and the states that its machine enters for it (`infra/definition.ts`): the Task and
 * its Choice; before a further round a Pass and a Choice, and a Wait when throttled; after an error the Task alone.
 */
export const TRANSITIONS = { done: 2, partial: 4, throttled: 5, failed: 1 } as const satisfies Record<Ending, number>;

/** States around the resources of an execution: start, open, its Choice, finish. */
const TRANSITIONS_AROUND = 4;
/** After a `finish` that did not fail: its Choice, and done or fresh. */
const TRANSITIONS_AT_THE_END = 2;

/** The states of an execution that are not a resource's; a `finish` that fails is the last one. */
export const transitionsAround = (isFailed: boolean): number =>
  TRANSITIONS_AROUND + (isFailed ? 0 : TRANSITIONS_AT_THE_END);

/** Counts what one invocation uses. */
export interface Meter {
  /** To work with: their bucket counts its requests. */
  ports: Ports;
  /**
   * What was used from the meter's start up to now.
   *
   * @param foreseen requests that are still to come, after the last moment at which they could be written down, and the
   *   machine's transitions.
   */
  usage(foreseen?: Partial<Pick<Usage, "s3_puts" | "s3_gets" | "transitions">>): Usage;
}

/**
 * Starts to count one invocation. Its time is what the step sees: the start of the process, which Lambda bills too, and
 * what is written after the last look at the meter are not in it. Requests that the SDK repeats on its own count once.
 *
 * @param memory_mb memory of the Lambda; null where there is none (`npm run sync`): nobody bills that time, that
 *   invocation, or a state machine.
 * @param isTask whether a state machine invoked it; a Lambda that is started by hand enters no state.
 */
export const meter = (ports: Ports, memory_mb: number | null, isTask = true): Meter => {
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
    usage: ({ transitions = 0, ...requests } = {}) =>
      addUsage(
        { ...billed(), s3_puts, s3_gets, transitions: memory_mb === null || !isTask ? 0 : transitions },
        requests,
      ),
  };
};
