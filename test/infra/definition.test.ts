import { describe, expect, test } from "vitest";
import { MAX_ROUNDS, stateMachineDefinition } from "../../infra/definition.ts";
import type { State } from "../../infra/transitions.ts";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import { RESERVED_NAMES } from "../../lib/config/schema/primitives.ts";
import type { Transitions } from "../../lib/metering/transitions.ts";
import { type Execution, execute } from "../../local/state-machine/index.ts";

/** Customers, orders, and the orders' returns. */
const shop = resolveSource(
  defineSource({
    name: "shop",
    client: { base_url: "https://api.shop.test", paginator: { type: "single_page" } },
    resources: [
      "customers",
      {
        name: "returns",
        endpoint: {
          path: "orders/{order}/returns",
          params: { order: { type: "resolve", resource: "orders", field: "id" } },
        },
      },
      "orders",
    ],
  }),
);
const definition = stateMachineDefinition(shop, {
  open: "open",
  finish: "finish",
  resource: (name) => name,
  timeout: 900,
});

test("the config schema reserves the name of every fixed state", () => {
  const fixed = Object.keys(definition.States).filter((name) => /^[a-z][a-z0-9_]*$/.test(name));
  const names = new Set(shop.resources.map(({ name }) => name));
  expect(fixed.filter((name) => !names.has(name) && !RESERVED_NAMES.has(name))).toEqual([]);
});

const RUN_ID = "20261120T030000Z-1a2b3c4d";
const handleOf = (owner: string) => ({
  status: "open",
  run_id: RUN_ID,
  owner,
  resources: null,
  successor: { refresh: null, window: null, resources: null, owner },
});
const done = { status: "done", rows: 1 };
const partial = { status: "partial" };
const throttled = { status: "throttled", retry_after_seconds: 90 };
const fail = (name: string, message: string) => Object.assign(new Error(message), { name });

interface OpenInput {
  owner: string;
  input: object;
}
interface FinishInput {
  run: object;
  failures: Record<string, { Error: string; Cause: string }>;
}

/** Results of each Task, in order; the last one is repeated. Errors are thrown. */
type Script = Record<string, (unknown | ((input: never) => unknown))[]>;

/** Runs the state machine with scripted Tasks. */
const run = async (script: Script, input: object = {}) => {
  const entered: string[] = [];
  const calls: { state: string; input: unknown }[] = [];
  const waits: [string, number][] = [];
  const counts = new Map<string, number>();
  const results: Script = {
    open: [({ owner }: OpenInput) => handleOf(owner)],
    finish: [{ status: "done", source: "shop" }],
    ...script,
  };
  const execution = await execute(
    definition,
    input,
    async (state, taskInput) => {
      calls.push({ state, input: structuredClone(taskInput) });
      const list = results[state] ?? [done];
      const index = counts.get(state) ?? 0;
      counts.set(state, index + 1);
      const result = list[Math.min(index, list.length - 1)];
      if (result instanceof Error) throw result;
      return typeof result === "function" ? (result as (input: unknown) => unknown)(taskInput) : result;
    },
    {
      owner: "execution:1",
      wait_scale: 0.0001,
      onWait: (state, seconds) => waits.push([state, seconds]),
      onState: (state) => entered.push(state),
    },
  );
  const inputs = <Input>(state: string) =>
    calls.filter((call) => call.state === state).map((call) => call.input as Input);
  return { execution, states: calls.map(({ state }) => state), waits, inputs, entered };
};

const succeeded = (execution: Execution) => {
  if (execution.status !== "succeeded") throw new Error(JSON.stringify(execution));
  return execution.output;
};

