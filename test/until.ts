import { setTimeout as sleep } from "node:timers/promises";
import { WAIT_LIMIT } from "./limits.ts";

/** Milliseconds between two probes. */
const POLL = 50;

/**
 * Polls until `probe` returns something other than null or false, and returns that.
 *
 * @param what is waited for, for the error.
 * @param probe may throw to end the wait.
 * @throws Error when nothing comes: that is a hang.
 */
export const until = async <Result>(
  what: string,
  probe: () => Result | null | false | Promise<Result | null | false>,
): Promise<Result> => {
  for (const deadline = Date.now() + WAIT_LIMIT; ; await sleep(POLL)) {
    const result = await probe();
    if (result !== null && result !== false) return result;
    if (Date.now() > deadline) throw new Error(`waited ${WAIT_LIMIT / 1000} s without success until ${what}`);
  }
};
