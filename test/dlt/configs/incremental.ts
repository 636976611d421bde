import type { Api } from "../api.fixture.ts";
import type { Comparison } from "../comparison.fixture.ts";
import { NUMBERS, nights, type Row, row, START, since } from "./nights.ts";

const RANGES: Record<string, Comparison> = {
  "numbers as cursor": since({ initial_value: 0 }, NUMBERS),
  "fractions as cursor": since({ initial_value: 0.5 }, [[row(1, 1.5)], [row(1, 1.5), row(2, 2.25)], [row(3, 2.5)]]),
  "dates as cursor": since({ initial_value: "2024-01-01" }, [
    [row(1, "2024-01-01"), row(2, "2024-01-02")],
    [row(2, "2024-01-02"), row(3, "2024-01-02")],
    [row(3, "2024-01-02"), row(4, "2024-01-04")],
  ]),
  "times with an offset as cursor": since({ initial_value: "2024-01-01T00:00:00+00:00" }, [
    [row(1, "2024-01-01T00:00:00+00:00")],
    [row(1, "2024-01-01T00:00:00+00:00"), row(2, "2024-01-02T00:00:00+00:00")],
    [row(3, "2024-01-03T00:00:00+00:00")],
  ]),
  "times with different offsets as cursor": since(
    { initial_value: "2024-01-01T00:00:00+00:00" },
    [[row(1, "2024-01-02T00:00:00+00:00")], [row(2, "2024-01-01T23:00:00-05:00")], []],
    {},
    { differs: { "a cursor that is text": ["requests", "rows"] } },
  ),
  "ids that grow as cursor": since({ initial_value: "a" }, [
    [row(1, "a1"), row(2, "a2")],
    [row(3, "a3")],
    [row(4, "b1")],
  ]),
  "no initial_value": nights({ incremental: { cursor_path: "at" } }, NUMBERS),
  "no initial_value, with a placeholder": since(
    {},
    NUMBERS,
    {},
    { differs: { "a start without a value": ["outcome"] } },
  ),
  "a nested cursor_path": since({ cursor_path: "meta.at", initial_value: 0 }, [
    [{ id: 1, meta: { at: 1 } }],
    [
      { id: 1, meta: { at: 1 } },
      { id: 2, meta: { at: 2 } },
    ],
    [{ id: 3, meta: { at: 3 } }],
  ]),
  "rows before initial_value": since({ initial_value: 15 }, NUMBERS),
  "rows before the start": since({ initial_value: 0 }, [[row(1, 10), row(2, 20)], [row(3, 15), row(4, 25)], []]),
  "the same rows in every run": since({ initial_value: 0 }, [
    NUMBERS[0] as Row[],
    NUMBERS[0] as Row[],
    NUMBERS[0] as Row[],
  ]),
  "rows at the boundary, with a primary key": since(
    { initial_value: 0 },
    [[row(1, 10)], [row(1, 10, { v: 2 }), row(2, 10)], [row(2, 10)]],
    {
      primary_key: "id",
    },
  ),
  "rows at the boundary, by the whole row": since({ initial_value: 0 }, [
    [row(1, 10)],
    [row(1, 10, { v: 2 }), row(2, 10)],
    [row(2, 10)],
  ]),
  "rows at the boundary, primary_key of the incremental": since({ initial_value: 0, primary_key: "id" }, [
    [row(1, 10)],
    [row(1, 10, { v: 2 }), row(2, 10)],
    [row(2, 10)],
  ]),
  "rows at the boundary, no deduplication": since({ initial_value: 0, primary_key: [] }, [
    [row(1, 10)],
    [row(1, 10)],
    [row(1, 10)],
  ]),
  "no rows in a run": since({ initial_value: 0 }, [NUMBERS[0] as Row[], [], NUMBERS[1] as Row[]]),
  "no rows in the first run": since({ initial_value: 5 }, [[], NUMBERS[0] as Row[], NUMBERS[1] as Row[]]),
  end_value: since({ initial_value: 10, end_value: 30 }, NUMBERS),
  "end_value with a placeholder": nights(
    {
      params: { from: "{incremental.start_value}", to: "{incremental.end_value}" },
      incremental: { cursor_path: "at", initial_value: 10, end_value: 30 },
    },
    NUMBERS,
  ),
  "end_value without initial_value": since({ end_value: 30 }, NUMBERS, {}, { fails: true }),
  "range_start open": since({ initial_value: 10, range_start: "open" }, NUMBERS),
  "range_end closed": since({ initial_value: 10, end_value: 20, range_end: "closed" }, NUMBERS),
  "last_value_func min": since({ initial_value: 100, last_value_func: "min" }, [
    [row(1, 50), row(2, 60)],
    [row(3, 40), row(4, 55)],
    [row(5, 30)],
  ]),
  "lag of numbers": since(
    { initial_value: 0, lag: 10 },
    [
      [row(1, 10), row(2, 20)],
      [row(3, 15), row(4, 30)],
      [row(5, 5), row(6, 25)],
    ],
    {
      write_disposition: "merge",
      primary_key: "id",
    },
  ),
  "lag of times": since(
    { initial_value: START, lag: 86_400 },
    [
      [row(1, "2024-01-02T00:00:00Z"), row(2, "2024-01-03T00:00:00Z")],
      [row(3, "2024-01-02T12:00:00Z")],
      [row(4, "2024-01-05T00:00:00Z")],
    ],
    { write_disposition: "merge", primary_key: "id" },
  ),
  "lag of dates": since(
    { initial_value: "2024-01-01", lag: 1 },
    [
      [row(1, "2024-01-05")],
      [row(2, "2024-01-04"), row(3, "2024-01-06")],
      [row(4, "2024-01-03"), row(5, "2024-01-07")],
    ],
    { write_disposition: "merge", primary_key: "id" },
  ),
  "row_order asc": since({ initial_value: 0, row_order: "asc" }, NUMBERS),
  "row_order desc": since(
    { initial_value: 0, row_order: "desc" },
    NUMBERS.map((rows) => rows.toReversed()),
  ),
  "row_order desc over pages": {
    resources: [
      {
        name: "posts",
        endpoint: {
          paginator: { type: "page_number", base_page: 1, total_path: "pages" },
          incremental: { cursor_path: "at", initial_value: 0, row_order: "desc" },
        },
      },
    ],
    api: [0, 1, 2].map(
      (night): Api =>
        ({ query }) => {
          const first = 60 + night * 10 - (Number(query.page) - 1) * 20;
          return { items: [row(first, first), row(first - 10, first - 10)], pages: 3 };
        },
    ),
    differs: { "duplicates with row_order desc": ["requests"] },
  },
  "row_order asc with end_value over pages": {
    resources: [
      {
        name: "posts",
        endpoint: {
          paginator: { type: "page_number", base_page: 1, total_path: "pages" },
          incremental: { cursor_path: "at", initial_value: 0, end_value: 35, row_order: "asc" },
        },
      },
    ],
    api: ({ query }) => {
      const first = (Number(query.page) - 1) * 20;
      return { items: [row(first, first), row(first + 10, first + 10)], pages: 4 };
    },
  },
  "on_cursor_value_missing raise": since({ initial_value: 0 }, [[row(1, 1), { id: 2 }]], {}, { fails: true }),
  "on_cursor_value_missing include": since({ initial_value: 0, on_cursor_value_missing: "include" }, [
    [row(1, 1), { id: 2 }, row(3, null)],
    [row(4, 2), { id: 5 }],
  ]),
  "on_cursor_value_missing exclude": since({ initial_value: 0, on_cursor_value_missing: "exclude" }, [
    [row(1, 1), { id: 2 }, row(3, null)],
    [row(4, 2), { id: 5 }],
  ]),
};