describe("a run without failures", () => {
  test("opens, reads each resource after its parent, and finishes", async () => {
    const { execution, states, inputs } = await run({}, { key1: "value1" });
    expect(states).toEqual(["open", "customers", "orders", "returns", "finish"]);
    expect(succeeded(execution)).toEqual({ status: "done", source: "shop" });
    expect(inputs<OpenInput>("open")).toEqual([
      {
        source: "shop",
        resources: [
          { name: "customers", table: "customers", parent: null, selected: true, incremental: false },
          { name: "orders", table: "orders", parent: null, selected: true, incremental: false },
          { name: "returns", table: "returns", parent: "orders", selected: true, incremental: false },
        ],
        bounds: { max_run_age: 604_800, fresh_after: 43_200 },
        transitions: {
          invocation: { done: 2, partial: 4, throttled: 5, failed: 1 },
          execution: { done: 6, failed: 4 },
        },
        input: { key1: "value1" },
        owner: "execution:1",
      },
    ]);
    expect(inputs("orders")).toEqual([{ run: handleOf("execution:1") }]);
    expect(inputs<FinishInput>("finish")).toMatchObject([{ source: "shop", run: handleOf("execution:1") }]);
    expect(inputs<FinishInput>("finish")[0]?.failures).toEqual({});
  });

  test("invokes a resource whose time budget is spent again, until it is done", async () => {
    const { states, waits } = await run({ orders: [partial, partial, done] });
    expect(states).toEqual(["open", "customers", "orders", "orders", "orders", "returns", "finish"]);
    expect(waits).toEqual([]);
  });

  test("waits as long as the API requests, then invokes the resource again", async () => {
    const { states, waits } = await run({ orders: [throttled, { status: "throttled", retry_after_seconds: 5 }, done] });
    expect(states).toEqual(["open", "customers", "orders", "orders", "orders", "returns", "finish"]);
    expect(waits).toEqual([
      ["orders", 90],
      ["orders", 5],
    ]);
    expect(definition.States["orders: wait"]).toMatchObject({
      Type: "Wait",
      SecondsPath: "$.outcome.retry_after_seconds",
    });
  });

  test("skips resources that the start options leave out", async () => {
    const { execution, states } = await run({ customers: [{ status: "skipped", reason: "not_in_run" }] });
    expect(states).toEqual(["open", "customers", "orders", "returns", "finish"]);
    expect(succeeded(execution)).toMatchObject({ status: "done" });
  });
});

describe("a failure", () => {
  test("is recorded, the other resources are loaded, and finish receives its Error and Cause", async () => {
    const { states, inputs } = await run({
      customers: [fail("ResponseError", "HTML")],
      orders: [partial, fail("AuthError", "401")],
      returns: [fail("ParentError", "its parent orders is not done")],
    });
    expect(states).toEqual(["open", "customers", "orders", "orders", "returns", "finish"]);
    expect(inputs<FinishInput>("finish")[0]?.failures).toEqual({
      customers: { Error: "ResponseError", Cause: "HTML" },
      orders: { Error: "AuthError", Cause: "401" },
      returns: { Error: "ParentError", Cause: "its parent orders is not done" },
    });
  });

  test("of finish fails the execution with its named error", async () => {
    const { execution } = await run({ finish: [fail("RunFailedError", "shop: 1 of 3 resources failed")] });
    expect(execution).toEqual({ status: "failed", error: "RunFailedError", cause: "shop: 1 of 3 resources failed" });
  });

  test("of open fails the execution before anything is read", async () => {
    const { execution, states } = await run({ open: [fail("ConfigError", "there is no resource nope")] });
    expect(states).toEqual(["open"]);
    expect(execution).toMatchObject({ status: "failed", error: "ConfigError" });
  });
});

describe("finish", () => {
  test("returns again: all resources are invoked again, and earlier failures are dropped", async () => {
    const { states, inputs } = await run({
      orders: [fail("HttpError", "502"), done],
      finish: [{ status: "again" }, { status: "done" }],
    });
    const round = ["customers", "orders", "returns", "finish"];
    expect(states).toEqual(["open", ...round, ...round]);
    expect(inputs<FinishInput>("finish").map(({ failures }) => Object.keys(failures))).toEqual([["orders"], []]);
  });

  test("returns fresh: the next run is opened with the same input, and earlier failures are dropped", async () => {
    const next = { ...handleOf("execution:1"), run_id: "20261121T030000Z-00000000" };
    const { states, inputs } = await run(
      {
        open: [handleOf("execution:1"), next],
        orders: [fail("HttpError", "502"), done],
        finish: [{ status: "fresh" }, { status: "done" }],
      },
      { refresh: "full" },
    );
    const round = ["open", "customers", "orders", "returns", "finish"];
    expect(states).toEqual([...round, ...round]);
    expect(inputs<OpenInput>("open").map(({ input }) => input)).toEqual([{ refresh: "full" }, { refresh: "full" }]);
    expect(inputs("customers")).toEqual([{ run: handleOf("execution:1") }, { run: next }]);
    expect(inputs<FinishInput>("finish")[1]).toMatchObject({ run: next });
    expect(inputs<FinishInput>("finish").map(({ failures }) => Object.keys(failures))).toEqual([["orders"], []]);
  });
});

