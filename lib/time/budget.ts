import type { Clock } from "../ports/clock.ts";
import { SECOND } from "./durations.ts";

/** Thrown when the invocation must stop: its time budget is spent, or its user stopped it. Not an error; never leaves `lib`. */
export class BudgetSpent {
  readonly reason = "budget";
}

/** Share of the total time that is reserved for the last part and the checkpoint. */
const RESERVE_SHARE = 0.1;
const MAX_RESERVE = 10 * SECOND;
/** Expected time of the next page, as a multiple of the slowest page so far. */
const PAGE_MARGIN = 1.5;

/** Remaining time of an invocation, without the reserve for the last commit. Milliseconds. */
export interface Budget {
  /** Returns the time left for requests; 0 when spent. */
  remaining(): number;
  /** Whether this many pages, one after the other, are expected to finish in time; true before the first page. */
  hasTimeFor(pages: number): boolean;
  /** Records how long a page took, so that no page is started too late. */
  observePage(milliseconds: number): void;
  /** Aborts with `BudgetSpent` when the time for requests is over, or when the user stops the run. */
  readonly signal: AbortSignal;
  /** Whether the user stopped the run. */
  isStopped(): boolean;
  /** Releases the timer. */
  close(): void;
}

/**
 * Starts the budget of an invocation.
 *
 * @param total milliseconds until the invocation is ended.
 * @param stop aborts when the user stops the run; the budget is then spent.
 */
export const createBudget = (clock: Clock, total: number, stop?: AbortSignal): Budget => {
  const deadline = clock.now() + total - Math.min(total * RESERVE_SHARE, MAX_RESERVE);
  const controller = new AbortController();
  const spend = () => controller.abort(new BudgetSpent());
  // A timer's delay is a 32-bit number. A longer budget needs no timer.
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
