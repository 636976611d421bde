import { existsSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { bucketFolder, LOCAL_BUCKET } from "../../../infra/lake-folder.ts";
import { createS3Bucket } from "../../../lib/aws/s3.ts";
import { ConfigError, StorageError } from "../../../lib/errors/index.ts";
import type { Bucket } from "../../../lib/ports/bucket.ts";
import { createLocalClient, startLake } from "../../../local/bucket.ts";

/** The bucket of a lake, which can be listed. No Lambda may list a bucket. */
export interface ListedBucket extends AsyncDisposable {
  /** The lake as the user knows it: its folder, or `s3://` and its bucket. */
  place: string;
  bucket: Bucket;
  /** Yields all keys with a prefix, sorted. */
  list(prefix: string): AsyncGenerator<string>;
}

const listed = (client: S3Client, name: string, place: string, close: () => Promise<void>): ListedBucket => ({
  place,
  bucket: createS3Bucket(client, name),
  async *list(prefix) {
    try {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: name, Prefix: prefix })) {
        for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
      }
    } catch (cause) {
      const { name: code, message } = cause as Error;
      throw new StorageError(
        `bucket ${name} cannot be listed (${code}: ${message}): check its name, and the region and permissions of your credentials`,
        { cause },
      );
    }
  },
  async [Symbol.asyncDispose]() {
    client.destroy();
    await close();
  },
});

/**
 * Opens the bucket of a lake in S3, or of a local lake.
 *
 * @param out folder of the local lake, relative to the user's folder.
 * @param name bucket in S3, or at `AWS_ENDPOINT_URL_S3`; undefined for the local lake.
 * @throws ConfigError if there is no local lake.
 */
export const openBucket = async (out: string, name: string | undefined): Promise<ListedBucket> => {
  if (name !== undefined) return listed(new S3Client(), name, `s3://${name}`, async () => {});
  const folder = resolve(process.env.INIT_CWD ?? ".", out);
  if (!existsSync(bucketFolder(folder))) {
    throw new ConfigError(`there is no lake in ${out}: name its folder with --out, or its bucket with --bucket`);
  }
  const s3 = await startLake(folder);
  return listed(createLocalClient(s3.url), LOCAL_BUCKET, bucketFolder(out), s3.close);
};
