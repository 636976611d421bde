import { descendants } from "../config/dependencies.ts";
import { RunFailedError } from "../errors/index.ts";
import { needsNewRun } from "../errors/next-step.ts";
import { compareAndSwap } from "../lake/compare-and-swap.ts";
import { moveIncrementalState } from "../lake/incremental-state.ts";
import { addressOf } from "../lake/keys.ts";
import { LEASE_MARGIN } from "../lake/lease.ts";
import { isLeasedByOther, type ResourceFacts, type RunRecord, runRecord } from "../lake/run-record.ts";
import { costOf } from "../metering/cost.ts";
import type { Transitions } from "../metering/transitions.ts";
import { addUsage, meter, NO_USAGE, roundUsage, type Usage } from "../metering/usage.ts";
import type { Ports } from "../ports/index.ts";
import { emptyResources, freshnessOf, readHistory } from "../report/history.ts";
import { type ResourceState, reportResource, withoutResume } from "../report/resource-report.ts";
import { type NamedError, type RunReport, writeReport } from "../report/run-report.ts";
import { schemaChangesOf } from "../report/schema-changes.ts";
import { requestsForPages, writePages } from "../report/write-pages.ts";
import { writeTableDocuments } from "../tables/documents.ts";
import { SECOND } from "../time/durations.ts";
import { wantedResources } from "./selection.ts";
import type { SourceFacts } from "./source-facts.ts";
import type { StartOptions } from "./start-options.ts";
import { withUncountedRows } from "./uncounted-rows.ts";
import { isUnchangedSince, judge, type Verdict } from "./verdict.ts";

/**
 * Result of the `finish` state. `done`: the run is closed, or what this execution was started for is done. `again`: the
 * execution was redriven, so go through the resources again. `fresh`: the run that is now closed was an old one, so
 * continue with a new run.
 */
export interface Finished {
  status: "done" | "again" | "fresh";
  source: string;
  run_id: string;
  rows: number;
  resources: number;
}

/** The execution that finishes a run. */
export interface FinishingExecution {
  options: StartOptions;
  run_id: string;
  owner: string;
  /** Errors that the state machine caught, by resource. */
  failures: Record<string, NamedError>;
  /** States that the state machine enters. */
  transitions: Transitions;
  /** Usage of the `open` state. */
  opened?: Usage;
  /** Memory of the Lambda; null outside of a Lambda. */
  memory_mb?: number | null;
  /** Called with the report once it is written. */
  onReport?: (report: RunReport) => void;
}

/** Maximum number of failed resources that an error names. */
const MAX_NAMED_FAILURES = 5;

