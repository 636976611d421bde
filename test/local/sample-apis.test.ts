import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { source as assetManagement } from "../../functions/asset-management.ts";
import { source as inventoryManagement } from "../../functions/inventory-management.ts";
import { source as orderManagement } from "../../functions/order-management.ts";
import { source as stockAnalytics } from "../../functions/stock-analytics.ts";
import { source as workforceAnalytics } from "../../functions/workforce-analytics.ts";
import { type SampleApis, sampleTables, startSampleApis } from "../../infra/local/sample-apis/index.ts";
import type { DataType } from "../../lib/source/schema/index.ts";
import { sourceConfig } from "../../lib/source/schema/index.ts";

type Row = Record<string, unknown>;

/** What these tests read of a config: the sources write all of it out. */
interface Resource {
  name: string;
  endpoint: {
    path: string;
    params?: Record<string, { type: "resolve"; resource: string; field: string }>;
    data_selector: string;
    paginator:
      | { type: "page_number"; base_page: number; page_param: string; limit: number; limit_param?: string }
      | { type: "offset"; limit: number }
      | { type: "single_page" };
    incremental?: { cursor_path: string; start_param: string };
    error_handler?: { retry_on_status_codes: number[] };
  };
  columns: Record<string, { data_type: DataType; nullable?: boolean }>;
}

const sources = [assetManagement, orderManagement, inventoryManagement, workforceAnalytics, stockAnalytics];
const names = sources.map((source) => source.config.name);
const resourcesOf = (source: (typeof sources)[number]): Resource[] => source.config.resources as unknown as Resource[];
const resources = sources.flatMap((source) =>
  resourcesOf(source).map((resource) => ({ source, name: source.config.name, resource })),
);
const cases = resources.map((entry) => [`${entry.name}.${entry.resource.name}`, entry] as const);
const rowsOf = (source: string, resource: string): Row[] => sampleTables(source)[resource] as Row[];

/** JSON.parse that keeps integers beyond 2^53, as the lib's does. */
const parseExactly = (text: string): unknown => {
  const revive = (_: string, value: unknown, { source = "" }: { source?: string } = {}): unknown =>
    typeof value === "number" && /^-?\d+$/.test(source) && !Number.isSafeInteger(value) ? BigInt(source) : value;
  return JSON.parse(text, revive as Parameters<typeof JSON.parse>[1]);
};

interface Answer {
  status: number;
  retryAfter: string | null;
  text: string;
  body: Row;
  data: Row[];
}

/** One GET with the source's key where its config puts it. */
async function get(apis: SampleApis, name: string, path: string, query: Record<string, string> = {}): Promise<Answer> {
  const { auth } = sources.find((source) => source.config.name === name)?.config.client ?? {};
  const key = apis.keys[name] as string;
  const location = auth?.type === "api_key" ? auth.location : undefined;
  const parameters = new URLSearchParams(location === "query" ? { ...query, api_key: key } : query);
  const headers: Record<string, string> = location === "header" ? { api_key: key } : {};
  const response = await fetch(`${apis.urls[name]}${path}?${parameters}`, { headers });
  const text = await response.text();
  const body = parseExactly(text) as Row;
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    text,
    body,
    data: body.data as Row[],
  };
}

/** All rows of one path, page after page until an empty one, each page asked again at once when it fails. */
async function crawlPath(apis: SampleApis, name: string, { endpoint }: Resource, path: string): Promise<Row[]> {
  const { paginator, data_selector } = endpoint;
  const rows: Row[] = [];
  for (let page = 0; ; page++) {
    const query: Record<string, string> = {};
    if (paginator.type === "offset") Object.assign(query, { offset: page * paginator.limit, limit: paginator.limit });
    if (paginator.type === "page_number") {
      query[paginator.page_param] = String(page + paginator.base_page);
      if (paginator.limit_param) query[paginator.limit_param] = String(paginator.limit);
    }
    let answer = await get(apis, name, path, query);
    if (answer.status !== 200) answer = await get(apis, name, path, query);
    expect(answer.status).toBe(200);
    const selected = answer.body[data_selector] as Row | Row[];
    rows.push(...(Array.isArray(selected) ? selected : [selected]));
    if (paginator.type === "single_page" || (selected as Row[]).length === 0) return rows;
  }
}

