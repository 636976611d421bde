import { canonicalJson, type JsonObject } from "./json.ts";
import type { Cursor } from "./lake/position.ts";
import type { Page } from "./pages.ts";
import { createIncrementalFilter } from "./rows/incremental.ts";
import { type OpenRun, startingCursors } from "./run/open-run.ts";
import type { ResolvedResource } from "./source/resolve.ts";

/** A resource without a parent keeps its cursor under this name. */
const NO_PARENT = "";

/** What incremental loading means for a resource in a run: one cursor per row of the parent, or just one. */
export interface IncrementalLoading {
  /** What the API is asked for, of this parent's row. */
  params(parent: JsonObject | null): Record<string, string>;
  /** The records of a page that are new, and the cursors after it. */
  apply(page: Page, cursors: Record<string, Cursor>): { records: JsonObject[]; cursors: Record<string, Cursor> };
}

/** The row of the parent by what the child is bound to; other fields of it may change. */
const cursorKey = (resource: ResolvedResource, parent: JsonObject | null): string =>
  parent === null || resource.parent === null
    ? NO_PARENT
    : canonicalJson(resource.parent.bindings.map(({ field }) => parent[field] ?? null));

/** Loads everything, and knows no cursor. */
const everything: IncrementalLoading = {
  params: () => ({}),
  apply: ({ records }, cursors) => ({ records, cursors }),
};

/**
 * dlt keeps one cursor for all parents of a child, and so loses rows of a parent that lags behind the others; here each
 * has its own (DESIGN 6). A backfill window replaces every start, and its end is left out.
 */
export const createIncrementalLoading = (resource: ResolvedResource, run: OpenRun): IncrementalLoading => {
  const { incremental } = resource;
  if (incremental === null) return everything;
  const { cursor_path, start_param, end_param, initial_value } = incremental;
  const starting = startingCursors(run, resource.name) ?? {};
  const initial = initial_value == null ? undefined : { value: initial_value, hashes: [] };
  const startOf = (key: string): Cursor | undefined => {
    if (run.window !== null) return { value: run.window.start, hashes: [] };
    return Object.hasOwn(starting, key) ? starting[key] : initial;
  };
  return {
    params(parent) {
      const start = startOf(cursorKey(resource, parent));
      return {
        ...(start_param && start !== undefined ? { [start_param]: String(start.value) } : {}),
        ...(end_param && run.window !== null ? { [end_param]: String(run.window.end) } : {}),
      };
    },
    apply({ records, parent }, cursors) {
      const key = cursorKey(resource, parent);
      const filter = createIncrementalFilter(cursor_path, resource.primary_key, startOf(key), run.window?.end);
      const filtered = filter.apply(records, Object.hasOwn(cursors, key) ? cursors[key] : undefined);
      return {
        records: filtered.records,
        cursors: filtered.cursor === undefined ? cursors : { ...cursors, [key]: filtered.cursor },
      };
    },
  };
};
