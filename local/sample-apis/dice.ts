/** A record of any of the five sources, as its API returns it. */
export type Row = Record<string, unknown>;

/** Seeded random values: the sample data is the same on every computer and in every run. */
export interface Dice {
  /** Returns an integer from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** Returns a number from `min` to `max` with at most `digits` decimals. */
  number(min: number, max: number, digits?: number): number;
  /** Returns true with probability `share` (0 to 1). */
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Returns `value`, or null with probability `nulls`: most fields of most APIs are nullable. */
  maybe<T>(value: T, nulls?: number): T | null;
  /** Returns an amount of money as a string with two decimals, as many APIs do. */
  money(min: number, max: number): string;
  /** Returns `length` digits as a string; the first is never 0. */
  digits(length: number): string;
  /** Returns an ISO 8601 instant between two dates: most in UTC (`Z`), some with the offset +02:00. */
  instant(from: string, to: string): string;
  /** Returns an ISO 8601 date, `yyyy-MM-dd`, between two dates. */
  date(from: string, to: string): string;
}

const MINUTE = 60_000;
/** The offset +02:00. Minutes. */
const OFFSET = 120;

/**
 * Returns the dice for one table. Every table has its own seed, so a change in one table leaves the others unchanged.
 *
 * @param seed any string; the same string gives the same values
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
      // Real APIs mix instants with and without milliseconds. A string comparison of the two forms gives the wrong order.
      if (chance(0.2)) return utc;
      if (chance(0.25)) return `${new Date(instant + OFFSET * MINUTE).toISOString().slice(0, 19)}+02:00`;
      return `${utc.slice(0, 19)}Z`;
    },
    date: (from, to) => new Date(between(from, to)).toISOString().slice(0, 10),
  };
};

/** Returns ascending ids with gaps, as in a table with deleted rows. */
export const ids = (seed: string, first: number, count: number): number[] => {
  const roll = dice(`${seed}.ids`);
  let id = first;
  return Array.from({ length: count }, () => {
    const own = id;
    id += roll.chance(0.85) ? 1 : roll.int(2, 9);
    return own;
  });
};

/** Returns a table of `count` rows in ascending order of id; `row` receives the id, the table's dice and the row's index. */
export const table = (
  seed: string,
  first: number,
  count: number,
  row: (id: number, roll: Dice, index: number) => Row,
): Row[] => {
  const roll = dice(seed);
  return ids(seed, first, count).map((id, index) => row(id, roll, index));
};

/** Returns the 32-bit FNV-1a hash. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

/** Returns a mulberry32 generator: small, fast, and random enough for sample data. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
