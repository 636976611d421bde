import { describe, expect, test } from "vitest";
import type { Bucket } from "../../lib/ports/bucket.ts";

/** Properties of a bucket that `lib/lake` relies on, for S3, the emulator, and the bucket in memory. */
export const bucketContract = (name: string, open: () => Promise<Bucket>): void => {
  describe(name, () => {
    test("returns null for a missing key, from head and get", async () => {
      const bucket = await open();
      expect(await bucket.head("missing")).toBeNull();
      expect(await bucket.get("missing")).toBeNull();
    });

    test("returns what was put, with its metadata, from head and get", async () => {
      const bucket = await open();
      const body = new Uint8Array([0, 255, 10, 13]);
      const written = await bucket.put("a/b=c/d.bin", body, { metadata: { position: '{"a":1}', rows: "2" } });
      const got = await bucket.get("a/b=c/d.bin");
      expect([...(got?.body ?? [])]).toEqual([...body]);
      expect(got).toMatchObject({ size: 4, metadata: { position: '{"a":1}', rows: "2" } });
      expect(written).toEqual({ etag: got?.etag });
      expect(await bucket.head("a/b=c/d.bin")).toEqual({ etag: got?.etag, size: 4, metadata: got?.metadata });
    });

    test("lets exactly one of many concurrent writers write a key with if_none_match", async () => {
      const bucket = await open();
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, writer) =>
          bucket.put("once", `writer ${writer}`, { condition: { if_none_match: "*" } }),
        ),
      );
      const winners = results.flatMap((result, writer) => (typeof result === "object" ? [writer] : []));
      expect(winners).toHaveLength(1);
      expect(Buffer.from((await bucket.get("once"))?.body ?? []).toString()).toBe(`writer ${winners[0]}`);
    });

    test("lets exactly one of many concurrent writers replace an object with if_match", async () => {
      const bucket = await open();
      const first = await bucket.put("swap", "0");
      const etag = typeof first === "object" ? first.etag : "";
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, writer) =>
          bucket.put("swap", `writer ${writer}`, { condition: { if_match: etag } }),
        ),
      );
      expect(results.filter((result) => typeof result === "object")).toHaveLength(1);
    });

    test("does not write a missing key with if_match", async () => {
      const bucket = await open();
      expect(await bucket.put("gone", "x", { condition: { if_match: '"abc"' } })).toBe("precondition_failed");
      expect(await bucket.head("gone")).toBeNull();
    });

    test("replaces body and metadata with an unconditional put", async () => {
      const bucket = await open();
      await bucket.put("twice", "first", { metadata: { a: "1" } });
      await bucket.put("twice", "second", { metadata: { b: "2" } });
      expect(await bucket.head("twice")).toMatchObject({ size: 6, metadata: { b: "2" } });
      expect((await bucket.head("twice"))?.metadata).not.toHaveProperty("a");
    });
  });
};
