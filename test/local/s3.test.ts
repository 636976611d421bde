import { appendFile, cp, mkdir, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
} from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { freePort } from "../../local/free-port.ts";
import { type S3Request, startS3 } from "../../local/s3/index.ts";
import { HANG_LIMIT } from "../limits.ts";
import { Bucket, failure, newRoot, startLake } from "./s3.fixture.ts";

describe("objects as plain files", () => {
  test("an object is the file <root>/<bucket>/<key> with the bytes that were put", async () => {
    await using lake = await startLake();
    const key = "data/crm/orders/json/dt=2026-11-20/orders-000001.json.gz";
    await lake.put(key, Buffer.from([0, 255, 10]), { Metadata: { rows: "1" } });
    expect([...(await readFile(lake.file(key)))]).toEqual([0, 255, 10]);
    expect(await readdir(dirname(lake.file(key)))).toEqual(["orders-000001.json.gz"]);
  });

  test("a file that a user creates is an object", async () => {
    await using lake = await startLake();
    await mkdir(lake.file("a"), { recursive: true });
    await writeFile(lake.file("a/by-hand.json"), "{}");
    expect((await lake.list()).Contents).toMatchObject([{ Key: "a/by-hand.json", Size: 2 }]);
    const { text, Metadata, ETag } = await lake.get("a/by-hand.json");
    expect([text, Metadata, ETag]).toEqual(["{}", {}, '"99914b932bd37a50b983c5e7c90ae93b"']);
    await expect(lake.put("a/by-hand.json", "x", { IfNoneMatch: "*" })).rejects.toMatchObject({
      name: "PreconditionFailed",
    });
  });

  test("an object is gone, with its metadata, once a user deletes its file", async () => {
    await using lake = await startLake();
    await lake.put("a/b", "x", { Metadata: { writer: "1" } });
    await rm(lake.file("a"), { recursive: true });
    await expect(lake.get("a/b")).rejects.toMatchObject(failure("NoSuchKey", 404));
    await lake.put("a/b", "y", { IfNoneMatch: "*" });
    expect((await lake.get("a/b")).Metadata).toEqual({});
  });

  test("an object loses its metadata once a user edits its file", async () => {
    await using lake = await startLake();
    await lake.put("a", "x", { Metadata: { writer: "1" } });
    const before = (await lake.get("a")).ETag;
    await appendFile(lake.file("a"), "y");
    const { text, Metadata, ETag } = await lake.get("a");
    expect([text, Metadata]).toEqual(["xy", {}]);
    expect(ETag).not.toBe(before);
    await writeFile(lake.file("a"), "yx");
    const again = await lake.get("a");
    expect(again.text).toBe("yx");
    expect(again.ETag).not.toBe(ETag);
    // The same length as the original: only time and content differ.
    await writeFile(lake.file("a"), "y");
    expect((await lake.get("a")).Metadata).toEqual({});
  });

  test("metadata survives a restart", async () => {
    await using lake = await startLake();
    await lake.put("a", "x", { Metadata: { rows: "1" }, ContentType: "text/plain" });
    await using again = await startLake({ root: lake.root });
    expect(await again.get("a")).toMatchObject({ text: "x", Metadata: { rows: "1" }, ContentType: "text/plain" });
  });

  test("metadata survives when the whole tree is copied or touched", async () => {
    await using lake = await startLake();
    await lake.put("a/b", "same", { Metadata: { key: "a/b" } });
    await lake.put("a/c", "same", { Metadata: { key: "a/c" } });
    const copy = await newRoot();
    await cp(lake.root, copy, { recursive: true });
    await utimes(lake.file("a/b"), 1, 1);
    // A leftover of a killed process.
    await writeFile(join(lake.root, ".metadata", Bucket, "a/b/@1.json"), '{"key":"a/');
    expect((await lake.get("a/b")).Metadata).toEqual({ key: "a/b" });
    await using other = await startLake({ root: copy });
    expect((await other.get("a/b")).Metadata).toEqual({ key: "a/b" });
    expect((await other.get("a/c")).Metadata).toEqual({ key: "a/c" });
    await rm(copy, { recursive: true });
  });

  test("no leftovers remain of replaced, refused or deleted objects", async () => {
    await using lake = await startLake();
    for (const body of ["1", "2", "3"]) await lake.put("a/@1.json/b", body);
    await expect(lake.put("a/@1.json/b", "4", { IfNoneMatch: "*" })).rejects.toThrow();
    const own = async () =>
      (await readdir(join(lake.root, ".metadata"), { recursive: true }))
        .filter((name) => !/^\.[a-z]+$/.test(name))
        .sort();
    const sidecar = expect.stringMatching(/^lake\/a\/@@1\.json\/b\/@\d+\.json$/);
    expect(await own()).toEqual(["lake", "lake/a", "lake/a/@@1.json", "lake/a/@@1.json/b", sidecar]);
    await lake.remove("a/@1.json/b");
    expect(await own()).toEqual(["lake"]);
    expect(await readdir(join(lake.root, Bucket))).toEqual([]);
  });

  test("If-None-Match: * never replaces a file, not even one that a user creates at the same time", async () => {
    await using lake = await startLake();
    let usual = 5;
    const race = async (key: string) => {
      const started = performance.now();
      const byApi = lake.put(key, "put", { IfNoneMatch: "*" }).finally(() => {
        usual = (usual + performance.now() - started) / 2;
      });
      // At a random moment during the PUT.
      const byPerson = sleep(Math.random() * usual).then(() => writeFile(lake.file(key), "person", { flag: "wx" }));
      const [put, made] = await Promise.allSettled([byApi, byPerson]);
      expect([put.status, made.status].sort()).toEqual(["fulfilled", "rejected"]);
      expect(await readFile(lake.file(key), "utf8")).toBe(put.status === "fulfilled" ? "put" : "person");
    };
    for (let n = 0; n < 30; n++) await Promise.all([1, 2, 3].map((one) => race(`${n}-${one}`)));
  });

  test("readers get body and metadata of one PUT, even while the object is overwritten", async () => {
    await using lake = await startLake();
    const write = (n: number) => lake.put("a", `${n} `.repeat(100 + (n % 7)), { Metadata: { n: String(n) } });
    await write(0);
    let writing = true;
    const writer = (async () => {
      for (let n = 1; n <= 60; n++) await write(n);
      writing = false;
    })();
    const reader = async () => {
      while (writing) {
        const { text, Metadata } = await lake.get("a");
        expect(text.split(" ")[0]).toBe(Metadata?.n);
      }
    };
    await Promise.all([writer, reader(), reader(), reader()]);
  });
});

