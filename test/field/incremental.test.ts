import { describe, expect, test } from "vitest";
import { compareCursors } from "../../lib/columns/cursor-values.ts";
import { ConfigError } from "../../lib/errors/index.ts";
import { testConfig } from "../configs/case.fixture.ts";

const DAY_ONE = "2024-01-01";
const rowsOf = (first: number, count: number, updated = DAY_ONE) =>
  Array.from({ length: count }, (_, index) => ({ id: first + index, updated }));

describe("A.11: a date-only cursor with 2,600 rows on its last day", () => {
  const paginator = { type: "page_number", base_page: 1, limit: 1300, limit_param: "size" } as const;
  const pages = (since: string, all: object[]): [string, object][] =>
    [1, 2, 3].map((page) => [
      `GET /events?${since}page=${page}&size=1300`,
      { data: all.slice((page - 1) * 1300, page * 1300) },
    ]);
  const all = rowsOf(1, 2600);
  const since = `since=${DAY_ONE}&`;
  const incremental = { cursor_path: "updated", start_param: "since" };

  testConfig("loads none of them again in later runs, and each new row once", {
    resources: [{ name: "events", primary_key: "id", endpoint: { data_selector: "data", paginator, incremental } }],
    api: pages("", all),
    rows: { events: all },
    state: { events: DAY_ONE },
    later: [
      { api: pages(since, all), rows: { events: [] } },
      { api: pages(since, [...rowsOf(9001, 1), ...all.slice(1)]), rows: { events: rowsOf(9001, 1) } },
      { api: pages(since, [...rowsOf(9001, 1), ...all.slice(1)]), rows: { events: [] } },
    ],
  });
});

describe("A.13: a cursor path with several matches", () => {
  const change = (id: number, ...days: string[]) => ({ id, changes: days.map((day) => ({ at: day })) });
  const incremental = { cursor_path: "changes[*].at", start_param: "since" };

  testConfig("takes the highest of them", {
    resources: [{ name: "orders", endpoint: { paginator: "single_page", incremental } }],
    api: [["GET /orders", [change(1, "2024-01-01", "2024-01-05"), change(2, "2024-01-04")]]],
    state: { orders: "2024-01-05" },
    later: [
      {
        api: [["GET /orders?since=2024-01-05", [change(2, "2024-01-04", "2024-01-06"), change(3, "2024-01-02")]]],
        rows: { orders: [expect.objectContaining({ id: 2 })] },
        state: { orders: "2024-01-06" },
      },
    ],
  });
});

testConfig("A.13: with last_value_func min, the furthest of several matches is the lowest, and null does not count", {
  resources: [
    {
      name: "orders",
      endpoint: {
        paginator: "single_page",
        incremental: { cursor_path: "changes[*].at", last_value_func: "min", start_param: "until" },
      },
    },
  ],
  api: [["GET /orders", [{ id: 1, changes: [{ at: 5 }, { at: 3 }, { at: null }, { at: 9 }] }]]],
  state: { orders: 3 },
  later: [{ api: [["GET /orders?until=3", [{ id: 2, changes: [{ at: 2 }, { at: 8 }] }]]], state: { orders: 2 } }],
});

describe("E.5: {incremental.lag}", () => {
  testConfig("is the lag of the incremental, 0 without one", {
    resources: ["orders", "posts"].map((name) => ({
      name,
      endpoint: {
        path: `/${name}?lag={incremental.lag}`,
        paginator: "single_page",
        incremental: { cursor_path: "at", initial_value: 5, ...(name === "orders" && { lag: 30 }) },
      },
    })),
    api: [
      ["GET /orders?lag=30", [{ at: 9 }]],
      ["GET /posts?lag=0", [{ at: 9 }]],
    ],
  });
});

describe("A.12: a cursor in numbered text, such as ORD-9,", () => {
  const resource = (more: object = {}) => ({
    name: "orders",
    endpoint: { paginator: "single_page" as const, incremental: { cursor_path: "no", ...more } },
  });
  const orders = (...numbers: string[]) => numbers.map((no) => ({ no }));
  const quoted = (text: string) => JSON.stringify(text);

  testConfig("is refused where its order is not that of its numbers, instead of dropping ORD-10 for ever", {
    resources: [resource()],
    api: [["GET /orders", orders("ORD-8", "ORD-9")]],
    state: { orders: "ORD-9" },
    later: [
      {
        api: [["GET /orders", orders("ORD-9", "ORD-10")]],
        fails: {
          orders:
            /ConfigError: .*"ORD-10" and "ORD-9" have another order as text than as numbers: .*cursor_datetime_formats of the incremental to \[\]/,
        },
      },
    ],
  });

  test.each([
    ["v1.10", "v1.9"],
    ["v10.9", "v9.10"],
    ["2-A-10", "2-A-9"],
  ])("%s after %s is refused too", (later, earlier) => {
    expect(() => compareCursors(later, earlier)).toThrow(
      `${quoted(later)} and ${quoted(earlier)} have another order as text`,
    );
  });

  test("of a megabyte is compared in linear time", () => {
    const digits = "9".repeat(1_000_000);
    expect(compareCursors(`ORD-${digits}8`, `ORD-${digits}9`)).toBe(-1);
    expect(() => compareCursors(`ORD-1${digits}`, `ORD-${digits}`)).toThrow(ConfigError);
  });

  testConfig("is text with empty cursor_datetime_formats, and where the order is the same", {
    resources: [resource({ cursor_datetime_formats: [] })],
    api: [["GET /orders", orders("ORD-9", "ORD-10")]],
    state: { orders: "ORD-9" },
    later: [{ api: [["GET /orders", orders("ORD-9", "ORD-11", "ORD-95")]], rows: { orders: orders("ORD-95") } }],
  });

  testConfig("may have numbers of one length, and letters after them", {
    resources: [resource()],
    api: [["GET /orders", orders("9b", "A-0009", "A-0010", "b1c22", "b1c3")]],
    state: { orders: "b1c3" },
  });
});

describe("A.12: the first cursor value is checked", () => {
  testConfig("also after a row without one", {
    resources: [
      {
        name: "orders",
        endpoint: {
          paginator: "single_page",
          incremental: { cursor_path: "at", on_cursor_value_missing: "include" },
        },
      },
    ],
    api: [["GET /orders", [{ at: null }, { at: "12/11/2024" }]]],
    fails: { orders: /ConfigError: .*"12\/11\/2024" has a form that can be read in several ways/ },
  });
});

testConfig(
  "A.12: row_order ends no pagination at a page whose rows are not in that order, as with a pinned row at its top",
  {
    resources: [
      {
        name: "posts",
        endpoint: {
          paginator: { type: "page_number", base_page: 1, total_path: null },
          incremental: { cursor_path: "id", row_order: "desc", initial_value: 3 },
        },
      },
    ],
    api: [
      ["GET /posts?page=1", [{ id: 1 }, { id: 9 }, { id: 8 }]],
      ["GET /posts?page=2", [{ id: 7 }, { id: 2 }]],
    ],
    rows: { posts: [9, 8, 7].map((id) => ({ id })) },
  },
);
