import { mkdir, readdir, realpath, unlink } from "node:fs/promises";
import { join } from "node:path";
import { createBucket } from "./buckets.ts";
import { breakLock, holderOf, isAlive } from "./lock.ts";
import { lockFolder, temporaryFolder } from "./places.ts";

/**
 * Makes the root and its own folders where they are missing, and the buckets; removes what killed processes left:
 * temporary files and locks. What processes that still run hold is left alone. Returns the root's real path.
 */
export async function openRoot(root: string, buckets: string[]): Promise<string> {
  await mkdir(temporaryFolder(root), { recursive: true });
  await mkdir(lockFolder(root), { recursive: true });
  for (const bucket of buckets) await createBucket(root, bucket);

  for (const name of await readdir(temporaryFolder(root))) {
    // Another process that starts at this moment may be quicker.
    if (!isAlive(name)) await unlink(join(temporaryFolder(root), name)).catch(() => {});
  }
  for (const name of await readdir(lockFolder(root))) {
    const path = join(lockFolder(root), name);
    const holder = await holderOf(path);
    if (holder !== undefined && !isAlive(holder)) await breakLock(path, holder);
  }
  return realpath(root);
}
