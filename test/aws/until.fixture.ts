import { setTimeout as sleep } from "node:timers/promises";

const POLL = 200;

/**
 * Asks until there is an answer.
 *
 * @param what for the message.
 * @param ask null for not yet; what it throws ends the waiting.
 * @throws Error when there is none after so many milliseconds.
 */
export const until = async <Answer>(
  what: string,
  milliseconds: number,
  ask: () => Promise<Answer | null>,
): Promise<Answer> => {
  for (const deadline = Date.now() + milliseconds; ; await sleep(POLL)) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${milliseconds / 1000} s in vain until ${what}`);
  }
};
