import { type DuckDBConnection, type DuckDBResult, StatementType } from "@duckdb/node-api";
import { ConfigError } from "../../lib/errors/index.ts";

const COMMENTS_AND_SPACE = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|;)*/;
const EXPLAIN = /^explain(?:\s+analyze\b|\s*\([^)]*\))?/i;

const notAQuery = () =>
  new ConfigError("the lake is read-only: write one query, such as select, describe, summarize or explain select");

/** Whether an EXPLAIN contains a query. `EXPLAIN ANALYZE` runs its statement, which could be a COPY. */
const explainsQuery = async (connection: DuckDBConnection, sql: string): Promise<boolean> => {
  const explained = sql.replace(COMMENTS_AND_SPACE, "").replace(EXPLAIN, "");
  const statements = await connection.extractStatements(explained);
  return statements.count === 1 && (await statements.prepare(0)).statementType === StatementType.SELECT;
};

/**
 * Runs one query, and nothing that writes to the lake. DuckDB cannot be configured that way: a folder that may be read may be
 * written to, too. Temporary tables and types in memory may precede the query, because a PIVOT creates one.
 *
 * @throws ConfigError for anything else; DuckDB's Error for invalid SQL.
 */
export const runQuery = async (connection: DuckDBConnection, sql: string): Promise<DuckDBResult> => {
  if (sql.replace(COMMENTS_AND_SPACE, "") === "") throw new ConfigError("the query is empty");
  const statements = await connection.extractStatements(sql);
  for (let index = 0; index < statements.count - 1; index++) {
    const statement = await statements.prepare(index);
    if (statement.statementType !== StatementType.CREATE) throw notAQuery();
    await statement.run();
  }
  const query = await statements.prepare(statements.count - 1);
  const isQuery =
    query.statementType === StatementType.SELECT ||
    (query.statementType === StatementType.EXPLAIN && (await explainsQuery(connection, sql)));
  if (!isQuery) throw notAQuery();
  return query.stream();
};
