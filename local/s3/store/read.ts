import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import type { Place } from "./places.ts";
import { isAbsence, readSidecar, readSidecars, type Sidecar } from "./sidecars.ts";

/** An object as it was at one instant; its bytes are read from `file`, whatever is put in its place meanwhile. */
export interface StoredObject {
  /** To be closed by whoever got the object. */
  file: FileHandle;
  /** Bytes. */
  size: number;
  /** With quotes, as in the ETag header. */
  etag: string;
  modified: Date;
  /** Response headers kept with the object, `x-amz-meta-*` among them; none for a file that a person put there. */
  headers: Record<string, string>;
}

/** The MD5 of files that have no sidecar by inode (a copied tree): they are hashed once, not on every request. */
const hashed = new Map<string, { stamp: string; md5: string }>();
const MOST_HASHED = 10_000;

/** Opens the object at a place; undefined when there is none (or a folder). Data and metadata belong together always. */
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
    // A writer switched the file between our open and our look for its sidecar: read what is there now.
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
 * By inode first: a file keeps it on its way into place, so data and metadata switch in one step. Size and time of
 * change must match too, since an inode is used again after a person's delete, and stays after a person's edit.
 * Then by content: a tree that a person copied has other inodes and the same bytes.
 */
async function sidecarOf(place: Place, file: FileHandle, stats: BigIntStats): Promise<Sidecar | undefined> {
  const own = await readSidecar(place, stats.ino);
  if (own && own.size === Number(stats.size) && own.modified === String(stats.mtimeNs)) return own;
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
  if (hashed.size >= MOST_HASHED) hashed.clear();
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
