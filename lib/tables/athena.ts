import type { FileFormat } from "../columns/table-schema.ts";
import { type ColumnType, type DataType, decimalDigits } from "../columns/types.ts";
import { dayPrefix, manifestsPrefix, partsPrefix } from "../lake/keys.ts";
import type { TableDescription } from "./description.ts";
import { quoteName, quoteText, tableQuery } from "./sql.ts";

/** Glue's and Firehose's names of the types. JSON text is text: Athena reads it with `json_extract`. */
const GLUE_TYPES: Record<Exclude<DataType, "decimal">, string> = {
  text: "string",
  bigint: "bigint",
  double: "double",
  bool: "boolean",
  timestamp: "timestamp",
  date: "date",
  json: "string",
};

/** A column's type in Glue. */
export const glueType = (type: ColumnType): string => {
  if (type.data_type !== "decimal") return GLUE_TYPES[type.data_type];
  const { precision, scale } = decimalDigits(type);
  return `decimal(${precision},${scale})`;
};

/** The day of the run, which is the partition of a part. No column of a row ends with `_`, so none is called that. */
export const PARTITION = "dt_";

/** Days before which no run can have been: what the projection need not look for. */
const FIRST_DAY = "2024-01-01";

/** A Glue table: what `CREATE EXTERNAL TABLE` is made of. */
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

/** Names of a table's objects in the catalog. No table's name ends with `_`, so two tables never meet in one. */
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
 * The rows of all parts of a file format, by day of the run; partitions are projected, so that nothing has to be crawled.
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

/** The manifests of the table's finished runs, as far as its view needs them. */
export const manifestsTable = ({ source, table }: TableDescription, bucket: string): GlueTable => ({
  name: catalogNames(table).manifests,
  columns: [
    { name: "run_id", type: "string" },
    { name: "resource", type: "string" },
    { name: "full_refresh", type: "boolean" },
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

/** An external table is dropped without its data, and made anew with the columns of now. */
const dropTable = (database: string, { name }: GlueTable): string =>
  `DROP TABLE IF EXISTS ${hiveName(database)}.${hiveName(name)}`;

/** A Glue table as Athena's DDL. */
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

/** The view's query, in Trino's SQL. */
export const viewQuery = (table: TableDescription, database: string, bucket: string): string => {
  const names = catalogNames(table.table);
  const inDatabase = (name: string) => `${quoteName(database)}.${quoteName(name)}`;
  return tableQuery(table, {
    manifests: inDatabase(names.manifests),
    parts: table.file_formats.map((format) => inDatabase(names[format])),
    path: "$path",
    // Trino makes of a list of structs with one field the field itself.
    path_of_part: `${quoteText(`s3://${bucket}/`)} || part`,
  });
};

/** What a table's view reads from. */
export const baseTables = (table: TableDescription, bucket: string): GlueTable[] => [
  ...table.file_formats.map((format) => partsTable(table, format, bucket)),
  manifestsTable(table, bucket),
];

/** Athena's statements that make a table, in order; each is one query for Athena, and all may be run again. */
export const athenaStatements = (table: TableDescription, database: string, bucket: string): string[] => {
  const { view } = catalogNames(table.table);
  return [
    `CREATE DATABASE IF NOT EXISTS ${hiveName(database)}`,
    ...baseTables(table, bucket).flatMap((base) => [dropTable(database, base), createTable(database, base)]),
    `CREATE OR REPLACE VIEW ${quoteName(database)}.${quoteName(view)} AS\n${viewQuery(table, database, bucket)}`,
  ];
};

/** Trino's names of the types, which a view in the catalog says. */
const TRINO_TYPES: Partial<Record<DataType, string>> = { text: "varchar", json: "varchar", timestamp: "timestamp(3)" };

/** The columns of a view, as Athena keeps them with it. */
export const athenaTypes = ({ columns }: TableDescription): { name: string; type: string }[] =>
  columns.map((column) => ({ name: column.name, type: TRINO_TYPES[column.data_type] ?? glueType(column) }));

/** The columns as Firehose's and Glue's APIs take them. */
export const glueColumns = ({ columns }: TableDescription): { Name: string; Type: string }[] =>
  columns.map((column) => ({ Name: column.name, Type: glueType(column) }));
