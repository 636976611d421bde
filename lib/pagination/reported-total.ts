import type { PageResponse } from "../config/custom-paginator.ts";
import type { PagePaginator } from "../config/resolved.ts";
import { isJsonObject } from "../json/index.ts";
import { totalIn } from "./evidence.ts";
import { totalInHeaders } from "./header-evidence.ts";
import { asTotal, knownTotal } from "./stop-conditions.ts";

/** Whether the config reads a part of the list only. */
export const isPartial = (paginator: PagePaginator): boolean => {
  const { maximum_page, maximum_offset, page, base_page } = paginator as Partial<Record<string, unknown>>;
  return maximum_page != null || maximum_offset != null || (page != null && page !== base_page);
};

/** Returns the total of Django's form of a list: its `count` is that of all rows, and not of the page. */
const djangoCount = ({ body }: PageResponse): number | null =>
  isJsonObject(body) && Array.isArray(body.results) && "next" in body && "previous" in body
    ? asTotal(body.count)
    : null;

/**
 * Returns how many rows the API reports for a whole list; null if it does not. A `total` of a page_number paginator counts
 * pages, as in dlt, or rows: it is not used.
 */
export const reportedRows = (paginator: PagePaginator, response: PageResponse): number | null => {
  if (isPartial(paginator)) return null;
  const total =
    totalIn(response, { isPlainTotal: paginator.type !== "page_number" }) ??
    djangoCount(response) ??
    totalInHeaders(response.headers);
  if (paginator.type !== "offset") return total;
  const offset = (paginator as { offset?: number }).offset ?? 0;
  const own = knownTotal(paginator as Parameters<typeof knownTotal>[0], response) ?? total;
  return own === null ? null : Math.max(0, own - offset);
};
