import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { createS3Bucket } from "../../lib/aws/s3.ts";

/** Milliseconds until the client gives an answer up. */
const TIMEOUT = 200;

/** A bucket whose first answers are trouble; afterwards every PUT is taken. */
const troubled = async (trouble: (response: ServerResponse) => void, times: number) => {
  let requests = 0;
  const server = createServer((request, response) => {
    request.resume();
    if (requests++ < times) trouble(response);
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

const says = (status: number, code: string) => (response: ServerResponse) =>
  void response
    .writeHead(status, { "content-type": "application/xml" })
    .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`);

test.each([
  ["503 SlowDown", says(503, "SlowDown")],
  ["500 InternalError", says(500, "InternalError")],
  ["an answer that does not come", () => {}],
])("%s is tried again, and the PUT is taken", async (_, trouble) => {
  await using s3 = await troubled(trouble, 2);
  expect(await s3.bucket.put("k", "x")).toEqual({ etag: '"1"' });
  expect(s3.requests()).toBe(3);
});

test("access denied is told at once: it is not tried again", async () => {
  await using s3 = await troubled(says(403, "AccessDenied"), 9);
  await expect(s3.bucket.put("k", "x")).rejects.toThrow(/access to bucket lake is denied/);
  expect(s3.requests()).toBe(1);
});
