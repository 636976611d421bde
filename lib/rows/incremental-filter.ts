import { type Cursor, checkCursor, compareCursors } from "../columns/cursor-values.ts";
import type { ResolvedIncremental } from "../config/resolved.ts";
import { ResponseError } from "../errors/index.ts";
import { sha256 } from "../json/hash.ts";
import { canonicalJson, type Json, type JsonObject } from "../json/index.ts";
import { kindOf } from "../json/kind.ts";
import { at, compilePath } from "../json/path.ts";

/** Result of filtering a page. */
export interface Filtered {
  /** The new rows. */
  records: JsonObject[];
  /** The cursor after the page. */
  cursor: Cursor | undefined;
  /** Whether the order of the rows rules out that a later page has rows in the range. */
  isOver: boolean;
}

/** Selects the new rows of a page and moves the cursor. */
export interface IncrementalFilter {
  /** Returns the hashes of the rows at the start value. */
  hashesAtStart(records: JsonObject[]): string[];
  /**
   * Filters a page.
   *
   * @param loaded hashes of rows at the start value that were loaded before, in addition to those in the start itself.
   */
  apply(records: JsonObject[], cursor: Cursor | undefined, loaded?: ReadonlySet<string>): Filtered;
}

/** Range of cursor values that a run loads. */
export interface Range {
  /** undefined for no lower bound. */
  start: Cursor | undefined;
  /** undefined for no upper bound. */
  end: Json | undefined;
}

type Rules = Pick<
  ResolvedIncremental,
  | "cursor_path"
  | "last_value_func"
  | "dedup_key"
  | "row_order"
  | "on_cursor_value_missing"
  | "range_start"
  | "range_end"
  | "cursor_datetime_formats"
>;

type CursorValue = string | number | bigint;
type Compare = (a: Json, b: Json) => number;

const hashOf = (record: JsonObject, key: string[]): string => {
  const values = key.map((name) => at(record, name) ?? null);
  const identity = values.length > 0 && values.every((value) => value !== null) ? values : record;
  return sha256(canonicalJson(identity)).slice(0, 16);
};

const asCursorValue = (value: Json, path: string): CursorValue => {
  if (value !== null && typeof value !== "object" && typeof value !== "boolean") return value;
  throw new ResponseError(
    `a row has ${kindOf(value)} at cursor_path ${JSON.stringify(path)}: choose a field that holds a string or a number`,
  );
};

/** Whether a value stands for none: null, an empty text, or MySQL's zero time. Compared, it would sort before all times. */
const isMissing = (value: Json): boolean =>
  value === null || value === "" || (typeof value === "string" && /^0000-00-00(?:[T ]00:00:00|$)/.test(value));

/** Returns the cursor value of a row: of several matches the furthest, as in dlt; null if there is none. */
const cursorValueOf = (record: JsonObject, path: string, compare: Compare): CursorValue | null => {
  const [first, ...others] = compilePath(path)
    .all(record)
    .flatMap((value) => (isMissing(value) ? [] : [asCursorValue(value, path)]));
  return first === undefined
    ? null
    : others.reduce((furthest, value) => (compare(value, furthest) > 0 ? value : furthest), first);
};

/** Whether a row without a cursor value is kept. */
const isKeptWithoutCursor = ({ cursor_path, on_cursor_value_missing }: Rules): boolean => {
  if (on_cursor_value_missing !== "raise") return on_cursor_value_missing === "include";
  throw new ResponseError(
    `a row has no value at cursor_path ${JSON.stringify(cursor_path)}: choose a field that every row has, or set on_cursor_value_missing`,
  );
};

/** Returns which bound of the range a value is beyond; null if it is inside. */
const boundBeyond = (value: CursorValue, { start, end }: Range, rules: Rules, compare: Compare) => {
  if (end !== undefined) {
    const order = compare(value, end);
    if (order > 0 || (order === 0 && rules.range_end === "open")) return "end";
  }
  if (start === undefined) return null;
  const order = compare(value, start.value);
  return order < 0 || (order === 0 && rules.range_start === "open") ? "start" : null;
};

