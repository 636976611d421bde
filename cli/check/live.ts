import type { ResolvedResource, ResolvedSource } from "../../lib/config/resolve.ts";
import { createIncrementalLoading } from "../../lib/extract/incremental-loading.ts";
import { createPageReader, type PageReader } from "../../lib/extract/page-reader.ts";
import { createRequestBuilder } from "../../lib/extract/request-builder.ts";
import { createStaticReader } from "../../lib/extract/static-reader.ts";
import { createHttpClient, type HttpResponse, Throttled } from "../../lib/http/client.ts";
import { checkBaseUrl } from "../../lib/http/origin.ts";
import { createRateLimiter, type RateLimiter } from "../../lib/http/rate-limit.ts";
import { withTokenServer } from "../../lib/http/token-auths.ts";
import type { JsonObject } from "../../lib/json/index.ts";
import { fieldsForChildren, type ParentRows } from "../../lib/lake/parent-rows.ts";
import { firstPosition } from "../../lib/lake/position.ts";
import { NO_ROW_HASHES } from "../../lib/lake/row-hashes.ts";
import type { RunRecord } from "../../lib/lake/run-record.ts";
import { type Budget, createBudget } from "../../lib/time/budget.ts";
import { systemClock } from "../../lib/time/clock.ts";
import { DAY } from "../../lib/time/durations.ts";
import type { Fact } from "./facts.ts";
import { columnsFact, errorFacts, pagesFact, rowsFact, secondPageFact, statusText, totalFacts } from "./live-facts.ts";
import { createRowCheck } from "./live-rows.ts";
import { firstRun, requestLines } from "./request-line.ts";
import { createWatch, observeRequests, type Watch } from "./watch.ts";

/** Result of a check for one resource. */
export interface Finding {
  resource: string;
  /** `ok`: a run would load it. `failed`: a run would fail. `skipped`: no request was sent. */
  status: "ok" | "failed" | "skipped";
  facts: Fact[];
}

/** Milliseconds. A check needs no time budget, because every request has its timeout. */
const NO_TIME_LIMIT = DAY;

/** Everything that the resources of a check share. */
interface Check {
  source: ResolvedSource;
  run: RunRecord;
  watch: Watch;
  limiter: RateLimiter;
  budget: Budget;
}

/** Facts about a resource so far. */
interface Progress {
  facts: Fact[];
  /** The last successful response. */
  response: HttpResponse | null;
  /** The fields of the first row that the children use. */
  firstRow: JsonObject | null;
}

/** Returns parent rows with one row. */
const singleRow = (row: JsonObject | null): ParentRows | null =>
  row && { find: async (place) => (place.part === 1 && place.row === 0 ? { place, row } : null) };

/** Returns the reader of a run, without retries and prefetching. It records its requests in the facts. */
const createReader = (
  { source, run, watch, limiter, budget }: Check,
  resource: ResolvedResource,
  parentRow: JsonObject | null,
  progress: Progress,
): PageReader => {
  if (resource.rows !== null) return createStaticReader(resource.rows, watch.ports.redactor);
  const { settings } = source;
  const { response_actions, response_format } = resource;
  const base = checkBaseUrl(source.name, source.base_url, settings.allow_link_local);
  const auth = withTokenServer(resource.auth, base, settings.allow_link_local);
  const error_handler = { ...resource.error_handler, max_retries: 0 };
  const options = { ...settings, auth, response_actions, response_format, error_handler };
  const client = createHttpClient(watch.ports, options, limiter, budget);
  const http = observeRequests(client, (request) => {
    const label = progress.facts.length === 0 ? "request" : "next";
    progress.facts.push(...requestLines(request).map((line, index): Fact => [index === 0 ? label : "", line]));
    return {
      onResponse(response) {
        progress.response = response;
      },
      onEnd(isIgnored) {
        const ignored = isIgnored ? ", ignored by a response action" : "";
        progress.facts.push(["status", `${statusText(watch.last())}${ignored}`]);
      },
    };
  });
  const incremental = createIncrementalLoading(resource, run, NO_ROW_HASHES);
  const { allow_link_local } = settings;
  const times = { opened_at: run.opened_at, now: systemClock.now };
  const requests = createRequestBuilder({ base, allow_link_local }, resource, incremental, times);
  // Without a budget nothing is prefetched: a check sends at most two requests.
  const noPrefetch = { hasTimeFor: () => false };
  const parents = singleRow(parentRow);
  const { max_empty_pages } = settings;
  return createPageReader({ http, resource, requests, parents, budget: noPrefetch, max_empty_pages, ...watch.ports });
};

