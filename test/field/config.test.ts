import { describe, expect, test } from "vitest";
import { testConfig } from "../configs/case.fixture.ts";
import { type Config, sourceOf } from "../configs/run.fixture.ts";

const one = [{ id: 1 }];

/** Returns the message of the error that a config has. */
const messageOf = (config: Config): string => {
  try {
    sourceOf("https://api.acme.dev", config);
  } catch (error) {
    expect(error).toMatchObject({ name: "ConfigError" });
    return (error as Error).message;
  }
  throw new Error("the config was accepted");
};

describe("B.4: the time of the run", () => {
  const pages = { type: "page_number", base_page: 1 } as const;

  testConfig("is the same in every request of a run, in params, path, headers and json", {
    resources: [
      {
        name: "posts",
        endpoint: {
          path: "archive/{run.opened_at:%Y/%m}",
          method: "POST",
          params: { since: "{run.opened_at-30d:%Y-%m-%d}" },
          headers: { "X-Opened": "{run.opened_at}", "X-Now": "{now:%Y}" },
          json: { to: "{run.opened_at+1d:%s}", text: "until {run.opened_at:%d.%m.%y}" },
          paginator: pages,
        },
      },
    ],
    api: [1, 2].map((page) => [
      `POST /archive/2026/11?since=2026-10-21&page=${page}`,
      {
        headers: { "x-opened": "2026-11-20T03:00:00.000Z", "x-now": "2026" },
        json: { to: 1_795_230_000, text: "until 20.11.26" },
      },
      page === 1 ? one : [],
    ]),
    rows: { posts: one },
  });

  testConfig("bounds a backfill, which moves with each run", {
    resources: [
      {
        name: "posts",
        endpoint: {
          paginator: pages,
          incremental: {
            cursor_path: "day",
            initial_value: "{run.opened_at-2d:%Y-%m-%d}",
            end_value: "{run.opened_at:%Y-%m-%d}",
            start_param: "from",
            end_param: "to",
          },
        },
      },
    ],
    api: [
      ["GET /posts?from=2026-11-18&to=2026-11-20&page=1", [{ day: "2026-11-17" }, { day: "2026-11-19" }]],
      ["GET /posts?from=2026-11-18&to=2026-11-20&page=2", []],
    ],
    rows: { posts: [{ day: "2026-11-19" }] },
    later: [
      {
        api: [["GET /posts?from=2026-11-19&to=2026-11-21&page=1", []]],
        rows: { posts: [] },
      },
    ],
  });

  testConfig("as a start value that moves does not skip rows after the last value, with a lag", {
    resources: [
      {
        name: "posts",
        endpoint: {
          paginator: "single_page",
          params: { since: "{incremental.start_value}" },
          incremental: { cursor_path: "at", initial_value: "{run.opened_at-1h:%s}", lag: 60 },
        },
      },
    ],
    api: [["GET /posts?since=1795140000", [{ at: 1_795_143_500 }]]],
    rows: { posts: [{ at: 1_795_143_500 }] },
    later: [
      {
        api: [["GET /posts?since=1795143500", [{ at: 1_795_150_000 }]]],
        rows: { posts: [{ at: 1_795_150_000 }] },
      },
    ],
  });

  test("cannot be now in a start or end, and other placeholders have no value there", () => {
    const incremental = { cursor_path: "at", initial_value: "{now-1d}", end_value: "{incremental.lag}" };
    const message = messageOf({ resources: [{ name: "posts", endpoint: { incremental } }] });
    expect(message).toContain(
      'incremental.initial_value: {now} changes within a run (got "{now-1d}"): use {run.opened_at}',
    );
    expect(message).toContain(
      'incremental.end_value: placeholder without a value here (got "{incremental.lag}"): only {run.opened_at} has one',
    );
  });

  test("is compared as the value that it has", () => {
    const endpoint = (incremental: object) => ({ incremental: { cursor_path: "at", ...incremental } });
    const swapped = { initial_value: "{run.opened_at}", end_value: "{run.opened_at-1d}" };
    expect(messageOf({ resources: [{ name: "posts", endpoint: endpoint(swapped) }] })).toContain(
      "end_value precedes initial_value",
    );
    const mixed = { initial_value: "{run.opened_at-1d:%s}", end_value: "{run.opened_at}" };
    expect(messageOf({ resources: [{ name: "posts", endpoint: endpoint(mixed) }] })).toContain(
      "expected the type of initial_value",
    );
  });
});

describe("E.4: a resource with selected: false", () => {
  testConfig("is not requested unless a selected resource descends from it", {
    resources: [
      { name: "teams", selected: false },
      { name: "users", selected: false, endpoint: "teams/{resources.teams.id}/users" },
      { name: "posts", endpoint: "users/{resources.users.id}/posts" },
      { name: "tags", selected: false, endpoint: "posts/{resources.posts.id}/tags" },
      { name: "alone", selected: false },
    ],
    api: [
      ["GET /teams", [{ id: 1 }]],
      ["GET /teams/1/users", [{ id: 2 }]],
      ["GET /users/2/posts", [{ id: 3 }]],
    ],
    rows: { posts: [{ id: 3 }] },
  });
});

