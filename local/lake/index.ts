/** The local lake in DuckDB: a schema per source, a view per table. */

import { randomUUID } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { type DuckDBConnection, DuckDBInstance, type DuckDBType, type DuckDBValue } from "@duckdb/node-api";
import { commandForm } from "../../infra/command-form.ts";
import { bucketFolder, type LakeTable, readTables } from "../../infra/lake-folder.ts";
import { ConfigError } from "../../lib/errors/index.ts";
import { isMerged } from "../../lib/tables/description.ts";
import { quoteName, quoteText } from "../../lib/tables/sql.ts";
import { runQuery } from "./reading.ts";
import { failingQuery, literalPath, tableQuery } from "./views.ts";

/** Result of a query, chunk by chunk. */
export interface QueryResult {
  /** Unique column names. The second of two columns with the same name is `name:1`. */
  names: string[];
  types: DuckDBType[];
  /** Lists of rows. Only the current chunk is in memory. */
  chunks: AsyncIterable<DuckDBValue[][]>;
}

/** A table that can be queried. */
export interface OpenTable extends LakeTable {
  /** Name in queries: `source.table`, quoted where necessary. */
  sql_name: string;
  /** Reason why it cannot be queried; null when it can. */
  problem: string | null;
}

/** An open, read-only lake. */
export interface Lake extends Disposable {
  /** Sorted by source and name. */
  tables: OpenTable[];
  /** @throws ConfigError with DuckDB's message for invalid SQL, and for anything that is not a query. */
  query(sql: string): Promise<QueryResult>;
  /** Counts the rows of a table. Reads its parts only if the manifests do not contain the number. */
  countRows(table: OpenTable): Promise<number>;
  /** Returns a name for a query, quoted where necessary. */
  quote(name: string): string;
}

const CATALOG = "memory";
/** Minimum similarity of suggested names, from 0 to 1. */
const MIN_SIMILARITY = 0.8;
/** Maximum number of suggested names. */
const MAX_SUGGESTIONS = 5;

const readReservedWords = async (connection: DuckDBConnection): Promise<Set<string>> => {
  const words = await connection.runAndReadAll(
    "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'",
  );
  return new Set(words.getRows().map(([word]) => String(word)));
};

const missingPart = (bucket: string, { files }: LakeTable): string | undefined =>
  files.find((file) => !existsSync(file))?.slice(bucket.length + 1);

/**
 * Creates the view of a table. If that fails, because a part is missing or two columns differ in case only, the view throws when
 * it is queried. The other tables work, and no query returns an incomplete table.
 */
