import { descendants } from "../config/dependencies.ts";
import { CheckpointError } from "../errors/index.ts";
import { type IncrementalState, readIncrementalState } from "../lake/incremental-state.ts";
import { addressOf, incrementalStateKey } from "../lake/keys.ts";
import { readManifest } from "../lake/manifest.ts";
import type { ResourceFacts } from "../lake/run-record.ts";
import type { Ports } from "../ports/index.ts";
import { readRuns } from "../report/history.ts";
import type { EarlierRun } from "../report/run-report.ts";
import type { SourceFacts } from "./source-facts.ts";

/** Reads the incremental state of a resource. */
export type StateReader = (resource: ResourceFacts) => Promise<IncrementalState | null>;

/** Whether a run stored a cursor of a resource: it had no window, and the resource and its selected descendants were done. */
const mayHaveStored = (
  { window, resources: done }: EarlierRun,
  { name }: ResourceFacts,
  all: ResourceFacts[],
): boolean => {
  const below = descendants(all, name);
  const dependants = all.filter((resource) => resource.selected && below.has(resource.name));
  return (
    window === null && [name, ...dependants.map((resource) => resource.name)].every((one) => Object.hasOwn(done, one))
  );
};

/**
 * Creates a reader of incremental state that distinguishes a resource without a state from one whose state was lost. The bucket has no
 * listing: the earlier runs are those that the latest report lists, and their manifests have the cursors.
 *
 * The reader throws CheckpointError for a state that was lost: an append table, and its children, would have all rows twice.
 */
export const createStateReader = (
  ports: Pick<Ports, "bucket" | "logger">,
  { source, resources }: SourceFacts,
): StateReader => {
  let runs: Promise<EarlierRun[]> | null = null;

  /** Returns the newest run whose manifest has cursors that became the state; null if none is known. */
  const storedBy = async (resource: ResourceFacts): Promise<string | null> => {
    runs ??= readRuns(ports, source);
    for (const run of await runs) {
      if (!mayHaveStored(run, resource, resources)) continue;
      const manifest = await readManifest(ports, addressOf(source, resource, run.run_id));
      const isStored = manifest !== null && manifest.write_disposition !== "replace";
      if (isStored && Object.keys(manifest.cursors).length > 0) return run.run_id;
    }
    return null;
  };

  return async (resource) => {
    const { name } = resource;
    const state = await readIncrementalState(ports, source, name);
    if (state !== null) return state;
    const run_id = await storedBy(resource);
    if (run_id === null) return null;
    // The run may have been finished since the first look.
    const late = await readIncrementalState(ports, source, name);
    if (late !== null) return late;
    throw new CheckpointError(
      `the incremental state is lost (run ${run_id} stored ${incrementalStateKey(source, name)}, which does not exist): restore an older version of the object, or start with refresh: "full", which loads all rows again`,
      { source, resource: name },
    );
  };
};
