import { existsSync, readFileSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError } from "../../lib/errors.ts";
import { isJsonObject, type Json } from "../../lib/json.ts";
import { defineSource, type Source } from "../../lib/source/index.ts";
import { FUNCTIONS_FOLDER, sourceFiles, sourceOf } from "../sources.ts";

const CONFIG_FILES = [".ts", ".js", ".mjs", ".json"];

const readJson = (path: string): Source => {
  let config: Json;
  try {
    config = JSON.parse(readFileSync(path, "utf8")) as Json;
  } catch (error) {
    throw new ConfigError(`${path}: is not JSON: ${(error as Error).message}`);
  }
  if (!isJsonObject(config)) throw new ConfigError(`${path}: must be an object with client and resources`);
  const { settings, ...rest } = config;
  // A dict pasted from dlt has no name: the file's will do.
  const name =
    rest.name ??
    basename(path, ".json")
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "_");
  return defineSource({ name, ...rest } as never, (settings ?? {}) as never);
};

const load = async (path: string): Promise<unknown> => {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    throw new ConfigError(`${path}: cannot be loaded: ${(error as Error).message}`);
  }
};

/**
 * A source by the name of a file in `functions/`, or by the path of a `.ts`, `.js` or `.json` config.
 *
 * @throws ConfigError when there is none, or its config does not fit the dialect.
 */
export const findSource = async (nameOrPath: string): Promise<Source> => {
  const isPath = CONFIG_FILES.includes(extname(nameOrPath)) || /[/\\]/.test(nameOrPath);
  if (!isPath) {
    const known = sourceFiles();
    const file = known.find((candidate) => candidate.replaceAll("-", "_") === nameOrPath.replaceAll("-", "_"));
    if (file === undefined) {
      const names = known.map((candidate) => candidate.replaceAll("-", "_")).join(", ");
      throw new ConfigError(
        `there is no source ${JSON.stringify(nameOrPath)} in functions/; there are: ${names}. Or give the path of a .ts, .js or .json config`,
      );
    }
    return sourceOf(`functions/${file}.ts`, await load(join(FUNCTIONS_FOLDER, `${file}.ts`)));
  }
  const path = resolve(process.env.INIT_CWD ?? ".", nameOrPath);
  if (!existsSync(path)) throw new ConfigError(`${nameOrPath}: there is no such file`);
  if (!CONFIG_FILES.includes(extname(path))) {
    throw new ConfigError(`${nameOrPath}: must be a ${CONFIG_FILES.join(", ")} file`);
  }
  return sourceOf(nameOrPath, extname(path) === ".json" ? { source: readJson(path) } : await load(path));
};
