import type { TableColumn } from "../rows/table-schema.ts";
import type { DataType } from "../source/schema/index.ts";
import type { TableDescription } from "./description.ts";
import { quoteName, quoteText, tableQuery } from "./sql.ts";

/** Glue's and Firehose's names of the types. JSON text is text: Athena reads it with `json_extract`. */
export const GLUE_TYPES: Record<DataType, string> = {
  text: "string",
  bigint: "bigint",
  double: "double",
  bool: "boolean",
  timestamp: "timestamp",
  date: "date",
  decimal: "decimal(38,9)",
  json: "string",
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

/** Names of a table's three objects in the catalog. No table's name ends with `_`, so two tables never meet in one. */
export const catalogNames = (table: string) => ({
  view: table,
  parts: `${table}_parts_`,
  manifests: `${table}_manifests_`,
});

const JSON_SERDE = "org.openx.data.jsonserde.JsonSerDe";
const TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat";
const TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat";

const glueColumn = ({ name, data_type }: TableColumn) => ({ name, type: GLUE_TYPES[data_type] });

/** The rows of all parts, by day of the run; partitions are projected, so that nothing has to be crawled. */
export const partsTable = ({ source, table, columns }: TableDescription, bucket: string): GlueTable => {
  const location = `s3://${bucket}/data/${source}/${table}/json/`;
  return {
    name: catalogNames(table).parts,
    columns: columns.map(glueColumn),
    partitions: [{ name: PARTITION, type: "string" }],
    serde: JSON_SERDE,
    serde_properties: { "case.insensitive": "false", "ignore.malformed.json": "false" },
    location,
    input_format: TEXT_INPUT,
    output_format: TEXT_OUTPUT,
    properties: {
      "projection.enabled": "true",
      [`projection.${PARTITION}.type`]: "date",
      [`projection.${PARTITION}.format`]: "yyyy-MM-dd",
      [`projection.${PARTITION}.range`]: `${FIRST_DAY},NOW+1DAY`,
      [`projection.${PARTITION}.interval`]: "1",
      [`projection.${PARTITION}.interval.unit`]: "DAYS",
      "storage.location.template": `${location}dt=\${${PARTITION}}/`,
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
  serde: JSON_SERDE,
  serde_properties: { "case.insensitive": "false", "ignore.malformed.json": "false" },
  location: `s3://${bucket}/manifests/${source}/${table}/`,
  input_format: TEXT_INPUT,
  output_format: TEXT_OUTPUT,
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
    `WITH SERDEPROPERTIES (\n${propertyList(table.serde_properties)}\n)`,
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
    parts: inDatabase(names.parts),
    path: "$path",
    // Trino makes of a list of structs with one field the field itself.
    path_of_part: `${quoteText(`s3://${bucket}/`)} || part`,
  });
};

/** Athena's statements that make a table, in order; each is one query for Athena, and all may be run again. */
export const athenaStatements = (table: TableDescription, database: string, bucket: string): string[] => {
  const bases = [partsTable(table, bucket), manifestsTable(table, bucket)];
  const { view } = catalogNames(table.table);
  return [
    `CREATE DATABASE IF NOT EXISTS ${hiveName(database)}`,
    ...bases.flatMap((base) => [dropTable(database, base), createTable(database, base)]),
    `CREATE OR REPLACE VIEW ${quoteName(database)}.${quoteName(view)} AS\n${viewQuery(table, database, bucket)}`,
  ];
};

/** The columns as Firehose's and Glue's APIs take them. */
export const glueColumns = ({ columns }: TableDescription): { Name: string; Type: string }[] =>
  columns.map(({ name, data_type }) => ({ Name: name, Type: GLUE_TYPES[data_type] }));
