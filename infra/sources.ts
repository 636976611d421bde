import { readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Source } from "../lib/config/index.ts";
import { type ResolvedSource, resolveSource } from "../lib/config/resolve.ts";
import { validateSource } from "../lib/config/schema/validate.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { CONFIG_EXTENSIONS, isConfigFile, readConfigFile } from "./config-file.ts";

/** The folder that holds one file per source. */
export const FUNCTIONS_FOLDER = fileURLToPath(new URL("../functions", import.meta.url));

/** A source with where it comes from. */
export interface DeployedSource {
  /** Path of its file from the project's folder. */
  file: string;
  /** The same without the extension: where its Lambdas' module is. */
  entry: string;
  source: Source;
  resolved: ResolvedSource;
}

/** A source file in `functions/` is named after its source, with dashes: order-management.ts, or .json, or .yaml. */
const fileName = (name: string): string => name.replaceAll("_", "-");

/**
 * The source that a module exports.
 *
 * @throws ConfigError when it exports none, or the config does not match the config schema.
 */
export const sourceOf = (file: string, module: unknown): Source => {
  const { source } = module as { source?: Source };
  if (source?.config === undefined) {
    throw new ConfigError(`${file}: exports no source; write: export const source = defineSource({...})`);
  }
  validateSource(file, source);
  resolveSource(source);
  return source;
};

/** What a module threw, in one line, with the line of the file that it comes from if that is known. */
const loadingMistake = (shown: string, path: string, thrown: unknown): string => {
  const { name, message, stack = "" } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const place = stack.split("\n").find((line) => line.includes(path)) ?? "";
  const line = /:(\d+)(?::\d+)?\)?$/.exec(place)?.[1];
  return `${shown}${line === undefined ? "" : `:${line}`}: cannot be loaded: ${name}: ${message.trim().split("\n")[0]}`;
};

const loadModule = async (shown: string, path: string): Promise<{ handler?: unknown }> => {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    throw error instanceof ConfigError ? error : new ConfigError(loadingMistake(shown, path, error));
  }
};

/**
 * The source in a file: a module that exports it, or its config as JSON or YAML.
 *
 * @param shown what the file is called in messages.
 * @returns the source, and whether its Lambdas have a handler; a config's is made when it is bundled.
 * @throws ConfigError when it cannot be read, exports none, or its config does not match the config schema.
 */
export const readSource = async (shown: string, path: string): Promise<{ source: Source; hasHandler: boolean }> => {
  if (isConfigFile(path)) {
    return { source: sourceOf(shown, { source: readConfigFile(shown, path) }), hasHandler: true };
  }
  const module = await loadModule(shown, path);
  return { source: sourceOf(shown, module), hasHandler: typeof module.handler === "function" };
};

const isSourceFile = (file: string): boolean =>
  // An editor's own files begin with a dot.
  !file.startsWith(".") &&
  !file.endsWith(".d.ts") &&
  (extname(file) === ".ts" || CONFIG_EXTENSIONS.includes(extname(file)));

/**
 * The source files of a folder, by their name without extension.
 *
 * @throws ConfigError when two differ in nothing else: they would be one source.
 */
export const sourceFiles = (folder: string = FUNCTIONS_FOLDER): Map<string, string> => {
  const files = new Map<string, string>();
  for (const file of readdirSync(folder).filter(isSourceFile).sort()) {
    const stem = basename(file, extname(file));
    const other = files.get(stem);
    if (other !== undefined) {
      throw new ConfigError(`functions/${other} and functions/${file} would be the same source: keep one of them`);
    }
    files.set(stem, file);
  }
  return files;
};

/**
 * Every source of a folder, by name: adding a file adds a source.
 *
 * @param folder `functions/`, unless a test says otherwise.
 * @throws ConfigError for a file that is no source, or is named otherwise than its source.
 */
export const loadSources = async (folder: string = FUNCTIONS_FOLDER): Promise<DeployedSource[]> => {
  const sources: DeployedSource[] = [];
  for (const [stem, name] of sourceFiles(folder)) {
    const file = `functions/${name}`;
    const { source, hasHandler } = await readSource(file, join(folder, name));
    const rightName = fileName(source.config.name);
    if (stem !== rightName) {
      throw new ConfigError(
        `${file}: its source is named ${source.config.name}, so the file must be functions/${rightName}${extname(name)}`,
      );
    }
    if (!hasHandler) {
      throw new ConfigError(`${file}: exports no handler; write: export const handler = lambda(source)`);
    }
    sources.push({ file, entry: `functions/${stem}`, source, resolved: resolveSource(source) });
  }
  return sources.sort((a, b) => (a.source.config.name < b.source.config.name ? -1 : 1));
};
