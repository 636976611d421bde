import type { ResolvedResource } from "../config/resolved.ts";
import { BudgetTooSmallError } from "../errors/index.ts";
import { Throttled } from "../http/client.ts";
import { loadCheckpoint } from "../lake/checkpoint.ts";
import { type CommitLog, openCommitLog } from "../lake/commit-log.ts";
import { addressOf, type LogAddress, logAddressOf } from "../lake/keys.ts";
import { readManifest, writeManifest } from "../lake/manifest.ts";
import { firstPosition } from "../lake/position.ts";
import { startingCursors } from "../lake/run-record.ts";
import { statsOf, statsOfManifest } from "../lake/stats.ts";
import { activityOf } from "../metering/activity.ts";
import { readingWarnings } from "../metering/readings.ts";
import { type ResourceStats, subtractStats } from "../metering/resource-stats.ts";
import { BudgetSpent } from "../time/budget.ts";
import { loadPages } from "./load-pages.ts";
import type { Outcome } from "./outcome.ts";
import type { Instruments, Invocation, RunContext } from "./run-context.ts";
import { openSession, type Session } from "./session.ts";
import { skippedParentsWarning } from "./skip-parent.ts";

/**
 * Whether this run read everything, so that a row it did not see no longer exists in the source: without a start, and
 * without a skipped row of the parent, of the resource and all its ancestors.
 */
const isFullRefresh = async (
  { ports, source, run }: Pick<RunContext, "ports" | "source" | "run">,
  resource: ResolvedResource,
  skipped_parents: number,
): Promise<boolean> => {
  if (run.window !== null || startingCursors(run, resource) !== undefined || skipped_parents > 0) return false;
  const parent = source.resources.find(({ name }) => name === resource.parent?.resource);
  if (parent === undefined) return true;
  const manifest = await readManifest(ports, addressOf(source.name, parent, run.run_id));
  return manifest?.full_refresh === true;
};

const outcomeOf = (context: RunContext, status: Outcome["status"], stats: ResourceStats): Outcome => ({
  status,
  source: context.source.name,
  resource: context.resource.name,
  run_id: context.run.run_id,
  ...stats,
});

/** Writes the manifest of a complete log. */
const seal = async (context: RunContext, address: LogAddress, log: CommitLog): Promise<Outcome> => {
  const { ports, resource, run } = context;
  const { write_disposition, primary_key, merge_key, hard_delete, dedup_sort, insert_only } = resource;
  const { table_resources } = resource;
  const { position } = log.end;
  const full_refresh = await isFullRefresh(context, resource, position.skipped_parents);
  await writeManifest(ports, address, log.end.part, {
    full_refresh,
    warnings: [
      ...skippedParentsWarning(resource, position),
      ...readingWarnings(position, {
        isStatic: resource.rows !== null,
        hasParent: resource.parent !== null,
        hasDedupSort: dedup_sort !== null,
      }),
    ],
    removes_missing_rows: full_refresh && (run.refresh === "full" || resource.on_missing_rows === "delete"),
    ...{ write_disposition, primary_key, merge_key, hard_delete, dedup_sort, insert_only, table_resources },
  });
  return outcomeOf(context, "done", statsOf(log));
};

/** Saves the checkpoint of an invocation that was stopped. The log has everything but the activity, so a failure is only a warning. */
const saveActivity = async ({ ports, resource }: RunContext, log: CommitLog): Promise<void> => {
  await log.saveCheckpoint().catch((error: unknown) => {
    ports.logger.warn("checkpoint not saved", { resource: resource.name, why: (error as Error).message });
  });
};

/**
 * Records why loading stopped, and returns the outcome unless it is a failure.
 *
 * @param isStuck whether the time budget was spent without a commit.
 * @throws the error that stopped loading; BudgetTooSmallError when not even one page fits into the budget.
 */
const concludeStop = async (
  context: RunContext,
  { log, account }: Session,
  error: unknown,
  { time, isStuck }: { time: number; isStuck: boolean },
): Promise<Outcome> => {
  if (error instanceof Throttled) {
    account("throttled", error.retry_after_seconds);
    log.activity.attempts = error.attempts;
    await saveActivity(context, log);
    return { ...outcomeOf(context, "throttled", statsOf(log)), retry_after_seconds: error.retry_after_seconds };
  }
  const isPartial = error instanceof BudgetSpent && !isStuck;
  account(isPartial ? "partial" : "failed");
  await saveActivity(context, log);
  if (isPartial) return outcomeOf(context, "partial", statsOf(log));
  if (!(error instanceof BudgetSpent)) throw error;
  throw new BudgetTooSmallError(
    `not even one page could be read in ${Math.round(time / 100) / 10} s: raise the Lambda timeout or request smaller pages`,
    { source: context.source.name, resource: context.resource.name, page: log.end.position.pages + 1 },
  );
};

/**
 * Works on one resource of an open run within the time budget: loads pages from the end of its log, commits parts, saves
 * the checkpoint, and writes the manifest when the log is complete. Returns at once for a resource that has its manifest.
 *
 * @throws a subclass of RestlakeError. What was read before is committed, and the next invocation resumes from there.
 */
export const extract = async (
  context: RunContext,
  invocation: Invocation,
  instruments: Instruments,
): Promise<Outcome> => {
  const { ports, source, resource, run } = context;
  const address = logAddressOf(source.name, resource, run.run_id);
  const manifest = await readManifest(ports, address);
  if (manifest !== null) {
    const activity = activityOf(await loadCheckpoint(ports, address));
    return outcomeOf(context, "done", statsOfManifest(manifest, activity));
  }
  const log = await openCommitLog(ports, address, firstPosition(resource, source.base_url), invocation.id);
  if (log.end.final) return seal(context, address, log);

  const session = await openSession(context, log, invocation, instruments);
  const earlier = statsOf(log);
  const { part } = log.end;
  try {
    await loadPages(context, session);
    session.account("done");
    await log.saveCheckpoint();
    return await seal(context, address, log);
  } catch (error) {
    const isStuck = log.end.part === part && !invocation.stop?.aborted;
    return await concludeStop(context, session, error, { time: invocation.time, isStuck });
  } finally {
    await session.reader.cancel();
    session.budget.close();
    invocation.onStats?.(subtractStats(statsOf(log), earlier));
  }
};
