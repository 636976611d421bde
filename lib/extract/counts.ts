import type { CommitLog } from "../lake/commit-log.ts";

/** Namespace of all metrics in CloudWatch; their dimensions are `service` (Powertools': service and stage) and `source`. */
export const METRICS_NAMESPACE = "restlake";

/** What one invocation added to its resource: what is counted over all of them. */
export interface Counts {
  /** Rows, pages and parts that it committed. */
  rows: number;
  pages: number;
  parts: number;
  /** Rows that `schema_contract` left out. */
  discarded_rows: number;
  retries: number;
  /** Seconds that the API made it wait, or makes the machine wait now. */
  waited_seconds: number;
}

/** A resource's counts so far. */
export const countsOf = ({ end, statistics }: Pick<CommitLog, "end" | "statistics">): Counts => ({
  rows: end.position.rows,
  pages: end.position.pages,
  parts: end.part,
  discarded_rows: end.position.discarded_rows,
  retries: statistics.retries,
  waited_seconds: statistics.waited_seconds,
});

/** What came on top of earlier counts. */
export const countsSince = (earlier: Counts, now: Counts): Counts => ({
  rows: now.rows - earlier.rows,
  pages: now.pages - earlier.pages,
  parts: now.parts - earlier.parts,
  discarded_rows: now.discarded_rows - earlier.discarded_rows,
  retries: now.retries - earlier.retries,
  waited_seconds: now.waited_seconds - earlier.waited_seconds,
});
