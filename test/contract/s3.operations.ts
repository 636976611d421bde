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

/** A bucket of its own, and a client that may do everything in it. */
export interface S3UnderTest {
  client: S3Client;
  bucket: string;
  /** Also what an emulator may leave out without harm is required. */
  exact?: boolean;
  stop(): Promise<void>;
}

/** The SDK's operations in the words of the contract. */
export type Operations = ReturnType<typeof operationsOn>;

/** `under` is asked at each use: the bucket is there only when the first test starts. Each key of a run is new. */
export function operationsOn(under: () => S3UnderTest) {
  let folder = 0;
  const run = randomBytes(4).toString("hex");
  const newKey = (name = "object") => `contract-${run}/${++folder}/${name}`;
  const put = (Key: string, Body: PutObjectCommandInput["Body"], more: Partial<PutObjectCommandInput> = {}) =>
    under().client.send(new PutObjectCommand({ Bucket: under().bucket, Key, Body, ...more }));
  const head = (Key: string) => under().client.send(new HeadObjectCommand({ Bucket: under().bucket, Key }));
  const get = async (Key: string, more: { Range?: string } = {}) => {
    const { Body, ...answer } = await under().client.send(
      new GetObjectCommand({ Bucket: under().bucket, Key, ...more }),
    );
    return { ...answer, bytes: Buffer.from(await Body!.transformToByteArray()) };
  };
  const textOf = async (key: string) => (await get(key)).bytes.toString();
  const list = (Prefix: string, more = {}) =>
    under().client.send(new ListObjectsV2Command({ Bucket: under().bucket, Prefix, ...more }));
  const keysOf = async (prefix: string) => (await list(prefix)).Contents?.map(({ Key }) => Key) ?? [];
  return { under, newKey, put, head, get, textOf, list, keysOf };
}

/** What an SDK error looks like to `toMatchObject`. */
export const failure = (name: string, status: number) => ({ name, $metadata: { httpStatusCode: status } });

/** How far the clock of an S3 may be from this machine's, in milliseconds. */
const CLOCK_SKEW = 60_000;

/** Expects a time of modification between `began` and now. */
export const expectModified = (modified: Date | undefined, began: number): void => {
  expect(modified?.getTime()).toBeGreaterThan(began - CLOCK_SKEW);
  expect(modified?.getTime()).toBeLessThan(Date.now() + CLOCK_SKEW);
};
