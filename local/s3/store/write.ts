import { link, lstat, open, rename, rmdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fsCode, invalidArgument, noSuchKey, preconditionFailed } from "../errors.ts";
import { owner, withLock } from "./lock.ts";
import { type Place, temporaryFolder } from "./places.ts";
import { openObject } from "./read.ts";
import { inFolder, isAbsence, removeSidecar, removeSidecars, writeSidecar } from "./sidecars.ts";

/** A completely received body in a temporary file. */
export interface Staged {
  path: string;
  inode: bigint;
  /** Bytes. */
  size: number;
  /** Nanoseconds since 1970. */
  modified: bigint;
  /** Removes the temporary file, if it is still there. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Condition of a PUT: the key is absent, or its object has this ETag (quotes are ignored). */
export type Condition = "absent" | { etag: string } | undefined;

let counter = 0;

/** Writes a body to a temporary file, and removes the file when the body fails. Holds one piece in memory. */
export async function stage(root: string, body: AsyncIterable<Buffer>): Promise<Staged> {
  const path = join(temporaryFolder(root), `${owner}.${counter++}`);
  const file = await open(path, "wx");
  const remove = () => unlink(path).catch(ignoreAbsence);
  try {
    for await (const piece of body) await file.writeFile(piece);
    const { ino, size, mtimeNs } = await file.stat({ bigint: true });
    return { path, inode: ino, size: Number(size), modified: mtimeNs, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  } finally {
    await file.close();
  }
}

/**
 * Moves a staged body into place atomically, if the condition is true.
 *
 * @throws S3Error PreconditionFailed (412); NoSuchKey (404) for an ETag condition on an absent key; InvalidArgument (400) when
 *   a file is where the key needs a folder, or the reverse.
 */
export async function putObject(
  place: Place,
  staged: Staged,
  metadata: { md5: string; headers: Record<string, string> },
  condition: Condition,
): Promise<void> {
  await withLock(place.lock, async () => {
    await checkCondition(place, condition);
    try {
      await writeSidecar(place, staged.inode, {
        key: place.key,
        size: staged.size,
        md5: metadata.md5,
        modified: String(staged.modified),
        headers: metadata.headers,
      });
      await inFolder(dirname(place.file), () => moveIn(place, staged, condition === "absent"));
    } catch (error) {
      await removeSidecar(place, staged.inode);
      await removeEmptyFolders(place);
      const isBlocked = ["EEXIST", "EISDIR", "ENOTDIR", "ENAMETOOLONG", "ENOTEMPTY"].includes(fsCode(error) ?? "");
      if (!isBlocked) throw error;
      throw invalidArgument(
        `The local S3 emulator stores objects as files, and the file system cannot store ${JSON.stringify(place.key)}: a segment is too long, or a file exists where a folder is needed, or a folder where a file is needed.`,
      );
    }
    await removeSidecars(place, staged.inode);
  });
}

async function checkCondition(place: Place, condition: Condition): Promise<void> {
  if (condition === undefined) return;
  const current = await openObject(place);
  await current?.file.close();
  if (condition === "absent") {
    // link() decides. Failing earlier avoids a useless sidecar.
    if (current) throw preconditionFailed();
    return;
  }
  if (!current) throw noSuchKey();
  if (unquoted(current.etag) !== unquoted(condition.etag)) throw preconditionFailed();
}

const unquoted = (etag: string): string => etag.replaceAll('"', "");

async function moveIn(place: Place, staged: Staged, onlyIfAbsent: boolean): Promise<void> {
  // An empty folder does not exist in S3, but would block the file. rmdir fails with ENOTEMPTY if it contains objects.
  if (await isFolder(place.file)) await rmdir(place.file);
  if (!onlyIfAbsent) return rename(staged.path, place.file);
  try {
    // Not rename(): it would replace a file that was created after the check.
    await link(staged.path, place.file);
  } catch (error) {
    if (fsCode(error) === "EEXIST") throw preconditionFailed();
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

/** Removes an object, its sidecars and the folders that become empty. As in S3, a missing object is not an error. */
export async function deleteObject(place: Place): Promise<void> {
  await withLock(place.lock, async () => {
    // The content first: a sidecar without content is ignored, but content without its sidecar would be an incomplete object.
    await unlink(place.file).catch((error) => {
      if (!["EISDIR", "EPERM"].includes(fsCode(error) ?? "")) ignoreAbsence(error);
    });
    await removeSidecars(place);
    await removeEmptyFolders(place);
  });
}

async function removeEmptyFolders(place: Place): Promise<void> {
  await removeEmpty(dirname(place.file), place.bucketFolder);
  await removeEmpty(place.sidecars, place.sidecarRoot);
}

async function removeEmpty(folder: string, end: string): Promise<void> {
  for (let at = folder; at.length > end.length; at = dirname(at)) {
    try {
      await rmdir(at);
    } catch (error) {
      if (isAbsence(error)) continue;
      if (["ENOTEMPTY", "EEXIST"].includes(fsCode(error) ?? "")) return;
      throw error;
    }
  }
}

function ignoreAbsence(error: unknown): void {
  if (!isAbsence(error)) throw error;
}
