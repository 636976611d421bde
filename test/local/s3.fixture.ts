import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from "@aws-sdk/client-s3";
import { type S3Options, startS3 } from "../../local/s3/index.ts";

/** The only bucket of these tests. */
export const Bucket = "lake";

/** Creates a client without retries, so that each fault occurs once. Errors are those of the SDK. */
export function connect(endpoint: string) {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new S3Client({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
  return {
    client,
    put: (Key: string, Body: PutObjectCommandInput["Body"], more: Partial<PutObjectCommandInput> = {}) =>
      client.send(new PutObjectCommand({ Bucket, Key, Body, ...more })),
    get: async (Key: string) => {
      const { Body, ...response } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return { ...response, text: await Body!.transformToString() };
    },
    head: (Key: string) => client.send(new HeadObjectCommand({ Bucket, Key })),
    remove: (Key: string) => client.send(new DeleteObjectCommand({ Bucket, Key })),
    list: (Prefix?: string) => client.send(new ListObjectsV2Command({ Bucket, Prefix })),
  };
}

/** Creates an empty temporary folder; the caller removes it. */
export const newRoot = (): Promise<string> => mkdtemp(join(tmpdir(), "restlake-s3-"));

/** Starts an emulator in this process, with a bucket and a client. Without a root it uses a temporary folder. */
export async function startLake(options: Partial<S3Options> = {}) {
  const root = options.root ?? (await newRoot());
  const server = await startS3({ buckets: [Bucket], ...options, root });
  const lake = connect(server.url);
  return {
    ...lake,
    root,
    url: server.url,
    /** Path of an object's file. */
    file: (key: string) => join(root, Bucket, key),
    async [Symbol.asyncDispose]() {
      lake.client.destroy();
      await server.close();
      if (!options.root) await rm(root, { recursive: true });
    },
  };
}

/** Returns the pattern of an SDK error for `toMatchObject`. */
export const failure = (name: string, status: number) => ({ name, $metadata: { httpStatusCode: status } });
