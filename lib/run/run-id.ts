const SECOND = 1000;

const idAt = (time: number, random: () => number): string => {
  const tag = Math.floor(random() * 2 ** 32);
  const second = new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  return `${second}Z-${tag.toString(16).padStart(8, "0")}`;
};

/** Milliseconds since 1970 of the second in a run_id; 0 when it is none. */
const timeOf = (run_id: string): number => {
  const [, date, time] = /^(\d{8})T(\d{6})Z-/.exec(run_id) ?? [];
  if (date === undefined || time === undefined) return 0;
  const [year, month, day] = [date.slice(0, 4), date.slice(4, 6), date.slice(6)];
  return Date.parse(`${year}-${month}-${day}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`) || 0;
};

/**
 * `20261120T090000Z-1a2b3c4d`: sorts by the time of opening. Two runs of one second, or clocks that differ, would sort
 * by chance, and the older one pass for the newer: a run that follows another is at least a second later than that.
 *
 * @param now milliseconds since 1970.
 * @param random a number from 0 up to 1.
 * @param last the source's last run_id, if it had one.
 */
export const createRunId = (now: number, random: () => number, last: string | null = null): string =>
  idAt(last === null ? now : Math.max(now, timeOf(last) + SECOND), random);