/** Follows the furthest cursor value of a page's rows. */
const createProgress = (before: Cursor | undefined, dedupKey: string[] | null, compare: Compare) => {
  let value: Json = before?.value ?? null;
  let known: Pick<Cursor, "hashes" | "hash_lists"> = before ?? { hashes: [] };
  /** Rows of this page with that value, hashed once the page is complete. */
  let furthest: JsonObject[] = [];
  return {
    add(record: JsonObject, own: CursorValue) {
      const order = value === null ? 1 : compare(own, value);
      if (order > 0) {
        value = typeof own === "bigint" ? own.toString() : own;
        known = { hashes: [] };
        furthest = [];
      }
      if (order >= 0) furthest.push(record);
    },
    cursor(): Omit<Cursor, "lowest" | "path"> | undefined {
      if (value === null) return undefined;
      const { hashes, hash_lists } = known;
      const added = dedupKey === null ? [] : furthest.map((record) => hashOf(record, dedupKey));
      return { value, hashes: [...new Set([...hashes, ...added])], ...(hash_lists !== undefined && { hash_lists }) };
    },
  };
};

/**
 * Creates the filter of a run. It keeps rows from the start value to the end value, except those that the previous run already
 * loaded at exactly the start value. The cursor follows the furthest value: the highest, or with `last_value_func: "min"` the
 * lowest.
 *
 * `apply` throws ResponseError for a row without a cursor value (unless the config allows it) or with one that cannot be a
 * cursor, and ConfigError for a cursor value that cannot be compared with the others, or whose form is not certain.
 */
export const createIncrementalFilter = (rules: Rules, range: Range): IncrementalFilter => {
  const { start } = range;
  const { dedup_key, row_order, cursor_datetime_formats: formats } = rules;
  const isLowest = rules.last_value_func === "min";
  const compare: Compare = (a, b) => (isLowest ? -1 : 1) * compareCursors(a, b, formats);
  /** Bound that sorted rows approach: beyond it, no row can be in the range. */
  const lastBound = row_order === null ? null : (row_order === "asc") === isLowest ? "start" : "end";
  const inStart = new Set(dedup_key === null ? [] : start?.hashes);

  const isAtStart = (value: CursorValue): boolean => start !== undefined && compare(value, start.value) === 0;
  const isLoaded = (record: JsonObject, value: CursorValue, loaded: ReadonlySet<string>): boolean => {
    if (dedup_key === null || inStart.size + loaded.size === 0 || !isAtStart(value)) return false;
    const hash = hashOf(record, dedup_key);
    return inStart.has(hash) || loaded.has(hash);
  };

  return {
    hashesAtStart: (records) =>
      records.flatMap((record) => {
        const value = dedup_key === null ? null : cursorValueOf(record, rules.cursor_path, compare);
        return dedup_key !== null && value !== null && isAtStart(value) ? [hashOf(record, dedup_key)] : [];
      }),
    apply(records, cursor, loaded = new Set()) {
      const progress = createProgress(cursor ?? start, dedup_key, compare);
      const kept: JsonObject[] = [];
      let isOver = false;
      let isFirst = range.start === undefined && cursor === undefined;
      for (const record of records) {
        const value = cursorValueOf(record, rules.cursor_path, compare);
        if (value === null) {
          if (isKeptWithoutCursor(rules)) kept.push(record);
          continue;
        }
        // The first value of all is compared with no other.
        if (isFirst) checkCursor(value, formats);
        isFirst = false;
        const bound = boundBeyond(value, range, rules, compare);
        // A row in the range after one beyond it shows that the page is not sorted, as with a pinned row at its top.
        isOver = bound !== null && bound === lastBound;
        if (bound !== null || isLoaded(record, value, loaded)) continue;
        kept.push(record);
        progress.add(record, value);
      }
      const after = progress.cursor();
      return { records: kept, cursor: after && { ...after, ...(isLowest && { lowest: true as const }) }, isOver };
    },
  };
};
