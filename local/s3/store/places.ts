import { join } from "node:path";
import { sha256 } from "../../../lib/json/hash.ts";
import { invalidArgument, S3Error } from "../errors.ts";

/** Everything of the stand-in's own lives in here, beside the buckets: no bucket name may begin with a dot. */
const OWN = ".metadata";

/** Where one object is kept. */
export interface Place {
  bucket: string;
  key: string;
  /** The plain file with the object's bytes. */
  file: string;
  /** The folder of its bucket, where a search for emptied folders ends. */
  bucketFolder: string;
  /** The folder of its sidecars: `<root>/.metadata/<bucket>/<key>`. */
  sidecars: string;
  /** The folder of the bucket's sidecars. */
  sidecarRoot: string;
  /** The lock that every change of the object takes. */
  lock: string;
}

/** Where the temporary files are. */
export const temporaryFolder = (root: string): string => join(root, OWN, ".temporary");

/** Where the locks are. */
export const lockFolder = (root: string): string => join(root, OWN, ".locks");

/** The folder of a bucket. Throws InvalidBucketName for what S3 refuses, which also keeps the path inside of `root`. */
export function bucketFolder(root: string, bucket: string): string {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || bucket.includes("..")) {
    throw new S3Error(400, "InvalidBucketName", "The specified bucket is not valid.");
  }
  return join(root, bucket);
}

/**
 * The files of an object. Throws KeyTooLongError over S3's 1,024 bytes, and InvalidArgument for keys that are
 * legal in S3 but are no path below a folder: with `.`, `..` or empty segments, or a NUL.
 */
export function placeOf(root: string, bucket: string, key: string): Place {
  const folder = bucketFolder(root, bucket);
  if (Buffer.byteLength(key) > 1024) throw new S3Error(400, "KeyTooLongError", "Your key is too long");
  const segments = key.split("/");
  if (key.includes("\0") || segments.some((segment) => segment === "" || segment === "." || segment === "..")) {
    throw invalidArgument(
      `The local S3 stand-in keeps objects as files and cannot keep the key ${JSON.stringify(key)}: a segment between slashes must not be empty, "." or "..".`,
    );
  }
  const sidecarRoot = join(root, OWN, bucket);
  return {
    bucket,
    key,
    file: join(folder, ...segments),
    bucketFolder: folder,
    // A sidecar is `@<inode>.json`: a doubled @ keeps the segment of another key from ever having that name.
    sidecars: join(sidecarRoot, ...segments.map((segment) => (segment.startsWith("@") ? `@${segment}` : segment))),
    sidecarRoot,
    lock: join(lockFolder(root), sha256(`${bucket}/${key}`).slice(0, 32)),
  };
}
