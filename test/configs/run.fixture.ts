import { gunzipSync } from "node:zlib";
import { type StateMachineDefinition, stateMachineDefinition } from "../../infra/definition.ts";
import { defineSource } from "../../lib/config/index.ts";
import { type ResolvedSource, resolveSource } from "../../lib/config/resolve.ts";
import type { SourceConfig, SourceSettings } from "../../lib/config/schema/index.ts";
import { validateSource } from "../../lib/config/schema/validate.ts";
import type { IncrementalState } from "../../lib/lake/incremental-state.ts";
import type { Manifest } from "../../lib/lake/manifest.ts";
import type { Ports } from "../../lib/ports/index.ts";
import type { RunReport } from "../../lib/report/run-report.ts";
import { type FinishEvent, finish } from "../../lib/run/finish.ts";
import { type OpenEvent, open } from "../../lib/run/open.ts";
import { work } from "../../lib/run/work.ts";
import { createSecrets } from "../../lib/secrets/index.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { maskedFieldsIn } from "../../lib/secrets/roles.ts";
import { DAY, SECOND } from "../../lib/time/durations.ts";
import { type Execution, execute } from "../../local/state-machine/index.ts";
import { silentAlarm } from "../fake-clock.ts";
import { createMemoryBucket, type StoredObject } from "../reliability/memory-bucket.ts";

const SOURCE = "shop";
/** Fake time of an invocation that is not interrupted, in milliseconds. */
const UNLIMITED = 10 ** 9;
/**
 * Fake time of a request if invocations are interrupted, in milliseconds. It is long, so that the timer of the budget, which
 * counts real time, has no effect.
 */
const REQUEST_TIME = 1000 * SECOND;
/** Time that an invocation reserves for its last part, in milliseconds. */
const RESERVE = 10 * SECOND;

/** A row of a part. */
export type Row = Record<string, unknown>;

/** A config without the keys that are the same in every case. */
export interface Config {
  client?: Partial<SourceConfig["client"]>;
  resource_defaults?: SourceConfig["resource_defaults"];
  resources: SourceConfig["resources"];
  settings?: SourceSettings;
}

/** State that outlives an invocation: bucket and time. */
export interface World {
  objects: Map<string, StoredObject>;
  /** Milliseconds since 1970. */
  now: number;
}

/** Returns an empty bucket and the time of the first run. */
export const createWorld = (): World => ({ objects: new Map(), now: Date.parse("2026-11-20T03:00:00Z") });

/** Validates and resolves a source, as the deployment does. */
export const sourceOf = (here: string, { client, settings = {}, ...config }: Config): ResolvedSource => {
  const base_url = `${here}${client?.base_url ?? ""}`;
  // Requests are sequential, unless the case is about concurrency, so that their order is known.
  const isParallelized = config.resources.some((resource) => typeof resource === "object" && resource.parallelized);
  const sequential = isParallelized || config.resource_defaults?.parallelized ? {} : { max_concurrency: 1 };
  const source = defineSource({ name: SOURCE, ...config, client: { ...sequential, ...client, base_url } }, settings);
  validateSource("case.ts", source);
  return resolveSource(source);
};

/** Options of a run. */
export interface RunOptions {
  /** Input of the execution. */
  input?: object;
  secrets?: Record<string, string>;
  /** Returns the number of pages that an invocation (from 0) of a resource has time for. Default: all. */
  pages?: (invocation: number) => number;
  /** Sends requests; by default Node's own. */
  fetch?: typeof fetch;
  /** Returns the signal that stops an invocation, as a user does. */
  stop?: () => AbortSignal;
}

/** Result of a run. */
export interface RunResult {
  execution: Execution;
  /** Rows of the run by resource, as in its parts, without system columns. */
  rows: Record<string, Row[]>;
  /** Start of the next run by resource; for a child, by the fields of the parent. */
  state: Record<string, unknown>;
  /** Errors by resource. */
  failures: Record<string, string>;
  /** Warnings of the run's report by resource; only resources that have some. */
  warnings: Record<string, string[]>;
  /** Waits in order, in seconds, of Lambdas and state machine. */
  waits: number[];
  /** Number of invocations by resource. */
  invocations: Record<string, number>;
}

