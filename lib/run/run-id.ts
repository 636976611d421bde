import { SECOND } from "../time/durations.ts";

const idAt = (time: number, random: () => number): string => {
  const tag = Math.floor(random() * 2 ** 32);
  const second = new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  return `${second}Z-${tag.toString(16).padStart(8, "0")}`;
};

/** Returns the milliseconds since 1970 of the second in a run id; 0 for other text. */
const timeOf = (run_id: string): number => {
  const [, date, time] = /^(\d{8})T(\d{6})Z-/.exec(run_id) ?? [];
  if (date === undefined || time === undefined) return 0;
  const [year, month, day] = [date.slice(0, 4), date.slice(4, 6), date.slice(6)];
  return Date.parse(`${year}-${month}-${day}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`) || 0;
};

/**
 * Returns a run id such as `20261120T090000Z-1a2b3c4d`. Run ids sort by the time of opening: a run is at least a second
 * later than the source's last one, also when clocks differ.
 *
 * @param now milliseconds since 1970.
 * @param random a number from 0 up to 1.
 * @param last the source's last run id; null when there is none.
 */
export const createRunId = (now: number, random: () => number, last: string | null = null): string =>
  idAt(last === null ? now : Math.max(now, timeOf(last) + SECOND), random);
