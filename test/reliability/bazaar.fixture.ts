import { stateMachineDefinition } from "../../infra/definition.ts";
import { defineSource } from "../../lib/config/index.ts";
import { type ResolvedSource, resolveSource } from "../../lib/config/resolve.ts";
import type { MergeRules } from "../../lib/config/resolved.ts";
import { StorageError } from "../../lib/errors/index.ts";
import type { Ports } from "../../lib/ports/index.ts";
import { finish } from "../../lib/run/finish.ts";
import { open } from "../../lib/run/open.ts";
import { work } from "../../lib/run/work.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { DAY, MINUTE, SECOND } from "../../lib/time/durations.ts";
import { type Execution, execute } from "../../local/state-machine/index.ts";
import { silentAlarm } from "../fake-clock.ts";
import { Dead } from "./effects.ts";
import { createMemoryBucket, type StoredObject } from "./memory-bucket.ts";
import { INVOCATION_TIME, type Row } from "./world.ts";

const PAGE = 2;
/** Fake time of a request. */
const REQUEST_TIME = SECOND;

const NO_HINTS = { merge_key: [], hard_delete: null, dedup_sort: null, insert_only: false };
const ORDERS: MergeRules = { write_disposition: "merge", primary_key: ["id"], ...NO_HINTS, hard_delete: "deleted" };
const LINES: MergeRules = {
  write_disposition: "merge",
  primary_key: ["id"],
  merge_key: ["order_id"],
  hard_delete: "gone",
  dedup_sort: { column: "version", order: "desc" },
  insert_only: false,
};
const PARTIES: MergeRules = { write_disposition: "merge", primary_key: ["id"], ...NO_HINTS };
const REPLACED: MergeRules = { write_disposition: "replace", primary_key: [], ...NO_HINTS };
const APPENDED: MergeRules = { write_disposition: "append", primary_key: [], ...NO_HINTS };

/** Table and rules of each resource, for the model; the config below is equivalent. */
export const RESOURCES = {
  orders: { table: "orders", rules: ORDERS, incremental: true },
  lines: { table: "lines", rules: LINES, incremental: true },
  customers: { table: "parties", rules: PARTIES, incremental: false },
  suppliers: { table: "parties", rules: PARTIES, incremental: true },
  stock_north: { table: "stock", rules: REPLACED, incremental: false },
  stock_south: { table: "stock", rules: REPLACED, incremental: false },
  rates: { table: "rates", rules: REPLACED, incremental: false },
  events: { table: "events", rules: APPENDED, incremental: true },
} as const satisfies Record<string, { table: string; rules: MergeRules; incremental: boolean }>;

export type Name = keyof typeof RESOURCES;
export const NAMES = Object.keys(RESOURCES) as Name[];
export const TABLES = [...new Set(NAMES.map((name) => RESOURCES[name].table))];

/** Rows of the API, by resource. Rows of incremental resources have `changed`, which only grows. */
export type Api = Record<Name, Row[]>;

const since = { cursor_path: "changed", start_param: "since" } as const;
const endpoint = (name: Name) => ({
  path: `/${name}`,
  data_selector: "data",
  paginator: { type: "page_number", base_page: 1 } as const,
  ...(RESOURCES[name].incremental && { incremental: since }),
});

/** A source with merge (with all hints), replace and append, two tables of two resources each, and JSON and Parquet. */
const bazaar: ResolvedSource = resolveSource(
  defineSource(
    {
      name: "bazaar",
      client: { base_url: "http://api.test" },
      resources: [
        {
          name: "orders",
          endpoint: endpoint("orders"),
          write_disposition: "merge",
          primary_key: "id",
          columns: { deleted: { data_type: "bool", hard_delete: true } },
        },
        {
          name: "lines",
          endpoint: endpoint("lines"),
          write_disposition: "merge",
          primary_key: "id",
          merge_key: "order_id",
          columns: {
            gone: { data_type: "bool", hard_delete: true },
            version: { data_type: "bigint", dedup_sort: "desc" },
          },
        },
        {
          name: "customers",
          endpoint: endpoint("customers"),
          table_name: "parties",
          write_disposition: "merge",
          on_missing_rows: "delete",
          primary_key: "id",
        },
        {
          name: "suppliers",
          endpoint: endpoint("suppliers"),
          table_name: "parties",
          write_disposition: "merge",
          primary_key: "id",
          file_format: "parquet",
        },
        {
          name: "stock_north",
          endpoint: endpoint("stock_north"),
          table_name: "stock",
          write_disposition: "replace",
          file_format: "parquet",
        },
        {
          name: "stock_south",
          endpoint: endpoint("stock_south"),
          table_name: "stock",
          write_disposition: "replace",
          file_format: "parquet",
        },
        { name: "rates", endpoint: endpoint("rates"), write_disposition: "replace" },
        { name: "events", endpoint: endpoint("events"), write_disposition: "append" },
      ],
    },
    { file_max_items: 3 },
  ),
);

