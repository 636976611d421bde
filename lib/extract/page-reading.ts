import type { PagePaginator, ResolvedResource } from "../config/resolved.ts";
import type { PaginatorConfig } from "../config/schema/index.ts";
import { RepeatedPageError } from "../errors/index.ts";
import type { HttpResponse } from "../http/client.ts";
import { excerpt } from "../http/excerpt.ts";
import { sha256 } from "../json/hash.ts";
import { type Json, type JsonObject, stringifyJson } from "../json/index.ts";
import { compilePath } from "../json/path.ts";
import type { Position } from "../lake/position.ts";
import { type Decision, decide } from "../pagination/auto.ts";
import { fullPageWarning } from "../pagination/full-page.ts";
import { firstPage, type Next, nextPage, type PageResponse } from "../pagination/index.ts";
import { ignoredPageWarning, pageWarnings } from "../pagination/page-warnings.ts";
import { reportedRows } from "../pagination/reported-total.ts";
import type { Redactor } from "../ports/redactor.ts";
import { type NullRows, nullRowsWarning } from "../rows/null-rows.ts";
import { readRows } from "./read-rows.ts";

/** Dependencies of reading a response. */
export interface ReadingContext {
  resource: ResolvedResource;
  redactor: Redactor;
}

/** Content of a response: its rows, what follows it, and the decision of `auto`. */
export interface PageReading {
  rows: JsonObject[];
  /** Items of the list, if the selector takes some of them, or something in them; null if the rows are all of its items. */
  items: Json[] | null;
  next: Next<Json>;
  /** The paginator's state of this page; under `auto` it is known only after the response. */
  state: Json;
  /** Keys under which the rows were found; null when the config names them. */
  selector: string[] | null;
  decided: Decision | null;
  /** The response as the paginator has read it; null for an ignored response. */
  response: PageResponse | null;
  /** Rows that the API reports for the whole list; null for none. */
  total: number | null;
  /** Null among the rows; null when there is none. */
  null_rows: NullRows | null;
  /** Contradictions in the response, to be reported. */
  warnings: string[];
}

/** Returns the paginator in force at a position; null while `auto` has seen no response. */
export const paginatorAt = (
  { paginator }: ResolvedResource,
  { decided }: Pick<Position, "decided">,
): PagePaginator | null => (paginator.type === "auto" ? (decided?.paginator ?? null) : (paginator as PagePaginator));

/**
 * Corrects a guessed base after a second page that differs from the first one. Either pages are numbered from 0, or this
 * was page 1 and has changed since. In the second case the total is one page short, so only a page without rows is the end.
 */
const withoutTotal = ({ paginator }: Decision): Decision => ({
  paginator: { ...paginator, total_path: null } as PagePaginator,
});

/** Returns the reading of a response that a response action ignores: the last page, without rows. */
const ignoredReading = (resource: ResolvedResource, { page, decided }: Position): PageReading => ({
  rows: [],
  items: null,
  next: { end: true },
  state: page ?? {},
  selector: null,
  decided: null,
  response: null,
  total: null,
  null_rows: null,
  warnings: page === null ? [] : ignoredPageWarning(paginatorAt(resource, { decided })),
});

/** Reads the response to the request of a position. */
export const readResponse = (
  { resource, redactor }: ReadingContext,
  position: Position,
  { status, body, headers, ignored }: HttpResponse,
): PageReading => {
  if (ignored) return ignoredReading(resource, position);
  const quote = (text: string) => excerpt(text, redactor);
  const read = readRows(resource, position, { status, body, quote });
  const { rows, items, isList, selector, null_rows, warning } = read;
  // A page whose items a filter leaves out is not empty, and an offset counts them.
  const response: PageResponse = { body, headers, rows: (items ?? rows).length };
  const known = paginatorAt(resource, position);
  const decided = known === null ? decide(response, isList) : position.decided;
  const paginator = known ?? (decided as Decision).paginator;
  const state = position.page ?? firstPage(paginator);
  const following = position.decided?.is_base_guessed ? withoutTotal(position.decided).paginator : paginator;
  const next = nextPage(following, state, response);
  const full = known === null && isList ? fullPageWarning(decided as Decision, response, resource.params) : null;
  const total = isList ? reportedRows(following, response) : null;
  const nulls = null_rows === null ? null : nullRowsWarning(null_rows);
  const isPlainList = isList && (resource.data_selector === null || compilePath(resource.data_selector).keys !== null);
  const warnings = [
    ...pageWarnings(following, { response, next, list_rows: position.list_rows, isPlainList }),
    ...[full, warning, nulls].filter((text) => text !== null),
  ];
  return { rows, items, next, state, selector, decided, response, total, null_rows, warnings };
};

