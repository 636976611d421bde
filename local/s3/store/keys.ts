import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isAbsence } from "./sidecars.ts";

/** S3 lists keys in the order of their UTF-8 bytes; JavaScript's own order of strings differs beyond U+FFFF. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * The keys below a bucket's folder that begin with `prefix` and come after `after`, in S3's order, as they are asked
 * for: folders that hold none of them are not read. Files that come or go meanwhile may be in it or not.
 */
export async function* keysBelow(folder: string, prefix: string, after: string): AsyncGenerator<string> {
  yield* walk(folder, "", prefix, after);
}

async function* walk(folder: string, path: string, prefix: string, after: string): AsyncGenerator<string> {
  // A folder's keys all begin with its name and a slash; with the slash in the comparison ("a-b" < "a/b" < "ab"),
  // walking the entries in order yields the keys in order.
  const entries = (await entriesOf(join(folder, path))).map((name) => path + name);
  for (const entry of entries.sort(compareKeys)) {
    const isFolder = entry.endsWith("/");
    const mayMatch = entry.startsWith(prefix) || (isFolder && prefix.startsWith(entry));
    const isPast = compareKeys(entry, after) <= 0 && !(isFolder && after.startsWith(entry));
    if (!mayMatch || isPast) continue;
    if (isFolder) yield* walk(folder, entry, prefix, after);
    else yield entry;
  }
}

/** Names of the files in a folder, and of its folders with a slash at the end. */
async function entriesOf(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const named = await Promise.all(
      entries.map(async (entry) => {
        // What a person linked into the bucket is what it points to.
        const target = entry.isSymbolicLink() ? await stat(join(folder, entry.name)).catch(() => undefined) : entry;
        if (target?.isDirectory()) return `${entry.name}/`;
        return target?.isFile() ? entry.name : undefined;
      }),
    );
    return named.filter((name) => name !== undefined);
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}
