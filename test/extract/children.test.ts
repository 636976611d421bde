import { expect, test } from "vitest";
import type { ResolvedSource } from "../../lib/config/resolve.ts";
import { NO_TRANSITIONS } from "../../lib/metering/transitions.ts";
import { finish as finishStep } from "../../lib/run/finish.ts";
import { open } from "../../lib/run/open.ts";
import { resourceFactsOf } from "../../lib/run/source-facts.ts";
import { work } from "../../lib/run/work.ts";
import { type Lake, startLake } from "../lake/lake.fixture.ts";
import { type Api, sourceOf, startApi } from "../run/api.fixture.ts";
import { BOUNDS } from "../run/run.fixture.ts";

/** A whole run of the source, as its machine would do it. */
const night = async (lake: Lake, source: ResolvedSource, owner: string) => {
  const resources = resourceFactsOf(source);
  const event = { source: source.name, resources, bounds: BOUNDS };
  const run = await open(lake.ports, { ...event, transitions: NO_TRANSITIONS, input: {}, owner });
  if (run.status !== "open") throw new Error("skipped");
  const outcomes = [];
  for (const { name } of resources) {
    outcomes.push(await work(lake.ports, source, name, { run }, { id: `${owner}-${name}`, time: 60_000 }));
  }
  await finishStep(lake.ports, { ...event, run, failures: {} });
  return outcomes;
};

const orderLines = (api: Api) =>
  sourceOf(api, [
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

test("each row of the parent has a cursor of its own: one that lags behind the others loses nothing", async () => {
  await using lake = await startLake();
  await using api = await startApi({
    "/orders": [[{ id: 1 }, { id: 2 }]],
    "/orders/1/lines": [[{ n: 11, at: 9 }]],
    "/orders/2/lines": [[{ n: 21, at: 3 }]],
  });
  const source = orderLines(api);
  expect((await night(lake, source, "first")).at(-1)).toMatchObject({ resource: "lines", rows: 2 });
  api.pages["/orders/2/lines"] = [
    [
      { n: 21, at: 3 },
      { n: 22, at: 5 },
    ],
  ];
  api.pages["/orders"] = [[{ id: 1 }, { id: 2 }, { id: 3 }]];
  api.pages["/orders/3/lines"] = [[{ n: 31, at: 1 }]];
  api.requests.length = 0;
  expect((await night(lake, source, "second")).at(-1)).toMatchObject({ resource: "lines", rows: 2 });
  expect(api.requests.filter((request) => request.includes("page=1"))).toEqual([
    "/orders?page=1",
    "/orders/1/lines?since=9&page=1",
    "/orders/2/lines?since=3&page=1",
    "/orders/3/lines?page=1",
  ]);
});

test("a Lambda by hand whose event leaves its own resource out says so", async () => {
  await using lake = await startLake();
  await using api = await startApi({});
  const source = orderLines(api);
  await expect(
    work(lake.ports, source, "lines", { resources: ["orders"] }, { id: "by-hand", time: 60_000 }),
  ).rejects.toThrow(/^shop\.lines: start option resources leaves out/);
  // Asking for a child includes its parent.
  expect(
    await work(lake.ports, source, "orders", { resources: ["lines"] }, { id: "again", time: 60_000 }),
  ).toMatchObject({
    status: "done",
  });
});
