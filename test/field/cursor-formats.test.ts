import { describe } from "vitest";
import { testConfig } from "../configs/case.fixture.ts";

const rowsAt = (...times: (string | number)[]) => times.map((at, index) => ({ id: index + 1, at }));
const orders = (incremental: object) => [
  {
    name: "orders",
    primary_key: "id",
    endpoint: { paginator: "single_page", incremental: { cursor_path: "at", start_param: "since", ...incremental } },
  } as const,
];

describe("A.12: a cursor in text that is not ISO 8601", () => {
  const [january, february, april] = [
    "Wed, 31 Jan 2024 00:00:00 +0000",
    "Fri, 02 Feb 2024 00:00:00 +0000",
    "Mon, 01 Apr 2024 00:00:00 +0000",
  ];

  testConfig("by RFC 2822 is a time: new rows are loaded, and lag keeps its form", {
    resources: orders({ lag: 86_400 }),
    api: [["GET /orders", rowsAt(february, january)]],
    state: { orders: february },
    later: [
      {
        api: [["GET /orders?since=Thu%2C+01+Feb+2024+00%3A00%3A00+%2B0000", rowsAt(january, april)]],
        rows: { orders: [{ id: 2, at: april }] },
        state: { orders: april },
      },
    ],
  });

  testConfig("of which day and month are not known is refused, with the key and its value", {
    resources: orders({}),
    api: [["GET /orders", rowsAt("12/31/2024 10:00 PM", "01/01/2025 09:00 AM")]],
    fails: {
      orders:
        /^ConfigError: .*"12\/31\/2024 10:00 PM".*set cursor_datetime_formats of the incremental to \["%m\/%d\/%Y %I:%M %p"\]/,
    },
  });

  testConfig("is a time with cursor_datetime_formats, also from initial_value on", {
    resources: orders({
      cursor_datetime_formats: ["%m/%d/%Y %I:%M %p"],
      initial_value: "12/31/2024 09:00 PM",
      lag: 3600,
    }),
    api: [
      [
        "GET /orders?since=12%2F31%2F2024+09%3A00+PM",
        rowsAt("12/31/2024 08:59 PM", "12/31/2024 10:00 PM", "01/01/2025 12:30 AM"),
      ],
    ],
    rows: {
      orders: [
        { id: 2, at: "12/31/2024 10:00 PM" },
        { id: 3, at: "01/01/2025 12:30 AM" },
      ],
    },
    state: { orders: "01/01/2025 12:30 AM" },
    later: [
      {
        api: [["GET /orders?since=12%2F31%2F2024+11%3A30+PM", rowsAt("12/31/2024 11:00 PM", "01/02/2025 01:00 AM")]],
        rows: { orders: [{ id: 2, at: "01/02/2025 01:00 AM" }] },
        state: { orders: "01/02/2025 01:00 AM" },
      },
    ],
  });

  testConfig("and a lag in seconds moves an epoch in milliseconds", {
    resources: orders({ cursor_datetime_formats: ["%ms"], lag: 60 }),
    api: [["GET /orders", rowsAt(1704067200000)]],
    later: [{ api: [["GET /orders?since=1704067140000", rowsAt(1704067200001)]], state: { orders: 1704067200001 } }],
  });

  testConfig("is compared as text with an empty list", {
    resources: orders({ cursor_datetime_formats: [] }),
    api: [["GET /orders", rowsAt("12/31/2024", "01/01/2025")]],
    state: { orders: "12/31/2024" },
  });

  testConfig("that grows, such as an ULID, stays text", {
    resources: orders({}),
    api: [["GET /orders", rowsAt("01HQZ", "01HR0")]],
    state: { orders: "01HR0" },
    later: [{ api: [["GET /orders?since=01HR0", rowsAt("01HR0", "01HR1")]], state: { orders: "01HR1" } }],
  });

  testConfig("with values that are not times is an error: one of them would stay the last value forever", {
    resources: orders({}),
    api: [["GET /orders", rowsAt("2024-01-01", "pending")]],
    fails: {
      orders: /^ConfigError: .*"pending" and "2024-01-01" cannot be compared \(one is a time, the other is not\)/,
    },
  });
});
