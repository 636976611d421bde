import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { environmentCommand } from "../../tools/python/environment.ts";
import type { RawTable } from "./tables.fixture.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
/** Folder of the virtual environment with dlt. */
export const ENVIRONMENT = join(FOLDER, ".venv");

/** Result of one run in dlt. */
export interface DltResult {
  tables: Record<string, RawTable>;
  /** Reason of its failure; null if it succeeded. */
  error: string | null;
}

/** One run of a config in dlt. */
export interface DltRun {
  /** Name of the comparison. Its runs share a pipeline. */
  name: string;
  config: unknown;
  is_last: boolean;
}

/** A Python process that runs configs with dlt, one at a time. */
class DltProcess {
  readonly #folder = mkdtempSync(join(tmpdir(), "restlake-dlt-"));
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  /** Ends with the last accepted work. */
  #last: Promise<unknown> = Promise.resolve();
  #log = "";

  constructor() {
    // It ends with its stdin, and so with this process.
    this.#child = spawn(environmentCommand(ENVIRONMENT, "python"), [join(FOLDER, "load.py"), this.#folder], {
      env: { PATH: process.env.PATH, HOME: this.#folder, TMPDIR: this.#folder },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child.stderr?.on("data", (text) => {
      this.#log += text;
    });
    this.#reader = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Runs a config after the earlier ones, also those of other comparisons. */
  run(given: DltRun): Promise<DltResult> {
    const result = this.#last.then(() => this.#run(given));
    this.#last = result.catch(() => {});
    return result;
  }

  async #run(given: DltRun): Promise<DltResult> {
    const folder = join(this.#folder, given.name.replaceAll(/\W/g, "_"));
    this.#child.stdin?.write(`${JSON.stringify({ ...given, folder })}\n`);
    const line = await this.#lines.next();
    if (line.done) throw new Error(`the Python process ended:\n${this.#log}`);
    return JSON.parse(line.value) as DltResult;
  }

  close(): void {
    this.#reader.close();
    this.#child.stdin?.end();
    this.#child.kill();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Starts Python processes with dlt. */
export const startDlt = (count: number) => {
  const processes = Array.from({ length: count }, () => new DltProcess());
  let next = 0;
  return {
    /** Returns the process of a comparison: one after the other. */
    process: (): DltProcess => processes[next++ % count] as DltProcess,
    close: () => {
      for (const one of processes) one.close();
    },
  };
};
