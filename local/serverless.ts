import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { ownModule } from "../infra/package-files.ts";
import { OPTIONS_VARIABLE } from "../infra/plugin/deployment.ts";
import { projectFolder } from "../infra/project.ts";
import { ConfigError, RestlakeError } from "../lib/errors/index.ts";
import { makeServiceFolder } from "./service-folder.ts";

const EXIT_WITH_PARENT = pathToFileURL(ownModule("local/exit-with-parent")).href;

/** Placeholder credentials: packaging needs no account, but the framework requires keys. */
const NO_CREDENTIALS = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local", AWS_REGION: "eu-central-1" };

/** Number of last lines that error messages contain. */
const TAIL_LENGTH = 15;

/** The framework failed. */
export class ServerlessError extends RestlakeError {
  override name = "ServerlessError";
}

/** How the framework is started. */
export interface ServerlessOptions {
  /** Options that replace those under `custom.restlake` in serverless.yml. */
  stack?: object;
  env?: Record<string, string>;
  onLine?: (line: string) => void;
}

/** @throws ConfigError when the framework is not installed in the project. */
const frameworkOf = (project: string): string => {
  try {
    return createRequire(join(project, "package.json")).resolve("serverless/bin/serverless.js");
  } catch {
    throw new ConfigError(
      `the Serverless Framework is not installed in ${project}: run npm install --save-dev serverless@npm:osls serverless-offline`,
    );
  }
};

/** A running framework process. */
export interface ServerlessProcess {
  child: ChildProcess;
  /** Working folder. */
  folder: string;
  /** Returns the last lines that it printed. */
  tail(): string;
  /** Removes the working folder. Call it when the child has ended. */
  remove(): void;
}

/**
 * Starts the framework in a separate folder. The child ends with this process. It does not receive the terminal's Ctrl-C, so
 * that this process controls the order in which everything stops.
 */
export const startServerless = (args: string[], options: ServerlessOptions = {}): ServerlessProcess => {
  const project = projectFolder();
  const framework = frameworkOf(project);
  const { folder, temporary, remove } = makeServiceFolder(project);
  const child = spawn(process.execPath, ["--import", EXIT_WITH_PARENT, framework, ...args], {
    cwd: folder,
    env: {
      ...process.env,
      ...NO_CREDENTIALS,
      ...options.env,
      [OPTIONS_VARIABLE]: JSON.stringify(options.stack ?? {}),
      TMPDIR: temporary,
      SLS_TELEMETRY_DISABLED: "1",
      FORCE_COLOR: "0",
    },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream as NonNullable<typeof stream> }).on("line", (line) => {
      // Leaves out log lines of Lambdas, and the list of them.
      if (!/^\s*($|\{|\(λ|\*)/.test(line)) last.push(line);
      if (last.length > TAIL_LENGTH) last.shift();
      options.onLine?.(line);
    });
  }
  return { child, folder, tail: () => last.join("\n"), remove };
};

/**
 * Runs the framework in the project with the user's terminal and environment.
 *
 * @returns its exit code.
 * @throws ConfigError when the framework is not installed.
 */
export const passToServerless = async (args: string[]): Promise<number> => {
  const project = projectFolder();
  const child = spawn(process.execPath, [frameworkOf(project), ...args], {
    cwd: project,
    env: { SLS_TELEMETRY_DISABLED: "1", ...process.env },
    stdio: "inherit",
  });
  // Ctrl-C reaches the framework, too: it decides when to end.
  const wait = () => {};
  process.on("SIGINT", wait);
  const [code] = await once(child, "close");
  process.off("SIGINT", wait);
  return code ?? 1;
};

/** Kills a child and everything that it started: it leads a process group. */
export const killGroup = (child: ChildProcess): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has already ended.
  }
};

/**
 * Runs the framework to its end.
 *
 * @param read reads the result from the working folder, before the folder is removed.
 * @param options.signal kills the framework. The signal's reason is thrown.
 * @throws ServerlessError with the last lines that it printed.
 */
export const runServerless = async <Result>(
  args: string[],
  read: (folder: string) => Result,
  options: ServerlessOptions & { signal?: AbortSignal } = {},
): Promise<Result> => {
  const { signal } = options;
  signal?.throwIfAborted();
  const { child, folder, tail, remove } = startServerless(args, options);
  const stop = () => killGroup(child);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const [code] = await once(child, "close");
    signal?.throwIfAborted();
    if (code !== 0)
      throw new ServerlessError(`"serverless ${args.join(" ")}" failed with exit code ${code}:\n${tail()}`);
    return read(folder);
  } finally {
    signal?.removeEventListener("abort", stop);
    remove();
  }
};