const notes = (warnings: string[]): Fact[] => warnings.map((warning) => ["note", warning]);

/**
 * Reads the first page of a resource, and the second one if there is one, which shows whether the paginator works.
 *
 * @throws every error that would stop the resource in a run. The facts up to it are in `progress`.
 */
const readPages = async (
  check: Check,
  resource: ResolvedResource,
  parentRow: JsonObject | null,
  progress: Progress,
): Promise<void> => {
  const { facts } = progress;
  const pages = createReader(check, resource, parentRow, progress);
  const rows = createRowCheck(resource, check.run, check.watch.ports.redactor);
  const addWarnings = () => void facts.push(...notes(check.watch.warnings()));

  const first = await pages.read(firstPosition(resource, check.source.base_url), 0);
  const { response } = progress;
  // A row of the parent that is skipped gets no request.
  if (response === null && resource.rows === null) return addWarnings();
  const { records, isOver, cursors, warnings } = await rows.prepare(first, {});
  facts.push(...notes([...(await rows.missingFields(first)), ...warnings]));
  if (records[0] !== undefined) progress.firstRow = fieldsForChildren(records[0], resource.fields_for_children);
  facts.push(rowsFact(resource, response, first.records.length, records.length));
  const table = await rows.convert(first, records);
  facts.push(columnsFact(table.schema), ...notes(table.warnings));
  if (response === null) return addWarnings();
  facts.push(pagesFact(resource, response, first.records.length));
  const { position, last } = await first.after(isOver);
  addWarnings();
  if (last) {
    if (!isOver) facts.push(...totalFacts(first));
    facts.push([
      "next",
      isOver ? "none: by row_order, later rows are outside the range" : "none: this is the last page",
    ]);
    return;
  }

  const second = await pages.read(position, 0);
  const prepared = await rows.prepare(second, cursors);
  const after = await second.after(prepared.isOver);
  const isBaseGuessed = position.decided?.is_base_guessed ?? false;
  facts.push(secondPageFact(second.records.length, after.last, isBaseGuessed), ...notes(prepared.warnings));
  const { warnings: more } = await rows.convert(second, prepared.records);
  facts.push(...notes(more.filter((warning) => !table.warnings.includes(warning))));
  if (after.last && !prepared.isOver) facts.push(...totalFacts(first, second));
  addWarnings();
};

const checkResource = async (
  check: Check,
  resource: ResolvedResource,
  parentRow: JsonObject | null,
): Promise<{ finding: Finding; firstRow: JsonObject | null }> => {
  const progress: Progress = { facts: [], response: null, firstRow: null };
  let status: Finding["status"] = "ok";
  try {
    await readPages(check, resource, parentRow, progress);
  } catch (error) {
    if (error instanceof Throttled) {
      progress.facts.push(["skipped", `rate_limit allows no request for ${error.retry_after_seconds} s`]);
      if (progress.response === null) status = "skipped";
    } else {
      // A user callback may throw anything.
      progress.facts.push(...errorFacts(error as Error, progress.response?.body, check.watch.last()));
      status = "failed";
    }
  }
  return { finding: { resource: resource.name, status, facts: progress.facts }, firstRow: progress.firstRow };
};

/**
 * Requests the first page of each resource and, if there are more, its second page; parents first. It writes nothing, and
 * retries nothing.
 *
 * @param secrets values by name. None of them is in the findings.
 * @param selected names of the resources to check, including all their parents.
 */
export async function* checkResources(
  source: ResolvedSource,
  secrets: Record<string, string>,
  selected: Set<string>,
): AsyncGenerator<Finding> {
  const watch = createWatch(source, secrets);
  const { redactor } = watch.ports;
  const limiter = createRateLimiter(source.rate_limit, systemClock);
  const budget = createBudget(systemClock, NO_TIME_LIMIT);
  const run = firstRun();
  const firstRows = new Map<string, JsonObject | null>();
  for (const resource of source.resources.filter(({ name }) => selected.has(name))) {
    const { name, parent } = resource;
    const row = parent === null ? null : (firstRows.get(parent.resource) ?? null);
    if (parent !== null && row === null) {
      yield { resource: name, status: "skipped", facts: [["skipped", `no row of its parent ${parent.resource}`]] };
      continue;
    }
    const { finding, firstRow } = await checkResource({ source, run, watch, limiter, budget }, resource, row);
    firstRows.set(name, firstRow);
    yield { ...finding, facts: finding.facts.map(([label, text]): Fact => [label, redactor.redact(text)]) };
  }
  budget.close();
}
