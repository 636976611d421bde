import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const EXIT_WITH_PARENT = ["--import", new URL("../local/exit-with-parent.ts", import.meta.url).href];

/** Returns the command that runs a module of this folder. */
export const nodeCommand = (module: string, args: string[] = []): string[] => [
  process.execPath,
  ...EXIT_WITH_PARENT,
  fileOf(module),
  ...args,
];

const start = ([command = "", ...args]: string[], environment: Record<string, string>): ChildProcess =>
  spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...environment } });

/**
 * Runs a subject in its own process.
 *
 * @returns its last line, parsed as JSON.
 * @throws Error with its output when it fails.
 */
export const runSubject = async <Result>(
  command: string[],
  environment: Record<string, string> = {},
): Promise<Result> => {
  const child = start(command, environment);
  let output = "";
  let errors = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${command.join(" ")} failed (${code})\n${output}\n${errors}`);
  return JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as Result;
};

/** A server in its own process. */
export interface Server extends AsyncDisposable {
  url: string;
}

/** Starts a module of this folder that prints its URL as the first line. */
export const startServer = async (module: string, args: string[] = []): Promise<Server> => {
  const child = start(nodeCommand(module, args), {});
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const closed = once(child, "close");
  const ended = closed.then(() => Promise.reject(new Error(`${module} exited before it printed its URL\n${errors}`)));
  ended.catch(() => {});
  if (child.stdout === null) throw new Error(`${module} has no stdout`);
  const [url] = (await Promise.race([once(createInterface(child.stdout), "line"), ended])) as [string];
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.stdin?.end();
      await closed;
    },
  };
};
