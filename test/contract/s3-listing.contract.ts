import { paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { expectModified, type Operations } from "./s3.operations.ts";

/** Listings, which the tools that read a lake rely on. */
export function listing({ under, newKey, put, list, keysOf }: Operations): void {
  describe("a listing", () => {
    test("contains a new object immediately, with its size", async () => {
      const key = newKey();
      expect(await keysOf(key)).toEqual([]);
      const began = Date.now();
      await put(key, "12345");
      const { Contents, KeyCount } = await list(key);
      expect(KeyCount).toBe(1);
      expect(Contents).toMatchObject([{ Key: key, Size: 5 }]);
      expectModified(Contents?.[0]?.LastModified, began);
    });

    test("is in the byte order of keys, not by folder", async () => {
      const root = newKey("");
      const names = ["a-b", "a.json", "a/b", "a/b-c", "a0", "B", "~", "é", "\u{ff5e}", "😀"];
      for (const name of names) await put(root + name, "x");
      const expected = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(await keysOf(root)).toEqual(expected.map((name) => root + name));
    });

    test("accepts a prefix that ends within a name", async () => {
      const root = newKey("");
      for (const name of ["orders-000001", "orders-000002", "orders_old/x", "order"]) await put(root + name, "x");
      expect(await keysOf(`${root}orders-`)).toEqual([`${root}orders-000001`, `${root}orders-000002`]);
    });

    test("groups by delimiter", async () => {
      const root = newKey("");
      for (const name of ["a/1", "a/b/2", "c/3", "d"]) await put(root + name, "x");
      const { Contents, CommonPrefixes, KeyCount } = await list(root, { Delimiter: "/" });
      expect(Contents?.map(({ Key }) => Key)).toEqual([`${root}d`]);
      expect(CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual([`${root}a/`, `${root}c/`]);
      expect(KeyCount).toBe(3);
    });

    test("continues over pages, with groups, without losing or repeating keys", async () => {
      const root = newKey("");
      for (const name of ["a", "b/1", "b/2", "b/3", "c", "d/1", "e"]) await put(root + name, "x");
      const seen: string[] = [];
      let pages = 0;
      const input = { Bucket: under().bucket, Prefix: root, Delimiter: "/", MaxKeys: 2 };
      for await (const page of paginateListObjectsV2({ client: under().client }, input)) {
        pages++;
        seen.push(...(page.Contents ?? []).map(({ Key }) => Key!.slice(root.length)));
        seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!.slice(root.length)));
      }
      expect(seen.sort()).toEqual(["a", "b/", "c", "d/", "e"]);
      expect(pages).toBe(3);
    });

    test("starts after a given key", async () => {
      const root = newKey("");
      for (const name of ["1", "2", "3"]) await put(root + name, "x");
      const { Contents } = await list(root, { StartAfter: `${root}1` });
      expect(Contents?.map(({ Key }) => Key)).toEqual([`${root}2`, `${root}3`]);
    });

    test("of more than 1000 keys has pages of 1000", async () => {
      const root = newKey("");
      const keys = Array.from({ length: 1003 }, (_, n) => `${root}orders-${String(n).padStart(6, "0")}.json.gz`);
      for (let n = 0; n < keys.length; n += 40) {
        await Promise.all(keys.slice(n, n + 40).map((key) => put(key, "x")));
      }
      const first = await list(root);
      expect(first).toMatchObject({ IsTruncated: true, KeyCount: 1000 });
      const second = await list(root, { ContinuationToken: first.NextContinuationToken });
      expect(second).toMatchObject({ IsTruncated: false, KeyCount: 3 });
      expect([...first.Contents!, ...second.Contents!].map(({ Key }) => Key)).toEqual(keys);
    });
  });
}
