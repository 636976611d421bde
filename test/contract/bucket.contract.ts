import { describe, expect, test } from "vitest";
import type { Bucket } from "../../lib/ports/bucket.ts";

/** What `lib/lake` relies on, whatever the bucket is: S3, the stand-in, or the one in memory. */
export const bucketContract = (name: string, open: () => Promise<Bucket>): void => {
  describe(name, () => {
    test("a missing key is null, for head and get", async () => {
      const bucket = await open();
      expect(await bucket.head("missing")).toBeNull();
      expect(await bucket.get("missing")).toBeNull();
    });

    test("what is put is got, with its metadata, by head and get alike", async () => {
      const bucket = await open();
      const body = new Uint8Array([0, 255, 10, 13]);
      const written = await bucket.put("a/b=c/d.bin", body, { metadata: { position: '{"a":1}', rows: "2" } });
      const got = await bucket.get("a/b=c/d.bin");
      expect([...(got?.body ?? [])]).toEqual([...body]);
      expect(got).toMatchObject({ size: 4, metadata: { position: '{"a":1}', rows: "2" } });
      expect(written).toEqual({ etag: got?.etag });
      expect(await bucket.head("a/b=c/d.bin")).toEqual({ etag: got?.etag, size: 4, metadata: got?.metadata });
    });

    test("if_none_match: of many writers of a key exactly one writes it, and its content stays", async () => {
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

    test("if_match: of many writers that saw the same object exactly one replaces it", async () => {
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

    test("if_match on a key that is not there does not write it", async () => {
      const bucket = await open();
      expect(await bucket.put("gone", "x", { condition: { if_match: '"abc"' } })).toBe("precondition_failed");
      expect(await bucket.head("gone")).toBeNull();
    });

    test("a put without a condition replaces body and metadata as a whole", async () => {
      const bucket = await open();
      await bucket.put("twice", "first", { metadata: { a: "1" } });
      await bucket.put("twice", "second", { metadata: { b: "2" } });
      expect(await bucket.head("twice")).toMatchObject({ size: 6, metadata: { b: "2" } });
      expect((await bucket.head("twice"))?.metadata).not.toHaveProperty("a");
    });
  });
};
