import type { TableColumn } from "../../../lib/rows/table-schema.ts";
import { MAX_RESPONSE_BYTES } from "../../../lib/source/defaults.ts";
import type { DataType } from "../../../lib/source/schema/index.ts";
import { quoteName, quoteText } from "../../../lib/tables/sql.ts";
import type { LakeTable } from "./tables.ts";

/** How a column is told to people and to queries. */
const TYPES: Record<DataType, string> = {
  text: "VARCHAR",
  bigint: "BIGINT",
  double: "DOUBLE",
  bool: "BOOLEAN",
  timestamp: "TIMESTAMP",
  date: "DATE",
  decimal: "DECIMAL(38,9)",
  json: "JSON",
};

/** No column is called that: names have no spaces. */
const PART = '"part file"';
const TIMESTAMP_FORMAT = "%Y-%m-%d %H:%M:%S.%g";
/** A row comes from one response, and at worst each of its quotes and backslashes is escaped once more in a json column. */
const LARGEST_ROW = 4 * MAX_RESPONSE_BYTES;

/** A path that means itself: DuckDB would look for files like `data[1]` as for a pattern. */
export const literalPath = (path: string): string => path.replaceAll(/[*?[]/g, "[$&]");

const readOptions = (files: string[]): string =>
  [
    `[${files.map((file) => quoteText(literalPath(file))).join(", ")}]`,
    "compression='gzip'",
    `maximum_object_size=${LARGEST_ROW}`,
    // The `dt=` in a part's path would hide a column `dt` of the rows.
    "hive_partitioning=false",
    `filename=${quoteText(PART.slice(1, -1))}`,
  ].join(", ");

/** JSON text lies in a part as a text, so that is what is read. */
const readType = (column: TableColumn): string => (column.data_type === "json" ? "VARCHAR" : TYPES[column.data_type]);

const readRows = (columns: TableColumn[], files: string[]): string => {
  const types = columns.map((column) => `${quoteText(column.name)}: ${quoteText(readType(column))}`);
  return `read_json(${readOptions(files)}, format='newline_delimited', columns={${types.join(", ")}}, timestampformat=${quoteText(TIMESTAMP_FORMAT)}, ignore_errors=false)`;
};

/** The number behind a key in a line of NDJSON: outside of texts, `"key":` occurs once, and inside quotes are escaped. */
const digitsOf = ({ name }: TableColumn): string => {
  const key = JSON.stringify(name).replaceAll(/[^\w"]/gu, (sign) => `\\x{${sign.codePointAt(0)?.toString(16)}}`);
  const digits = `regexp_extract("json", ${quoteText(`${key}:\\s*([^,}\\s]+)`)}, 1)`;
  return `CAST(CASE ${digits} WHEN '' THEN NULL WHEN 'null' THEN NULL ELSE ${digits} END AS ${TYPES.decimal}) AS ${quoteName(name)}`;
};

/**
 * DuckDB's JSON readers take a number with a fraction for a double, and lose the digits of a decimal. A table that has
 * decimals is therefore read line by line: the decimals from the line's text, the rest as always.
 */
const readRowsWithDecimals = (columns: TableColumn[], files: string[]): string => {
  const others = columns.filter(({ data_type }) => data_type !== "decimal");
  const structure = JSON.stringify(Object.fromEntries(others.map((column) => [column.name, readType(column)])));
  const names = columns.map((column) =>
    column.data_type === "decimal"
      ? digitsOf(column)
      : `struct_extract("row", ${quoteText(column.name)}) AS ${quoteName(column.name)}`,
  );
  return `(SELECT ${names.join(", ")}, ${PART} FROM (SELECT "json", ${PART}, from_json("json", ${quoteText(structure)}) AS "row" FROM read_ndjson_objects(${readOptions(files)}, ignore_errors=false)))`;
};

const selected = ({ name, data_type }: TableColumn): string => {
  const column = quoteName(name);
  // What DuckDB does not take for JSON, such as half a surrogate pair, stays as a text: it must not stop the others.
  return data_type === "json" ? `coalesce(try_cast(${column} AS JSON), to_json(${column})) AS ${column}` : column;
};

/** Keeps the latest row per key. Two resources may give a key the same `_seq` in one run: then the path decides. */
const latestPerKey = (key: string[]): string =>
  `QUALIFY row_number() OVER (PARTITION BY ${key.map(quoteName).join(", ")} ORDER BY "_run_id" DESC, "_seq" DESC, ${PART} DESC) = 1`;

/** The query behind a table's view. It reads nothing until it is run. */
export const tableQuery = ({ columns, key, files }: Pick<LakeTable, "columns" | "key" | "files">): string => {
  if (files.length === 0) {
    const empty = columns.map(({ name, data_type }) => `CAST(NULL AS ${TYPES[data_type]}) AS ${quoteName(name)}`);
    return `SELECT ${empty.join(", ")} WHERE false`;
  }
  const hasDecimals = columns.some(({ data_type }) => data_type === "decimal");
  const rows = (hasDecimals ? readRowsWithDecimals : readRows)(columns, files);
  return `SELECT ${columns.map(selected).join(", ")} FROM ${rows} ${key.length > 0 ? latestPerKey(key) : ""}`;
};

/** A query with the table's columns that fails with a message, however it is asked. */
export const failingQuery = ({ columns }: Pick<LakeTable, "columns">, message: string): string => {
  const failure = `error(${quoteText(message)})`;
  const failing = columns.map(({ name, data_type }) => `CAST(${failure} AS ${TYPES[data_type]}) AS ${quoteName(name)}`);
  return `SELECT ${failing.join(", ")} WHERE ${failure} IS NULL`;
};
