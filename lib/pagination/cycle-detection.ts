/**
 * State of the detection of pagination loops, in constant memory (Brent's algorithm). It stores one earlier page, and replaces it
 * by the current page after 1, 2, 4, 8 ... steps. A loop of n pages is detected after at most 3n steps in it, however many
 * pages come before it.
 */
export interface CycleState {
  /** Hash of the stored page's state. */
  hash: string;
  /** Hash of the first page's rows, where the paginator counts; otherwise null. An API starts over there. */
  first: string | null;
  /** Steps since that page. */
  steps: number;
  /** Steps after which the current page replaces it. */
  power: number;
}

/** Returns the state at the first page. */
export const startCycleDetection = (hash: string, first: string | null = null): CycleState => ({
  hash,
  first,
  steps: 0,
  power: 1,
});

/** Returns the state after one more page; null if that page was read before. */
export const advanceCycleDetection = (cycle: CycleState, hash: string): CycleState | null => {
  if (hash === cycle.hash) return null;
  const steps = cycle.steps + 1;
  return steps < cycle.power ? { ...cycle, steps } : { ...cycle, hash, steps: 0, power: cycle.power * 2 };
};
