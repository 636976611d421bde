import type { Clock } from "../lib/ports/clock.ts";

/** Alarms of a clock that only its test moves: none rings. */
export const silentAlarm: Clock["alarm"] = () => ({ [Symbol.dispose]() {} });