describe("a source with another execution's lease", () => {
  const other = { status: "skipped", owner: "execution:0", expires_at: "2026-11-20T04:00:00Z" };

  test("ends the execution as skipped, with owner and expiry of the lease", async () => {
    const { execution, states } = await run({ open: [{ ...other, run_id: RUN_ID }] });
    expect(states).toEqual(["open"]);
    expect(succeeded(execution)).toEqual({ ...other, run_id: RUN_ID });
  });

  test("ends the execution as soon as the lease is lost midway", async () => {
    const { execution, states } = await run({ orders: [partial, { ...other, reason: "lease" }] });
    expect(states).toEqual(["open", "customers", "orders", "orders"]);
    expect(succeeded(execution)).toEqual({ ...other, reason: "lease" });
  });
});

describe("a very long run", () => {
  test("continues in a successor before the history is full, with the same owner and start options", async () => {
    const successor = { refresh: "full", window: null, resources: ["orders"], owner: "execution:1" };
    const { execution, states, inputs } = await run(
      {
        open: [
          ({ owner }: OpenInput) => ({ ...handleOf(owner), successor }),
          ({ input }: OpenInput) => handleOf((input as { owner: string }).owner),
        ],
        orders: [...Array(MAX_ROUNDS).fill(partial), done],
      },
      { refresh: "full", resources: ["orders"], new_run: true },
    );
    expect(states.filter((state) => state === "orders")).toHaveLength(MAX_ROUNDS + 1);
    expect(states.filter((state) => state === "open")).toHaveLength(2);
    // The successor joins the open run and must not request a new one.
    expect(inputs<OpenInput>("open")[1]?.input).toEqual(successor);
    expect(states.slice(-5)).toEqual(["open", "customers", "orders", "returns", "finish"]);
    expect(succeeded(execution)).toEqual({ status: "done", source: "shop" });
  });

  test("counts rounds of all resources and waits together, and stays below 25,000 events", async () => {
    const half = MAX_ROUNDS / 2;
    const { states } = await run({
      customers: [...Array(half).fill({ status: "throttled", retry_after_seconds: 1 }), done],
      orders: [...Array(half).fill(partial), done],
    });
    expect(states.filter((state) => state === "open")).toHaveLength(2);
    // A round: Task with five retries, outcome, wait, round, limit. And the first round of 200 resources: Task and outcome.
    const maxEvents = MAX_ROUNDS * (5 + 5 * 3 + 4 * 2) + 200 * (5 + 5 * 3 + 2);
    expect(maxEvents).toBeLessThan(25_000);
  });
});

describe("the transitions that open receives", () => {
  const { transitions } = (definition.States.open as State).Parameters as { transitions: Transitions };
  const of = (entered: string[], resource: string) => entered.filter((state) => state.split(":")[0] === resource);

  test.each([
    ["done", done, []],
    ["partial", partial, [done]],
    ["throttled", throttled, [done]],
    ["failed", fail("HttpError", "502"), []],
  ] as const)("count the states entered for an invocation that ends as %s", async (ending, result, rest) => {
    for (const resource of ["customers", "orders", "returns"]) {
      const { entered } = await run({ [resource]: [result, ...rest] });
      const further = rest.length * transitions.invocation.done;
      expect(of(entered, resource)).toHaveLength(transitions.invocation[ending] + further);
    }
  });

  test.each([
    ["done", { status: "done" }],
    ["failed", fail("RunFailedError", "1 of 3 resources failed")],
  ] as const)("count the states entered besides the resources in an execution that is %s", async (ending, result) => {
    const { entered } = await run({ finish: [result] });
    const ofResources = ["customers", "orders", "returns"].flatMap((resource) => of(entered, resource));
    expect(entered.length - ofResources.length).toBe(transitions.execution[ending]);
  });
});
