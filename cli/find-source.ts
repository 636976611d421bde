import { existsSync, statSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import process from "node:process";
import { CONFIG_EXTENSIONS } from "../infra/config-file.ts";
import { FUNCTIONS_FOLDER, readSource, sourceFiles } from "../infra/sources.ts";
import type { Source } from "../lib/config/index.ts";
import { ConfigError } from "../lib/errors/index.ts";

const EXTENSIONS = [".ts", ".js", ".mjs", ...CONFIG_EXTENSIONS];

/**
 * A source by the name of a file in `functions/`, or by the path of a `.ts`, `.js`, `.json` or `.yaml` config.
 *
 * @throws ConfigError when there is none, or its config does not match the config schema.
 */
export const findSource = async (nameOrPath: string): Promise<Source> => {
  const isPath = EXTENSIONS.includes(extname(nameOrPath)) || /[/\\]/.test(nameOrPath);
  if (!isPath) {
    const known = [...sourceFiles()].map(([stem, file]) => ({ name: stem.replaceAll("-", "_"), file }));
    const found = known.find(({ name }) => name === nameOrPath.replaceAll("-", "_"));
    if (found === undefined) {
      const names = known.map(({ name }) => name).join(", ");
      throw new ConfigError(
        `there is no source ${JSON.stringify(nameOrPath)} in functions/; there are: ${names}. Or give the path of a .ts, .js, .json or .yaml config`,
      );
    }
    return (await readSource(`functions/${found.file}`, join(FUNCTIONS_FOLDER, found.file))).source;
  }
  const path = resolve(process.env.INIT_CWD ?? ".", nameOrPath);
  if (!existsSync(path)) throw new ConfigError(`${nameOrPath}: there is no such file`);
  if (!EXTENSIONS.includes(extname(path)) || !statSync(path).isFile()) {
    throw new ConfigError(`${nameOrPath}: must be a ${EXTENSIONS.join(", ")} file`);
  }
  return (await readSource(nameOrPath, path)).source;
};
