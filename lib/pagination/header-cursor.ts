import type { Paginator } from "../config/custom-paginator.ts";
import type { Paginator as PaginatorConfig } from "../config/schema/index.ts";

type Config = Extract<PaginatorConfig, { type: "header_cursor" }>;
type State = { cursor: string | null };

/** A header of each answer holds the cursor of the next page; without it, or with an empty one, the resource ends. */
export const headerCursor: Paginator<Config, State> = {
  first: () => ({ cursor: null }),
  request: (config, { cursor }) => ({ params: cursor === null ? {} : { [config.cursor_param]: cursor } }),
  next(config, _state, { headers }) {
    const cursor = headers.get(config.cursor_key) ?? "";
    return cursor === "" ? { end: true } : { state: { cursor } };
  },
};
