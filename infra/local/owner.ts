import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { runKey } from "../../lib/lake/keys.ts";
import type { OpenRun } from "../../lib/run/open-run.ts";

const PREFIX = "local";

/** The owner of a lease on this machine: it names the process, so that a dead one can be told from a busy one. */
export const localOwner = (): string => `${PREFIX}:${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/**
 * The owner of the source's lease if it was a process of this machine that is gone: its lease need not be waited for.
 *
 * @param bucketFolder where the local lake's objects are.
 */
export const deadOwner = (bucketFolder: string, source: string): string | null => {
  try {
    const run = JSON.parse(readFileSync(join(bucketFolder, runKey(source)), "utf8")) as OpenRun;
    const [prefix, host, pid] = run.lease?.owner.split(":") ?? [];
    return prefix === PREFIX && host === hostname() && !isAlive(Number(pid)) ? (run.lease?.owner ?? null) : null;
  } catch {
    // No run yet, or not readable: `open` says so better.
    return null;
  }
};
