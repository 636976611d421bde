import type { Json } from "../json/index.ts";

/** What a paginator changes about the request of a page. */
export interface PageRequest {
  /** Query parameters, over the resource's own; a list is the parameter several times. */
  params?: Record<string, string | string[]>;
  /** Values in the JSON body, over the resource's own, by their path: keys joined by dots. */
  body?: Record<string, Json>;
  /** Path and query inside the origin of base_url, instead of the resource's path and parameters. */
  url?: string;
}

/** What a paginator may look at in the answer. */
export interface PageResponse {
  body: Json;
  headers: Headers;
  /** Rows that `data_selector` picked, before any filter. */
  rows: number;
}

/**
 * What comes after a page: another page's state, a link to it (an absolute or relative URL, whose origin has yet to be
 * checked; it becomes the state `{ url }`), the end, or a contradiction in the answer: it has no rows,
 * yet a total or a has-more flag that the config names says there are more. Such a page is asked again (DESIGN 6).
 */
export type Next<State> =
  | { state: State }
  | { link: string }
  | { end: true; warning?: string }
  | { contradiction: string };

/**
 * One way to go through pages, without memory: all a later page depends on is in `State`, plain JSON, so that
 * a position can cross to another Lambda between any two pages.
 */
export interface Paginator<Config, State extends Json> {
  /** The state of the first page. */
  first(config: Config): State;
  /** The request of the page that the state stands for. */
  request(config: Config, state: State): PageRequest;
  /** What comes after the answer to it. */
  next(config: Config, state: State, response: PageResponse): Next<State>;
}
