import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { stateMachineDefinition } from "../../infra/definition.ts";
import type { FileFormat, TableSchema } from "../../lib/columns/table-schema.ts";
import type { DataType } from "../../lib/columns/types.ts";
import { defineSource } from "../../lib/config/index.ts";
import { type ResolvedSource, resolveSource } from "../../lib/config/resolve.ts";
import type { MergeRules } from "../../lib/config/resolved.ts";
import { StorageError } from "../../lib/errors/index.ts";
import type { Manifest } from "../../lib/lake/manifest.ts";
import type { Ports } from "../../lib/ports/index.ts";
import { finish } from "../../lib/run/finish.ts";
import { open } from "../../lib/run/open.ts";
import { work } from "../../lib/run/work.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { describeTable, type TableDescription } from "../../lib/tables/description.ts";
import { quoteName, quoteText, tableQuery } from "../../lib/tables/sql.ts";
import { DAY, MINUTE, SECOND } from "../../lib/time/durations.ts";
import { openLake } from "../../local/lake/index.ts";
import { type Execution, execute } from "../../local/state-machine/index.ts";
import { silentAlarm } from "../fake-clock.ts";
import type { HandmadeRun } from "../local/lake.fixture.ts";
import { modelRows } from "../tables/tables.fixture.ts";
import { Dead } from "./effects.ts";
import { createMemoryBucket, type StoredObject } from "./memory-bucket.ts";
import { INVOCATION_TIME, type Row } from "./world.ts";

const PAGE = 2;
/** Fake time of a request. */
const REQUEST_TIME = SECOND;

const NO_HINTS = { merge_key: [], hard_delete: null, dedup_sort: null };
const ORDERS: MergeRules = { write_disposition: "merge", primary_key: ["id"], ...NO_HINTS, hard_delete: "deleted" };
const LINES: MergeRules = {
  write_disposition: "merge",
  primary_key: ["id"],
  merge_key: ["order_id"],
  hard_delete: "gone",
  dedup_sort: { column: "version", order: "desc" },
};
const PARTIES: MergeRules = { write_disposition: "merge", primary_key: ["id"], ...NO_HINTS };
const REPLACED: MergeRules = { write_disposition: "replace", primary_key: [], ...NO_HINTS };
const APPENDED: MergeRules = { write_disposition: "append", primary_key: [], ...NO_HINTS };

