import { randomBytes } from "node:crypto";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { expect } from "vitest";

/** A bucket, and a client with all permissions in it. */
export interface S3UnderTest {
  client: S3Client;
  bucket: string;
  /** Whether properties are required that an emulator may lack without harm. */
  exact?: boolean;
  stop(): Promise<void>;
}

/** Operations of the SDK, as the contract uses them. */
export type Operations = ReturnType<typeof operationsOn>;

/** Returns operations on a bucket. `under` is called at each use, because the bucket exists only once the tests start. */
export function operationsOn(under: () => S3UnderTest) {
  let folder = 0;
  const run = randomBytes(4).toString("hex");
  const newKey = (name = "object") => `contract-${run}/${++folder}/${name}`;
  const put = (Key: string, Body: PutObjectCommandInput["Body"], more: Partial<PutObjectCommandInput> = {}) =>
    under().client.send(new PutObjectCommand({ Bucket: under().bucket, Key, Body, ...more }));
  const head = (Key: string) => under().client.send(new HeadObjectCommand({ Bucket: under().bucket, Key }));
  const get = async (Key: string, more: { Range?: string } = {}) => {
    const { Body, ...response } = await under().client.send(
      new GetObjectCommand({ Bucket: under().bucket, Key, ...more }),
    );
    return { ...response, bytes: Buffer.from(await Body!.transformToByteArray()) };
  };
  const textOf = async (key: string) => (await get(key)).bytes.toString();
  const list = (Prefix: string, more = {}) =>
    under().client.send(new ListObjectsV2Command({ Bucket: under().bucket, Prefix, ...more }));
  const keysOf = async (prefix: string) => (await list(prefix)).Contents?.map(({ Key }) => Key) ?? [];
  return { under, newKey, put, head, get, textOf, list, keysOf };
}

/** Returns the shape of an SDK error for `toMatchObject`. */
export const failure = (name: string, status: number) => ({ name, $metadata: { httpStatusCode: status } });

/** Maximum difference between the clocks of S3 and this machine. Milliseconds. */
const CLOCK_SKEW = 60_000;

/** Expects a modification time between `began` and now. */
export const expectModified = (modified: Date | undefined, began: number): void => {
  expect(modified?.getTime()).toBeGreaterThan(began - CLOCK_SKEW);
  expect(modified?.getTime()).toBeLessThan(Date.now() + CLOCK_SKEW);
};
