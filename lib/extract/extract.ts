import type { ResolvedResource, ResolvedSource } from "../config/resolve.ts";
import type { MergeRules } from "../config/resolved.ts";
import {
  BudgetTooSmallError,
  CommitConflictError,
  ParentError,
  ResponseError,
  RestlakeError,
  StorageError,
} from "../errors/index.ts";
import { createHttpClient, Throttled } from "../http/client.ts";
import { checkTokenServer } from "../http/oauth2.ts";
import { checkBaseUrl } from "../http/origin.ts";
import type { RateLimiter } from "../http/rate-limit.ts";
import type { JsonObject } from "../json/index.ts";
import {
  Adopted,
  type CommitLog,
  loadCheckpoint,
  openCommitLog,
  type Statistics,
  statisticsOf,
} from "../lake/commit-log.ts";
import { addressOf, logAddressOf } from "../lake/keys.ts";
import { readManifest, writeManifest } from "../lake/manifest.ts";
import { openParentRows, type ParentRows } from "../lake/parent-rows.ts";
import { firstPosition, type Position } from "../lake/position.ts";
import { type RunRecord, startingCursors } from "../lake/run-record.ts";
import { createSchemaStore, type SchemaStore } from "../lake/schemas.ts";
import type { Ending } from "../metering/timeline.ts";
import type { Meter } from "../metering/usage.ts";
import { createPartWriter } from "../parts/writer.ts";
import type { Ports } from "../ports/index.ts";
import { withFields } from "../ports/logger.ts";
import { processRows } from "../rows/processing-steps.ts";
import { type Budget, BudgetSpent, createBudget } from "../time/budget.ts";
import { createAccount } from "./account.ts";
import { type Counts, countsOf, countsSince } from "./counts.ts";
import { createIncrementalLoading, type IncrementalLoading } from "./incremental-loading.ts";
import type { Outcome } from "./outcome.ts";
import { createPageReader, type PageReader } from "./page-reader.ts";
import { createRequestBuilder } from "./request-builder.ts";

/** Where an invocation's work is bounded, and who does it. */
export interface Invocation {
  /** Milliseconds that are left. */
  time: number;
  /** Random per invocation: tells an own lost response from another writer's part. */
  writer: string;
  /** Holds requests back. */
  limiter: RateLimiter;
  /** Counts what AWS bills; it made the ports. */
  meter: Meter;
  /** Is told once what this invocation added, also when it fails. */
  counted?: (counts: Counts) => void;
  /** The user wants to stop. */
  stop?: AbortSignal;
}

/** Whether this run reads all there is: what it does not see is gone at the source. */
const isFullRefresh = (source: ResolvedSource, resource: ResolvedResource, run: RunRecord): boolean => {
  const parent = source.resources.find(({ name }) => name === resource.parent?.resource);
  const own = run.window === null && startingCursors(run, resource.name) === undefined;
  return own && (parent === undefined || isFullRefresh(source, parent, run));
};

/** dlt's `include_from_parent`: the parent's field as `_<parent>_<field>`. */
export const withParentFields = (
  resource: ResolvedResource,
  parent: JsonObject | null,
  records: JsonObject[],
): JsonObject[] => {
  const include = resource.parent?.include ?? [];
  if (include.length === 0 || parent === null) return records;
  const fields = include.map((field) => {
    if (!Object.hasOwn(parent, field)) {
      throw new ResponseError(
        `a row of ${resource.parent?.resource} has no ${field}, which include_from_parent names: leave it out there, or leave such rows out of ${resource.parent?.resource}`,
      );
    }
    return [`_${resource.parent?.resource}_${field}`, parent[field]];
  });
  return records.map((record) => ({ ...record, ...Object.fromEntries(fields) }));
};

/** Trouble with the commit itself: to commit once more would be the same again. */
const isAboutTheLog = (error: unknown): boolean =>
  error instanceof Adopted || error instanceof StorageError || error instanceof CommitConflictError;

/**
 * What a page does to the stack: JSON.parse takes any depth, and all that walks through the values afterwards does not. A
 * function of the config may do the same.
 */
