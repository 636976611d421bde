/** Virtual environments of Python, for benchmarks and tests that run Python packages. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Returns the path of a command in a virtual environment. */
export const environmentCommand = (folder: string, name: string): string =>
  process.platform === "win32" ? join(folder, "Scripts", `${name}.exe`) : join(folder, "bin", name);

/**
 * Creates a virtual environment if it is missing or was installed from other requirements.
 *
 * @param requirements path of the requirements file
 * @returns whether it was created
 * @throws Error if Python or a package cannot be installed
 */
export const prepareEnvironment = async (folder: string, requirements: string): Promise<boolean> => {
  const wanted = readFileSync(requirements, "utf8");
  const installed = join(folder, "requirements.txt");
  if (existsSync(installed) && readFileSync(installed, "utf8") === wanted) return false;
  await run("python3", ["-m", "venv", "--clear", folder]);
  const interpreter = environmentCommand(folder, "python");
  await run(interpreter, ["-m", "pip", "install", "--quiet", "--requirement", requirements]);
  writeFileSync(installed, wanted);
  return true;
};

/**
 * Checks that this computer has a Python that can create virtual environments.
 *
 * @param purpose command that requires it, for the message
 * @throws Error if it has none
 */
export const requirePython = async (purpose: string): Promise<void> => {
  await run("python3", ["-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))"]).catch((cause) => {
    throw new Error(`${purpose} requires Python 3.10 or newer with venv and pip: install it as python3 in the PATH`, {
      cause,
    });
  });
};
