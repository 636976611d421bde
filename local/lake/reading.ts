import { type DuckDBConnection, type DuckDBResult, StatementType } from "@duckdb/node-api";
import { ConfigError } from "../../lib/errors/index.ts";

const COMMENTS_AND_SPACE = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|;)*/;
const EXPLAIN = /^explain(?:\s+analyze\b|\s*\([^)]*\))?/i;

const refusal = () =>
  new ConfigError("the lake is only read here: give one query, such as select, describe, summarize or explain select");

/** `EXPLAIN ANALYZE` runs what it explains, a COPY too: what comes after it must be a query itself. */
const explainsQuery = async (connection: DuckDBConnection, sql: string): Promise<boolean> => {
  const explained = sql.replace(COMMENTS_AND_SPACE, "").replace(EXPLAIN, "");
  const statements = await connection.extractStatements(explained);
  return statements.count === 1 && (await statements.prepare(0)).statementType === StatementType.SELECT;
};

/**
 * Runs one query and nothing that writes. DuckDB's own bars do not reach far enough: a folder that may be read may be
 * written to as well. Scratch tables and types in memory may come before it (a PIVOT makes one for itself).
 *
 * @throws ConfigError for anything else; DuckDB's Error for a mistake in the SQL.
 */
export const runQuery = async (connection: DuckDBConnection, sql: string): Promise<DuckDBResult> => {
  if (sql.replace(COMMENTS_AND_SPACE, "") === "") throw new ConfigError("the query is empty");
  const statements = await connection.extractStatements(sql);
  for (let index = 0; index < statements.count - 1; index++) {
    const statement = await statements.prepare(index);
    if (statement.statementType !== StatementType.CREATE) throw refusal();
    await statement.run();
  }
  const query = await statements.prepare(statements.count - 1);
  const reads =
    query.statementType === StatementType.SELECT ||
    (query.statementType === StatementType.EXPLAIN && (await explainsQuery(connection, sql)));
  if (!reads) throw refusal();
  return query.stream();
};
