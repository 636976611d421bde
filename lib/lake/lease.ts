import type { RateUsage } from "../http/rate-limit.ts";
import type { Ports } from "../ports/index.ts";
import { compareAndSwap } from "./compare-and-swap.ts";
import { runKey } from "./keys.ts";
import { isLeasedByOther, parseRunRecord, type RunRecord } from "./run-record.ts";
/** Added to whatever a lease waits for: retries and cold starts between two Lambdas. */
export const LEASE_MARGIN = 5 * 60 * 1000;

/** What renewing a lease came to: the run, or why there is nothing to do. */
export type Renewed = { run: RunRecord } | { lost: RunRecord | null };

/** Extends the owner's lease on its run; it is lost when the run is over or someone else took the source over. */
export const renewLease = async (
  ports: Pick<Ports, "bucket" | "clock">,
  source: string,
  run_id: string,
  owner: string,
  lease_until: number,
): Promise<Renewed> => {
  let lost: RunRecord | null | undefined;
  const run = await compareAndSwap(ports, runKey(source), parseRunRecord(source), (current) => {
    lost = undefined;
    if (current === null || current.run_id !== run_id || current.closed_at !== null) {
      lost = current;
      return null;
    }
    if (isLeasedByOther(current, owner, ports.clock.now())) {
      lost = current;
      return null;
    }
    const expires = Math.max(lease_until, current.lease?.owner === owner ? Date.parse(current.lease.expires_at) : 0);
    return { ...current, lease: { owner, expires_at: new Date(expires).toISOString() } };
  });
  return lost === undefined ? { run: run as RunRecord } : { lost };
};

/** Lets go of the lease, if it is still the owner's. */
export const releaseLease = async (
  ports: Pick<Ports, "bucket" | "clock">,
  source: string,
  owner: string,
): Promise<void> => {
  await compareAndSwap(ports, runKey(source), parseRunRecord(source), (current) =>
    current?.lease?.owner === owner ? { ...current, lease: null } : null,
  );
};

/**
 * Tells the next invocation how much was asked of late; lost when an invocation is killed.
 *
 * @param known what this invocation knew when it began: where something else is recorded by now, another one was at work
 *   at the same time, and both count.
 */
export const recordRate = async (
  ports: Pick<Ports, "bucket" | "clock">,
  source: string,
  known: RateUsage | null,
  rate: RateUsage | null,
): Promise<void> => {
  if (rate === null) return;
  await compareAndSwap(ports, runKey(source), parseRunRecord(source), (current) => {
    if (current === null) return null;
    const other = JSON.stringify(current.rate) === JSON.stringify(known ?? undefined) ? undefined : current.rate;
    return {
      ...current,
      rate: { at: Math.max(rate.at, other?.at ?? 0), requests: rate.requests + (other?.requests ?? 0) },
    };
  });
};
