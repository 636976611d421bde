import type { Paginator } from "../config/custom-paginator.ts";
import type { PaginatorConfig } from "../config/schema/index.ts";
import { placeValues } from "./placement.ts";
import { afterCountedPage, type SeenFlag, seenFlag } from "./stop-conditions.ts";

type Config = Extract<PaginatorConfig, { type: "page_number" }>;
type State = { page: number } & SeenFlag;

/**
 * Paginates by page number, from `base_page` (or `page`). A total counts pages. `maximum_page` is exclusive, as in dlt: base 1 and
 * maximum 3 fetch pages 1 and 2.
 */
export const pageNumber: Paginator<Config, State> = {
  first: (config) => ({ page: config.page ?? config.base_page }),

  request: (config, { page }) =>
    placeValues(
      [config.page_param, config.page_body_path, page],
      [config.limit === undefined ? null : config.limit_param, null, config.limit],
    ),

  next(config, { page, seen_flag = false }, response) {
    const following = page + 1;
    const isLast = config.maximum_page != null && following >= config.maximum_page;
    return afterCountedPage({
      rules: config,
      response,
      limit: config.limit ?? null,
      totals: {
        ends: (total: number) => following >= total + config.base_page,
        // Many APIs report one page for an empty list.
        promisesRows: (total: number) => page < total + config.base_page && total !== 1,
        advice:
          page === 0
            ? "set base_page: 1 if the API numbers pages from 1"
            : "total_path is the number of pages, not of rows; null ignores it",
      },
      next: isLast ? null : { page: following, ...seenFlag(config, response, seen_flag) },
      hasSeenFlag: seen_flag,
    });
  },
};
