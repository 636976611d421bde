import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { isAlive, owner } from "./s3/store/lock.ts";

/** Parent of all service folders in a project. Git ignores it. */
export const WORK_FOLDER = ".restlake";
const CONFIG = "serverless.yml";

/** Whether a folder (`<owner>.<random>`) was left behind by a killed process. */
const isLeftOver = (name: string): boolean => /^\d+\.\d+\./.test(name) && !isAlive(name);

/**
 * Creates a folder with links to the project, in which the framework can be started. The framework packages into its
 * working folder, where two processes would delete each other's files, and the user's.
 *
 * @returns the folder; a folder in it for temporary files, because the framework leaves an empty folder behind for every Lambda
 *   that it packages; and a function that removes both.
 */
export const makeServiceFolder = (project: string): { folder: string; temporary: string; remove(): void } => {
  const work = join(project, WORK_FOLDER);
  mkdirSync(work, { recursive: true });
  for (const name of readdirSync(work).filter(isLeftOver)) rmSync(join(work, name), { recursive: true, force: true });
  const folder = mkdtempSync(join(work, `${owner}.`));
  const temporary = join(folder, ".tmp");
  mkdirSync(temporary);
  for (const entry of readdirSync(project)) {
    // The framework does not accept a link as its config.
    if (entry === CONFIG) copyFileSync(join(project, entry), join(folder, entry));
    else if (!entry.startsWith(".")) symlinkSync(join(project, entry), join(folder, entry), "junction");
  }
  return { folder, temporary, remove: () => rmSync(folder, { recursive: true, force: true }) };
};
