import type { LakeTable } from "../../infra/lake-folder.ts";
import type { TableColumn } from "../../lib/columns/table-schema.ts";
import { type ColumnType, type DataType, decimalDigits } from "../../lib/columns/types.ts";
import { MAX_RESPONSE_BYTES } from "../../lib/config/defaults.ts";
import { FILE_FORMATS } from "../../lib/lake/keys.ts";
import { isMerged, type TableDescription } from "../../lib/tables/description.ts";
import { mergedRows, PATH, quoteName, quoteText } from "../../lib/tables/sql.ts";

/** How a column is told to people and to queries. */
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
/** A row comes from one response, and at worst each of its quotes and backslashes is escaped once more in a json column. */
const LARGEST_ROW = 4 * MAX_RESPONSE_BYTES;

/** A path that means itself: DuckDB would look for files like `data[1]` as for a pattern. */
export const literalPath = (path: string): string => path.replaceAll(/[*?[]/g, "[$&]");

const fileOptions = (files: string[]): string =>
  [
    `[${files.map((file) => quoteText(literalPath(file))).join(", ")}]`,
    // The `dt=` in a part's path would hide a column `dt` of the rows.
    "hive_partitioning=false",
    `filename=${quoteText(PATH)}`,
  ].join(", ");

const readOptions = (files: string[]): string =>
  [fileOptions(files), "compression='gzip'", `maximum_object_size=${LARGEST_ROW}`].join(", ");

/** JSON text lies in a part as a text, so that is what is read. */
const readType = (column: TableColumn): string => (column.data_type === "json" ? "VARCHAR" : typeOf(column));

const readRows = (columns: TableColumn[], files: string[]): string => {
  const types = columns.map((column) => `${quoteText(column.name)}: ${quoteText(readType(column))}`);
  return `FROM read_json(${readOptions(files)}, format='newline_delimited', columns={${types.join(", ")}}, timestampformat=${quoteText(TIMESTAMP_FORMAT)}, ignore_errors=false)`;
};

/** The number behind a key in a line of NDJSON: outside of texts, `"key":` occurs once, and inside quotes are escaped. */
const digitsOf = (column: TableColumn): string => {
  const { name } = column;
  const key = JSON.stringify(name).replaceAll(/[^\w"]/gu, (sign) => `\\x{${sign.codePointAt(0)?.toString(16)}}`);
  const digits = `regexp_extract("json", ${quoteText(`${key}:\\s*([^,}\\s]+)`)}, 1)`;
  return `CAST(CASE ${digits} WHEN '' THEN NULL WHEN 'null' THEN NULL ELSE ${digits} END AS ${typeOf(column)}) AS ${quoteName(name)}`;
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
  return `SELECT ${names.join(", ")}, ${PATH} FROM (SELECT "json", ${PATH}, from_json("json", ${quoteText(structure)}) AS "row" FROM read_ndjson_objects(${readOptions(files)}, ignore_errors=false))`;
};

const selected = ({ name, data_type }: TableColumn): string => {
  const column = quoteName(name);
  // What DuckDB does not take for JSON, such as half a surrogate pair, stays as a text: it must not stop the others.
  return data_type === "json" ? `coalesce(try_cast(${column} AS JSON), to_json(${column})) AS ${column}` : column;
};

/** No rows, with the types that the table has. */
const noRows = (columns: TableColumn[]): string =>
  `SELECT ${columns.map((column) => `CAST(NULL AS ${readType(column)}) AS ${quoteName(column.name)}`).join(", ")}, '' AS ${PATH} WHERE false`;

/** Files of older runs lack the columns that came later. */
const readParquet = (columns: TableColumn[], files: string[]): string =>
  `${noRows(columns)} UNION ALL BY NAME FROM read_parquet(${fileOptions(files)}, union_by_name=true)`;

const readJson = (columns: TableColumn[], files: string[]): string =>
  (columns.some(({ data_type }) => data_type === "decimal") ? readRowsWithDecimals : readRows)(columns, files);

/** The query behind a table's view. No row is read until it is run; of Parquet, making the view reads what columns there are. */
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
  const counted = relation.join(" UNION ALL ");
  if (isMerged(table)) return mergedRows(table, counted);
  return `SELECT ${columns.map(({ name }) => quoteName(name)).join(", ")} FROM (${counted})`;
};

/** A query with the table's columns that fails with a message, however it is asked. */
export const failingQuery = ({ columns }: TableDescription, message: string): string => {
  const failure = `error(${quoteText(message)})`;
  const failing = columns.map((column) => `CAST(${failure} AS ${typeOf(column)}) AS ${quoteName(column.name)}`);
  return `SELECT ${failing.join(", ")} WHERE ${failure} IS NULL`;
};
