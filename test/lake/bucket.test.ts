import { S3Client } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { createS3Bucket } from "../../lib/aws/s3.ts";
import { StorageError } from "../../lib/errors/index.ts";
import { startLake } from "./lake.fixture.ts";

const ABSENT_ETAG = '"d41d8cd98f00b204e9800998ecf8427e"';

describe("an object in the bucket", () => {
  test("is returned by get and head as it was put, with the quotes of its ETag", async () => {
    await using lake = await startLake();
    const body = Buffer.from([0, 255, 10, 128]);
    const result = await lake.bucket.put("a/b", body, { metadata: { rows: "1" }, content_type: "application/gzip" });
    const { etag } = result as { etag: string };
    expect(etag).toMatch(/^".+"$/);
    const got = await lake.bucket.get("a/b");
    expect(got).toMatchObject({ etag, size: 4, metadata: { rows: "1" } });
    expect(Buffer.from(got!.body)).toEqual(body);
    expect(await lake.bucket.head("a/b")).toEqual({ etag, size: 4, metadata: { rows: "1" } });
  });

  test("is null when it does not exist, and not an error", async () => {
    await using lake = await startLake();
    expect(await lake.bucket.get("absent")).toBeNull();
    expect(await lake.bucket.head("absent")).toBeNull();
  });

  test("is not null when it is empty", async () => {
    await using lake = await startLake();
    await lake.bucket.put("empty", new Uint8Array());
    expect(await lake.bucket.get("empty")).toMatchObject({ size: 0 });
    expect(await lake.bucket.head("empty")).toMatchObject({ size: 0 });
  });
});

describe("a conditional PUT", () => {
  test("with If-None-Match writes once", async () => {
    await using lake = await startLake();
    const condition = { if_none_match: "*" } as const;
    expect(await lake.bucket.put("k", "one", { condition })).toMatchObject({ etag: expect.any(String) });
    expect(await lake.bucket.put("k", "two", { condition })).toBe("precondition_failed");
    expect((await lake.read("k")).toString()).toBe("one");
  });

  test("with If-Match replaces the version that it names, and no other", async () => {
    await using lake = await startLake();
    const { etag } = (await lake.bucket.put("k", "one")) as { etag: string };
    expect(await lake.bucket.put("k", "two", { condition: { if_match: etag } })).toHaveProperty("etag");
    expect(await lake.bucket.put("k", "three", { condition: { if_match: etag } })).toBe("precondition_failed");
    expect((await lake.read("k")).toString()).toBe("two");
  });

  test("with If-Match fails for a key that does not exist, as for another ETag", async () => {
    await using lake = await startLake();
    expect(await lake.bucket.put("gone", "x", { condition: { if_match: ABSENT_ETAG } })).toBe("precondition_failed");
    expect(await lake.keys()).toEqual([]);
  });

  test("returns conflict for a 409, which the caller retries", async () => {
    await using lake = await startLake();
    lake.fail(() => ({ status: 409, code: "ConditionalRequestConflict" }));
    expect(await lake.bucket.put("k", "x", { condition: { if_none_match: "*" } })).toBe("conflict");
  });

  test("fails when the SDK repeats it because the response was lost", async () => {
    await using lake = await startLake();
    lake.failOnce(({ operation }) => operation === "PutObject", "lost");
    const result = await lake.bucket.put("k", "mine", {
      condition: { if_none_match: "*" },
      metadata: { writer: "me" },
    });
    expect(result).toBe("precondition_failed");
    expect(await lake.bucket.head("k")).toMatchObject({ metadata: { writer: "me" } });
  });
});

describe("an S3 error", () => {
  test("that is temporary is retried by the SDK", async () => {
    await using lake = await startLake();
    for (const how of ["reset", { status: 500, code: "InternalError" }] as const) {
      lake.failOnce(() => true, how);
      expect(await lake.bucket.put("k", "x")).toHaveProperty("etag");
      lake.failOnce(() => true, how);
      expect(await lake.bucket.get("k")).toMatchObject({ size: 1 });
      lake.failOnce(() => true, how);
      expect(await lake.bucket.head("k")).toMatchObject({ size: 1 });
    }
  });

  test("that persists is a StorageError with bucket, key and cause", async () => {
    await using lake = await startLake();
    lake.fail(() => ({ status: 500, code: "InternalError" }));
    const error = await lake.bucket.get("state/x.json").catch((thrown) => thrown);
    expect(error).toBeInstanceOf(StorageError);
    expect(error.message).toMatch(/bucket lake cannot be used .*; key state\/x\.json/);
    expect(error.cause).toBeInstanceOf(Error);
  });

  test("403 is never treated as an absent object", async () => {
    await using lake = await startLake({ listPrefixes: ["state/"] });
    expect(await lake.bucket.get("state/absent")).toBeNull();
    for (const method of ["get", "head"] as const) {
      const error = await lake.bucket[method]("data/absent").catch((thrown) => thrown);
      expect(error).toBeInstanceOf(StorageError);
      expect(error.message).toMatch(/access to bucket lake is denied.*key data\/absent/);
    }
    lake.fail(() => ({ status: 403, code: "AccessDenied" }));
    await expect(lake.bucket.put("k", "x")).rejects.toThrow(/access to bucket lake is denied/);
  });

  test("for a missing bucket names the bucket, on reading and on writing", async () => {
    await using lake = await startLake();
    const other = createS3Bucket(lake.client, "restlake-absent");
    await expect(other.get("k")).rejects.toThrow(/bucket restlake-absent does not exist: deploy the stack/);
    await expect(other.put("k", "x")).rejects.toThrow(StorageError);
    const condition = { if_match: ABSENT_ETAG };
    await expect(other.put("k", "x", { condition })).rejects.toThrow(/bucket restlake-absent does not exist/);
  });

  test("is a StorageError when the endpoint refuses connections", async () => {
    const client = new S3Client({
      endpoint: "http://127.0.0.1:1",
      region: "us-east-1",
      credentials: { accessKeyId: "x", secretAccessKey: "x" },
      maxAttempts: 1,
    });
    await expect(createS3Bucket(client, "lake").get("k")).rejects.toThrow(StorageError);
    client.destroy();
  });
});
