import type { Next, PageResponse, Paginator } from "../config/custom-paginator.ts";
import type { PaginatorConfig } from "../config/schema/index.ts";
import { type Json, stringifyJson } from "../json/index.ts";
import { parseJson } from "../json/parse.ts";
import { at } from "../json/path.ts";
import { placeValues } from "./placement.ts";
import { flagPath, flagText, hasMoreFlag, noValueAt, type SeenFlag, seenFlag } from "./stop-conditions.ts";

type Config = Extract<PaginatorConfig, { type: "cursor" }>;
type State = SeenFlag &
  (
    | { cursor: string | number | boolean | null }
    /** A list, an object or an integer beyond 2^53 as JSON text, because a position is plain JSON and keeps all digits. */
    | { cursor_json: string }
  );

const stateOf = (cursor: Json): State =>
  typeof cursor === "bigint" || (typeof cursor === "object" && cursor !== null)
    ? { cursor_json: stringifyJson(cursor) }
    : { cursor };

/** Whether Python, and so dlt, treats a value as false: it is not a cursor. */
const isFalsy = (cursor: Json): boolean =>
  typeof cursor === "object" && cursor !== null ? Object.keys(cursor).length === 0 : !cursor;

/** Whether a query parameter can hold a cursor: a scalar, or a list of scalars as a repeated parameter. */
const fitsQuery = (cursor: Json): boolean =>
  Array.isArray(cursor)
    ? cursor.every((item) => item !== null && typeof item !== "object")
    : cursor === null || typeof cursor !== "object";

/** Returns how an empty page or a flag ends pagination; null if they do not, and the cursor decides. */
const endOf = (config: Config, response: PageResponse, hasSeenFlag: boolean): Next<State> | null => {
  const flag = hasMoreFlag(config, response);
  if (response.rows === 0 && config.stop_after_empty_page) {
    return flag === true ? { contradiction: `it has no rows, but ${flagText(config, true)}` } : { end: true };
  }
  const path = flagPath(config);
  if (path === null || flag === true) return null;
  return flag === false || hasSeenFlag ? { end: true } : { contradiction: noValueAt(path) };
};

/**
 * Paginates by a cursor that each response contains for the next page. A missing or falsy cursor ends the resource (dlt). A page
 * without rows ends it only with `stop_after_empty_page`, or when it repeats the cursor that was sent, because cursors may lead
 * through empty pages.
 *
 * In the body a cursor keeps its type, also as a list or object: Elasticsearch's `search_after` is a list.
 */
export const cursor: Paginator<Config, State> = {
  first: () => ({ cursor: null }),

  request: (config, state) =>
    placeValues([
      config.cursor_param,
      config.cursor_body_path,
      "cursor_json" in state ? parseJson(state.cursor_json) : state.cursor,
    ]),

  next(config, { seen_flag = false, ...sent }, response) {
    const end = endOf(config, response, seen_flag);
    if (end !== null) return end;
    const { body, rows } = response;
    const following = at(body, config.cursor_path) ?? null;
    const next = isFalsy(following) ? null : stateOf(following);
    // Without rows and with the cursor that was sent, the next page would be this one.
    const isStuck = rows === 0 && stringifyJson(next) === stringifyJson(sent);
    if (next === null || isStuck) {
      if (hasMoreFlag(config, response) !== true) return { end: true };
      return {
        contradiction: `${flagText(config, true)}, but there is no new cursor at cursor_path ${config.cursor_path}`,
      };
    }
    if (config.cursor_body_path == null && !fitsQuery(following)) {
      return { contradiction: `its value at cursor_path ${config.cursor_path} does not fit into a query parameter` };
    }
    return { state: { ...next, ...seenFlag(config, response, seen_flag) } };
  },
};
