import { describe } from "vitest";
import { testConfig } from "./case.fixture.ts";

type Endpoint = Exclude<
  Extract<NonNullable<Parameters<typeof testConfig>[1]["resources"][number]>, object>["endpoint"],
  string
>;

/** Returns a single-page resource with the cursor `u`, and more keys. */
const events = (incremental: object, endpoint: Endpoint = {}, resource: object = {}) => ({
  resources: [
    {
      name: "events",
      endpoint: { paginator: "single_page" as const, incremental: { cursor_path: "u", ...incremental }, ...endpoint },
      ...resource,
    },
  ],
});

const at = (...values: number[]) => values.map((u) => ({ u }));

describe("incremental loading", () => {
  testConfig(
    "with endpoint.incremental starts at the initial value, then at the last value, and discards earlier rows",
    {
      ...events({ initial_value: 2, start_param: "since" }, { params: { since: "overridden", q: 1 } }),
      api: [["GET /events?q=1&since=2", at(1, 2, 4, 3)]],
      rows: { events: at(2, 4, 3) },
      state: { events: 4 },
      later: [{ api: [["GET /events?q=1&since=4", at(3, 5)]], rows: { events: at(5) }, state: { events: 5 } }],
    },
  );

  testConfig("with a parameter of type incremental is equivalent", {
    resources: [
      {
        name: "events",
        endpoint: {
          params: { since: { type: "incremental", cursor_path: "$.meta.u", initial_value: "2024-01-02" } },
          paginator: "single_page",
        },
      },
    ],
    api: [["GET /events?since=2024-01-02", [{ meta: { u: "2024-01-03" } }, { meta: { u: "2024-01-01" } }]]],
    rows: { events: [{ meta__u: "2024-01-03" }] },
    state: { events: "2024-01-03" },
    later: [{ api: [["GET /events?since=2024-01-03", []]], rows: { events: [] }, state: { events: "2024-01-03" } }],
  });

  testConfig("without an initial value sends no parameter in the first run", {
    ...events({ start_param: "since", end_param: "until" }),
    api: [["GET /events", at(1)]],
    rows: { events: at(1) },
    later: [{ api: [["GET /events?since=1", []]], rows: { events: [] } }],
  });

  testConfig("sends the start value with every numbered page, but not with links", {
    resources: [
      {
        name: "a",
        endpoint: {
          paginator: "page_number",
          incremental: { cursor_path: "u", initial_value: 1, start_param: "since" },
        },
      },
      {
        name: "b",
        endpoint: { paginator: "json_link", incremental: { cursor_path: "u", initial_value: 1, start_param: "since" } },
      },
    ],
    api: [
      ["GET /a?since=1&page=0", at(1)],
      ["GET /a?since=1&page=1", []],
      ["GET /b?since=1", { data: at(2), next: "/b?token=x" }],
      ["GET /b?token=x", { data: at(3, 0) }],
    ],
    rows: { a: at(1), b: at(2, 3) },
    state: { a: 1, b: 3 },
  });

  testConfig("without a parameter discards earlier rows", {
    ...events({}),
    api: [["GET /events", at(1, 2)]],
    rows: { events: at(1, 2) },
    later: [{ api: [["GET /events", at(1, 2, 3)]], rows: { events: at(3) }, state: { events: 3 } }],
  });
});

