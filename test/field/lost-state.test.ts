import { describe, expect, test } from "vitest";
import { startApi } from "../configs/conversation.fixture.ts";
import { type Config, createWorld, nextDay, runSource, sourceOf } from "../configs/run.fixture.ts";
import { query, runDaily } from "./daily-runs.fixture.ts";

test("A.15: a lost incremental state is an error with the way out, instead of every row twice", async () => {
  await using api = await startApi(({ url }) => (url.pathname === "/orders" ? [{ id: 1, at: 5 }] : [{ line: 1 }]));
  const source = sourceOf(api.url, {
    resources: [
      { name: "orders", endpoint: { paginator: "single_page", incremental: { cursor_path: "at" } } },
      { name: "lines", endpoint: { path: "orders/{resources.orders.id}/lines", paginator: "single_page" } },
      { name: "items", endpoint: { paginator: "single_page" } },
    ],
  });
  const world = createWorld();
  const start = async (input = {}) => {
    const { execution } = await runSource(world, source, { input });
    nextDay(world);
    return execution.status === "failed" ? `${execution.error}: ${execution.cause}` : execution.status;
  };
  const counts = () =>
    query(world, "select (select count(*) from shop.orders), (select count(*) from shop.lines)").then(([row]) => row);

  expect(await start()).toBe("succeeded");
  expect(await start()).toBe("succeeded");
  expect(await counts()).toEqual([1n, 1n]);

  world.objects.delete("state/shop/orders.json");
  expect(await start()).toMatch(/^CheckpointError: .*shop\.orders: the incremental state is lost/);
  expect(await counts()).toEqual([1n, 1n]);
  expect(await start({ resources: ["items"] })).toBe("succeeded");
  expect(await start({ refresh: "full" })).toBe("succeeded");
  expect(await start()).toBe("succeeded");
  expect(await counts()).toEqual([2n, 2n]);
});

describe("A.15: another table_name of a resource with an incremental state", () => {
  const incremental = { paginator: "single_page", incremental: { cursor_path: "at" } } as const;
  const configOf = (orders: object, lines: object = {}): Config => ({
    resources: [
      { name: "orders", endpoint: incremental, ...orders },
      {
        name: "lines",
        endpoint: { path: "orders/{resources.orders.id}/lines", paginator: "single_page" },
        ...lines,
      },
    ],
  });
  const api = (...ids: number[]) => ({
    "/orders": ids.map((id) => ({ id, at: id })),
    ...Object.fromEntries(ids.map((id) => [`/orders/${id}/lines`, [{ line: id }]])),
  });

  test.each<[string, Config, RegExp, string]>([
    [
      "is an error, because the table would have new rows only",
      configOf({ table_name: "sales" }),
      /shop\.orders: table sales does not have the rows before the cursor \(run \S+ loaded orders into another table, or did not select it\): undo .*refresh: "full"/,
      "sales",
    ],
    [
      "is an error for its child too, which would have the children of new rows only",
      configOf({}, { table_name: "entries" }),
      /shop\.lines: table entries does not have the rows before the cursor/,
      "entries",
    ],
  ])("%s, until a full refresh", async (_, config, message, table) => {
    const runs = await runDaily(
      configOf({}),
      [
        { api: api(1, 2) },
        { api: api(1, 2, 3), config },
        { api: api(1, 2, 3), input: { refresh: "full" } },
        { api: api(3, 4) },
      ],
      "select 1",
    );
    expect(runs.map(({ execution }) => execution.status)).toEqual(["succeeded", "failed", "succeeded", "succeeded"]);
    expect(runs[1]?.execution).toMatchObject({ error: "ConfigError", cause: expect.stringMatching(message) });
    expect(runs.slice(2).map(({ rows }) => rows[table === "sales" ? "orders" : "lines"]?.length)).toEqual([3, 1]);
  });

  test("is an error for a resource that was read for its children only, and is selected now", async () => {
    const runs = await runDaily(
      configOf({ selected: false }),
      [{ api: api(1, 2) }, { api: api(1, 2) }, { api: api(1, 2), config: configOf({}) }],
      "select 1",
    );
    expect(runs.map(({ execution }) => execution.status)).toEqual(["succeeded", "succeeded", "failed"]);
  });

  test("is accepted from a child that is new", async () => {
    const all = configOf({});
    const runs = await runDaily(
      { resources: all.resources.slice(0, 1) },
      [{ api: api(1, 2) }, { api: api(1, 2, 3), config: all }, { api: api(4) }],
      "select 1",
    );
    expect(runs.map(({ rows }) => rows.lines?.length)).toEqual([undefined, 1, 1]);
  });
});
