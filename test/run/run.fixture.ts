import type { Cursor } from "../../lib/columns/cursor-values.ts";
import type { ResolvedSource } from "../../lib/config/resolve.ts";
import type { JsonObject } from "../../lib/json/index.ts";
import { openCommitLog } from "../../lib/lake/commit-log.ts";
import { addressOf, type LogAddress, manifestKey } from "../../lib/lake/keys.ts";
import { type Manifest, writeManifest } from "../../lib/lake/manifest.ts";
import type { ResourceFacts, RunBounds, RunRecord } from "../../lib/lake/run-record.ts";
import { NO_TRANSITIONS } from "../../lib/metering/transitions.ts";
import type { FinishEvent } from "../../lib/run/finish.ts";
import { finishRun } from "../../lib/run/finish-run.ts";
import { joinRun } from "../../lib/run/join.ts";
import { type OpenEvent, open } from "../../lib/run/open.ts";
import type { RunHandle } from "../../lib/run/run-handle.ts";
import { resourceFactsOf } from "../../lib/run/source-facts.ts";
import type { StartOptions } from "../../lib/run/start-options.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../lib/time/durations.ts";
import { type Lake, NO_MERGE_RULES, partOf, position } from "../lake/lake.fixture.ts";
import { manifestOf } from "../lake/manifest.fixture.ts";

export const SOURCE = "shop";
export const RUN_KEY = "state/shop/run.json";
export const BOUNDS: RunBounds = { max_run_age: (7 * DAY) / SECOND, fresh_after: (12 * HOUR) / SECOND };

/** Returns the facts of a resource; by default it is selected, has no parent and no incremental loading. */
export const facts = (name: string, more: Partial<ResourceFacts> = {}): ResourceFacts => ({
  name,
  table: name,
  parent: null,
  selected: true,
  incremental: false,
  ...more,
});

/** Orders, their lines and the taxes of those; and items. */
export const RESOURCES = [
  facts("orders", { incremental: true }),
  facts("lines", { parent: "orders" }),
  facts("taxes", { parent: "lines" }),
  facts("items"),
];

/** Returns start options; by default those of `{}`. */
export const startOptions = (more: Partial<StartOptions> = {}): StartOptions => ({
  refresh: null,
  window: null,
  resources: null,
  new_run: false,
  ...more,
});

interface Start extends Partial<StartOptions> {
  /** Milliseconds that the lease lasts. */
  lease?: number;
  dead_owner?: string;
  /** All resources of the source. */
  sourceResources?: ResourceFacts[];
}

/** Starts an execution of an owner, and returns the open run or why it is skipped. */
export const join = (
  lake: Lake,
  owner: string,
  { lease = 10 * MINUTE, dead_owner, sourceResources = RESOURCES, ...more }: Start = {},
) =>
  joinRun(lake.ports, { source: SOURCE, resources: sourceResources, bounds: BOUNDS }, startOptions(more), {
    owner,
    dead_owner,
    lease_until: lake.clock.now() + lease,
  });

/** Starts an execution of an owner, and returns its run. */
export const opened = async (lake: Lake, owner: string, start: Start = {}): Promise<RunRecord> => {
  const joined = await join(lake, owner, start);
  if (joined.status !== "open") throw new Error(`${owner} was skipped because ${joined.owner} has the lease`);
  return joined.run;
};

/** Returns the parameters that the state machine passes to `open`. */
export const openEventOf = (source: ResolvedSource, owner = "execution-1", input: object = {}): OpenEvent => ({
  source: source.name,
  resources: resourceFactsOf(source),
  bounds: BOUNDS,
  transitions: NO_TRANSITIONS,
  input: input as JsonObject,
  owner,
});

/** Returns the parameters that the state machine passes to `finish`. */
export const finishEventOf = (
  source: ResolvedSource,
  run: RunHandle,
  failures: FinishEvent["failures"] = {},
): FinishEvent => ({
  source: source.name,
  resources: resourceFactsOf(source),
  bounds: BOUNDS,
  run,
  failures,
});

/** Runs the `open` state for an execution, and returns its run handle. */
export const openRun = async (lake: Lake, source: ResolvedSource, owner = "execution-1", input: object = {}) => {
  const opened = await open(lake.ports, openEventOf(source, owner, input));
  if (opened.status !== "open") throw new Error(`${owner} was skipped because ${opened.owner} has the lease`);
  return opened;
};

/** Reads the run record of the source. */
export const storedRun = (lake: Lake): Promise<RunRecord> => lake.json(RUN_KEY);

/** Writes the manifests of resources without their logs: `finish` takes such resources as done. */
export const seal = async (lake: Lake, run_id: string, names: string[], cursor?: Cursor) => {
  for (const name of names) {
    const address = addressOf(SOURCE, RESOURCES.find((candidate) => candidate.name === name) ?? facts(name), run_id);
    const cursors: Manifest["cursors"] = cursor === undefined ? {} : { "": cursor };
    const parts = [{ key: "unread", rows: 1, bytes: 100 }];
    const manifest = manifestOf({ ...address, full_refresh: true, pages: 2, parts, cursors });
    await lake.overwrite(manifestKey(address), JSON.stringify(manifest));
  }
};

/** Commits one part of a resource in a run, and writes the manifest if the part is the final one. */
export const work = async (
  lake: Lake,
  run_id: string,
  name: string,
  {
    cursor,
    final = true,
    sourceResources = RESOURCES,
  }: { cursor?: Cursor; final?: boolean; sourceResources?: ResourceFacts[] } = {},
) => {
  const resource = sourceResources.find((candidate) => candidate.name === name) ?? facts(name);
  const address: LogAddress = { ...addressOf(SOURCE, resource, run_id), file_format: "jsonl" };
  const log = await openCommitLog(lake.ports, address, position(), `writer of ${name}`);
  const n = log.end.part + 1;
  const cursors: Record<string, Cursor> = cursor === undefined ? {} : { "": cursor };
  await log.commit(await partOf(n, { position: position({ pages: 2 * n, rows: n, cursors }), final }));
  Object.assign(log.activity, { requests: 3, retries: 1, waited_seconds: 0.25 });
  await log.saveCheckpoint();
  if (final) {
    await writeManifest(lake.ports, address, n, {
      full_refresh: true,
      removes_missing_rows: false,
      write_disposition: "append",
      primary_key: [],
      warnings: [],
      ...NO_MERGE_RULES,
      table_resources: [name],
    });
  }
};

/** Finishes a run for an execution that was started with these options. */
export const finish = (
  lake: Lake,
  run_id: string,
  owner: string,
  {
    failures = {},
    sourceResources = RESOURCES,
    ...more
  }: Partial<StartOptions> & {
    failures?: Record<string, { name: string; message: string }>;
    sourceResources?: ResourceFacts[];
  } = {},
) => {
  const source = { source: SOURCE, resources: sourceResources, bounds: BOUNDS };
  return finishRun(lake.ports, source, {
    options: startOptions(more),
    run_id,
    owner,
    failures,
    transitions: NO_TRANSITIONS,
  });
};

/** Names of all resources. */
export const ALL = RESOURCES.map(({ name }) => name);
