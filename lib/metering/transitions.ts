import type { Ending } from "./timeline.ts";

/** State transitions, which Step Functions bills. `infra/transitions.ts` counts them in the definition of a state machine. */
export interface Transitions {
  /** Per invocation of a resource, by how it ended. */
  invocation: Record<Ending, number>;
  /** Per execution, without its resources, by how `finish` ended. */
  execution: Record<"done" | "failed", number>;
}

/** Transitions where no state machine is involved. */
export const NO_TRANSITIONS: Transitions = {
  invocation: { done: 0, partial: 0, throttled: 0, failed: 0 },
  execution: { done: 0, failed: 0 },
};
