import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { stateMachineDefinition } from "../../infra/definition.ts";
import type { LakeTable } from "../../infra/lake-folder.ts";
import { bucketFolder } from "../../infra/lake-folder.ts";
import type { ResolvedSource } from "../../lib/config/resolve.ts";
import type { Manifest } from "../../lib/lake/manifest.ts";
import type { Ports } from "../../lib/ports/index.ts";
import { finish } from "../../lib/run/finish.ts";
import { open } from "../../lib/run/open.ts";
import { work } from "../../lib/run/work.ts";
import { createSecrets } from "../../lib/secrets/index.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { quoteName, quoteText } from "../../lib/tables/sql.ts";
import { DAY, SECOND } from "../../lib/time/durations.ts";
import { tableQuery } from "../../local/lake/views.ts";
import { execute } from "../../local/state-machine/index.ts";
import { duckType } from "../duck-types.ts";
import { worldClock } from "../fake-clock.ts";
import { createMemoryBucket, type StoredObject } from "../reliability/memory-bucket.ts";
import type { Cells, Column } from "./oracle.fixture.ts";

/** State that outlives a process. */
export interface World {
  objects: Map<string, StoredObject>;
  now: number;
}

export const createWorld = (): World => ({ objects: new Map(), now: Date.parse("2026-11-20T03:00:00Z") });

/** Returns the ports of a process. Waits advance the world's clock and return immediately. */
export const portsOf = (world: World, secrets: Record<string, string> = {}): Ports => {
  const redactor = createRedactor();
  return {
    bucket: createMemoryBucket(world.objects),
    secrets: createSecrets("test", async () => JSON.stringify(secrets), redactor),
    fetch,
    clock: worldClock(world),
    logger: { debug() {}, info() {}, warn() {} },
    redactor,
  };
};

let executions = 0;

/** Runs a source once, with its state machine and the steps of its Lambdas, and advances the clock by a day. */
export const runSource = async (
  world: World,
  source: ResolvedSource,
  secrets: Record<string, string> = {},
): Promise<void> => {
  const targets = { open: "open", finish: "finish", resource: (name: string) => name, timeout: 900 };
  const definition = stateMachineDefinition(source, targets);
  const failures: string[] = [];
  const load = async (resource: string, event: unknown) => {
    try {
      return await work(portsOf(world, secrets), source, resource, event, {
        id: `${resource} ${++executions}`,
        time: 1e9,
      });
    } catch (error) {
      failures.push(`${resource}: ${(error as Error).message}`);
      throw error;
    }
  };
  const task = async (state: string, event: unknown) => {
    if (state === "open") return open(portsOf(world, secrets), event as never);
    return state === "finish" ? finish(portsOf(world, secrets), event as never) : load(state, event);
  };
  const { status } = await execute(definition, {}, task, {
    owner: `execution ${++executions}`,
    wait_scale: 0,
    onWait: (_resource, seconds) => {
      world.now += seconds * SECOND;
    },
  });
  if (status !== "succeeded") throw new Error(`${source.name}: ${failures.join("; ")}`);
  world.now += DAY;
};

/** A part of a manifest. */
export interface Part {
  key: string;
  resource: string;
  run_id: string;
  rows: number;
  /** Columns of its schema version, from the schema's history. */
  names: string[];
}

/** A table, from its schema and its manifests. */
export interface Table {
  source: string;
  name: string;
  columns: Column[];
  /** In the order of runs and resources. */
  parts: Part[];
}

interface Stored {
  columns: Column[];
  history: { version: number; added: { name: string }[] }[];
}

const json = <Value>(body: Uint8Array): Value => JSON.parse(Buffer.from(body).toString()) as Value;

/** Returns the columns of a schema version. */
const namesAt = ({ history }: Stored, version: number): string[] =>
  history.filter((change) => change.version <= version).flatMap(({ added }) => added.map(({ name }) => name));

/** Returns a table with the parts in these records. */
export const tableOf = (
  objects: World["objects"],
  source: string,
  name: string,
  records: (Pick<Part, "key" | "resource" | "run_id" | "rows"> & { schema_version: number })[],
): Table => {
  const schema = json<Stored>(objects.get(`schemas/${source}/${name}.json`)!.body);
  const parts = records.map(({ schema_version, ...part }) => ({ ...part, names: namesAt(schema, schema_version) }));
  return { source, name, columns: schema.columns, parts };
};

/** Returns all tables of a bucket. */
export const tablesOf = (objects: World["objects"]): Table[] =>
  [...objects.keys()]
    .filter((key) => key.startsWith("schemas/"))
    .sort()
    .map((schemaKey) => {
      const [, source = "", file = ""] = schemaKey.split("/");
      const name = file.replace(/\.json$/, "");
      const manifests = [...objects]
        .filter(([key]) => key.startsWith(`manifests/${source}/${name}/`))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { body }]) => json<Manifest>(body));
      const records = manifests.flatMap(({ resource, run_id, parts }) =>
        parts.map(({ key, rows, schema_version }) => ({ key, rows, schema_version, resource, run_id })),
      );
      return tableOf(objects, source, name, records);
    });