/** All rows of a resource; of a child, over all of its parents. */
async function crawl(apis: SampleApis, name: string, resource: Resource): Promise<Row[]> {
  const [binding] = Object.entries(resource.endpoint.params ?? {});
  if (binding === undefined) return crawlPath(apis, name, resource, resource.endpoint.path);
  const [placeholder, { resource: parent, field }] = binding;
  const rows: Row[] = [];
  for (const row of rowsOf(name, parent)) {
    rows.push(
      ...(await crawlPath(
        apis,
        name,
        resource,
        resource.endpoint.path.replace(`{${placeholder}}`, String(row[field])),
      )),
    );
  }
  return rows;
}

/** dlt's snake_case, as far as these names need it. */
const normalise = (name: string): string =>
  name
    .replace(/[^a-zA-Z0-9_]/g, "_")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/_+/g, "_")
    .replace(/_$/, "x");

const isObject = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);

/** A raw row by its columns: an object is kept whole where a json column is declared for it, and flattened elsewhere. */
function flatten(row: Row, columns: Resource["columns"], prefix = ""): Row {
  const flat: Row = {};
  for (const [key, value] of Object.entries(row)) {
    const column = prefix + normalise(key);
    if (isObject(value) && columns[column]?.data_type !== "json")
      Object.assign(flat, flatten(value, columns, `${column}__`));
    else if (value === null && Object.keys(columns).some((name) => name.startsWith(`${column}__`))) continue;
    else flat[column] = value;
  }
  return flat;
}

const BIGINT_LIMIT = 2n ** 63n;
const isText = (value: unknown, pattern: RegExp): boolean =>
  typeof value === "string" && pattern.test(value) && !Number.isNaN(Date.parse(value));
const fits: Record<DataType, (value: unknown) => boolean> = {
  text: (value) => typeof value === "string",
  bigint: (value) =>
    typeof value === "bigint" ? value < BIGINT_LIMIT && value >= -BIGINT_LIMIT : Number.isSafeInteger(value),
  double: (value) => Number.isFinite(value),
  bool: (value) => typeof value === "boolean",
  timestamp: (value) => isText(value, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:\d\d)$/),
  date: (value) => isText(value, /^\d{4}-\d\d-\d\d$/),
  decimal: () => false,
  json: (value) => typeof value === "object",
};

describe("the sources", () => {
  test("are five, with 26 resources in all", () => {
    expect(new Set(names).size).toBe(5);
    expect(cases).toHaveLength(26);
    expect(new Set(cases.map(([name]) => name)).size).toBe(26);
  });

  test.each(sources.map((source) => [source.config.name, source] as const))(
    "%s parses as a source config",
    (_, source) => {
      expect(sourceConfig.safeParse(source.config)).toMatchObject({ success: true });
    },
  );

  test("start at different minutes of the night", () => {
    const schedules = sources.map((source) => source.settings.schedule);
    expect(new Set(schedules).size).toBe(5);
    for (const schedule of schedules) expect(schedule).toMatch(/^cron\(\d+ [0-6] \* \* \? \*\)$/);
  });

  test.each(names)("%s has a sample table for every resource and no other", (name) => {
    const declared = resources.filter((entry) => entry.name === name).map(({ resource }) => resource.name);
    expect(Object.keys(sampleTables(name)).sort()).toEqual(declared.sort());
  });

  test.each(cases)("%s declares exactly the columns that its rows have", (_, { name, resource }) => {
    const rows = rowsOf(name, resource.name);
    // An empty table shows no columns; what is declared for it stands for itself.
    if (rows.length === 0) return expect(`${name}.${resource.name}`).toBe("order_management.purchase_orders");
    const found = new Set(rows.flatMap((row) => Object.keys(flatten(row, resource.columns))));
    expect([...found].sort()).toEqual(Object.keys(resource.columns).sort());
  });

  test.each(cases)("%s declares a type that fits every value", (_, { name, resource }) => {
    const wrong = rowsOf(name, resource.name).flatMap((row) =>
      Object.entries(flatten(row, resource.columns))
        .filter(([column, value]) => {
          const declared = resource.columns[column];
          if (value === null) return declared?.nullable === false;
          return !declared || !fits[declared.data_type](value);
        })
        .map(([column, value]) => ({ column, value })),
    );
    expect(wrong).toEqual([]);
  });

  test.each(cases)(
    "%s has an id in every row, no two the same, and is served in its order",
    (_, { name, resource }) => {
      expect(resource.columns.id?.nullable).toBe(false);
      const found = rowsOf(name, resource.name).map((row) => row.id as number | string);
      expect(new Set(found).size).toBe(found.length);
      expect(found).toEqual([...found].sort((a, b) => (a < b ? -1 : 1)));
    },
  );

  test("load incrementally by a field that no row lacks, filtered by the parameter the config names", () => {
    const incremental = resources.filter(({ resource }) => resource.endpoint.incremental);
    expect(incremental.map(({ name, resource }) => `${name}.${resource.name}`)).toEqual([
      "order_management.orders",
      "order_management.products",
      "stock_analytics.orders",
    ]);
    for (const { resource } of incremental) {
      const { cursor_path, start_param } = resource.endpoint.incremental ?? { cursor_path: "", start_param: "" };
      expect(start_param).toBe(`${cursor_path}_min`);
      expect(resource.columns[cursor_path]).toEqual({ data_type: "timestamp", nullable: false });
    }
  });
});

