import { describe, expect, test } from "vitest";
import { reply, testConfig } from "../configs/case.fixture.ts";
import { startApi } from "../configs/conversation.fixture.ts";
import { createWorld, nextDay, runSource, sourceOf, type World } from "../configs/run.fixture.ts";
import { runDaily, tablesOf } from "./daily-runs.fixture.ts";

const regions = [
  { code: "at", name: "Austria" },
  { code: "de", name: "Germany" },
];
const parent = { name: "regions", rows: regions };
const shops = (more: object = {}, endpoint: object = {}) => ({
  name: "shops",
  endpoint: { path: "regions/{resources.regions.code}/shops", paginator: "single_page" as const, ...endpoint },
  ...more,
});
const shop = (id: number) => [{ id }];
const api: [string, unknown][] = [
  ["GET /regions/at/shops", shop(1)],
  ["GET /regions/de/shops", shop(2)],
];
const both = [...shop(1), ...shop(2)];
const none = reply(404, { error: "no such region" });

describe("E.9: rows in the config", () => {
  testConfig("are a table without any request", {
    resources: [parent],
    api: [],
    rows: { regions },
  });

  testConfig("are the parent of a child, whose placeholders and include_from_parent take their fields", {
    resources: [parent, shops({ include_from_parent: ["name"] })],
    api,
    rows: {
      regions,
      shops: [
        { id: 1, _regions_name: "Austria" },
        { id: 2, _regions_name: "Germany" },
      ],
    },
  });

  testConfig("are the parent of a child that binds a field with type: resolve", {
    resources: [
      parent,
      shops(
        {},
        { path: "regions/{region}/shops", params: { region: { type: "resolve", resource: "regions", field: "code" } } },
      ),
    ],
    api,
    rows: { regions, shops: both },
  });

  testConfig("are only a parent with selected: false", {
    resources: [{ ...parent, selected: false }, shops()],
    api,
    rows: { shops: both },
  });

  testConfig("may follow their children in the config", {
    resources: [shops(), parent],
    api,
    rows: { regions, shops: both },
  });

  testConfig("may be an empty list: no row, and no request of children", {
    resources: [{ name: "regions", rows: [] }, shops()],
    api: [],
    rows: { regions: [], shops: [] },
  });

  testConfig("are rows with a column value if they are not objects", {
    resources: [
      { name: "regions", rows: ["at", 7, true] },
      shops({}, { path: "shops", params: { region: "{resources.regions.value}" } }),
    ],
    api: [
      ["GET /shops?region=at", shop(1)],
      ["GET /shops?region=7", shop(2)],
      ["GET /shops?region=true", shop(3)],
    ],
    rows: {
      regions: [{ value: "at" }, { value: "7" }, { value: "true" }],
      shops: [...both, ...shop(3)],
    },
  });

  testConfig("have columns as responses have: nested objects, declared types, names in snake case", {
    resources: [
      {
        name: "regions",
        rows: [{ regionCode: "at", place: { lat: 48.2 }, since: 1_700_000_000, big: "9007199254740993", tags: ["a"] }],
        columns: { since: { data_type: "timestamp" }, big: { data_type: "bigint" } },
        primary_key: "regionCode",
      },
    ],
    api: [],
    rows: {
      regions: [
        {
          region_code: "at",
          place__lat: 48.2,
          since: "2023-11-14 22:13:20.000",
          // Read with JSON.parse here; the part has all digits.
          big: Number("9007199254740993"),
          tags: '["a"]',
        },
      ],
    },
  });

  testConfig("get no endpoint of resource_defaults: neither its request nor its cursor", {
    client: { headers: { "x-key": { secret: "key" } } },
    resource_defaults: {
      endpoint: { params: { size: 5 }, data_selector: "data", incremental: { cursor_path: "at", initial_value: 0 } },
    },
    resources: [parent, shops({}, { params: {}, incremental: null, data_selector: null })],
    secrets: { key: "abc" },
    api: api.map(([request, response]) => [
      request.replace(/shops$/, "shops?size=5"),
      { headers: { "x-key": "abc" } },
      response,
    ]),
    rows: { regions, shops: both },
  });

  testConfig("are skipped by a child for which they lack a field", {
    resources: [
      { name: "regions", rows: [{ code: "at" }, { name: "nowhere" }, { code: null }] },
      shops({ on_missing_parent_field: "skip" }),
    ],
    api: api.slice(0, 1),
    rows: {
      regions: [
        { code: "at", name: null },
        { code: null, name: "nowhere" },
        { code: null, name: null },
      ],
      shops: shop(1),
    },
    warns: { shops: [/^2 rows of regions were skipped \(the first: code=\(missing\), no code\)/] },
  });

  testConfig("are skipped by a child whose request the API refuses", {
    resources: [parent, shops({ on_error: "skip" })],
    api: [
      ["GET /regions/at/shops", none],
      ["GET /regions/de/shops", shop(2)],
    ],
    rows: { regions, shops: shop(2) },
    warns: { shops: [/^1 row of regions was skipped \(code=at, the API returned 404/] },
  });

  testConfig("have one cursor per row in an incremental child", {
    resources: [
      parent,
      shops({}, { incremental: { cursor_path: "id", start_param: "after", initial_value: 0, range_start: "open" } }),
    ],
    api: [
      ["GET /regions/at/shops?after=0", shop(1)],
      ["GET /regions/de/shops?after=0", shop(2)],
    ],
    rows: { regions, shops: both },
    state: { shops: { '["at"]': 1, '["de"]': 2 } },
    later: [
      {
        api: [
          ["GET /regions/at/shops?after=1", shop(3)],
          ["GET /regions/de/shops?after=2", []],
        ],
        rows: { regions, shops: shop(3) },
        state: { shops: { '["at"]': 3, '["de"]': 2 } },
      },
    ],
  });

  testConfig("warn if two of them have the same primary key", {
    resources: [{ ...parent, rows: [...regions, { code: "at", name: "Again" }], primary_key: "code" }],
    api: [],
    rows: { regions: [...regions, { code: "at", name: "Again" }] },
    warns: { regions: [/^1 of 3 rows repeat a primary key of this run: remove them from rows$/] },
  });

  testConfig("fail the resource if one of them lacks the primary key", {
    resources: [{ ...parent, primary_key: "id" }],
    api: [],
    fails: { regions: /shop\.regions, page 1: .*\bid\b.*primary/ },
  });

  test("are the same in every run, whatever processing steps do to them", async () => {
    // A Lambda resolves its source once, for all invocations.
    const source = sourceOf("http://127.0.0.1:9", {
      resources: [
        {
          name: "regions",
          rows: [{ code: "at", more: { visits: 1 } }],
          processing_steps: [
            {
              map: (row) => {
                (row.more as { visits: number }).visits++;
                return row;
              },
            },
          ],
        },
      ],
    });
    const world = createWorld();
    for (let run = 0; run < 2; run++) {
      expect((await runSource(world, source)).rows).toEqual({ regions: [{ code: "at", more__visits: 2 }] });
      nextDay(world);
    }
  });

  test("need no API: base_url may be one that cannot be requested", async () => {
    const source = sourceOf("http://169.254.169.254", { resources: [parent] });
    const { rows, failures } = await runSource(createWorld(), source, {
      fetch: () => Promise.reject(new Error("a request was sent")),
    });
    expect(failures).toEqual({});
    expect(rows).toEqual({ regions });
  });
});

const SQL = "select code, name from shop.regions order by all";
const AT = ["at", "Austria"];
const DE = ["de", "Germany"];

describe("E.9: the table of rows in the config", () => {
  const night = { api: {} };

  test("has the rows once, and follows the config", async () => {
    const runs = await runDaily(
      { resources: [parent] },
      [night, night, { ...night, config: { resources: [{ name: "regions", rows: [regions[1] as object as never] }] } }],
      SQL,
    );
    expect(tablesOf(runs)).toEqual([[AT, DE], [AT, DE], [DE]]);
  });

  test("keeps removed rows with merge, and adds all rows again with append", async () => {
    const without = {
      resources: [{ ...parent, rows: regions.slice(1), write_disposition: "merge" as const, primary_key: "code" }],
    };
    const merged = await runDaily(
      { resources: [{ ...parent, write_disposition: "merge", primary_key: "code" }] },
      [night, { ...night, config: without }, { ...night, input: { refresh: "full" } }],
      SQL,
    );
    expect(tablesOf(merged)).toEqual([[AT, DE], [AT, DE], [DE]]);
    const appended = await runDaily({ resources: [{ ...parent, write_disposition: "append" }] }, [night, night], SQL);
    expect(tablesOf(appended)).toEqual([
      [AT, DE],
      [AT, AT, DE, DE],
    ]);
  });

  test("takes write_disposition of resource_defaults", async () => {
    const resource_defaults = { write_disposition: "append" as const };
    const runs = await runDaily({ resource_defaults, resources: [parent] }, [night, night], SQL);
    expect(tablesOf(runs)[1]).toHaveLength(4);
  });

  test("is the same after a run with a window, which children load", async () => {
    const [, second] = await runDaily(
      {
        resources: [
          parent,
          shops(
            {},
            { incremental: { cursor_path: "id", start_param: "after", end_param: "before", initial_value: 0 } },
          ),
        ],
      },
      [
        { api: { "/regions/at/shops": shop(1), "/regions/de/shops": shop(2) } },
        {
          api: { "/regions/at/shops": shop(1), "/regions/de/shops": shop(2) },
          input: { window: { start: 1, end: 2 } },
        },
      ],
      SQL,
    );
    expect(second?.table).toEqual([AT, DE]);
    expect(second?.rows.shops).toEqual(shop(1));
  });

  test("can be Parquet", async () => {
    const runs = await runDaily({ resources: [{ ...parent, file_format: "parquet" }] }, [night], SQL);
    expect(tablesOf(runs)).toEqual([[AT, DE]]);
  });
});

/** Removes the objects of a run whose key matches, as if a crash had prevented their PUT. */
const remove = (world: World, pattern: RegExp): number => {
  const keys = [...world.objects.keys()].filter((key) => pattern.test(key));
  for (const key of keys) world.objects.delete(key);
  return keys.length;
};

describe("E.9: a run that resumes after its rows were changed in the config", () => {
  const strict = { client: { error_handler: { max_retries: 0 } } };
  const changed = { name: "regions", rows: [{ code: "fr", name: "France" }, ...regions] };

  test("reads the children of the rows that it began with, and the next run those of the new rows", async () => {
    let isBroken = true;
    const requests: string[] = [];
    await using server = await startApi(({ url }) => {
      requests.push(url.pathname);
      if (url.pathname.includes("/de/") && isBroken) return reply(500, {});
      return shop(["fr", "at", "de"].findIndex((code) => url.pathname.includes(`/${code}/`)));
    });
    const world = createWorld();
    const first = await runSource(world, sourceOf(server.url, { ...strict, resources: [parent, shops()] }));
    expect(first.failures.shops).toMatch(/returned 500/);

    isBroken = false;
    const after = sourceOf(server.url, { ...strict, resources: [changed, shops()] });
    const resumed = await runSource(world, after);
    expect(resumed.failures).toEqual({});
    expect(resumed.rows).toEqual({ regions, shops: both });
    expect(requests).toEqual(["/regions/at/shops", "/regions/de/shops", "/regions/de/shops"]);

    nextDay(world);
    const next = await runSource(world, after);
    expect(next.rows).toEqual({ regions: changed.rows, shops: [0, 1, 2].flatMap(shop) });
  });

  test("keeps the part with its first rows, if only the manifest was not written", async () => {
    await using server = await startApi(({ url }) => (url.pathname.includes("/at/") ? reply(500, {}) : shop(2)));
    const world = createWorld();
    await runSource(world, sourceOf(server.url, { ...strict, resources: [parent, shops()] }));
    expect(remove(world, /^manifests\/shop\/regions\//)).toBe(1);
    remove(world, /^state\/shop\/.*regions/);
    const other = sourceOf(server.url, { ...strict, resources: [changed] });
    const resumed = await runSource(world, other, { input: { resources: ["regions"] } });
    expect(resumed.failures).toEqual({});
    expect(resumed.rows).toEqual({ regions });
  });

  test("is an error if an endpoint became rows after its first page", async () => {
    await using server = await startApi(({ url }) => (url.searchParams.get("page") === "2" ? reply(500, {}) : regions));
    const world = createWorld();
    const endpoint = { paginator: { type: "page_number" as const, base_page: 1 } };
    await runSource(world, sourceOf(server.url, { ...strict, resources: [{ name: "regions", endpoint }] }));
    const resumed = await runSource(world, sourceOf(server.url, { ...strict, resources: [parent] }));
    expect(resumed.failures.regions).toMatch(/^CheckpointError: shop\.regions: the config changed after run/);
  });
});
