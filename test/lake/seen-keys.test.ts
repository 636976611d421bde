import { expect, test } from "vitest";
import { openSeenKeys } from "../../lib/lake/seen-keys.ts";
import { address, type Lake, startLake } from "./lake.fixture.ts";

const open = (lake: Lake, newest: string | null) => openSeenKeys(lake.ports, address, newest);
const keys = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => String(from + index));

test("keys are found again after each save, in lists whose number grows with the logarithm", async () => {
  await using lake = await startLake();
  let newest: string | null = null;
  for (let part = 0; part < 16; part++) {
    const seen = await open(lake, newest);
    expect(seen.add([...keys(part * 10, part * 10 + 10), null, null])).toBe(0);
    newest = await seen.save();
  }
  const before = lake.requests.length;
  const seen = await open(lake, newest);
  expect(lake.requests.length - before).toBeLessThanOrEqual(5);
  expect(seen.add(keys(0, 160))).toBe(160);
  expect(await seen.save()).toBe(newest);
});

test("a first part without keys stores nothing", async () => {
  await using lake = await startLake();
  const seen = await open(lake, null);
  expect(seen.add([null])).toBe(0);
  expect(await seen.save()).toBeNull();
  expect(await lake.keys("state/")).toEqual([]);
});

test.each(["missing", "corrupt"])("a list that is %s is a warning, and its keys are forgotten", async (how) => {
  await using lake = await startLake();
  const first = await open(lake, null);
  first.add(["a"]);
  const newest = await first.save();
  const [key = ""] = await lake.keys("state/");
  if (how === "missing") await lake.remove(key);
  else await lake.overwrite(key, "x".repeat(40));
  const seen = await open(lake, newest);
  expect(seen.add(["a"])).toBe(0);
  expect(lake.logged).toContainEqual({ level: "warn", message: "keys not read", fields: { key, why: how } });
});
