import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { describe } from "vitest";
import { startS3 } from "../../local/s3/index.ts";
import { startSecretsManager } from "../../local/secrets-manager/index.ts";
import { s3Contract } from "./s3.contract.ts";
import { secretsManagerContract } from "./secrets-manager.contract.ts";

const dummy = { region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
const { AWS_ENDPOINT_URL: endpoint } = process.env;

describe("the S3 emulator", () => {
  s3Contract(async () => {
    const root = await mkdtemp(join(tmpdir(), "restlake-s3-"));
    const emulator = await startS3({ root, buckets: ["lake"] });
    // restlake uses the emulator through the same variable of the SDK, which overrides AWS_ENDPOINT_URL.
    process.env.AWS_ENDPOINT_URL_S3 = emulator.url;
    const client = new S3Client(dummy);
    return {
      client,
      bucket: "lake",
      exact: true,
      async stop() {
        delete process.env.AWS_ENDPOINT_URL_S3;
        client.destroy();
        await emulator.close();
        await rm(root, { recursive: true });
      },
    };
  });
});

describe("the Secrets Manager emulator", () => {
  secretsManagerContract(async () => {
    const emulator = await startSecretsManager();
    process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = emulator.url;
    const client = new SecretsManagerClient(dummy);
    return {
      client,
      async stop() {
        delete process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER;
        client.destroy();
        await emulator.close();
      },
    };
  });
});

// The same contract for other services (moto, LocalStack, MiniStack ...): endpoint, region and keys come from the environment.
const atS3 = () => {
  s3Contract(async () => {
    const client = new S3Client();
    const bucket = `restlake-contract-${randomBytes(6).toString("hex")}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    return {
      client,
      bucket,
      async stop() {
        for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket })) {
          await Promise.all(Contents.map(({ Key }) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key }))));
        }
        await client.send(new DeleteBucketCommand({ Bucket: bucket }));
        client.destroy();
      },
    };
  });
};

const atSecretsManager = () => {
  secretsManagerContract(async () => {
    const client = new SecretsManagerClient();
    return { client, stop: async () => client.destroy() };
  });
};

if (endpoint !== undefined) {
  describe(`S3 at ${endpoint}`, atS3);
  describe(`Secrets Manager at ${endpoint}`, atSecretsManager);
}
