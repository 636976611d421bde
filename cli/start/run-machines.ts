import type { CompiledStateMachine } from "../../local/compiled.ts";
import type { EventSink } from "../../local/events.ts";
import type { OfflineStack } from "../../local/offline-stack.ts";
import { deadOwner, localOwner } from "../../local/owner.ts";
import { ServerlessError } from "../../local/serverless.ts";
import { type Execution, execute } from "../../local/state-machine/index.ts";

/** Options of all executions. */
export interface MachineOptions {
  /** Folder of the local lake. */
  out: string;
  wait_scale: number;
  stop: AbortSignal;
  sink: EventSink;
}

/** The compiled state machine of a source. */
export interface SourceMachine {
  source: string;
  machine: CompiledStateMachine;
}

/** Returns the function that runs a Task: it invokes the state's Lambda, and emits events about its resource. */
const createTask =
  (stack: OfflineStack, { source, machine }: SourceMachine, sink: EventSink) =>
  async (state: string, input: unknown): Promise<unknown> => {
    const isResource = state !== "open" && state !== "finish";
    if (isResource) sink({ type: "resource", source, resource: state });
    try {
      const result = (await stack.invoke(machine.lambdas.get(state) ?? state, input)) as { run_id?: string };
      if (isResource) sink({ ...result, type: "outcome", source, resource: state });
      else if (state === "open") sink({ type: "run", source, run_id: result.run_id });
      return result;
    } catch (error) {
      const { name, message } = error as Error;
      // The end of serverless-offline is reported once, not for each resource.
      if (isResource && !(error instanceof ServerlessError)) {
        sink({ type: "failure", source, resource: state, name, message });
      }
      throw error;
    }
  };

const runMachine = async (
  stack: OfflineStack,
  sourceMachine: SourceMachine,
  { out, wait_scale, stop, sink }: MachineOptions,
): Promise<Execution> => {
  const { source, machine } = sourceMachine;
  const input = { dead_owner: deadOwner(out, source) };
  const execution = await execute(machine.definition, input, createTask(stack, sourceMachine, sink), {
    owner: localOwner(),
    wait_scale,
    stop,
    onWait: (resource, seconds) =>
      sink({ type: "waiting", source, resource, seconds, scaled_seconds: seconds * wait_scale }),
  });
  sink({ type: "ended", source });
  return execution;
};

/**
 * Executes the state machines of all sources at the same time. Their Tasks invoke the Lambdas of the stack.
 *
 * @throws ServerlessError if serverless-offline ends during the executions.
 */
export const runMachines = async (
  stack: OfflineStack,
  machines: SourceMachine[],
  options: MachineOptions,
): Promise<Execution[]> => {
  const failure = new AbortController();
  const stop = AbortSignal.any([options.stop, failure.signal]);
  const executions = machines.map((machine) => runMachine(stack, machine, { ...options, stop }));
  const failed = stack.gone.then((error) => {
    failure.abort(error);
    throw error;
  });
  return await Promise.race([Promise.all(executions), failed]);
};
