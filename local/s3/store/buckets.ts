import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fsCode, S3Error } from "../errors.ts";
import { bucketFolder } from "./places.ts";
import { isAbsence } from "./sidecars.ts";

/** A bucket: a folder in the root folder. */
export interface Bucket {
  name: string;
  created: Date;
}

/** Returns all buckets, sorted by name. */
export async function listBuckets(root: string): Promise<Bucket[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).map(({ name }) => name);
  return Promise.all(names.sort().map(async (name) => ({ name, created: (await stat(join(root, name))).birthtime })));
}

/**
 * Creates a bucket.
 *
 * @returns false when it exists.
 * @throws S3Error InvalidBucketName.
 */
export async function createBucket(root: string, bucket: string): Promise<boolean> {
  try {
    await mkdir(bucketFolder(root, bucket));
    return true;
  } catch (error) {
    if (fsCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** @throws S3Error NoSuchBucket (404) for a missing bucket, InvalidBucketName (400) for an invalid name. */
export async function requireBucket(root: string, bucket: string): Promise<void> {
  const folder = bucketFolder(root, bucket);
  try {
    if ((await stat(folder)).isDirectory()) return;
  } catch (error) {
    if (!isAbsence(error)) throw error;
  }
  throw new S3Error(404, "NoSuchBucket", "The specified bucket does not exist");
}
