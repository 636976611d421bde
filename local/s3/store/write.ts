import { link, lstat, open, rename, rmdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fsCode, invalidArgument, noSuchKey, preconditionFailed } from "../errors.ts";
import { owner, withLock } from "./lock.ts";
import { type Place, temporaryFolder } from "./places.ts";
import { openObject } from "./read.ts";
import { inFolder, isAbsence, removeSidecar, removeSidecars, writeSidecar } from "./sidecars.ts";

/** A body that was received whole and waits in a temporary file for its place. */
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

/** What must hold for a PUT: the key is absent, or its object has this ETag (quotes do not count). */
export type Condition = "absent" | { etag: string } | undefined;

let counter = 0;

/** Writes a body to a temporary file. Memory: one piece. Nothing is left of it when the body fails. */
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
 * Makes a staged body the object at a place, in one atomic step, if the condition holds.
 * Throws PreconditionFailed (412), NoSuchKey (404, an ETag was asked of an absent key), or InvalidArgument (400) when
 * a file is where the key needs a folder, or the reverse.
 */
export async function putObject(
  place: Place,
  staged: Staged,
  kept: { md5: string; headers: Record<string, string> },
  condition: Condition,
): Promise<void> {
  await withLock(place.lock, async () => {
    await check(place, condition);
    try {
      await writeSidecar(place, staged.inode, {
        key: place.key,
        size: staged.size,
        md5: kept.md5,
        modified: String(staged.modified),
        headers: kept.headers,
      });
      await inFolder(dirname(place.file), () => moveIn(place, staged, condition === "absent"));
    } catch (error) {
      await removeSidecar(place, staged.inode);
      await removeEmptyFolders(place);
      const inTheWay = ["EEXIST", "EISDIR", "ENOTDIR", "ENAMETOOLONG", "ENOTEMPTY"].includes(fsCode(error) ?? "");
      if (!inTheWay) throw error;
      throw invalidArgument(
        `The local S3 stand-in keeps objects as files, and the file system cannot hold ${JSON.stringify(place.key)} beside what is there: a segment is too long, or a file is where a folder is needed, or a folder where a file is needed.`,
      );
    }
    await removeSidecars(place, staged.inode);
  });
}

async function check(place: Place, condition: Condition): Promise<void> {
  if (condition === undefined) return;
  const current = await openObject(place);
  await current?.file.close();
  if (condition === "absent") {
    // It is link() that decides; to see it here saves a loser's sidecar.
    if (current) throw preconditionFailed();
    return;
  }
  if (!current) throw noSuchKey();
  if (unquoted(current.etag) !== unquoted(condition.etag)) throw preconditionFailed();
}

const unquoted = (etag: string): string => etag.replaceAll('"', "");

async function moveIn(place: Place, staged: Staged, onlyIfAbsent: boolean): Promise<void> {
  // Emptied folders are nothing in S3, but one in the file's place would stop it. ENOTEMPTY: there are objects in it.
  if (await isFolder(place.file)) await rmdir(place.file);
  if (!onlyIfAbsent) return rename(staged.path, place.file);
  try {
    // Not rename: it would replace a file that a person put there since we looked.
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

/** Removes the object, its sidecars and the folders that it leaves empty. Deleting what is absent is no error, as in S3. */
export async function deleteObject(place: Place): Promise<void> {
  await withLock(place.lock, async () => {
    // The data first: a sidecar without data is nothing, data without its sidecar would be half an object.
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
