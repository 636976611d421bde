import { withAncestors } from "../config/dependencies.ts";
import { ConfigError } from "../errors/index.ts";
import { compareAndSwap } from "../lake/compare-and-swap.ts";
import { readIncrementalState } from "../lake/incremental-state.ts";
import { runKey } from "../lake/keys.ts";
import {
  isLeasedByOther,
  parseRunRecord,
  type ResourceFacts,
  type RunBounds,
  type RunRecord,
} from "../lake/run-record.ts";
import type { Ports } from "../ports/index.ts";
import { createRunId } from "./run-id.ts";
import type { StartOptions } from "./start-options.ts";
/** What a start came to. */
export type Joined =
  | { status: "open"; run: RunRecord }
  | { status: "skipped"; run_id: string; owner: string; expires_at: string };
const checkWish = (source: string, run: RunRecord, wish: StartOptions) => {
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
export const wantedResources = (resources: ResourceFacts[], wish: Pick<StartOptions, "resources">): string[] | null =>
  wish.resources === null ? null : [...withAncestors(resources, wish.resources)];

/** Where the incremental resources stand. */
const readCursors = async (
  ports: Pick<Ports, "bucket">,
  source: string,
  resources: ResourceFacts[],
): Promise<RunRecord["incremental"]> => {
  const cursors: RunRecord["incremental"] = {};
  for (const { name } of resources.filter((resource) => resource.incremental)) {
    const state = await readIncrementalState(ports, source, name);
    if (state !== null) cursors[name] = state.cursors;
  }
  return cursors;
};
/**
 * Joins the open run of a source, or opens one, and takes its lease (DESIGN 3). Every start comes through here.
 *
 * @param owner the execution, or the invocation by hand.
 * @param lease_until milliseconds since 1970.
 * @param dead_owner an owner that is known to be gone: its lease counts as expired.
 */
export const joinRun = async (
  ports: Pick<Ports, "bucket" | "clock" | "logger">,
  source: string,
  resources: ResourceFacts[],
  wish: StartOptions,
  bounds: RunBounds,
  { owner, lease_until, dead_owner }: { owner: string; lease_until: number; dead_owner?: string | null },
): Promise<Joined> => {
  const { clock } = ports;
  checkResources(source, resources, wish.resources ?? []);
  const wanted = wantedResources(resources, wish);
  let skipped: Joined | null = null;

  const run = await compareAndSwap<RunRecord>(ports, runKey(source), parseRunRecord(source), async (current) => {
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
  ports.logger.info("run", { run_id: run?.run_id, opened: run?.joined_at === run?.opened_at });
  return { status: "open", run: run as RunRecord };
};
