import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { environmentCommand, prepareEnvironment, requirePython } from "../../tools/python/environment.ts";

const run = promisify(execFile);

const FOLDER = fileURLToPath(new URL(".", import.meta.url));

/** Requirements files of the virtual environments. */
const ENVIRONMENTS = {
  emulator: "requirements.txt",
  scanner: "scanner.requirements.txt",
  shell: "shell.requirements.txt",
} as const;

/** Name of a virtual environment. */
export type PythonEnvironment = keyof typeof ENVIRONMENTS;

/** Exit code and output of a command. */
export interface CommandResult {
  code: number;
  out: string;
  err: string;
}

/** Returns the folder of an environment. */
export const pythonFolder = (environment: PythonEnvironment): string => join(FOLDER, ".venv", environment);

/** Returns the path of a command in an environment. */
export const pythonCommand = (environment: PythonEnvironment, name: string): string =>
  environmentCommand(pythonFolder(environment), name);

const prepare = (environment: PythonEnvironment): Promise<boolean> =>
  prepareEnvironment(pythonFolder(environment), join(FOLDER, ENVIRONMENTS[environment]));

/**
 * Creates the virtual environments that are missing or have outdated requirements.
 *
 * @throws Error if this computer has no suitable Python
 */
export const preparePython = async (): Promise<void> => {
  await requirePython("npm run test:aws");
  mkdirSync(join(FOLDER, ".venv"), { recursive: true });
  await Promise.all((Object.keys(ENVIRONMENTS) as PythonEnvironment[]).map(prepare));
};

/** Runs a command of an environment and returns its result; a non-zero exit code is not an error. */
export const runPython = (environment: PythonEnvironment, name: string, args: string[]): Promise<CommandResult> =>
  run(pythonCommand(environment, name), args, {
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NO_COLOR: "1" },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error: { code?: unknown; stdout: string; stderr: string }) => {
      if (typeof error.code !== "number") throw error;
      return { code: error.code, out: error.stdout, err: error.stderr };
    },
  );
