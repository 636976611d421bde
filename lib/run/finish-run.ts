import { descendants } from "../config/dependencies.ts";
import { RunFailedError } from "../errors/index.ts";
import { compareAndSwap } from "../lake/compare-and-swap.ts";
import { moveIncrementalState } from "../lake/incremental-state.ts";
import { addressOf, runKey } from "../lake/keys.ts";
import { LEASE_MARGIN } from "../lake/lease.ts";
import {
  isLeasedByOther,
  parseRunRecord,
  type ResourceFacts,
  type RunBounds,
  type RunRecord,
} from "../lake/run-record.ts";
import { costOf } from "../metering/cost.ts";
import {
  addUsage,
  meter,
  NO_USAGE,
  roundUsage,
  TRANSITIONS,
  transitionsAround,
  type Usage,
} from "../metering/usage.ts";
import type { Ports } from "../ports/index.ts";
import { emptyResources, freshnessOf, readHistory } from "../report/history.ts";
import {
  type NamedError,
  type ResourceState,
  type RunReport,
  reportResource,
  writeReport,
} from "../report/run-report.ts";
import { schemaChangesOf } from "../report/schema-changes.ts";
import { requestsForPages, writePages } from "../report/write-pages.ts";
import { writeTableDocuments } from "../tables/documents.ts";
import { wantedResources } from "./open-run.ts";
import type { StartOptions } from "./start-options.ts";

/**
 * What `finish` tells the machine. `done`: the run is closed, or what this execution was asked for is done.
 * `again`: the execution was redriven, go through the resources once more. `fresh`: the run that is now closed was an
 * old one, go on with a fresh one.
 */
export interface Finished {
  status: "done" | "again" | "fresh";
  source: string;
  run_id: string;
  rows: number;
  resources: number;
}

const summarise = (failed: { resource: string; error: NamedError | null }[]): string =>
  failed
    .slice(0, 5)
    .map(({ resource, error }) => `${resource} (${error?.name})`)
    .join(", ") + (failed.length > 5 ? ` and ${failed.length - 5} more` : "");

/** Incremental state moves only for resources whose selected descendants are all done in this run (DESIGN 3). */
const moveStates = async (
  ports: Ports,
  source: string,
  run: RunRecord,
  resources: ResourceFacts[],
  states: Map<string, ResourceState>,
) => {
  if (run.window !== null) return;
  const isDone = (name: string) => states.get(name)?.report.status === "done";
  for (const { name, incremental } of resources) {
    const cursors = states.get(name)?.cursors ?? {};
    if (!incremental || !isDone(name) || Object.keys(cursors).length === 0) continue;
    const below = descendants(resources, name);
    const dependants = resources.filter((child) => child.selected && below.has(child.name));
    if (dependants.every((child) => isDone(child.name))) {
      await moveIncrementalState(ports, source, name, run.run_id, cursors);
    }
  }
};

/** Whether this execution still has the run to finish. */
const isOurs = (current: RunRecord | null, run_id: string, owner: string, now: number): boolean =>
  current !== null && current.run_id === run_id && current.closed_at === null && !isLeasedByOther(current, owner, now);

/** What an execution of the machine brings with it besides its run. */
interface Finishing {
  run_id: string;
  owner: string;
  /** What the machine caught, by resource. */
  failures: Record<string, NamedError>;
  /** What the `open` state used. */
  opened?: Usage;
  /** Memory of the Lambda; null where there is none. */
  memory_mb?: number | null;
  /** Is told what the report says, once it is written. */
  reported?: (report: RunReport) => void;
}

/** Whether a resource got no further since this execution joined the run. */
const isBefore = ({ committed_at }: ResourceState, joined_at: string): boolean =>
  (committed_at ?? 0) < Date.parse(joined_at);

/**
 * What `finish` still asks of S3 once it knows what its report says: the report, what is written of it for people, and the
 * swap that closes the run.
 */
const behindTheReport = (isLatest: boolean) => ({ s3_puts: 2 + requestsForPages(isLatest), s3_gets: 1 });

/**
 * States that this execution entered for resources without adding to their own counts: it was not asked for them, found
 * them done, or they failed before they began.
 */
const transitionsInPassing = (
  resources: ResourceFacts[],
  states: Map<string, ResourceState>,
  { joined_at, wanted, failures }: { joined_at: string; wanted: string[] | null; failures: Finishing["failures"] },
): number => {
  const transitions = resources.map(({ name }) => {
    const state = states.get(name);
    if (state === undefined || wanted?.includes(name) === false) return TRANSITIONS.done;
    const { report } = state;
    if (report.invocations === 0) return Object.hasOwn(failures, name) ? TRANSITIONS.failed : TRANSITIONS.done;
    const isFoundDone = report.status === "done" && isBefore(state, joined_at);
    return isFoundDone ? TRANSITIONS.done : 0;
  });
  return transitions.reduce<number>((sum, count) => sum + count, 0);
};

/**
 * The machine's last state: moves incremental state, writes the tables' documents and the report, and closes the run or fails by name.
 * A run that is not complete stays open, and the next start goes on with it. An old run whose failing resources did
 * not get any further in this execution is given up for a fresh one: one resource that fails night after night must
 * not keep the others from loading.
 *
 * @throws RunFailedError naming the resources that are not done.
 */
