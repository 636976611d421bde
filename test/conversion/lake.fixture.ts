import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { stateMachineDefinition } from "../../infra/definition.ts";
import { bucketFolder } from "../../infra/lake-folder.ts";
import type { ResolvedSource } from "../../lib/config/resolve.ts";
import type { Manifest } from "../../lib/lake/manifest.ts";
import type { Ports } from "../../lib/ports/index.ts";
import { finish } from "../../lib/run/finish.ts";
import { open } from "../../lib/run/open.ts";
import { work } from "../../lib/run/work.ts";
import { createSecrets } from "../../lib/secrets/index.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import type { LakeTable } from "../../local/lake/index.ts";
import { tableQuery } from "../../local/lake/views.ts";
import { execute } from "../../local/state-machine/index.ts";
import { silentAlarm } from "../fake-clock.ts";
import { createMemoryBucket, type StoredObject } from "../reliability/memory-bucket.ts";
import type { Cells, Column } from "./oracle.fixture.ts";

/** All that outlives a process. */
export interface World {
  objects: Map<string, StoredObject>;
  now: number;
}

export const createWorld = (): World => ({ objects: new Map(), now: Date.parse("2026-11-20T03:00:00Z") });

/** Ports of a process: waits move the world's clock, and take no time. */
export const portsOf = (world: World, secrets: Record<string, string> = {}): Ports => {
  const redactor = createRedactor();
  return {
    bucket: createMemoryBucket(world.objects),
    secrets: createSecrets("test", async () => JSON.stringify(secrets), redactor),
    fetch,
    clock: {
      now: () => world.now,
      sleep: async (milliseconds) => {
        world.now += milliseconds;
      },
      alarm: silentAlarm,
      random: () => 0.5,
    },
    logger: { debug() {}, info() {}, warn() {} },
    redactor,
  };
};

let executions = 0;

/** One night of a source: its machine, and the steps that its Lambdas call. */
export const runNight = async (
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
      world.now += seconds * 1000;
    },
  });
  if (status !== "succeeded") throw new Error(`${source.name}: ${failures.join("; ")}`);
  world.now += 24 * 60 * 60 * 1000;
};

/** A part, by its manifest. */
export interface Part {
  key: string;
  resource: string;
  run_id: string;
  rows: number;
  /** The columns that there were when it was written, by the schema's history. */
  names: string[];
}

/** A table by its schema and manifests. */
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

/** The names of a version: all that came with it or before. */
const namesAt = ({ history }: Stored, version: number): string[] =>
  history.filter((change) => change.version <= version).flatMap(({ added }) => added.map(({ name }) => name));

/** A table's schema, and the parts that are in these records. */
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

/** Every table of a bucket. */
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

const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
const name = (value: string) => `"${value.replaceAll('"', '""')}"`;

const TYPES: Record<string, string> = {
  text: "VARCHAR",
  bigint: "BIGINT",
  double: "DOUBLE",
  bool: "BOOLEAN",
  timestamp: "TIMESTAMP",
  date: "DATE",
  json: "VARCHAR",
};

/** A column's type in DuckDB; dlt's decimal has 38 digits, 9 of them behind the point. */
export const duckType = ({ data_type, precision = 38, scale = 9 }: Column): string =>
  TYPES[data_type] ?? `DECIMAL(${precision},${scale})`;

/** A cell as JavaScript can compare it: a double as it is, a time as its number, all else as text. */
const cellOf = (column: Column): string => {
  const value = name(column.name);
  if (column.data_type === "double") return value;
  if (column.data_type === "timestamp") return `CAST(epoch_ms(${value}) AS VARCHAR)`;
  if (column.data_type === "date") return `CAST(${value} - DATE '1970-01-01' AS VARCHAR)`;
  return `CAST(${value} AS VARCHAR)`;
};

/** A folder with DuckDB in it; it goes with the variable. */
export const openConverter = async () => {
  const folder = mkdtempSync(join(tmpdir(), "restlake-conversion-"));
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  await connection.run("SET TimeZone='UTC'");
  let files = 0;
  const bucket = bucketFolder(folder);
  const fileOf = (key: string) => join(bucket, key);

  /** What reads these parts, every one of them under the table's newest schema. */
  const relation = ({ columns }: Table, parts: Part[]): string => {
    const list = `[${parts.map(({ key }) => text(fileOf(key))).join(", ")}]`;
    if (parts[0]?.key.endsWith(".parquet")) {
      // Parts of before a column came have no place for it.
      const none = columns.map((column) => `CAST(NULL AS ${duckType(column)}) AS ${name(column.name)}`);
      return `(SELECT ${none.join(", ")} WHERE false UNION ALL BY NAME SELECT * FROM read_parquet(${list}, union_by_name=true, hive_partitioning=false))`;
    }
    const types = columns.map((column) => `${text(column.name)}: ${text(duckType(column))}`);
    return `read_json(${list}, format='newline_delimited', columns={${types.join(", ")}}, ignore_errors=false, hive_partitioning=false)`;
  };

  return {
    folder,
    /** Writes a world's objects to where `openLake` and DuckDB find them. */
    write(objects: World["objects"], prefix = "") {
      for (const [key, { body }] of objects) {
        if (!key.startsWith(prefix)) continue;
        mkdirSync(dirname(fileOf(key)), { recursive: true });
        writeFileSync(fileOf(key), body);
      }
    },
    /** Parts of a table as one Parquet file. */
    async toParquet(table: Table, parts = table.parts): Promise<string> {
      const file = join(folder, `${++files}.parquet`);
      await connection.run(`COPY (SELECT * FROM ${relation(table, parts)}) TO ${text(file)} (FORMAT parquet)`);
      return file;
    },
    /** What a table's view reads, as one Parquet file. JSON is a text there, as it is in the parts. */
    async copyView(view: LakeTable, { columns }: Table): Promise<string> {
      const file = join(folder, `${++files}.parquet`);
      const selected = columns.map((column) =>
        column.data_type === "json"
          ? `CAST(${name(column.name)} AS VARCHAR) AS ${name(column.name)}`
          : name(column.name),
      );
      await connection.run(
        `COPY (SELECT ${selected.join(", ")} FROM (${tableQuery(view)})) TO ${text(file)} (FORMAT parquet)`,
      );
      return file;
    },
    /** The columns of a Parquet part, in order. */
    async namesIn({ key }: Part): Promise<string[]> {
      const answer = await connection.runAndReadAll(
        `DESCRIBE SELECT * FROM read_parquet(${text(fileOf(key))}, hive_partitioning=false)`,
      );
      return answer.getRows().map(([column]) => String(column));
    },
    /** Columns and types that a Parquet file says it has. */
    async describe(file: string): Promise<Record<string, string>> {
      const answer = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${text(file)})`);
      return Object.fromEntries(answer.getRows().map(([column, type]) => [String(column), String(type)]));
    },
    /** The rows of a Parquet file, run by run in the order in which the API gave them. */
    async rows(file: string, columns: Column[]): Promise<Cells[]> {
      const answer = await connection.runAndReadAll(
        `SELECT ${columns.map(cellOf).join(", ")} FROM read_parquet(${text(file)}) ORDER BY "_run_id", "_seq"`,
      );
      return answer.getRows().map((row) => {
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

/** The keys of every line of a part, in order. */
export const keysOfLines = (body: Uint8Array): string[][] =>
  gunzipSync(body)
    .toString()
    .split("\n")
    .slice(0, -1)
    .map((line) => Object.keys(JSON.parse(line) as object));
