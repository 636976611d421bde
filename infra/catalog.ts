import { resolve } from "node:path";
import { ConfigError } from "../lib/errors/index.ts";
import { athenaTypes, baseTables, catalogNames, type GlueTable, glueColumns, viewQuery } from "../lib/tables/athena.ts";
import type { TableDescription } from "../lib/tables/description.ts";
import { commandForm } from "./command-form.ts";
import { knownTables } from "./known-tables.ts";
import { bucketFolder } from "./lake-folder.ts";
import { pascalCase, type StackName } from "./names.ts";
import type { DeployedSource } from "./sources.ts";

/** The lake's bucket as a variable of Fn::Sub. */
const LAKE = "${Lake}";

/** Returns a string whose `LAKE` is replaced at deployment. Anything else that looks like a variable is escaped. */
const withLake = (text: string): unknown =>
  text.includes(LAKE) ? { "Fn::Sub": text.replaceAll(/\$\{(?!Lake\})/g, "${!") } : text;

const CATALOG_ID = { Ref: "AWS::AccountId" };

/** Returns the name of a source's database. It contains the stage, so that several stages can share an account. */
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

/** Returns a view as Athena stores it in the catalog: a string that contains its definition in base64. */
const view = (databaseId: string, name: string, table: TableDescription) => {
  const definition = {
    originalSql: viewQuery(table, name, LAKE),
    catalog: "awsdatacatalog",
    schema: name,
    columns: athenaTypes(table),
  };
  const encoded = { "Fn::Base64": withLake(JSON.stringify(definition)) };
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
  const unknown = tables.filter(({ note }) => note !== null).map(({ description }) => description.table);
  if (unknown.length > 0) {
    throw new ConfigError(
      `serverless.yml: custom.restlake.catalog: the lake in ${lake} has no schema of ${resolved.name} tables (${unknown.join(", ")}): load the source into this lake first (${commandForm("sync", resolved.name)}), or copy the schemas from a lake that has them (docs/tables.md)`,
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
 * Returns a Glue database per source, with the tables and views that `npm run tables` prints statements for. Their columns
 * come from the lake in the folder.
 *
 * @param lake folder of a local lake, or of a copy of a lake's `schemas/` and `manifests/`; "" for no catalog.
 * @throws ConfigError for a table whose schema the lake does not have.
 */
export const catalog = (stack: StackName, sources: DeployedSource[], lake: string): Record<string, object> =>
  lake === "" ? {} : Object.fromEntries(sources.flatMap((source) => catalogOf(stack, source, resolve(lake))));
