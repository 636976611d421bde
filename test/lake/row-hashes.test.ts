import { describe, expect, test } from "vitest";
import type { Cursor } from "../../lib/columns/cursor-values.ts";
import { CheckpointError } from "../../lib/errors/index.ts";
import { sha256 } from "../../lib/json/hash.ts";
import { createRowHashes, MAX_INLINE_HASHES } from "../../lib/lake/row-hashes.ts";
import { createMemoryBucket, type StoredObject } from "../reliability/memory-bucket.ts";

const hashesOf = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => sha256(String(first + index)).slice(0, 16));

/** Adds hashes to a cursor in pages, as a run does, and returns the cursor. */
const addPages = async (
  rowHashes: ReturnType<typeof createRowHashes>,
  cursor: Cursor,
  pages: string[][],
): Promise<Cursor> => {
  let current = cursor;
  for (const page of pages) current = await rowHashes.fit({ ...current, hashes: [...current.hashes, ...page] });
  return current;
};

const EMPTY: Cursor = { value: "2024-01-01", hashes: [] };

test("a cursor whose hashes fit into it is unchanged", async () => {
  const objects = new Map<string, StoredObject>();
  const cursor = { ...EMPTY, hashes: hashesOf(0, MAX_INLINE_HASHES) };
  expect(await createRowHashes({ bucket: createMemoryBucket(objects) }, "shop").fit(cursor)).toBe(cursor);
  expect(objects.size).toBe(0);
});

describe("hashes beyond the maximum", () => {
  test("are found in their lists, and no others are", async () => {
    const objects = new Map<string, StoredObject>();
    const bucket = createMemoryBucket(objects);
    const pages = Array.from({ length: 20 }, (_, index) => hashesOf(index * 700, 700));
    const cursor = await addPages(createRowHashes({ bucket }, "shop"), EMPTY, pages);
    expect(cursor.hashes.length).toBeLessThanOrEqual(MAX_INLINE_HASHES);
    const later = createRowHashes({ bucket }, "shop");
    const found = await later.find(cursor.hash_lists ?? [], hashesOf(0, 15_000));
    expect(new Set([...found, ...cursor.hashes])).toEqual(new Set(hashesOf(0, 14_000)));
    expect([...objects.keys()].every((key) => /^state\/shop\/hashes\/[0-9a-f]{64}$/.test(key))).toBe(true);
  });

  test("take 8 bytes each, in a number of lists that grows with the logarithm", async () => {
    const objects = new Map<string, StoredObject>();
    const pages = Array.from({ length: 100 }, (_, index) => hashesOf(index * 1001, 1001));
    const cursor = await addPages(createRowHashes({ bucket: createMemoryBucket(objects) }, "shop"), EMPTY, pages);
    const lists = cursor.hash_lists ?? [];
    expect(lists.length).toBeLessThanOrEqual(8);
    const bytes = lists.map(({ sha256: name }) => objects.get(`state/shop/hashes/${name}`)?.body.length ?? 0);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBe(8 * 100 * 1001);
    expect(lists.reduce((sum, { count }) => sum + count, 0)).toBe(100 * 1001);
  });

  test("are stored once, however often they are added", async () => {
    const bucket = createMemoryBucket(new Map());
    const same = hashesOf(0, 1001);
    const cursor = await addPages(createRowHashes({ bucket }, "shop"), EMPTY, [same, same]);
    expect(cursor.hash_lists?.map(({ count }) => count)).toEqual([1001]);
  });

  test("are found without being held in memory, when their lists exceed its limit", async () => {
    const bucket = createMemoryBucket(new Map());
    const limits = { list: 1500, memory: 2000 };
    const pages = [hashesOf(0, 1001), hashesOf(2000, 1001), hashesOf(4000, 1001)];
    const cursor = await addPages(createRowHashes({ bucket }, "shop", limits), EMPTY, pages);
    expect(cursor.hash_lists).toHaveLength(3);
    const reads: string[] = [];
    const get = (key: string) => {
      reads.push(key);
      return bucket.get(key);
    };
    const later = createRowHashes({ bucket: { ...bucket, get } }, "shop", limits);
    for (const expected of [3, 5]) {
      expect((await later.find(cursor.hash_lists ?? [], pages.flat())).size).toBe(3003);
      expect(reads).toHaveLength(expected);
    }
  });

  test.each([
    ["missing", null],
    ["corrupt", "not a list"],
  ])("whose list is %s are a CheckpointError, because rows would be loaded twice", async (found, content) => {
    const objects = new Map<string, StoredObject>();
    const bucket = createMemoryBucket(objects);
    const cursor = await createRowHashes({ bucket }, "shop").fit({ ...EMPTY, hashes: hashesOf(0, 1001) });
    const [key = ""] = objects.keys();
    objects.delete(key);
    if (content !== null) await bucket.put(key, content);
    const result = createRowHashes({ bucket }, "shop").find(cursor.hash_lists ?? [], hashesOf(0, 1));
    await expect(result).rejects.toThrow(CheckpointError);
    await expect(result).rejects.toThrow(`${key} are ${found}: restore an older version of the object`);
  });
});
