import { withAncestors } from "../config/dependencies.ts";
import { CheckpointError, ConfigError } from "../errors/index.ts";
import type { RateUsage } from "../http/rate-limit.ts";
import { compareAndSwap } from "../lake/compare-and-swap.ts";
import { readIncrementalState } from "../lake/incremental-state.ts";
import { runKey } from "../lake/keys.ts";
import type { Cursor } from "../lake/position.ts";
import type { Ports } from "../ports/index.ts";
import { createRunId } from "./run-id.ts";
import type { Window, Wish } from "./start-options.ts";

/** Added to whatever a lease waits for: retries and cold starts between two Lambdas. */
export const LEASE_MARGIN = 5 * 60 * 1000;

/** Who works on a source, until when at the latest. */
export interface Lease {
  owner: string;
  /** ISO 8601. */
  expires_at: string;
}

/** `state/<source>/run.json`: the one open run of a source, or the last one, closed. */
export interface OpenRun {
  version: 1;
  run_id: string;
  /** ISO 8601. */
  opened_at: string;
  opened_by: string;
  /** When the owner of the lease joined: what was committed before was not its work. ISO 8601. */
  joined_at: string;
  refresh: "full" | null;
  window: Window | null;
  /** The resources it reads, ancestors included; null: all. */
  resources: string[] | null;
  /** Where incremental resources start, by resource, then by parent; fixed when the run is opened. */
  incremental: Record<string, Record<string, Cursor>>;
  lease: Lease | null;
  closed_at: string | null;
  /** The owner whose `finish` failed last: when it comes back, it was redriven. */
  failed_by: string | null;
  /** Requests of late, for a source with a rate limit; missing where nothing was counted. */
  rate?: RateUsage;
}

/** What `open` and `finish` need to know of a resource; the machine's definition carries it. */
export interface ResourceFacts {
  name: string;
  table: string;
  parent: string | null;
  selected: boolean;
  incremental: boolean;
}

/** The bounds that matter for joining. Seconds. */
export interface RunBounds {
  max_run_age: number;
  fresh_after: number;
}

/** What a start came to. */
export type Joined =
  | { status: "open"; run: OpenRun }
  | { status: "skipped"; run_id: string; owner: string; expires_at: string };

/** @throws CheckpointError when the stored run is corrupt. */
export const parseRun =
  (source: string) =>
  (text: string): OpenRun => {
    try {
      const run = JSON.parse(text) as OpenRun;
      if (run.version === 1 && typeof run.run_id === "string") return run;
    } catch {
      // Told below.
    }
    throw new CheckpointError(`${runKey(source)} is corrupt: restore an older version of the object, or delete it`, {
      source,
    });
  };

/** Whether somebody else than `owner` holds the lease. */
export const isLeasedByOther = (run: OpenRun, owner: string, now: number): run is OpenRun & { lease: Lease } =>
  run.lease !== null && run.lease.owner !== owner && Date.parse(run.lease.expires_at) > now;

const checkWish = (source: string, run: OpenRun, wish: Wish) => {
  const differs =
    (wish.refresh !== null && wish.refresh !== run.refresh) ||
    (wish.window !== null && JSON.stringify(wish.window) !== JSON.stringify(run.window));
  if (!differs) return;
  const kind = run.window
    ? `loads the window ${run.window.start}..${run.window.end}`
    : run.refresh
      ? "is a full refresh"
      : "loads what is new";
  throw new ConfigError(
    `run ${run.run_id} is open since ${run.opened_at} and ${kind}: finish it first (start with {}), or abandon it with new_run: true`,
    { source },
  );
};

const checkResources = (source: string, resources: ResourceFacts[], wanted: string[]) => {
  const unknown = wanted.filter((name) => !resources.some((resource) => resource.name === name));
  if (unknown.length > 0) {
    throw new ConfigError(
      `there is no resource ${unknown.map((name) => JSON.stringify(name)).join(", ")}; there are: ${resources.map(({ name }) => name).join(", ")}`,
      { source },
    );
  }
};

/** The wish's resources with all they descend from; null: all. */
export const wantedResources = (resources: ResourceFacts[], wish: Pick<Wish, "resources">): string[] | null =>
  wish.resources === null ? null : [...withAncestors(resources, wish.resources)];

/** Where the incremental resources stand. */
const readCursors = async (
  ports: Pick<Ports, "bucket">,
  source: string,
  resources: ResourceFacts[],
): Promise<OpenRun["incremental"]> => {
  const cursors: OpenRun["incremental"] = {};
  for (const { name } of resources.filter((resource) => resource.incremental)) {
    const state = await readIncrementalState(ports, source, name);
    if (state !== null) cursors[name] = state.cursors;
  }
  return cursors;
};

