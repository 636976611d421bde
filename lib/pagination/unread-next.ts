import type { PageResponse } from "../config/custom-paginator.ts";
import type { PagePaginator } from "../config/resolved.ts";
import { at, pathOf } from "../json/path.ts";
import { findNext } from "./auto.ts";

/** Returns the place of the next page by the config, if a response lacks it; null if it has the place, or the type has none. */
const absentPlace = (paginator: PagePaginator, { body, headers }: PageResponse): string | null => {
  const { cursor_path, next_url_path, cursor_key, header } = paginator as Record<string, unknown>;
  const missingPath = (key: string, path: unknown) =>
    at(body, String(path)) === undefined ? `${key} ${String(path)}` : null;
  const missingHeader = (name: unknown) => (headers.has(String(name)) ? null : `header ${String(name)}`);
  switch (paginator.type) {
    case "cursor":
      return missingPath("cursor_path", cursor_path);
    case "json_link":
      return missingPath("next_url_path", next_url_path);
    case "header_cursor":
      return missingHeader(cursor_key);
    case "header_link":
      return missingHeader(header ?? "Link");
    default:
      return null;
  }
};

/**
 * Returns a warning for the first page of a list that ends it because it lacks the cursor, link or header of the config, although
 * another value leads to a next page: most likely the config names the wrong place. null for any other page.
 */
export const unreadNextWarning = (paginator: PagePaginator, response: PageResponse): string | null => {
  if (response.rows === 0) return null;
  const { has_more_path, last_page_path } = paginator as Record<string, unknown>;
  if (has_more_path != null || last_page_path != null) return null;
  const place = absentPlace(paginator, response);
  if (place === null) return null;
  const next = findNext(response.body);
  if (next === null || next.value === "" || next.value === false) return null;
  return `only one page was read (the response has no ${place}, but ${pathOf(next.keys)} leads to a next page): correct the paginator`;
};
