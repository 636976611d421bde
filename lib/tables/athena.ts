import type { FileFormat } from "../columns/table-schema.ts";
import { type ColumnType, type DataType, decimalDigits } from "../columns/types.ts";
import { dayPrefix, manifestsPrefix, partsPrefix } from "../lake/keys.ts";
import type { TableDescription } from "./description.ts";
import { quoteName, quoteText, tableQuery } from "./sql.ts";

/** Names of the types in Glue and Firehose. JSON is stored as a string: Athena reads it with `json_extract`. */
const GLUE_TYPES: Record<Exclude<DataType, "decimal">, string> = {
  text: "string",
  bigint: "bigint",
  double: "double",
  bool: "boolean",
  timestamp: "timestamp",
  date: "date",
  json: "string",
};

/** Returns a column's type in Glue. */
export const glueType = (type: ColumnType): string => {
  if (type.data_type !== "decimal") return GLUE_TYPES[type.data_type];
  const { precision, scale } = decimalDigits(type);
  return `decimal(${precision},${scale})`;
};

/** Name of the partition: the day of the run. No column of a row ends with `_`, so the name is free. */
export const PARTITION = "dt_";

/** First day of the partition projection: no run is older. */
const FIRST_DAY = "2024-01-01";

/** Properties of a Glue table, for `CREATE EXTERNAL TABLE` or CloudFormation. */
export interface GlueTable {
  name: string;
  columns: { name: string; type: string }[];
  partitions: { name: string; type: string }[];
  serde: string;
  serde_properties: Record<string, string>;
  location: string;
  input_format: string;
  output_format: string;
  properties: Record<string, string>;
}

/** Returns the names of a table's view and base tables in the catalog. No table name ends with `_`, so names cannot collide. */
export const catalogNames = (table: string) => ({
  view: table,
  jsonl: `${table}_parts_`,
  parquet: `${table}_parquet_`,
  manifests: `${table}_manifests_`,
});

type Storage = Pick<GlueTable, "serde" | "serde_properties" | "input_format" | "output_format">;

const JSON_LINES: Storage = {
  serde: "org.openx.data.jsonserde.JsonSerDe",
  serde_properties: { "case.insensitive": "false", "ignore.malformed.json": "false" },
  input_format: "org.apache.hadoop.mapred.TextInputFormat",
  output_format: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
};

const STORAGES: Record<FileFormat, Storage> = {
  jsonl: JSON_LINES,
  parquet: {
    serde: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    serde_properties: {},
    input_format: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    output_format: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
  },
};

/**
 * Returns the Glue table over all parts of one file format, partitioned by the day of the run. It uses partition projection, so
 * it needs no crawler.
 */
export const partsTable = (
  { source, table, columns }: TableDescription,
  format: FileFormat,
  bucket: string,
): GlueTable => {
  const location = `s3://${bucket}/${partsPrefix(source, table, format)}`;
  return {
    name: catalogNames(table)[format],
    columns: columns.map((column) => ({ name: column.name, type: glueType(column) })),
    partitions: [{ name: PARTITION, type: "string" }],
    ...STORAGES[format],
    location,
    properties: {
      "projection.enabled": "true",
      [`projection.${PARTITION}.type`]: "date",
      [`projection.${PARTITION}.format`]: "yyyy-MM-dd",
      [`projection.${PARTITION}.range`]: `${FIRST_DAY},NOW+1DAY`,
      [`projection.${PARTITION}.interval`]: "1",
      [`projection.${PARTITION}.interval.unit`]: "DAYS",
      "storage.location.template": `${location}${dayPrefix(`\${${PARTITION}}`)}`,
    },
  };
};

/** Returns the Glue table over the manifests of a table, with the columns that its view reads. */
export const manifestsTable = ({ source, table }: TableDescription, bucket: string): GlueTable => ({
  name: catalogNames(table).manifests,
  columns: [
    { name: "run_id", type: "string" },
    { name: "resource", type: "string" },
    { name: "removes_missing_rows", type: "boolean" },
    { name: "table_resources", type: "array<string>" },
    { name: "parts", type: "array<struct<key:string>>" },
  ],
  partitions: [],
  ...JSON_LINES,
  location: `s3://${bucket}/${manifestsPrefix(source, table)}`,
  properties: {},
});