describe("E.5: as in dlt,", () => {
  const single = { paginator: "single_page" } as const;

  testConfig("columns may have a name in both forms, and the key of an object counts", {
    resources: [
      { name: "posts", endpoint: single, columns: [{ name: "id", data_type: "text" }] },
      { name: "users", endpoint: single, columns: { id: { name: "other", data_type: "text" } } },
    ],
    api: [
      ["GET /posts", one],
      ["GET /users", one],
    ],
    rows: { posts: [{ id: "1" }], users: [{ id: "1" }] },
  });

  testConfig("names may begin with a digit, and have accents and other letters", {
    resources: [
      { name: "1st", endpoint: single },
      { name: "Größe", endpoint: { ...single, path: "größe/{resources.1st.id}" } },
      { name: "noms", table_name: "2024 Année", endpoint: { ...single, path: "x/{resources.Größe.id}" } },
    ],
    api: [
      ["GET /1st", one],
      ["GET /gr%C3%B6%C3%9Fe/1", [{ id: "ä" }]],
      ["GET /x/%C3%A4", [{ n: 1 }]],
    ],
    rows: { "1st": one, gro_e: [{ id: "ä" }], noms: [{ n: 1 }] },
  });

  testConfig("an empty data_selector detects the rows, also of a path that ends in a placeholder", {
    resources: [
      { name: "users", endpoint: { ...single, data_selector: "" } },
      { name: "posts", endpoint: { path: "posts/{resources.users.id}", data_selector: "" } },
    ],
    api: [
      ["GET /users", { meta: 1, users: one }],
      ["GET /posts/1", { meta: 1, list: [{ n: 1 }, { n: 2 }] }],
    ],
    rows: { users: one, posts: [{ n: 1 }, { n: 2 }] },
  });

  testConfig("a path in resource_defaults has no effect", {
    resource_defaults: { endpoint: { ...single, path: "all/{resources.users.id}" } },
    resources: ["users", { name: "posts", endpoint: {} }, { name: "tags", endpoint: "t" }],
    api: [
      ["GET /users", one],
      ["GET /posts", one],
      ["GET /t", one],
    ],
    rows: { users: one, posts: one, tags: one },
  });
});

describe("E.6: a misspelled placeholder", () => {
  const child = (endpoint: object) => ({ resources: ["things", { name: "posts", endpoint }] });
  test.each<[string, object, string]>([
    ["path", { path: "p/{resouces.things.id}" }, "endpoint.path"],
    ["params", { params: { id: "{resouces.things.id}" } }, "endpoint.params.id"],
    ["json", { method: "POST", json: { ids: ["{resouces.things.id}"] } }, "endpoint.json.ids[0]"],
    ["data", { method: "POST", data: { id: "{resouces.things.id}" } }, "endpoint.data.id"],
    ["headers", { headers: { "X-Id": "{resouces.things.id}" } }, "endpoint.headers.X-Id"],
  ])("in %s is refused with the nearest name", (_where, endpoint, place) => {
    expect(messageOf(child(endpoint))).toContain(
      `resources[1].${place}: unknown placeholder {resouces.things.id}: did you mean {resources.things.id}?`,
    );
  });

  test("without a near name is refused with the forms of placeholders", () => {
    expect(messageOf(child({ params: { id: "{unknown.posts.id}" } }))).toContain(
      "unknown placeholder {unknown.posts.id}: write {resources.<parent>.<field>} or {incremental.<value>}",
    );
  });

  const json = { query: "{ user(max: 1.5) { id ...F } }", text: '{"rate":1.5,"hello":"{{user.name}}"}' };
  testConfig("is not seen in JSON text, GraphQL, and doubled braces, which are sent as they are", {
    resources: [
      {
        name: "posts",
        endpoint: {
          method: "POST",
          headers: { "X-Template": "{{user.name}}" },
          json,
          paginator: "single_page",
        },
      },
    ],
    api: [["POST /posts", { headers: { "x-template": "{user.name}" }, json }, one]],
    rows: { posts: one },
  });
});

describe("A.17: one table of two resources", () => {
  const tableOf = (first: object, second: object) => ({
    resources: [
      { name: "old", table_name: "orders", ...first },
      { name: "recent", table_name: "orders", ...second },
    ],
  });
  const merge = { write_disposition: "merge", primary_key: "id" };

  test.each<[string, object, object, string]>([
    [
      "write dispositions",
      { write_disposition: "append" },
      { write_disposition: "replace" },
      'write_disposition differs between two resources of table orders ("append" of old, "replace" of recent)',
    ],
    [
      "strategies",
      merge,
      { ...merge, write_disposition: { disposition: "merge", strategy: "insert-only" } },
      '"merge (insert-only)" of recent',
    ],
    ["primary keys", merge, { ...merge, primary_key: ["id", "line"] }, '(["id"] of old, ["id","line"] of recent)'],
    ["merge keys", merge, { ...merge, merge_key: "day" }, "merge_key differs"],
    ["hard_delete columns", merge, { ...merge, columns: { gone: { hard_delete: true } } }, "hard_delete differs"],
    [
      "sorts",
      { ...merge, columns: { at: { dedup_sort: "asc" } } },
      { ...merge, columns: { at: { dedup_sort: "desc" } } },
      '(["at","asc"] of old',
    ],
  ])(
    "is an error with different %s, because the rules of one of them would apply to both",
    (_, first, second, message) => {
      expect(messageOf(tableOf(first, second) as Config)).toContain(message);
    },
  );

  test.each<[string, object, object]>([
    [
      "the same rules in another form",
      { ...merge, primary_key: ["orderId", "id"] },
      { ...merge, primary_key: ["id", "order_id"] },
    ],
    ["keys that have no effect", { primary_key: "id" }, { primary_key: "line" }],
    ["a resource that is not loaded", merge, { selected: false }],
    ["another treatment of missing rows, which is per resource", merge, { ...merge, on_missing_rows: "delete" }],
  ])("is accepted with %s", (_, first, second) => {
    expect(() => sourceOf("https://api.acme.dev", tableOf(first, second) as Config)).not.toThrow();
  });
});