describe("placeholders", () => {
  testConfig("insert initial, start, last and end value into any string, and keep their type in json", {
    resources: [
      {
        name: "events",
        endpoint: {
          method: "POST",
          path: "from/{incremental.start_value}/events",
          params: { after: "id:{incremental.last_value}" },
          headers: { "X-First": "{incremental.initial_value}" },
          json: { since: "{incremental.start_value}", text: "> {incremental.start_value}" },
          paginator: "single_page",
          incremental: { cursor_path: "u", initial_value: 2 },
        },
      },
    ],
    api: [
      ["POST /from/2/events?after=id%3A2", { headers: { "x-first": "2" }, json: { since: 2, text: "> 2" } }, at(3)],
    ],
    rows: { events: at(3) },
    later: [
      {
        api: [
          ["POST /from/3/events?after=id%3A3", { headers: { "x-first": "2" }, json: { since: 3, text: "> 3" } }, at(4)],
        ],
        rows: { events: at(4) },
      },
    ],
  });

  testConfig("of the start value are the same on every page of a run", {
    ...events(
      { initial_value: 1 },
      { params: { since: "{incremental.start_value}" }, paginator: { type: "page_number", maximum_page: 2 } },
    ),
    api: [
      ["GET /events?since=1&page=0", at(5)],
      ["GET /events?since=1&page=1", at(6)],
    ],
    rows: { events: at(5, 6) },
  });
});

describe("convert", () => {
  testConfig("changes the values in requests, while rows are compared unconverted", {
    ...events(
      {
        initial_value: "2024-01-01T00:00:00Z",
        end_value: "2024-01-01T02:00:00Z",
        start_param: "from",
        end_param: "to",
        convert: (value: string | number) => Date.parse(String(value)) / 1000,
      },
      { method: "POST", json: { after: "{incremental.start_value}" } },
    ),
    api: [
      [
        "POST /events?from=1704067200&to=1704074400",
        { json: { after: 1704067200 } },
        [{ u: "2024-01-01T01:00:00Z" }, { u: "2024-01-01T02:00:00Z" }],
      ],
    ],
    rows: { events: [{ u: "2024-01-01 01:00:00.000" }] },
  });
});

describe("lag", () => {
  const moved = (last: string | number, lag: number, start: string | number) =>
    testConfig(
      `of ${lag} after ${JSON.stringify(last)} starts from ${JSON.stringify(start)}, in the format of the value`,
      {
        ...events({ start_param: "since", lag }),
        api: [["GET /events", [{ u: last }]]],
        later: [{ api: [[`GET /events?since=${encodeURIComponent(start)}`, []]] }],
      },
    );

  moved("2024-01-05T00:00:00Z", 3600, "2024-01-04T23:00:00Z");
  moved("2024-01-05T00:00:00+02:00", 1, "2024-01-04T23:59:59+02:00");
  moved("2024-01-05T00:00:00-0500", 1, "2024-01-04T23:59:59-0500");
  moved("2024-01-05T00:00:00.123Z", 1, "2024-01-04T23:59:59.123Z");
  moved("2024-01-05T00:00:00.123456", 1.5, "2024-01-04T23:59:58.623456");
  moved("2024-01-05T00:00", 60, "2024-01-04T23:59");
  moved("2024-03-01", 2, "2024-02-28");
  moved("2024-01-05", 0.5, "2024-01-04");
  moved("20240301", 1, "20240229");
  moved(1000, 10, 990);
  moved(1000, 10.5, 989);
  moved(10.5, 1, 9.5);

  testConfig("keeps a space between date and time, which dlt cannot parse", {
    ...events({ start_param: "since", lag: 3600 }),
    api: [["GET /events", [{ u: "2024-01-05 10:00:00" }]]],
    later: [{ api: [["GET /events?since=2024-01-05+09%3A00%3A00", []]] }],
  });

  testConfig("loads rows within it again, and never starts before the initial value", {
    ...events({ start_param: "since", lag: 10, initial_value: 95 }),
    api: [["GET /events?since=95", at(100, 94)]],
    rows: { events: at(100) },
    later: [
      { api: [["GET /events?since=95", at(94, 96, 100, 111)]], rows: { events: at(96, 100, 111) } },
      { api: [["GET /events?since=101", at(100, 111)]], rows: { events: at(111) }, state: { events: 111 } },
    ],
  });
});

