import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectModified, failure, type Operations, operationsOn, type S3UnderTest } from "./s3.operations.ts";
import { conditionalPuts } from "./s3-conditional-puts.contract.ts";
import { listing } from "./s3-listing.contract.ts";

export type { S3UnderTest } from "./s3.operations.ts";

/**
 * Properties of S3 that restlake relies on, one per test. Runs against the emulator, other emulators, and AWS. Every run uses
 * new keys, so the bucket may contain other objects.
 */
export function s3Contract(start: () => Promise<S3UnderTest>): void {
  let s3: S3UnderTest | undefined;
  beforeAll(async () => {
    s3 = await start();
  });
  afterAll(() => s3?.stop());

  const operations = operationsOn(() => s3!);
  objects(operations);
  conditionalPuts(operations);
  listing(operations);
}

function objects({ under, newKey, put, head, get, textOf, list, keysOf }: Operations): void {
  describe("an object", () => {
    test("is read back byte for byte", async () => {
      const key = newKey();
      const bytes = randomBytes(1_500_000);
      await put(key, bytes);
      expect((await get(key)).bytes.equals(bytes)).toBe(true);
    });

    test("keeps every byte value in a small body", async () => {
      const key = newKey();
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
      await put(key, bytes);
      expect((await get(key)).bytes).toEqual(bytes);
    });

    test("may be empty", async () => {
      const key = newKey();
      // The SDK warns on the console without a length.
      await put(key, "", { ContentLength: 0 });
      expect((await head(key)).ContentLength).toBe(0);
      expect((await get(key)).bytes).toHaveLength(0);
    });

    test("from a stream is stored without the framing", async () => {
      const key = newKey();
      const pieces = [randomBytes(70_000), randomBytes(1), randomBytes(150_000)];
      await put(key, Readable.from(pieces), { ContentLength: 220_001, ContentEncoding: "gzip" });
      const { bytes, ContentEncoding } = await get(key);
      expect(bytes.equals(Buffer.concat(pieces))).toBe(true);
      expect(ContentEncoding).toBe("gzip");
    });

    test("is replaced with its metadata by a PUT on the same key", async () => {
      const key = newKey();
      await put(key, "old", { Metadata: { only: "old" } });
      await put(key, "new", { Metadata: { rows: "1" } });
      const { bytes, Metadata } = await get(key);
      expect(bytes.toString()).toBe("new");
      expect(Metadata).toEqual({ rows: "1" });
    });

    test("has a quoted ETag, equal in PUT, GET, HEAD and listing, and different for another body", async () => {
      const key = newKey();
      const { ETag } = await put(key, "one");
      expect(ETag).toBe(`"${createHash("md5").update("one").digest("hex")}"`);
      expect((await get(key)).ETag).toBe(ETag);
      expect((await head(key)).ETag).toBe(ETag);
      expect((await list(key)).Contents?.[0]?.ETag).toBe(ETag);
      expect((await put(key, "two")).ETag).not.toBe(ETag);
    });

    test("has size, type, encoding and time in HEAD", async () => {
      const key = newKey();
      const began = Date.now();
      await put(key, "12345", { ContentType: "application/json", ContentEncoding: "gzip" });
      const answer = await head(key);
      expect(answer).toMatchObject({
        ContentLength: 5,
        ContentType: "application/json",
        ContentEncoding: "gzip",
      });
      expectModified(answer.LastModified, began);
    });

    test("is read by byte ranges", async () => {
      const key = newKey();
      await put(key, "0123456789");
      const middle = await get(key, { Range: "bytes=2-4" });
      expect(middle.bytes.toString()).toBe("234");
      expect(middle.ContentRange).toBe("bytes 2-4/10");
      expect(middle.$metadata.httpStatusCode).toBe(206);
      expect((await get(key, { Range: "bytes=7-" })).bytes.toString()).toBe("789");
      expect((await get(key, { Range: "bytes=-3" })).bytes.toString()).toBe("789");
      expect((await get(key, { Range: "bytes=8-100" })).bytes.toString()).toBe("89");
      await expect(get(key, { Range: "bytes=10-" })).rejects.toMatchObject(failure("InvalidRange", 416));
    });

    test("is 404 when absent, if ListBucket is allowed", async () => {
      await expect(get(newKey())).rejects.toMatchObject(failure("NoSuchKey", 404));
      await expect(head(newKey())).rejects.toMatchObject(failure("NotFound", 404));
    });

    test("is absent once deleted, and may be deleted again", async () => {
      const key = newKey();
      await put(key, "x");
      const remove = () => under().client.send(new DeleteObjectCommand({ Bucket: under().bucket, Key: key }));
      await remove();
      await remove();
      await expect(head(key)).rejects.toMatchObject(failure("NotFound", 404));
      expect(await keysOf(key)).toEqual([]);
      await put(key, "again", { IfNoneMatch: "*" });
      expect(await textOf(key)).toBe("again");
    });

    test("in a missing bucket is 404", async () => {
      const Bucket = `restlake-absent-${randomBytes(6).toString("hex")}`;
      const noSuchBucket = failure("NoSuchBucket", 404);
      await expect(under().client.send(new GetObjectCommand({ Bucket, Key: "a" }))).rejects.toMatchObject(noSuchBucket);
      await expect(under().client.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject(noSuchBucket);
      const write = new PutObjectCommand({ Bucket, Key: "a", Body: "a" });
      await expect(under().client.send(write)).rejects.toMatchObject(noSuchBucket);
      const notFound = { $metadata: { httpStatusCode: 404 } };
      await expect(under().client.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject(notFound);
      await under().client.send(new HeadBucketCommand({ Bucket: under().bucket }));
    });

    test.each([
      ["Hive folders", "dt=2026-11-20/20261120T090000Z-0a1b2c3d/orders-000001.json.gz"],
      ["unicode", "Größe/日本語/😀.json"],
      ["characters that are special in URLs and XML", "a b+c%20&<d>'\"?#[e]*~!$(f),;:@^`{g}|\\h.json"],
      ["dots that are not a relative path", "..a/b../.c./...json"],
    ])("may have a key with %s", async (_, name) => {
      const key = newKey(name);
      await put(key, name);
      expect(await textOf(key)).toBe(name);
      expect(await keysOf(key.slice(0, -name.length))).toEqual([key]);
      expect(await keysOf(key)).toEqual([key]);
    });
  });

  describe("metadata of an object", () => {
    test("is returned unchanged by HEAD and GET", async () => {
      const key = newKey();
      const Metadata = { position: '{"page":901,"hash":"a=b;c, d"}', rows: "0", "schema-version": "3" };
      await put(key, "x", { Metadata });
      expect((await head(key)).Metadata).toEqual(Metadata);
      expect((await get(key)).Metadata).toEqual(Metadata);
    });

    test("may have up to 2 KB", async () => {
      const key = newKey();
      const Metadata = { a: "x".repeat(1000), b: "y".repeat(1000) };
      await put(key, "x", { Metadata });
      expect((await head(key)).Metadata).toEqual(Metadata);
    });

    test("over 2 KB is MetadataTooLarge, and nothing is written", async ({ skip }) => {
      const key = newKey();
      const Metadata = { a: "x".repeat(1000), b: "y".repeat(1100) };
      const error = await put(key, "x", { Metadata }).catch((thrown) => thrown);
      // moto 5.2 has no limit. That gap of an emulator hides an error, but loses no data.
      skip(!under().exact && !(error instanceof Error), "this endpoint has no limit for metadata");
      expect(error).toMatchObject(failure("MetadataTooLarge", 400));
      await expect(head(key)).rejects.toMatchObject(failure("NotFound", 404));
    });
  });
}
