import type { LakeTable } from "../../infra/lake-folder.ts";
import type { TableColumn } from "../../lib/columns/table-schema.ts";
import { type ColumnType, type DataType, decimalDigits } from "../../lib/columns/types.ts";
import { MAX_RESPONSE_BYTES } from "../../lib/config/defaults.ts";
import { FILE_FORMATS } from "../../lib/lake/keys.ts";
import { isMerged, type TableDescription } from "../../lib/tables/description.ts";
import { mergedRows, PATH, quoteName, quoteText } from "../../lib/tables/sql.ts";

/** Types of columns in DuckDB. */
const TYPES: Record<Exclude<DataType, "decimal">, string> = {
  text: "VARCHAR",
  bigint: "BIGINT",
  double: "DOUBLE",
  bool: "BOOLEAN",
  timestamp: "TIMESTAMP",
  date: "DATE",
  json: "JSON",
};

const typeOf = (type: ColumnType): string => {
  if (type.data_type !== "decimal") return TYPES[type.data_type];
  const { precision, scale } = decimalDigits(type);
  return `DECIMAL(${precision},${scale})`;
};

const TIMESTAMP_FORMAT = "%Y-%m-%d %H:%M:%S.%g";
/** Maximum size of a row. It comes from one response, and its quotes and backslashes may be escaped again in json columns. */
const MAX_ROW_BYTES = 4 * MAX_RESPONSE_BYTES;

/** Escapes the wildcard characters of a path: DuckDB would read `data[1]` as a pattern. */
export const literalPath = (path: string): string => path.replaceAll(/[*?[]/g, "[$&]");

const fileOptions = (files: string[]): string =>
  [
    `[${files.map((file) => quoteText(literalPath(file))).join(", ")}]`,
    // The `dt=` in a part's path would replace a column `dt` of the rows.
    "hive_partitioning=false",
    `filename=${quoteText(PATH)}`,
  ].join(", ");

const readOptions = (files: string[]): string =>
  [fileOptions(files), "compression='gzip'", `maximum_object_size=${MAX_ROW_BYTES}`].join(", ");

/** Returns the type to read. Parts contain JSON values as strings. */
const readType = (column: TableColumn): string => (column.data_type === "json" ? "VARCHAR" : typeOf(column));

const readRows = (columns: TableColumn[], files: string[]): string => {
  const types = columns.map((column) => `${quoteText(column.name)}: ${quoteText(readType(column))}`);
  return `FROM read_json(${readOptions(files)}, format='newline_delimited', columns={${types.join(", ")}}, timestampformat=${quoteText(TIMESTAMP_FORMAT)}, ignore_errors=false)`;
};

/** Extracts a key's number from a line of NDJSON. `"key":` occurs once outside of strings, and quotes in strings are escaped. */
const digitsOf = (column: TableColumn): string => {
  const { name } = column;
  const key = JSON.stringify(name).replaceAll(
    /[^\w"]/gu,
    (character) => `\\x{${character.codePointAt(0)?.toString(16)}}`,
  );
  const digits = `regexp_extract("json", ${quoteText(`${key}:\\s*([^,}\\s]+)`)}, 1)`;
  return `CAST(CASE ${digits} WHEN '' THEN NULL WHEN 'null' THEN NULL ELSE ${digits} END AS ${typeOf(column)}) AS ${quoteName(name)}`;
};

/**
 * Reads a table with decimals line by line: decimals from the text of the line, other columns as JSON. DuckDB's JSON readers
 * read every number with a fraction as a double, which loses digits.
 */
const readRowsWithDecimals = (columns: TableColumn[], files: string[]): string => {
  const others = columns.filter(({ data_type }) => data_type !== "decimal");
  const structure = JSON.stringify(Object.fromEntries(others.map((column) => [column.name, readType(column)])));
  const names = columns.map((column) =>
    column.data_type === "decimal"
      ? digitsOf(column)
      : `struct_extract("row", ${quoteText(column.name)}) AS ${quoteName(column.name)}`,
  );
  return `SELECT ${names.join(", ")}, ${PATH} FROM (SELECT "json", ${PATH}, from_json("json", ${quoteText(structure)}) AS "row" FROM read_ndjson_objects(${readOptions(files)}, ignore_errors=false))`;
};

const selected = ({ name, data_type }: TableColumn): string => {
  const column = quoteName(name);
  // Anything that is not valid JSON for DuckDB, such as a lone surrogate, stays a string, so that the query does not fail.
  return data_type === "json" ? `coalesce(try_cast(${column} AS JSON), to_json(${column})) AS ${column}` : column;
};

/** Returns no rows, with the types of the table. */
const noRows = (columns: TableColumn[]): string =>
  `SELECT ${columns.map((column) => `CAST(NULL AS ${readType(column)}) AS ${quoteName(column.name)}`).join(", ")}, '' AS ${PATH} WHERE false`;

/** Reads Parquet files. Those of older runs may have fewer columns. */
const readParquet = (columns: TableColumn[], files: string[]): string =>
  `${noRows(columns)} UNION ALL BY NAME FROM read_parquet(${fileOptions(files)}, union_by_name=true)`;

const readJson = (columns: TableColumn[], files: string[]): string =>
  (columns.some(({ data_type }) => data_type === "decimal") ? readRowsWithDecimals : readRows)(columns, files);

/** Returns the query of a table's view. Creating the view reads no rows, but the schemas of Parquet files. */
export const tableQuery = (table: LakeTable): string => {
  const { columns, files } = table;
  const isParquet = (file: string) => file.endsWith(`.${FILE_FORMATS.parquet.extension}`);
  const [json, parquet] = [files.filter((file) => !isParquet(file)), files.filter(isParquet)];
  const rows = [
    ...(json.length > 0 ? [readJson(columns, json)] : []),
    ...(parquet.length > 0 ? [readParquet(columns, parquet)] : []),
    ...(files.length === 0 ? [noRows(columns)] : []),
  ];
  const relation = rows.map((query) => `SELECT ${columns.map(selected).join(", ")}, ${PATH} FROM (${query})`);
  const allRows = relation.join(" UNION ALL ");
  if (isMerged(table)) return mergedRows(table, allRows);
  return `SELECT ${columns.map(({ name }) => quoteName(name)).join(", ")} FROM (${allRows})`;
};

/** Returns a query with the table's columns that always fails with a message. */
export const failingQuery = ({ columns }: TableDescription, message: string): string => {
  const failure = `error(${quoteText(message)})`;
  const failing = columns.map((column) => `CAST(${failure} AS ${typeOf(column)}) AS ${quoteName(column.name)}`);
  return `SELECT ${failing.join(", ")} WHERE ${failure} IS NULL`;
};