describe("end_value", () => {
  testConfig("makes a backfill without state: every run requests the same range, with its start and without its end", {
    ...events({ initial_value: 2, end_value: 4, start_param: "from", end_param: "to" }),
    api: [["GET /events?from=2&to=4", at(1, 2, 3, 4, 5)]],
    rows: { events: at(2, 3) },
    state: {},
    later: [{ api: [["GET /events?from=2&to=4", at(2, 3)]], rows: { events: at(2, 3) }, state: {} }],
  });

  testConfig("excludes the start with range_start: open, and includes the end with range_end: closed", {
    ...events(
      { initial_value: 2, end_value: 4, range_start: "open", range_end: "closed" },
      { params: { range: "{incremental.start_value}..{incremental.end_value}" } },
    ),
    api: [["GET /events?range=2..4", at(1, 2, 3, 4, 5)]],
    rows: { events: at(3, 4) },
  });
});

describe("a window", () => {
  testConfig("in the start options replaces start and end, and does not change the state", {
    ...events({ start_param: "from", end_param: "to", initial_value: 1, lag: 5 }),
    api: [["GET /events?from=1", at(8, 9)]],
    state: { events: 9 },
    later: [
      {
        input: { window: { start: 3, end: 5 } },
        api: [["GET /events?from=3&to=5", at(2, 3, 4, 5, 99)]],
        rows: { events: at(3, 4) },
        state: { events: 9 },
      },
      { api: [["GET /events?from=4", at(9)]], rows: { events: at(9) } },
    ],
  });
});

describe("a window with last_value_func: min", () => {
  testConfig("requests the range in reverse and loads the same rows, with its start and without its end", {
    ...events({ last_value_func: "min", start_param: "before", end_param: "after" }),
    api: [["GET /events", at(9)]],
    later: [
      {
        input: { window: { start: 2, end: 5 } },
        api: [["GET /events?before=5&after=2", at(5, 4, 2, 1)]],
        rows: { events: at(4, 2) },
        state: { events: 9 },
      },
    ],
  });
});

describe("a full refresh", () => {
  testConfig("starts at the initial value again", {
    ...events({ start_param: "since", initial_value: 1 }),
    api: [["GET /events?since=1", at(5)]],
    later: [
      {
        input: { refresh: "full" },
        api: [["GET /events?since=1", at(4, 5)]],
        rows: { events: at(4, 5) },
        state: { events: 5 },
      },
    ],
  });

  testConfig("happens in every run with write_disposition: replace, which keeps no state, as in dlt", {
    ...events({ start_param: "since", initial_value: 1 }, {}, { write_disposition: "replace" }),
    api: [["GET /events?since=1", at(5)]],
    state: {},
    later: [{ api: [["GET /events?since=1", at(5, 6)]], rows: { events: at(5, 6) } }],
  });
});

