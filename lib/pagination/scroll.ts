import type { PageResponse } from "../config/custom-paginator.ts";
import type { PagePaginator } from "../config/resolved.ts";
import { isJsonObject, type Json, stringifyJson } from "../json/index.ts";
import { at } from "../json/path.ts";

/**
 * Whether a paginator reads scroll APIs: they keep the place of the client, and repeat the cursor until a page is empty or a
 * flag ends them.
 */
export const readsScroll = (paginator: PagePaginator | null): boolean => {
  if (paginator?.type !== "cursor") return false;
  const { stop_after_empty_page, has_more_path, last_page_path } = paginator as Record<string, unknown>;
  return stop_after_empty_page === true || has_more_path != null || last_page_path != null;
};

/** Returns the cursor in a response as JSON; undefined for other paginators. */
const cursorIn = (paginator: PagePaginator, { body, headers }: PageResponse): string | undefined => {
  const { cursor_path, cursor_key } = paginator as { cursor_path?: string; cursor_key?: string };
  if (paginator.type === "cursor" && cursor_path !== undefined) return stringifyJson(at(body, cursor_path) ?? null);
  return paginator.type === "header_cursor" && cursor_key !== undefined
    ? stringifyJson(headers.get(cursor_key))
    : undefined;
};

/** Whether a response repeats the cursor that was sent for it: the API keeps the place of the client, or this is the end. */
export const repeatsCursor = (paginator: PagePaginator, state: Json, response: PageResponse): boolean => {
  if (!isJsonObject(state) || state.cursor === null) return false;
  const sent = typeof state.cursor_json === "string" ? state.cursor_json : stringifyJson(state.cursor ?? null);
  return cursorIn(paginator, response) === sent;
};

/**
 * Warning for the first page after a resume, if it repeats the cursor: a page that was requested before, and not stored, is
 * not sent twice.
 */
export const RESUMED_SCROLL =
  "the API repeats its cursor, and so may keep the place itself. The run was resumed: such an API does not repeat a page that was requested and not stored, and its rows may be missing. Use a cursor that changes, or raise the timeout of the Lambda";
