import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { ResolvedSource } from "../../lib/config/resolve.ts";
import { SchemaContractError, SelectorError } from "../../lib/errors/index.ts";
import { createSchemaStore } from "../../lib/lake/schemas.ts";
import { work } from "../../lib/run/work.ts";
import { MINUTE } from "../../lib/time/durations.ts";
import { type Lake, startLake } from "../lake/lake.fixture.ts";
import { sourceOf, startApi } from "../run/api.fixture.ts";
import { opened } from "../run/run.fixture.ts";

let invocations = 0;
const load = (lake: Lake, source: ResolvedSource, resource = "orders", event: object = {}) =>
  work(lake.ports, source, resource, event, { id: `invocation-${++invocations}`, time: MINUTE });

type Row = Record<string, unknown>;
/** Returns the parts of a table, each as its rows without the columns that restlake adds. */
const partsOf = async (lake: Lake, table = "orders"): Promise<Row[][]> => {
  const parts: Row[][] = [];
  for (const key of await lake.keys(`data/shop/${table}/`)) {
    const lines = gunzipSync(await lake.read(key))
      .toString()
      .split("\n")
      .slice(0, -1);
    parts.push(lines.map((line) => JSON.parse(line)).map(({ _run_id, _extracted_at, _seq, ...row }) => row));
  }
  return parts;
};
const rowsOf = async (lake: Lake, table = "orders") => (await partsOf(lake, table)).flat();
const schemaOf = async (lake: Lake) => (await lake.json("schemas/shop/orders.json")).columns.slice(3);

describe("a schema change", () => {
  test("closes the open part, so that all rows of a part have the same columns", async () => {
    await using lake = await startLake();
    await using api = await startApi({ "/orders": [[{ id: 1 }], [{ id: 2, note: "x" }], [{ id: 3 }]] });
    expect(await load(lake, sourceOf(api, ["orders"]))).toMatchObject({ status: "done", parts: 2, rows: 3 });
    expect(await partsOf(lake)).toEqual([
      [{ id: 1 }],
      [
        { id: 2, note: "x" },
        { id: 3, note: null },
      ],
    ]);
    const [manifest] = await lake.keys("manifests/");
    const { parts } = await lake.json(manifest!);
    expect(parts.map((part: { schema_version: number }) => part.schema_version)).toEqual([2, 3]);
  });

  test("keeps the row numbers consecutive over parts", async () => {
    await using lake = await startLake();
    await using api = await startApi({ "/orders": [[{ id: 1 }, { id: 2 }], [{ id: 3, note: "x" }]] });
    await load(lake, sourceOf(api, ["orders"]));
    const numbers: number[] = [];
    for (const key of await lake.keys("data/")) {
      for (const line of gunzipSync(await lake.read(key))
        .toString()
        .trim()
        .split("\n"))
        numbers.push(JSON.parse(line)._seq);
    }
    expect(numbers).toEqual([1, 2, 3]);
  });

  test("loses no value when another writer adds the same column with another type", async () => {
    await using lake = await startLake();
    await using api = await startApi({ "/orders": [[{ id: 1, n: "x" }]] });
    const other = createSchemaStore(
      lake.ports,
      { source: "shop", table: "orders", run_id: "run" },
      sourceOf(api, ["orders"]).resources[0]!,
    );
    // Between the invocation's read of the schema and its change.
    api.beforeResponse(async () => {
      await other.add([{ name: "n", data_type: "bigint", nullable: true }]);
    });
    const source = sourceOf(api, ["orders"]);
    // Either outcome is right, as long as no null is written: a named error is followed by another start.
    const first = await load(lake, source).catch((error) => error);
    if (first instanceof Error) {
      expect(first).toBeInstanceOf(SchemaContractError);
      await load(lake, source);
    }
    expect(await rowsOf(lake)).toEqual([{ id: 1, n: null, n__v_text: "x" }]);
  });

  test("turns an integer column into a double at the first fraction", async () => {
    await using lake = await startLake();
    await using api = await startApi({ "/orders": [[{ price: 10 }], [{ price: 10.5 }]] });
    await load(lake, sourceOf(api, ["orders"]));
    expect(await partsOf(lake)).toEqual([[{ price: 10 }], [{ price: 10.5 }]]);
    expect(await schemaOf(lake)).toEqual([{ name: "price", data_type: "double", nullable: true }]);
  });
});

