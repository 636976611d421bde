import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { bucketFolder } from "../infra/lake-folder.ts";
import { releaseLease } from "../lib/lake/lease.ts";
import { runRecord } from "../lib/lake/run-record.ts";
import type { Bucket } from "../lib/ports/bucket.ts";
import { systemClock } from "../lib/time/clock.ts";
import { isAlive, owner as thisProcess } from "./s3/store/lock.ts";

const PREFIX = "local";
/** A Lambda that is invoked by hand owns its lease itself. */
const BY_HAND = "lambda";

/** The owner of a lease on this machine: it names the process, so that a dead one can be told from a busy one. */
export const localOwner = (): string => `${PREFIX}:${hostname()}:${thisProcess}:${randomUUID().slice(0, 8)}`;

const lambdasFolder = (out: string): string => join(out, "lambdas");

/** Tells others on this machine that this process runs Lambdas on the lake. @returns takes it back. */
export const announceLambdas = (out: string): (() => void) => {
  const folder = lambdasFolder(out);
  const file = join(folder, thisProcess);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (!isAlive(name)) rmSync(join(folder, name), { force: true });
  writeFileSync(file, "");
  return () => rmSync(file, { force: true });
};

/** Whether some process of this machine runs Lambdas on the lake. */
const runsLambdas = (out: string): boolean => {
  try {
    return readdirSync(lambdasFolder(out)).some(isAlive);
  } catch {
    // Nobody ever did.
    return false;
  }
};

/**
 * The owner of the source's lease if it was a process of this machine that is gone: its lease need not be waited for.
 *
 * @param out folder of the local lake.
 */
export const deadOwner = (out: string, source: string): string | null => {
  try {
    const { key, parse } = runRecord(source);
    const run = parse(readFileSync(join(bucketFolder(out), key)));
    const owner = run.lease?.owner ?? "";
    const [prefix, host, name = ""] = owner.split(":");
    if (prefix === BY_HAND) return runsLambdas(out) ? null : owner;
    return prefix === PREFIX && host === hostname() && !isAlive(name) ? owner : null;
  } catch {
    // No run yet, or not readable: `open` says so better.
    return null;
  }
};

/** Lets go of the leases whose owners are gone: a Lambda that is invoked by hand cannot tell that they are. */
export const releaseDeadLeases = async (out: string, sources: string[], bucket: Bucket): Promise<void> => {
  for (const source of sources) {
    const owner = deadOwner(out, source);
    if (owner !== null) await releaseLease({ bucket, clock: systemClock }, source, owner);
  }
};
