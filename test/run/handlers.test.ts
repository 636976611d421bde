import { describe, expect, test } from "vitest";
import type { ResolvedSource } from "../../lib/config/resolve.ts";
import { ConfigError, ParentError, RunFailedError } from "../../lib/errors/index.ts";
import { finish } from "../../lib/run/finish.ts";
import { open } from "../../lib/run/open.ts";
import type { RunHandle } from "../../lib/run/run-handle.ts";
import { work } from "../../lib/run/work.ts";
import { MINUTE } from "../../lib/time/durations.ts";
import { type Lake, startLake } from "../lake/lake.fixture.ts";
import { sourceOf, startApi } from "./api.fixture.ts";
import { finishEventOf, openEventOf, openRun, RUN_KEY, storedRun } from "./run.fixture.ts";

const PAGES = {
  "/orders": [[{ id: 1 }, { id: 2 }]],
  "/orders/1/lines": [[{ n: 1 }]],
  "/orders/2/lines": [[{ n: 2 }]],
  "/items": [[{ sku: "a" }]],
};
const RESOURCES = [
  "orders",
  {
    name: "lines",
    endpoint: {
      path: "/orders/{id}/lines",
      params: { id: { type: "resolve" as const, resource: "orders", field: "id" } },
    },
  },
  "items",
];
const TIME = 60_000;

let invocations = 0;
/** Loads a resource as the state machine does. */
const runTask = (lake: Lake, source: ResolvedSource, resource: string, run: RunHandle) =>
  work(lake.ports, source, resource, { run }, { id: `invocation-${++invocations}`, time: TIME });
/** Loads a resource in a Lambda that is started alone. */
const startAlone = (lake: Lake, source: ResolvedSource, resource: string, event: unknown = {}) =>
  work(lake.ports, source, resource, event, { id: `invocation-${++invocations}`, time: TIME });

describe("the states open, one task per resource, and finish", () => {
  test("load a source, and the outcomes have the numbers of each resource", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    const run = await openRun(lake, source);
    const outcomes = [];
    for (const { name } of source.resources) outcomes.push(await runTask(lake, source, name, run));
    expect(outcomes.map(({ status, resource, rows, parts }) => [resource, status, rows, parts])).toEqual([
      ["orders", "done", 2, 1],
      ["lines", "done", 2, 1],
      ["items", "done", 1, 1],
    ]);
    expect(outcomes[0]).toMatchObject({ source: "shop", run_id: run.run_id, pages: 2, requests: 2 });
    expect(await finish(lake.ports, finishEventOf(source, run))).toMatchObject({
      status: "done",
      rows: 5,
      resources: 3,
    });
  });

  test("return the same outcome for a resource that is done, without a request", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, ["items"]);
    const run = await openRun(lake, source);
    const first = await runTask(lake, source, "items", run);
    const requestsBefore = api.requests.length;
    expect(await runTask(lake, source, "items", run)).toEqual(first);
    expect(api.requests).toHaveLength(requestsBefore);
  });

  test("skip a resource that the start options leave out, as not_in_run", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    const run = await openRun(lake, source, "execution-1", { resources: ["lines"] });
    expect(run.resources?.toSorted()).toEqual(["lines", "orders"]);
    expect(await runTask(lake, source, "items", run)).toMatchObject({ status: "skipped", reason: "not_in_run" });
    expect(api.requests).toEqual([]);
  });

  test("report failures with name and message, whatever the format of their cause", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    const run = await openRun(lake, source);
    const failures = {
      orders: {
        Error: "AuthError",
        Cause: '{"errorType":"AuthError","errorMessage":"the API returned 401","trace":["x"]}',
      },
      lines: { Error: "States.Timeout", Cause: "" },
      items: { Error: "Lambda.Unknown", Cause: "The cause could not be determined" },
    };
    await expect(finish(lake.ports, finishEventOf(source, run, failures))).rejects.toThrow(RunFailedError);
    const { resources } = await lake.json(`reports/shop/${run.run_id}.json`);
    expect(resources.map(({ error }: { error: unknown }) => error)).toMatchObject([
      { name: "AuthError", message: "the API returned 401" },
      { name: "States.Timeout", message: "" },
      { name: "Lambda.Unknown", message: "The cause could not be determined" },
    ]);
  });
});