test("a column declared under the API's name, such as orderId, holds the values of that field", async () => {
  await using lake = await startLake();
  await using api = await startApi({ "/orders": [[{ orderId: "7", total: "12.50" }]] });
  const source = sourceOf(api, [
    {
      name: "orders",
      primary_key: "orderId",
      columns: { orderId: { data_type: "bigint" }, total: { data_type: "double" } },
    },
  ]);
  await load(lake, source);
  expect(await rowsOf(lake)).toEqual([{ order_id: 7, total: 12.5 }]);
  expect(await schemaOf(lake)).toMatchObject([{ name: "order_id", primary_key: true }, { name: "total" }]);
});

describe("concurrent writers of one log", () => {
  test("commit every page once: the slower one discards its rows and resumes after the part of the other", async () => {
    await using lake = await startLake();
    const pages = [[{ id: 1 }], [{ id: 2 }], [{ id: 3 }], [{ id: 4 }]];
    await using api = await startApi({ "/orders": pages });
    const source = sourceOf(api, ["orders"], { file_max_items: 1 });
    // One owner runs twice when a retry by Step Functions overlaps an attempt that is still running.
    const { run_id } = await opened(lake, "execution", { lease: 60 * MINUTE });
    const event = { run: { run_id, owner: "execution", resources: null } };
    let isFirst = true;
    api.beforeResponse(async (url) => {
      if (!url.endsWith("page=2") || !isFirst) return;
      isFirst = false;
      expect(await load(lake, source, "orders", event)).toMatchObject({ status: "done", rows: 4 });
    });
    expect(await load(lake, source, "orders", event)).toMatchObject({ status: "done", rows: 4 });
    expect(await rowsOf(lake)).toEqual(pages.flat());
    expect(lake.logged.map(({ message }) => message)).toContain("adopted");
    expect(await lake.keys("manifests/")).toHaveLength(1);
  });

  test("commit every page once when three of them start at the same time", async () => {
    await using lake = await startLake();
    const pages = Array.from({ length: 6 }, (_, index) => [{ id: index }]);
    await using api = await startApi({ "/orders": pages });
    const source = sourceOf(api, ["orders"], { file_max_items: 1 });
    const { run_id } = await opened(lake, "execution", { lease: 60 * MINUTE });
    const event = { run: { run_id, owner: "execution", resources: null } };
    const outcomes = await Promise.all([1, 2, 3].map(() => load(lake, source, "orders", event)));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: "done", rows: 6 });
    expect(await rowsOf(lake)).toEqual(pages.flat());
  });
});

