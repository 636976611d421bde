import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { StateMachineDefinition } from "../../infra/definition.ts";
import { ThrottledError } from "../../lib/errors/index.ts";
import { execute } from "../../local/state-machine/index.ts";

/** Longer than the timeout of any test. */
const SECONDS = 3600;

/** Two Tasks with a Wait between them. */
const definition = {
  StartAt: "first",
  States: {
    first: { Type: "Task", Resource: "x", Next: "first: wait" },
    "first: wait": { Type: "Wait", SecondsPath: "$.retry_after_seconds", Next: "second" },
    second: { Type: "Task", Resource: "x", Next: "done" },
    done: { Type: "Succeed" },
  },
} as unknown as StateMachineDefinition;

const run = async (
  task: (state: string, stop: () => void) => Promise<object>,
  { wait_scale = 0, isStopped = false, stopInWait = false } = {},
) => {
  const controller = new AbortController();
  const tasks: string[] = [];
  if (isStopped) controller.abort();
  const execution = await execute(
    definition,
    {},
    (state) => {
      tasks.push(state);
      return task(state, () => controller.abort());
    },
    {
      owner: "test",
      wait_scale,
      stop: controller.signal,
      onState: (state) => void (stopInWait && state === "first: wait" && controller.abort()),
    },
  );
  return { execution, tasks };
};

const succeed = async () => ({ retry_after_seconds: SECONDS });

test("a state machine executes its states in order, with scaled waits", async () => {
  expect(await run(succeed)).toEqual({
    execution: { status: "succeeded", output: { retry_after_seconds: SECONDS } },
    tasks: ["first", "second"],
  });
});

test("an error of a Task ends the execution with its name and message", async () => {
  const { execution } = await run(() => Promise.reject(new ThrottledError("too much")));
  expect(execution).toEqual({ status: "failed", error: "ThrottledError", cause: "too much" });
});

test("a state machine that is stopped before its start does nothing", async () => {
  expect(await run(succeed, { isStopped: true })).toEqual({ execution: { status: "stopped" }, tasks: [] });
});

test("a state machine that is stopped during a Task finishes that Task and starts no other", async () => {
  let isOver = false;
  const { execution, tasks } = await run(async (_state, stop) => {
    stop();
    await sleep(50);
    isOver = true;
    return { retry_after_seconds: 0 };
  });
  expect({ execution, tasks, isOver }).toEqual({ execution: { status: "stopped" }, tasks: ["first"], isOver: true });
});

test("a state machine that is stopped during its last Task succeeds", async () => {
  const { execution } = await run(async (state, stop) => {
    await sleep(5);
    if (state === "second") stop();
    return { retry_after_seconds: 0 };
  });
  expect(execution.status).toBe("succeeded");
});

test("a state machine that is stopped during a wait ends immediately", async () => {
  const { execution, tasks } = await run(succeed, { wait_scale: 1, stopInWait: true });
  expect({ execution, tasks }).toEqual({ execution: { status: "stopped" }, tasks: ["first"] });
});
