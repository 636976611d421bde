/** Digits of an id: all have as many, so that a page's ids can be written over a template of it. */
export const ID_DIGITS = 10;
/** The first id. */
export const FIRST_ID = 1_000_000_000;

const WORDS = "amber basin cedar delta ember fjord grove harbor island juniper kettle lagoon meadow north ocean".split(
  " ",
);
const STATUSES = ["open", "paid", "shipped", "returned"];
const COUNTRIES = ["AT", "DE", "FR", "JP", "US"];
const START = Date.UTC(2026, 0, 1);

/** Numbers from 0 up to 1, the same in every run (mulberry32). */
const createDice = (seed: number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/**
 * A row as JSON text, its id first (`{"id":1000000000,...`): 15 keys of mixed types, one of them an object, one a list;
 * some 460 bytes.
 *
 * @param seed the row but for its id.
 */
export const rowText = (seed: number): string => {
  const dice = createDice(seed);
  const below = (limit: number) => Math.floor(dice() * limit);
  const from = <Item>(list: Item[]): Item => list[below(list.length)] as Item;
  const words = (count: number) => Array.from({ length: count }, () => from(WORDS)).join(" ");
  const createdAt = START + below(300 * 86_400_000);
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
    is_paid: dice() < 0.5,
    created_at: new Date(createdAt).toISOString(),
    updated_at: dice() < 0.1 ? null : new Date(createdAt + below(86_400_000)).toISOString(),
    address: { street: `${from(WORDS)} ${below(200)}`, city: from(WORDS), country: from(COUNTRIES) },
    tags: Array.from({ length: below(4) }, () => from(WORDS)),
  });
};
