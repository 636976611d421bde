import { existsSync, statSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import process from "node:process";
import { CONFIG_EXTENSIONS } from "../infra/config-file.ts";
import { functionsFolder } from "../infra/project.ts";
import { readSource, sourceFiles } from "../infra/sources.ts";
import type { Source } from "../lib/config/index.ts";
import { nearest } from "../lib/config/nearest.ts";
import { ConfigError } from "../lib/errors/index.ts";

const EXTENSIONS = [".ts", ".js", ".mjs", ...CONFIG_EXTENSIONS];

/** Returns the error for a source name that no file in `functions/` has. */
export const unknownSource = (name: string, known: string[]): ConfigError => {
  const suggestion = nearest(name, known);
  const advice = suggestion === undefined ? `choose from ${known.join(", ")}` : `did you mean ${suggestion}?`;
  return new ConfigError(`unknown source ${JSON.stringify(name)} (no such file in functions/): ${advice}`);
};

/** A source, and its file. */
export interface FoundSource {
  source: Source;
  /** Name of the file in messages. */
  file: string;
  path: string;
}

const findByName = (given: string): Omit<FoundSource, "source"> => {
  const known = [...sourceFiles()].map(([stem, file]) => ({ name: stem.replaceAll("-", "_"), file }));
  const name = given.replaceAll("-", "_");
  const found = known.find((source) => source.name === name);
  if (found === undefined)
    throw unknownSource(
      given,
      known.map((source) => source.name),
    );
  return { file: `functions/${found.file}`, path: join(functionsFolder(), found.file) };
};

const findByPath = (given: string): Omit<FoundSource, "source"> => {
  const path = resolve(process.env.INIT_CWD ?? ".", given);
  if (!existsSync(path)) throw new ConfigError(`${given}: no such file`);
  if (!EXTENSIONS.includes(extname(path)) || !statSync(path).isFile()) {
    throw new ConfigError(`${given}: expected a file with extension ${EXTENSIONS.join(", ")}`);
  }
  return { file: given, path };
};

/**
 * Returns a source and its file by the name of its file in `functions/`, or by the path of a `.ts`, `.js`, `.json` or `.yaml`
 * config.
 *
 * @throws ConfigError if it does not exist, or its config is invalid.
 */
export const findSourceFile = async (nameOrPath: string): Promise<FoundSource> => {
  const isPath = EXTENSIONS.includes(extname(nameOrPath)) || /[/\\]/.test(nameOrPath);
  const found = isPath ? findByPath(nameOrPath) : findByName(nameOrPath);
  return { ...found, source: await readSource(found.file, found.path) };
};

/**
 * Returns a source by the name or the path of its file.
 *
 * @throws ConfigError if it does not exist, or its config is invalid.
 */
export const findSource = async (nameOrPath: string): Promise<Source> => (await findSourceFile(nameOrPath)).source;
