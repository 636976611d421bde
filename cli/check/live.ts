import { declaredSchema, SYSTEM_COLUMNS } from "../../lib/columns/table-schema.ts";
import type { ResolvedResource, ResolvedSource } from "../../lib/config/resolve.ts";
import { createIncrementalLoading } from "../../lib/extract/incremental-loading.ts";
import { createPageReader, type Page, type PageReader } from "../../lib/extract/page-reader.ts";
import { withParentFields } from "../../lib/extract/parents.ts";
import { createRequestBuilder } from "../../lib/extract/request-builder.ts";
import { createHttpClient, type HttpResponse, Throttled } from "../../lib/http/client.ts";
import { checkTokenServer } from "../../lib/http/oauth2.ts";
import { checkBaseUrl } from "../../lib/http/origin.ts";
import { createRateLimiter, type RateLimiter } from "../../lib/http/rate-limit.ts";
import { parseRetryAfter } from "../../lib/http/retry-timing.ts";
import type { Json, JsonObject } from "../../lib/json/index.ts";
import { fieldsForChildren, type ParentRows } from "../../lib/lake/parent-rows.ts";
import { firstPosition } from "../../lib/lake/position.ts";
import { decide } from "../../lib/pagination/auto.ts";
import { processRows } from "../../lib/rows/processing-steps.ts";
import { detectSelector, selectRows, selectsList } from "../../lib/rows/selector.ts";
import { createShaper } from "../../lib/rows/shape.ts";
import { type Budget, createBudget } from "../../lib/time/budget.ts";
import { systemClock } from "../../lib/time/clock.ts";
import { type Fact, some } from "./facts.ts";
import { paginatorText } from "./plan.ts";
import { firstRun, requestLines } from "./request-line.ts";
import { createWatch, type Seen, type Watch, witnessed } from "./watch.ts";

/** What a resource came to. */
export interface Finding {
  resource: string;
  /** `ok`: it would be loaded. `failed`: it would not. `skipped`: it could not be asked for. */
  status: "ok" | "failed" | "skipped";
  facts: Fact[];
}

/** Every request has a timeout of its own; this is none of a check. Milliseconds. */
const NO_END = 24 * 60 * 60 * 1000;

/** So many columns are named. */
const MOST_COLUMNS = 40;

/** What is of use here of an error's words: nothing was asked again, and no run goes on. */
const plainly = ({ name, message }: Error): string =>
  `${name}: ${message.replace(/ \(after 0 retries\)|, after 0 retries(?=\))/, "").replace(/\. The next run resumes from here$/, "")}`;

const statusText = (watch: Watch): string => {
  const seen = watch.last();
  return seen === null ? "no answer" : `${seen.status} in ${seen.milliseconds} ms`;
};

const keysText = (keys: string[]): string => keys.join(".") || "$";

const columnsText = (resource: ResolvedResource, rows: JsonObject[]): string => {
  const schema = declaredSchema(resource.columns, resource.primary_key);
  const { max_table_nesting } = resource;
  const shaper = createShaper(schema, { max_table_nesting });
  const own = new Set(SYSTEM_COLUMNS.map(({ name }) => name));
  const found = shaper.missingColumns(rows.map(shaper.flatten));
  const columns = [...schema.columns.filter(({ name }) => !own.has(name)), ...found];
  const texts = columns.map(({ name, data_type }) => `${name} ${data_type}`);
  return texts.length === 0 ? "none yet" : some(texts, MOST_COLUMNS);
};

const retryAfter = (seen: Seen | null): number | null =>
  parseRetryAfter(seen?.headers.get("retry-after") ?? null, Date.now());

/** What went wrong, and what would be right as far as it can be seen. */
const troubleFacts = (error: Error, body: Json | undefined, watch: Watch): Fact[] => {
  const facts: Fact[] = [["error", plainly(error)]];
  const seen = watch.last();
  const seconds = error.name === "HttpError" || error.name === "ThrottledError" ? retryAfter(seen) : null;
  if (seconds !== null) facts.push(["wait", `the API asks for ${Math.ceil(seconds)} s`]);
  if (error.name === "HttpError" && seen !== null && seen.status < 300)
    facts.push(["wait", "a response action has it asked again"]);
  if (error.name === "SelectorError" && body !== undefined) {
    const keys = detectSelector(body);
    if (keys.length > 0) facts.push(["instead", `${selectRows(body, keys).length} rows at ${keysText(keys)}`]);
  }
  return facts;
};

/** A parent that has one row. */
const oneRow = (row: JsonObject | null): ParentRows | null =>
  row && { find: async (place) => (place.part === 1 && place.row === 0 ? { place, row } : null) };

/** What all resources of a check share. */
interface Check {
  source: ResolvedSource;
  watch: Watch;
  limiter: RateLimiter;
  budget: Budget;
}

/** What is known of a resource so far. */
interface Look {
  facts: Fact[];
  /** The last good answer. */
  answer: HttpResponse | null;
  /** What the children need of the first row. */
  firstRow: JsonObject | null;
}

