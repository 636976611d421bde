import type { Paginator } from "../config/custom-paginator.ts";
import type { Paginator as PaginatorConfig } from "../config/schema/index.ts";
import { type Json, parseJson, stringifyJson } from "../json/index.ts";
import { at } from "../json/path.ts";
import { placed } from "./placement.ts";
import { asFlag } from "./stop-conditions.ts";

type Config = Extract<PaginatorConfig, { type: "cursor" }>;
type State =
  | { cursor: string | number | boolean | null }
  /** A list, an object or an integer beyond 2^53 as JSON text: a position is plain JSON, and no digit may get lost. */
  | { cursor_json: string };

const stateOf = (cursor: Json): State =>
  typeof cursor === "bigint" || (typeof cursor === "object" && cursor !== null)
    ? { cursor_json: stringifyJson(cursor) }
    : { cursor };

/** What Python, and so dlt, takes for false: no cursor at all. */
const isFalsy = (cursor: Json): boolean =>
  typeof cursor === "object" && cursor !== null ? Object.keys(cursor).length === 0 : !cursor;

/** Whether a query parameter can hold it: a value, or a list of values as the parameter several times. */
const fitsQuery = (cursor: Json): boolean =>
  Array.isArray(cursor)
    ? cursor.every((one) => one !== null && typeof one !== "object")
    : cursor === null || typeof cursor !== "object";

/**
 * Each answer names the cursor of the next page; a missing or falsy one ends the resource (dlt). A page without rows
 * ends it only when the config says so: cursors may well pass through empty pages.
 *
 * In the body a cursor keeps its type, lists and objects too: Elasticsearch's `search_after` is a list.
 */
export const cursor: Paginator<Config, State> = {
  first: () => ({ cursor: null }),

  request: (config, state) =>
    placed([
      config.cursor_param,
      config.cursor_body_path,
      "cursor_json" in state ? parseJson(state.cursor_json) : state.cursor,
    ]),

  next(config, _state, { body, rows }) {
    const hasMore = config.has_more_path == null ? null : asFlag(at(body, config.has_more_path));
    if (rows === 0 && config.stop_after_empty_page) {
      return hasMore === true
        ? { contradiction: `it has no rows, yet ${config.has_more_path} says there are more` }
        : { end: true };
    }
    if (config.has_more_path != null && hasMore === null) {
      return { contradiction: `it has nothing usable at has_more_path ${config.has_more_path}` };
    }
    if (hasMore === false) return { end: true };
    const following = at(body, config.cursor_path) ?? null;
    if (!isFalsy(following)) {
      return config.cursor_body_path != null || fitsQuery(following)
        ? { state: stateOf(following) }
        : { contradiction: `what it has at cursor_path ${config.cursor_path} fits into no query parameter` };
    }
    return hasMore === true
      ? {
          contradiction: `${config.has_more_path} says there are more, but there is no cursor at ${config.cursor_path}`,
        }
      : { end: true };
  },
};
