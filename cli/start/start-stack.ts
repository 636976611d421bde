import { type CompiledStateMachine, compiledStateMachines, compileStack } from "../../local/compiled.ts";
import { type OfflineStack, type OfflineStackOptions, startOfflineStack } from "../../local/offline-stack.ts";

/** The running stack, and its compiled state machines by source. */
export interface CompiledStack {
  stack: OfflineStack;
  machines: Map<string, CompiledStateMachine>;
}

/**
 * Starts the stack and compiles its state machines at the same time, because each takes a while. If one of the two fails,
 * the other one is stopped.
 */
export const startStack = async (signal: AbortSignal, options: OfflineStackOptions): Promise<CompiledStack> => {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const compiling = compileStack(either);
  const starting = startOfflineStack({ ...options, signal: either });
  try {
    const [stack, template] = await Promise.all([starting, compiling]);
    return { stack, machines: new Map(compiledStateMachines(template).map((machine) => [machine.source, machine])) };
  } catch (error) {
    failure.abort(error);
    await Promise.allSettled([starting.then((stack) => stack.close()), compiling]);
    throw error;
  }
};
