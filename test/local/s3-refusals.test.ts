import { mkdir, readdir } from "node:fs/promises";
import { Agent, type RequestOptions, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { Bucket, failure, startLake } from "./s3.fixture.ts";

/** Sends a request that no SDK would send. */
function raw(url: string, path: string, { body = "", ...options }: RequestOptions & { body?: string } = {}) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(url, { agent: false, ...options, path }, async (response) => {
      resolve({ status: response.statusCode!, text: await text(response) });
    });
    sent.on("error", reject).end(body);
  });
}

describe("a key", () => {
  const paths = [
    "/lake/../../outside",
    "/lake/%2e%2e/outside",
    "/lake/a/../../outside",
    "/lake/a%2F..%2F..%2Foutside",
    "/lake//etc/outside",
    "/lake/a//b",
    "/lake/a/",
    "/lake/a/./b",
    "/lake/a%00b",
    "/../outside",
    "/.metadata/lake/outside",
    "/%2e%2e/outside",
    "/lake/%ff",
    `/lake/${"x".repeat(300)}`,
    `/lake/${"x/".repeat(600)}x`,
  ];
  test.each(paths.map((path) => [path.slice(0, 30), path]))(
    "is refused if it cannot be a file name: %s",
    async (_, path) => {
      await using lake = await startLake();
      await lake.put("other", "x");
      const before = (await readdir(lake.root, { recursive: true })).sort();
      const { status, text } = await raw(lake.url, path, {
        method: "PUT",
        body: "x",
        headers: { "content-length": 1 },
      });
      expect(status).toBe(400);
      expect(text).toMatch(/<Code>(InvalidArgument|InvalidBucketName|InvalidURI|KeyTooLongError)</);
      expect((await readdir(lake.root, { recursive: true })).sort()).toEqual(before);
    },
  );

  test("is refused with the reason if a file exists where it needs a folder, or the reverse", async () => {
    await using lake = await startLake();
    await lake.put("file", "x");
    await lake.put("folder/file", "x");
    for (const IfNoneMatch of [undefined, "*"]) {
      const below = lake.put("file/below", "x", { IfNoneMatch });
      await expect(below).rejects.toMatchObject(failure("InvalidArgument", 400));
      await expect(below).rejects.toThrow(/a file exists where a folder is needed/);
      await expect(lake.put("folder", "x", { IfNoneMatch })).rejects.toMatchObject(failure("InvalidArgument", 400));
    }
    await expect(lake.get("file/below")).rejects.toMatchObject(failure("NoSuchKey", 404));
    await expect(lake.get("folder")).rejects.toMatchObject(failure("NoSuchKey", 404));
    const kept = await readdir(join(lake.root, ".metadata", Bucket), { recursive: true });
    expect(kept.filter((name) => !name.endsWith(".json")).sort()).toEqual(["file", "folder", "folder/file"]);
    expect(kept.filter((name) => name.endsWith(".json"))).toHaveLength(2);
    await lake.remove("folder");
    await lake.remove("file/below");
    expect((await lake.list()).Contents?.map(({ Key }) => Key)).toEqual(["file", "folder/file"]);
  });

  test("can be written where an emptied folder was", async () => {
    await using lake = await startLake();
    await lake.put("a/b/c", "x");
    await lake.remove("a/b/c");
    await lake.put("a", "x", { IfNoneMatch: "*" });
    await mkdir(lake.file("b"));
    await lake.put("b", "x");
    expect((await lake.list()).Contents).toHaveLength(2);
  });
});

