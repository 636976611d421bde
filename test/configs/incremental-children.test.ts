import { describe } from "vitest";
import { testConfig } from "./case.fixture.ts";

const at = (...values: number[]) => values.map((u) => ({ u }));

describe("incremental loading of a child", () => {
  const child = {
    name: "events",
    endpoint: {
      path: "users/{resources.users.id}/events",
      paginator: "single_page" as const,
      incremental: { cursor_path: "u", start_param: "since" },
    },
  };

  testConfig("has a cursor for each row of its parent, so that a lower cursor loses no rows", {
    resources: ["users", child],
    api: [
      ["GET /users", [{ id: 1 }, { id: 2 }]],
      ["GET /users/1/events", at(10)],
      ["GET /users/2/events", at(3, 5)],
    ],
    rows: { users: [{ id: 1 }, { id: 2 }], events: at(10, 3, 5) },
    state: { events: { "[1]": 10, "[2]": 5 } },
    later: [
      {
        api: [
          ["GET /users", [{ id: 1 }, { id: 2 }, { id: 3 }]],
          ["GET /users/1/events?since=10", at(10)],
          ["GET /users/2/events?since=5", at(5, 6)],
          ["GET /users/3/events", at(1)],
        ],
        rows: { users: [{ id: 1 }, { id: 2 }, { id: 3 }], events: at(6, 1) },
        state: { events: { "[1]": 10, "[2]": 6, "[3]": 1 } },
      },
    ],
  });

  testConfig("applies lag and window to each row of its parent", {
    resources: [
      "users",
      {
        name: "events",
        endpoint: {
          path: "users/{resources.users.id}/events",
          paginator: "single_page",
          incremental: { cursor_path: "u", start_param: "from", end_param: "to", lag: 2 },
        },
      },
    ],
    api: [
      ["GET /users", [{ id: 1 }, { id: 2 }]],
      ["GET /users/1/events", at(10)],
      ["GET /users/2/events", at(20)],
    ],
    later: [
      {
        api: [
          ["GET /users", [{ id: 1 }, { id: 2 }]],
          ["GET /users/1/events?from=8", []],
          ["GET /users/2/events?from=18", at(19)],
        ],
        rows: { users: [{ id: 1 }, { id: 2 }], events: at(19) },
        state: { events: { "[1]": 10, "[2]": 20 } },
      },
      {
        input: { window: { start: 1, end: 3 } },
        api: [
          ["GET /users", [{ id: 1 }, { id: 2 }]],
          ["GET /users/1/events?from=1&to=3", at(0, 1, 3)],
          ["GET /users/2/events?from=1&to=3", at(2)],
        ],
        rows: { users: [{ id: 1 }, { id: 2 }], events: at(1, 2) },
        state: { events: { "[1]": 10, "[2]": 20 } },
      },
    ],
  });

  testConfig("keeps separate cursors if it is parallelized with the paginator auto", {
    resources: [
      "users",
      {
        name: "events",
        parallelized: true,
        endpoint: {
          method: "POST",
          path: "users/{resources.users.id}/events",
          json: { since: "{incremental.start_value}" },
          incremental: { cursor_path: "u", initial_value: 0 },
        },
      },
    ],
    anyOrder: true,
    onlyUninterrupted: "prefetched requests are repeated",
    api: [
      ["GET /users", [{ id: 1 }, { id: 2 }]],
      ["POST /users/1/events", { json: { since: 0 } }, { data: at(1), page: 1, total_pages: 2 }],
      ["POST /users/1/events?page=2", { json: { since: 0 } }, { data: at(2), page: 2, total_pages: 2 }],
      ["POST /users/2/events", { json: { since: 0 } }, { data: at(9), page: 1, total_pages: 1 }],
    ],
    rows: { users: [{ id: 1 }, { id: 2 }], events: at(1, 2, 9) },
    later: [
      {
        api: [
          ["GET /users", [{ id: 1 }, { id: 2 }]],
          ["POST /users/1/events", { json: { since: 2 } }, { data: at(2, 3) }],
          ["POST /users/2/events", { json: { since: 9 } }, { data: at(9) }],
        ],
        rows: { users: [{ id: 1 }, { id: 2 }], events: at(3) },
      },
    ],
  });

  testConfig("that fails does not move the cursor of its parent, and the resumed run has the same start", {
    resources: [{ name: "users", endpoint: { incremental: { cursor_path: "at" } } }, child],
    // Otherwise the second execution would start another run after the resumed one.
    settings: { fresh_after: 48 * 60 * 60 },
    api: [
      ["GET /users", [{ id: 1, at: 7 }]],
      ["GET /users/1/events", ["not a row"]],
    ],
    fails: { events: /^ResponseError: / },
    state: {},
    later: [
      {
        api: [["GET /users/1/events", at(1)]],
        rows: { users: [{ id: 1, at: 7 }], events: at(1) },
        state: { users: 7, events: { "[1]": 1 } },
      },
    ],
  });
});