describe("the sample data", () => {
  const everything = resources.map(({ name, resource }) => ({ name, resource, rows: rowsOf(name, resource.name) }));

  test("is 3,000 to 4,000 rows, the largest table a few hundred", () => {
    const sizes = everything.map(({ rows }) => rows.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(3_000);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(4_000);
    expect(Math.max(...sizes)).toBeLessThan(500);
  });

  test("is nullable in most fields, and those are null in some rows and not in others", () => {
    const columns = everything.flatMap(({ name, resource, rows }) =>
      Object.entries(resource.columns).map(([column, { nullable = true }]) => {
        const values = rows.map((row) => flatten(row, resource.columns)[column] ?? null);
        const both = values.includes(null) && values.some((value) => value !== null);
        return { column: `${name}.${resource.name}.${column}`, nullable, both, enough: rows.length >= 10 };
      }),
    );
    const nullable = columns.filter((column) => column.nullable);
    expect(nullable.length / columns.length).toBeGreaterThan(0.8);
    expect(nullable.filter(({ both, enough }) => enough && !both).map(({ column }) => column)).toEqual([]);
  });

  test("is the same in every process, whatever its time zone and language", async () => {
    const script = `
      import { createHash } from "node:crypto";
      import { sampleTables } from "./infra/local/sample-apis/index.ts";
      const tables = process.argv.slice(1).map(sampleTables);
      const text = JSON.stringify(tables, (_, value) => (typeof value === "bigint" ? value + "n" : value));
      console.log(createHash("sha256").update(text).digest("hex"));`;
    const elsewhere = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script, ...names], {
      env: { ...process.env, NODE_OPTIONS: "", TZ: "Asia/Kathmandu", LC_ALL: "tr_TR.UTF-8" },
    });
    const here = JSON.stringify(names.map(sampleTables), (_, value) =>
      typeof value === "bigint" ? `${value}n` : value,
    );
    expect(elsewhere.stdout.trim()).toBe(createHash("sha256").update(here).digest("hex"));
  });

  test("is new with every call, so that a test may change it", () => {
    const [first] = rowsOf("order_management", "orders");
    (first as Row).status = "changed";
    expect(rowsOf("order_management", "orders")[0]?.status).not.toBe("changed");
  });

  test("keys asset_management by identifier and by id, with custom fields that have spaces and may be left out", () => {
    for (const table of ["inventories", "assets"]) {
      const rows = rowsOf("asset_management", table);
      for (const row of rows) expect([typeof row.identifier, typeof row.id]).toEqual(["string", "number"]);
      expect(rows.every((row) => "Contact for Item" in row)).toBe(true);
      expect(new Set(rows.map((row) => "Internal Rating" in row)).size).toBe(2);
    }
  });

  test("says money as text in one place and as a number in another", () => {
    for (const { price } of rowsOf("asset_management", "assets")) expect(price ?? "0.00").toMatch(/^\d+\.\d\d$/);
    for (const { cost } of rowsOf("order_management", "delivery_methods"))
      expect(cost ?? "0.00").toMatch(/^\d+\.\d\d$/);
    for (const { delivery_cost } of rowsOf("order_management", "orders"))
      expect(typeof (delivery_cost ?? 0)).toBe("number");
  });

  test("has keys with a question mark in company", () => {
    expect(rowsOf("order_management", "company")).toMatchObject([{ "trialing?": false, "app_store_referral?": true }]);
  });

  test("has instants in UTC and with an offset, whose order as text is not their order in time", () => {
    const instants = rowsOf("order_management", "orders").map((row) => row.updated_at as string);
    expect(instants.some((instant) => instant.endsWith("Z"))).toBe(true);
    expect(instants.some((instant) => instant.endsWith("+02:00"))).toBe(true);
    const inTime = [...instants].sort((a, b) => Date.parse(a) - Date.parse(b));
    expect(inTime).not.toEqual([...instants].sort());
    expect(inTime).not.toEqual(instants);
  });

  test("has integers beyond 2^53 only in stock_analytics.items.external_id", () => {
    for (const { name, resource, rows } of everything) {
      const columns = new Set(
        rows.flatMap((row) => Object.keys(row).filter((column) => typeof row[column] === "bigint")),
      );
      expect([...columns]).toEqual(`${name}.${resource.name}` === "stock_analytics.items" ? ["external_id"] : []);
    }
    for (const { external_id: value } of rowsOf("stock_analytics", "items"))
      if (value !== null) expect(Number.isSafeInteger(Number(value))).toBe(false);
  });

  test("has names in many scripts, and text with line breaks, quotes, an emoji and U+2028", () => {
    const text = JSON.stringify(rowsOf("order_management", "orders"));
    for (const sign of ["ü", "Ł", "大", "Д", "🎁", "\\n", '\\"', "\u2028"]) expect(text).toContain(sign);
  });
});

