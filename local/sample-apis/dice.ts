/** Any of the five sources' records, as its API's JSON says it. */
export type Row = Record<string, unknown>;

/** Chance that is the same on every machine, every time: what the sample data is rolled with. */
export interface Dice {
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** A number from `min` to `max` with at most `digits` decimals. */
  number(min: number, max: number, digits?: number): number;
  /** True with probability `share` (0 to 1). */
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** `value`, or null with probability `nulls`: most fields of most APIs are nullable. */
  maybe<T>(value: T, nulls?: number): T | null;
  /** Money as many APIs say it: text with two decimals. */
  money(min: number, max: number): string;
  /** `length` digits as text; the first is never 0. */
  digits(length: number): string;
  /** An ISO 8601 instant between two dates, mostly in UTC (`Z`), some with the offset +02:00. */
  instant(from: string, to: string): string;
  /** An ISO 8601 date, `yyyy-MM-dd`, between two dates. */
  date(from: string, to: string): string;
}

const MINUTE = 60_000;
const OFFSET = 120;

/**
 * Dice for one table. Every table has a seed of its own, so that a change in one leaves the others as they were.
 *
 * @param seed any text; the same text rolls the same numbers
 */
export const dice = (seed: string): Dice => {
  const random = mulberry32(hash(seed));
  const int = (min: number, max: number): number => min + Math.floor(random() * (max - min + 1));
  const number = (min: number, max: number, digits = 2): number =>
    Number((min + random() * (max - min)).toFixed(digits));
  const chance = (share: number): boolean => random() < share;
  const pick = <T>(list: readonly T[]): T => list[int(0, list.length - 1)] as T;
  const between = (from: string, to: string): number =>
    Date.parse(from) + random() * (Date.parse(to) - Date.parse(from));

  return {
    int,
    number,
    chance,
    pick,
    maybe: (value, nulls = 0.15) => (chance(nulls) ? null : value),
    money: (min, max) => number(min, max).toFixed(2),
    digits: (length) => Array.from({ length }, (_, at) => int(at === 0 ? 1 : 0, 9)).join(""),
    instant: (from, to) => {
      const instant = between(from, to);
      const utc = new Date(instant).toISOString();
      // As in the wild: milliseconds here, none there, and a text comparison of the two forms misjudges which is later.
      if (chance(0.2)) return utc;
      if (chance(0.25)) return `${new Date(instant + OFFSET * MINUTE).toISOString().slice(0, 19)}+02:00`;
      return `${utc.slice(0, 19)}Z`;
    },
    date: (from, to) => new Date(between(from, to)).toISOString().slice(0, 10),
  };
};

/** Ascending ids with gaps, as a table has them that rows were deleted from. */
export const ids = (seed: string, first: number, count: number): number[] => {
  const roll = dice(`${seed}.ids`);
  let id = first;
  return Array.from({ length: count }, () => {
    const own = id;
    id += roll.chance(0.85) ? 1 : roll.int(2, 9);
    return own;
  });
};

/** A table of `count` rows in ascending order of id; `row` gets the id, the table's dice and the row's index. */
export const table = (
  seed: string,
  first: number,
  count: number,
  row: (id: number, roll: Dice, index: number) => Row,
): Row[] => {
  const roll = dice(seed);
  return ids(seed, first, count).map((id, index) => row(id, roll, index));
};

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

/** mulberry32: small, quick, and good enough for samples. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
