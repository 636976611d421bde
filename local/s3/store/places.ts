import { join } from "node:path";
import { sha256 } from "../../../lib/json/hash.ts";
import { invalidArgument, S3Error } from "../errors.ts";

/** Folder of the emulator's metadata, next to the buckets. No bucket name begins with a dot. */
const METADATA = ".metadata";

/** Paths of one object. */
export interface Place {
  bucket: string;
  key: string;
  /** File with the object's content. */
  file: string;
  /** Folder of the bucket. */
  bucketFolder: string;
  /** Folder of the object's sidecars: `<root>/.metadata/<bucket>/<key>`. */
  sidecars: string;
  /** Folder of the bucket's sidecars. */
  sidecarRoot: string;
  /** Lock for every change of the object. */
  lock: string;
}

/** Returns the folder of temporary files. */
export const temporaryFolder = (root: string): string => join(root, METADATA, ".temporary");

/** Returns the folder of locks. */
export const lockFolder = (root: string): string => join(root, METADATA, ".locks");

/**
 * Returns the folder of a bucket.
 *
 * @throws S3Error InvalidBucketName, which also keeps the path inside of `root`.
 */
export function bucketFolder(root: string, bucket: string): string {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || bucket.includes("..")) {
    throw new S3Error(400, "InvalidBucketName", "The specified bucket is not valid.");
  }
  return join(root, bucket);
}

/**
 * Returns the paths of an object.
 *
 * @throws S3Error KeyTooLongError above S3's 1,024 bytes; InvalidArgument for keys that S3 allows, but that are not paths
 *   inside of a folder: with `.`, `..` or empty segments, or a NUL.
 */
export function placeOf(root: string, bucket: string, key: string): Place {
  const folder = bucketFolder(root, bucket);
  if (Buffer.byteLength(key) > 1024) throw new S3Error(400, "KeyTooLongError", "Your key is too long");
  const segments = key.split("/");
  if (key.includes("\0") || segments.some((segment) => segment === "" || segment === "." || segment === "..")) {
    throw invalidArgument(
      `The local S3 emulator stores objects as files and cannot store the key ${JSON.stringify(key)}: a segment between slashes must not be empty, "." or "..".`,
    );
  }
  const sidecarRoot = join(root, METADATA, bucket);
  return {
    bucket,
    key,
    file: join(folder, ...segments),
    bucketFolder: folder,
    // A sidecar is named `@<inode>.json`. Doubling the @ prevents the same name for a segment of a key.
    sidecars: join(sidecarRoot, ...segments.map((segment) => (segment.startsWith("@") ? `@${segment}` : segment))),
    sidecarRoot,
    lock: join(lockFolder(root), sha256(`${bucket}/${key}`).slice(0, 32)),
  };
}