describe("the APIs", () => {
  let apis: SampleApis;
  beforeAll(async () => {
    apis = await startSampleApis({ faults: false });
  });
  afterAll(() => apis.close());

  test.each(cases)("%s: the pages are exactly the sample table", async (_, { name, resource }) => {
    expect(await crawl(apis, name, resource)).toEqual(rowsOf(name, resource.name));
  });

  test.each(sources.map((source) => [source.config.name, source] as const))(
    "%s wants its key in its place",
    async (name, source) => {
      const path = (resourcesOf(source)[0] as Resource).endpoint.path;
      const key = apis.keys[name] as string;
      const ask = async (header: string | undefined, query: string | undefined): Promise<[number, unknown]> => {
        const url = `${apis.urls[name]}${path}${query === undefined ? "" : `?api_key=${query}`}`;
        const response = await fetch(url, { headers: header === undefined ? {} : { api_key: header } });
        return [response.status, await response.json()];
      };
      const refused = [401, { error: { status: 401, message: expect.stringContaining("api_key") } }];
      const { auth } = source.config.client;
      const inHeader = auth?.type === "api_key" && auth.location === "header";
      expect((await (inHeader ? ask(key, undefined) : ask(undefined, key)))[0]).toBe(200);
      expect(await (inHeader ? ask(undefined, key) : ask(key, undefined))).toEqual(refused);
      expect(await (inHeader ? ask("wrong", undefined) : ask(undefined, "wrong"))).toEqual(refused);
      expect(await ask(undefined, undefined)).toEqual(refused);
    },
  );

  test.each(names)("%s answers an unknown path with 404, and its key is asked for first", async (name) => {
    expect(await get(apis, name, "/v2/none")).toMatchObject({ status: 404, body: { error: { status: 404 } } });
    expect((await fetch(`${apis.urls[name]}/v2/none`)).status).toBe(401);
  });

  test("asset_management has 25 rows a page, whatever size is asked for, under the key assets for inventories, too", async () => {
    for (const [parameter, size] of Object.entries({ limit: "5", page_size: "5", per_page: "100" })) {
      const { body } = await get(apis, "asset_management", "/inventory.api", { page: "2", [parameter]: size });
      expect(body.assets).toEqual(rowsOf("asset_management", "inventories").slice(25, 50));
    }
  });

  test.each([
    ["order_management", "/v1/products", "products", "page_size"],
    ["workforce_analytics", "/v1/tasks/tasks", "tasks", "limit"],
  ])("%s takes the page's size from its parameter, and none over 100", async (name, path, table, parameter) => {
    const rows = rowsOf(name, table);
    expect((await get(apis, name, path, { page: "3", [parameter]: "7" })).data).toEqual(rows.slice(14, 21));
    expect((await get(apis, name, path, { page: "1", [parameter]: "1000" })).data).toEqual(rows.slice(0, 100));
  });

  test("offsets need not be multiples of the limit, and no limit is over 100", async () => {
    const rows = rowsOf("stock_analytics", "inventory");
    const ask = async (query: Record<string, string>): Promise<Row[]> =>
      (await get(apis, "stock_analytics", "/v1/inventory", query)).data;
    expect(await ask({ offset: "13", limit: "8" })).toEqual(rows.slice(13, 21));
    expect(await ask({ offset: "30", limit: "5000" })).toEqual(rows.slice(30, 130));
    expect(await ask({})).toEqual(rows.slice(0, 100));
  });

  test("page 0, no page and no number behave like page 1", async () => {
    const first = await get(apis, "order_management", "/v1/orders", { page: "1" });
    for (const query of [{}, { page: "0" }, { page: "-1" }, { page: "x" }, { page: "" }])
      expect((await get(apis, "order_management", "/v1/orders", query as Record<string, string>)).text).toBe(
        first.text,
      );
  });

  test("a page beyond the end is an empty list with status 200", async () => {
    const beyond = [
      await get(apis, "order_management", "/v1/orders", { page: "11" }),
      await get(apis, "workforce_analytics", "/v1/tasks/tasks", { page: "99999999999999999999", limit: "2" }),
      await get(apis, "inventory_management", "/v1/inventory", { offset: "350", limit: "100" }),
      await get(apis, "order_management", "/v1/purchase_orders", { page: "1" }),
    ];
    for (const answer of beyond) expect(answer).toMatchObject({ status: 200, data: [] });
  });

  test("current_company is one and the same object whatever page is asked for", async () => {
    const [company] = rowsOf("order_management", "company");
    for (const page of ["0", "1", "2", "50"])
      expect((await get(apis, "order_management", "/v1/current_company", { page })).body).toEqual({ data: company });
  });

  test("returns belong to an order: 404 for an unknown one, none for most, two pages for one", async () => {
    expect((await get(apis, "order_management", "/v1/orders/1/returns")).status).toBe(404);
    expect((await get(apis, "order_management", "/v1/orders//returns")).status).toBe(404);
    const counts = await Promise.all(
      rowsOf("order_management", "orders").map(async ({ id }) => {
        const pages = ["1", "2"].map((page) => get(apis, "order_management", `/v1/orders/${id}/returns`, { page }));
        return (await Promise.all(pages)).map(({ data }) => data.length);
      }),
    );
    expect(counts.filter(([first]) => first === 0).length).toBeGreaterThan(counts.length / 2);
    expect(counts.filter(([, second]) => second !== 0)).toEqual([[25, 2]]);
  });

  test.each([
    ["order_management", "/v1/orders", "orders", "updated_at"],
    ["order_management", "/v1/products", "products", "updated_at"],
    ["stock_analytics", "/v1/orders", "orders", "last_modified_date"],
  ])("%s %s is filtered by instant, the boundary included, in order of id", async (name, path, table, field) => {
    const rows = rowsOf(name, table);
    const instants = rows.map((row) => Date.parse(row[field] as string));
    const newest = rows[instants.indexOf(Math.max(...instants))] as Row;
    const offset = rows.find((row) => (row[field] as string).endsWith("+02:00")) as Row;
    for (const start of [offset[field] as string, newest[field] as string, "2026-05-01", "2026-05-01T12:00:00"]) {
      const from = Date.parse(/T.*[^Z]$/.test(start) && !start.includes("+") ? `${start}Z` : start);
      const expected = rows.filter((row) => Date.parse(row[field] as string) >= from);
      const { data } = await get(apis, name, path, { [`${field}_min`]: start, limit: "100", page_size: "100" });
      expect(data).toEqual(expected.slice(0, 100));
    }
    expect((await get(apis, name, path, { [`${field}_min`]: newest[field] as string })).data).toEqual([newest]);
    expect((await get(apis, name, path, { [`${field}_min`]: "2030-01-01" })).data).toEqual([]);
  });

  test("a filter that is no instant is refused, such as one whose plus sign was not encoded", async () => {
    for (const start of ["yesterday", "2026-05-01T12:00:00 02:00", "2026-13-01", ""])
      expect((await get(apis, "order_management", "/v1/orders", { updated_at_min: start })).status).toBe(400);
  });

  test("what an envelope says of its totals is true, with a filter, too", async () => {
    const all = await get(apis, "stock_analytics", "/v1/orders", { offset: "200", limit: "100" });
    expect(all.body).toMatchObject({ total: 250, offset: 200, limit: 100 });
    const query = { last_modified_date_min: "2026-09-01", limit: "100" };
    const some = await get(apis, "stock_analytics", "/v1/orders", query);
    expect(some.body.total).toBe(some.data.length);
    expect(some.data.length).toBeGreaterThan(0);
    const { body } = await get(apis, "order_management", "/v1/orders", { page: "2", page_size: "25" });
    expect(body.meta).toEqual({ page: 2, page_size: 25, total_pages: 10, total_count: 240 });
    expect((await get(apis, "asset_management", "/members.api")).body).toMatchObject({ page: 1, total_pages: 4 });
  });

  test("integers beyond 2^53 are written with all their digits, and as numbers", async () => {
    const { text } = await get(apis, "stock_analytics", "/v1/items", { limit: "100" });
    for (const digits of ["9007199254740993", "9223372036854775807", "-9007199254740993"])
      expect(text).toContain(`"external_id":${digits}}`);
  });

  test("two instances answer with the same bytes", async () => {
    const other = await startSampleApis({ faults: false });
    for (const { name, resource } of resources.filter(({ resource }) => !resource.endpoint.params)) {
      const [one, two] = await Promise.all([apis, other].map((each) => get(each, name, resource.endpoint.path)));
      expect(one?.text).toBe(two?.text);
    }
    await other.close();
  });
});

