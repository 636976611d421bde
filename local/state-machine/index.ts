import { setTimeout as sleep } from "node:timers/promises";
import type { Outcome } from "../../lib/extract/outcome.ts";

/** A state machine as Step Functions gets it. */
export interface Definition {
  StartAt: string;
  States: Record<string, { Type: string; Resource?: unknown; SecondsPath?: string; Next?: string }>;
}

/** Carries out one Task: gets the state's name and its input, returns its result or throws an error by name. */
export type Task = (state: string, input: unknown) => Promise<unknown>;

/** How an execution ended. */
export type Execution =
  | { status: "succeeded"; output: unknown }
  | { status: "failed"; error: string; cause: string }
  | { status: "stopped" };

/** Milliseconds that a stopped execution has to reach its end, when no Task is left to do. */
const LAST_STEPS = 20;

const LAMBDA_RESOURCE = "arn:aws:lambda:eu-central-1:000000000000:function:local";
const SUCCESSOR_RESOURCE = "arn:aws:states:::states:startExecution";

const waitStateOf = (definition: Definition, task: string): string | undefined => {
  const wait = `${task}: wait`;
  return definition.States[wait]?.Type === "Wait" ? wait : undefined;
};

/** Definitions that were found valid: to validate takes longer than to execute. */
const validated = new WeakSet<Definition>();

/** Reads the runner's events to their end, if someone wants to know. */
const tellStates = async (events: AsyncIterable<object>, onState: ((state: string) => void) | undefined) => {
  if (onState === undefined) return;
  for await (const event of events) {
    const { type, state } = event as { type: string; state?: { name: string } };
    if (type === "StateEntered" && state !== undefined) onState(state.name);
  }
};

/**
 * Executes a compiled definition on this machine, as Step Functions would: the same states, retries and catches.
 *
 * @param options.owner the execution's id, which owns its lease.
 * @param options.wait_scale factor on the machine's waits; what the API asked for stays what the report says.
 * @param options.stop ends the execution as soon as the Task under way has returned; no other one begins.
 * @param options.onWait is told when the machine waits.
 * @param options.onState is told of every state that is entered, by its name: what Step Functions bills as a transition.
 */
export const execute = async (
  definition: Definition,
  input: object,
  task: Task,
  options: {
    owner: string;
    wait_scale: number;
    stop?: AbortSignal;
    onWait?: (task: string, seconds: number) => void;
    onState?: (state: string) => void;
  },
): Promise<Execution> => {
  const waitTimeOverrides: Record<string, number> = {};
  const running = new Set<Promise<unknown>>();
  let successor: object | undefined;

  const carryOut = async (state: string, taskInput: unknown): Promise<unknown> => {
    const result = await task(state, taskInput);
    const { retry_after_seconds } = (result ?? {}) as Partial<Outcome>;
    const wait = waitStateOf(definition, state);
    if (wait !== undefined && retry_after_seconds !== undefined) {
      waitTimeOverrides[wait] = retry_after_seconds * 1000 * options.wait_scale;
      options.onWait?.(state, retry_after_seconds);
    }
    return result;
  };

  const handlers = Object.fromEntries(
    Object.entries(definition.States)
      .filter(([, { Type }]) => Type === "Task")
      .map(([state, { Resource }]) => [
        state,
        async (taskInput: unknown): Promise<never> => {
          if (options.stop?.aborted) throw new Error("stopped");
          if (Resource === SUCCESSOR_RESOURCE) {
            successor = (taskInput as { Input: object }).Input;
            return {} as never;
          }
          const work = carryOut(state, taskInput);
          running.add(work);
          try {
            return (await work) as never;
          } finally {
            running.delete(work);
          }
        },
      ]),
  );

  // CloudFormation has yet to fill in the Lambdas' ARNs; the handlers take their place, but the definition must be valid.
  const States = Object.fromEntries(
    Object.entries(definition.States).map(([name, state]) => [
      name,
      state.Type === "Task" && state.Resource !== SUCCESSOR_RESOURCE ? { ...state, Resource: LAMBDA_RESOURCE } : state,
    ]),
  );
  // Loaded late: it takes a while, and a mistake in the arguments or the config is told without it.
  const { StateMachine } = await import("aws-local-stepfunctions");
  const machine = new StateMachine({ ...definition, States } as never, {
    validationOptions: { checkArn: false, checkPaths: false, noValidate: validated.has(definition) },
  });
  validated.add(definition);
  const context = { Execution: { Id: options.owner, Input: input }, StateMachine: { Id: "local" } };
  const execution = machine.run(input as never, {
    overrides: { taskResourceLocalHandlers: handlers, waitTimeOverrides },
    context: context as never,
  });
  const told = tellStates(execution.eventLogs, options.onState);
  const onStop = async () => {
    const underWay = [...running];
    await Promise.allSettled(underWay);
    if (underWay.length > 0) await sleep(LAST_STEPS);
    execution.abort();
  };
  options.stop?.addEventListener("abort", onStop, { once: true });
  try {
    const output = await execution.result;
    if (successor === undefined) return { status: "succeeded", output };
  } catch (error) {
    if (options.stop?.aborted) return { status: "stopped" };
    // The runner wraps what ended the execution: the name that the machine's user knows is inside.
    const { name, message } = ((error as Error).cause ?? error) as Error;
    return { status: "failed", error: name, cause: message };
  } finally {
    await told;
    options.stop?.removeEventListener("abort", onStop);
  }
  await sleep(0);
  return execute(definition, successor, task, options);
};
