import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { environmentCommand, prepareEnvironment } from "../tools/python/environment.ts";

const run = promisify(execFile);

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const ENVIRONMENT = join(FOLDER, ".venv");

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
  const interpreter = environmentCommand(ENVIRONMENT, "python");
  try {
    const isNew = await prepareEnvironment(ENVIRONMENT, join(FOLDER, "requirements.txt"));
    if (isNew) console.log("installed dlt in bench/.venv");
    const { stdout } = await run(interpreter, ["-c", "import dlt; print(dlt.__version__)"]);
    return { command: [interpreter, join(FOLDER, "dlt_load.py")], version: stdout.trim() };
  } catch (error) {
    console.log(
      `measuring without dlt (${(error as Error).message.split("\n")[0]}): install python3 with venv to compare with dlt`,
    );
    return null;
  }
};
