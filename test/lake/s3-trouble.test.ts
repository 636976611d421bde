import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { createS3Bucket } from "../../lib/aws/s3.ts";
import { HANG_LIMIT } from "../limits.ts";

/** Request timeout of the client while the bucket fails. Milliseconds. */
const TIMEOUT = 200;

/** The part of the SDK's handler that the types of its clients hide. */
interface Changeable {
  updateHttpClientConfig(key: "requestTimeout", milliseconds: number): void;
}

/** Returns a bucket that fails the first requests, and then accepts every PUT. */
const failingBucket = async (fail: (response: ServerResponse) => void, times: number) => {
  let requests = 0;
  const server = createServer((request, response) => {
    request.resume();
    // The request that is to succeed may take its time.
    if (++requests === times) handler.updateHttpClientConfig("requestTimeout", HANG_LIMIT);
    if (requests <= times) fail(response);
    else response.writeHead(200, { etag: '"1"' }).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "local",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 5,
    requestHandler: { requestTimeout: TIMEOUT, throwOnRequestTimeout: true },
  });
  const handler = client.config.requestHandler as unknown as Changeable;
  return {
    bucket: createS3Bucket(client, "lake"),
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      client.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
};

const errorResponse = (status: number, code: string) => (response: ServerResponse) =>
  void response
    .writeHead(status, { "content-type": "application/xml" })
    .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`);

test.each([
  ["503 SlowDown", errorResponse(503, "SlowDown")],
  ["500 InternalError", errorResponse(500, "InternalError")],
  ["a response that does not arrive", () => {}],
])("%s is retried, and the PUT succeeds", async (_, fail) => {
  await using s3 = await failingBucket(fail, 2);
  expect(await s3.bucket.put("k", "x")).toEqual({ etag: '"1"' });
  expect(s3.requests()).toBe(3);
});

test("access denied is not retried", async () => {
  await using s3 = await failingBucket(errorResponse(403, "AccessDenied"), 9);
  await expect(s3.bucket.put("k", "x")).rejects.toThrow(/access to bucket lake is denied/);
  expect(s3.requests()).toBe(1);
});
