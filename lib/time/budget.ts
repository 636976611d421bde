import type { Clock } from "../ports/clock.ts";
/** The invocation must stop: its time budget is spent, or its user stopped it. Not an error, and never leaves `lib`. */
export class BudgetSpent {
  readonly reason = "budget";
}

/** At most this share of the whole time, and at most this long, is kept back for the last part and the checkpoint. */
const RESERVE_SHARE = 0.1;
const LONGEST_RESERVE = 10_000;
/** A page may take longer than the slowest one before it. */
const PAGE_MARGIN = 1.5;

/** What is left of an invocation's time, less what a flush needs. Milliseconds. */
export interface Budget {
  /** Time for requests; 0 when spent. */
  remaining(): number;
  /** Whether so many pages can be expected to be finished in time, one after the other; always true before the first one. */
  hasTimeFor(pages: number): boolean;
  /** Tells how long a page took, so that the next one is not started too late. */
  observePage(milliseconds: number): void;
  /** Aborts with a `BudgetSpent` when the time for requests is over, or when the user stops the run. */
  readonly signal: AbortSignal;
  /** Whether it was the user who stopped, not the clock. */
  isStopped(): boolean;
  /** Releases the alarm. */
  close(): void;
}

/**
 * @param total milliseconds that the invocation has from now on.
 * @param stop aborts when the user wants to stop: the same as a budget that is spent.
 */
export const createBudget = (clock: Clock, total: number, stop?: AbortSignal): Budget => {
  const deadline = clock.now() + total - Math.min(total * RESERVE_SHARE, LONGEST_RESERVE);
  const controller = new AbortController();
  const spend = () => controller.abort(new BudgetSpent());
  // An alarm's delay is a 32-bit number; nothing that has longer needs one.
  const delay = Math.max(0, deadline - clock.now());
  const alarm = delay < 2 ** 31 ? clock.alarm(delay, spend) : undefined;
  if (stop?.aborted) spend();
  stop?.addEventListener("abort", spend, { once: true });
  let slowest = 0;

  const remaining = () => (controller.signal.aborted ? 0 : Math.max(0, deadline - clock.now()));
  return {
    remaining,
    hasTimeFor: (pages) => remaining() > slowest * PAGE_MARGIN * pages,
    observePage: (milliseconds) => {
      slowest = Math.max(slowest, milliseconds);
    },
    signal: controller.signal,
    isStopped: () => stop?.aborted === true,
    close() {
      alarm?.[Symbol.dispose]();
      stop?.removeEventListener("abort", spend);
    },
  };
};
