import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, LAMBDA_MEMORY } from "./bundles.ts";
import { type Load, rowsOf, type Sample } from "./load.ts";
import { nodeCommand, runSubject, startServer } from "./processes.ts";
import type { Python } from "./python.ts";

const WORK = fileURLToPath(new URL(".work", import.meta.url));

/** Creates a folder that is removed when it is disposed. */
export const workFolder = (): { path: string } & Disposable => {
  mkdirSync(WORK, { recursive: true });
  const path = mkdtempSync(join(WORK, "run-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
};

/** A load without its destination. */
export type Task = Omit<Load, "out">;

/** Runs a subject once, in its own process. */
export type Subject = () => Promise<Sample>;

const verified = (task: Task, subject: string, sample: Sample): Sample => {
  const expected = rowsOf({ ...task, out: "" });
  if (sample.rows !== expected) throw new Error(`${subject} loaded ${sample.rows} rows instead of ${expected}`);
  return sample;
};

let bundled: Promise<string> | undefined;
/** Returns the path of restlake's module, bundled like a Lambda's. */
const bundledRestlake = () => {
  bundled ??= (async () => {
    const path = join(WORK, "restlake.mjs");
    await bundle("restlake.ts", path);
    return path;
  })();
  return bundled;
};

/** Returns restlake as a subject, bundled as it is deployed, with an empty lake in another process. */
export const restlake =
  (task: Task): Subject =>
  async () => {
    const module = await bundledRestlake();
    using folder = workFolder();
    await using lake = await startServer("lake.ts", [folder.path]);
    const load: Load = { ...task, out: lake.url };
    return verified(task, "restlake", await runSubject(nodeCommand(module, [JSON.stringify(load)]), LAMBDA_MEMORY));
  };

/** Returns the baseline as a subject, with an empty folder. */
export const baseline =
  (task: Task): Subject =>
  async () => {
    using folder = workFolder();
    const load: Load = { ...task, out: folder.path };
    return verified(task, "the baseline", await runSubject(nodeCommand("baseline.ts", [JSON.stringify(load)])));
  };

/** Returns dlt as a subject, with an empty folder. */
export const dlt =
  (python: Python, task: Task): Subject =>
  async () => {
    using folder = workFolder();
    const load: Load = { ...task, out: folder.path };
    return verified(task, "dlt", await runSubject([...python.command, JSON.stringify(load)]));
  };

/**
 * Runs all subjects once per round, one after the other, so that a temporary slowdown affects all of them.
 *
 * @param onResult called after each run.
 * @returns the results of each subject, one per round.
 */
export const interleaved = async <Result>(
  rounds: number,
  subjects: Record<string, () => Promise<Result>>,
  onResult: (name: string, result: Result) => void = () => {},
): Promise<Record<string, Result[]>> => {
  const results: Record<string, Result[]> = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, subject] of Object.entries(subjects)) {
      const result = await subject();
      results[name]?.push(result);
      onResult(name, result);
    }
  }
  return results;
};
