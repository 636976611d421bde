import { mkdir, readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fsCode } from "../errors.ts";
import type { Place } from "./places.ts";

/** What S3 keeps with an object beside its bytes; one JSON file `@<inode>.json`. */
export interface Sidecar {
  key: string;
  /** Bytes. */
  size: number;
  /** Hex: the ETag without its quotes. */
  md5: string;
  /** Of the data file, in nanoseconds since 1970, as text since it is over 2^53. */
  modified: string;
  /** Response headers as they were given on PUT: `content-type`, `x-amz-meta-*`, `x-amz-checksum-*` ... */
  headers: Record<string, string>;
}

const NAME = /^@\d+\.json$/;

/** Writes the sidecar of the file with this inode, which is not in its place yet, so that nobody reads it meanwhile. */
export async function writeSidecar(place: Place, inode: bigint, sidecar: Sidecar): Promise<void> {
  await inFolder(place.sidecars, () => writeFile(pathOf(place, inode), JSON.stringify(sidecar)));
}

/** Runs `work` in a folder that is made for it; again when a concurrent delete swept the still empty folder away. */
export async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      await mkdir(folder, { recursive: true });
      return await work();
    } catch (error) {
      if (fsCode(error) !== "ENOENT" || attempt === 100) throw error;
    }
  }
}

/** The sidecar written for an inode. Undefined when there is none, or half of one from a killed process. */
export async function readSidecar(place: Place, inode: bigint): Promise<Sidecar | undefined> {
  return parse(pathOf(place, inode));
}

/** All sidecars of a key, stale ones included. */
export async function readSidecars(place: Place): Promise<Sidecar[]> {
  const found = await Promise.all((await names(place)).map((name) => parse(join(place.sidecars, name))));
  return found.filter((sidecar) => sidecar !== undefined);
}

/** Removes the sidecars of a key, but for the one of `keep`. Only under the key's lock: another writer has its own here. */
export async function removeSidecars(place: Place, keep?: bigint): Promise<void> {
  for (const name of await names(place)) {
    if (name !== `@${keep}.json`) await unlink(join(place.sidecars, name));
  }
}

/** Removes the sidecar of a file that did not get into its place. */
export async function removeSidecar(place: Place, inode: bigint): Promise<void> {
  try {
    await unlink(pathOf(place, inode));
  } catch (error) {
    if (!isAbsence(error)) throw error;
  }
}

const pathOf = (place: Place, inode: bigint): string => join(place.sidecars, `@${inode}.json`);

async function names(place: Place): Promise<string[]> {
  try {
    return (await readdir(place.sidecars)).filter((name) => NAME.test(name));
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}

async function parse(path: string): Promise<Sidecar | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (isAbsence(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether a file system error means that there is nothing at the path, rather than that it could not be read. */
export function isAbsence(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes(fsCode(error) ?? "");
}
