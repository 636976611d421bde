/** Shapes that several stored documents contain. */
import type { Cursor, HashList } from "../columns/cursor-values.ts";
import {
  count,
  listOf,
  mapOf,
  matching,
  objectOf,
  oneOf,
  optional,
  orNull,
  sha256Text,
  string,
} from "../json/shape.ts";
import type { SkippedParent } from "../metering/skipped-parents.ts";

const cursor = objectOf<Cursor>({
  // Other values have no order. Integers beyond 2^53 are stored as strings.
  value: matching("string or number", (value) => typeof value === "string" || Number.isFinite(value)),
  hashes: listOf(string),
  hash_lists: optional(listOf(objectOf<HashList>({ sha256: sha256Text, count }))),
  lowest: optional(matching("true", (value) => value === true)),
  path: optional(string),
  formats: optional(listOf(string)),
});

/** Shape of cursors by parent. */
export const CURSORS = mapOf(cursor);

/** Shapes of the numbers of rows that were read but not loaded unchanged, by key. */
export const EXCEPTIONS = {
  discarded_rows: count,
  discarded_values: count,
  warnings: listOf(string),
  masked_rows: count,
  skipped_parents: count,
  skipped_parent_rows: listOf(objectOf<SkippedParent>({ row: string, reason: string })),
} as const;

/** Shapes of the readings of a complete log, by key. */
export const READINGS = {
  read_rows: count,
  reported_rows: orNull(count),
  differing_lists: count,
  repeated_rows: count,
} as const;

/** Shape of the version of a document. */
export const VERSION = oneOf(1);
