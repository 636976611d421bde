import type { Paginator } from "../config/custom-paginator.ts";
import type { PaginatorConfig } from "../config/schema/index.ts";
import { placeValues } from "./placement.ts";
import { afterCountedPage, type SeenFlag, seenFlag } from "./stop-conditions.ts";

type Config = Extract<PaginatorConfig, { type: "offset" }>;
type State = { offset: number } & SeenFlag;

/** Returns the offset of the next page. A server that caps the page size returns fewer rows than `limit`. */
const step = (rows: number, limit: number): number => (rows > 0 && rows < limit ? rows : limit);

/**
 * Paginates by offset. The next offset is after the rows that were received, because servers cap the page size. A total counts
 * rows; `maximum_offset` is exclusive.
 */
export const offset: Paginator<Config, State> = {
  first: (config) => ({ offset: config.offset }),

  request: (config, state) =>
    placeValues(
      [config.offset_param, config.offset_body_path, state.offset],
      [config.limit_param, config.limit_body_path, config.limit],
    ),

  next(config, { offset: current, seen_flag = false }, response) {
    const following = current + step(response.rows, config.limit);
    const isLast = config.maximum_offset != null && following >= config.maximum_offset;
    return afterCountedPage({
      rules: config,
      response,
      limit: config.limit,
      totals: {
        ends: (total: number) => following >= total,
        promisesRows: (total: number) => current < total,
        advice: "total_path is the number of all rows; null ignores it",
      },
      next: isLast ? null : { offset: following, ...seenFlag(config, response, seen_flag) },
      hasSeenFlag: seen_flag,
    });
  },
};
