import type { HttpStatistics } from "../http/client.ts";
import type { RateLimiter } from "../http/rate-limit.ts";
import type { CommitLog, Statistics } from "../lake/commit-log.ts";
import { type Ending, withInterval } from "../metering/timeline.ts";
import { addUsage, type Meter, TRANSITIONS } from "../metering/usage.ts";
import type { Clock } from "../ports/clock.ts";

/** Requests to S3 that follow when an invocation has told its checkpoint what it used: that is known beforehand. */
const requestsBehind = (log: CommitLog, limiter: RateLimiter, ending: Ending) => {
  const rate = limiter.usage() === null ? 0 : 1;
  // The manifest looks at every part; before a wait the lease is renewed.
  const last = {
    done: { s3_puts: 1, s3_gets: log.end.part },
    throttled: { s3_puts: 1, s3_gets: 1 },
    partial: { s3_puts: 0, s3_gets: 0 },
    failed: { s3_puts: 0, s3_gets: 0 },
  }[ending];
  return {
    // One is the checkpoint itself.
    s3_puts: 1 + rate + last.s3_puts,
    s3_gets: rate + last.s3_gets,
  };
};

/**
 * Adds up what the invocation did, in time for its checkpoint. It may be told twice, when it is the manifest that fails
 * after all was read: the later word counts. `machineWaits` are the seconds of a wait that is the machine's.
 */
export const createAccount = (
  log: CommitLog,
  http: HttpStatistics,
  { meter, limiter }: { meter: Meter; limiter: RateLimiter },
  clock: Clock,
) => {
  const earlier = { ...log.statistics };
  const { rows, pages } = log.end.position;
  const started_at = clock.now();
  return (ending: Ending, machineWaits = 0) => {
    const ended_at = clock.now();
    const interval = {
      started_at,
      ended_at,
      waited_until: ending === "throttled" ? ended_at + machineWaits * 1000 : null,
      status: ending,
      rows: log.end.position.rows - rows,
      pages: log.end.position.pages - pages,
      waited_seconds: http.waited_seconds,
      invocations: 1,
      idle_seconds: 0,
    };
    const used = meter.usage({ ...requestsBehind(log, limiter, ending), transitions: TRANSITIONS[ending] });
    Object.assign(log.statistics, {
      requests: earlier.requests + http.requests,
      retries: earlier.retries + http.retries,
      waited_seconds: earlier.waited_seconds + http.waited_seconds,
      invocations: earlier.invocations + 1,
      throttles: earlier.throttles + (ending === "throttled" ? 1 : 0),
      usage: addUsage(earlier.usage, used),
      timeline: withInterval(earlier.timeline, interval),
    } satisfies Partial<Statistics>);
  };
};
