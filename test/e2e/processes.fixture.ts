import { execFileSync } from "node:child_process";
import { until } from "../until.ts";

/** Between two looks for new ones: none that matters lives for less. */
const LOOK = 400;

/** A process: its id, and when it began, since ids are used again. */
type Process = `${number} ${string}`;

const snapshot = (): { process: Process; pid: number; parent: number }[] =>
  execFileSync("ps", ["-eo", "pid=,ppid=,stat=,lstart="], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } })
    .split("\n")
    .flatMap((line) => {
      const [, pid, parent, state = "", begun] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      // A zombie is dead; it only waits for its parent to notice.
      return pid === undefined || state.startsWith("Z")
        ? []
        : [{ process: `${Number(pid)} ${begun}` as Process, pid: Number(pid), parent: Number(parent) }];
    });

/** Everything that a process started, and that what it started did, as far as it lived long enough to be seen. */
export interface Descendants {
  /** How many were seen so far. */
  seen(): number;
  /** Those that are alive now. */
  alive(): Process[];
  /** Resolves when none is alive. */
  gone(): Promise<void>;
  /** Looks no further for new ones, which it does by itself when all are gone. */
  stop(): void;
}

/** Follows the descendants of a process. */
export const followDescendants = (pid: number): Descendants => {
  const known = new Map<number, Process>();
  const look = () => {
    const all = snapshot();
    let before: number;
    do {
      before = known.size;
      for (const entry of all) if (entry.parent === pid || known.has(entry.parent)) known.set(entry.pid, entry.process);
    } while (known.size > before);
  };
  const timer = setInterval(look, LOOK);
  const alive = () => {
    const now = new Set(snapshot().map((entry) => entry.process));
    return [...known.values()].filter((candidate) => now.has(candidate));
  };
  return {
    seen: () => known.size,
    alive,
    async gone() {
      await until(`all descendants of ${pid} are gone`, () => alive().length === 0);
      clearInterval(timer);
    },
    stop: () => clearInterval(timer),
  };
};
