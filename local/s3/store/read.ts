import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import type { Place } from "./places.ts";
import { isAbsence, readSidecar, readSidecars, type Sidecar } from "./sidecars.ts";

/** An object at one point in time. Its content is read from `file`, even if the object is replaced meanwhile. */
export interface StoredObject {
  /** Open file, which the caller closes. */
  file: FileHandle;
  /** Bytes. */
  size: number;
  /** With quotes, as in the ETag header. */
  etag: string;
  modified: Date;
  /** Response headers stored with the object, including `x-amz-meta-*`; none for a file that was copied into the folder. */
  headers: Record<string, string>;
}

/** MD5 of files without a sidecar for their inode, such as those of a copied folder. They are hashed once. */
const hashed = new Map<string, { stamp: string; md5: string }>();
const MAX_HASHED = 10_000;

/** Opens an object; undefined when there is none, or a folder. Content and metadata always belong together. */
export async function openObject(place: Place): Promise<StoredObject | undefined> {
  for (;;) {
    const file = await openFile(place.file);
    if (!file) return undefined;
    let found: StoredObject | "not a file" | "replaced" = "replaced";
    try {
      found = await describe(place, file);
    } finally {
      if (typeof found === "string") await file.close();
    }
    if (found === "not a file") return undefined;
    // A writer replaced the file before its sidecar was read: read the new one.
    if (found !== "replaced") return found;
  }
}

async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

async function describe(place: Place, file: FileHandle): Promise<StoredObject | "not a file" | "replaced"> {
  const stats = await file.stat({ bigint: true });
  if (!stats.isFile()) return "not a file";
  const sidecar = await sidecarOf(place, file, stats);
  if (!sidecar) {
    if ((await inodeAt(place.file)) !== stats.ino) return "replaced";
  }
  return {
    file,
    size: Number(stats.size),
    etag: `"${sidecar?.md5 ?? (await md5Of(place, file, stats))}"`,
    modified: new Date(Number(stats.mtimeNs / 1_000_000n)),
    headers: sidecar?.headers ?? {},
  };
}

/**
 * Finds a sidecar by inode first. A file keeps its inode when it is moved into place, so content and metadata change in one
 * step. Size and modification time must match, too, because an inode may be reused, and stays the same when a file is
 * edited. Then finds a sidecar by content: the files of a copied folder have other inodes.
 */
async function sidecarOf(place: Place, file: FileHandle, stats: BigIntStats): Promise<Sidecar | undefined> {
  const byInode = await readSidecar(place, stats.ino);
  if (byInode && byInode.size === Number(stats.size) && byInode.modified === String(stats.mtimeNs)) return byInode;
  const candidates = (await readSidecars(place)).filter((sidecar) => sidecar.size === Number(stats.size));
  if (candidates.length === 0) return undefined;
  const md5 = await md5Of(place, file, stats);
  return candidates.find((sidecar) => sidecar.md5 === md5);
}

async function md5Of(place: Place, file: FileHandle, stats: BigIntStats): Promise<string> {
  const stamp = `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
  const known = hashed.get(place.file);
  if (known?.stamp === stamp) return known.md5;
  const hash = createHash("md5");
  for await (const piece of file.createReadStream({ start: 0, autoClose: false })) hash.update(piece);
  const md5 = hash.digest("hex");
  if (hashed.size >= MAX_HASHED) hashed.clear();
  hashed.set(place.file, { stamp, md5 });
  return md5;
}

async function inodeAt(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}