describe("an invalid request", () => {
  const send = (url: string, headers: Record<string, string>, body: string) =>
    raw(url, "/lake/a", {
      method: "PUT",
      headers: { "content-length": String(Buffer.byteLength(body)), ...headers },
      body,
    });
  const chunked = {
    "content-encoding": "aws-chunked",
    "x-amz-decoded-content-length": "5",
    "x-amz-trailer": "x-amz-checksum-crc32",
  };

  test.each([
    ["a wrong CRC32", { "x-amz-checksum-crc32": "AAAAAA==" }, "hello", "BadDigest"],
    ["a wrong MD5", { "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==" }, "hello", "BadDigest"],
    [
      "a wrong SHA-256 of the payload",
      { "x-amz-content-sha256": "0".repeat(64) },
      "hello",
      "XAmzContentSHA256Mismatch",
    ],
    ["a wrong CRC32 in a trailer", chunked, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "BadDigest"],
    ["a chunked body without its end", chunked, "5\r\nhello\r\n", "IncompleteBody"],
    ["a chunk without its end", chunked, "5\r\nhel", "IncompleteBody"],
    ["a chunked body of another length", chunked, "4\r\nhell\r\n0\r\n\r\n", "IncompleteBody"],
    ["a body that is not chunked", chunked, `hello${"x".repeat(500_000)}`, "InvalidRequest"],
    [
      "a chunk without a size",
      { ...chunked, "x-amz-decoded-content-length": "0" },
      "zz\r\n\r\n0\r\n\r\n",
      "InvalidRequest",
    ],
    ["two conditions at once", { "if-match": '"x"', "if-none-match": "*" }, "hello", "InvalidArgument"],
    ["a chunk longer than its declared size", chunked, "4\r\nhello\r\n0\r\n\r\n", "InvalidRequest"],
  ])("is refused: %s", async (_, headers, body, code) => {
    await using lake = await startLake();
    const { status, text } = await send(lake.url, headers, body);
    expect([status, text]).toEqual([400, expect.stringContaining(`<Code>${code}</Code>`)]);
    await expect(lake.head("a")).rejects.toMatchObject({ name: "NotFound" });
    expect(await readdir(join(lake.root, ".metadata/.temporary"))).toEqual([]);
  });

  test("does not block its connection for the next request", async () => {
    await using lake = await startLake();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const body = "x".repeat(5_000_000);
    const headers = { "content-length": String(body.length), ...chunked };
    expect((await raw(lake.url, "/lake/a", { method: "PUT", headers, body, agent })).status).toBe(400);
    expect(
      (await raw(lake.url, "/lake/a", { method: "PUT", headers: { "content-length": 1 }, body: "y", agent })).status,
    ).toBe(200);
    agent.destroy();
  });

  test("is accepted once its checksum and its chunks are right", async () => {
    await using lake = await startLake();
    const right = "3;chunk-signature=abc\r\nhel\r\n2\r\nlo\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
    expect(await send(lake.url, chunked, right)).toMatchObject({ status: 200 });
    const { text, ContentEncoding } = await lake.get("a");
    expect([text, ContentEncoding]).toEqual(["hello", undefined]);
    expect(await send(lake.url, { "x-amz-checksum-crc32": "NhCmhg==" }, "hello")).toMatchObject({ status: 200 });
    const checked = await lake.client.send(new HeadObjectCommand({ Bucket, Key: "a", ChecksumMode: "ENABLED" }));
    expect(checked.ChecksumCRC32).toBe("NhCmhg==");
  });

  test("is refused if its metadata is over 2 KB, to the byte", async () => {
    await using lake = await startLake();
    const Metadata = { ab: "x".repeat(2046) };
    await lake.put("a", "x", { Metadata });
    expect((await lake.head("a")).Metadata).toEqual(Metadata);
    await expect(lake.put("a", "x", { Metadata: { ab: "x".repeat(2047) } })).rejects.toThrow(
      /2049 bytes .* at most 2048/,
    );
    await expect(lake.put("a", "x", { Metadata: { ab: "x".repeat(20_000) } })).rejects.toMatchObject({
      name: "MetadataTooLarge",
    });
  });

  test("is refused if its body has no length", async () => {
    await using lake = await startLake();
    const { status, text } = await raw(lake.url, "/lake/a", {
      method: "PUT",
      headers: { "transfer-encoding": "chunked" },
      body: "x",
    });
    expect([status, text]).toEqual([411, expect.stringContaining("<Code>MissingContentLength</Code>")]);
  });

  test.each([
    ["PUT", "/lake/a", { "x-amz-copy-source": "/lake/b" }],
    ["PUT", "/lake/a?partNumber=1&uploadId=1", {}],
    ["POST", "/lake/a?uploads", {}],
    ["POST", "/lake?delete", {}],
    ["GET", "/lake/a?tagging", {}],
    ["GET", "/lake/a", { "if-modified-since": "Fri, 20 Nov 2026 09:00:00 GMT" }],
    ["DELETE", "/lake/a", { "if-match": '"x"' }],
    ["DELETE", "/lake", {}],
    ["GET", "/lake", {}],
    ["GET", "/lake?list-type=2&fetch-owner=true", {}],
    ["PUT", "/lake/a", { "if-none-match": '"x"' }],
    ["PUT", "/lake/a", { "if-match": "*" }],
  ])("returns 501 if the operation is not implemented: %s %s %o", async (method, path, headers) => {
    await using lake = await startLake();
    const { status, text } = await raw(lake.url, path, { method, headers: { "content-length": 0, ...headers } });
    expect([status, text]).toEqual([501, expect.stringContaining("<Code>NotImplemented</Code>")]);
  });
});
