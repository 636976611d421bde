import type { Clock } from "../lib/ports/clock.ts";

/** Alarms of a clock that only its test moves: none rings. */
export const silentAlarm: Clock["alarm"] = () => ({ [Symbol.dispose]() {} });

/** Returns a clock with the time of a world. A wait returns immediately, and advances it. */
export const worldClock = (world: { now: number }): Clock => ({
  now: () => world.now,
  sleep: async (milliseconds) => {
    world.now += milliseconds;
  },
  alarm: silentAlarm,
  random: () => 0.5,
});
