import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { matchesGlob } from "node:path";
import { UsageError } from "./words.ts";

/** Bytes of a list of files. */
const MAX_LIST = 64 * 1024 * 1024;

/**
 * Lists the files below the working directory that Git tracks or would track.
 *
 * @param paths files and folders; all when empty.
 * @param ignore globs of files to leave out.
 * @throws UsageError for a path that does not exist, and outside a Git clone.
 */
export const listFiles = (paths: readonly string[], ignore: readonly string[]): string[] => {
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) throw new UsageError(`no such file or folder: ${missing}`);
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", ...paths];
  const { status, stdout, stderr, error } = spawnSync("git", args, { encoding: "utf8", maxBuffer: MAX_LIST });
  if (status !== 0)
    throw new UsageError(`cannot list files (${error?.message ?? stderr.trim()}): run it in a Git clone`);
  return stdout
    .split("\0")
    .filter((path) => path !== "" && existsSync(path) && !ignore.some((glob) => matchesGlob(path, glob)));
};
