import { expect, test } from "vitest";
import { startApi } from "../configs/conversation.fixture.ts";
import { createWorld, nextDay, runSource, sourceOf } from "../configs/run.fixture.ts";
import { query } from "./daily-runs.fixture.ts";

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
