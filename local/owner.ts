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

/** Prefix of owners that name a process of this machine. */
const PREFIX = "local";
/** Prefix of owners that are Lambdas invoked without a state machine. */
const LAMBDA_PREFIX = "lambda";

/** Returns an owner for leases. It names this process, so that others can see whether it is still running. */
export const localOwner = (): string => `${PREFIX}:${hostname()}:${thisProcess}:${randomUUID().slice(0, 8)}`;

const lambdasFolder = (out: string): string => join(out, "lambdas");

/**
 * Announces to other processes of this machine that this one runs Lambdas on the lake.
 *
 * @returns a function that withdraws the announcement.
 */
export const announceLambdas = (out: string): (() => void) => {
  const folder = lambdasFolder(out);
  const file = join(folder, thisProcess);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (!isAlive(name)) rmSync(join(folder, name), { force: true });
  writeFileSync(file, "");
  return () => rmSync(file, { force: true });
};

/** Whether any process of this machine runs Lambdas on the lake. */
const runsLambdas = (out: string): boolean => {
  try {
    return readdirSync(lambdasFolder(out)).some(isAlive);
  } catch {
    // The folder does not exist: no process ever did.
    return false;
  }
};

/**
 * Returns the owner of the source's lease if it was a process of this machine that has ended; null otherwise. There is no
 * need to wait until such a lease expires.
 *
 * @param out folder of the local lake.
 */
export const deadOwner = (out: string, source: string): string | null => {
  try {
    const { key, parse } = runRecord(source);
    const run = parse(readFileSync(join(bucketFolder(out), key)));
    const owner = run.lease?.owner ?? "";
    const [prefix, host, name = ""] = owner.split(":");
    if (prefix === LAMBDA_PREFIX) return runsLambdas(out) ? null : owner;
    return prefix === PREFIX && host === hostname() && !isAlive(name) ? owner : null;
  } catch {
    // There is no run yet, or it is not readable, which `open` reports.
    return null;
  }
};

/** Releases the leases of dead owners. A Lambda that is invoked alone cannot see that they are dead. */
export const releaseDeadLeases = async (out: string, sources: string[], bucket: Bucket): Promise<void> => {
  for (const source of sources) {
    const owner = deadOwner(out, source);
    if (owner !== null) await releaseLease({ bucket, clock: systemClock }, source, owner);
  }
};