export const finishRun = async (
  given: Ports,
  source: string,
  resources: ResourceFacts[],
  wish: StartOptions,
  bounds: RunBounds,
  { run_id, owner, failures, opened = NO_USAGE, memory_mb = null, reported }: Finishing,
): Promise<Finished> => {
  const { ports, usage } = meter(given, memory_mb);
  const now = ports.clock.now();
  let entered = { again: false, over: false };
  const run = await compareAndSwap(ports, runKey(source), parseRunRecord(source), (current) => {
    entered = { again: false, over: false };
    entered.over = !isOurs(current, run_id, owner, now);
    if (entered.over || current?.failed_by !== owner) return null;
    // This execution failed here before and is back: it was redriven.
    entered.again = true;
    return { ...current, failed_by: null, lease: { owner, expires_at: new Date(now + LEASE_MARGIN).toISOString() } };
  });
  const finished = { source, run_id, rows: 0, resources: 0 };
  if (run === null || entered.over) return { ...finished, status: "done" };
  if (entered.again) return { ...finished, status: "again" };

  const wanted = wantedResources(resources, wish);
  const inRun = resources.filter(({ name }) => run.resources === null || run.resources.includes(name));
  const states = await Promise.all(
    inRun.map((facts) =>
      reportResource(
        ports,
        facts,
        addressOf(source, facts, run_id),
        Object.hasOwn(failures, facts.name) ? failures[facts.name] : undefined,
      ),
    ),
  );
  const byName = new Map(states.map((state) => [state.report.resource, state]));
  await moveStates(ports, source, run, resources, byName);
  await writeTableDocuments(
    ports,
    source,
    states.flatMap(({ report: { table }, rules }) => (rules === null ? [] : [{ table, rules }])),
  );
  const reports = states.map(({ report }) => report);
  const asked = reports.filter(({ resource }) => wanted === null || wanted.includes(resource));
  const failed = asked.filter(({ status }) => status === "failed");
  const isComplete = reports.every(({ status }) => status === "done");
  const isOld = now - Date.parse(run.opened_at) > bounds.fresh_after * 1000;
  // Only a run that someone else opened can be old news: an execution that took this long on its own is just slow.
  const mayBeFresh = run.opened_by !== owner && wish.window === null && (isOld || run.window !== null);
  const isStuck =
    failed.length > 0 &&
    mayBeFresh &&
    isOld &&
    states.every((state) => state.report.status === "done" || isBefore(state, run.joined_at));
  const transitions =
    transitionsInPassing(resources, byName, { joined_at: run.joined_at, wanted, failures }) +
    transitionsAround(failed.length > 0 && !isStuck);
  const tables = [...new Set(inRun.flatMap(({ table, selected }) => (selected ? [table] : [])))];
  const [history, schema_changes] = await Promise.all([
    readHistory(ports, source, run_id),
    schemaChangesOf(ports, source, tables, run_id),
  ]);
  const { earlier, isLatest } = history;
  const own = addUsage(opened, usage({ ...behindTheReport(isLatest), transitions }));
  const used = reports.reduce((sum, report) => addUsage(sum, report.usage), own);
  const report: RunReport = {
    version: 1,
    source,
    run_id,
    opened_at: run.opened_at,
    finished_at: new Date(now).toISOString(),
    duration_seconds: (now - Date.parse(run.opened_at)) / 1000,
    status: failed.length === 0 ? "done" : "failed",
    closed: isComplete || isStuck,
    complete: isComplete && inRun.length === resources.length && run.window === null,
    refresh: run.refresh,
    window: run.window,
    freshness_seconds: freshnessOf(earlier, now),
    empty_resources: emptyResources(reports, earlier),
    resources: reports,
    schema_changes,
    cost: costOf(roundUsage(used)),
    earlier,
  };
  await writeReport(ports, report);
  await writePages(ports, report, isLatest);
  reported?.(report);
  // A finish that was slow may find that another execution took the source over, or closed the run.
  let isOver = false;
  await compareAndSwap(ports, runKey(source), parseRunRecord(source), (current) => {
    isOver = !isOurs(current, run_id, owner, ports.clock.now());
    return isOver || current === null
      ? null
      : {
          ...current,
          lease: null,
          failed_by: failed.length > 0 && !isStuck ? owner : null,
          closed_at: isComplete || isStuck ? new Date(now).toISOString() : null,
        };
  });
  if (isOver) return { ...finished, status: "done" };
  if (isStuck) {
    ports.logger.warn("run given up", {
      run_id,
      why: `opened ${run.opened_at}, and no further tonight: ${summarise(failed)}`,
    });
  } else if (failed.length > 0) {
    throw new RunFailedError(
      `${failed.length} of ${asked.length} resources failed: ${summarise(failed)}. The next start goes on with run ${run_id}`,
      { source },
    );
  }
  const rows = asked.reduce((sum, report) => sum + report.rows, 0);
  const isFresh = mayBeFresh && (isComplete || isStuck);
  return { ...finished, rows, resources: asked.length, status: isFresh ? "fresh" : "done" };
};
