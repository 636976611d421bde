import type { Paginator } from "../config/custom-paginator.ts";
import type { PaginatorConfig } from "../config/schema/index.ts";

type Config = Extract<PaginatorConfig, { type: "header_cursor" }>;
type State = { cursor: string | null };

/**
 * Paginates by a cursor in a header of each response. A missing or empty header ends the resource, and so does a page without
 * rows that repeats the cursor that was sent.
 */
export const headerCursor: Paginator<Config, State> = {
  first: () => ({ cursor: null }),
  request: (config, { cursor }) => ({ params: cursor === null ? {} : { [config.cursor_param]: cursor } }),
  next(config, { cursor: sent }, { headers, rows }) {
    const cursor = headers.get(config.cursor_key) ?? "";
    const isStuck = rows === 0 && cursor === sent;
    return cursor === "" || isStuck ? { end: true } : { state: { cursor } };
  },
};
