import { execFileSync } from "node:child_process";
import { until } from "../until.ts";

/** Milliseconds between two snapshots. No relevant process lives for less. */
const SNAPSHOT_INTERVAL = 400;

/** A process as its id and start time, because ids are reused. */
type Process = `${number} ${string}`;

const snapshot = (): { process: Process; pid: number; parent: number }[] =>
  execFileSync("ps", ["-eo", "pid=,ppid=,stat=,lstart="], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } })
    .split("\n")
    .flatMap((line) => {
      const [, pid, parent, state = "", begun] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      // A zombie has ended; its parent has not read its status yet.
      return pid === undefined || state.startsWith("Z")
        ? []
        : [{ process: `${Number(pid)} ${begun}` as Process, pid: Number(pid), parent: Number(parent) }];
    });

/** All direct and indirect children of a process that lived long enough to be in a snapshot. */
export interface Descendants {
  /** Returns the number of processes seen so far. */
  seen(): number;
  /** Returns the processes that are alive now. */
  alive(): Process[];
  /** Resolves when no process is alive. */
  gone(): Promise<void>;
  /** Stops taking snapshots. `gone` does that as well. */
  stop(): void;
}

/** Follows the descendants of a process. */
export const followDescendants = (pid: number): Descendants => {
  const root = snapshot().find((entry) => entry.pid === pid)?.process;
  const known = new Set<Process>();
  const update = () => {
    const all = snapshot();
    const processes = new Map(all.map((entry) => [entry.pid, entry.process]));
    // A process is compared with its start time: its id may since belong to an unrelated process.
    const isOwn = (id: number) => {
      const process = processes.get(id);
      return process !== undefined && (process === root || known.has(process));
    };
    let before: number;
    do {
      before = known.size;
      for (const entry of all) if (isOwn(entry.parent)) known.add(entry.process);
    } while (known.size > before);
  };
  const timer = setInterval(update, SNAPSHOT_INTERVAL);
  const alive = () => {
    const now = new Set(snapshot().map((entry) => entry.process));
    return [...known].filter((candidate) => now.has(candidate));
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
