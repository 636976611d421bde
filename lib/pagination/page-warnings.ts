import type { StopConditions } from "../config/can-stop.ts";
import type { Next, PageResponse } from "../config/custom-paginator.ts";
import type { PagePaginator } from "../config/resolved.ts";
import type { Json } from "../json/index.ts";
import { flagOfMore } from "./evidence.ts";
import { isPartial } from "./reported-total.ts";
import { flagPath, knownTotal, totalPath } from "./stop-conditions.ts";
import { unreadNextWarning } from "./unread-next.ts";

/** A page as the paginator has read it. */
interface ReadPage {
  response: PageResponse;
  next: Next<Json>;
  /** Rows in the earlier pages of the list. */
  list_rows: number;
  /** Whether the rows are the items of one list, so that a limit counts them. */
  isPlainList: boolean;
}

/** Returns the paginator's own warning, unless the rows of a list prove its total right: a total of page_number may count rows. */
const ownWarning = (paginator: PagePaginator, { response, next, list_rows }: ReadPage): string | null => {
  const warning = "warning" in next ? (next.warning ?? null) : null;
  return knownTotal(paginator as StopConditions, response) === list_rows ? null : warning;
};

/** Returns a warning about a flag of more pages that the config does not name, on a page that is the last one. */
const flagWarning = (paginator: PagePaginator, { response, next }: ReadPage): string | null => {
  if (!("end" in next) || paginator.type === "single_page" || isPartial(paginator)) return null;
  const evidence = flagOfMore(response);
  return evidence === null
    ? null
    : `the paginator ends at a page that announces more (${evidence.found}), and rows may be missing: correct it, or write ${evidence.suggestion}`;
};

/** Returns a warning about a page of more rows than the limit: the next page, which begins after the limit, repeats some. */
const limitWarning = (paginator: PagePaginator, { response: { rows }, isPlainList }: ReadPage): string | null => {
  const { limit } = paginator as { limit?: number };
  return paginator.type === "offset" && isPlainList && limit !== undefined && rows > limit
    ? `a page has ${rows} rows, more than limit (${limit}), and the next page repeats some: the API does not apply limit. Set limit to the size of its pages, and check limit_param`
    : null;
};

/** Returns a warning about the only page of a list, which lacks the next page's place by the config, but has it elsewhere. A flag is warning enough. */
const nextWarning = (paginator: PagePaginator, { response, next, list_rows, isPlainList }: ReadPage): string | null =>
  "end" in next && list_rows === 0 && isPlainList && flagOfMore(response) === null
    ? unreadNextWarning(paginator, response)
    : null;

/**
 * Returns a warning about a last page, by a total of pages, that is as full as the pages before it, and has fewer rows than the
 * limit: the API caps the page size, and may count pages of the limit.
 */
const capWarning = (paginator: PagePaginator, { response, next, list_rows, isPlainList }: ReadPage): string | null => {
  const { limit } = paginator as { limit?: number };
  const pages = knownTotal(paginator as StopConditions, response);
  const { rows } = response;
  if (paginator.type !== "page_number" || limit === undefined || pages === null || !("end" in next)) return null;
  if (!isPlainList || isPartial(paginator) || rows === 0 || rows >= limit) return null;
  // A total that is the number of rows counts rows.
  return list_rows > 0 && list_rows === rows * (pages - 1) && pages !== list_rows + rows
    ? `all ${pages} pages have ${rows} rows, fewer than limit (${limit}): the API caps the page size, and if it counts pages of ${limit} rows, others are missing. Set limit to ${rows}`
    : null;
};

/** Returns the warnings about a page that its response alone shows. */
export const pageWarnings = (paginator: PagePaginator, page: ReadPage): string[] =>
  [ownWarning, flagWarning, nextWarning, limitWarning, capWarning]
    .map((warningOf) => warningOf(paginator, page))
    .filter((warning) => warning !== null);

/**
 * Returns the warning about a later page whose response is ignored. A flag or a total that the config names ends pagination
 * before the first page without rows: a page after it was announced.
 */
export const ignoredPageWarning = (paginator: PagePaginator | null): string[] => {
  const rules = paginator as StopConditions | null;
  const path = rules === null ? null : (flagPath(rules) ?? (rules.total_path == null ? null : totalPath(rules)));
  return path === null
    ? []
    : [
        `response_actions ignores a page that ${path} announced, and its rows may be missing: correct the path or the action`,
      ];
};
