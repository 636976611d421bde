import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

/** Entry point of every command. */
export const COMMAND = fileURLToPath(new URL("../../cli/restlake.js", import.meta.url));
const POLL = 20;

const running = new Set<ChildProcess>();

afterAll(() => {
  // Only a failed test leaves a process.
  for (const child of running) child.kill("SIGKILL");
});

/** Result of a command. */
export interface Ended {
  /** Null if a signal ended it. */
  code: number | null;
  out: string;
  err: string;
}

/** A command that runs as its own process. */
export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Resolves when its output so far matches. Rejects with the output if it ends before. */
  prints(pattern: RegExp): Promise<void>;
}

/**
 * Starts a command of the CLI as npm does: in the folder of the project.
 *
 * @param from current folder of the user.
 * @param env variables in addition to PATH and HOME. The environment of the tests is not passed on.
 * @param command entry point, of a copy of the project if the test uses one.
 */
export const start = (
  args: string[],
  from: string,
  env: Record<string, string> = {},
  command: string = COMMAND,
): Running => {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [command, ...args], {
    cwd: dirname(dirname(command)),
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

/** Returns stderr without the line that explains a stop of more than a second, which a busy computer may need. */
export const withoutStopNote = (err: string): string => err.replace(/^Finishing the current page\..*\n/m, "");

/** Runs a command of the CLI and returns its result. */
export const restlake = (args: string[], from: string, env: Record<string, string> = {}): Promise<Ended> =>
  start(args, from, env).ended;

/** Parses the lines of `--json`. The last one is the summary. */
export const jsonLines = (out: string): Record<string, unknown>[] =>
  out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
