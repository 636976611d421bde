import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const EXIT_WITH_PARENT = ["--import", new URL("../local/exit-with-parent.js", import.meta.url).href];

/** Arguments of `node` for a module of this folder. */
export const nodeOf = (module: string, args: string[] = []): string[] => [
  process.execPath,
  ...EXIT_WITH_PARENT,
  fileOf(module),
  ...args,
];

const start = ([command = "", ...args]: string[], environment: Record<string, string>): ChildProcess =>
  spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...environment } });

/**
 * Runs a subject in a process of its own.
 *
 * @returns what its last line says, which is JSON.
 * @throws Error with what it wrote, when it fails.
 */
export const runSubject = async <Result>(
  command: string[],
  environment: Record<string, string> = {},
): Promise<Result> => {
  const child = start(command, environment);
  let written = "";
  let complaints = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    written += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${command.join(" ")} failed (${code})\n${written}\n${complaints}`);
  return JSON.parse(written.trimEnd().split("\n").at(-1) ?? "") as Result;
};

/** A server in a process of its own. */
export interface Server extends AsyncDisposable {
  url: string;
}

/** Starts a module of this folder whose first line is its URL. */
export const startServer = async (module: string, args: string[] = []): Promise<Server> => {
  const child = start(nodeOf(module, args), {});
  let complaints = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const closed = once(child, "close");
  const ended = closed.then(() => Promise.reject(new Error(`${module} ended before it listened\n${complaints}`)));
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
