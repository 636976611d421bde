import type { StateMachineDefinition } from "../../infra/definition.ts";
import type { Outcome } from "../../lib/extract/outcome.ts";
import { SECOND } from "../../lib/time/durations.ts";

/** Runs one Task: gets the state's name and its input, and returns its result or throws a named error. */
export type RunTask = (state: string, input: unknown) => Promise<unknown>;

/** Resource of a Task that invokes a Lambda, in place of the Lambda's ARN. */
export const LAMBDA_RESOURCE = "arn:aws:lambda:eu-central-1:000000000000:function:local";
/** Resource of the Task that starts a successor execution. */
export const SUCCESSOR_RESOURCE = "arn:aws:states:::states:startExecution";

/** How Tasks are run. */
export interface TaskOptions {
  /** Factor for the waits of the state machine. Reports contain the waits that the API requested. */
  wait_scale: number;
  /** Ends the execution when the Task in progress has returned. No other Task starts. */
  stop?: AbortSignal;
  /** Called when the state machine waits. */
  onWait?: (task: string, seconds: number) => void;
}

/** The Tasks of one execution. */
export interface Tasks {
  /** The runner's handler of each Task. */
  handlers: Record<string, (input: unknown) => Promise<never>>;
  /** Milliseconds of each Wait state. Filled in as Tasks return. */
  waits: Record<string, number>;
  /** Returns the input of the successor execution; null while none was started. */
  successorInput(): object | null;
  /** Waits for the Tasks in progress. Returns false when there were none. */
  settle(): Promise<boolean>;
}

/** Returns the Tasks of an execution. */
export const createTasks = (
  { States }: StateMachineDefinition,
  runTask: RunTask,
  { wait_scale, stop, onWait }: TaskOptions,
): Tasks => {
  const waits: Tasks["waits"] = {};
  const running = new Set<Promise<unknown>>();
  let successorInput: object | null = null;

  const run = async (name: string, input: unknown): Promise<unknown> => {
    const result = await runTask(name, input);
    const { retry_after_seconds } = (result ?? {}) as Partial<Outcome>;
    const wait = `${name}: wait`;
    if (States[wait]?.Type === "Wait" && retry_after_seconds !== undefined) {
      waits[wait] = retry_after_seconds * SECOND * wait_scale;
      onWait?.(name, retry_after_seconds);
    }
    return result;
  };

  const handle = async (name: string, input: unknown): Promise<unknown> => {
    if (stop?.aborted) throw new Error("stopped");
    if (States[name]?.Resource === SUCCESSOR_RESOURCE) {
      successorInput = (input as { Input: object }).Input;
      return {};
    }
    const task = run(name, input);
    running.add(task);
    return task.finally(() => running.delete(task));
  };

  const names = Object.keys(States).filter((name) => States[name]?.Type === "Task");
  return {
    handlers: Object.fromEntries(names.map((name) => [name, async (input) => (await handle(name, input)) as never])),
    waits,
    successorInput: () => successorInput,
    async settle() {
      const inProgress = [...running];
      await Promise.allSettled(inProgress);
      return inProgress.length > 0;
    },
  };
};
