import { randomBytes } from "node:crypto";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createS3Bucket } from "../../lib/aws/s3.ts";
import { bucketContract } from "../contract/bucket.contract.ts";
import { s3Contract } from "../contract/s3.contract.ts";
import { secretsManagerContract } from "../contract/secrets-manager.contract.ts";
import { type Emulator, startEmulator } from "./emulator.fixture.ts";

/**
 * Cases of the contracts that the emulator does not fulfill, each with its actual behavior. They are expected to fail: a case
 * that passes fails the run until it is removed from this list.
 */
const LACKING: Record<string, string> = {
  "over 2 KB is MetadataTooLarge, and nothing is written": "it keeps any amount of metadata",
  "a secret without a value is ResourceNotFoundException, which names the label":
    "it returns a version without a value",
};

let emulator: Emulator;
let s3: S3Client;
const expected = new Set<string>();

beforeAll(async () => {
  emulator = await startEmulator();
  s3 = new S3Client(emulator.client);
});
afterAll(async () => {
  s3?.destroy();
  await emulator?.close();
});
beforeEach(({ task }) => {
  if (!(task.name in LACKING)) return;
  expected.add(task.name);
  // Has the effect of `test.fails`, without a change to the contract.
  (task as { fails?: boolean }).fails = true;
});

const newBucket = async (): Promise<string> => {
  const Bucket = `restlake-contract-${randomBytes(6).toString("hex")}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
};

describe("S3 in the emulator", () => {
  s3Contract(async () => ({ client: s3, bucket: await newBucket(), exact: true, stop: async () => {} }));
});

bucketContract("a bucket in the emulator", async () => createS3Bucket(s3, await newBucket()));

describe("Secrets Manager in the emulator", () => {
  secretsManagerContract(async () => {
    const client = new SecretsManagerClient(emulator.client);
    return { client, stop: async () => client.destroy() };
  });
});

test("every exception of the emulator is a case of the contracts", () => {
  expect([...expected].sort()).toEqual(Object.keys(LACKING).sort());
});
