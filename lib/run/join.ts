import { ConfigError } from "../errors/index.ts";
import { compareAndSwap } from "../lake/compare-and-swap.ts";
import { readNewestState } from "../lake/incremental-state.ts";
import { isLeasedByOther, newRunRecord, type RunBounds, type RunRecord, runRecord } from "../lake/run-record.ts";
import type { Ports } from "../ports/index.ts";
import { SECOND } from "../time/durations.ts";
import { createStateReader } from "./lost-state.ts";
import { createRunId } from "./run-id.ts";
import { addedChildren, wantedResources } from "./selection.ts";
import type { SourceFacts } from "./source-facts.ts";
import type { StartOptions } from "./start-options.ts";

/** Result of joining: the run, or the owner of the lease that prevents it. */
export type Joined =
  | { status: "open"; run: RunRecord }
  | { status: "skipped"; run_id: string; owner: string; expires_at: string };

/** The execution or invocation that joins a run. */
export interface Joiner {
  /** The execution, or the invocation of a Lambda that was started alone. */
  owner: string;
  /** Milliseconds since 1970. */
  lease_until: number;
  /** An owner that is known to have ended: its lease counts as expired. */
  dead_owner?: string | null;
}

const kindOf = ({ window, refresh }: RunRecord): string => {
  if (window !== null) return `loads the window ${window.start}..${window.end}`;
  return refresh === "full" ? "is a full refresh" : "loads new data only";
};

/** @throws ConfigError when the start options need another kind of run than the open one. */
const validateOptions = (source: string, run: RunRecord, options: StartOptions): void => {
  const isOtherRefresh = options.refresh !== null && options.refresh !== run.refresh;
  const isOtherWindow = options.window !== null && JSON.stringify(options.window) !== JSON.stringify(run.window);
  if (!isOtherRefresh && !isOtherWindow) return;
  throw new ConfigError(
    `run ${run.run_id} is open since ${run.opened_at} and ${kindOf(run)}: finish it first (start with {}), or abandon it with new_run: true`,
    { source },
  );
};

/** @throws ConfigError for a resource that the source does not have. */
const validateResources = ({ source, resources }: SourceFacts, requested: string[]): void => {
  const unknown = requested.filter((name) => !resources.some((resource) => resource.name === name));
  if (unknown.length === 0) return;
  const names = resources.map(({ name }) => name).join(", ");
  throw new ConfigError(
    `unknown resource ${unknown.map((name) => JSON.stringify(name)).join(", ")}: choose from ${names}`,
    { source },
  );
};

type StatePorts = Pick<Ports, "bucket" | "logger">;

/**
 * Reads the cursors that the incremental resources start from.
 *
 * @param checked the resources that must not have lost their state; null: all.
 * @throws CheckpointError for a corrupt or a lost state.
 */
const readCursors = async (
  ports: StatePorts,
  facts: SourceFacts,
  checked: string[] | null,
): Promise<RunRecord["incremental"]> => {
  const cursors: RunRecord["incremental"] = {};
  const readState = createStateReader(ports, facts);
  for (const resource of facts.resources.filter(({ incremental }) => incremental)) {
    const { name, renamed_from = [] } = resource;
    const isChecked = checked === null || checked.includes(name);
    const state = isChecked
      ? await readState(resource)
      : await readNewestState(ports, facts.source, [name, ...renamed_from]);
    if (state !== null) cursors[name] = state.cursors;
  }
  return cursors;
};

/** Returns the cursors of a new run. A full refresh has none, and a window needs none. */
const cursorsOf = async (
  ports: StatePorts,
  facts: SourceFacts,
  { refresh, window }: StartOptions,
  wanted: string[] | null,
): Promise<RunRecord["incremental"]> =>
  refresh === "full" ? {} : readCursors(ports, facts, window === null ? wanted : []);