describe("faults", () => {
  /** What a crawl of everything meets; orders are named by their place, since that is how the data knows them. */
  const expected: Record<string, string[]> = {
    asset_management: ["429 after 60: /assets.api page=2", "429 after 60: /members.api page=2"],
    order_management: [
      "429 after 2: /v1/orders page=3",
      "500: /v1/orders page=7",
      "429 after 3: /v1/orders/#18/returns page=1",
      "502: /v1/orders/#121/returns page=1",
      "503: /v1/products page=2",
      "429 after 1: /v1/products page=9",
      "504: /v1/customers page=4",
    ],
    inventory_management: ["503: /v1/inventory offset=100", "429 after 2: /v1/inventory offset=300"],
    workforce_analytics: [
      "429 after 2: /v1/tasks/tasks page=5",
      "429 after 1: /v1/work_schedule/overlap_periods page=3",
    ],
    stock_analytics: ["500: /v1/stock_details offset=200", "429 after 2: /v1/orders offset=100"],
  };

  test.each(sources.map((source) => [source.config.name, source] as const))(
    "%s fails where it is said to, once each, with statuses that its config retries",
    async (name, source) => {
      const apis = await startSampleApis({ sources: [name] });
      const orders = (sampleTables("order_management").orders as Row[]).map((row) => String(row.id));
      for (const resource of resourcesOf(source))
        expect(await crawl(apis, name, resource)).toEqual(rowsOf(name, resource.name));
      const seen = apis.requests(name);
      const failures = seen.filter(({ status }) => status !== 200);
      const label = ({ path, query }: (typeof failures)[number]): string =>
        `${path.replace(/orders\/(\d+)/, (_, id) => `orders/#${orders.indexOf(id) + 1}`)} ${query.page ? `page=${query.page}` : `offset=${query.offset}`}`;
      expect(failures.map((failure) => `${failure.status} ${label(failure)}`)).toEqual(
        expected[name]?.map((line) => line.replace(/( after \d+)?:/, "")),
      );

      const retried = (path: string): number[] => {
        const own = resourcesOf(source).find(({ endpoint }) => endpoint.path === path)?.endpoint.error_handler;
        return own?.retry_on_status_codes ?? source.config.client.error_handler?.retry_on_status_codes ?? [];
      };
      for (const { path, status } of failures) expect(retried(path)).toContain(status);

      // The same pages again: nothing fails any more.
      for (const { path, query } of failures) expect((await get(apis, name, path, query)).status).toBe(200);
      await apis.close();

      // Another start plays all of them anew, and says how long to wait.
      const again = await startSampleApis({ sources: [name] });
      const lines: string[] = [];
      for (const failure of failures) {
        const { status, retryAfter, body } = await get(again, name, failure.path, failure.query);
        expect(body).toMatchObject({ error: { status } });
        lines.push(`${status}${retryAfter === null ? "" : ` after ${retryAfter}`}: ${label(failure)}`);
      }
      expect(lines).toEqual(expected[name]);
      await again.close();
    },
  );

  test("are one for each URL: another filter is another URL", async () => {
    const apis = await startSampleApis({ sources: ["stock_analytics"] });
    const ask = async (query: Record<string, string>): Promise<number> =>
      (await get(apis, "stock_analytics", "/v1/orders", { offset: "100", limit: "100", ...query })).status;
    expect([await ask({}), await ask({}), await ask({ last_modified_date_min: "2026-01-01" })]).toEqual([
      429, 200, 429,
    ]);
    await apis.close();
  });

  test("come after the key and the path: a wrong key does not use one up", async () => {
    const apis = await startSampleApis({ sources: ["asset_management"] });
    expect((await fetch(`${apis.urls.asset_management}/assets.api?page=2`)).status).toBe(401);
    expect(await get(apis, "asset_management", "/assets.api", { page: "2" })).toMatchObject({
      status: 429,
      retryAfter: "60",
    });
    await apis.close();
  });
});

