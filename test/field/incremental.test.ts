import { describe, expect } from "vitest";
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