/** Returns the cursors of an open run with those of resources that it did not have yet. */
const cursorsWith = async (
  ports: StatePorts,
  facts: SourceFacts,
  run: RunRecord,
  resources: string[] | null,
): Promise<RunRecord["incremental"]> => {
  const isStateless = run.refresh === "full" || run.window !== null;
  if (isStateless || run.resources === null) return run.incremental;
  const all = resources ?? facts.resources.map(({ name }) => name);
  const added = all.filter((name) => run.resources?.includes(name) === false && !Object.hasOwn(run.incremental, name));
  if (added.length === 0) return run.incremental;
  const stored = Object.entries(await readCursors(ports, facts, added)).filter(([name]) => added.includes(name));
  return { ...Object.fromEntries(stored), ...run.incremental };
};

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

const leaseOf = ({ owner, lease_until }: Joiner) => ({ owner, expires_at: iso(lease_until) });

const mayJoin = (
  run: RunRecord | null,
  { new_run }: StartOptions,
  { owner }: Joiner,
  { now, max_run_age }: { now: number } & Pick<RunBounds, "max_run_age">,
): run is RunRecord => {
  if (run === null || run.closed_at !== null) return false;
  const isTooOld = now - Date.parse(run.opened_at) > max_run_age * SECOND;
  // A retried start must not abandon the run that its first attempt opened.
  const isAbandoned = new_run && run.opened_by !== owner;
  return !isTooOld && !isAbandoned;
};

const union = (one: string[] | null, other: string[] | null): string[] | null =>
  one === null || other === null ? null : [...new Set([...one, ...other])];

/** Returns the open run with the joiner's lease. */
const joined = (run: RunRecord, joiner: Joiner, now: number): RunRecord => ({
  ...run,
  joined_at: run.lease?.owner === joiner.owner ? run.joined_at : iso(now),
  lease: leaseOf(joiner),
});

/**
 * Joins the open run of a source, or opens one, and takes its lease. Every start uses this function.
 *
 * @throws ConfigError for an unknown resource, and for start options that do not fit the open run; CheckpointError for an
 * incremental state that is corrupt or lost.
 */
export const joinRun = async (
  ports: Pick<Ports, "bucket" | "clock" | "logger">,
  facts: SourceFacts,
  options: StartOptions,
  joiner: Joiner,
): Promise<Joined> => {
  const { source, resources, bounds } = facts;
  const { clock } = ports;
  validateResources(facts, options.resources ?? []);
  const wanted = wantedResources(resources, options);

  /** Returns a new run. If the run before it moves a cursor after this read, the swap fails and reads again. */
  const opened = async (previous: RunRecord | null, now: number): Promise<RunRecord> => ({
    ...newRunRecord({
      run_id: createRunId(now, clock.random, previous?.run_id),
      opened_at: iso(now),
      opened_by: joiner.owner,
    }),
    refresh: options.refresh,
    window: options.window,
    resources: wanted,
    incremental: await cursorsOf(ports, facts, options, wanted),
    lease: leaseOf(joiner),
    ...(previous?.rate !== undefined && { rate: previous.rate }),
  });

  let skipped: Joined | null = null;
  const run = await compareAndSwap(ports, runRecord(source), async (current) => {
    const now = clock.now();
    skipped = null;
    const isDead = current?.lease?.owner === joiner.dead_owner;
    if (current !== null && !isDead && isLeasedByOther(current, joiner.owner, now)) {
      skipped = { status: "skipped", run_id: current.run_id, ...current.lease };
      return null;
    }
    if (!mayJoin(current, options, joiner, { now, ...bounds })) return opened(current, now);
    validateOptions(source, current, options);
    const resources = union(current.resources, wanted);
    const incremental = await cursorsWith(ports, facts, current, resources);
    return { ...joined(current, joiner, now), resources, incremental };
  });
  if (skipped !== null) return skipped;
  const added = addedChildren(resources, options);
  if (added.length > 0) ports.logger.info("children added", { resources: added });
  ports.logger.info("run", { run_id: run?.run_id, opened: run?.joined_at === run?.opened_at });
  return { status: "open", run: run as RunRecord };
};
