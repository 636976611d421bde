/**
 * `20261120T090000Z-1a2b3c4d`: sorts by the time of opening.
 *
 * @param now milliseconds since 1970.
 * @param random a number from 0 up to 1.
 */
export const createRunId = (now: number, random: () => number): string => {
  const time = `${new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  const tag = Math.floor(random() * 2 ** 32);
  return `${time}-${tag.toString(16).padStart(8, "0")}`;
};
