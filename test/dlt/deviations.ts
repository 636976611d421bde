/** Deviations from dlt by name, with the first cell of the row in docs/coming-from-dlt.md that declares each. */
export const DEVIATIONS = {
  "offset after a short page": "`offset`, after a page with fewer rows than `limit`",
  skip: "`write_disposition: skip`",
  scd2: "`merge` with `strategy: scd2`",
  strategies: "`strategy` of a `replace`; `deduplicated` or `skip_unchanged_rows` without a `strategy`",
  "repeated keys": "`merge`, a key twice in one run without `dedup_sort`",
  "repeated keys of other strategies": "`merge` with `strategy: insert-only` or `upsert`, a key twice in one run",
  "null keys": "`merge`, null in a key column with `nullable: true`",
} as const;

/** Name of a deviation. */
export type Deviation = keyof typeof DEVIATIONS;
