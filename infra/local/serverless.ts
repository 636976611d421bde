import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { RestlakeError } from "../../lib/errors.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const FRAMEWORK = fileURLToPath(new URL("../../node_modules/serverless/bin/serverless.js", import.meta.url));
const EXIT_WITH_PARENT = new URL("exit-with-parent.js", import.meta.url).href;

/** Packaging needs no account: the framework only insists on having some keys. */
const NO_CREDENTIALS = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local", AWS_REGION: "eu-central-1" };

/** The framework said no. */
export class ServerlessError extends RestlakeError {
  override name = "ServerlessError";
}

/** A run of the framework. */
export interface ServerlessProcess {
  child: ChildProcess;
  /** The last lines it printed, for messages. */
  tail(): string;
}

/**
 * Starts the framework's command in the project's folder. The child ends with this process, and is out of reach of the
 * terminal's Ctrl-C, so that this process decides about the order in which things stop.
 *
 * @param params values for `${param:...}` of serverless.yml.
 */
export const startServerless = (
  args: string[],
  options: { params?: Record<string, string>; env?: Record<string, string>; onLine?: (line: string) => void } = {},
): ServerlessProcess => {
  const params = Object.entries(options.params ?? {}).map(([name, value]) => `--param=${name}=${value}`);
  const child = spawn(process.execPath, ["--import", EXIT_WITH_PARENT, FRAMEWORK, ...args, ...params], {
    cwd: PROJECT,
    env: { ...process.env, ...NO_CREDENTIALS, ...options.env, SLS_TELEMETRY_DISABLED: "1", FORCE_COLOR: "0" },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream as NonNullable<typeof stream> }).on("line", (line) => {
      if (line.trim() !== "") last.push(line);
      if (last.length > 30) last.shift();
      options.onLine?.(line);
    });
  }
  return { child, tail: () => last.join("\n") };
};

/**
 * Runs the framework's command to its end.
 *
 * @throws ServerlessError with what it printed last.
 */
export const runServerless = async (
  args: string[],
  options: { params?: Record<string, string>; env?: Record<string, string> } = {},
): Promise<void> => {
  const { child, tail } = startServerless(args, options);
  const [code] = await once(child, "close");
  if (code !== 0) throw new ServerlessError(`"serverless ${args.join(" ")}" ended with ${code}:\n${tail()}`);
};
