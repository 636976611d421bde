import { type Cursor, compareCursors, shiftCursor } from "../columns/cursor-values.ts";
import { guardCallback, wrongResult } from "../config/guard-callback.ts";
import type { ResolvedResource } from "../config/resolve.ts";
import type { ResolvedIncremental } from "../config/resolved.ts";
import { type IncrementalValue, withRunTime } from "../config/template.ts";
import { ConfigError } from "../errors/index.ts";
import { canonicalJson, type Json, type JsonObject } from "../json/index.ts";
import { parentField } from "../lake/parent-rows.ts";
import type { RowHashes } from "../lake/row-hashes.ts";
import { type RunRecord, startingCursors, type Window } from "../lake/run-record.ts";
import { createIncrementalFilter } from "../rows/incremental-filter.ts";

/** Key of the cursor of a resource without a parent. */
const NO_PARENT = "";

/** Incremental loading of a resource in a run. A child has one cursor per row of its parent. */
export interface IncrementalLoading {
  /** Returns the query parameters for the requests of this parent's row. */
  params(parent: JsonObject | null): Record<string, Json>;
  /** Returns the value of a placeholder for this parent's row; undefined while there is none. */
  value(name: IncrementalValue, parent: JsonObject | null): Json | undefined;
  /** Returns the new records of a page, the cursors after it, and whether no later page has new records. */
  apply(
    records: JsonObject[],
    parent: JsonObject | null,
    cursors: Record<string, Cursor>,
  ): Promise<{ records: JsonObject[]; cursors: Record<string, Cursor>; isOver: boolean }>;
}

/** Returns the parent's row as a JSON list of the fields that the request uses; other fields of the row may change. */
const cursorKey = (resource: ResolvedResource, parent: JsonObject | null): string =>
  parent === null || resource.parent === null
    ? NO_PARENT
    : canonicalJson(resource.parent.fields.toSorted().map((field) => parentField(parent, field) ?? null));

/** Loads everything, without a cursor. */
const everything: IncrementalLoading = {
  params: () => ({}),
  value: () => undefined,
  apply: async (records, _parent, cursors) => ({ records, cursors, isOver: false }),
};

/** Returns the incremental with the time of the run in its ends. */
const atRun = (incremental: ResolvedIncremental, { opened_at }: RunRecord): ResolvedIncremental => ({
  ...incremental,
  initial_value: withRunTime(incremental.initial_value, Date.parse(opened_at)),
  end_value: withRunTime(incremental.end_value, Date.parse(opened_at)),
});

/**
 * Returns the start: `lag` before the last value, but never before the initial value, unless the last value is before it
 * already: an initial value that moves with the time of the run must not skip rows.
 */
const lagged = (incremental: ResolvedIncremental, cursor: Cursor): Cursor => {
  const { lag, initial_value, last_value_func, cursor_datetime_formats: formats } = incremental;
  if (lag === 0) return cursor;
  const direction = last_value_func === "min" ? -1 : 1;
  const value = shiftCursor(cursor.value, -direction * lag, formats);
  const isBefore = (one: Json, other: Json) => direction * compareCursors(one, other, formats) < 0;
  if (initial_value === null || !isBefore(value, initial_value)) return { value, hashes: [] };
  return { value: isBefore(cursor.value, initial_value) ? cursor.value : initial_value, hashes: [] };
};

/** The range that a filter keeps. */
type Bounds = Pick<ResolvedIncremental, "range_start" | "range_end"> & { from: Json; to: Json };

/** @throws ConfigError for a window whose start does not come before its end in these formats. */
const checkWindow = ({ start, end }: Window, formats: ResolvedIncremental["cursor_datetime_formats"]): void => {
  if (compareCursors(start, end, formats) < 0) return;
  throw new ConfigError(`invalid start option window (${start} to ${end}): its start must come before its end`);
};

/**
 * Returns the range of a backfill window: its start is included and its end excluded, whatever the config says, so that
 * adjacent windows load every row once. A cursor that follows the lowest value begins at the window's end.
 */
