import type { PageResponse } from "../config/custom-paginator.ts";
import type { Decision } from "./auto.ts";
import { isShownComplete, namesSize } from "./evidence.ts";

/** Numbers of rows that are typical page sizes: a list of exactly this length may be the first page of more. */
const PAGE_SIZES = new Set([10, 20, 25, 30, 50, 100, 200, 250, 500, 1000]);

/** Names of query parameters that may be a page size. */
const SIZE_PARAMETER = /limit|size|per_?page|max|top|rows|first|take|count/i;

const isRequested = (params: Readonly<Record<string, unknown>>, rows: number): boolean =>
  Object.entries(params).some(([name, value]) => SIZE_PARAMETER.test(name) && value === String(rows));

/**
 * Returns a warning for a single page that `auto` chose and that may be full, because it is as long as a typical page, or as the
 * page size in the request or response. null for any other, and if the response shows that it is complete.
 *
 * @param params query parameters of the config.
 */
export const fullPageWarning = (
  { paginator }: Decision,
  response: PageResponse,
  params: Readonly<Record<string, unknown>>,
): string | null => {
  const { rows } = response;
  const mayBeFull = rows > 0 && (PAGE_SIZES.has(rows) || isRequested(params, rows) || namesSize(response));
  return paginator.type === "single_page" && mayBeFull && !isShownComplete(response)
    ? `the only page has exactly ${rows} rows, and its response does not show whether there are more: write the API's paginator, or single_page to accept this page`
    : null;
};
