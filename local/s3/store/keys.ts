import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isAbsence } from "./sidecars.ts";

/** Compares keys by their UTF-8 bytes, as S3 does. JavaScript's order of strings differs above U+FFFF. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * Yields the keys of a bucket that start with `prefix` and sort after `after`, in S3's order. Folders without such keys are
 * not read. Files that are created or deleted meanwhile may or may not be included.
 */
export async function* keysBelow(folder: string, prefix: string, after: string): AsyncGenerator<string> {
  yield* walk(folder, "", prefix, after);
}

async function* walk(folder: string, path: string, prefix: string, after: string): AsyncGenerator<string> {
  // All keys in a folder start with its name and a slash. With the slash in the comparison ("a-b" < "a/b" < "ab"), walking
  // the entries in order yields the keys in order.
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

/** Returns the names of files in a folder, and of its folders with a slash at the end. */
async function entriesOf(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const named = await Promise.all(
      entries.map(async (entry) => {
        // A symbolic link in the bucket stands for its target.
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
