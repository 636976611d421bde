import { CommitConflictError, ResponseError, RestlakeError, StorageError } from "../errors/index.ts";
import { Adopted } from "../lake/commit-log.ts";
import type { Position } from "../lake/position.ts";
import { openSeenKeys } from "../lake/seen-keys.ts";
import { addPageReadings, fallenTotalWarning } from "../metering/readings.ts";
import { addSkippedParent } from "../metering/skipped-parents.ts";
import { addWarnings } from "../metering/warnings.ts";
import { createPartWriter, type PartWriter } from "../parts/writer.ts";
import { explainNullRow } from "../rows/null-rows.ts";
import { processRows } from "../rows/processing-steps.ts";
import { BudgetSpent } from "../time/budget.ts";
import { maskRecords, notMasked } from "./mask-records.ts";
import { withParentFields } from "./parents.ts";
import type { RunContext } from "./run-context.ts";
import type { Session } from "./session.ts";

/** Progress of loading. */
interface Progress {
  position: Position;
  /** Whether the page before the position was the last one. */
  isLast: boolean;
  /** Retries that earlier invocations used for the next page. */
  attempts: number;
}

/** Whether the commit itself failed; retrying it would fail the same way. */
const isCommitFailure = (error: unknown): boolean =>
  error instanceof Adopted || error instanceof StorageError || error instanceof CommitConflictError;

/**
 * JSON.parse takes any depth, but walking through the values afterwards overflows the stack. A callback of the config may
 * do the same.
 */
const explainOverflow = (error: unknown): unknown =>
  error instanceof RangeError && /call stack/.test(error.message)
    ? new ResponseError(
        "the response is nested too deeply (more than about a thousand levels), or a callback of the config recurses infinitely: select less of the response with data_selector",
        { cause: error },
      )
    : error;

/** Reads one page and adds its rows to the part. */
const loadPage = async (
  { ports, resource, run }: RunContext,
  { reader, incremental, budget }: Session,
  parts: PartWriter,
  { position, attempts }: Progress,
): Promise<Progress> => {
  const startedAt = ports.clock.now();
  const page = await reader.read(position, attempts);
  budget.observePage(ports.clock.now() - startedAt);
  const complete = withParentFields(resource, page.parent, page.records);
  const processed = await processRows(complete, resource.processing_steps, Date.parse(run.opened_at));
  // Processing steps see the rows as they are. Without any, a clean page stays clean.
  const isClean = page.isClean && resource.processing_steps.length === 0;
  const safe = isClean ? notMasked(processed.rows) : maskRecords(resource, ports.redactor, processed.rows);
  const { records, cursors, isOver } = await incremental.apply(safe.records, page.parent, position.cursors);
  const after = await page.after(isOver);
  const { rows, discarded_rows, discarded_values, repeated_rows, warnings } = await parts
    .add(records, position)
    .catch((error: unknown) => {
      throw explainNullRow(error, page.null_rows);
    });
  const end = after.endsList ? (isOver || page.skipped !== null ? "early" : "complete") : "no";
  const read = { rows: page.items, total: page.total, repeated: repeated_rows, end } as const;
  const ofPage = [...page.warnings, ...fallenTotalWarning(position, page.total), ...processed.warnings];
  budget.observePage(ports.clock.now() - startedAt);
  return {
    position: {
      ...after.position,
      cursors,
      warnings: addWarnings(position.warnings, [...ofPage, ...safe.warnings, ...warnings]),
      masked_rows: position.masked_rows + safe.masked_rows,
      ...addSkippedParent(position, page.skipped),
      ...addPageReadings(position, read),
      rows: position.rows + rows,
      discarded_rows: position.discarded_rows + discarded_rows,
      discarded_values: position.discarded_values + discarded_values,
    },
    isLast: after.last,
    attempts: 0,
  };
};

/** Adds place and request to an error, except to one of the commit, which is about earlier pages. */
const locate = async (
  { source, resource }: RunContext,
  { reader }: Session,
  { position }: Progress,
  error: RestlakeError,
): Promise<void> => {
  const request = isCommitFailure(error) ? null : await reader.describe(position);
  if (request !== null) error.during(request);
  error.locate({ source: source.name, resource: resource.name, page: position.pages + 1 });
};

/** Commits the pages before the one that stopped loading: the next invocation resumes after them. */
const commitBefore = async (parts: PartWriter, { position, isLast }: Progress): Promise<void> => {
  if (!parts.isEmpty(position)) await parts.commit(position, isLast ? "final" : "cut");
  await parts.settle();
};

/** Loads pages from the end of the log, until the last one is committed or something stops it. */
const loadFromEnd = async (context: RunContext, session: Session): Promise<void> => {
  const { ports, source, resource, run } = context;
  const { log, reader, schemas, budget, progress } = session;
  const start = log.end.position;
  const parts = await createPartWriter(ports, log, schemas, {
    resource,
    settings: source.settings,
    run_id: run.run_id,
    seen: await openSeenKeys(ports, { source: source.name, run_id: run.run_id }, start.keys),
  });
  let at: Progress = { position: start, isLast: !(await reader.hasPageAt(start)), attempts: log.activity.attempts };
  try {
    while (!at.isLast) {
      if (!budget.hasTimeFor(1)) throw new BudgetSpent();
      progress.page = at.position.pages + 1;
      at = await loadPage(context, session, parts, at);
      ports.logger.debug("page", { resource: resource.name, page: at.position.pages, rows: at.position.rows });
      if (!at.isLast && parts.isFull()) await parts.commit(at.position, "full");
    }
    await parts.commit(at.position, "final");
    await parts.settle();
  } catch (thrown) {
    const error = explainOverflow(thrown);
    if (error instanceof RestlakeError) await locate(context, session, at, error);
    if (!isCommitFailure(error)) await commitBefore(parts, at);
    throw error;
  } finally {
    parts.discard();
  }
};

/** Loads pages until the log is sealed. When another writer was faster, starts again from the new end of the log. */
export const loadPages = async (context: RunContext, session: Session): Promise<void> => {
  while (!session.log.end.final) {
    try {
      await loadFromEnd(context, session);
    } catch (error) {
      if (!(error instanceof Adopted)) throw error;
      await session.reader.cancel();
    }
  }
};
