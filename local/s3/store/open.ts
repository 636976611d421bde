import { mkdir, readdir, realpath, unlink } from "node:fs/promises";
import { join } from "node:path";
import { createBucket } from "./buckets.ts";
import { breakLock, holderOf, isAlive } from "./lock.ts";
import { lockFolder, temporaryFolder } from "./places.ts";

/**
 * Creates the root folder and the buckets where they are missing, and removes temporary files and locks of dead processes.
 *
 * @returns the root's real path.
 */
export async function openRoot(root: string, buckets: string[]): Promise<string> {
  await mkdir(temporaryFolder(root), { recursive: true });
  await mkdir(lockFolder(root), { recursive: true });
  for (const bucket of buckets) await createBucket(root, bucket);

  for (const name of await readdir(temporaryFolder(root))) {
    // Another process may remove the file at the same time.
    if (!isAlive(name)) await unlink(join(temporaryFolder(root), name)).catch(() => {});
  }
  for (const name of await readdir(lockFolder(root))) {
    const path = join(lockFolder(root), name);
    const holder = await holderOf(path);
    if (holder !== undefined && !isAlive(holder)) await breakLock(path, holder);
  }
  return realpath(root);
}