describe("startSampleApis", () => {
  test("starts the sources that are asked for, with keys of the caller's", async () => {
    const apis = await startSampleApis({ sources: ["workforce_analytics"], key: (source) => `key of ${source}` });
    expect(Object.keys(apis.urls)).toEqual(["workforce_analytics"]);
    expect(apis.keys).toEqual({ workforce_analytics: "key of workforce_analytics" });
    expect((await get(apis, "workforce_analytics", "/v1/tasks/tasks")).status).toBe(200);
    await apis.close();
  });

  test("tells what was requested, without the key", async () => {
    const apis = await startSampleApis({ sources: ["inventory_management"], faults: false });
    await get(apis, "inventory_management", "/v1/inventory", { offset: "100", limit: "100" });
    await fetch(`${apis.urls.inventory_management}/v1/none?api_key=wrong`, { method: "POST" });
    expect(apis.requests("inventory_management")).toEqual([
      { method: "GET", path: "/v1/inventory", query: { offset: "100", limit: "100" }, status: 200 },
      { method: "POST", path: "/v1/none", query: {}, status: 401 },
    ]);
    expect(() => apis.requests("order_management")).toThrow("was not started");
    await apis.close();
  });

  test("refuses a port in use with a message that names it, and leaves no API running", async () => {
    const taken = createServer();
    const free = createServer();
    const listen = (server: typeof taken): Promise<number> =>
      new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
    const [port, other] = [await listen(taken), await listen(free)];
    await new Promise((resolve) => free.close(resolve));

    const start = startSampleApis({ ports: { stock_analytics: port, asset_management: other } });
    await expect(start).rejects.toThrow(
      `Port ${port} for the sample API stock_analytics is in use: stop what listens there, or`,
    );
    const reachable = await new Promise((resolve) => {
      connect(other, "127.0.0.1")
        .once("connect", () => resolve(true))
        .once("error", () => resolve(false));
    });
    expect(reachable).toBe(false);
    await new Promise((resolve) => taken.close(resolve));
  });

  test("takes the port it is given", async () => {
    const first = await startSampleApis({ sources: ["asset_management"] });
    const port = Number(new URL(first.urls.asset_management as string).port);
    await first.close();
    const second = await startSampleApis({ sources: ["asset_management"], ports: { asset_management: port } });
    expect(second.urls).toEqual(first.urls);
    await second.close();
  });

  test("names the sources there are when one is unknown", async () => {
    await expect(startSampleApis({ sources: ["asset_managment"] })).rejects.toThrow("there are asset_management,");
    await expect(startSampleApis({ ports: { toString: 1 } })).rejects.toThrow("no sample API toString");
    expect(() => sampleTables("none")).toThrow("no sample API none");
  });

  test("waits for the latency before each response, and closes without waiting for it", async () => {
    const apis = await startSampleApis({ sources: ["workforce_analytics"], latency: 150 });
    const before = performance.now();
    await get(apis, "workforce_analytics", "/v1/tasks/tasks");
    expect(performance.now() - before).toBeGreaterThanOrEqual(145);
    await apis.close();

    const slow = await startSampleApis({ sources: ["workforce_analytics"], latency: 3_600_000 });
    const cut = expect(get(slow, "workforce_analytics", "/v1/tasks/tasks")).rejects.toThrow();
    while (slow.requests("workforce_analytics").length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await Promise.all([slow.close(), slow.close()]);
    await cut;
  });
});
