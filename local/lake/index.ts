export type { LakeTable } from "../../infra/lake-folder.ts";

/** The local lake as DuckDB sees it: a schema per source, a view per table. */
import { randomUUID } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { type DuckDBConnection, DuckDBInstance, type DuckDBType, type DuckDBValue } from "@duckdb/node-api";
import { bucketFolder, type LakeTable, readTables } from "../../infra/lake-folder.ts";
import { ConfigError } from "../../lib/errors/index.ts";
import { isMerged } from "../../lib/tables/description.ts";
import { quoteName, quoteText } from "../../lib/tables/sql.ts";
import { runQuery } from "./reading.ts";
import { failingQuery, literalPath, tableQuery } from "./views.ts";

/** What a query answers, chunk by chunk. */
export interface Answer {
  /** Unique: of two columns of one name, the second is `name:1`. */
  names: string[];
  types: DuckDBType[];
  /** Lists of rows. Only the chunk at hand is in memory. */
  chunks: AsyncIterable<DuckDBValue[][]>;
}

/** A table that is there to be queried. */
export interface OpenTable extends LakeTable {
  /** How a query calls it: `source.table`, quoted where it has to be. */
  sql_name: string;
  /** Why it cannot be queried; null when it can. */
  problem: string | null;
}

/** An open lake. It is never written to. */
export interface Lake extends Disposable {
  /** By source and name. */
  tables: OpenTable[];
  /** @throws ConfigError with DuckDB's message for a mistake in the SQL, and for anything that is not a query. */
  query(sql: string): Promise<Answer>;
  /** Rows of a table; reads its parts only if the manifests cannot tell. */
  countRows(table: OpenTable): Promise<number>;
  /** A name as a person would write it in a query: quoted only where it has to be. */
  quote(name: string): string;
}

const CATALOG = "memory";
/** How alike two names must be, from 0 to 1, and how many of them are told. */
const ALIKE = 0.8;
const MOST_ALIKE = 5;

const readReservedWords = async (connection: DuckDBConnection): Promise<Set<string>> => {
  const words = await connection.runAndReadAll(
    "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'",
  );
  return new Set(words.getRows().map(([word]) => String(word)));
};

const missingPart = (bucket: string, { files }: LakeTable): string | undefined =>
  files.find((file) => !existsSync(file))?.slice(bucket.length + 1);

/**
 * Makes the table's view. One that cannot be made, because a part is gone or two columns differ in case only, fails
 * when it is queried: nobody gets half a table, and the other tables work.
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
        : `${missing} is gone from the lake, though a manifest names it`;
    const message = `${table.source}.${table.table}: ${problem}`;
    // Not even that can be made in the schemas that DuckDB has for itself.
    await connection.run(`CREATE VIEW ${view} AS ${failingQuery(table, message)}`).catch(() => {});
    return message;
  }
};

/** Files outside the lake and the network are out of reach; inside of it, `runQuery` sees to it that nothing is written. */
const restrict = async (connection: DuckDBConnection, bucket: string): Promise<void> => {
  // A path that holds the signs of a pattern is checked in the form in which the views have it.
  const folders = [...new Set([bucket + sep, literalPath(bucket) + sep])].map(quoteText);
  await connection.run(`SET allowed_directories=[${folders.join(", ")}]`);
  await connection.run("SET enable_external_access=false");
};

const namesLike = async (connection: DuckDBConnection, wanted: string, tables: OpenTable[]): Promise<string[]> => {
  const likeness = await connection.runAndReadAll(
    `SELECT schema_name, view_name, greatest(
       jaro_winkler_similarity(lower(split_part($1, '.', -1)), view_name),
       CAST(lower($1) = schema_name AS INTEGER)) AS likeness
     FROM duckdb_views() WHERE NOT internal AND likeness > ${ALIKE}
     ORDER BY likeness DESC, jaro_winkler_similarity(lower($1), schema_name || '.' || view_name) DESC
     LIMIT ${MOST_ALIKE}`,
    [wanted],
  );
  return likeness
    .getRows()
    .map(([source, name]) => tables.find((table) => table.source === source && table.table === name)?.sql_name)
    .filter((name) => name !== undefined);
};

/** DuckDB's message; for an unknown table with the names that come near it, where DuckDB guesses among its own too. */
const explain = async (connection: DuckDBConnection, error: unknown, tables: OpenTable[]): Promise<unknown> => {
  if (error instanceof ConfigError) return error;
  const message = (error as Error).message.replace(/^Failed to extract statements: /, "").trim();
  const wanted = /^Catalog Error: Table with name "?(.+?)"? does not exist/.exec(message)?.[1];
  if (wanted === undefined) return new ConfigError(message, { cause: error });
  const near = await namesLike(connection, wanted, tables);
  const hint = near.length > 0 ? `Similar tables: ${near.join(", ")}` : "npm run query lists all tables";
  return new ConfigError(`${message.replace(/\nDid you mean .*/, "")}\n${hint}`, { cause: error });
};

/**
 * Opens the local lake in memory. Reads schemas and manifests; rows are read when a query asks for them.
 *
 * @param out folder of the local lake, as `npm run sync -- --out` has it.
 * @throws ConfigError when there is no lake, or no table in it yet.
 */
export const openLake = async (out: string): Promise<Lake> => {
  const bucket = bucketFolder(out);
  const found = readTables(bucket);
  if (found.length === 0) {
    throw new ConfigError(`there is no lake in ${out} yet: npm start makes one (or name another folder with --out)`);
  }
  // DuckDB's own place for what does not fit into memory would be the current folder.
  const spill = join(tmpdir(), `restlake-query-${randomUUID()}`);
  const instance = await DuckDBInstance.create(":memory:", {
    temp_directory: spill,
    autoinstall_known_extensions: "false",
    allow_persistent_secrets: "false",
  });
  const connection = await instance.connect();
  // Timestamps of the lake are UTC: comparing one to now() must not depend on where the computer stands.
  await connection.run("SET TimeZone='UTC'");
  const reserved = await readReservedWords(connection);
  const quote = (name: string) => (/^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : quoteName(name));
  const tables: OpenTable[] = [];
  for (const table of found) {
    const problem = await createView(connection, bucket, table);
    tables.push({ ...table, sql_name: `${quote(table.source)}.${quote(table.table)}`, problem });
  }
  await restrict(connection, bucket);

  const explained = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw await explain(connection, error, tables);
    }
  };
  const query = async (sql: string): Promise<Answer> => {
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
    [Symbol.dispose]() {
      connection.closeSync();
      instance.closeSync();
      rmSync(spill, { recursive: true, force: true });
    },
  };
};