const windowBounds = (
  { start, end }: Window,
  { last_value_func, cursor_datetime_formats: formats }: ResolvedIncremental,
): Bounds => {
  checkWindow({ start, end }, formats);
  return last_value_func === "min"
    ? { from: end, to: start, range_start: "open", range_end: "closed" }
    : { from: start, to: end, range_start: "closed", range_end: "open" };
};

/** Applies the config's `convert` to a value. */
const converted = (convert: ResolvedIncremental["convert"], value: Json | undefined): Json | undefined => {
  if (convert === null || value === undefined) return value;
  const callback = "convert of the incremental";
  const input = ` for ${JSON.stringify(value)}`;
  const result: unknown = guardCallback(callback, () => convert(value as string | number), { input });
  if (result === undefined || result === null) return undefined;
  if (typeof result === "string" || typeof result === "boolean" || typeof result === "bigint") return result;
  if (typeof result === "number" && Number.isFinite(result)) return result;
  throw wrongResult(callback, result, "a string, a number or a boolean", input);
};

/**
 * Creates the incremental loading of a resource in a run. Each row of the parent has a separate cursor: dlt keeps one for all
 * of them, and misses rows of a parent row whose cursor is lower. A backfill window replaces every start and end. A backfill
 * that the config describes with `end_value` has no state. A stored cursor of another `cursor_path` is ignored (dlt).
 */
export const createIncrementalLoading = (
  resource: ResolvedResource,
  run: RunRecord,
  rowHashes: RowHashes,
): IncrementalLoading => {
  if (resource.incremental === null) return everything;
  const incremental = atRun(resource.incremental, run);
  const { cursor_path, start_param, end_param, initial_value, end_value, lag, convert } = incremental;
  const { cursor_datetime_formats: formats } = incremental;
  const isStateless = end_value !== null || run.window !== null;
  const starting = isStateless ? {} : (startingCursors(run, resource) ?? {});
  const initial = initial_value === null ? undefined : { value: initial_value, hashes: [] };
  const window = run.window === null ? null : windowBounds(run.window, incremental);
  const end = window === null ? (end_value ?? undefined) : window.to;
  const rules = window === null ? incremental : { ...incremental, ...window };

  const startOf = (key: string): Cursor | undefined => {
    if (window !== null) return { value: window.from, hashes: [] };
    const stored = starting[key];
    const isOurs = stored !== undefined && (stored.path === undefined || stored.path === cursor_path);
    return isOurs ? lagged(incremental, stored) : initial;
  };
  const value = (name: IncrementalValue, parent: JsonObject | null): Json | undefined => {
    if (name === "lag") return lag;
    if (name === "initial_value") return converted(convert, initial_value ?? undefined);
    return converted(convert, name === "end_value" ? end : startOf(cursorKey(resource, parent))?.value);
  };

  return {
    value,
    params(parent) {
      const from = start_param === null ? undefined : value("start_value", parent);
      const to = end_param === null ? undefined : value("end_value", parent);
      return {
        ...(start_param !== null && from !== undefined ? { [start_param]: from } : {}),
        ...(end_param !== null && to !== undefined ? { [end_param]: to } : {}),
      };
    },
    async apply(records, parent, cursors) {
      const key = cursorKey(resource, parent);
      const start = startOf(key);
      const filter = createIncrementalFilter(rules, { start, end });
      const lists = start?.hash_lists ?? [];
      const loaded = lists.length === 0 ? undefined : await rowHashes.find(lists, filter.hashesAtStart(records));
      const { records: kept, cursor, isOver } = filter.apply(records, cursors[key], loaded);
      if (cursor === undefined || isStateless) return { records: kept, cursors, isOver };
      const after = await rowHashes.fit({ ...cursor, path: cursor_path, ...(formats !== null && { formats }) });
      return { records: kept, cursors: { ...cursors, [key]: after }, isOver };
    },
  };
};