const CHILDREN: Record<string, Comparison> = {
  "an incremental parent and a child": {
    client: { paginator: "single_page" },
    resources: [
      {
        name: "posts",
        endpoint: {
          params: { since: "{incremental.start_value}" },
          incremental: { cursor_path: "at", initial_value: 0 },
        },
      },
      { name: "comments", endpoint: "posts/{resources.posts.id}/comments" },
    ],
    anyOrder: true,
    api: NUMBERS.map(
      (rows): Api =>
        ({ path }) =>
          path === "/posts" ? rows : [{ of: path }],
    ),
  },
  "an incremental child of one row": {
    client: { paginator: "single_page" },
    resources: [
      "users",
      {
        name: "posts",
        endpoint: {
          path: "users/{resources.users.id}/posts",
          params: { since: "{incremental.start_value}" },
          incremental: { cursor_path: "at", initial_value: 0 },
        },
      },
    ],
    api: NUMBERS.map(
      (rows): Api =>
        ({ path }) =>
          path === "/users" ? [{ id: 1 }] : rows,
    ),
  },
  "an incremental child of two rows, one of which lags": {
    client: { paginator: "single_page" },
    resources: [
      { name: "users", write_disposition: "replace" },
      {
        name: "posts",
        endpoint: {
          path: "users/{resources.users.id}/posts",
          params: { since: "{incremental.start_value}" },
          incremental: { cursor_path: "at", initial_value: 0 },
        },
      },
    ],
    anyOrder: true,
    api: [
      ({ path }) =>
        path === "/users" ? [{ id: 1 }, { id: 2 }] : path === "/users/1/posts" ? [row(1, 50)] : [row(2, 10)],
      ({ path }) =>
        path === "/users" ? [{ id: 1 }, { id: 2 }] : path === "/users/1/posts" ? [row(3, 60)] : [row(4, 20)],
    ],
    differs: { "cursors of a child": ["requests", "rows"] },
  },
};

/** Incremental loading, over three runs: values, ranges and children. */
export const INCREMENTAL: Record<string, Comparison> = { ...RANGES, ...CHILDREN };
