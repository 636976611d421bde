import { existsSync, readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Source } from "../lib/config/index.ts";
import { type ResolvedSource, resolveSource } from "../lib/config/resolve.ts";
import { validateSource } from "../lib/config/schema/validate.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { CONFIG_EXTENSIONS, isConfigFile, readConfigFile } from "./config-file.ts";
import { functionsFolder } from "./project.ts";

/** A source, and the file that contains it. */
export interface DeployedSource {
  /** Path of the file, relative to the project. */
  file: string;
  /** Its absolute path. */
  path: string;
  /** Name of the bundle of its Lambdas: the name of the file without the extension. */
  bundle: string;
  source: Source;
  resolved: ResolvedSource;
}

/** Returns the name of a source's file without its extension: the source's name with dashes. */
const stemOf = (name: string): string => name.replaceAll("_", "-");

/**
 * Returns the source that a module exports, validated.
 *
 * @throws ConfigError when it exports no source, or when the config is invalid.
 */
export const sourceOf = (file: string, module: unknown): Source => {
  const { source } = module as { source?: Source };
  if (source?.config === undefined) {
    throw new ConfigError(`${file}: exports no source: write export const source = defineSource({...})`);
  }
  validateSource(file, source);
  resolveSource(source);
  return source;
};

/** Returns what a module threw as one line, with the line number in the file where it is known. */
const loadingError = (file: string, path: string, thrown: unknown): string => {
  const { name, message, stack = "" } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const place = stack.split("\n").find((line) => line.includes(path)) ?? "";
  const line = /:(\d+)(?::\d+)?\)?$/.exec(place)?.[1];
  return `${file}${line === undefined ? "" : `:${line}`}: cannot be loaded: ${name}: ${message.trim().split("\n")[0]}`;
};

const loadModule = async (file: string, path: string): Promise<unknown> => {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    throw error instanceof ConfigError ? error : new ConfigError(loadingError(file, path, error));
  }
};

/**
 * Reads the source in a file: a module that exports it, or a JSON or YAML config.
 *
 * @param file name of the file in messages.
 * @throws ConfigError when the file cannot be read, exports no source, or when the config is invalid.
 */
export const readSource = async (file: string, path: string): Promise<Source> =>
  sourceOf(file, isConfigFile(path) ? { source: readConfigFile(file, path) } : await loadModule(file, path));

const isSourceFile = (file: string): boolean =>
  // Temporary files of editors begin with a dot.
  !file.startsWith(".") &&
  !file.endsWith(".d.ts") &&
  (extname(file) === ".ts" || CONFIG_EXTENSIONS.includes(extname(file)));

const filesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

/**
 * Returns the source files of a folder, by their name without the extension.
 *
 * @throws ConfigError when two files differ in the extension only: they would be the same source.
 */
export const sourceFiles = (folder: string = functionsFolder()): Map<string, string> => {
  const files = new Map<string, string>();
  for (const file of filesIn(folder).filter(isSourceFile).sort()) {
    const stem = basename(file, extname(file));
    const other = files.get(stem);
    if (other !== undefined) {
      throw new ConfigError(`functions/${other} and functions/${file} are the same source: keep one of them`);
    }
    files.set(stem, file);
  }
  return files;
};

/**
 * Loads the source in a file of `functions/`.
 *
 * @param stem name of the file without its extension.
 * @throws ConfigError for a file without a valid source, or that is not named after its source.
 */
export const loadSource = async (folder: string, stem: string, name: string): Promise<DeployedSource> => {
  const file = `functions/${name}`;
  const path = join(folder, name);
  const source = await readSource(file, path);
  const expected = stemOf(source.config.name);
  if (stem !== expected) {
    throw new ConfigError(
      `${file}: the file is not named after its source (${source.config.name}): rename it to functions/${expected}${extname(name)}`,
    );
  }
  return { file, path, bundle: stem, source, resolved: resolveSource(source) };
};

/**
 * Loads every source of a folder, sorted by name.
 *
 * @throws ConfigError for the first file that `loadSource` refuses.
 */
export const loadSources = async (folder: string = functionsFolder()): Promise<DeployedSource[]> => {
  const sources: DeployedSource[] = [];
  for (const [stem, name] of sourceFiles(folder)) sources.push(await loadSource(folder, stem, name));
  return sources.sort((a, b) => (a.source.config.name < b.source.config.name ? -1 : 1));
};
