import { createHash } from "node:crypto";
import { type Cursor, compareCursors } from "../columns/cursor-values.ts";
import type { ResolvedIncremental } from "../config/resolved.ts";
import { ResponseError } from "../errors/index.ts";
import { canonicalJson, type Json, type JsonObject } from "../json/index.ts";
import { at } from "../json/path.ts";

/** Rows of one cursor value may be many; beyond this, dedup at the boundary is left to the primary key. */
const MOST_HASHES = 1000;

const hashOf = (record: JsonObject, key: string[]): string => {
  const values = key.map((name) => at(record, name) ?? null);
  const identity = values.length > 0 && values.every((value) => value !== null) ? values : record;
  return createHash("sha256").update(canonicalJson(identity)).digest("hex").slice(0, 16);
};

/** What became of the rows of a page. */
export interface Filtered {
  /** The rows that are new. */
  records: JsonObject[];
  /** The cursor after them. */
  cursor: Cursor | undefined;
  /** Whether, by the API's order, no page behind this one has a row that counts. */
  isOver: boolean;
}

/** What incremental loading does to the rows of a page. */
export interface IncrementalFilter {
  apply(records: JsonObject[], cursor: Cursor | undefined): Filtered;
}

/** Where a run starts and ends. */
export interface Range {
  /** undefined: at the beginning. */
  start: Cursor | undefined;
  /** undefined: nowhere. */
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
>;

/**
 * Keeps rows from the start value on, less those that the last run already had at exactly that value, and up to the end
 * value; follows the furthest value seen: the highest, or with `last_value_func: "min"` the lowest.
 *
 * @throws ResponseError, when a page is applied, for a row without a cursor value, unless the config says otherwise, and
 *   for one that cannot be a cursor.
 * @throws ConfigError then for a cursor value that cannot be compared to the start or the end.
 */
export const createIncrementalFilter = (rules: Rules, { start, end }: Range): IncrementalFilter => {
  const isLowest = rules.last_value_func === "min";
  const direction = isLowest ? -1 : 1;
  const compare = (a: Json, b: Json) => direction * compareCursors(a, b);
  const { dedup_key } = rules;
  const boundary = new Set(dedup_key === null ? [] : start?.hashes);
  /** What the rows run towards when they come in the config's order. */
  const runsTowards = rules.row_order === null ? null : (rules.row_order === "asc") === isLowest ? "start" : "end";

  /** On which side of the range a value lies; null: inside. */
  const outside = (own: Json): "start" | "end" | null => {
    if (end !== undefined) {
      const order = compare(own, end);
      if (order > 0 || (order === 0 && rules.range_end === "open")) return "end";
    }
    if (start === undefined) return null;
    const order = compare(own, start.value);
    return order < 0 || (order === 0 && rules.range_start === "open") ? "start" : null;
  };

  /** The cursor value of a row; null when it has none. */
  const cursorOf = (record: JsonObject): string | number | bigint | null => {
    const value = at(record, rules.cursor_path) ?? null;
    if (typeof value !== "object" && typeof value !== "boolean") return value;
    if (value === null) return null;
    throw new ResponseError(
      `a row has ${Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : "true or false"} at cursor_path ${JSON.stringify(rules.cursor_path)}: choose a field that holds a text or a number`,
    );
  };

  return {
    apply(records, cursor) {
      let value: Json = (cursor ?? start)?.value ?? null;
      let hashes = (cursor ?? start)?.hashes ?? [];
      /** Rows of this page at that value: hashed at the end, when it is known which ones they are. */
      let furthest: JsonObject[] = [];
      let isOver = false;
      const kept: JsonObject[] = [];
      for (const record of records) {
        const own = cursorOf(record);
        if (own === null) {
          if (rules.on_cursor_value_missing === "raise") {
            throw new ResponseError(
              `a row has no value at cursor_path ${JSON.stringify(rules.cursor_path)}: choose a field that every row has, or set on_cursor_value_missing`,
            );
          }
          if (rules.on_cursor_value_missing === "include") kept.push(record);
          continue;
        }
        const side = outside(own);
        if (side !== null) {
          isOver ||= side === runsTowards;
          continue;
        }
        if (start !== undefined && boundary.size > 0 && compare(own, start.value) === 0) {
          if (boundary.has(hashOf(record, dedup_key ?? []))) continue;
        }
        kept.push(record);
        const order = value === null ? 1 : compare(own, value);
        if (order > 0) {
          value = typeof own === "bigint" ? own.toString() : own;
          hashes = [];
          furthest = [];
        }
        if (order >= 0) furthest.push(record);
      }
      if (dedup_key !== null) {
        const room = Math.max(0, MOST_HASHES - hashes.length);
        hashes = [...hashes, ...furthest.slice(0, room).map((record) => hashOf(record, dedup_key))];
      }
      const after = value === null ? undefined : { value, hashes, ...(isLowest && { lowest: true as const }) };
      return { records: kept, cursor: after, isOver };
    },
  };
};
