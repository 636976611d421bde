import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

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
  join(pythonFolder(environment), "bin", name);

const prepare = async (environment: PythonEnvironment): Promise<void> => {
  const wanted = readFileSync(join(FOLDER, ENVIRONMENTS[environment]), "utf8");
  const folder = pythonFolder(environment);
  const installed = join(folder, "requirements.txt");
  if (existsSync(installed) && readFileSync(installed, "utf8") === wanted) return;
  await run("python3", ["-m", "venv", "--clear", folder]);
  const requirements = join(FOLDER, ENVIRONMENTS[environment]);
  await run(pythonCommand(environment, "python"), ["-m", "pip", "install", "--quiet", "--requirement", requirements]);
  writeFileSync(installed, wanted);
};

/**
 * Creates the virtual environments that are missing or have outdated requirements.
 *
 * @throws Error if this computer has no suitable Python
 */
export const preparePython = async (): Promise<void> => {
  await run("python3", ["-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))"]).catch((cause) => {
    throw new Error(
      "npm run test:aws requires Python 3.10 or newer with venv and pip: install it as python3 in the PATH",
      {
        cause,
      },
    );
  });
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