describe("an invocation", () => {
  test("that finds a complete log without a manifest writes the manifest without a request", async () => {
    await using lake = await startLake();
    await using api = await startApi({ "/orders": [[{ id: 1 }]] });
    const source = sourceOf(api, ["orders"]);
    await load(lake, source);
    const [manifest] = await lake.keys("manifests/");
    const before = await lake.read(manifest!);
    await lake.remove(manifest!);
    api.requests.length = 0;
    expect(await load(lake, source)).toMatchObject({ status: "done", rows: 1 });
    expect((await lake.read(manifest!)).equals(before)).toBe(true);
    expect(api.requests).toEqual([]);
  });

  test("that fails commits the pages before, and resumes after them once the selector is fixed", async () => {
    await using lake = await startLake();
    await using api = await startApi({ "/orders": [[{ id: 1 }], [{ id: 2 }]] });
    const wrong = sourceOf(api, [{ name: "orders", endpoint: { data_selector: "rows" } }]);
    const right = sourceOf(api, ["orders"]);
    await expect(load(lake, wrong)).rejects.toThrow(SelectorError);
    expect(await load(lake, right)).toMatchObject({ status: "done", rows: 2, parts: 1 });
    expect(await rowsOf(lake)).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test("that reads a row which violates the schema names the row, and commits the pages before it", async () => {
    await using lake = await startLake();
    await using api = await startApi({ "/orders": [[{ id: 1, total: 1 }], [{ id: 2, total: null }]] });
    const source = sourceOf(api, [
      { name: "orders", primary_key: "id", columns: { total: { data_type: "double", nullable: false } } },
    ]);
    await expect(load(lake, source)).rejects.toThrow(SchemaContractError);
    await expect(load(lake, source)).rejects.toThrow(
      /shop\.orders, page 2, GET \S+: column total .* row with id=2 has null/,
    );
    expect(await rowsOf(lake)).toEqual([{ total: 1, id: 1 }]);
  });

  test("for an API without rows still completes the log", async () => {
    await using lake = await startLake();
    await using api = await startApi({});
    expect(await load(lake, sourceOf(api, ["orders"]))).toMatchObject({ status: "done", rows: 0, parts: 1 });
    expect(await partsOf(lake)).toEqual([[]]);
    expect(await lake.keys("manifests/")).toHaveLength(1);
  });
});

describe("children", () => {
  const lines = {
    name: "lines",
    endpoint: {
      path: "/orders/{id}/lines",
      params: { id: { type: "resolve" as const, resource: "orders", field: "orderId" } },
    },
    include_from_parent: ["orderId", "buyer"],
  };

  test("are read for every row of the parent, with its fields as the API returned them", async () => {
    await using lake = await startLake();
    await using api = await startApi({
      "/orders": [
        [
          { orderId: "a/b", buyer: "y" },
          { orderId: "c", buyer: "x" },
        ],
      ],
      "/orders/a%2Fb/lines": [[{ n: 1 }], [{ n: 2 }]],
      "/orders/c/lines": [[{ n: 3 }]],
    });
    const source = sourceOf(api, ["orders", lines]);
    await load(lake, source, "orders");
    expect(await load(lake, source, "lines")).toMatchObject({ status: "done", rows: 3 });
    expect(await rowsOf(lake, "lines")).toEqual([
      { n: 1, _orders_order_id: "a/b", _orders_buyer: "y" },
      { n: 2, _orders_order_id: "a/b", _orders_buyer: "y" },
      { n: 3, _orders_order_id: "c", _orders_buyer: "x" },
    ]);
  });

  test("of a parent that is not selected are the only data of the run", async () => {
    await using lake = await startLake();
    await using api = await startApi({ "/orders": [[{ orderId: 1, buyer: "x" }]], "/orders/1/lines": [[{ n: 1 }]] });
    const source = sourceOf(api, [{ name: "orders", selected: false }, lines]);
    await load(lake, source, "orders");
    await load(lake, source, "lines");
    expect((await lake.keys("data/")).every((key) => key.startsWith("data/shop/lines/"))).toBe(true);
    expect(await lake.keys("manifests/shop/orders/")).toEqual([]);
    expect(await lake.keys("schemas/")).toEqual(["schemas/shop/lines.json"]);
    expect(await rowsOf(lake, "lines")).toHaveLength(1);
  });
});

describe("incremental loading", () => {
  const orders = {
    name: "orders",
    primary_key: "id",
    endpoint: { incremental: { cursor_path: "at", start_param: "since", end_param: "until" } },
  };
  const at = (id: number, day: number) => ({ id, at: `2024-01-0${day}T00:00:00Z` });

  test("requests rows from the initial value, keeps the new ones, and stores the cursor in the manifest", async () => {
    await using lake = await startLake();
    await using api = await startApi({ "/orders": [[at(1, 1), at(2, 2)], [at(3, 3)]] });
    const { endpoint } = orders;
    const initial = { ...endpoint, incremental: { ...endpoint.incremental, initial_value: "2024-01-02" } };
    await load(lake, sourceOf(api, [{ ...orders, endpoint: initial }]));
    expect(api.requests[0]).toBe("/orders?since=2024-01-02&page=1");
    expect((await rowsOf(lake)).map(({ id }) => id)).toEqual([2, 3]);
    const [manifest] = await lake.keys("manifests/");
    expect((await lake.json(manifest!)).cursors).toMatchObject({ "": { value: "2024-01-03T00:00:00Z" } });
  });

  test("of a window requests its range, and excludes its end", async () => {
    await using lake = await startLake();
    await using api = await startApi({ "/orders": [[at(1, 1), at(2, 2), at(3, 3)]] });
    const window = { start: "2024-01-01", end: "2024-01-03T00:00:00Z" };
    await load(lake, sourceOf(api, [orders]), "orders", { window });
    expect(api.requests[0]).toBe(`/orders?since=2024-01-01&until=${encodeURIComponent(window.end)}&page=1`);
    expect((await rowsOf(lake)).map(({ id }) => id)).toEqual([1, 2]);
  });
});
