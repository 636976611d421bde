import type { Row } from "./dice.ts";

/** A sample API as plain data: what `server.ts` serves. One file or folder in `data/` makes one. */
export interface SampleSource {
  /** Where the API expects its key; the parameter's name is always `api_key`. */
  key_location: "header" | "query";
  paging: Paging;
  /** By resource name: every record, in the order in which the API serves them. */
  tables: Record<string, Row[]>;
  routes: Route[];
  faults: Fault[];
}

/** How a client asks for a page. Sizes are rows; what is missing, malformed or below the minimum falls back to a default. */
export type Paging =
  /** `page` counts from 1. Without `size_param` the server fixes the size. */
  { by: "page"; size: number; size_param?: string } | { by: "offset"; size: number; size_param: string };

/** The page that was asked for, as it is answered. */
export interface Page {
  /** From 1. */
  number: number;
  size: number;
  offset: number;
  /** Of all pages together, after the filter. */
  total: number;
}

/** One path of the API. */
export interface Route {
  /** May have one `{id}`. */
  path: string;
  /** The rows of the list, one object that is no list, or undefined for an `{id}` that does not exist (404). */
  find(id: string): Row[] | Row | undefined;
  /** What stands around a page's rows, or around the one object. */
  envelope(content: Row[] | Row, page: Page): Row;
  /** The filter: only rows whose `field` is at or after the instant in `param`. */
  since?: { param: string; field: string };
}

/** A failure that the API plays once for every URL it applies to. */
export interface Fault {
  /** The path as requested, without the query. */
  path: string;
  /** The page's number, from 1; for offsets, the page of the size that is asked for. */
  page: number;
  status: number;
  /** Seconds, for the header `Retry-After`. */
  retry_after?: number;
}