describe("other operations of the SDK", () => {
  test("buckets are folders: they can be created, found and listed", async () => {
    await using lake = await startLake();
    const create = (name: string) => lake.client.send(new CreateBucketCommand({ Bucket: name }));
    await create("another-bucket-1");
    await lake.client.send(new HeadBucketCommand({ Bucket: "another-bucket-1" }));
    expect((await lake.client.send(new ListBucketsCommand())).Buckets?.map(({ Name }) => Name)).toEqual([
      "another-bucket-1",
      "lake",
    ]);
    await expect(create("lake")).rejects.toMatchObject(failure("BucketAlreadyOwnedByYou", 409));
    await expect(create("Not_a_name")).rejects.toMatchObject(failure("InvalidBucketName", 400));
  });

  test("GET supports If-Match and If-None-Match", async () => {
    await using lake = await startLake();
    const { ETag } = await lake.put("a", "x");
    const get = (more: { IfMatch?: string; IfNoneMatch?: string }) =>
      lake.client.send(new GetObjectCommand({ Bucket, Key: "a", ...more }));
    expect(await (await get({ IfMatch: ETag })).Body?.transformToString()).toBe("x");
    expect(await (await get({ IfNoneMatch: '"other"' })).Body?.transformToString()).toBe("x");
    await expect(get({ IfMatch: '"other"' })).rejects.toMatchObject(failure("PreconditionFailed", 412));
    await expect(get({ IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
  });

  test("listings support MaxKeys 0 and URL encoding, and refuse an invalid token", async () => {
    await using lake = await startLake();
    await lake.put("a=1/b c", "x");
    const list = (more: Partial<ListObjectsV2CommandInput>) =>
      lake.client.send(new ListObjectsV2Command({ Bucket, ...more }));
    expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
    expect((await list({ EncodingType: "url" })).Contents?.[0]?.Key).toBe("a%3D1/b%20c");
    await expect(list({ ContinuationToken: "?" })).rejects.toMatchObject(failure("InvalidArgument", 400));
    await expect(list({ MaxKeys: -1 })).rejects.toMatchObject(failure("InvalidArgument", 400));
  });
});

test("a role without ListBucket gets 403 for absent keys outside the prefixes that it may list", async () => {
  await using lake = await startLake({ listPrefixes: ["state/", "manifests/"] });
  await lake.put("data/there", "x");
  expect((await lake.get("data/there")).text).toBe("x");
  await expect(lake.get("data/absent")).rejects.toMatchObject(failure("AccessDenied", 403));
  await expect(lake.head("data/absent")).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  await expect(lake.get("state/absent")).rejects.toMatchObject(failure("NoSuchKey", 404));
  await expect(lake.head("state/absent")).rejects.toMatchObject(failure("NotFound", 404));
  await expect(lake.list("data/")).rejects.toMatchObject(failure("AccessDenied", 403));
  await expect(lake.list()).rejects.toMatchObject(failure("AccessDenied", 403));
  expect((await lake.list("state/crm/")).KeyCount).toBe(0);
});

describe("a fault", () => {
  test("with a status fails the operation without any effect", async () => {
    const seen: S3Request[] = [];
    await using lake = await startLake({
      fault: (request) => {
        seen.push(request);
        return request.operation === "PutObject" ? { status: 503, code: "SlowDown" } : undefined;
      },
    });
    const large = Buffer.alloc(5_000_000);
    await expect(lake.put("a=1/b", large, { IfNoneMatch: "*" })).rejects.toMatchObject(failure("SlowDown", 503));
    await expect(lake.head("a=1/b")).rejects.toMatchObject({ name: "NotFound" });
    expect(seen).toMatchObject([
      { operation: "PutObject", bucket: "lake", key: "a=1/b", headers: { "if-none-match": "*" } },
      { operation: "HeadObject", bucket: "lake", key: "a=1/b" },
    ]);
  });

  test('"lost" executes the operation but sends no response, not even an error', async () => {
    await using lake = await startLake({ fault: ({ operation }) => (operation === "PutObject" ? "lost" : undefined) });
    await expect(lake.put("a", "x", { IfNoneMatch: "*" })).rejects.toMatchObject({ code: "ECONNRESET" });
    expect((await lake.get("a")).text).toBe("x");
    await expect(lake.put("a", "y", { IfNoneMatch: "*" })).rejects.toMatchObject({ code: "ECONNRESET" });
    expect((await lake.get("a")).text).toBe("x");
  });

  test('"reset" sends no response and does not execute the operation', async () => {
    await using lake = await startLake({ fault: ({ operation }) => (operation === "PutObject" ? "reset" : undefined) });
    await expect(lake.put("a", "x")).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(lake.head("a")).rejects.toMatchObject({ name: "NotFound" });
  });
});

describe("the server", () => {
  test("names the port in use and what to do", async () => {
    await using lake = await startLake();
    const port = Number(new URL(lake.url).port);
    const second = startS3({ root: lake.root, port });
    await expect(second).rejects.toThrow(`port ${port} on 127.0.0.1 is in use: stop the process that uses it, or`);
  });

  // Only Linux has the address 127.0.0.2.
  test.runIf(process.platform === "linux")("listens on the given port, and on 127.0.0.1 only", async () => {
    const root = await newRoot();
    const port = await freePort();
    const server = await startS3({ root, port });
    expect(server.url).toBe(`http://127.0.0.1:${port}`);
    // Another address of this computer: a server on 0.0.0.0 would accept the connection.
    const elsewhere = new Promise((resolve, reject) =>
      connect(port, "127.0.0.2", () => resolve("open")).on("error", reject),
    );
    await expect(elsewhere).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await server.close();
    await rm(root, { recursive: true });
  });

  test("closes idle connections on close, and waits for a request in progress", async () => {
    const root = await newRoot();
    const server = await startS3({ root, buckets: [Bucket], closeTimeout: HANG_LIMIT });
    expect((await fetch(`${server.url}/${Bucket}?list-type=2`)).status).toBe(200);
    const headers = { "content-length": 2, connection: "keep-alive" };
    const slow = request(`${server.url}/${Bucket}/slow`, { method: "PUT", headers });
    const responded = new Promise((resolve) => slow.on("response", (response) => resolve(text(response))));
    await new Promise((resolve) => slow.write("x", resolve));
    // The request must arrive before the close, or there is nothing to wait for.
    while ((await readdir(join(root, ".metadata/.temporary"))).length === 0) await new Promise(setImmediate);
    const closed = server.close();
    slow.end("y");
    await responded;
    await closed;
    expect(await readFile(join(root, Bucket, "slow"), "utf8")).toBe("xy");
    await rm(root, { recursive: true });
  });

  test("does not wait for a client that stalls", async () => {
    const root = await newRoot();
    const server = await startS3({ root, buckets: [Bucket], closeTimeout: 100 });
    const stalled = request(`${server.url}/${Bucket}/slow`, { method: "PUT", headers: { "content-length": 2 } });
    const gone = new Promise((resolve) => stalled.on("error", resolve));
    await new Promise((resolve) => stalled.write("x", resolve));
    while ((await readdir(join(root, ".metadata/.temporary"))).length === 0) await new Promise(setImmediate);
    await server.close();
    await gone;
    expect(await readdir(join(root, ".metadata/.temporary"))).toEqual([]);
    expect(await readdir(join(root, Bucket))).toEqual([]);
    await rm(root, { recursive: true });
  });
});
