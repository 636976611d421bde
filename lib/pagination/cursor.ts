import type { Json } from "../json.ts";
import { at } from "../rows/path.ts";
import type { Paginator as PaginatorConfig } from "../source/schema/index.ts";
import { asFlag } from "./stops.ts";
import type { Paginator } from "./types.ts";

type Config = Extract<PaginatorConfig, { type: "cursor" }>;
type State = { cursor: string | null };

const asText = (value: Json | undefined): string | null =>
  typeof value === "string" || typeof value === "number" || typeof value === "bigint" ? String(value) : null;

/**
 * Each answer names the cursor of the next page; a missing or falsy one ends the resource (dlt). A page without rows
 * ends it only when the config says so: cursors may well pass through empty pages.
 */
export const cursor: Paginator<Config, State> = {
  first: () => ({ cursor: null }),

  request: (config, state) => ({ params: state.cursor === null ? {} : { [config.cursor_param]: state.cursor } }),

  next(config, _state, { body, rows }) {
    const hasMore = config.has_more_path == null ? null : asFlag(at(body, config.has_more_path));
    if (config.has_more_path != null && hasMore === null) {
      return { contradiction: `it has nothing usable at has_more_path ${config.has_more_path}` };
    }
    const following = asText(at(body, config.cursor_path));
    if (hasMore === false || (rows === 0 && config.stop_after_empty_page)) return { end: true };
    if (following !== null && following !== "" && following !== "0") return { state: { cursor: following } };
    return hasMore === true
      ? {
          contradiction: `${config.has_more_path} says there are more, but there is no cursor at ${config.cursor_path}`,
        }
      : { end: true };
  },
};
