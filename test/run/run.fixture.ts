import type { Cursor } from "../../lib/columns/cursor-values.ts";
import { openCommitLog } from "../../lib/lake/commit-log.ts";
import { addressOf, type LogAddress, manifestKey } from "../../lib/lake/keys.ts";
import { type Manifest, writeManifest } from "../../lib/lake/manifest.ts";
import type { ResourceFacts, RunBounds, RunRecord } from "../../lib/lake/run-record.ts";
import { NO_TRANSITIONS } from "../../lib/metering/transitions.ts";
import { finishRun } from "../../lib/run/finish-run.ts";
import { joinRun } from "../../lib/run/join.ts";
import type { StartOptions } from "../../lib/run/start-options.ts";
import { type Lake, NO_MERGE_RULES, partOf, position } from "../lake/lake.fixture.ts";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const SOURCE = "shop";
export const RUN_KEY = "state/shop/run.json";
export const BOUNDS: RunBounds = { max_run_age: (7 * DAY) / SECOND, fresh_after: (12 * HOUR) / SECOND };

export const facts = (name: string, more: Partial<ResourceFacts> = {}): ResourceFacts => ({
  name,
  table: name,
  parent: null,
  selected: true,
  incremental: false,
  ...more,
});

/** Orders with lines of lines, and items on their own. */
export const RESOURCES = [
  facts("orders", { incremental: true }),
  facts("lines", { parent: "orders" }),
  facts("taxes", { parent: "lines" }),
  facts("items"),
];

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
  known?: ResourceFacts[];
}

/** What a start by this owner comes to. */
export const join = (
  lake: Lake,
  owner: string,
  { lease = 10 * MINUTE, dead_owner, known = RESOURCES, ...more }: Start = {},
) =>
  joinRun(lake.ports, { source: SOURCE, resources: known, bounds: BOUNDS }, startOptions(more), {
    owner,
    dead_owner,
    lease_until: lake.clock.now() + lease,
  });

/** A start that must get its run. */
export const opened = async (lake: Lake, owner: string, start: Start = {}): Promise<RunRecord> => {
  const joined = await join(lake, owner, start);
  if (joined.status !== "open") throw new Error(`${owner} was skipped for ${joined.owner}`);
  return joined.run;
};

export const storedRun = (lake: Lake): Promise<RunRecord> => lake.json(RUN_KEY);

/** All that `finish` looks at of a resource that is done: its manifest. For tests that need no log. */
export const seal = async (lake: Lake, run_id: string, names: string[], cursor?: Cursor) => {
  for (const name of names) {
    const address = addressOf(SOURCE, RESOURCES.find((candidate) => candidate.name === name) ?? facts(name), run_id);
    const cursors: Manifest["cursors"] = cursor === undefined ? {} : { "": cursor };
    const parts = [{ part: 1, bytes: 100 }];
    const manifest = { version: 1, run_id, resource: name, full_refresh: true, rows: 1, pages: 2, parts, cursors };
    await lake.overwrite(manifestKey(address), JSON.stringify(manifest));
  }
};

/** Work of a resource in a run: one part, and the manifest if it is the last one. */
export const work = async (
  lake: Lake,
  run_id: string,
  name: string,
  { cursor, final = true, known = RESOURCES }: { cursor?: Cursor; final?: boolean; known?: ResourceFacts[] } = {},
) => {
  const resource = known.find((candidate) => candidate.name === name) ?? facts(name);
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
      write_disposition: "append",
      primary_key: [],
      ...NO_MERGE_RULES,
    });
  }
};

export const finish = (
  lake: Lake,
  run_id: string,
  owner: string,
  {
    failures = {},
    known = RESOURCES,
    ...more
  }: Partial<StartOptions> & {
    failures?: Record<string, { name: string; message: string }>;
    known?: ResourceFacts[];
  } = {},
) => {
  const source = { source: SOURCE, resources: known, bounds: BOUNDS };
  return finishRun(lake.ports, source, {
    options: startOptions(more),
    run_id,
    owner,
    failures,
    transitions: NO_TRANSITIONS,
  });
};

export const ALL = RESOURCES.map(({ name }) => name);