describe("a second execution", () => {
  test("is skipped at open with the owner and the expiry of the lease", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    const run = await openRun(lake, source);
    const { lease } = await storedRun(lake);
    expect(await open(lake.ports, openEventOf(source, "execution-2"))).toEqual({
      status: "skipped",
      source: "shop",
      run_id: run.run_id,
      owner: "execution-1",
      expires_at: lease?.expires_at,
    });
  });

  test("that has taken over stops the first one at its next task", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    const first = await openRun(lake, source);
    lake.clock.advance(60 * MINUTE);
    await openRun(lake, source, "execution-2");
    expect(await runTask(lake, source, "items", first)).toMatchObject({
      status: "skipped",
      reason: "lease",
      owner: "execution-2",
    });
    expect(api.requests).toEqual([]);
  });

  test("that is a successor has the owner's lease and start options, and opens no new run", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    const first = await openRun(lake, source, "execution-1", { new_run: true, resources: ["items"] });
    const second = await openRun(lake, source, "execution-2", first.successor);
    expect(second).toEqual(first);
    // With new_run, each successor of a long run would start over.
    expect(first.successor).not.toHaveProperty("new_run");
  });
});

describe("a resource that is started alone", () => {
  test("joins the open run, loads its rows and releases the lease", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    const outcome = await startAlone(lake, source, "items", { key1: "value1" });
    expect(outcome).toMatchObject({ status: "done", rows: 1 });
    expect(await storedRun(lake)).toMatchObject({ run_id: outcome.run_id, lease: null, closed_at: null });
    expect((await openRun(lake, source)).run_id).toBe(outcome.run_id);
  });

  test("releases the lease also when it fails", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    await expect(startAlone(lake, source, "lines")).rejects.toThrow(ParentError);
    expect((await storedRun(lake)).lease).toBeNull();
  });

  test("is skipped while an execution has the lease", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    await openRun(lake, source);
    const outcome = await startAlone(lake, source, "items");
    expect(outcome).toMatchObject({ status: "skipped", reason: "lease", owner: "execution-1" });
    expect(outcome.expires_at).toMatch(/^2026-11-20T09:/);
  });

  test("is a ConfigError when its start options leave it out", async () => {
    await using lake = await startLake();
    await using api = await startApi({});
    const source = sourceOf(api, RESOURCES);
    await expect(startAlone(lake, source, "lines", { resources: ["orders"] })).rejects.toThrow(
      /^shop\.lines: start option resources leaves out/,
    );
  });

  test("is loaded when its start options name its child, which includes the parent", async () => {
    await using lake = await startLake();
    await using api = await startApi({});
    const source = sourceOf(api, RESOURCES);
    expect(await startAlone(lake, source, "orders", { resources: ["lines"] })).toMatchObject({ status: "done" });
  });
});

test("a child without its parent's manifest is a ParentError that names both", async () => {
  await using lake = await startLake();
  await using api = await startApi(PAGES);
  const source = sourceOf(api, RESOURCES);
  const run = await openRun(lake, source);
  await expect(runTask(lake, source, "lines", run)).rejects.toThrow(ParentError);
  await expect(runTask(lake, source, "lines", run)).rejects.toThrow(/shop\.lines: its parent orders is not done/);
});

test("finish outside of the state machine is a ConfigError, and writes nothing", async () => {
  await using lake = await startLake();
  await expect(finish(lake.ports, {} as never)).rejects.toThrow(ConfigError);
  expect(await lake.keys()).toEqual([]);
});

test("an unknown resource is a ConfigError that names the known ones", async () => {
  await using lake = await startLake();
  await using api = await startApi(PAGES);
  await expect(startAlone(lake, sourceOf(api, RESOURCES), "order")).rejects.toThrow(
    /unknown resource "order": choose from orders/,
  );
  expect(await lake.keys()).toEqual([]);
});

test("the lease lasts longer than the wait that a task returns", async () => {
  await using lake = await startLake();
  await using api = await startApi(PAGES);
  const source = sourceOf(api, ["items"], { max_inline_wait: 0 });
  const run = await openRun(lake, source);
  lake.ports.fetch = async () => new Response("{}", { status: 429, headers: { "retry-after": "3600" } });
  const outcome = await runTask(lake, source, "items", run);
  expect(outcome).toMatchObject({ status: "throttled", retry_after_seconds: expect.any(Number) });
  expect(outcome.retry_after_seconds).toBeGreaterThanOrEqual(3600);
  const { lease } = await lake.json(RUN_KEY);
  expect(Date.parse(lease.expires_at)).toBeGreaterThan(lake.clock.now() + 3600 * 1000);
});
