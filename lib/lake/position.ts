import type { Cursor } from "../columns/cursor-values.ts";
import type { ResolvedResource } from "../config/resolve.ts";
import { sha256 } from "../json/hash.ts";
import { canonicalJson, type Json } from "../json/index.ts";
import type { Decision } from "../pagination/auto.ts";
import type { CycleState } from "../pagination/cycle-detection.ts";

/** Everything later pages depend on, as plain JSON. It stands for the place *after* the last committed page. */
export interface Position {
  version: 1;
  /** Hash of all in the config that gives this position its meaning. */
  config_hash: string;
  /** Pages committed so far. */
  pages: number;
  /** Rows committed so far: the next row's `_seq` is one more. */
  rows: number;
  /** Rows, and values of rows, that `schema_contract` left out so far. */
  discarded_rows: number;
  discarded_values: number;
  /** The row of the parent whose pages are being read: the part (from 1) and the row in it (from 0). */
  parent: { part: number; row: number } | null;
  /** The paginator's state of the next page; null before the first page of the resource or of a parent's row. */
  page: Json;
  /** Where the rows were found in the first answer, as keys; null before it, and where the config says where they are. */
  selector: string[] | null;
  /** What `auto` made of the first answer; null before it, and for every other paginator. */
  decided: Decision | null;
  /** The way the paginator went, to notice a circle; null before the first page. */
  cycle: CycleState | null;
  /** Hash of the previous page's rows, to notice a paginator that stands still. */
  previous_page: string | null;
  /** Cursors by parent; a resource without a parent has the one under "". */
  cursors: Record<string, Cursor>;
}

/**
 * Hash of what gives a position its meaning (DESIGN 3): a selector can be mended and the run goes on, a changed
 * paginator cannot.
 */
export const configHash = (resource: ResolvedResource): string => {
  const { method, path, params, body, paginator, incremental } = resource;
  // In what order the config names the parent's fields means nothing.
  const parent = resource.parent && { ...resource.parent, fields: resource.parent.fields.toSorted() };
  return sha256(canonicalJson({ method, path, params, body, paginator, parent, incremental })).slice(0, 16);
};

/** Where a resource starts. */
export const firstPosition = (resource: ResolvedResource): Position => ({
  version: 1,
  config_hash: configHash(resource),
  pages: 0,
  rows: 0,
  discarded_rows: 0,
  discarded_values: 0,
  parent: resource.parent === null ? null : { part: 1, row: 0 },
  page: null,
  selector: null,
  decided: null,
  previous_page: null,
  cycle: null,
  cursors: {},
});
