import { describe } from "vitest";
import { testConfig } from "../configs/case.fixture.ts";

const rowsAt = (...times: (string | number)[]) => times.map((at, index) => ({ id: index + 1, at }));
const orders = (incremental: object = {}) => [
  {
    name: "orders",
    primary_key: "id",
    endpoint: { paginator: "single_page", incremental: { cursor_path: "at", start_param: "since", ...incremental } },
  } as const,
];

for (const [title, formats, first, second, since] of [
  [
    "Mon, 01 Jan 2024 00:00:00 +0000",
    undefined,
    "Mon, 01 Jan 2024 00:00:00 +0000",
    "Fri, 02 Feb 2024 00:00:00 +0000",
    "Mon%2C+01+Jan+2024+00%3A00%3A00+%2B0000",
  ],
  ["20-01-2024", ["%d-%m-%Y"], "20-01-2024", "03-02-2024", "20-01-2024"],
  [
    "12/31/2024 10:00 PM",
    ["%m/%d/%Y %I:%M %p"],
    "12/31/2024 10:00 PM",
    "01/01/2025 01:00 AM",
    "12%2F31%2F2024+10%3A00+PM",
  ],
  ["%s as a number", ["%s"], 1704067200, 1704067201, "1704067200"],
  ["%s as text", ["%s"], "1704067200", "1704067201", "1704067200"],
  ["%ms", ["%ms"], "1704067200000", "1704067200001", "1704067200000"],
  ["%us", ["%us"], "1704067200000000", "1704067200000001", "1704067200000000"],
  ["two formats", ["%d-%m-%Y", "%d/%m/%y"], "20-01-2024", "03/02/24", "20-01-2024"],
] as const) {
  testConfig(`A.12: new rows are loaded by a cursor of the form ${title}`, {
    resources: orders(formats === undefined ? {} : { cursor_datetime_formats: formats }),
    api: [["GET /orders", rowsAt(first)]],
    state: { orders: first },
    later: [
      {
        api: [[`GET /orders?since=${since}`, rowsAt(first, second)]],
        rows: { orders: [{ id: 2, at: second }] },
        state: { orders: second },
      },
    ],
  });
}

for (const [value, formats] of [
  ["20-01-2024", '\\["%d-%m-%Y"\\]'],
  ["12/31/2024 10:00 PM", '\\["%m/%d/%Y %I:%M %p"\\]'],
  ["01/02/2024", '\\["%d/%m/%Y"\\] or \\["%m/%d/%Y"\\]'],
]) {
  testConfig(`A.12: ${value} is refused with the key to set`, {
    resources: orders(),
    api: [["GET /orders", rowsAt(value as string)]],
    fails: {
      orders: new RegExp(`^ConfigError: .*"${value}".*set cursor_datetime_formats of the incremental to ${formats}`),
    },
  });
}

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
