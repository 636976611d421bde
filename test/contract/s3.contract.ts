import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** A bucket of its own, and a client that may do everything in it. */
export interface S3UnderTest {
  client: S3Client;
  bucket: string;
  /** Also what an emulator may leave out without harm is required. */
  exact?: boolean;
  stop(): Promise<void>;
}

/**
 * What restlake needs of S3, one promise a test. Runs against anything that calls itself S3: the stand-in, an
 * emulator, AWS. The keys of a run are new, but nothing else is assumed of the bucket.
 */
export function s3Contract(start: () => Promise<S3UnderTest>): void {
  let s3: S3UnderTest;
  let folder = 0;
  const run = randomBytes(4).toString("hex");
  beforeAll(async () => {
    s3 = await start();
  });
  afterAll(() => s3?.stop());

  const newKey = (name = "object") => `contract-${run}/${++folder}/${name}`;
  const put = (Key: string, Body: PutObjectCommandInput["Body"], more: Partial<PutObjectCommandInput> = {}) =>
    s3.client.send(new PutObjectCommand({ Bucket: s3.bucket, Key, Body, ...more }));
  const head = (Key: string) => s3.client.send(new HeadObjectCommand({ Bucket: s3.bucket, Key }));
  const get = async (Key: string, more: { Range?: string } = {}) => {
    const { Body, ...answer } = await s3.client.send(new GetObjectCommand({ Bucket: s3.bucket, Key, ...more }));
    return { ...answer, bytes: Buffer.from(await Body!.transformToByteArray()) };
  };
  const textOf = async (key: string) => (await get(key)).bytes.toString();
  const list = (Prefix: string, more = {}) =>
    s3.client.send(new ListObjectsV2Command({ Bucket: s3.bucket, Prefix, ...more }));
  const keysOf = async (prefix: string) => (await list(prefix)).Contents?.map(({ Key }) => Key) ?? [];
  const failure = (name: string, status: number) => ({ name, $metadata: { httpStatusCode: status } });

  describe("objects", () => {
    test("what is put is got, byte for byte", async () => {
      const key = newKey();
      const bytes = randomBytes(1_500_000);
      await put(key, bytes);
      expect((await get(key)).bytes.equals(bytes)).toBe(true);
    });

    test("every byte value survives in a small body", async () => {
      const key = newKey();
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
      await put(key, bytes);
      expect((await get(key)).bytes).toEqual(bytes);
    });

    test("an empty body is an object of no bytes", async () => {
      const key = newKey();
      // With the length, since the SDK warns on the console when it has none to send.
      await put(key, "", { ContentLength: 0 });
      expect((await head(key)).ContentLength).toBe(0);
      expect((await get(key)).bytes).toHaveLength(0);
    });

    test("a stream is put without its framing", async () => {
      const key = newKey();
      const pieces = [randomBytes(70_000), randomBytes(1), randomBytes(150_000)];
      await put(key, Readable.from(pieces), { ContentLength: 220_001, ContentEncoding: "gzip" });
      const { bytes, ContentEncoding } = await get(key);
      expect(bytes.equals(Buffer.concat(pieces))).toBe(true);
      expect(ContentEncoding).toBe("gzip");
    });

    test("a PUT on an existing key replaces body and metadata", async () => {
      const key = newKey();
      await put(key, "old", { Metadata: { only: "old" } });
      await put(key, "new", { Metadata: { rows: "1" } });
      const { bytes, Metadata } = await get(key);
      expect(bytes.toString()).toBe("new");
      expect(Metadata).toEqual({ rows: "1" });
    });

    test("the ETag is quoted, the same from PUT, GET, HEAD and listing, and another for another body", async () => {
      const key = newKey();
      const { ETag } = await put(key, "one");
      expect(ETag).toBe(`"${createHash("md5").update("one").digest("hex")}"`);
      expect((await get(key)).ETag).toBe(ETag);
      expect((await head(key)).ETag).toBe(ETag);
      expect((await list(key)).Contents?.[0]?.ETag).toBe(ETag);
      expect((await put(key, "two")).ETag).not.toBe(ETag);
    });

    test("HEAD tells size, type, encoding and time", async () => {
      const key = newKey();
      await put(key, "12345", { ContentType: "application/json", ContentEncoding: "gzip" });
      const answer = await head(key);
      expect(answer).toMatchObject({
        ContentLength: 5,
        ContentType: "application/json",
        ContentEncoding: "gzip",
      });
      expect(Math.abs(Date.now() - answer.LastModified!.getTime())).toBeLessThan(60_000);
    });

    test("a range of bytes", async () => {
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

    test("an absent key is 404 where ListBucket is allowed", async () => {
      await expect(get(newKey())).rejects.toMatchObject(failure("NoSuchKey", 404));
      await expect(head(newKey())).rejects.toMatchObject(failure("NotFound", 404));
    });

    test("a deleted object is gone, and deleting it again is no error", async () => {
      const key = newKey();
      await put(key, "x");
      const remove = () => s3.client.send(new DeleteObjectCommand({ Bucket: s3.bucket, Key: key }));
      await remove();
      await remove();
      await expect(head(key)).rejects.toMatchObject(failure("NotFound", 404));
      expect(await keysOf(key)).toEqual([]);
      await put(key, "again", { IfNoneMatch: "*" });
      expect(await textOf(key)).toBe("again");
    });

    test("a missing bucket is 404", async () => {
      const Bucket = `restlake-absent-${randomBytes(6).toString("hex")}`;
      const noSuchBucket = failure("NoSuchBucket", 404);
      await expect(s3.client.send(new GetObjectCommand({ Bucket, Key: "a" }))).rejects.toMatchObject(noSuchBucket);
      await expect(s3.client.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject(noSuchBucket);
      const write = new PutObjectCommand({ Bucket, Key: "a", Body: "a" });
      await expect(s3.client.send(write)).rejects.toMatchObject(noSuchBucket);
      const notFound = { $metadata: { httpStatusCode: 404 } };
      await expect(s3.client.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject(notFound);
      await s3.client.send(new HeadBucketCommand({ Bucket: s3.bucket }));
    });

    test.each([
      ["Hive folders", "dt=2026-11-20/20261120T090000Z-0a1b2c3d/orders-000001.json.gz"],
      ["unicode", "Größe/日本語/😀.json"],
      ["what URLs and XML give a meaning", "a b+c%20&<d>'\"?#[e]*~!$(f),;:@^`{g}|\\h.json"],
      ["dots that are no path", "..a/b../.c./...json"],
    ])("a key with %s", async (_, name) => {
      const key = newKey(name);
      await put(key, name);
      expect(await textOf(key)).toBe(name);
      expect(await keysOf(key.slice(0, -name.length))).toEqual([key]);
      expect(await keysOf(key)).toEqual([key]);
    });
  });

  describe("metadata", () => {
    test("comes back from HEAD and GET as it was put", async () => {
      const key = newKey();
      const Metadata = { position: '{"page":901,"hash":"a=b;c, d"}', rows: "0", "schema-version": "3" };
      await put(key, "x", { Metadata });
      expect((await head(key)).Metadata).toEqual(Metadata);
      expect((await get(key)).Metadata).toEqual(Metadata);
    });

    test("up to 2 KB", async () => {
      const key = newKey();
      const Metadata = { a: "x".repeat(1000), b: "y".repeat(1000) };
      await put(key, "x", { Metadata });
      expect((await head(key)).Metadata).toEqual(Metadata);
    });

    test("over 2 KB is MetadataTooLarge, and nothing is written", async ({ skip }) => {
      const key = newKey();
      const Metadata = { a: "x".repeat(1000), b: "y".repeat(1100) };
      const refused = await put(key, "x", { Metadata }).catch((error) => error);
      // moto 5.2 keeps any amount: an emulator's gap, which costs a developer an error, and nobody data.
      skip(!s3.exact && !(refused instanceof Error), "this endpoint has no limit for metadata");
      expect(refused).toMatchObject(failure("MetadataTooLarge", 400));
      await expect(head(key)).rejects.toMatchObject(failure("NotFound", 404));
    });
  });

  describe("conditional PUTs", () => {
    test("If-None-Match: * creates", async () => {
      const key = newKey();
      await put(key, "x", { IfNoneMatch: "*", Metadata: { writer: "1" } });
      expect((await get(key)).Metadata).toEqual({ writer: "1" });
    });

    test("If-None-Match: * on an existing key is 412 and leaves body and metadata", async () => {
      const key = newKey();
      await put(key, "first", { Metadata: { writer: "1" } });
      const second = put(key, "second", { IfNoneMatch: "*", Metadata: { writer: "2" } });
      await expect(second).rejects.toMatchObject(failure("PreconditionFailed", 412));
      const { bytes, Metadata } = await get(key);
      expect(bytes.toString()).toBe("first");
      expect(Metadata).toEqual({ writer: "1" });
    });

    test("of 8 concurrent writers with If-None-Match: * one wins, and content and metadata are the winner's", async () => {
      for (let round = 0; round < 5; round++) {
        const key = newKey();
        const winners = await race((writer) =>
          put(key, `body of ${writer}`, { IfNoneMatch: "*", Metadata: { writer: String(writer) } }),
        );
        expect(winners).toHaveLength(1);
        const { bytes, Metadata } = await get(key);
        expect(bytes.toString()).toBe(`body of ${winners[0]}`);
        expect(Metadata).toEqual({ writer: String(winners[0]) });
      }
    });

    test("If-Match with the current ETag replaces", async () => {
      const key = newKey();
      const { ETag } = await put(key, "one");
      const next = await put(key, "two", { IfMatch: ETag });
      expect(next.ETag).not.toBe(ETag);
      expect(await textOf(key)).toBe("two");
    });

    test("If-Match with another ETag is 412 and leaves the object", async () => {
      const key = newKey();
      const { ETag } = await put(key, "one");
      await put(key, "two");
      await expect(put(key, "three", { IfMatch: ETag })).rejects.toMatchObject(failure("PreconditionFailed", 412));
      expect(await textOf(key)).toBe("two");
    });

    test("If-Match on an absent key is 404", async () => {
      const key = newKey();
      const swap = put(key, "x", { IfMatch: '"d41d8cd98f00b204e9800998ecf8427e"' });
      await expect(swap).rejects.toMatchObject(failure("NoSuchKey", 404));
      await expect(head(key)).rejects.toMatchObject(failure("NotFound", 404));
    });

    test("of 8 concurrent compare-and-swaps from one ETag one wins", async () => {
      const key = newKey();
      let { ETag } = await put(key, "start");
      for (let round = 0; round < 5; round++) {
        const winners = await race((writer) => put(key, `round ${round}, ${writer}`, { IfMatch: ETag }));
        expect(winners).toHaveLength(1);
        const current = await get(key);
        expect(current.bytes.toString()).toBe(`round ${round}, ${winners[0]}`);
        ETag = current.ETag;
      }
    });

    test("no increment is lost when 8 writers count by compare-and-swap", async () => {
      const key = newKey();
      await put(key, "0");
      const increment = async (): Promise<void> => {
        for (;;) {
          const { bytes, ETag } = await get(key);
          try {
            await put(key, String(Number(bytes.toString()) + 1), { IfMatch: ETag });
            return;
          } catch (error) {
            if (!lostRace(error)) throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: 8 }, increment));
      expect(await textOf(key)).toBe("8");
    });
  });

  describe("listing", () => {
    test("sees an object at once, with its size", async () => {
      const key = newKey();
      expect(await keysOf(key)).toEqual([]);
      await put(key, "12345");
      const { Contents, KeyCount } = await list(key);
      expect(KeyCount).toBe(1);
      expect(Contents).toMatchObject([{ Key: key, Size: 5 }]);
      expect(Math.abs(Date.now() - Contents![0]!.LastModified!.getTime())).toBeLessThan(60_000);
    });

    test("is in the order of the keys' bytes, not of folders", async () => {
      const root = newKey("");
      const names = ["a-b", "a.json", "a/b", "a/b-c", "a0", "B", "~", "é", "\u{ff5e}", "😀"];
      for (const name of names) await put(root + name, "x");
      const expected = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(await keysOf(root)).toEqual(expected.map((name) => root + name));
    });

    test("takes a prefix that ends within a name", async () => {
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

    test("goes on in pages, groups included, without loss or repeat", async () => {
      const root = newKey("");
      for (const name of ["a", "b/1", "b/2", "b/3", "c", "d/1", "e"]) await put(root + name, "x");
      const seen: string[] = [];
      let pages = 0;
      const input = { Bucket: s3.bucket, Prefix: root, Delimiter: "/", MaxKeys: 2 };
      for await (const page of paginateListObjectsV2({ client: s3.client }, input)) {
        pages++;
        seen.push(...(page.Contents ?? []).map(({ Key }) => Key!.slice(root.length)));
        seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!.slice(root.length)));
      }
      expect(seen.sort()).toEqual(["a", "b/", "c", "d/", "e"]);
      expect(pages).toBe(3);
    });

    test("starts after a key", async () => {
      const root = newKey("");
      for (const name of ["1", "2", "3"]) await put(root + name, "x");
      const { Contents } = await list(root, { StartAfter: `${root}1` });
      expect(Contents?.map(({ Key }) => Key)).toEqual([`${root}2`, `${root}3`]);
    });

    test("of more than 1000 keys comes in pages of 1000", async () => {
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

/** Runs 8 writers at once; the numbers of those whose PUT was accepted. Anything but a lost race is thrown. */
async function race(write: (writer: number) => Promise<unknown>): Promise<number[]> {
  const results = await Promise.allSettled(Array.from({ length: 8 }, (_, writer) => write(writer)));
  const losses = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  for (const reason of losses) if (!lostRace(reason)) throw reason;
  return results.flatMap(({ status }, writer) => (status === "fulfilled" ? [writer] : []));
}

/** 412, or 409: AWS may also answer that two were at it at the same time. */
function lostRace(error: unknown): boolean {
  return (
    error instanceof Error &&
    ["PreconditionFailed", "ConditionalRequestConflict", "OperationAborted"].includes(error.name)
  );
}