describe("rows at the start value", () => {
  const row = (id: number, u: number, v = "a") => ({ id, u, v });

  testConfig("that were loaded before are discarded by primary key, changed or not", {
    ...events({}, {}, { primary_key: "id" }),
    api: [["GET /events", [row(1, 1), row(2, 2), row(3, 2)]]],
    later: [
      {
        api: [["GET /events", [row(2, 2), row(3, 2, "b"), row(4, 2), row(5, 3)]]],
        rows: { events: [row(4, 2), row(5, 3)] },
      },
      { api: [["GET /events", [row(4, 2), row(5, 3), row(6, 3)]]], rows: { events: [row(6, 3)] } },
    ],
  });

  testConfig("that were loaded before are loaded again if their cursor value has changed", {
    ...events({}, {}, { primary_key: "id" }),
    api: [["GET /events", [row(1, 2)]]],
    later: [{ api: [["GET /events", [row(1, 3)]]], rows: { events: [row(1, 3)] }, state: { events: 3 } }],
  });

  testConfig("that were loaded before are discarded as whole rows without a key", {
    ...events({}),
    api: [["GET /events", [row(1, 2), row(2, 2)]]],
    later: [{ api: [["GET /events", [row(1, 2), row(2, 2, "b")]]], rows: { events: [row(2, 2, "b")] } }],
  });

  testConfig("are identified by the key of the incremental rather than the resource's", {
    ...events({ primary_key: ["id", "v"] }, {}, { primary_key: "id" }),
    api: [["GET /events", [row(1, 2)]]],
    later: [{ api: [["GET /events", [row(1, 2), row(1, 2, "b")]]], rows: { events: [row(1, 2, "b")] } }],
  });

  testConfig("are all loaded again with primary_key: []", {
    ...events({ primary_key: [] }, {}, { primary_key: "id" }),
    api: [["GET /events", [row(1, 2)]]],
    later: [{ api: [["GET /events", [row(1, 2)]]], rows: { events: [row(1, 2)] } }],
  });

  testConfig("are all kept within one run, equal or not", {
    ...events({}),
    api: [["GET /events", at(2, 2)]],
    rows: { events: at(2, 2) },
  });

  testConfig("are discarded on any page", {
    ...events({}, { paginator: { type: "page_number", maximum_page: 2 } }, { primary_key: "id" }),
    api: [
      ["GET /events?page=0", [row(1, 1)]],
      ["GET /events?page=1", [row(2, 1)]],
    ],
    later: [
      {
        api: [
          ["GET /events?page=0", [row(1, 1), row(3, 1)]],
          ["GET /events?page=1", [row(2, 1)]],
        ],
        rows: { events: [row(3, 1)] },
      },
    ],
  });

  testConfig("are not loaded with range_start: open", {
    ...events({ range_start: "open" }),
    api: [["GET /events", at(2)]],
    later: [{ api: [["GET /events", at(1, 2, 3)]], rows: { events: at(3) } }],
  });
});

describe("last_value_func: min", () => {
  testConfig("makes the lowest value the end of the next run", {
    ...events({ last_value_func: "min", start_param: "before", initial_value: 50 }),
    api: [["GET /events?before=50", at(60, 40, 30)]],
    rows: { events: at(40, 30) },
    state: { events: 30 },
    later: [{ api: [["GET /events?before=30", at(31, 30, 20)]], rows: { events: at(20) }, state: { events: 20 } }],
  });

  testConfig("starts higher by the lag", {
    ...events({ last_value_func: "min", start_param: "before", lag: 5 }),
    api: [["GET /events", at(100)]],
    later: [{ api: [["GET /events?before=105", at(106, 104)]], rows: { events: at(104) }, state: { events: 100 } }],
  });
});

describe("row_order", () => {
  const paginator = { type: "page_number" } as const;

  testConfig("desc ends after the page with rows before the start", {
    ...events({ row_order: "desc" }, { paginator }),
    api: [
      ["GET /events?page=0", at(4, 3)],
      ["GET /events?page=1", at(2)],
      ["GET /events?page=2", []],
    ],
    later: [
      {
        api: [
          ["GET /events?page=0", at(6, 5)],
          ["GET /events?page=1", at(4, 3)],
        ],
        rows: { events: at(6, 5) },
        state: { events: 6 },
      },
    ],
  });

  testConfig("desc continues after a row that was loaded before, where dlt ends and loses the next new row", {
    ...events({ row_order: "desc" }, { paginator }, { primary_key: "id" }),
    api: [
      ["GET /events?page=0", [{ id: 1, u: 3 }]],
      ["GET /events?page=1", []],
    ],
    later: [
      {
        api: [
          ["GET /events?page=0", [{ id: 1, u: 3 }]],
          ["GET /events?page=1", [{ id: 9, u: 3 }]],
          ["GET /events?page=2", [{ id: 0, u: 2 }]],
        ],
        rows: { events: [{ id: 9, u: 3 }] },
      },
    ],
  });

  testConfig("asc ends at the end value", {
    ...events({ row_order: "asc", initial_value: 2, end_value: 4 }, { paginator }),
    api: [
      ["GET /events?page=0", at(1, 2)],
      ["GET /events?page=1", at(3, 4)],
    ],
    rows: { events: at(2, 3) },
  });

  testConfig("asc without an end continues after rows before the start", {
    ...events({ row_order: "asc", initial_value: 3 }, { paginator }),
    api: [
      ["GET /events?page=0", at(1, 2)],
      ["GET /events?page=1", at(3)],
      ["GET /events?page=2", []],
    ],
    rows: { events: at(3) },
  });

  testConfig("of a child ends only the pages of that row of the parent", {
    resources: [
      "users",
      {
        name: "events",
        endpoint: {
          path: "users/{resources.users.id}/events",
          paginator,
          incremental: { cursor_path: "u", row_order: "desc", initial_value: 5 },
        },
      },
    ],
    api: [
      ["GET /users", [{ id: 1 }, { id: 2 }]],
      ["GET /users/1/events?page=0", at(6, 4)],
      ["GET /users/2/events?page=0", at(8, 7)],
      ["GET /users/2/events?page=1", at(6, 3)],
    ],
    rows: { users: [{ id: 1 }, { id: 2 }], events: at(6, 8, 7, 6) },
  });
});