const definition = stateMachineDefinition(bazaar, {
  open: "open",
  finish: "finish",
  resource: (name) => name,
  timeout: 900,
});

/** Everything that outlives a process. */
export interface World {
  objects: Map<string, StoredObject>;
  api: Api;
  time: number;
  /** Seed of the random numbers. */
  seed: number;
}

export const emptyApi = (): Api => Object.fromEntries(NAMES.map((name) => [name, [] as Row[]])) as unknown as Api;

export const createWorld = (): World => ({
  objects: new Map(),
  api: emptyApi(),
  time: Date.parse("2026-11-20T03:00:00Z"),
  seed: 0,
});

/** Returns an independent copy. */
export const copyWorld = (world: World): World => ({
  ...world,
  objects: new Map(world.objects),
  api: structuredClone(world.api),
});

export const nextDay = (world: World): void => {
  world.time += DAY;
};

/** Advances the clock until all leases have expired. */
export const leasesExpire = (world: World): void => {
  world.time += 30 * MINUTE;
};

const serve = (api: Api, url: URL): Response => {
  const name = url.pathname.slice(1) as Name;
  const from = Number(url.searchParams.get("since") ?? 0);
  const rows = api[name].filter((row) => Number(row.changed ?? 0) >= from);
  const page = Number(url.searchParams.get("page"));
  const data = rows.slice((page - 1) * PAGE, page * PAGE);
  return new Response(JSON.stringify({ data }), { headers: { "content-type": "application/json" } });
};

/** Returns the ports of a new process. `put` may observe each PUT, and may make it fail. */
export const portsOf = (
  world: World,
  put: (perform: () => Promise<unknown>, key: string) => Promise<void> = async (perform) => {
    await perform();
  },
): Ports => {
  const bucket = createMemoryBucket(world.objects);
  return {
    bucket: {
      ...bucket,
      async put(key, body, options) {
        let result: Awaited<ReturnType<typeof bucket.put>> | undefined;
        await put(async () => {
          result = await bucket.put(key, body, options);
        }, key);
        return result as Awaited<ReturnType<typeof bucket.put>>;
      },
    },
    secrets: { get: async () => "", put: async () => {} },
    fetch: (async (input: string) => {
      world.time += REQUEST_TIME;
      return serve(world.api, new URL(input));
    }) as typeof fetch,
    clock: {
      now: () => world.time,
      sleep: async (milliseconds) => {
        world.time += milliseconds;
      },
      alarm: silentAlarm,
      random: () => {
        world.seed = (world.seed * 1103515245 + 12345) % 2 ** 31;
        return world.seed / 2 ** 31;
      },
    },
    logger: { debug() {}, info() {}, warn() {} },
    redactor: createRedactor(),
  };
};

let invocations = 0;

/** Runs one execution of the state machine. */
export const runStateMachine = (world: World, ports: Ports, owner: string, input: object = {}): Promise<Execution> =>
  execute(
    definition,
    input,
    async (state, taskInput) => {
      if (state === "open") return open(ports, taskInput as never);
      if (state === "finish") return finish(ports, taskInput as never);
      return work(ports, bazaar, state, taskInput, { id: `i${++invocations}`, time: INVOCATION_TIME });
    },
    {
      owner,
      wait_scale: 0,
      onWait: (_state, seconds) => {
        world.time += seconds * 1000;
      },
    },
  );

/** Fault at a PUT. `after`: the process dies after it. `lost`: its response is lost. */
export interface Fault {
  /** Number of the PUT, from 1. */
  at: number;
  how: "after" | "lost";
}

/** The objects at one moment. */
export type Snapshot = Map<string, StoredObject>;

/** Runs an execution with a fault at one PUT. `seen` has the objects after that PUT, or after every PUT without a fault. */
export const runFaulty = async (
  world: World,
  owner: string,
  input: object,
  fault: Fault | null,
): Promise<{ execution: Execution; puts: string[]; seen: Snapshot[] }> => {
  const puts: string[] = [];
  let isDead = false;
  const seen: Snapshot[] = [];
  const ports = portsOf(world, async (perform, key) => {
    if (isDead) throw new Dead();
    await perform();
    puts.push(key);
    if (fault === null || fault.at === puts.length) seen.push(new Map(world.objects));
    if (fault?.at !== puts.length) return;
    if (fault.how === "lost") throw new StorageError(`no response: put ${key}`);
    isDead = true;
    throw new Dead();
  });
  const alive = <Call extends (...args: never[]) => unknown>(call: Call): Call =>
    ((...args: never[]) => {
      if (isDead) throw new Dead();
      return call(...args);
    }) as Call;
  const { bucket } = ports;
  const mortal = {
    ...ports,
    fetch: alive(ports.fetch),
    bucket: { ...bucket, head: alive(bucket.head), get: alive(bucket.get) },
  };
  const execution = await runStateMachine(world, mortal, owner, input);
  return { execution, puts, seen };
};
