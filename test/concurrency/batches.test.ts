import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { mapInBatches } from "../../lib/concurrency/batches.ts";

test("mapInBatches returns the results in the order of the items, with at most `size` calls in progress", async () => {
  const items = Array.from({ length: 10 }, (_, index) => index);
  let inProgress = 0;
  let most = 0;
  const results = await mapInBatches(items, 4, async (item) => {
    inProgress += 1;
    most = Math.max(most, inProgress);
    await sleep(items.length - item);
    inProgress -= 1;
    return item * 2;
  });
  expect(results).toEqual(items.map((item) => item * 2));
  expect(most).toBe(4);
});

test("mapInBatches throws the error of a call and does not start the batches after it", async () => {
  const started: number[] = [];
  const failing = mapInBatches([1, 2, 3, 4, 5], 2, async (item) => {
    started.push(item);
    if (item === 3) throw new Error("three");
  });
  await expect(failing).rejects.toThrow("three");
  expect(started).toEqual([1, 2, 3, 4]);
});

test("mapInBatches of no items returns no results", async () => {
  expect(await mapInBatches([], 2, async (item) => item)).toEqual([]);
});