/** Selects a cell in a form that JavaScript can compare: doubles unchanged, times as numbers, everything else as strings. */
const cellOf = (column: Column): string => {
  const value = quoteName(column.name);
  if (column.data_type === "double") return value;
  if (column.data_type === "timestamp") return `CAST(epoch_ms(${value}) AS VARCHAR)`;
  if (column.data_type === "date") return `CAST(${value} - DATE '1970-01-01' AS VARCHAR)`;
  return `CAST(${value} AS VARCHAR)`;
};

/** Selects the rows of parts with the table's current columns. */
const partsRelation = ({ columns }: Table, parts: Part[], fileOf: (key: string) => string): string => {
  const files = `[${parts.map(({ key }) => quoteText(fileOf(key))).join(", ")}]`;
  if (parts[0]?.key.endsWith(".parquet")) {
    // Older parts lack columns that were added later: the empty relation adds them.
    const nulls = columns.map((column) => `CAST(NULL AS ${duckType(column)}) AS ${quoteName(column.name)}`);
    return `(SELECT ${nulls.join(", ")} WHERE false UNION ALL BY NAME SELECT * FROM read_parquet(${files}, union_by_name=true, hive_partitioning=false))`;
  }
  const types = columns.map((column) => `${quoteText(column.name)}: ${quoteText(duckType(column))}`);
  return `read_json(${files}, format='newline_delimited', columns={${types.join(", ")}}, ignore_errors=false, hive_partitioning=false)`;
};

/** Selects the rows of a table's view. JSON is a string, as in the parts. */
const viewRelation = (view: LakeTable, { columns }: Table): string => {
  const selected = columns.map((column) =>
    column.data_type === "json"
      ? `CAST(${quoteName(column.name)} AS VARCHAR) AS ${quoteName(column.name)}`
      : quoteName(column.name),
  );
  return `(SELECT ${selected.join(", ")} FROM (${tableQuery(view)}))`;
};

/** Opens a temporary folder with DuckDB. Both are closed when the converter is disposed. */
export const openConverter = async () => {
  const folder = mkdtempSync(join(tmpdir(), "restlake-conversion-"));
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  await connection.run("SET TimeZone='UTC'");
  let files = 0;
  const bucket = bucketFolder(folder);
  const fileOf = (key: string) => join(bucket, key);

  const copy = async (relation: string): Promise<string> => {
    const file = join(folder, `${++files}.parquet`);
    await connection.run(`COPY (SELECT * FROM ${relation}) TO ${quoteText(file)} (FORMAT parquet)`);
    return file;
  };
  const describe = async (relation: string): Promise<[name: string, type: string][]> => {
    const result = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${relation}`);
    return result.getRows().map(([name, type]) => [String(name), String(type)]);
  };

  return {
    folder,
    /** Writes the objects of a world to the folder of the local lake. */
    write(objects: World["objects"], prefix = "") {
      for (const [key, { body }] of objects) {
        if (!key.startsWith(prefix)) continue;
        mkdirSync(dirname(fileOf(key)), { recursive: true });
        writeFileSync(fileOf(key), body);
      }
    },
    /** Converts parts of a table to one Parquet file, and returns its path. */
    toParquet: (table: Table, parts = table.parts): Promise<string> => copy(partsRelation(table, parts, fileOf)),
    /** Writes the rows of a table's view to one Parquet file, and returns its path. */
    copyView: (view: LakeTable, table: Table): Promise<string> => copy(viewRelation(view, table)),
    /** Returns the columns of a Parquet part, in order. */
    async namesIn({ key }: Part): Promise<string[]> {
      const columns = await describe(`read_parquet(${quoteText(fileOf(key))}, hive_partitioning=false)`);
      return columns.map(([name]) => name);
    },
    /** Returns the types of a Parquet file by column. */
    describe: async (file: string): Promise<Record<string, string>> =>
      Object.fromEntries(await describe(`read_parquet(${quoteText(file)})`)),
    /** Returns the rows of a Parquet file, run by run, in the order of the API. */
    async rows(file: string, columns: Column[]): Promise<Cells[]> {
      const result = await connection.runAndReadAll(
        `SELECT ${columns.map(cellOf).join(", ")} FROM read_parquet(${quoteText(file)}) ORDER BY "_run_id", "_seq"`,
      );
      return result.getRows().map((row) => {
        const cells: Cells = Object.create(null) as Cells;
        for (const [index, column] of columns.entries()) cells[column.name] = row[index] as Cells[string];
        return cells;
      });
    },
    [Symbol.dispose]() {
      connection.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export type Converter = Awaited<ReturnType<typeof openConverter>>;

/** Returns the keys of every line of a part, in order. */
export const keysOfLines = (body: Uint8Array): string[][] =>
  gunzipSync(body)
    .toString()
    .split("\n")
    .slice(0, -1)
    .map((line) => Object.keys(JSON.parse(line) as object));
