import { describe, expect, test } from "vitest";
import type { ResolvedSource } from "../../lib/config/resolve.ts";
import { ConfigError, ParentError, RunFailedError } from "../../lib/errors/index.ts";
import { NO_TRANSITIONS } from "../../lib/metering/transitions.ts";
import { type FinishEvent, finish } from "../../lib/run/finish.ts";
import { open } from "../../lib/run/open.ts";
import type { RunHandle } from "../../lib/run/run-handle.ts";
import { resourceFactsOf } from "../../lib/run/source-facts.ts";
import { work } from "../../lib/run/work.ts";
import { type Lake, startLake } from "../lake/lake.fixture.ts";
import { sourceOf, startApi } from "./api.fixture.ts";
import { BOUNDS, MINUTE, RUN_KEY, storedRun } from "./run.fixture.ts";

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

const openEvent = (source: ResolvedSource, input: object = {}, owner = "execution-1") => ({
  source: source.name,
  resources: resourceFactsOf(source),
  bounds: BOUNDS,
  transitions: NO_TRANSITIONS,
  input: input as never,
  owner,
});
const ticketOf = async (lake: Lake, source: ResolvedSource, input: object = {}, owner = "execution-1") => {
  const result = await open(lake.ports, openEvent(source, input, owner));
  if (result.status !== "open") throw new Error("skipped");
  return result;
};
let invocations = 0;
const task = (lake: Lake, source: ResolvedSource, resource: string, run: RunHandle) =>
  work(lake.ports, source, resource, { run }, { id: `invocation-${++invocations}`, time: TIME });
const byHand = (lake: Lake, source: ResolvedSource, resource: string, event: unknown = {}) =>
  work(lake.ports, source, resource, event, { id: `invocation-${++invocations}`, time: TIME });
const finishEvent = (source: ResolvedSource, run: RunHandle, failures: FinishEvent["failures"] = {}): FinishEvent => ({
  source: source.name,
  resources: resourceFactsOf(source),
  bounds: BOUNDS,
  run,
  failures,
});

describe("open, resource by resource, finish", () => {
  test("loads a source, and the outcomes say what was done", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    const run = await ticketOf(lake, source);
    const outcomes = [];
    for (const { name } of source.resources) outcomes.push(await task(lake, source, name, run));
    expect(outcomes.map(({ status, resource, rows, parts }) => [resource, status, rows, parts])).toEqual([
      ["orders", "done", 2, 1],
      ["lines", "done", 2, 1],
      ["items", "done", 1, 1],
    ]);
    expect(outcomes[0]).toMatchObject({ source: "shop", run_id: run.run_id, pages: 2, requests: 2 });
    expect(await finish(lake.ports, finishEvent(source, run))).toMatchObject({ status: "done", rows: 5, resources: 3 });
  });

  test("a task that is done answers at once, without a request", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, ["items"]);
    const run = await ticketOf(lake, source);
    const first = await task(lake, source, "items", run);
    const asked = api.requests.length;
    expect(await task(lake, source, "items", run)).toEqual(first);
    expect(api.requests).toHaveLength(asked);
  });

  test("a resource that this execution was not asked for is skipped as such", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    const run = await ticketOf(lake, source, { resources: ["lines"] });
    expect(run.resources?.toSorted()).toEqual(["lines", "orders"]);
    expect(await task(lake, source, "items", run)).toMatchObject({ status: "skipped", reason: "not_in_run" });
    expect(api.requests).toEqual([]);
  });

  test("a child without its parent's manifest is a ParentError that names both", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    const run = await ticketOf(lake, source);
    await expect(task(lake, source, "lines", run)).rejects.toThrow(ParentError);
    await expect(task(lake, source, "lines", run)).rejects.toThrow(/shop\.lines: its parent orders is not done/);
  });

  test("failures reach the report by name and message, whatever form their cause has", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    const run = await ticketOf(lake, source);
    const failures = {
      orders: {
        Error: "AuthError",
        Cause: '{"errorType":"AuthError","errorMessage":"the API returned 401","trace":["x"]}',
      },
      lines: { Error: "States.Timeout", Cause: "" },
      items: { Error: "Lambda.Unknown", Cause: "The cause could not be determined" },
    };
    await expect(finish(lake.ports, finishEvent(source, run, failures))).rejects.toThrow(RunFailedError);
    const { resources } = await lake.json(`reports/shop/${run.run_id}.json`);
    expect(resources.map(({ error }: { error: unknown }) => error)).toMatchObject([
      { name: "AuthError", message: "the API returned 401" },
      { name: "States.Timeout", message: "" },
      { name: "Lambda.Unknown", message: "The cause could not be determined" },
    ]);
  });
});

