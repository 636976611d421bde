import type { Ending } from "./timeline.ts";

/** States that a state machine enters, which Step Functions bills. Counted in its definition by `infra/transitions.ts`. */
export interface Transitions {
  /** For an invocation of a resource, by how it ended. */
  invocation: Record<Ending, number>;
  /** For an execution besides its resources, by how `finish` ended. */
  execution: Record<"done" | "failed", number>;
}

/** Transitions where no state machine is involved. */
export const NO_TRANSITIONS: Transitions = {
  invocation: { done: 0, partial: 0, throttled: 0, failed: 0 },
  execution: { done: 0, failed: 0 },
};
