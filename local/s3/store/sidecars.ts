import { mkdir, readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fsCode } from "../errors.ts";
import type { Place } from "./places.ts";

/** Metadata of an object, in a JSON file named `@<inode>.json`. */
export interface Sidecar {
  key: string;
  /** Bytes. */
  size: number;
  /** Hex: the ETag without its quotes. */
  md5: string;
  /** Modification time of the content file. Nanoseconds since 1970, as a string because it exceeds 2^53. */
  modified: string;
  /** Response headers from the PUT: `content-type`, `x-amz-meta-*`, `x-amz-checksum-*` ... */
  headers: Record<string, string>;
}

const NAME = /^@\d+\.json$/;

/** Writes the sidecar of the file with this inode. It is not read before the file is moved into place. */
export async function writeSidecar(place: Place, inode: bigint, sidecar: Sidecar): Promise<void> {
  await inFolder(place.sidecars, () => writeFile(pathOf(place, inode), JSON.stringify(sidecar)));
}

/** Runs `work` in a folder that is created for it. Retries when a concurrent delete removes the empty folder. */
export async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      await mkdir(folder, { recursive: true });
      return await work();
    } catch (error) {
      // A recursive mkdir reports ENOTDIR as well when a parent folder is removed between its two steps.
      if (!["ENOENT", "ENOTDIR"].includes(fsCode(error) ?? "") || attempt === 100) throw error;
    }
  }
}

/** Reads the sidecar of an inode; undefined when there is none, or an incomplete one of a killed process. */
export async function readSidecar(place: Place, inode: bigint): Promise<Sidecar | undefined> {
  return parse(pathOf(place, inode));
}

/** Reads all sidecars of a key, including stale ones. */
export async function readSidecars(place: Place): Promise<Sidecar[]> {
  const found = await Promise.all((await names(place)).map((name) => parse(join(place.sidecars, name))));
  return found.filter((sidecar) => sidecar !== undefined);
}

/** Removes all sidecars of a key except that of inode `keep`. Requires the key's lock: other writers have sidecars here, too. */
export async function removeSidecars(place: Place, keep?: bigint): Promise<void> {
  for (const name of await names(place)) {
    if (name !== `@${keep}.json`) await unlink(join(place.sidecars, name));
  }
}

/** Removes the sidecar of a file that was not moved into place. */
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

/** Whether a file system error means that nothing exists at the path. */
export function isAbsence(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes(fsCode(error) ?? "");
}
