import { setTimeout as sleep } from "node:timers/promises";
import type { StateMachineDefinition } from "../../infra/definition.ts";
import {
  createTasks,
  LAMBDA_RESOURCE,
  type RunTask,
  SUCCESSOR_RESOURCE,
  type TaskOptions,
  type Tasks,
} from "./tasks.ts";

export type { RunTask } from "./tasks.ts";

/** How an execution ended. */
export type Execution =
  | { status: "succeeded"; output: unknown }
  | { status: "failed"; error: string; cause: string }
  | { status: "stopped" };

/** How a state machine is executed. */
export interface ExecuteOptions extends TaskOptions {
  /** Id of the execution, which owns the lease. */
  owner: string;
  /** Called with the name of every state that is entered: a state transition, as Step Functions bills it. */
  onState?: (state: string) => void;
}

/** Milliseconds in which a stopped execution may reach its end when no Task is left. */
const LAST_STEPS = 20;

/** Definitions that were found valid. Validation takes longer than an execution. */
const validated = new WeakSet<StateMachineDefinition>();

/** Creates the runner's state machine. */
const load = async (definition: StateMachineDefinition) => {
  // Before the deployment the Lambdas have no ARNs, but the definition must be valid. Handlers take their place.
  const States = Object.fromEntries(
    Object.entries(definition.States).map(([name, state]) => [
      name,
      state.Type === "Task" && state.Resource !== SUCCESSOR_RESOURCE ? { ...state, Resource: LAMBDA_RESOURCE } : state,
    ]),
  );
  // Loaded late, because it is slow: invalid arguments and configs are reported before.
  const { StateMachine } = await import("aws-local-stepfunctions");
  const stateMachine = new StateMachine({ ...definition, States } as never, {
    validationOptions: { checkArn: false, checkPaths: false, noValidate: validated.has(definition) },
  });
  validated.add(definition);
  return stateMachine;
};

/** Reads the runner's events to their end, where there is a callback for states. */
const reportStates = async (events: AsyncIterable<object>, onState: ExecuteOptions["onState"]): Promise<void> => {
  if (onState === undefined) return;
  for await (const event of events) {
    const { type, state } = event as { type: string; state?: { name: string } };
    if (type === "StateEntered" && state !== undefined) onState(state.name);
  }
};

/** Executes a state machine up to its end, or up to the start of a successor execution. */
const executeOnce = async (
  definition: StateMachineDefinition,
  input: object,
  tasks: Tasks,
  { owner, stop, onState }: ExecuteOptions,
): Promise<Execution> => {
  const stateMachine = await load(definition);
  const context = { Execution: { Id: owner, Input: input }, StateMachine: { Id: "local" } };
  const execution = stateMachine.run(input as never, {
    overrides: { taskResourceLocalHandlers: tasks.handlers, waitTimeOverrides: tasks.waits },
    context: context as never,
  });
  const reported = reportStates(execution.eventLogs, onState);
  const onStop = async () => {
    if (await tasks.settle()) await sleep(LAST_STEPS);
    execution.abort();
  };
  stop?.addEventListener("abort", onStop, { once: true });
  try {
    return { status: "succeeded", output: await execution.result };
  } catch (error) {
    if (stop?.aborted) return { status: "stopped" };
    // The runner wraps the error that ended the execution.
    const { name, message } = ((error as Error).cause ?? error) as Error;
    return { status: "failed", error: name, cause: message };
  } finally {
    await reported;
    stop?.removeEventListener("abort", onStop);
  }
};

/**
 * Executes a compiled definition on this machine, as Step Functions would: the same states, retries and catches. Successor
 * executions are part of it.
 */
export const execute = async (
  definition: StateMachineDefinition,
  input: object,
  runTask: RunTask,
  options: ExecuteOptions,
): Promise<Execution> => {
  for (let nextInput = input; ; ) {
    const tasks = createTasks(definition, runTask, options);
    const execution = await executeOnce(definition, nextInput, tasks, options);
    const successorInput = tasks.successorInput();
    if (execution.status !== "succeeded" || successorInput === null) return execution;
    nextInput = successorInput;
    await sleep(0);
  }
};
