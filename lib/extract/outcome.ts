import { NO_STATS, type ResourceStats } from "../metering/resource-stats.ts";

/** Result of a resource's Lambda for the state machine: small, without data and without secrets. */
export interface Outcome extends ResourceStats {
  /**
   * `done`: everything is committed. `partial`: the time budget is spent. `throttled`: invoke again after
   * `retry_after_seconds`. `skipped`: nothing was done, see `reason`.
   */
  status: "done" | "partial" | "throttled" | "skipped";
  source: string;
  resource: string;
  run_id: string;
  /** Seconds to wait before the next invocation, an integer; only with `throttled`. */
  retry_after_seconds?: number;
  /**
   * Only with `skipped`. `lease`: another execution works on the source. `not_in_run`: the start options leave this
   * resource out.
   */
  reason?: "lease" | "not_in_run";
  /** Holder of the lease and when it expires (ISO 8601); only with the reason `lease`. */
  owner?: string;
  expires_at?: string;
}

/** Returns the outcome of an invocation that did nothing. */
export const skippedOutcome = (
  place: Pick<Outcome, "source" | "resource" | "run_id">,
  why: Pick<Outcome, "reason" | "owner" | "expires_at">,
): Outcome => ({ status: "skipped", ...place, ...NO_STATS, ...why });
