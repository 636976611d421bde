import type { Paginator as PaginatorConfig } from "../source/schema/index.ts";
import { afterCountedPage } from "./stops.ts";
import type { Paginator } from "./types.ts";

type Config = Extract<PaginatorConfig, { type: "offset" }>;

/** Pages by offset, in steps of `limit`. A total counts rows; `maximum_offset` is exclusive. */
export const offset: Paginator<Config, { offset: number }> = {
  first: (config) => ({ offset: config.offset }),

  request: (config, state) => ({
    params: { [config.offset_param]: String(state.offset), [config.limit_param]: String(config.limit) },
  }),

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
