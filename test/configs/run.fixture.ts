import { gunzipSync } from "node:zlib";
import { type StateMachineDefinition, stateMachineDefinition } from "../../infra/definition.ts";
import { defineSource } from "../../lib/config/index.ts";
import { type ResolvedSource, resolveSource } from "../../lib/config/resolve.ts";
import type { SourceConfig, SourceSettings } from "../../lib/config/schema/index.ts";
import { validateSource } from "../../lib/config/schema/validate.ts";
import type { IncrementalState } from "../../lib/lake/incremental-state.ts";
import type { Manifest } from "../../lib/lake/manifest.ts";
import type { Ports } from "../../lib/ports/index.ts";
import { type FinishEvent, finish } from "../../lib/run/finish.ts";
import { type OpenEvent, open } from "../../lib/run/open.ts";
import { work } from "../../lib/run/work.ts";
import { createSecrets } from "../../lib/secrets/index.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { type Execution, execute } from "../../local/state-machine/index.ts";
import { silentAlarm } from "../fake-clock.ts";
import { createMemoryBucket, type StoredObject } from "../reliability/memory-bucket.ts";

const SOURCE = "shop";
const SECOND = 1000;
/** Fake time of an invocation that nothing cuts. */
const LONG = 10 ** 9;
/**
 * Fake time of a request where invocations are cut: long, so that the budget's own timer, which counts real time, has no
 * say in it.
 */
const REQUEST_TIME = 1000 * SECOND;
/** What an invocation keeps back for its last part. */
const RESERVE = 10 * SECOND;

/** A row as it is in a part. */
export type Row = Record<string, unknown>;

/** A config less what every case has. */
export interface Config {
  client?: Partial<SourceConfig["client"]>;
  resource_defaults?: SourceConfig["resource_defaults"];
  resources: SourceConfig["resources"];
  settings?: SourceSettings;
}

/** All that outlives an invocation. */
export interface World {
  objects: Map<string, StoredObject>;
  /** Milliseconds since 1970. */
  now: number;
}

/** A world without anything. */
export const createWorld = (): World => ({ objects: new Map(), now: Date.parse("2026-11-20T03:00:00Z") });

/** The source as the deployment has it: checked, then resolved. */
export const sourceOf = (here: string, { client, settings = {}, ...config }: Config): ResolvedSource => {
  const base_url = `${here}${client?.base_url ?? ""}`;
  // One request after the other, unless the case is about that: what is asked can be told to the letter.
  const isSideBySide = config.resources.some((resource) => typeof resource === "object" && resource.parallelized);
  const one = isSideBySide || config.resource_defaults?.parallelized ? {} : { max_concurrency: 1 };
  const source = defineSource({ name: SOURCE, ...config, client: { ...one, ...client, base_url } }, settings);
  validateSource("case.ts", source);
  return resolveSource(source);
};

/** How a source is run. */
export interface RunOptions {
  /** The start's event. */
  input?: object;
  secrets?: Record<string, string>;
  /** How many pages the invocation of that number (from 0) of a resource has time for; all, when it is left out. */
  pages?: (invocation: number) => number;
}

/** What a run came to. */
export interface Ran {
  execution: Execution;
  /** Rows of the run by resource, as they are in its parts, less our own columns. */
  rows: Record<string, Row[]>;
  /** Where the next run starts, by resource; of a child by the parent's fields. */
  state: Record<string, unknown>;
  /** What failed, by resource. */
  failures: Record<string, string>;
  /** Seconds waited, one after the other, whoever waited. */
  waits: number[];
  /** Invocations by resource. */
  invocations: Record<string, number>;
}

const json = <Value>({ objects }: World, key: string): Value =>
  JSON.parse(Buffer.from(objects.get(key)?.body ?? "null").toString()) as Value;

