import type { Row } from "./dice.ts";

/** A sample API as plain data, served by `server.ts`. Each is defined by one file or folder in `data/`. */
export interface SampleSource {
  /** Location of the API key; the parameter's name is always `api_key`. */
  key_location: "header" | "query";
  paging: Paging;
  /** By resource name: every record, in the order in which the API serves them. */
  tables: Record<string, Row[]>;
  routes: Route[];
  faults: Fault[];
}

/** Pagination parameters. Sizes are in rows. A value that is missing, malformed or below the minimum is replaced by a default. */
export type Paging =
  /** `page` counts from 1. Without `size_param` the server fixes the size. */
  { by: "page"; size: number; size_param?: string } | { by: "offset"; size: number; size_param: string };

/** The requested page. */
export interface Page {
  /** From 1. */
  number: number;
  size: number;
  offset: number;
  /** Rows of all pages, after the filter. */
  total: number;
}

/** One path of the API. */
export interface Route {
  /** May have one `{id}`. */
  path: string;
  /** Returns the rows of a list, a single object, or undefined for an unknown `{id}` (404). */
  find(id: string): Row[] | Row | undefined;
  /** Returns the response body around a page's rows or the single object. */
  envelope(content: Row[] | Row, page: Page): Row;
  /** Filter: only rows whose `field` is at or after the instant in `param`. */
  since?: { param: string; field: string };
}

/** A failure that the API plays once for every URL it applies to. */
export interface Fault {
  /** The path as requested, without the query. */
  path: string;
  /** Page number, from 1; with offsets, `offset / size + 1`. */
  page: number;
  status: number;
  /** Seconds, for the header `Retry-After`. */
  retry_after?: number;
}
