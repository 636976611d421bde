import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fsCode, S3Error } from "../errors.ts";
import { bucketFolder } from "./places.ts";
import { isAbsence } from "./sidecars.ts";

/** A bucket is a folder right below the root. */
export interface Bucket {
  name: string;
  created: Date;
}

/** All buckets, by name. */
export async function listBuckets(root: string): Promise<Bucket[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).map(({ name }) => name);
  return Promise.all(names.sort().map(async (name) => ({ name, created: (await stat(join(root, name))).birthtime })));
}

/** Makes a bucket; false when it is there already. Throws InvalidBucketName. */
export async function createBucket(root: string, bucket: string): Promise<boolean> {
  try {
    await mkdir(bucketFolder(root, bucket));
    return true;
  } catch (error) {
    if (fsCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** Throws NoSuchBucket (404) when there is no such bucket, InvalidBucketName (400) when there cannot be. */
export async function requireBucket(root: string, bucket: string): Promise<void> {
  const folder = bucketFolder(root, bucket);
  try {
    if ((await stat(folder)).isDirectory()) return;
  } catch (error) {
    if (!isAbsence(error)) throw error;
  }
  throw new S3Error(404, "NoSuchBucket", "The specified bucket does not exist");
}