describe("a row without a cursor value", () => {
  const mixed = [{ u: 1 }, { u: null }, { id: 3 }];

  testConfig("is an error by default", {
    ...events({}),
    api: [["GET /events", mixed]],
    fails: { events: /^ResponseError: shop\.events, page 1, GET \S+: a row has no value at cursor_path "u"/ },
  });

  testConfig("is kept with include, and does not change the cursor", {
    ...events({ on_cursor_value_missing: "include" }),
    api: [["GET /events", mixed]],
    rows: {
      events: [
        { u: 1, id: null },
        { u: null, id: null },
        { u: null, id: 3 },
      ],
    },
    state: { events: 1 },
  });

  testConfig("is discarded with exclude", {
    ...events({ on_cursor_value_missing: "exclude" }),
    api: [["GET /events", mixed]],
    rows: { events: [{ u: 1 }] },
  });
});

describe("cursor values", () => {
  testConfig("are compared as instants, whatever their time zone", {
    ...events({}),
    api: [["GET /events", [{ u: "2024-01-05T00:00:00Z" }, { u: "2024-01-05T01:00:00+02:00" }]]],
    state: { events: "2024-01-05T00:00:00Z" },
  });

  testConfig("above 2^53 keep their digits in state and requests", {
    ...events({ start_param: "since" }),
    api: [["GET /events", '[{"u": 9007199254740993}, {"u": 9007199254740992}]']],
    state: { events: "9007199254740993" },
    later: [
      {
        api: [["GET /events?since=9007199254740993", '[{"u": 9007199254740995}]']],
        state: { events: "9007199254740995" },
      },
    ],
  });

  testConfig("may be Date objects of a processing step", {
    ...events(
      { start_param: "since" },
      {},
      { processing_steps: [{ map: ({ t }: { t: number }) => ({ u: new Date(t) }) }] },
    ),
    api: [["GET /events", [{ t: 0 }]]],
    rows: { events: [{ u: "1970-01-01 00:00:00.000" }] },
    state: { events: "1970-01-01T00:00:00.000Z" },
    later: [{ api: [["GET /events?since=1970-01-01T00%3A00%3A00.000Z", []]] }],
  });

  testConfig("are read after the processing steps", {
    ...events({ start_param: "since" }, {}, { processing_steps: [{ map: ({ t }: { t: number }) => ({ u: t * 2 }) }] }),
    api: [["GET /events", [{ t: 4 }]]],
    rows: { events: at(8) },
    state: { events: 8 },
    later: [{ api: [["GET /events?since=8", [{ t: 3 }, { t: 5 }]]], rows: { events: at(10) } }],
  });
});