const withoutOverflow = (error: unknown): unknown =>
  error instanceof RangeError && /call stack/.test(error.message)
    ? new ResponseError(
        "the answer is nested too deeply: a thousand levels are read (or a function of the config calls itself without end). Pick less of it by data_selector",
        { cause: error },
      )
    : error;

/** What an invocation works with. */
interface Work {
  log: CommitLog;
  pages: PageReader;
  incremental: IncrementalLoading;
  schemas: SchemaStore;
  budget: Budget;
  /** Where the reading is, for the log. */
  here: { page: number };
}

/** Pages -> rows -> parts from the end of the log on, until the last page is committed or something stops it. */
const readOn = async (
  ports: Ports,
  source: ResolvedSource,
  resource: ResolvedResource,
  run: RunRecord,
  { log, pages, incremental, schemas, budget, here }: Work,
): Promise<void> => {
  const parts = await createPartWriter(ports, log, schemas, resource, source.settings, run.run_id);
  let position: Position = log.end.position;
  let attempts = log.statistics.attempts;
  let last = !(await pages.hasPageAt(position));
  try {
    while (!last) {
      if (!budget.hasTimeFor(1)) throw new BudgetSpent();
      here.page = position.pages + 1;
      const startedAt = ports.clock.now();
      const page = await pages.read(position, attempts);
      budget.observePage(ports.clock.now() - startedAt);
      attempts = 0;
      const complete = withParentFields(resource, page.parent, page.records);
      const processed = await processRows(complete, resource.processing_steps);
      const { records, cursors, isOver } = incremental.apply(processed, page.parent, position.cursors);
      const after = await page.after(isOver);
      const { rows, discarded_rows, discarded_values } = await parts.add(records, position);
      position = {
        ...after.position,
        cursors,
        rows: position.rows + rows,
        discarded_rows: position.discarded_rows + discarded_rows,
        discarded_values: position.discarded_values + discarded_values,
      };
      last = after.last;
      ports.logger.debug("page", { resource: resource.name, page: position.pages, rows: position.rows });
      budget.observePage(ports.clock.now() - startedAt);
      if (!last && parts.isFull()) await parts.commit(position, "full");
    }
    await parts.commit(position, "final");
    await parts.settle();
  } catch (thrown) {
    const error = withoutOverflow(thrown);
    if (error instanceof RestlakeError) {
      error.locate({ source: source.name, resource: resource.name, page: position.pages + 1 });
    }
    // Whatever stopped the reading, the pages before it are good: the next invocation goes on behind them.
    if (!isAboutTheLog(error)) {
      if (!parts.isEmpty(position)) await parts.commit(position, last ? "final" : "cut");
      await parts.settle();
    }
    throw error;
  } finally {
    parts.discard();
  }
};

/** Reads until the log is sealed, starting again from the end of the log whenever another writer was faster. */
const readToTheEnd = async (log: CommitLog, pages: PageReader, read: () => Promise<void>): Promise<void> => {
  while (!log.end.final) {
    try {
      await read();
    } catch (error) {
      if (!(error instanceof Adopted)) throw error;
      await pages.forget();
    }
  }
};

/** What stopped the reading. */
const endOf = (error: unknown, isTooSmall: boolean): Ending => {
  if (error instanceof Throttled) return "throttled";
  return error instanceof BudgetSpent && !isTooSmall ? "partial" : "failed";
};

const openParents = async (
  ports: Ports,
  source: ResolvedSource,
  resource: ResolvedResource,
  run_id: string,
): Promise<ParentRows | null> => {
  const parent = source.resources.find(({ name }) => name === resource.parent?.resource);
  if (parent === undefined) return null;
  const manifest = await readManifest(ports, addressOf(source.name, parent, run_id));
  if (manifest === null) {
    throw new ParentError(
      `its parent ${parent.name} is not done in run ${run_id}: see what stopped it, or invoke it first`,
      {
        source: source.name,
        resource: resource.name,
      },
    );
  }
  return openParentRows(ports, manifest);
};

/**
 * Works on one resource of an open run inside the time budget: reads on where its log ends, commits parts, saves the
 * checkpoint, and writes the manifest when the log is sealed. A resource that has its manifest is done at once.
 *
 * @throws the errors of `lib/errors/index.ts`; what was read before is committed, and the next invocation goes on from there.
 */
