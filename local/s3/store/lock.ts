import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { readlink, symlink, unlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { threadId } from "node:worker_threads";
import { SECOND } from "../../../lib/time/durations.ts";
import { fsCode } from "../errors.ts";

/** Locks are held for a few file operations. After this time, the holder hangs or is another program with its pid. */
const LOCK_TIMEOUT = 60 * SECOND;

/** Unique owner of this process's locks and temporary files: `<pid>.<start time>.<thread>.<random>`. */
export const owner = `${process.pid}.${startTime(process.pid) ?? "0"}.${threadId}.${randomBytes(4).toString("hex")}`;

/**
 * Whether the process of an `owner` is still running. After a container restart, the same pid belongs to another process, so
 * the start time is compared, too, where the system reports it (Linux).
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

/** Returns when a process started, in kernel ticks; "gone" for a zombie; undefined if unknown. */
function startTime(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // Fields are counted after the program's name, which may contain spaces and brackets: state is the 1st, start the 20th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? "gone" : fields[19];
}

const queues = new Map<string, Promise<unknown>>();

/**
 * Runs `work` while no other process on this machine, and nothing else in this process, runs under the same lock. The lock
 * is a symbolic link whose target is its holder. A link is created atomically with its target, so the holder is always
 * known. The lock of a dead process is broken.
 *
 * @param path of the lock. Its folder must exist.
 * @param timeout milliseconds.
 * @throws Error when the lock is not free within `timeout`.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, timeout = LOCK_TIMEOUT): Promise<T> {
  const before = queues.get(path) ?? Promise.resolve();
  const result = before.then(async () => {
    await acquire(path, timeout);
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

async function acquire(path: string, timeout: number): Promise<void> {
  const deadline = Date.now() + timeout;
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
        `lock ${path} is held by process ${holder.split(".")[0]} for more than ${timeout / SECOND} s: delete the lock if this process is not an S3 emulator`,
      );
    }
    await sleep(1 + Math.random() * 5);
  }
}

/** Returns the `owner` that holds a lock; undefined when it is free. */
export async function holderOf(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if (fsCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Removes the lock of a dead holder. Of two processes that do so at the same time, the second could remove the new lock of
 * the first. Therefore it is done under another lock, named after the dead holder.
 */
export async function breakLock(path: string, deadHolder: string): Promise<void> {
  await withLock(`${path}.${deadHolder}`, async () => {
    if ((await holderOf(path)) === deadHolder) await unlink(path);
  });
}
