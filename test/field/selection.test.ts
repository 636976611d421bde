import { expect, test } from "vitest";
import { reply } from "../configs/conversation.fixture.ts";
import { runDaily, tablesOf } from "./daily-runs.fixture.ts";

const config = {
  resources: [
    {
      name: "orders",
      primary_key: "id",
      endpoint: { paginator: "single_page" as const, incremental: { cursor_path: "at", start_param: "since" } },
    },
    { name: "lines", endpoint: { path: "orders/{resources.orders.id}/lines", paginator: "single_page" as const } },
  ],
};
const orders = (...ids: number[]) => ids.map((id) => ({ id, at: id }));
const lines = (...ids: number[]) => Object.fromEntries(ids.map((id) => [`/orders/${id}/lines`, [{ line: id }]]));
const input = { resources: ["orders"] };
const COUNTS = "select (select count(*) from shop.orders), (select count(*) from shop.lines)";

test("A.14: a start of an incremental append parent alone brings its child along, and loads no row twice", async () => {
  const api = { "/orders": orders(1, 2), ...lines(1, 2) };
  const more = { "/orders": orders(1, 2, 3), ...lines(1, 2, 3) };
  const runs = await runDaily(config, [{ api, input }, { api, input }, { api: more, input }, { api: more }], COUNTS);
  expect(tablesOf(runs)).toEqual([[[2n, 2n]], [[2n, 2n]], [[3n, 3n]], [[3n, 3n]]]);
  expect(runs.map(({ state }) => state.orders)).toEqual([2, 2, 3, 3]);
});

test("A.14: the run fails if the child fails, so that the cursor stays and the child is read again", async () => {
  const failing = { "/orders": orders(1, 2), ...lines(1), "/orders/2/lines": reply(404, { error: "gone" }) };
  const runs = await runDaily(
    config,
    [
      { api: failing, input },
      { api: { ...failing, ...lines(2) }, input },
    ],
    COUNTS,
  );
  expect(runs.map(({ execution }) => execution.status)).toEqual(["failed", "succeeded"]);
  expect(tablesOf(runs).at(-1)).toEqual([[2n, 2n]]);
});