export const extract = async (
  ports: Ports,
  source: ResolvedSource,
  resource: ResolvedResource,
  run: RunRecord,
  invocation: Invocation,
): Promise<Outcome> => {
  const address = logAddressOf(source.name, resource, run.run_id);
  const outcomeOf = (
    status: Outcome["status"],
    counts: { rows: number; pages: number; parts: number },
    { requests, waited_seconds }: Statistics,
  ): Outcome => ({
    status,
    source: source.name,
    resource: resource.name,
    run_id: run.run_id,
    ...counts,
    requests,
    waited_seconds: Math.round(waited_seconds * 1000) / 1000,
  });
  const manifest = await readManifest(ports, address);
  if (manifest !== null) {
    const { rows, pages, parts } = manifest;
    return outcomeOf("done", { rows, pages, parts: parts.length }, statisticsOf(await loadCheckpoint(ports, address)));
  }
  const log = await openCommitLog(ports, address, firstPosition(resource), invocation.writer);
  const outcome = (status: Outcome["status"]): Outcome => {
    const { part: parts, position } = log.end;
    return outcomeOf(status, { rows: position.rows, pages: position.pages, parts }, log.statistics);
  };
  const seal = async (): Promise<Outcome> => {
    const { write_disposition, primary_key, merge_key, hard_delete, dedup_sort } = resource;
    const full_refresh = isFullRefresh(source, resource, run);
    const rules: MergeRules = { write_disposition, primary_key, merge_key, hard_delete, dedup_sort };
    await writeManifest(ports, address, log.end.part, { full_refresh, ...rules });
    return outcome("done");
  };
  if (log.end.final) return seal();

  const base = checkBaseUrl(source.name, source.base_url, source.settings.allow_link_local);
  checkTokenServer(resource.auth, source.settings.allow_link_local);
  const parents = await openParents(ports, source, resource, run.run_id);
  const budget = createBudget(ports.clock, invocation.time, invocation.stop);
  const incremental = createIncrementalLoading(resource, run);
  const { auth, error_handler, response_actions } = resource;
  const { settings } = source;
  const here = { page: log.end.position.pages + 1 };
  const located = { ...ports, logger: withFields(ports.logger, here) };
  const http = createHttpClient(
    located,
    { ...settings, auth, error_handler, response_actions },
    invocation.limiter,
    budget,
  );
  const origin = { base, allow_link_local: settings.allow_link_local };
  const pages = createPageReader(
    http,
    located,
    resource,
    createRequestBuilder(origin, resource, incremental),
    parents,
    budget,
  );
  const schemas = createSchemaStore(ports, source.name, resource.table, resource, run.run_id);
  const before = log.end.part;
  const account = createAccount(log, http.statistics, invocation, ports.clock);
  const earlier = countsOf(log);
  try {
    await readToTheEnd(log, pages, () =>
      readOn(ports, source, resource, run, { log, pages, incremental, schemas, budget, here }),
    );
    account("done");
    await log.saveCheckpoint();
    return await seal();
  } catch (error) {
    const isTooSmall = error instanceof BudgetSpent && log.end.part === before && !invocation.stop?.aborted;
    account(endOf(error, isTooSmall), error instanceof Throttled ? error.seconds : 0);
    if (error instanceof Throttled) {
      log.statistics.attempts = error.attempts;
      log.statistics.waited_seconds += error.seconds;
    }
    await log.saveCheckpoint().catch((cause: unknown) => {
      // The log has everything but the counts; what stopped the reading matters more.
      ports.logger.warn("checkpoint not saved", { resource: resource.name, why: (cause as Error).message });
    });
    if (error instanceof Throttled) return { ...outcome("throttled"), retry_after_seconds: error.seconds };
    if (!(error instanceof BudgetSpent)) throw error;
    if (isTooSmall) {
      throw new BudgetTooSmallError(
        `not one page fits into the time budget of ${Math.round(invocation.time / 100) / 10} s: give the Lambda a longer timeout, or ask for smaller pages`,
        { source: source.name, resource: resource.name, page: log.end.position.pages + 1 },
      );
    }
    return outcome("partial");
  } finally {
    await pages.forget();
    budget.close();
    invocation.counted?.(countsSince(earlier, countsOf(log)));
  }
};
