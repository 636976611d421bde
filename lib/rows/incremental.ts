import { createHash } from "node:crypto";
import { ResponseError } from "../errors.ts";
import { canonicalJson, type Json, type JsonObject } from "../json.ts";
import type { Cursor } from "../lake/position.ts";
import { at } from "./path.ts";
import { utcTimestamp } from "./types.ts";

/** Rows of one cursor value may be many; beyond this, dedup at the boundary is left to the primary key. */
const MOST_HASHES = 1000;

const INTEGER = /^-?(0|[1-9]\d*)$/;
const DECIMAL = /^-?\d+\.\d+$/;

/** Integers are compared as such also where they are text: a state holds those beyond 2^53 so, and a window any. */
const comparable = (value: Json): Json => {
  if (typeof value !== "string") return value;
  return INTEGER.test(value) ? BigInt(value) : (utcTimestamp(value) ?? value);
};

const isNumeric = (value: Json): value is number | bigint => typeof value === "number" || typeof value === "bigint";

/** Order of two cursor values: times as instants, numbers as numbers without losing a digit, the rest as text. */
export const compareCursors = (a: Json, b: Json): number => {
  let [x, y] = [comparable(a), comparable(b)];
  if (isNumeric(x) && typeof y === "string" && DECIMAL.test(y)) y = Number(y);
  if (isNumeric(y) && typeof x === "string" && DECIMAL.test(x)) x = Number(x);
  const [left, right] = isNumeric(x) && isNumeric(y) ? [x, y] : [String(x), String(y)];
  return left < right ? -1 : left > right ? 1 : 0;
};

const hashOf = (record: JsonObject, primaryKey: string[]): string => {
  const key = primaryKey.map((name) => at(record, name) ?? null);
  const identity = key.length > 0 && key.every((value) => value !== null) ? key : record;
  return createHash("sha256").update(canonicalJson(identity)).digest("hex").slice(0, 16);
};

/** What incremental loading does to the rows of a page. */
export interface IncrementalFilter {
  /** The rows that are new, and the cursor after them. Rows without a cursor value are an error, as in dlt. */
  apply(records: JsonObject[], cursor: Cursor | undefined): { records: JsonObject[]; cursor: Cursor | undefined };
}

/**
 * Keeps rows from the start value on, less those that the last run already had at exactly that value, and follows the
 * highest value seen. An `end` (exclusive) keeps rows before it: a backfill window.
 *
 * @param start where the run starts; undefined for everything.
 */
export const createIncrementalFilter = (
  cursorPath: string,
  primaryKey: string[],
  start: Cursor | undefined,
  end: Json | undefined,
): IncrementalFilter => {
  const boundary = new Set(start?.hashes);
  return {
    apply(records, cursor) {
      let value: Json = (cursor ?? start)?.value ?? null;
      let hashes = [...((cursor ?? start)?.hashes ?? [])];
      const kept: JsonObject[] = [];
      for (const record of records) {
        const own = at(record, cursorPath);
        if (own === undefined || own === null) {
          throw new ResponseError(
            `a row has no value at cursor_path ${JSON.stringify(cursorPath)}: choose a field that every row has`,
          );
        }
        if (end !== undefined && compareCursors(own, end) >= 0) continue;
        if (start !== undefined) {
          const order = compareCursors(own, start.value);
          if (order < 0 || (order === 0 && boundary.has(hashOf(record, primaryKey)))) continue;
        }
        kept.push(record);
        const order = value === null ? 1 : compareCursors(own, value);
        if (order > 0) {
          value = typeof own === "bigint" ? own.toString() : own;
          hashes = [];
        }
        if (order >= 0 && hashes.length < MOST_HASHES) hashes.push(hashOf(record, primaryKey));
      }
      return { records: kept, cursor: value === null ? undefined : { value, hashes } };
    },
  };
};
