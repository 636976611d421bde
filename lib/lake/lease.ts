import type { RateUsage } from "../http/rate-limit.ts";
import type { Ports } from "../ports/index.ts";
import { MINUTE } from "../time/durations.ts";
import { compareAndSwap } from "./compare-and-swap.ts";
import { isLeasedByOther, type RunRecord, runRecord } from "./run-record.ts";

/** Milliseconds added to every lease, for retries and cold starts between two Lambdas. */
export const LEASE_MARGIN = 5 * MINUTE;

/** Result of renewing a lease: the run, or the run record that shows why the lease is lost (null when there is none). */
export type Renewed = { run: RunRecord } | { lost: RunRecord | null };

/** A claim to work on a run. */
export interface LeaseClaim {
  run_id: string;
  owner: string;
  /** Milliseconds since 1970. */
  until: number;
}

/** Extends the owner's lease on its run. The lease is lost when the run is closed or another owner has the source's lease. */
export const renewLease = async (
  ports: Pick<Ports, "bucket" | "clock">,
  source: string,
  { run_id, owner, until }: LeaseClaim,
): Promise<Renewed> => {
  let lost: RunRecord | null | undefined;
  const run = await compareAndSwap(ports, runRecord(source), (current) => {
    lost = undefined;
    if (current === null || current.run_id !== run_id || current.closed_at !== null) {
      lost = current;
      return null;
    }
    if (isLeasedByOther(current, owner, ports.clock.now())) {
      lost = current;
      return null;
    }
    const expires = Math.max(until, current.lease?.owner === owner ? Date.parse(current.lease.expires_at) : 0);
    return { ...current, lease: { owner, expires_at: new Date(expires).toISOString() } };
  });
  return lost === undefined ? { run: run as RunRecord } : { lost };
};

/** Releases the lease if `owner` still holds it. */
export const releaseLease = async (
  ports: Pick<Ports, "bucket" | "clock">,
  source: string,
  owner: string,
): Promise<void> => {
  await compareAndSwap(ports, runRecord(source), (current) =>
    current?.lease?.owner === owner ? { ...current, lease: null } : null,
  );
};

/**
 * Stores how many requests were sent recently, for the next invocation. The count is lost when an invocation is killed.
 *
 * @param before the count that this invocation started with. If the stored one differs by now, another invocation worked at
 *   the same time, and both counts are added.
 */
export const recordRate = async (
  ports: Pick<Ports, "bucket" | "clock">,
  source: string,
  before: RateUsage | null,
  rate: RateUsage | null,
): Promise<void> => {
  if (rate === null) return;
  await compareAndSwap(ports, runRecord(source), (current) => {
    if (current === null) return null;
    const other = JSON.stringify(current.rate) === JSON.stringify(before ?? undefined) ? undefined : current.rate;
    return {
      ...current,
      rate: { at: Math.max(rate.at, other?.at ?? 0), requests: rate.requests + (other?.requests ?? 0) },
    };
  });
};
