import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, LAMBDA_MEMORY } from "./bundles.ts";
import { type Load, rowsOf, type Sample } from "./load.ts";
import { nodeOf, runSubject, startServer } from "./processes.ts";
import type { Python } from "./python.ts";

const WORK = fileURLToPath(new URL(".work", import.meta.url));

/** A new folder for one run, gone after it. */
export const workFolder = (): { path: string } & Disposable => {
  mkdirSync(WORK, { recursive: true });
  const path = mkdtempSync(join(WORK, "run-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
};

/** What there is to load, before it is known who loads it. */
export type Task = Omit<Load, "out">;

/** Loads a task once, in a process of its own. */
export type Subject = () => Promise<Sample>;

const checked = (task: Task, who: string, sample: Sample): Sample => {
  const expected = rowsOf({ ...task, out: "" });
  if (sample.rows !== expected) throw new Error(`${who} loaded ${sample.rows} rows instead of ${expected}`);
  return sample;
};

let bundled: Promise<string> | undefined;
/** The path of restlake's module, bundled like a Lambda's. */
const bundledRestlake = () => {
  bundled ??= (async () => {
    const path = join(WORK, "restlake.mjs");
    await bundle("restlake.ts", path);
    return path;
  })();
  return bundled;
};

/** restlake as it is deployed, on a new lake in another process. */
export const restlake =
  (task: Task): Subject =>
  async () => {
    const module = await bundledRestlake();
    using folder = workFolder();
    await using lake = await startServer("lake.ts", [folder.path]);
    const load: Load = { ...task, out: lake.url };
    return checked(task, "restlake", await runSubject(nodeOf(module, [JSON.stringify(load)]), LAMBDA_MEMORY));
  };

/** The floor, into a new folder. */
export const floor =
  (task: Task): Subject =>
  async () => {
    using folder = workFolder();
    const load: Load = { ...task, out: folder.path };
    return checked(task, "the floor", await runSubject(nodeOf("floor.ts", [JSON.stringify(load)])));
  };

/** dlt, into a new folder. */
export const dlt =
  (python: Python, task: Task): Subject =>
  async () => {
    using folder = workFolder();
    const load: Load = { ...task, out: folder.path };
    return checked(task, "dlt", await runSubject([...python.command, JSON.stringify(load)]));
  };

/** All subjects once a round, one after the other, so that a machine that is slow for a while is so for all. */
export const interleaved = async <Result>(
  rounds: number,
  subjects: Record<string, () => Promise<Result>>,
  tell: (name: string, result: Result) => void = () => {},
): Promise<Record<string, Result[]>> => {
  const results: Record<string, Result[]> = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, subject] of Object.entries(subjects)) {
      const result = await subject();
      results[name]?.push(result);
      tell(name, result);
    }
  }
  return results;
};
