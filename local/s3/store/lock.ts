import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { readlink, symlink, unlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { threadId } from "node:worker_threads";
import { fsCode } from "../errors.ts";

const SECOND = 1000;
/** A lock is held for a few file operations; longer than this, its holder hangs or is another program with its pid. */
const PATIENCE = 60 * SECOND;

/** Who holds locks and temporary files: `<pid>.<start time>.<thread>.<random>`; never the same twice. */
export const owner = `${process.pid}.${startTime(process.pid) ?? "0"}.${threadId}.${randomBytes(4).toString("hex")}`;

/**
 * Whether the process named by an `owner` still runs. A pid alone would not do: after a container restart, the same
 * pid is another process; so the start time is compared where the system tells it (Linux).
 */
export function isAlive(name: string): boolean {
  const [pid, started] = name.split(".");
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return fsCode(error) === "EPERM";
  }
  const now = startTime(Number(pid));
  return now === undefined || started === "0" || now === started;
}

/** When a process started, in the kernel's ticks; "gone" for one that is dead but not yet reaped; undefined if unknown. */
function startTime(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // Fields count from after the program's name, which may itself hold blanks and brackets: state is first, start 20th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? "gone" : fields[19];
}

const queues = new Map<string, Promise<unknown>>();

/**
 * Runs `work` while nobody else, in this process or another on this machine, runs work under the same lock `path`.
 * The lock is a symbolic link whose target names the holder: made in one atomic step, content included, so there is no
 * moment in which it exists and its holder is unknown. The lock of a dead process is broken. Throws a plain Error after
 * `patience` ms in vain. The folder of `path` must exist.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, patience = PATIENCE): Promise<T> {
  const before = queues.get(path) ?? Promise.resolve();
  const result = before.then(async () => {
    await acquire(path, patience);
    try {
      return await work();
    } finally {
      await unlink(path);
    }
  });
  const settled = result.catch(() => {});
  queues.set(path, settled);
  try {
    return await result;
  } finally {
    if (queues.get(path) === settled) queues.delete(path);
  }
}

async function acquire(path: string, patience: number): Promise<void> {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      await symlink(owner, path);
      return;
    } catch (error) {
      if (fsCode(error) !== "EEXIST") throw error;
    }
    const holder = await holderOf(path);
    if (holder === undefined) continue;
    if (!isAlive(holder)) {
      await breakLock(path, holder);
      continue;
    }
    if (Date.now() > deadline) {
      throw new Error(
        `Process ${holder.split(".")[0]} has held ${path} for ${patience / SECOND} s. If it is no S3 stand-in, delete the lock.`,
      );
    }
    await sleep(1 + Math.random() * 5);
  }
}

/** The `owner` that holds a lock, undefined when it is free. */
export async function holderOf(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if (fsCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Removes the lock of a dead holder. Two that both saw it dead must not both remove it, or the second would remove the
 * new lock of the first: so breaking is done under a lock of its own, named after the dead holder, who cannot return.
 */
export async function breakLock(path: string, deadHolder: string): Promise<void> {
  await withLock(`${path}.${deadHolder}`, async () => {
    if ((await holderOf(path)) === deadHolder) await unlink(path);
  });
}
