import type { RateLimiter } from "../http/rate-limit.ts";
import type { CommitLog } from "../lake/commit-log.ts";
import type { Activity } from "../metering/activity.ts";
import type { HttpStats } from "../metering/resource-stats.ts";
import { type Ending, withInterval } from "../metering/timeline.ts";
import { addUsage } from "../metering/usage.ts";
import type { Clock } from "../ports/clock.ts";
import type { Instruments } from "./run-context.ts";

/** Returns the number of S3 requests from the checkpoint on. It is known before they are sent. */
const requestsAfterCheckpoint = (log: CommitLog, limiter: RateLimiter, ending: Ending) => {
  const isChild = log.end.position.parent !== null;
  const rate = limiter.usage() === null ? 0 : 1;
  const last = {
    // The manifest reads the metadata of every part, and that of a child the manifest of the parent.
    done: { s3_puts: 1, s3_gets: log.end.part + (isChild ? 1 : 0) },
    // The lease is renewed before a wait.
    throttled: { s3_puts: 1, s3_gets: 1 },
    partial: { s3_puts: 0, s3_gets: 0 },
    failed: { s3_puts: 0, s3_gets: 0 },
  }[ending];
  const checkpoint = 1;
  return { s3_puts: checkpoint + rate + last.s3_puts, s3_gets: rate + last.s3_gets };
};

/**
 * Returns a function that adds to the log's activity what this invocation did, in time for the checkpoint. It may be called
 * twice, when everything was read and the manifest fails afterwards: the last call counts.
 */
export const createAccount = (
  log: CommitLog,
  http: HttpStats,
  { meter, limiter, clock }: Instruments & { clock: Clock },
) => {
  const earlier = { ...log.activity };
  const { rows, pages } = log.end.position;
  const started_at = clock.now();
  /** @param retry_after_seconds of a wait by the state machine. */
  return (ending: Ending, retry_after_seconds = 0): void => {
    const ended_at = clock.now();
    const interval = {
      started_at,
      ended_at,
      waited_until: ending === "throttled" ? ended_at + retry_after_seconds * 1000 : null,
      status: ending,
      rows: log.end.position.rows - rows,
      pages: log.end.position.pages - pages,
      waited_seconds: http.waited_seconds,
      invocations: 1,
      idle_seconds: 0,
    };
    const used = meter.usage({
      ...requestsAfterCheckpoint(log, limiter, ending),
      transitions: meter.transitions.invocation[ending],
    });
    Object.assign(log.activity, {
      requests: earlier.requests + http.requests,
      retries: earlier.retries + http.retries,
      waited_seconds: earlier.waited_seconds + http.waited_seconds + retry_after_seconds,
      invocations: earlier.invocations + 1,
      throttles: earlier.throttles + (ending === "throttled" ? 1 : 0),
      usage: addUsage(earlier.usage, used),
      timeline: withInterval(earlier.timeline, interval),
    } satisfies Partial<Activity>);
  };
};