const hiveName = (name: string): string => `\`${name.replaceAll("`", "``")}\``;

const propertyList = (properties: Record<string, string>): string =>
  Object.entries(properties)
    .map(([key, value]) => `  ${quoteText(key)} = ${quoteText(value)}`)
    .join(",\n");

/** Drops an external table, so that it can be created again with the current columns. Its data stays in S3. */
const dropTable = (database: string, { name }: GlueTable): string =>
  `DROP TABLE IF EXISTS ${hiveName(database)}.${hiveName(name)}`;

/** Returns the DDL of a Glue table for Athena. */
const createTable = (database: string, table: GlueTable): string =>
  [
    `CREATE EXTERNAL TABLE ${hiveName(database)}.${hiveName(table.name)} (`,
    table.columns.map(({ name, type }) => `  ${hiveName(name)} ${type}`).join(",\n"),
    ")",
    ...(table.partitions.length === 0
      ? []
      : [`PARTITIONED BY (${table.partitions.map(({ name, type }) => `${hiveName(name)} ${type}`).join(", ")})`]),
    `ROW FORMAT SERDE ${quoteText(table.serde)}`,
    ...(Object.keys(table.serde_properties).length === 0
      ? []
      : [`WITH SERDEPROPERTIES (\n${propertyList(table.serde_properties)}\n)`]),
    `STORED AS INPUTFORMAT ${quoteText(table.input_format)} OUTPUTFORMAT ${quoteText(table.output_format)}`,
    `LOCATION ${quoteText(table.location)}`,
    ...(Object.keys(table.properties).length === 0 ? [] : [`TBLPROPERTIES (\n${propertyList(table.properties)}\n)`]),
  ].join("\n");

/** Returns the query of a table's view in Trino SQL. */
export const viewQuery = (table: TableDescription, database: string, bucket: string): string => {
  const names = catalogNames(table.table);
  const inDatabase = (name: string) => `${quoteName(database)}.${quoteName(name)}`;
  return tableQuery(table, {
    manifests: inDatabase(names.manifests),
    parts: table.file_formats.map((format) => inDatabase(names[format])),
    path: "$path",
    // In Trino, UNNEST returns the fields of a struct, here the key.
    path_of_part: `${quoteText(`s3://${bucket}/`)} || part`,
  });
};

/** Returns the Glue tables that a table's view reads from. */
export const baseTables = (table: TableDescription, bucket: string): GlueTable[] => [
  ...table.file_formats.map((format) => partsTable(table, format, bucket)),
  manifestsTable(table, bucket),
];

/** Returns the statements that create a table in Athena, in order. Athena runs one statement per query. All of them can be repeated. */
export const athenaStatements = (table: TableDescription, database: string, bucket: string): string[] => {
  const { view } = catalogNames(table.table);
  return [
    `CREATE DATABASE IF NOT EXISTS ${hiveName(database)}`,
    ...baseTables(table, bucket).flatMap((base) => [dropTable(database, base), createTable(database, base)]),
    `CREATE OR REPLACE VIEW ${quoteName(database)}.${quoteName(view)} AS\n${viewQuery(table, database, bucket)}`,
  ];
};

/** Names of the types in Trino, where they differ from Glue's. A view in the catalog requires them. */
const TRINO_TYPES: Partial<Record<DataType, string>> = { text: "varchar", json: "varchar", timestamp: "timestamp(3)" };

/** Returns the columns of a view with their types in Trino, as Athena stores them with the view. */
export const athenaTypes = ({ columns }: TableDescription): { name: string; type: string }[] =>
  columns.map((column) => ({ name: column.name, type: TRINO_TYPES[column.data_type] ?? glueType(column) }));

/** Returns the columns in the form of the APIs of Firehose and Glue. */
export const glueColumns = ({ columns }: TableDescription): { Name: string; Type: string }[] =>
  columns.map((column) => ({ Name: column.name, Type: glueType(column) }));