const rowsOfRun = (world: World, run_id: string): Ran["rows"] => {
  const rows: Ran["rows"] = {};
  for (const key of world.objects.keys()) {
    if (!key.startsWith("manifests/") || !key.includes(run_id)) continue;
    const manifest = json<Manifest>(world, key);
    const lines = manifest.parts.flatMap((part) =>
      gunzipSync(world.objects.get(part.key)?.body ?? Buffer.alloc(0))
        .toString()
        .split("\n")
        .filter(Boolean),
    );
    const read = lines.map((line) => JSON.parse(line) as Row);
    if (read.some((row, index) => row._seq !== index + 1)) throw new Error(`${key}: _seq does not count 1, 2, 3 ...`);
    rows[manifest.resource] = read.map(({ _run_id, _seq, _extracted_at, ...row }) => row);
  }
  return rows;
};

const stateOf = (world: World, source: ResolvedSource): Ran["state"] =>
  Object.fromEntries(
    source.resources.flatMap(({ name, parent }) => {
      const state = json<IncrementalState | null>(world, `state/${SOURCE}/${name}.json`);
      if (state === null) return [];
      const values = Object.entries(state.cursors).map(([key, { value }]) => [key, value]);
      return [[name, parent === null ? values[0]?.[1] : Object.fromEntries(values)]];
    }),
  );

const definitions = new Map<string, StateMachineDefinition>();

/** Equal definitions as one: the machine checks each just once, which takes longer than to execute it. */
const definitionOf = (source: ResolvedSource): StateMachineDefinition => {
  const targets = { open: "open", finish: "finish", resource: (name: string) => name, timeout: 900 };
  const definition = stateMachineDefinition(source, targets);
  const text = JSON.stringify(definition);
  const known = definitions.get(text) ?? definition;
  definitions.set(text, known);
  return known;
};

let executions = 0;

/** Runs the source's machine once: the definition that is deployed, and the steps that its Lambdas call. */
export const runSource = async (
  world: World,
  source: ResolvedSource,
  { input = {}, secrets = {}, pages }: RunOptions = {},
): Promise<Ran> => {
  const failures: Ran["failures"] = {};
  const waits: number[] = [];
  const invocations: Ran["invocations"] = {};
  let run_id = "";
  const advance = (milliseconds: number) => {
    world.now += milliseconds;
  };

  /** Every invocation is a process of its own: it shares the bucket with the others, and nothing else. */
  const ports = (): Ports => {
    const redactor = createRedactor();
    return {
      bucket: createMemoryBucket(world.objects),
      secrets: createSecrets(SOURCE, async () => JSON.stringify(secrets), redactor),
      fetch: (url, init) => {
        if (pages !== undefined) advance(REQUEST_TIME);
        return fetch(url, init);
      },
      clock: {
        now: () => world.now,
        sleep: async (milliseconds) => {
          waits.push(milliseconds / SECOND);
          advance(milliseconds);
        },
        alarm: silentAlarm,
        random: () => 0.5,
      },
      logger: { debug() {}, info() {}, warn() {} },
      redactor,
    };
  };

  const load = async (resource: string, event: unknown) => {
    const invocation = invocations[resource] ?? 0;
    invocations[resource] = invocation + 1;
    const time = pages === undefined ? LONG : (pages(invocation) + 1) * REQUEST_TIME + RESERVE;
    try {
      return await work(ports(), source, resource, event, { id: `${resource} ${invocation}`, time });
    } catch (error) {
      failures[resource] = `${(error as Error).name}: ${(error as Error).message}`;
      throw error;
    }
  };
  const task = async (state: string, event: unknown) => {
    if (state === "finish") return finish(ports(), event as FinishEvent);
    if (state !== "open") return load(state, event);
    const opened = await open(ports(), event as OpenEvent);
    run_id = opened.run_id;
    return opened;
  };
  const execution = await execute(definitionOf(source), input, task, {
    owner: `execution ${++executions}`,
    wait_scale: 0,
    onWait: (_resource, seconds) => {
      waits.push(seconds);
      advance(seconds * SECOND);
    },
  });
  return { execution, rows: rowsOfRun(world, run_id), state: stateOf(world, source), failures, waits, invocations };
};

/** Time goes by between two runs. */
export const nextNight = (world: World): void => {
  world.now += 24 * 60 * 60 * SECOND;
};
