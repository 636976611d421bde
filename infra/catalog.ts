import { resolve } from "node:path";
import { ConfigError } from "../lib/errors/index.ts";
import { athenaTypes, baseTables, catalogNames, type GlueTable, glueColumns, viewQuery } from "../lib/tables/athena.ts";
import type { TableDescription } from "../lib/tables/description.ts";
import { knownTables } from "./known-tables.ts";
import { bucketFolder } from "./lake-folder.ts";
import { pascalCase, type StackName } from "./names.ts";
import type { DeployedSource } from "./sources.ts";

/** CloudFormation's name of the lake's bucket, in a text that goes through Fn::Sub. */
const LAKE = "${Lake}";

/** A text in which the bucket's name is put in when the stack is deployed; whatever else looks like a variable is none. */
const withLake = (text: string): unknown =>
  text.includes(LAKE) ? { "Fn::Sub": text.replaceAll(/\$\{(?!Lake\})/g, "${!") } : text;

const CATALOG_ID = { Ref: "AWS::AccountId" };

/** The database of a source in a stage: two stages in one account do not meet. */
export const databaseName = ({ stage }: StackName, source: string): string =>
  `${source}_${stage.toLowerCase().replaceAll(/[^a-z0-9]/g, "_")}`;

const database = (name: string, source: string) => ({
  Type: "AWS::Glue::Database",
  Properties: { CatalogId: CATALOG_ID, DatabaseInput: { Name: name, Description: `restlake: tables of ${source}` } },
});

const tableOf = (databaseId: string, TableInput: Record<string, unknown>) => ({
  Type: "AWS::Glue::Table",
  Properties: { CatalogId: CATALOG_ID, DatabaseName: { Ref: databaseId }, TableInput },
});

const glueNames = (columns: GlueTable["columns"]) => columns.map(({ name, type }) => ({ Name: name, Type: type }));

const externalTable = (databaseId: string, table: GlueTable) =>
  tableOf(databaseId, {
    Name: table.name,
    TableType: "EXTERNAL_TABLE",
    Parameters: Object.fromEntries(
      Object.entries({ EXTERNAL: "TRUE", ...table.properties }).map(([key, value]) => [key, withLake(value)]),
    ),
    PartitionKeys: glueNames(table.partitions),
    StorageDescriptor: {
      Columns: glueNames(table.columns),
      Location: withLake(table.location),
      InputFormat: table.input_format,
      OutputFormat: table.output_format,
      SerdeInfo: { SerializationLibrary: table.serde, Parameters: table.serde_properties },
    },
  });

/** Athena keeps a view in the catalog as a text with a base64 of what it knows about it. */
const view = (databaseId: string, name: string, table: TableDescription) => {
  const known = {
    originalSql: viewQuery(table, name, LAKE),
    catalog: "awsdatacatalog",
    schema: name,
    columns: athenaTypes(table),
  };
  const encoded = { "Fn::Base64": withLake(JSON.stringify(known)) };
  return tableOf(databaseId, {
    Name: catalogNames(table.table).view,
    TableType: "VIRTUAL_VIEW",
    Parameters: { presto_view: "true", comment: "Presto View" },
    ViewOriginalText: { "Fn::Join": ["", ["/* Presto View: ", encoded, " */"]] },
    ViewExpandedText: "/* Presto View */",
    PartitionKeys: [],
    StorageDescriptor: { Columns: glueColumns(table), SerdeInfo: {} },
  });
};

const catalogOf = (stack: StackName, { resolved }: DeployedSource, lake: string): [string, object][] => {
  const id = `${pascalCase(resolved.name)}Catalog`;
  const name = databaseName(stack, resolved.name);
  const tables = knownTables(resolved, bucketFolder(lake));
  const nothing = tables.filter(({ note }) => note !== null).map(({ description }) => description.table);
  if (nothing.length > 0) {
    throw new ConfigError(
      `serverless.yml: custom.restlake.catalog: the lake in ${lake} has no columns of ${resolved.name}: ${nothing.join(", ")}. Load the source there first (npm run sync -- ${resolved.name}), or copy the schemas of a lake that has it (docs/tables.md)`,
    );
  }
  return [
    [id, database(name, resolved.name)],
    ...tables.flatMap(({ description }): [string, object][] => {
      const key = `${id}${pascalCase(description.table)}`;
      const [manifests, ...parts] = baseTables(description, LAKE).toReversed();
      return [
        [`${key}View`, view(id, name, description)],
        ...(manifests ? [[`${key}Manifests`, externalTable(id, manifests)] as [string, object]] : []),
        ...parts.map((table, index): [string, object] => [`${key}Parts${index + 1}`, externalTable(id, table)]),
      ];
    }),
  ];
};

/**
 * A Glue database per source, with the tables and views that `npm run tables` prints statements for. Columns are those that
 * the lake in the folder has: what it does not know cannot be deployed.
 *
 * @param lake folder of a local lake, or of a copy of a lake's `schemas/` and `manifests/`; "" for none of it.
 * @throws ConfigError for a table whose columns nobody knows.
 */
export const catalog = (stack: StackName, sources: DeployedSource[], lake: string): Record<string, object> =>
  lake === "" ? {} : Object.fromEntries(sources.flatMap((source) => catalogOf(stack, source, resolve(lake))));