/** The resource's pages as a run reads them, except that nothing is asked twice. What is asked goes into the facts. */
const openPages = (
  { source, watch, limiter, budget }: Check,
  resource: ResolvedResource,
  parentRow: JsonObject | null,
  look: Look,
): PageReader => {
  const { settings } = source;
  const { auth, response_actions } = resource;
  const base = checkBaseUrl(source.name, source.base_url, settings.allow_link_local);
  checkTokenServer(auth, settings.allow_link_local);
  const error_handler = { ...resource.error_handler, max_retries: 0 };
  const options = { ...settings, auth, response_actions, error_handler };
  const client = createHttpClient(watch.ports, options, limiter, budget);
  const http = witnessed(client, (request) => {
    const word = look.facts.length === 0 ? "request" : "next";
    look.facts.push(...requestLines(request).map((line, index): Fact => [index === 0 ? word : "", line]));
    return {
      came(answer) {
        look.answer = answer;
      },
      done(isIgnored) {
        look.facts.push(["status", `${statusText(watch)}${isIgnored ? ", ignored by a response action" : ""}`]);
      },
    };
  });
  const incremental = createIncrementalLoading(resource, firstRun());
  const requests = createRequestBuilder({ base, allow_link_local: settings.allow_link_local }, resource, incremental);
  // Without a budget nothing is prefetched: a check requests two pages and no more.
  const noPrefetch = { hasTimeFor: () => false };
  const parents = oneRow(parentRow);
  return createPageReader({
    http,
    resource,
    requests,
    parents,
    budget: noPrefetch,
    max_empty_pages: settings.max_empty_pages,
    ...watch.ports,
  });
};

/** What the first page's answer says: rows, columns, and how its pages go on. */
const answerFacts = (resource: ResolvedResource, answer: HttpResponse, page: Page, records: JsonObject[]): Fact[] => {
  const { paginator, data_selector } = resource;
  const rows = page.records.length;
  const where = data_selector ?? `${keysText(detectSelector(answer.body))} (found)`;
  const kept = records.length === rows ? "" : `, ${records.length} after steps and cursor`;
  const pages =
    paginator.type === "auto"
      ? `${paginatorText(decide({ ...answer, rows }, selectsList(answer.body, data_selector ?? detectSelector(answer.body))).paginator)} (found)`
      : paginatorText(paginator);
  return [
    ["rows", `${rows} at ${where}${kept}`],
    ["columns", columnsText(resource, records)],
    ["pages", pages],
  ];
};

/**
 * Reads the first page of a resource, and the second if there is one: it shows whether the paginator moves the API forward.
 *
 * @throws what stops the resource. What was seen before is in `look`.
 */
const readPages = async (
  check: Check,
  resource: ResolvedResource,
  parentRow: JsonObject | null,
  look: Look,
): Promise<void> => {
  const { facts } = look;
  const pages = openPages(check, resource, parentRow, look);
  const note = () => facts.push(...check.watch.warnings().map((warning): Fact => ["note", warning]));

  const first = await pages.read(firstPosition(resource), 0);
  if (look.answer === null) return;
  const complete = withParentFields(resource, first.parent, first.records);
  const processed = await processRows(complete, resource.processing_steps);
  const { records, isOver } = createIncrementalLoading(resource, firstRun()).apply(processed, first.parent, {});
  if (records[0] !== undefined) look.firstRow = fieldsForChildren(records[0], resource.fields_for_children);
  facts.push(...answerFacts(resource, look.answer, first, records));
  const { position, last } = await first.after(isOver);
  note();
  if (last) {
    facts.push(["next", isOver ? "nothing: by their order, no later rows count" : "nothing: this was the last page"]);
    return;
  }

  const second = await pages.read(position, 0);
  const after = await second.after(false);
  const rows = second.records.length;
  const isFirstAgain = position.decided?.is_base_guessed && rows === 0 && !after.last;
  const more = after.last ? "and no more" : "and there are more";
  facts.push(["rows", isFirstAgain ? "the first page again: pages are counted from 1" : `${rows}, ${more}`]);
  note();
};

const lookAt = async (
  check: Check,
  resource: ResolvedResource,
  parentRow: JsonObject | null,
): Promise<{ finding: Finding; firstRow: JsonObject | null }> => {
  const look: Look = { facts: [], answer: null, firstRow: null };
  let status: Finding["status"] = "ok";
  try {
    await readPages(check, resource, parentRow, look);
  } catch (error) {
    if (error instanceof Throttled) {
      look.facts.push(["skipped", `rate_limit has no room for ${error.retry_after_seconds} s`]);
      if (look.answer === null) status = "skipped";
    } else {
      // The config's own functions may throw anything.
      look.facts.push(...troubleFacts(error as Error, look.answer?.body, check.watch));
      status = "failed";
    }
  }
  return { finding: { resource: resource.name, status, facts: look.facts }, firstRow: look.firstRow };
};

/**
 * Asks each resource for its first page and, when there are more, for its second; parents first. Nothing is written, and
 * nothing is asked twice.
 *
 * @param secrets values by field; none of them is shown.
 * @param wanted names of the resources, those included that they descend from.
 */
export async function* findings(
  source: ResolvedSource,
  secrets: Record<string, string>,
  wanted: Set<string>,
): AsyncGenerator<Finding> {
  const watch = createWatch(source.name, secrets);
  const { redactor } = watch.ports;
  const limiter = createRateLimiter(source.rate_limit, systemClock);
  const budget = createBudget(systemClock, NO_END);
  const firstRows = new Map<string, JsonObject | null>();
  for (const resource of source.resources.filter(({ name }) => wanted.has(name))) {
    const { name, parent } = resource;
    const row = parent === null ? null : (firstRows.get(parent.resource) ?? null);
    if (parent !== null && row === null) {
      yield { resource: name, status: "skipped", facts: [["skipped", `no row of ${parent.resource} to begin with`]] };
      continue;
    }
    const { finding, firstRow } = await lookAt({ source, watch, limiter, budget }, resource, row);
    firstRows.set(name, firstRow);
    yield { ...finding, facts: finding.facts.map(([word, text]): Fact => [word, redactor.redact(text)]) };
  }
  budget.close();
}
