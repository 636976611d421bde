import { expect, test } from "vitest";
import type { ResolvedSource } from "../../lib/config/resolve.ts";
import { finish } from "../../lib/run/finish.ts";
import { work } from "../../lib/run/work.ts";
import { type Lake, startLake } from "../lake/lake.fixture.ts";
import { sourceOf, startApi } from "../run/api.fixture.ts";
import { finishEventOf, openRun } from "../run/run.fixture.ts";

/** Runs the whole source as its state machine does, and returns the outcomes of its resources. */
const runSource = async (lake: Lake, source: ResolvedSource, owner: string) => {
  const run = await openRun(lake, source, owner);
  const outcomes = [];
  for (const { name } of source.resources) {
    outcomes.push(await work(lake.ports, source, name, { run }, { id: `${owner}-${name}`, time: 60_000 }));
  }
  await finish(lake.ports, finishEventOf(source, run));
  return outcomes;
};

test("each row of the parent has a separate cursor, so that a row with a lower cursor loses no rows", async () => {
  await using lake = await startLake();
  await using api = await startApi({
    "/orders": [[{ id: 1 }, { id: 2 }]],
    "/orders/1/lines": [[{ n: 11, at: 9 }]],
    "/orders/2/lines": [[{ n: 21, at: 3 }]],
  });
  const source = sourceOf(api, [
    { name: "orders", primary_key: "id" },
    {
      name: "lines",
      primary_key: "n",
      endpoint: {
        path: "orders/{order}/lines",
        params: { order: { type: "resolve", resource: "orders", field: "id" } },
        incremental: { cursor_path: "at", start_param: "since" },
      },
    },
  ]);
  expect((await runSource(lake, source, "first")).at(-1)).toMatchObject({ resource: "lines", rows: 2 });
  api.pages["/orders/2/lines"] = [
    [
      { n: 21, at: 3 },
      { n: 22, at: 5 },
    ],
  ];
  api.pages["/orders"] = [[{ id: 1 }, { id: 2 }, { id: 3 }]];
  api.pages["/orders/3/lines"] = [[{ n: 31, at: 1 }]];
  api.requests.length = 0;
  expect((await runSource(lake, source, "second")).at(-1)).toMatchObject({ resource: "lines", rows: 2 });
  expect(api.requests.filter((request) => request.includes("page=1"))).toEqual([
    "/orders?page=1",
    "/orders/1/lines?since=9&page=1",
    "/orders/2/lines?since=3&page=1",
    "/orders/3/lines?page=1",
  ]);
});
