import { descendants } from "../config/dependencies.ts";
import { CheckpointError, ConfigError } from "../errors/index.ts";
import { loadCheckpoint } from "../lake/checkpoint.ts";
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

/** Returns the selected resource that a run loaded into another table: the one with the state, or a descendant of it. */
const movedResource = async (
  ports: StatePorts,
  { source, resources }: SourceFacts,
  resource: ResourceFacts,
  run_id: string,
): Promise<ResourceFacts | null> => {
  const below = descendants(resources, resource.name);
  for (const one of resources.filter(({ name, selected }) => selected && (name === resource.name || below.has(name)))) {
    if ((await manifestIn(ports, source, one, run_id)) !== null) continue;
    if (one === resource) return one;
    // A child that was added after that run has no checkpoint in it, and loads the children of new rows only.
    const checkpoints = namesOf(one).map((name) => loadCheckpoint(ports, { source, resource: name, run_id }));
    if ((await Promise.all(checkpoints)).some((checkpoint) => checkpoint !== null)) return one;
  }
  return null;
};

/** @throws ConfigError for a state whose rows are in another table than those of the next run: they would be missing there. */
const checkTables = async (
  ports: StatePorts,
  facts: SourceFacts,
  resource: ResourceFacts,
  state: { resource: string; run_id: string },
): Promise<void> => {
  const moved = await movedResource(ports, facts, resource, state.run_id);
  if (moved === null) return;
  const message =
    moved === resource && state.resource !== resource.name
      ? `renamed_from names ${state.resource}, whose rows are not in table ${moved.table}: set table_name to the table that ${state.resource} had`
      : `table ${moved.table} does not have the rows before the cursor (run ${state.run_id} loaded ${moved.name} into another table, or did not select it): undo the change of table_name or selected, or start with refresh: "full", which loads all rows`;
  throw new ConfigError(message, { source: facts.source, resource: moved.name });
};

/**
 * Creates a reader of incremental state that distinguishes a resource without a state from one whose state was lost. The bucket
 * has no listing: the earlier runs are those that the latest report lists, and their manifests have the cursors.
 *
 * The reader throws CheckpointError for a state that was lost: an append table, and its children, would have all rows twice.
 */
export const createStateReader = (ports: StatePorts, facts: SourceFacts): StateReader => {
  const { source, resources } = facts;
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
      await checkTables(ports, facts, resource, state);
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
