import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { RestlakeError } from "../lib/errors/index.ts";
import { makeServiceFolder } from "./service-folder.ts";

const FRAMEWORK = fileURLToPath(new URL("../node_modules/serverless/bin/serverless.js", import.meta.url));
const EXIT_WITH_PARENT = new URL("exit-with-parent.js", import.meta.url).href;

/** Packaging needs no account: the framework only insists on having some keys. */
const NO_CREDENTIALS = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local", AWS_REGION: "eu-central-1" };

/** Lines that are kept for messages. */
const TAIL = 15;

/** The framework said no. */
export class ServerlessError extends RestlakeError {
  override name = "ServerlessError";
}

/** How the framework is started. */
export interface ServerlessOptions {
  /** Values for `${param:...}` of serverless.yml. */
  params?: Record<string, string>;
  env?: Record<string, string>;
  onLine?: (line: string) => void;
}

/** A run of the framework. */
export interface ServerlessProcess {
  child: ChildProcess;
  /** The folder it works in. */
  folder: string;
  /** The last lines it printed, for messages. */
  tail(): string;
  /** Removes its folder; once the child has ended. */
  remove(): void;
}

/**
 * Starts the framework's command, in a folder of its own. The child ends with this process, and is out of reach of the
 * terminal's Ctrl-C, so that this process decides about the order in which things stop.
 */
export const startServerless = (args: string[], options: ServerlessOptions = {}): ServerlessProcess => {
  const params = Object.entries(options.params ?? {}).map(([name, value]) => `--param=${name}=${value}`);
  const { folder, temporary, remove } = makeServiceFolder();
  const child = spawn(process.execPath, ["--import", EXIT_WITH_PARENT, FRAMEWORK, ...args, ...params], {
    cwd: folder,
    env: {
      ...process.env,
      ...NO_CREDENTIALS,
      ...options.env,
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
      // What the Lambdas log, and the list of them, say nothing of the framework.
      if (!/^\s*($|\{|\(λ|\*)/.test(line)) last.push(line);
      if (last.length > TAIL) last.shift();
      options.onLine?.(line);
    });
  }
  return { child, folder, tail: () => last.join("\n"), remove };
};

/** Ends a child at once, with what it started itself: it leads a group of its own. */
export const killGroup = (child: ChildProcess): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
};

/**
 * Runs the framework's command to its end.
 *
 * @param read what is wanted of the folder that it worked in, before that is removed.
 * @param signal ends it; what this throws is the signal's reason.
 * @throws ServerlessError with what it printed last.
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
    if (code !== 0) throw new ServerlessError(`"serverless ${args.join(" ")}" ended with ${code}:\n${tail()}`);
    return read(folder);
  } finally {
    signal?.removeEventListener("abort", stop);
    remove();
  }
};