describe("a second execution", () => {
  test("ends whole as skipped, naming the owner and the expiry", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    const run = await ticketOf(lake, source);
    const { lease } = await storedRun(lake);
    expect(await open(lake.ports, openEvent(source, {}, "execution-2"))).toEqual({
      status: "skipped",
      source: "shop",
      run_id: run.run_id,
      owner: "execution-1",
      expires_at: lease?.expires_at,
    });
  });

  test("that took over stops the first one at its next task", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    const first = await ticketOf(lake, source);
    lake.clock.advance(60 * MINUTE);
    await ticketOf(lake, source, {}, "execution-2");
    expect(await task(lake, source, "items", first)).toMatchObject({
      status: "skipped",
      reason: "lease",
      owner: "execution-2",
    });
    expect(api.requests).toEqual([]);
  });

  test("started as a successor has its owner's lease and wish, and opens nothing new", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    const first = await ticketOf(lake, source, { new_run: true, resources: ["items"] });
    const second = await ticketOf(lake, source, first.successor, "execution-2");
    expect(second).toEqual(first);
    // Else each successor of a long run would start it over.
    expect(first.successor).not.toHaveProperty("new_run");
  });
});

describe("a resource started by hand with {}", () => {
  test("joins the open run, does its work and lets go of the lease", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    const outcome = await byHand(lake, source, "items", { key1: "value1" });
    expect(outcome).toMatchObject({ status: "done", rows: 1 });
    expect(await storedRun(lake)).toMatchObject({ run_id: outcome.run_id, lease: null, closed_at: null });
    expect((await ticketOf(lake, source)).run_id).toBe(outcome.run_id);
  });

  test("lets go of the lease also when it fails", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    await expect(byHand(lake, source, "lines")).rejects.toThrow(ParentError);
    expect((await storedRun(lake)).lease).toBeNull();
  });

  test("is skipped while an execution is at work", async () => {
    await using lake = await startLake();
    await using api = await startApi(PAGES);
    const source = sourceOf(api, RESOURCES);
    await ticketOf(lake, source);
    const outcome = await byHand(lake, source, "items");
    expect(outcome).toMatchObject({ status: "skipped", reason: "lease", owner: "execution-1" });
    expect(outcome.expires_at).toMatch(/^2026-11-20T09:/);
  });
});

test("finish by hand is a ConfigError, and touches nothing", async () => {
  await using lake = await startLake();
  await expect(finish(lake.ports, {} as never)).rejects.toThrow(ConfigError);
  expect(await lake.keys()).toEqual([]);
});

test("an unknown resource is a ConfigError that names those that exist", async () => {
  await using lake = await startLake();
  await using api = await startApi(PAGES);
  await expect(byHand(lake, sourceOf(api, RESOURCES), "order")).rejects.toThrow(
    /unknown resource "order": choose from orders/,
  );
  expect(await lake.keys()).toEqual([]);
});

test("the lease outlives the wait that a task asks for", async () => {
  await using lake = await startLake();
  await using api = await startApi(PAGES);
  const source = sourceOf(api, ["items"], { max_inline_wait: 0 });
  const run = await ticketOf(lake, source);
  lake.ports.fetch = async () => new Response("{}", { status: 429, headers: { "retry-after": "3600" } });
  const outcome = await task(lake, source, "items", run);
  expect(outcome).toMatchObject({ status: "throttled", retry_after_seconds: expect.any(Number) });
  expect(outcome.retry_after_seconds).toBeGreaterThanOrEqual(3600);
  const { lease } = await lake.json(RUN_KEY);
  expect(Date.parse(lease.expires_at)).toBeGreaterThan(lake.clock.now() + 3600 * 1000);
});