/** Hashes the items of a page, without the keys that the API has echoed in them: a key may be rotated. */
const hashItems = (items: Json[], text: string, redactor: Redactor): string =>
  sha256(redactor.isIn(text) ? stringifyJson(redactor.redactData(items)) : text).slice(0, 16);

/**
 * Hashes the rows of a page, or the items from which they come: two pages may have the same rows of different items.
 *
 * @returns the hash, null for a page without items; and whether no row contains a key.
 */
export const hashPage = (
  { rows, items }: Pick<PageReading, "rows" | "items">,
  redactor: Redactor,
): { hash: string | null; isClean: boolean } => {
  // The text of the rows, not of the body: there a secret may be hidden by \u escapes.
  const text = stringifyJson(rows);
  const isClean = !redactor.isIn(text);
  const all = items ?? rows;
  const hash = all.length === 0 ? null : hashItems(all, items === null ? text : stringifyJson(items), redactor);
  return { hash, isClean };
};

/** Turns the first page, repeated as page 1, into an empty page: pages are numbered from 1, and the next one is page 2. */
const fromPageOne = (decided: Decision, reading: PageReading): PageReading => {
  const paginator = { ...decided.paginator, base_page: 1 } as PagePaginator;
  const { page } = reading.state as { page: number };
  return {
    ...reading,
    rows: [],
    items: null,
    next: { state: { page: page + 1 } },
    decided: { paginator, is_guess: true },
  };
};

/** Turns the first page, repeated as page 2 as well, into the end: the API ignores page numbers. */
const onlyPage = (reading: PageReading): PageReading => ({
  ...reading,
  rows: [],
  items: null,
  next: { end: true },
  warnings: [
    ...reading.warnings,
    "the response has a count of pages, but the API returns the same page for every page number: only this page was read. Write the API's paginator, or single_page to accept it",
  ],
});

/** Returns what a repeated page means, and what to change in the paginator. */
const repetitionText = (paginator: PagePaginator, state: Json): string => {
  if (paginator.type !== "page_number") {
    return "this page equals the previous one: the API ignores the paginator's parameters. Correct them, or use single_page when the endpoint has no pages";
  }
  const config = paginator as Extract<PaginatorConfig, { type: "page_number" }>;
  const { base_page, page_param, page_body_path } = config;
  const first = config.page ?? base_page;
  const { page } = state as { page: number };
  if (base_page === 0 && page === 1) {
    return "this page equals the first one: the API seems to number pages from 1. Set base_page: 1 in the paginator, or use single_page when the endpoint has no pages";
  }
  if (page > first + 1) {
    return `page ${page} equals page ${page - 1}: the API seems to repeat its last page. Set total_path, has_more_path or maximum_page in the paginator`;
  }
  const name = page_body_path ?? page_param;
  return `page ${page} equals page ${page - 1}: the API seems to ignore ${JSON.stringify(name)}, the page number. Set page_param to the name that the API expects, or use single_page when the endpoint has no pages`;
};

/**
 * Compares a page with the previous one.
 *
 * @param hash of the page's rows; null when it has none.
 * @returns the page; a repeated first page counts as one without rows.
 * @throws RepeatedPageError when they are equal, except where that settles the number of the first page for `auto`.
 */
export const compareWithPrevious = (
  { paginator }: ResolvedResource,
  { decided, previous_page }: Position,
  reading: PageReading,
  hash: string | null,
): PageReading => {
  const isRepeated = hash !== null && hash === previous_page;
  if (decided?.is_base_guessed) {
    return isRepeated ? fromPageOne(decided, reading) : { ...reading, decided: withoutTotal(decided) };
  }
  if (!isRepeated) return reading;
  if (decided?.is_guess) return onlyPage(reading);
  throw new RepeatedPageError(repetitionText(paginator as PagePaginator, reading.state));
};
