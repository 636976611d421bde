import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../local/free-port.ts";
import { type SampleApis, sampleTables, startSampleApis } from "../../local/sample-apis/index.ts";
import { occupyPort } from "../ports.ts";
import {
  cases,
  crawl,
  get,
  names,
  type Resource,
  type Row,
  resources,
  resourcesOf,
  rowsOf,
  sources,
} from "./sample-apis.fixture.ts";

describe("a sample API", () => {
  let apis: SampleApis;
  beforeAll(async () => {
    apis = await startSampleApis({ faults: false });
  });
  afterAll(() => apis.close());

  test.each(cases)("serves exactly the rows of its sample table: %s", async (_, { name, resource }) => {
    expect(await crawl(apis, name, resource)).toEqual(rowsOf(name, resource.name));
  });

  test.each(sources.map((source) => [source.config.name, source] as const))(
    "accepts its key only in the configured location: %s",
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
      const inHeader = typeof auth === "object" && auth !== null && "location" in auth && auth.location === "header";
      expect((await (inHeader ? ask(key, undefined) : ask(undefined, key)))[0]).toBe(200);
      expect(await (inHeader ? ask(undefined, key) : ask(key, undefined))).toEqual(refused);
      expect(await (inHeader ? ask("wrong", undefined) : ask(undefined, "wrong"))).toEqual(refused);
      expect(await ask(undefined, undefined)).toEqual(refused);
    },
  );

  test.each(names)("checks the key first, and then returns 404 for an unknown path: %s", async (name) => {
    expect(await get(apis, name, "/v2/none")).toMatchObject({ status: 404, body: { error: { status: 404 } } });
    expect((await fetch(`${apis.urls[name]}/v2/none`)).status).toBe(401);
  });

  test("returns 25 rows per page in asset_management, whatever size is requested, and inventories under the key assets", async () => {
    for (const [parameter, size] of Object.entries({ limit: "5", page_size: "5", per_page: "100" })) {
      const { body } = await get(apis, "asset_management", "/inventory.api", { page: "2", [parameter]: size });
      expect(body.assets).toEqual(rowsOf("asset_management", "inventories").slice(25, 50));
    }
  });

  test.each([
    ["order_management", "/v1/products", "products", "page_size"],
    ["workforce_analytics", "/v1/tasks/tasks", "tasks", "limit"],
  ])("takes the page size from its parameter, with a maximum of 100: %s", async (name, path, table, parameter) => {
    const rows = rowsOf(name, table);
    expect((await get(apis, name, path, { page: "3", [parameter]: "7" })).data).toEqual(rows.slice(14, 21));
    expect((await get(apis, name, path, { page: "1", [parameter]: "1000" })).data).toEqual(rows.slice(0, 100));
  });

  test("accepts any offset, and limits of at most 100", async () => {
    const rows = rowsOf("stock_analytics", "inventory");
    const ask = async (query: Record<string, string>): Promise<Row[]> =>
      (await get(apis, "stock_analytics", "/v1/inventory", query)).data;
    expect(await ask({ offset: "13", limit: "8" })).toEqual(rows.slice(13, 21));
    expect(await ask({ offset: "30", limit: "5000" })).toEqual(rows.slice(30, 130));
    expect(await ask({})).toEqual(rows.slice(0, 100));
  });

  test("treats page 0, a missing page and an invalid page as page 1", async () => {
    const first = await get(apis, "order_management", "/v1/orders", { page: "1" });
    for (const query of [{}, { page: "0" }, { page: "-1" }, { page: "x" }, { page: "" }])
      expect((await get(apis, "order_management", "/v1/orders", query as Record<string, string>)).text).toBe(
        first.text,
      );
  });

  test("returns an empty list with status 200 for a page beyond the end", async () => {
    const beyond = [
      await get(apis, "order_management", "/v1/orders", { page: "11" }),
      await get(apis, "workforce_analytics", "/v1/tasks/tasks", { page: "99999999999999999999", limit: "2" }),
      await get(apis, "inventory_management", "/v1/inventory", { offset: "350", limit: "100" }),
      await get(apis, "order_management", "/v1/purchase_orders", { page: "1" }),
    ];
    for (const response of beyond) expect(response).toMatchObject({ status: 200, data: [] });
  });

  test("returns the same object of current_company for every page", async () => {
    const [company] = rowsOf("order_management", "company");
    for (const page of ["0", "1", "2", "50"])
      expect((await get(apis, "order_management", "/v1/current_company", { page })).body).toEqual({ data: company });
  });

  test("returns 404 for the returns of an unknown order, none for most orders, and two pages for one order", async () => {
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
  ])("filters by instant, the boundary included, in order of id: %s %s", async (name, path, table, field) => {
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

  test("refuses a filter that is not an instant, such as one with an unencoded plus sign", async () => {
    for (const start of ["yesterday", "2026-05-01T12:00:00 02:00", "2026-13-01", ""])
      expect((await get(apis, "order_management", "/v1/orders", { updated_at_min: start })).status).toBe(400);
  });

  test("returns correct totals, with and without a filter", async () => {
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

  test("returns integers beyond 2^53 as numbers with all their digits", async () => {
    const { text } = await get(apis, "stock_analytics", "/v1/items", { limit: "100" });
    for (const digits of ["9007199254740993", "9223372036854775807", "-9007199254740993"])
      expect(text).toContain(`"external_id":${digits}}`);
  });

  test("returns the same bytes from two instances", async () => {
    const other = await startSampleApis({ faults: false });
    for (const { name, resource } of resources.filter(({ resource }) => !resource.endpoint.params)) {
      const [one, two] = await Promise.all([apis, other].map((each) => get(each, name, resource.endpoint.path)));
      expect(one?.text).toBe(two?.text);
    }
    await other.close();
  });
});

describe("faults", () => {
  /** Failures during a crawl of all resources. Orders are identified by their index, as in the sample data. */
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
    "occur once each, where declared, with statuses that the config retries: %s",
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

      // A second request for the same pages succeeds.
      for (const { path, query } of failures) expect((await get(apis, name, path, query)).status).toBe(200);
      await apis.close();

      // A new start plays all faults again, with their Retry-After.
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

  test("occur once per URL: another filter is another URL", async () => {
    const apis = await startSampleApis({ sources: ["stock_analytics"] });
    const ask = async (query: Record<string, string>): Promise<number> =>
      (await get(apis, "stock_analytics", "/v1/orders", { offset: "100", limit: "100", ...query })).status;
    expect([await ask({}), await ask({}), await ask({ last_modified_date_min: "2026-01-01" })]).toEqual([
      429, 200, 429,
    ]);
    await apis.close();
  });

  test("occur only with a valid key: a wrong key does not use one up", async () => {
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
  test("starts the requested sources with the keys of the caller", async () => {
    const apis = await startSampleApis({ sources: ["workforce_analytics"], key: (source) => `key of ${source}` });
    expect(Object.keys(apis.urls)).toEqual(["workforce_analytics"]);
    expect(apis.keys).toEqual({ workforce_analytics: "key of workforce_analytics" });
    expect((await get(apis, "workforce_analytics", "/v1/tasks/tasks")).status).toBe(200);
    await apis.close();
  });

  test("returns the received requests without the key", async () => {
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

  test("fails with the port in its message if the port is in use, and leaves no API running", async () => {
    const { port, server } = await occupyPort();
    const other = await freePort();
    const start = startSampleApis({ ports: { stock_analytics: port, asset_management: other } });
    await expect(start).rejects.toThrow(
      `port ${port} of the sample API stock_analytics is in use: stop the process that uses it, or`,
    );
    const reachable = await new Promise((resolve) => {
      connect(other, "127.0.0.1")
        .once("connect", () => resolve(true))
        .once("error", () => resolve(false));
    });
    expect(reachable).toBe(false);
    server.close();
  });

  test("listens on the given port", async () => {
    const port = await freePort();
    const apis = await startSampleApis({ sources: ["asset_management"], ports: { asset_management: port } });
    expect(apis.urls).toEqual({ asset_management: `http://127.0.0.1:${port}` });
    await apis.close();
  });

  test("lists the known sources if one is unknown", async () => {
    await expect(startSampleApis({ sources: ["asset_managment"] })).rejects.toThrow("use one of asset_management,");
    await expect(startSampleApis({ ports: { toString: 1 } })).rejects.toThrow("unknown sample API toString");
    expect(() => sampleTables("none")).toThrow("unknown sample API none");
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
