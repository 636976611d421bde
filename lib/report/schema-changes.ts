import type { SchemaChange } from "../columns/table-schema.ts";
import { mapInBatches } from "../concurrency/batches.ts";
import { schemaDocument } from "../lake/schemas.ts";
import { readDocument } from "../lake/stored-document.ts";
import type { Ports } from "../ports/index.ts";

/** Maximum number of added columns, and of changed columns, in a reported change: a table may have a thousand columns. */
const MAX_REPORTED_COLUMNS = 50;
const MAX_PARALLEL_READS = 16;

/** One version of a table's schema that a run created. */
export interface ReportedSchemaChange {
  table: string;
  /** Version of the schema after the change; 1 for a new table. */
  version: number;
  /** ISO 8601. */
  changed_at: string;
  /** Added columns, the first `MAX_REPORTED_COLUMNS` of them. */
  added: { name: string; data_type: string }[];
  /** Changed columns, the first `MAX_REPORTED_COLUMNS` of them, with the properties that differ. */
  changed: { name: string; from: string; to: string }[];
  /** Number of added and changed columns that are not listed. */
  more: number;
}

/** Formats the properties of a column before or after a change: `bigint, exact`. */
const formatProperties = (properties: Record<string, unknown>): string =>
  Object.entries(properties)
    .map(([key, value]) => {
      if (key === "data_type" || key === "path") return Array.isArray(value) ? value.join(".") : String(value);
      if (key === "nullable") return value === true ? "nullable" : "not null";
      return value === true ? key : `${key} ${String(value)}`;
    })
    .join(", ");

const toReportedChange = (
  table: string,
  { version, changed_at, added, changed }: SchemaChange,
): ReportedSchemaChange => ({
  table,
  version,
  changed_at,
  added: added.slice(0, MAX_REPORTED_COLUMNS).map(({ name, data_type }) => ({ name, data_type })),
  changed: changed.slice(0, MAX_REPORTED_COLUMNS).map(({ name, from, to }) => ({
    name,
    from: formatProperties(from) || "not set",
    to: formatProperties(to),
  })),
  more: Math.max(0, added.length - MAX_REPORTED_COLUMNS) + Math.max(0, changed.length - MAX_REPORTED_COLUMNS),
});

/**
 * Returns the schema changes of a run, from the history in the schemas of its tables. A schema that cannot be read is logged and
 * left out: the step that depends on it fails with a named error, and the report must still be written.
 */
export const schemaChangesOf = async (
  { bucket, logger }: Pick<Ports, "bucket" | "logger">,
  source: string,
  tables: string[],
  run_id: string,
): Promise<ReportedSchemaChange[]> => {
  const read = async (table: string): Promise<ReportedSchemaChange[]> => {
    try {
      const schema = await readDocument({ bucket }, schemaDocument(source, table));
      const history = schema?.history ?? [];
      return history.filter((change) => change.run_id === run_id).map((change) => toReportedChange(table, change));
    } catch (error) {
      logger.warn("cannot read schema changes", { table, why: (error as Error).message });
      return [];
    }
  };
  return (await mapInBatches(tables, MAX_PARALLEL_READS, read)).flat();
};
