import { expect, test } from "vitest";
import { createKeySet } from "../../lib/metering/key-set.ts";

const FORMS: [string, (n: number) => string][] = [
  ["numbers", String],
  ["padded numbers", (n) => `order-${String(n).padStart(12, "0")}`],
  ["pairs", (n) => JSON.stringify([String(n % 1000), String(Math.floor(n / 1000))])],
  ["UUIDs that differ in few digits", (n) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`],
  ["characters beyond ASCII", (n) => String.fromCodePoint(0x1f300 + (n % 500)) + n],
];

test.each(FORMS)("has no false match among 200,000 %s, and finds each of them again", (_, keyOf) => {
  const set = createKeySet();
  let matches = 0;
  for (let n = 0; n < 200_000; n++) if (set.add(keyOf(n))) matches++;
  expect(matches).toBe(0);
  for (let n = 0; n < 200_000; n += 97) expect(set.add(keyOf(n))).toBe(true);
});

test("remembers no more keys than its maximum, and still finds those", () => {
  const set = createKeySet(100);
  for (let n = 0; n < 200; n++) expect(set.add(String(n))).toBe(false);
  expect([set.add("5"), set.add("99"), set.add("150")]).toEqual([true, true, false]);
  expect(set.takeAdded()).toHaveLength(200);
  expect(set.takeAdded()).toHaveLength(0);
});

test("has the keys of another set after their hashes are added", () => {
  const [one, other] = [createKeySet(), createKeySet()];
  for (let n = 0; n < 10_000; n++) one.add(`key ${n}`);
  other.addHashes(one.takeAdded());
  expect([other.add("key 0"), other.add("key 9999"), other.add("key 10000")]).toEqual([true, true, false]);
  expect(other.takeAdded()).toHaveLength(2);
});
