import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { ConfigError } from "../lib/errors/index.ts";

/** Files that mark a project, in a folder or above it. */
const MARKS = ["serverless.yml", "serverless.yaml", "package.json"];

/** Folder of a project with one file per source. */
const FUNCTIONS = "functions";

/** Returns the nearest folder, from this one upwards, that is a project; null when there is none. */
export const findProject = (from: string): string | null => {
  if (MARKS.some((mark) => existsSync(join(from, mark)))) return from;
  const parent = dirname(from);
  return parent === from ? null : findProject(parent);
};

/**
 * Returns the user's project: the nearest folder with a `serverless.yml` or `package.json`, from the working directory upwards.
 *
 * @throws ConfigError when there is none.
 */
export const projectFolder = (): string => {
  const project = findProject(process.cwd());
  if (project !== null) return project;
  throw new ConfigError(
    `no project in ${process.cwd()} or above it (no serverless.yml and no package.json): run the command in the folder of your project`,
  );
};

/** Returns the folder with a project's sources. Links are resolved, as esbuild does. */
export const functionsFolder = (project: string = projectFolder()): string => {
  const folder = join(project, FUNCTIONS);
  return existsSync(folder) ? realpathSync(folder) : folder;
};
