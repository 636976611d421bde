import { isConfigFile } from "../../infra/config-file.ts";
import { functionsFolder } from "../../infra/project.ts";
import { loadSource, sourceFiles } from "../../infra/sources.ts";
import { ConfigError } from "../../lib/errors/index.ts";
import { formatCount } from "../../lib/report/format.ts";
import { EXIT } from "../command.ts";
import { print, printError, styled } from "../terminal.ts";
import { checkSameValues } from "./changing-values.ts";

/** Validates one file in `functions/`. Returns the error; null for a valid one, after its line is printed. */
const checkFile = async (folder: string, stem: string, name: string): Promise<ConfigError | null> => {
  try {
    const { source, file, path, resolved } = await loadSource(folder, stem, name);
    if (!isConfigFile(path)) await checkSameValues(source, file, path);
    const selected = resolved.resources.filter((resource) => resource.selected).length;
    print(`${styled("green", "ok")} ${resolved.name}: ${formatCount(selected, "resource")}`);
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
};

/**
 * Validates all sources of the project. Prints a line for each valid one, and the errors of all the others. Returns the exit code.
 *
 * @throws ConfigError for a project without a source.
 */
export const checkProject = async (): Promise<number> => {
  const folder = functionsFolder();
  const files = sourceFiles(folder);
  if (files.size === 0) {
    throw new ConfigError(`no source in ${folder}: add a .ts, .json or .yaml file with the config of an API`);
  }
  const errors: ConfigError[] = [];
  for (const [stem, name] of files) {
    const error = await checkFile(folder, stem, name);
    if (error !== null) errors.push(error);
  }
  for (const { message } of errors) printError(message);
  print(`${files.size - errors.length} ok, ${errors.length} failed`);
  return errors.length === 0 ? EXIT.done : EXIT.usage;
};
