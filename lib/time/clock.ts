import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../ports/clock.ts";

/** The machine's own time and chance. */
export const systemClock: Clock = {
  now: Date.now,
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
  alarm: (milliseconds, ring) => setTimeout(ring, milliseconds),
  random: Math.random,
};
