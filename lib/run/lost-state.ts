import { descendants } from "../config/dependencies.ts";
import { CheckpointError, ConfigError } from "../errors/index.ts";
import { type IncrementalState, readNewestState } from "../lake/incremental-state.ts";
import { addressOf, incrementalStateKey } from "../lake/keys.ts";
import { type Manifest, readManifest } from "../lake/manifest.ts";
import type { ResourceFacts } from "../lake/run-record.ts";
import type { Ports } from "../ports/index.ts";
import { readRuns } from "../report/history.ts";
import type { EarlierRun } from "../report/run-report.ts";
import type { SourceFacts } from "./source-facts.ts";

/** Reads the incremental state of a resource. */
export type StateReader = (resource: ResourceFacts) => Promise<IncrementalState | null>;

type StatePorts = Pick<Ports, "bucket" | "logger">;

/** Returns the names of a resource: its own, and those that it had before. */
const namesOf = ({ name, renamed_from = [] }: ResourceFacts): string[] => [name, ...renamed_from];

/** Whether a run may have stored a cursor: it had no window, and the resource and its selected descendants were done. */
const mayHaveStored = (run: EarlierRun, resource: ResourceFacts, all: ResourceFacts[]): boolean => {
  const below = descendants(all, resource.name);
  const dependants = all.filter(({ name, selected }) => selected && below.has(name));
  const isDone = (one: ResourceFacts) => namesOf(one).some((name) => Object.hasOwn(run.resources, name));
  return run.window === null && [resource, ...dependants].every(isDone);
};

/** Reads the manifest of a resource in a run, under any of its names. */
const manifestIn = async (
  ports: StatePorts,
  source: string,
  resource: ResourceFacts,
  run_id: string,
): Promise<Manifest | null> => {
  for (const name of namesOf(resource)) {
    const manifest = await readManifest(ports, addressOf(source, { ...resource, name }, run_id));
    if (manifest !== null) return manifest;
  }
  return null;
};

/** @throws ConfigError for the state of an earlier name whose rows are in another table: they would be missing in this one. */
const checkTable = async (
  ports: StatePorts,
  source: string,
  resource: ResourceFacts,
  state: { resource: string; run_id: string },
): Promise<void> => {
  if (state.resource === resource.name || !resource.selected) return;
  if ((await manifestIn(ports, source, resource, state.run_id)) !== null) return;
  throw new ConfigError(
    `renamed_from names ${state.resource}, whose rows are not in table ${resource.table}: set table_name to the table that ${state.resource} had`,
    { source, resource: resource.name },
  );
};

/**
 * Creates a reader of incremental state that distinguishes a resource without a state from one whose state was lost. The bucket
 * has no listing: the earlier runs are those that the latest report lists, and their manifests have the cursors.
 *
 * The reader throws CheckpointError for a state that was lost: an append table, and its children, would have all rows twice.
 */
export const createStateReader = (ports: StatePorts, { source, resources }: SourceFacts): StateReader => {
  let runs: Promise<EarlierRun[]> | null = null;

  /** Returns the newest run whose manifest has cursors that became the state; null if none is known. */
  const storedBy = async (resource: ResourceFacts): Promise<string | null> => {
    runs ??= readRuns(ports, source);
    for (const run of await runs) {
      if (!mayHaveStored(run, resource, resources)) continue;
      const manifest = await manifestIn(ports, source, resource, run.run_id);
      const isStored = manifest !== null && manifest.write_disposition !== "replace";
      if (isStored && Object.keys(manifest.cursors).length > 0) return run.run_id;
    }
    return null;
  };

  return async (resource) => {
    const state = await readNewestState(ports, source, namesOf(resource));
    if (state !== null) {
      await checkTable(ports, source, resource, state);
      return state;
    }
    const run_id = await storedBy(resource);
    if (run_id === null) return null;
    // The run may have been finished since the first look.
    const late = await readNewestState(ports, source, namesOf(resource));
    if (late !== null) return late;
    throw new CheckpointError(
      `the incremental state is lost (run ${run_id} stored ${incrementalStateKey(source, resource.name)}, which does not exist): restore an older version of the object, or start with refresh: "full", which loads all rows again`,
      { source, resource: resource.name },
    );
  };
};
