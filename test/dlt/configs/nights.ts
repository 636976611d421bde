import type { Api } from "../api.fixture.ts";
import type { Comparison } from "../comparison.fixture.ts";

/** A row. */
export type Row = Record<string, unknown>;

/** Returns a row with a cursor value. */
export const row = (id: number, at: unknown, more: Row = {}): Row => ({ id, at, ...more });

/** Three runs of `posts`, each with the rows that the API has then. */
export const nights = (
  endpoint: object,
  pages: Row[][],
  hints: object = {},
  more: Partial<Comparison> = {},
): Comparison => ({
  resources: [{ name: "posts", endpoint: { paginator: "single_page", ...endpoint }, ...hints }],
  api: pages.map((rows): Api => ({ "/posts": rows })),
  ...more,
});

/** The placeholder form: the start in a parameter. */
export const since = (
  incremental: object,
  pages: Row[][],
  hints: object = {},
  more: Partial<Comparison> = {},
): Comparison =>
  nights(
    { params: { since: "{incremental.start_value}" }, incremental: { cursor_path: "at", ...incremental } },
    pages,
    hints,
    more,
  );

/** Rows of three runs, with times. */
export const DAYS = [
  [row(1, "2024-01-01T00:00:00Z"), row(2, "2024-01-02T00:00:00Z")],
  [row(2, "2024-01-02T00:00:00Z"), row(3, "2024-01-03T00:00:00Z"), row(4, "2024-01-03T00:00:00Z")],
  [row(4, "2024-01-03T00:00:00Z"), row(5, "2024-01-03T00:00:00Z"), row(6, "2024-01-05T00:00:00Z")],
];
/** A time before all rows. */
export const START = "2024-01-01T00:00:00Z";
/** Rows of three runs, with numbers. */
export const NUMBERS = [
  [row(1, 10), row(2, 20)],
  [row(2, 20), row(3, 30)],
  [row(3, 30), row(4, 40)],
];
