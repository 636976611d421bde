import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

/** What every npm script runs. */
export const COMMAND = fileURLToPath(new URL("../../cli/restlake.js", import.meta.url));
const POLL = 20;

const running = new Set<ChildProcess>();

afterAll(() => {
  // Only a test that failed leaves one.
  for (const child of running) child.kill("SIGKILL");
});

/** How a command ended. */
export interface Ended {
  /** null when a signal ended it. */
  code: number | null;
  out: string;
  err: string;
}

/** A command that runs as a process of its own. */
export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Resolves when its output so far matches; rejects with the output when it ends without. */
  prints(pattern: RegExp): Promise<void>;
}

/**
 * Starts a command of the CLI as npm does.
 *
 * @param from the folder that the user is in.
 * @param env beside the few variables that any shell has: nothing leaks in from the tests' own environment.
 * @param command of a copy of the project, when it is not this one's.
 */
export const start = (
  args: string[],
  from: string,
  env: Record<string, string> = {},
  command: string = COMMAND,
): Running => {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [command, ...args], {
    cwd: from,
    env: { PATH, HOME, INIT_CWD: from, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  let isOver = false;
  const ended = once(child, "close").then(([code]) => {
    isOver = true;
    running.delete(child);
    return { code: code as number | null, out, err };
  });
  const prints = async (pattern: RegExp) => {
    while (!pattern.test(out)) {
      if (isOver) throw new Error(`ended without printing ${pattern}:\n${out}\n${err}`);
      await sleep(POLL);
    }
  };
  return { child, ended, prints };
};

/** Output without the line that explains a stop that takes more than a second, as it does on a busy machine. */
export const withoutPatience = (err: string): string => err.replace(/^Stopping as soon as .*\n/m, "");

/** Runs a command of the CLI to its end. */
export const restlake = (args: string[], from: string, env: Record<string, string> = {}): Promise<Ended> =>
  start(args, from, env).ended;

/** The lines of `--json`: every one has to be an object. The last one is the summary. */
export const jsonLines = (out: string): Record<string, unknown>[] =>
  out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
