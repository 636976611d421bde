import { DAY } from "../lib/time/durations.ts";

/** Digits of every id. They are equal, so that new ids can be written over those of a prepared page. */
export const ID_DIGITS = 10;
/** The first id. */
export const FIRST_ID = 1_000_000_000;

const WORDS = "amber basin cedar delta ember fjord grove harbor island juniper kettle lagoon meadow north ocean".split(
  " ",
);
const STATUSES = ["open", "paid", "shipped", "returned"];
const COUNTRIES = ["AT", "DE", "FR", "JP", "US"];
const START = Date.UTC(2026, 0, 1);

/** Returns a generator of numbers from 0 to 1 (exclusive) that are the same in every run (mulberry32). */
const createRandom = (seed: number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/**
 * Returns a row as JSON, its id first (`{"id":1000000000,...`): 15 keys of mixed types, one of them an object and one a list,
 * about 460 bytes.
 *
 * @param seed determines all values except the id.
 */
export const rowText = (seed: number): string => {
  const random = createRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const from = <Item>(list: Item[]): Item => list[below(list.length)] as Item;
  const words = (count: number) => Array.from({ length: count }, () => from(WORDS)).join(" ");
  const createdAt = START + below(300 * DAY);
  return JSON.stringify({
    id: FIRST_ID,
    customer_id: below(100_000),
    reference: `${below(2 ** 32).toString(16)}-${below(2 ** 32).toString(16)}`,
    name: words(2),
    description: words(12),
    status: from(STATUSES),
    email: `${from(WORDS)}.${below(10_000)}@example.com`,
    amount: below(1_000_000) / 100,
    tax_rate: below(300) / 1000,
    quantity: below(50),
    is_paid: random() < 0.5,
    created_at: new Date(createdAt).toISOString(),
    updated_at: random() < 0.1 ? null : new Date(createdAt + below(DAY)).toISOString(),
    address: { street: `${from(WORDS)} ${below(200)}`, city: from(WORDS), country: from(COUNTRIES) },
    tags: Array.from({ length: below(4) }, () => from(WORDS)),
  });
};