/** Table and rules of each resource, for the model; the config below is equivalent. */
const RESOURCES = {
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
const TABLES = [...new Set(NAMES.map((name) => RESOURCES[name].table))];

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
    secrets: { get: async () => "" },
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

/** Rows that a run loads according to the model. */
export interface ModelRun {
  run_id: string;
  loads: Record<Name, Row[]>;
  full: Record<Name, boolean>;
}

export type Cursors = Partial<Record<Name, number>>;

const changedOf = (row: Row): number => Number(row.changed);

/** Returns what a run loads: all rows, or the rows that changed after the cursor; and the cursors of the next run. */
export const modelRun = (api: Api, cursors: Cursors, refresh: boolean, run_id: string) => {
  const start = (name: Name) => (RESOURCES[name].incremental && !refresh ? cursors[name] : undefined);
  const loads = {} as ModelRun["loads"];
  const full = {} as ModelRun["full"];
  const next: Cursors = { ...cursors };
  for (const name of NAMES) {
    const from = start(name);
    full[name] = from === undefined;
    loads[name] = structuredClone(api[name].filter((row) => from === undefined || changedOf(row) > from));
    if (!RESOURCES[name].incremental || loads[name].length === 0) continue;
    next[name] = Math.max(next[name] ?? 0, ...loads[name].map(changedOf));
  }
  return { run: { run_id, loads, full }, cursors: next };
};

type Tables = Record<string, string[]>;

const canonical = (row: Row): string =>
  JSON.stringify(
    Object.entries(row)
      .filter(([name, value]) => value !== null && value !== undefined && name !== "_extracted_at")
      .map(([name, value]): [string, unknown] => [name, typeof value === "bigint" ? Number(value) : value])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Returns the rows of all tables after these runs. */
export const modelTables = (runs: ModelRun[], isDone: (name: Name, run_id: string) => boolean): Tables => {
  const runsOf = (table: string): HandmadeRun[] =>
    runs.flatMap(({ run_id, loads, full }) =>
      NAMES.filter((name) => RESOURCES[name].table === table).map((name) => ({
        table,
        resource: name,
        run_id,
        full_refresh: full[name],
        finished: isDone(name, run_id),
        parts: [loads[name].map((row, index) => ({ ...row, _run_id: run_id, _seq: index + 1 }))],
      })),
    );
  return Object.fromEntries(
    TABLES.map((table) => {
      const { rules } = Object.values(RESOURCES).find((resource) => resource.table === table) as { rules: MergeRules };
      return [table, modelRows(runsOf(table), rules).map(canonical).sort()];
    }),
  );
};

const jsonOf = <Shape>(object: StoredObject | undefined): Shape =>
  JSON.parse(Buffer.from(object?.body ?? "null").toString()) as Shape;

/** Returns the run record; null when there is none. */
export const currentRun = (objects: Snapshot): { run_id: string; closed_at: string | null } | null =>
  jsonOf(objects.get("state/bazaar/run.json"));

/** Returns `<run_id>-<resource>` of all manifests. */
export const completeLogs = (objects: Snapshot): Set<string> =>
  new Set([...objects.keys()].flatMap((key) => /^manifests\/bazaar\/\w+\/(.*)\.json$/.exec(key)?.slice(1) ?? []));

const decoded = new WeakMap<StoredObject, string[]>();

/** Returns the rows of a JSON part. */
const rowsOf = (object: StoredObject): string[] => {
  let rows = decoded.get(object);
  if (rows === undefined) {
    const lines = gunzipSync(object.body).toString().split("\n").filter(Boolean);
    rows = lines.map((line) => canonical(JSON.parse(line) as Row));
    decoded.set(object, rows);
  }
  return rows;
};

/** Returns the rows of every manifest (for Parquet, their number) by `<run_id>-<resource>`, read without restlake. */
export const manifestRows = (objects: Snapshot): Record<string, string[] | number> => {
  const result: Record<string, string[] | number> = {};
  for (const key of objects.keys()) {
    if (!key.startsWith("manifests/")) continue;
    const { run_id, resource, parts, full_refresh } = jsonOf<Manifest>(objects.get(key));
    const isParquet = parts.some((part) => part.key.endsWith(".parquet"));
    const rows = parts.flatMap((part) => {
      const object = objects.get(part.key);
      if (object === undefined) throw new Error(`${part.key} of a manifest does not exist`);
      return isParquet ? [] : rowsOf(object);
    });
    const count = parts.reduce((sum, part) => sum + part.rows, 0);
    result[`${run_id}-${resource} ${full_refresh ? "full" : "new"}`] = isParquet ? count : rows;
  }
  return result;
};

/** Returns what `manifestRows` returns according to the model. */
export const modelManifestRows = (runs: ModelRun[], isDone: (name: Name, run_id: string) => boolean) =>
  Object.fromEntries(
    runs.flatMap(({ run_id, loads, full }) =>
      NAMES.filter((name) => isDone(name, run_id)).map((name) => {
        const isParquet = ["suppliers", "stock_north", "stock_south"].includes(name);
        const rows = loads[name].map((row, index) => canonical({ ...row, _run_id: run_id, _seq: index + 1 }));
        return [`${run_id}-${name} ${full[name] ? "full" : "new"}`, isParquet ? rows.length : rows];
      }),
    ),
  );

const DUCKDB_TYPES: Partial<Record<DataType, string>> = { text: "VARCHAR", bigint: "BIGINT", bool: "BOOLEAN" };

const isTableData = (key: string): boolean => /^(data|manifests|schemas)\//.test(key);

const duckdbType = (data_type: DataType): string => DUCKDB_TYPES[data_type] ?? "VARCHAR";

/** Returns the JSON and Parquet parts of a table as relations over all objects, with or without a manifest. */
const partRelations = (bucket: string, keys: string[], { columns, file_formats }: TableDescription): string[] => {
  const list = (format: FileFormat, suffix: string) =>
    file_formats.includes(format)
      ? keys.filter((key) => key.endsWith(suffix)).map((key) => quoteText(join(bucket, key)))
      : [];
  const [json, parquet] = [list("jsonl", ".json.gz"), list("parquet", ".parquet")];
  const types = columns.map(({ name, data_type }) => `${quoteName(name)}: '${duckdbType(data_type)}'`).join(", ");
  const nulls = columns.map(({ name, data_type }) => `CAST(NULL AS ${duckdbType(data_type)}) AS ${quoteName(name)}`);
  const options = "hive_partitioning=false, filename='$path'";
  const relations: string[] = [];
  if (json.length > 0) {
    relations.push(`(FROM read_json([${json}], format='newline_delimited', ${options}, columns={${types}}))`);
  }
  if (parquet.length > 0) {
    relations.push(
      `(SELECT ${nulls.join(", ")}, '' AS "$path" WHERE false UNION ALL BY NAME
       SELECT * EXCLUDE ("_extracted_at") FROM read_parquet([${parquet}], ${options}, union_by_name=true))`,
    );
  }
  return relations;
};

/** Returns the SQL of the view over all objects; null while there is no manifest. */
const viewOver = (bucket: string, objects: Snapshot, table: string): string | null => {
  const keysIn = (folder: string) => [...objects.keys()].filter((key) => key.startsWith(`${folder}/bazaar/${table}/`));
  const schema = jsonOf<TableSchema | null>(objects.get(`schemas/bazaar/${table}.json`));
  const newest = keysIn("manifests").sort().at(-1);
  if (schema === null || newest === undefined) return null;
  const description = describeTable("bazaar", table, schema, jsonOf<Manifest>(objects.get(newest)));
  const manifests = quoteText(join(bucket, `manifests/bazaar/${table}/*.json`));
  return tableQuery(description, {
    manifests: `read_json(${manifests}, columns={run_id: 'VARCHAR', resource: 'VARCHAR', full_refresh: 'BOOLEAN', parts: 'STRUCT("key" VARCHAR)[]'})`,
    parts: partRelations(bucket, keysIn("data"), description),
    path: "$path",
    path_of_part: `${quoteText(`${bucket}/`)} || part.key`,
  });
};

/** Rows of a table in the local lake, and by the SQL of the view over all objects, as in Athena. */
interface TableRows {
  local: string[];
  view: string[];
}

/**
 * Returns a reader of the lake. Each call of `read` writes the objects to a folder. A table is not read again if none of its
 * objects has changed since an earlier call.
 */
export const createReader = async () => {
  const root = mkdtempSync(join(tmpdir(), "restlake-reader-"));
  const out = join(root, "lake");
  const bucket = join(out, "s3", "lake");
  const written = new Map<string, string>();
  const known = new Map<string, TableRows>();
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();

  const writeOut = (objects: Snapshot) => {
    for (const key of written.keys()) {
      if (objects.has(key)) continue;
      rmSync(join(bucket, key));
      written.delete(key);
    }
    for (const [key, { body, etag }] of objects) {
      if (!isTableData(key) || written.get(key) === etag) continue;
      mkdirSync(dirname(join(bucket, key)), { recursive: true });
      writeFileSync(join(bucket, key), body);
      written.set(key, etag);
    }
  };

  const readLocal = async (tables: string[]): Promise<Tables> => {
    const result: Tables = {};
    using lake = await openLake(out);
    for (const { table, sql_name } of lake.tables.filter((open) => tables.includes(open.table))) {
      const { names, chunks } = await lake.query(`SELECT * FROM ${sql_name}`);
      const rows: string[] = [];
      for await (const chunk of chunks) {
        rows.push(...chunk.map((row) => canonical(Object.fromEntries(row.map((value, n) => [names[n] ?? "", value])))));
      }
      result[table] = rows.sort();
    }
    return result;
  };

  const readView = async (objects: Snapshot, table: string): Promise<string[]> => {
    const sql = viewOver(bucket, objects, table);
    if (sql === null) return [];
    const rows = (await connection.runAndReadAll(sql)).getRowObjectsJS();
    return rows.map((row) => canonical(row as Row)).sort();
  };

  const fingerprints = (objects: Snapshot): Map<string, string> => {
    const found = new Map<string, string[]>();
    for (const [key, { etag }] of objects) {
      const table = /^(?:data|manifests|schemas)\/bazaar\/(\w+)/.exec(key)?.[1];
      if (table !== undefined) found.set(table, [...(found.get(table) ?? []), `${key} ${etag}`]);
    }
    return new Map([...found].map(([table, lines]) => [table, `${table}: ${lines.sort().join(" ")}`]));
  };

  return {
    /** Returns the rows of all tables; a table that does not exist yet has none. */
    async read(objects: Snapshot): Promise<Record<keyof TableRows, Tables>> {
      const ids = fingerprints(objects);
      const unknown = [...ids].flatMap(([table, id]) => (known.has(id) ? [] : [table]));
      if (unknown.length > 0) {
        writeOut(objects);
        const isLake = [...written.keys()].some((key) => key.startsWith("schemas/"));
        const local = isLake ? await readLocal(unknown) : {};
        for (const table of unknown) {
          known.set(ids.get(table) ?? "", { local: local[table] ?? [], view: await readView(objects, table) });
        }
      }
      const rowsOfAll = (reading: keyof TableRows) =>
        Object.fromEntries(TABLES.map((table) => [table, known.get(ids.get(table) ?? "")?.[reading] ?? []]));
      return { local: rowsOfAll("local"), view: rowsOfAll("view") };
    },
    [Symbol.dispose]() {
      connection.closeSync();
      instance.closeSync();
      rmSync(root, { recursive: true, force: true });
    },
  };
};

export type Reader = Awaited<ReturnType<typeof createReader>>;
