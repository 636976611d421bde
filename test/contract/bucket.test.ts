import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll } from "vitest";
import { createS3Bucket } from "../../lib/aws/s3.ts";
import { type LocalS3, startS3 } from "../../local/s3/index.ts";
import { createMemoryBucket } from "../reliability/memory-bucket.ts";
import { bucketContract } from "./bucket.contract.ts";

let s3: LocalS3;
let client: S3Client;
let buckets = 0;
const root = mkdtempSync(join(tmpdir(), "restlake-bucket-"));

beforeAll(async () => {
  s3 = await startS3({ root, buckets: Array.from({ length: 20 }, (_, index) => `bucket-${index}`) });
  client = new S3Client({
    endpoint: s3.url,
    region: "local",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
});

afterAll(async () => {
  client.destroy();
  await s3.close();
  rmSync(root, { recursive: true });
});

bucketContract("a bucket of S3", async () => createS3Bucket(client, `bucket-${buckets++}`));
bucketContract("the bucket in memory", async () => createMemoryBucket());