const listFailures = (failed: Verdict["failed"]): string => {
  const named = failed.slice(0, MAX_NAMED_FAILURES).map(({ resource, error }) => `${resource} (${error?.name})`);
  const rest = failed.length - named.length;
  return `${named.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
};

/** Whether this execution still has the run to finish. */
const isOurs = (current: RunRecord | null, { run_id, owner }: FinishingExecution, now: number): current is RunRecord =>
  current !== null && current.run_id === run_id && current.closed_at === null && !isLeasedByOther(current, owner, now);

/**
 * Reads the run to finish. Where this execution failed here before, it was redriven: it takes the lease again.
 *
 * @returns the run, `again` for a redriven execution, or `over` when the run is no longer this execution's.
 */
const enter = async (
  ports: Ports,
  source: string,
  execution: FinishingExecution,
  now: number,
): Promise<RunRecord | "again" | "over"> => {
  const { owner } = execution;
  const entry: { state: "finish" | "again" | "over" } = { state: "over" };
  const run = await compareAndSwap(ports, runRecord(source), (current) => {
    if (!isOurs(current, execution, now)) {
      entry.state = "over";
      return null;
    }
    entry.state = current.failed_by === owner ? "again" : "finish";
    if (entry.state === "finish") return null;
    return { ...current, failed_by: null, lease: { owner, expires_at: new Date(now + LEASE_MARGIN).toISOString() } };
  });
  if (run === null) return "over";
  return entry.state === "finish" ? run : entry.state;
};

const isInRun = (run: RunRecord, { name }: ResourceFacts): boolean =>
  run.resources === null || run.resources.includes(name);

const readStates = (
  ports: Ports,
  { source, resources }: SourceFacts,
  run: RunRecord,
  failures: FinishingExecution["failures"],
): Promise<ResourceState[]> =>
  Promise.all(
    resources
      .filter((facts) => isInRun(run, facts))
      .map((facts) => {
        const failure = Object.hasOwn(failures, facts.name) ? failures[facts.name] : undefined;
        return reportResource(ports, facts, addressOf(source, facts, run.run_id), failure);
      }),
  );

/** Moves incremental state, only of resources whose selected descendants are all done in this run. */
const moveStates = async (
  ports: Ports,
  { source, resources }: SourceFacts,
  run: RunRecord,
  states: ResourceState[],
): Promise<void> => {
  if (run.window !== null) return;
  const byName = new Map(states.map((state) => [state.report.resource, state]));
  const isDone = (name: string) => byName.get(name)?.report.status === "done";
  for (const { name, incremental, renamed_from } of resources) {
    const cursors = byName.get(name)?.cursors ?? {};
    if (!incremental || !isDone(name) || Object.keys(cursors).length === 0) continue;
    const below = descendants(resources, name);
    const dependants = resources.filter((child) => child.selected && below.has(child.name));
    if (!dependants.every((child) => isDone(child.name))) continue;
    await moveIncrementalState(ports, { source, resource: name, run_id: run.run_id, renamed_from }, cursors);
  }
};

/** Requests to S3 after the report's content is known: the report, its pages, and the swap that closes the run. */
const requestsAfterReport = (isLatest: boolean) => ({ s3_puts: 2 + requestsForPages(isLatest), s3_gets: 1 });

/**
 * Counts the states that this execution entered for resources that did not count them: it was not started for them, found
 * them done, or they failed before they began.
 */
const uncountedTransitions = (
  { resources }: SourceFacts,
  { joined_at }: RunRecord,
  states: ResourceState[],
  { options, failures, transitions: { invocation } }: FinishingExecution,
): number => {
  const wanted = wantedResources(resources, options);
  const byName = new Map(states.map((state) => [state.report.resource, state]));
  const uncounted = resources.map(({ name }): number => {
    const state = byName.get(name);
    if (state === undefined || wanted?.includes(name) === false) return invocation.done;
    if (state.report.invocations === 0) return Object.hasOwn(failures, name) ? invocation.failed : invocation.done;
    const wasDone = state.report.status === "done" && isUnchangedSince(state, joined_at);
    return wasDone ? invocation.done : 0;
  });
  return uncounted.reduce((sum, count) => sum + count, 0);
};

/** Everything that the report of a run is made of. */
interface ReportContext {
  run: RunRecord;
  facts: SourceFacts;
  states: ResourceState[];
  verdict: Verdict;
  /** Milliseconds since 1970. */
  now: number;
  /** Returns what the run used, given the S3 requests after the report. */
  used: (after: { s3_puts: number; s3_gets: number }) => Usage;
}

const buildReport = async (
  ports: Ports,
  { run, facts, states, verdict, now, used }: ReportContext,
): Promise<{ report: RunReport; isLatest: boolean }> => {
  const { source, resources } = facts;
  const inRun = resources.filter((resource) => isInRun(run, resource));
  const tables = [...new Set(inRun.flatMap(({ table, selected }) => (selected ? [table] : [])))];
  const [{ earlier, isLatest }, schema_changes] = await Promise.all([
    readHistory(ports, source, run.run_id),
    schemaChangesOf(ports, source, tables, run.run_id),
  ]);
  const { failed, isComplete, isAbandoned } = verdict;
  const warned = await withUncountedRows(ports, facts, states, earlier);
  const reports = warned.map(({ report }) => (isAbandoned ? withoutResume(report) : report));
  const report: RunReport = {
    version: 1,
    source,
    run_id: run.run_id,
    opened_at: run.opened_at,
    finished_at: new Date(now).toISOString(),
    duration_seconds: (now - Date.parse(run.opened_at)) / SECOND,
    status: failed.length === 0 ? "done" : "failed",
    closed: isComplete || isAbandoned,
    complete: isComplete && inRun.length === resources.length && run.window === null,
    refresh: run.refresh,
    window: run.window,
    freshness_seconds: freshnessOf(earlier, now),
    empty_resources: emptyResources(reports, earlier),
    resources: reports,
    schema_changes,
    cost: costOf(roundUsage(used(requestsAfterReport(isLatest)))),
    earlier,
  };
  return { report, isLatest };
};

/**
 * Closes the run, or leaves it open for the next start.
 *
 * @returns false when another execution took the source over, or closed the run, in the meantime.
 */
const release = async (
  ports: Ports,
  source: string,
  execution: FinishingExecution,
  { failed, isComplete, isAbandoned }: Verdict,
): Promise<boolean> => {
  let isReleased = false;
  await compareAndSwap(ports, runRecord(source), (current) => {
    const now = ports.clock.now();
    isReleased = isOurs(current, execution, now);
    if (!isReleased || current === null) return null;
    return {
      ...current,
      lease: null,
      failed_by: failed.length > 0 && !isAbandoned ? execution.owner : null,
      closed_at: isComplete || isAbandoned ? new Date(now).toISOString() : null,
    };
  });
  return isReleased;
};

/** Returns how the next start continues a run that stays open. */
const continuation = (run_id: string, failed: Verdict["failed"]): string =>
  failed.some(({ error }) => error !== null && needsNewRun(error))
    ? `Run ${run_id} stays open: correct the cause, then start with new_run`
    : `The next start resumes run ${run_id}`;

/** @throws RunFailedError for a run that stays open with failed resources. */
const conclude = (
  { logger }: Pick<Ports, "logger">,
  source: string,
  { run_id, opened_at }: RunRecord,
  { requested, failed, isAbandoned, continuesWithNewRun }: Verdict,
): Finished => {
  if (isAbandoned) {
    const why = `opened ${opened_at}, without progress in this execution: ${listFailures(failed)}`;
    logger.warn("run abandoned", { run_id, why });
  } else if (failed.length > 0) {
    throw new RunFailedError(
      `${failed.length} of ${requested.length} resources failed: ${listFailures(failed)}. ${continuation(run_id, failed)}`,
      { source },
    );
  }
  const rows = requested.reduce((sum, report) => sum + report.rows, 0);
  return { status: continuesWithNewRun ? "fresh" : "done", source, run_id, rows, resources: requested.length };
};

/**
 * Finishes a run: moves incremental state, writes the tables' documents and the report, and closes the run. A run that is
 * not complete stays open, and the next start resumes it, unless it is abandoned (see `Verdict`).
 *
 * @throws RunFailedError naming the resources that are not done.
 */
export const finishRun = async (given: Ports, facts: SourceFacts, execution: FinishingExecution): Promise<Finished> => {
  const { source } = facts;
  const { options, run_id, owner, failures, opened = NO_USAGE, memory_mb = null, onReport } = execution;
  const { ports, usage } = meter(given, memory_mb);
  const now = ports.clock.now();
  const nothing = { source, run_id, rows: 0, resources: 0 };
  const run = await enter(ports, source, execution, now);
  if (run === "over") return { ...nothing, status: "done" };
  if (run === "again") return { ...nothing, status: "again" };

  const states = await readStates(ports, facts, run, failures);
  await moveStates(ports, facts, run, states);
  const loaded = states.flatMap(({ report: { table }, rules }) => (rules === null ? [] : [{ table, rules }]));
  await writeTableDocuments(ports, source, loaded);

  const verdict = judge(run, states, facts, { owner, options, now });
  const isFailed = verdict.failed.length > 0 && !verdict.isAbandoned;
  const transitions =
    uncountedTransitions(facts, run, states, execution) + execution.transitions.execution[isFailed ? "failed" : "done"];
  const used = (after: { s3_puts: number; s3_gets: number }): Usage =>
    states.reduce((sum, { report }) => addUsage(sum, report.usage), addUsage(opened, usage({ ...after, transitions })));
  const { report, isLatest } = await buildReport(ports, { run, facts, states, verdict, now, used });
  await writeReport(ports, report);
  await writePages(ports, report, isLatest);
  onReport?.(report);

  if (!(await release(ports, source, execution, verdict))) return { ...nothing, status: "done" };
  return conclude(ports, source, run, verdict);
};
