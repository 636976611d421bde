import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const ENVIRONMENT = join(FOLDER, ".venv");
const REQUIREMENTS = join(FOLDER, "requirements.txt");
const INSTALLED = join(ENVIRONMENT, "requirements.txt");

/** A Python environment with dlt. */
export interface Python {
  /** Runs dlt_load.py. */
  command: string[];
  /** Version of dlt. */
  version: string;
}

/**
 * Returns a virtual environment with the packages in requirements.txt, and creates it when it is missing.
 *
 * @returns null when Python or a package cannot be installed.
 */
export const findPython = async (): Promise<Python | null> => {
  const interpreter = join(ENVIRONMENT, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const requirements = readFileSync(REQUIREMENTS, "utf8");
  try {
    if (!existsSync(INSTALLED) || readFileSync(INSTALLED, "utf8") !== requirements) {
      console.log("installing dlt into bench/.venv");
      await run("python3", ["-m", "venv", "--clear", ENVIRONMENT]);
      await run(interpreter, ["-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS]);
      writeFileSync(INSTALLED, requirements);
    }
    const { stdout } = await run(interpreter, ["-c", "import dlt; print(dlt.__version__)"]);
    return { command: [interpreter, join(FOLDER, "dlt_load.py")], version: stdout.trim() };
  } catch (error) {
    console.log(
      `measuring without dlt (${(error as Error).message.split("\n")[0]}): install python3 with venv to compare with dlt`,
    );
    return null;
  }
};
