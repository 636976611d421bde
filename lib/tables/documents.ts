import { mapInBatches } from "../concurrency/batches.ts";
import type { MergeRules } from "../config/resolved.ts";
import { tableKey } from "../lake/keys.ts";
import { schemaDocument } from "../lake/schemas.ts";
import { readDocument } from "../lake/stored-document.ts";
import type { Ports } from "../ports/index.ts";
import { athenaStatements, glueColumns } from "./athena.ts";
import { describeTable, type TableDescription } from "./description.ts";
import { rowSchema } from "./json-schema.ts";

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * Returns the documents about a table by file name: the statements for Athena, the columns for Glue and Firehose, and a JSON
 * Schema of a row.
 *
 * @param database name of the database that the statements create.
 */
export const tableDocuments = (table: TableDescription, database: string, bucket: string): Record<string, string> => ({
  "athena.sql": athenaStatements(table, database, bucket)
    .map((statement) => `${statement};\n`)
    .join("\n"),
  "columns.json": json(glueColumns(table)),
  "row.schema.json": json(rowSchema(table)),
});

/** A table that a run loaded. */
export interface LoadedTable {
  table: string;
  rules: MergeRules;
}

const MAX_PARALLEL_TABLES = 16;

/** Writes the documents of these tables into the lake, from their current schemas. Existing documents are replaced. */
export const writeTableDocuments = async (
  { bucket }: Pick<Ports, "bucket">,
  source: string,
  tables: LoadedTable[],
): Promise<void> => {
  const write = async ({ table, rules }: LoadedTable) => {
    const schema = await readDocument({ bucket }, schemaDocument(source, table));
    // schema_contract may have prevented the table.
    if (schema === null) return;
    const documents = tableDocuments(describeTable(source, table, schema, rules), source, bucket.name);
    await Promise.all(
      Object.entries(documents).map(([name, text]) =>
        bucket.put(tableKey(source, table, name), text, {
          content_type: name.endsWith(".json") ? "application/json" : "text/plain; charset=utf-8",
        }),
      ),
    );
  };
  await mapInBatches(tables, MAX_PARALLEL_TABLES, write);
};
