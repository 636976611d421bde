import type { Json } from "../json/index.ts";

/** Changes that a paginator makes to the request of a page. */
export interface PageRequest {
  /** Query parameters, which override the resource's. A list sends the parameter several times. */
  params?: Record<string, string | string[]>;
  /** Values in the JSON body, which override the resource's, by path: keys joined by dots. */
  body?: Record<string, Json>;
  /** Path and query inside the origin of base_url. Replaces the resource's path and parameters. */
  url?: string;
}

/** Parts of a response that a paginator may read. */
export interface PageResponse {
  body: Json;
  headers: Headers;
  /** Number of items in the list of `data_selector`, before its filter and any other. */
  rows: number;
}

/**
 * Result of a page: the state of the next page; a link to it (an absolute or relative URL whose origin is still to be
 * checked; it becomes the state `{ url }`); the end; or a contradiction: the response has no rows, but a total or a
 * has-more flag that the config names reports more. A contradictory page is retried.
 */
export type Next<State> =
  | { state: State }
  | { link: string }
  | { end: true; warning?: string }
  | { contradiction: string };

/**
 * A pagination strategy, as pure functions. Everything that later pages depend on is in `State`, which is plain JSON, so
 * that another Lambda can resume after any page.
 */
export interface Paginator<Config, State extends Json> {
  /** Returns the state of the first page. */
  first(config: Config): State;
  /** Returns the request of the page in this state. */
  request(config: Config, state: State): PageRequest;
  /** Returns what follows after the response of that page. */
  next(config: Config, state: State, response: PageResponse): Next<State>;
}
