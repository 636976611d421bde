import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { inspect } from "node:util";
import { findProject } from "../infra/project.ts";
import { nearest } from "../lib/config/nearest.ts";
import { ConfigError, RestlakeError } from "../lib/errors/index.ts";
import { HelpRequested } from "./arguments.ts";
import { EXIT } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { helpText } from "./help.ts";
import { Interrupted } from "./interrupt.ts";
import { print, printError } from "./terminal.ts";
import { terminalWidth } from "./wrap-text.ts";

const unknownCommandText = (name: string): string => {
  const names = COMMANDS.map(({ definition }) => definition.name);
  const suggestion = nearest(name, names);
  const advice = suggestion === undefined ? `choose from ${names.join(", ")}` : `did you mean ${suggestion}?`;
  return `unknown command ${JSON.stringify(name)}: ${advice}`;
};

/** File of a project with environment variables, such as secrets. Git must ignore it. */
const ENV_FILE = ".env";

/** Reads the project's `.env`. Variables that are already set stay. */
const loadEnvFile = (): void => {
  const project = findProject(process.cwd());
  const path = join(project ?? ".", ENV_FILE);
  if (project !== null && existsSync(path)) process.loadEnvFile(path);
};

/**
 * Runs a command and returns its exit code. Errors go to stderr: a user's error (ConfigError, 2) and the other errors of
 * restlake (1) in one line, an unexpected error (1) with its stack.
 */
export const runCommand = async (name: string, args: string[]): Promise<number> => {
  try {
    const command = COMMANDS.find(({ definition }) => definition.name === name);
    if (command === undefined) throw new ConfigError(unknownCommandText(name));
    loadEnvFile();
    return await command.run(args);
  } catch (error) {
    if (error instanceof HelpRequested) {
      print(helpText(error.definition, terminalWidth(process.stdout)));
      return EXIT.done;
    }
    if (error instanceof Interrupted) {
      printError("Stopped. Nothing was loaded.");
      return EXIT.stopped;
    }
    if (error instanceof ConfigError) {
      printError(error.message);
      return EXIT.usage;
    }
    if (error instanceof RestlakeError) {
      printError(`${error.name}: ${error.message}`);
      return EXIT.failed;
    }
    printError(inspect(error));
    return EXIT.failed;
  }
};
