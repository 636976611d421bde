import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../ports/clock.ts";

/** Time, timers and random numbers of the system. */
export const systemClock: Clock = {
  now: Date.now,
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
  alarm: (milliseconds, ring) => setTimeout(ring, milliseconds),
  random: Math.random,
};
