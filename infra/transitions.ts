import type { Transitions } from "../lib/metering/transitions.ts";

/** The fields of a state that decide which state comes next. */
export interface State {
  Type: string;
  Next?: string;
  Choices?: { StringEquals?: string; Next: string; [field: string]: unknown }[];
  Default?: string;
  Catch?: { Next: string; [field: string]: unknown }[];
  [field: string]: unknown;
}

/** Returns the name of the next state, given the status that a Task returned; undefined at the end. */
const nextState = ({ Type, Next, Choices, Default, Catch }: State, status: string): string | undefined => {
  if (Type === "Choice") return Choices?.find(({ StringEquals }) => StringEquals === status)?.Next ?? Default;
  if (Type === "Task" && status === "failed") return Catch?.[0]?.Next;
  return Next;
};

/** Counts the states entered from one state up to one of others, or up to the end. */
const countStates = (states: Record<string, State>, from: string, upTo: string[], status: string): number => {
  let count = 0;
  let name: string | undefined = from;
  do {
    const state: State | undefined = states[name];
    if (state === undefined) throw new Error(`the definition has no state ${name}`);
    count += 1;
    name = nextState(state, status);
  } while (name !== undefined && !upTo.includes(name));
  return count;
};

/**
 * Counts the states that a state machine enters, by following its transitions.
 *
 * @param first the Task of its first resource; those of the others have the same states around them.
 * @param second the state after this resource.
 */
export const countTransitions = (states: Record<string, State>, first: string, second: string): Transitions => {
  const invocation = (status: string) => countStates(states, first, [first, second], status);
  const opening = countStates(states, "start", [first], "open");
  return {
    invocation: {
      done: invocation("done"),
      partial: invocation("partial"),
      throttled: invocation("throttled"),
      failed: invocation("failed"),
    },
    execution: {
      done: opening + countStates(states, "finish", [], "done"),
      failed: opening + countStates(states, "finish", [], "failed"),
    },
  };
};
