/**
 * Notices a paginator that goes round in a circle, with a constant amount of memory (Brent's algorithm): one earlier
 * page is kept in mind, and replaced by the current one after 1, 2, 4, 8 ... steps. A circle of n pages is noticed
 * within 3n steps at most, however long the way into it was.
 */
export interface CycleState {
  /** Hash of the state that is kept in mind. */
  hash: string;
  /** Steps since then. */
  steps: number;
  /** Steps after which the current state takes its place. */
  power: number;
}

/** The trail at the first page. */
export const startCycleDetection = (hash: string): CycleState => ({ hash, steps: 0, power: 1 });

/** The trail one page further; null when that page was read before. */
export const advanceCycleDetection = (trail: CycleState, hash: string): CycleState | null => {
  if (hash === trail.hash) return null;
  const steps = trail.steps + 1;
  return steps < trail.power ? { ...trail, steps } : { hash, steps: 0, power: trail.power * 2 };
};