/** The cursors that a resource starts from in a run; undefined when it starts from the beginning. */
export const startingCursors = (run: OpenRun, resource: string): Record<string, Cursor> | undefined =>
  Object.hasOwn(run.incremental, resource) ? run.incremental[resource] : undefined;

/**
 * Joins the open run of a source, or opens one, and takes its lease (DESIGN 3). Every start comes through here.
 *
 * @param owner the execution, or the invocation by hand.
 * @param lease_until milliseconds since 1970.
 * @param dead_owner an owner that is known to be gone: its lease counts as expired.
 */
export const joinRun = async (
  ports: Pick<Ports, "bucket" | "clock" | "log">,
  source: string,
  resources: ResourceFacts[],
  wish: Wish,
  bounds: RunBounds,
  { owner, lease_until, dead_owner }: { owner: string; lease_until: number; dead_owner?: string | null },
): Promise<Joined> => {
  const { clock } = ports;
  checkResources(source, resources, wish.resources ?? []);
  const wanted = wantedResources(resources, wish);
  let skipped: Joined | null = null;

  const run = await compareAndSwap<OpenRun>(ports, runKey(source), parseRun(source), async (current) => {
    const now = clock.now();
    skipped = null;
    const lease = { owner, expires_at: new Date(lease_until).toISOString() };
    if (current !== null && current.lease?.owner !== dead_owner && isLeasedByOther(current, owner, now)) {
      skipped = { status: "skipped", run_id: current.run_id, ...current.lease };
      return null;
    }
    const isOpen = current !== null && current.closed_at === null;
    const isTooOld = isOpen && now - Date.parse(current.opened_at) > bounds.max_run_age * 1000;
    // A retried start must not abandon the run that its first attempt opened.
    const isAbandoned = wish.new_run && current?.opened_by !== owner;
    if (isOpen && !isTooOld && !isAbandoned) {
      checkWish(source, current, wish);
      const widened =
        current.resources === null || wanted === null ? null : [...new Set([...current.resources, ...wanted])];
      const joined_at = current.lease?.owner === owner ? current.joined_at : new Date(now).toISOString();
      return { ...current, resources: widened, joined_at, lease };
    }
    // Read after the run that this one replaces: if its `finish` moves a cursor meanwhile, the swap fails.
    const incremental = wish.refresh === "full" ? {} : await readCursors(ports, source, resources);
    return {
      version: 1,
      run_id: createRunId(now, clock.random, current?.run_id),
      opened_at: new Date(now).toISOString(),
      opened_by: owner,
      joined_at: new Date(now).toISOString(),
      refresh: wish.refresh,
      window: wish.window,
      resources: wanted,
      incremental,
      lease,
      closed_at: null,
      failed_by: null,
      ...(current?.rate !== undefined && { rate: current.rate }),
    };
  });
  if (skipped !== null) return skipped;
  ports.log.info("run", { run_id: run?.run_id, opened: run?.joined_at === run?.opened_at });
  return { status: "open", run: run as OpenRun };
};

/** What renewing a lease came to: the run, or why there is nothing to do. */
export type Renewed = { run: OpenRun } | { lost: OpenRun | null };

/** Extends the owner's lease on its run; it is lost when the run is over or someone else took the source over. */
export const renewLease = async (
  ports: Pick<Ports, "bucket" | "clock">,
  source: string,
  run_id: string,
  owner: string,
  lease_until: number,
): Promise<Renewed> => {
  let lost: OpenRun | null | undefined;
  const run = await compareAndSwap(ports, runKey(source), parseRun(source), (current) => {
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
  return lost === undefined ? { run: run as OpenRun } : { lost };
};

/** Lets go of the lease, if it is still the owner's. */
export const releaseLease = async (
  ports: Pick<Ports, "bucket" | "clock">,
  source: string,
  owner: string,
): Promise<void> => {
  await compareAndSwap(ports, runKey(source), parseRun(source), (current) =>
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
  await compareAndSwap(ports, runKey(source), parseRun(source), (current) => {
    if (current === null) return null;
    const other = JSON.stringify(current.rate) === JSON.stringify(known ?? undefined) ? undefined : current.rate;
    return {
      ...current,
      rate: { at: Math.max(rate.at, other?.at ?? 0), requests: rate.requests + (other?.requests ?? 0) },
    };
  });
};
