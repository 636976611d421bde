import type { Paginator } from "../config/custom-paginator.ts";
import type { PaginatorConfig } from "../config/schema/index.ts";
import { placeValues } from "./placement.ts";
import { afterCountedPage } from "./stop-conditions.ts";

type Config = Extract<PaginatorConfig, { type: "offset" }>;

/** Paginates by offset, in steps of `limit`. A total counts rows; `maximum_offset` is exclusive. */
export const offset: Paginator<Config, { offset: number }> = {
  first: (config) => ({ offset: config.offset }),

  request: (config, state) =>
    placeValues(
      [config.offset_param, config.offset_body_path, state.offset],
      [config.limit_param, config.limit_body_path, config.limit],
    ),

  next(config, state, response) {
    const following = state.offset + config.limit;
    const isLast = config.maximum_offset != null && following >= config.maximum_offset;
    const totals = {
      ends: (total: number) => following >= total,
      promisesRows: (total: number) => state.offset < total,
    };
    return afterCountedPage(config, response, totals, isLast ? null : { offset: following });
  },
};
