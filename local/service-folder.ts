import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isAlive, owner } from "./s3/store/lock.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
/** Where the folders are; git ignores it. */
const WORK = join(PROJECT, ".esbuild");
const CONFIG = "serverless.yml";

/** `<owner>.<random>`: whose process is gone is left over from a kill. */
const isLeftOver = (name: string): boolean => /^\d+\.\d+\./.test(name) && !isAlive(name);

/**
 * A folder in which the framework finds the project, and where it may work: it packages and bundles into the folder
 * that it is started in, and two of them in one would take each other's files away, and the user's.
 *
 * @returns its path, that of a folder in it for what is temporary (the framework leaves an empty folder for every function that it
 * packages), and how to get rid of both.
 */
export const makeServiceFolder = (): { folder: string; temporary: string; remove(): void } => {
  mkdirSync(WORK, { recursive: true });
  for (const name of readdirSync(WORK).filter(isLeftOver)) rmSync(join(WORK, name), { recursive: true, force: true });
  const folder = mkdtempSync(join(WORK, `${owner}.`));
  const temporary = join(folder, ".tmp");
  mkdirSync(temporary);
  for (const entry of readdirSync(PROJECT)) {
    // The framework takes no link for its config.
    if (entry === CONFIG) copyFileSync(join(PROJECT, entry), join(folder, entry));
    else if (!entry.startsWith(".")) symlinkSync(join(PROJECT, entry), join(folder, entry), "junction");
  }
  return { folder, temporary, remove: () => rmSync(folder, { recursive: true, force: true }) };
};