const json = <Value>({ objects }: World, key: string): Value =>
  JSON.parse(Buffer.from(objects.get(key)?.body ?? "null").toString()) as Value;

const rowsOfRun = (world: World, run_id: string): RunResult["rows"] => {
  const rows: RunResult["rows"] = {};
  for (const key of world.objects.keys()) {
    if (run_id === "" || !key.startsWith("manifests/") || !key.includes(run_id)) continue;
    const manifest = json<Manifest>(world, key);
    // Parquet parts are read by queries.
    const parts = manifest.parts.filter((part) => part.key.endsWith(".json.gz"));
    const lines = parts.flatMap((part) =>
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

const warningsOf = (world: World, run_id: string): RunResult["warnings"] => {
  // An execution that failed in `open` has no report.
  const report = json<RunReport | null>(world, `reports/${SOURCE}/${run_id}.json`);
  return Object.fromEntries(
    (report?.resources ?? [])
      .filter(({ warnings }) => warnings.length > 0)
      .map(({ resource, warnings }) => [resource, warnings]),
  );
};

const stateOf = (world: World, source: ResolvedSource): RunResult["state"] =>
  Object.fromEntries(
    source.resources.flatMap(({ name, parent }) => {
      const state = json<IncrementalState | null>(world, `state/${SOURCE}/${name}.json`);
      if (state === null) return [];
      const values = Object.entries(state.cursors).map(([key, { value }]) => [key, value]);
      return [[name, parent === null ? values[0]?.[1] : Object.fromEntries(values)]];
    }),
  );

const definitions = new Map<string, StateMachineDefinition>();

/** Returns one object for equal definitions: the runner validates each object once, which takes longer than an execution. */
const definitionOf = (source: ResolvedSource): StateMachineDefinition => {
  const targets = { open: "open", finish: "finish", resource: (name: string) => name, timeout: 900 };
  const definition = stateMachineDefinition(source, targets);
  const text = JSON.stringify(definition);
  const cached = definitions.get(text) ?? definition;
  definitions.set(text, cached);
  return cached;
};

let executions = 0;

/** Executes the state machine of a source once: the deployed definition, with the steps that its Lambdas call. */
export const runSource = async (
  world: World,
  source: ResolvedSource,
  { input = {}, secrets = {}, pages, fetch: send = fetch, stop }: RunOptions = {},
): Promise<RunResult> => {
  const failures: RunResult["failures"] = {};
  const waits: number[] = [];
  const invocations: RunResult["invocations"] = {};
  let run_id = "";
  const advance = (milliseconds: number) => {
    world.now += milliseconds;
  };

  /** Returns the ports of one invocation, which shares only the bucket with others. */
  const ports = (): Ports => {
    const redactor = createRedactor();
    return {
      bucket: createMemoryBucket(world.objects),
      secrets: createSecrets(SOURCE, async () => JSON.stringify(secrets), redactor, {
        masked: maskedFieldsIn(source.resources),
        putSecret: async (text) => Object.assign(secrets, JSON.parse(text)),
      }),
      fetch: (url, init) => {
        if (pages !== undefined) advance(REQUEST_TIME);
        return send(url, init);
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
    const time = pages === undefined ? UNLIMITED : (pages(invocation) + 1) * REQUEST_TIME + RESERVE;
    try {
      return await work(ports(), source, resource, event, {
        id: `${resource} ${invocation}`,
        time,
        ...(stop !== undefined && { stop: stop() }),
      });
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
  const [rows, state, warnings] = [rowsOfRun(world, run_id), stateOf(world, source), warningsOf(world, run_id)];
  return { execution, rows, state, failures, warnings, waits, invocations };
};

/** Advances the time by a day, to the next run. */
export const nextDay = (world: World): void => {
  world.now += DAY;
};
