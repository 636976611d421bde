import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { ConfigError } from "../../lib/errors.ts";
import { isJsonObject, type Json } from "../../lib/json.ts";
import { defineSource, type Source } from "../../lib/source/index.ts";
import { FUNCTIONS_FOLDER, sourceFiles, sourceOf } from "../sources.ts";

const CONFIG_FILES = [".ts", ".js", ".mjs", ".json"];

/** V8 quotes the text around the mistake, and there may be a key in it: the line number says as much. */
const jsonMistake = (text: string, message: string): string => {
  const [whole = "", dots, quoted = ""] = /, (\.{3})?"([\s\S]*)"(?:\.{3})? is not valid JSON$/.exec(message) ?? [];
  if (whole === "") return message;
  const before = text.slice(0, text.indexOf(quoted) + (dots === undefined ? 0 : Math.floor(quoted.length / 2)));
  return `${message.slice(0, -whole.length)} in line ${before.split("\n").length}`;
};

const readJson = (shown: string, path: string): Source => {
  let config: Json;
  const text = readFileSync(path, "utf8").replace(/^\ufeff/, "");
  try {
    config = JSON.parse(text) as Json;
  } catch (error) {
    throw new ConfigError(`${shown}: is not JSON: ${jsonMistake(text, (error as Error).message)}`);
  }
  if (!isJsonObject(config)) throw new ConfigError(`${shown}: must be an object with client and resources`);
  const { settings, ...rest } = config;
  // A dict pasted from dlt has no name: the file's will do.
  const name =
    rest.name ??
    basename(path, ".json")
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "_");
  return defineSource({ name, ...rest } as never, (settings ?? {}) as never);
};

/** What a module threw, in one line, with the line of the file that it comes from if that is known. */
const loadingMistake = (shown: string, path: string, thrown: unknown): string => {
  const { name, message, stack = "" } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const place = stack.split("\n").find((line) => line.includes(path)) ?? "";
  const line = /:(\d+)(?::\d+)?\)?$/.exec(place)?.[1];
  return `${shown}${line === undefined ? "" : `:${line}`}: cannot be loaded: ${name}: ${message.trim().split("\n")[0]}`;
};

const load = async (shown: string, path: string): Promise<unknown> => {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    throw error instanceof ConfigError ? error : new ConfigError(loadingMistake(shown, path, error));
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
    const shown = `functions/${file}.ts`;
    return sourceOf(shown, await load(shown, join(FUNCTIONS_FOLDER, `${file}.ts`)));
  }
  const path = resolve(process.env.INIT_CWD ?? ".", nameOrPath);
  if (!existsSync(path)) throw new ConfigError(`${nameOrPath}: there is no such file`);
  if (!CONFIG_FILES.includes(extname(path)) || !statSync(path).isFile()) {
    throw new ConfigError(`${nameOrPath}: must be a ${CONFIG_FILES.join(", ")} file`);
  }
  return sourceOf(
    nameOrPath,
    extname(path) === ".json" ? { source: readJson(nameOrPath, path) } : await load(nameOrPath, path),
  );
};
