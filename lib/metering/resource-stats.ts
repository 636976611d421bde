/** The numbers of one resource in one run: the same in its outcome, metrics, report and summary. */
export interface ResourceStats {
  /** Committed rows, pages and parts. */
  rows: number;
  pages: number;
  parts: number;
  /** Rows that `schema_contract` discarded, and values that it discarded from the rows that stayed. */
  discarded_rows: number;
  discarded_values: number;
  /** Rows in which keys, tokens or passwords were masked. */
  masked_rows: number;
  /** Rows in the responses, before any filter; and the API's own total, 0 if it reports none. */
  read_rows: number;
  reported_rows: number;
  /** Rows whose primary key an earlier row of the run has. */
  repeated_rows: number;
  /** Rows of the parent whose child rows were not read, because the config skips them. */
  skipped_parents: number;
  /** HTTP requests, retries included. */
  requests: number;
  retries: number;
  /** Seconds waited for the API so far, in a Lambda and by the state machine. */
  waited_seconds: number;
  /** Invocations that did work, in all executions of the run, `sync` included. */
  invocations: number;
  /** Invocations that ended because the API throttled them. */
  throttles: number;
}

/** The numbers that an HTTP client counts. */
export type HttpStats = Pick<ResourceStats, "requests" | "retries" | "waited_seconds">;

/** Numbers of a resource before its first request. */
export const NO_STATS: ResourceStats = {
  rows: 0,
  pages: 0,
  parts: 0,
  discarded_rows: 0,
  discarded_values: 0,
  masked_rows: 0,
  read_rows: 0,
  reported_rows: 0,
  repeated_rows: 0,
  skipped_parents: 0,
  requests: 0,
  retries: 0,
  waited_seconds: 0,
  invocations: 0,
  throttles: 0,
};

const KEYS = Object.keys(NO_STATS) as (keyof ResourceStats)[];

const combine = (one: ResourceStats, other: ResourceStats, of: (a: number, b: number) => number): ResourceStats =>
  Object.fromEntries(KEYS.map((key) => [key, of(one[key], other[key])])) as unknown as ResourceStats;

/** Returns the numbers among the fields of an object; those that it lacks are zero. */
export const statsIn = (fields: Partial<Record<string, unknown>>): ResourceStats =>
  Object.fromEntries(
    KEYS.map((key) => [key, typeof fields[key] === "number" ? fields[key] : 0]),
  ) as unknown as ResourceStats;

/** Returns the sum of both. */
export const addStats = (one: ResourceStats, other: ResourceStats): ResourceStats =>
  combine(one, other, (a, b) => a + b);

/** Returns the difference between these numbers and earlier ones. */
export const subtractStats = (now: ResourceStats, earlier: ResourceStats): ResourceStats =>
  combine(now, earlier, (a, b) => a - b);
