import { readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ConfigError } from "../lib/errors.ts";
import type { Source } from "../lib/source/index.ts";
import { type ResolvedSource, resolveSource } from "../lib/source/resolve.ts";
import { validateSource } from "../lib/source/schema/validate.ts";

/** The folder that holds one file per source. */
export const FUNCTIONS_FOLDER = fileURLToPath(new URL("../functions", import.meta.url));

/** A source with where it comes from. */
export interface DeployedSource {
  /** Path of its file from the project's folder, without the extension: what esbuild bundles. */
  entry: string;
  source: Source;
  resolved: ResolvedSource;
}

/** A source file in `functions/` is named after its source, with dashes: order-management.ts. */
const fileName = (name: string): string => name.replaceAll("_", "-");

/**
 * The source that a module exports.
 *
 * @throws ConfigError when it exports none, or the config does not fit the dialect.
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

const load = async (file: string, url: string): Promise<{ handler?: unknown }> => {
  try {
    return await import(url);
  } catch (error) {
    const { name, message, stack = "" } = error as Error;
    // Of a syntax error, only the stack's first line says where it is.
    const line = /^file:\S+(:\d+)\n/.exec(stack)?.[1] ?? "";
    throw new ConfigError(`${file}${line}: cannot be loaded: ${name}: ${message}`, { cause: error });
  }
};

/** Names of the source files of a folder, without their extension. */
export const sourceFiles = (folder: string = FUNCTIONS_FOLDER): string[] =>
  readdirSync(folder)
    .filter((file) => extname(file) === ".ts" && !file.endsWith(".d.ts"))
    .map((file) => basename(file, ".ts"))
    .sort();

/**
 * Every source of a folder, by name: adding a file adds a source.
 *
 * @param folder `functions/`, unless a test says otherwise.
 * @throws ConfigError for a file that is no source, or is named otherwise than its source.
 */
export const loadSources = async (folder: string = FUNCTIONS_FOLDER): Promise<DeployedSource[]> => {
  const sources: DeployedSource[] = [];
  for (const stem of sourceFiles(folder)) {
    const shown = `functions/${stem}.ts`;
    const module = await load(shown, pathToFileURL(join(folder, `${stem}.ts`)).href);
    const source = sourceOf(shown, module);
    if (stem !== fileName(source.config.name)) {
      throw new ConfigError(
        `${shown}: its source is named ${source.config.name}, so the file must be functions/${fileName(source.config.name)}.ts`,
      );
    }
    if (typeof module.handler !== "function") {
      throw new ConfigError(`${shown}: exports no handler; write: export const handler = lambda(source)`);
    }
    sources.push({ entry: `functions/${stem}`, source, resolved: resolveSource(source) });
  }
  return sources.sort((a, b) => (a.source.config.name < b.source.config.name ? -1 : 1));
};