const createView = async (connection: DuckDBConnection, bucket: string, table: LakeTable): Promise<string | null> => {
  const schema = `${quoteName(CATALOG)}.${quoteName(table.source)}`;
  const view = `${schema}.${quoteName(table.table)}`;
  try {
    await connection.run(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await connection.run(`CREATE VIEW ${view} AS ${tableQuery(table)}`);
    return null;
  } catch (error) {
    const missing = missingPart(bucket, table);
    const problem =
      missing === undefined
        ? (error as Error).message.split("\n")[0]
        : `${missing} is missing in the lake, although a manifest lists it`;
    const message = `${table.source}.${table.table}: ${problem}`;
    // This fails, too, in DuckDB's internal schemas.
    await connection.run(`CREATE VIEW ${view} AS ${failingQuery(table, message)}`).catch(() => {});
    return message;
  }
};

/** Denies access to files outside of the lake and to the network. `runQuery` prevents writes to the lake. */
const restrictAccess = async (connection: DuckDBConnection, bucket: string): Promise<void> => {
  // A path with wildcard characters is checked in its escaped form.
  const folders = [...new Set([bucket + sep, literalPath(bucket) + sep])].map(quoteText);
  await connection.run(`SET allowed_directories=[${folders.join(", ")}]`);
  await connection.run("SET enable_external_access=false");
};

const similarNames = async (connection: DuckDBConnection, unknown: string, tables: OpenTable[]): Promise<string[]> => {
  const similar = await connection.runAndReadAll(
    `SELECT schema_name, view_name, greatest(
       jaro_winkler_similarity(lower(split_part($1, '.', -1)), view_name),
       CAST(lower($1) = schema_name AS INTEGER)) AS similarity
     FROM duckdb_views() WHERE NOT internal AND similarity > ${MIN_SIMILARITY}
     ORDER BY similarity DESC, jaro_winkler_similarity(lower($1), schema_name || '.' || view_name) DESC
     LIMIT ${MAX_SUGGESTIONS}`,
    [unknown],
  );
  return similar
    .getRows()
    .map(([source, name]) => tables.find((table) => table.source === source && table.table === name)?.sql_name)
    .filter((name) => name !== undefined);
};

/** Returns an error with DuckDB's message. For an unknown table it suggests tables of the lake, in place of DuckDB's suggestions. */
const explain = async (connection: DuckDBConnection, error: unknown, tables: OpenTable[]): Promise<unknown> => {
  if (error instanceof ConfigError) return error;
  const message = (error as Error).message.replace(/^Failed to extract statements: /, "").trim();
  const unknown = /^Catalog Error: Table with name "?(.+?)"? does not exist/.exec(message)?.[1];
  if (unknown === undefined) return new ConfigError(message, { cause: error });
  const names = await similarNames(connection, unknown, tables);
  const hint = names.length > 0 ? `Similar tables: ${names.join(", ")}` : `${commandForm("query")} lists all tables`;
  return new ConfigError(`${message.replace(/\nDid you mean .*/, "")}\n${hint}`, { cause: error });
};

/** An in-memory DuckDB whose temporary files are in `spill`. */
interface Database {
  connection: DuckDBConnection;
  close(): void;
}

const openDatabase = async (): Promise<Database> => {
  // By default, DuckDB would write what does not fit into memory to the current folder.
  const spill = join(tmpdir(), `restlake-query-${randomUUID()}`);
  const instance = await DuckDBInstance.create(":memory:", {
    temp_directory: spill,
    autoinstall_known_extensions: "false",
    allow_persistent_secrets: "false",
  });
  const connection = await instance.connect();
  // The lake's timestamps are UTC. Comparing them to now() must not depend on this machine's time zone.
  await connection.run("SET TimeZone='UTC'");
  return {
    connection,
    close() {
      connection.closeSync();
      instance.closeSync();
      rmSync(spill, { recursive: true, force: true });
    },
  };
};

/** Runs queries. Errors are explained, also those that occur while rows are read. */
const queryRunner =
  (connection: DuckDBConnection, tables: OpenTable[]): Lake["query"] =>
  async (sql) => {
    const explained = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      try {
        return await work();
      } catch (error) {
        throw await explain(connection, error, tables);
      }
    };
    const result = await explained(() => runQuery(connection, sql));
    const rows = result.yieldRows();
    const chunks = async function* () {
      for (;;) {
        const next = await explained(() => rows.next());
        if (next.done) return;
        yield next.value;
      }
    };
    return { names: result.deduplicatedColumnNames(), types: result.columnTypes(), chunks: chunks() };
  };

/**
 * Opens the local lake in memory. Reads schemas and manifests. Rows are read by queries only.
 *
 * @param out folder of the local lake.
 * @throws ConfigError when there is no lake, or no table in it.
 */
export const openLake = async (out: string): Promise<Lake> => {
  const bucket = bucketFolder(out);
  const found = readTables(bucket);
  if (found.length === 0) {
    throw new ConfigError(
      `there is no lake in ${out}: create one with ${commandForm("start")}, or name another folder with --out`,
    );
  }
  const { connection, close } = await openDatabase();
  const reserved = await readReservedWords(connection);
  const quote = (name: string) => (/^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : quoteName(name));
  const tables: OpenTable[] = [];
  for (const table of found) {
    const problem = await createView(connection, bucket, table);
    tables.push({ ...table, sql_name: `${quote(table.source)}.${quote(table.table)}`, problem });
  }
  await restrictAccess(connection, bucket);
  const query = queryRunner(connection, tables);
  return {
    tables,
    query,
    quote,
    async countRows(table) {
      if (table.problem === null && !isMerged(table)) return table.rows;
      const { chunks } = await query(`SELECT count(*) FROM ${quoteName(table.source)}.${quoteName(table.table)}`);
      for await (const [row] of chunks) return Number(row?.[0]);
      return 0;
    },
    [Symbol.dispose]: close,
  };
};
