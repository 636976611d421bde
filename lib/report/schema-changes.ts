import type { SchemaChange } from "../columns/table-schema.ts";
import { mapInBatches } from "../concurrency/batches.ts";
import { schemaDocument } from "../lake/schemas.ts";
import { readDocument } from "../lake/stored-document.ts";
import type { Ports } from "../ports/index.ts";

/** Changes of columns that a report tells of each kind; a table may have a thousand columns. */
const MOST_TOLD = 50;
const MAX_PARALLEL_READS = 16;

/** What a run changed about a table, in one step of the table's history. */
export interface ReportedSchemaChange {
  table: string;
  /** The version of the schema that it made; 1: the run made the table. */
  version: number;
  /** ISO 8601. */
  changed_at: string;
  /** Columns that came, as many as are told. */
  added: { name: string; data_type: string }[];
  /** Columns that became something else, and in what. */
  changed: { name: string; from: string; to: string }[];
  /** Columns that came or changed and are not told. */
  more: number;
}

/** `bigint, exact`, of the half of a change: what a column is in what differs. */
const halfText = (half: Record<string, unknown>): string =>
  Object.entries(half)
    .map(([key, value]) => {
      if (key === "data_type" || key === "path") return Array.isArray(value) ? value.join(".") : String(value);
      if (key === "nullable") return value === true ? "nullable" : "not null";
      return value === true ? key : `${key} ${String(value)}`;
    })
    .join(", ");

const reported = (table: string, { version, changed_at, added, changed }: SchemaChange): ReportedSchemaChange => ({
  table,
  version,
  changed_at,
  added: added.slice(0, MOST_TOLD).map(({ name, data_type }) => ({ name, data_type })),
  changed: changed
    .slice(0, MOST_TOLD)
    .map(({ name, from, to }) => ({ name, from: halfText(from) || "as it was", to: halfText(to) })),
  more: Math.max(0, added.length - MOST_TOLD) + Math.max(0, changed.length - MOST_TOLD),
});

/**
 * What a run changed about these tables, from the history of their schemas. A schema that cannot be read has nothing to
 * tell here: what needs it fails on its own, and a report must not.
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
      return history.filter((change) => change.run_id === run_id).map((change) => reported(table, change));
    } catch (error) {
      logger.warn("schema changes not told", { table, why: (error as Error).message });
      return [];
    }
  };
  return (await mapInBatches(tables, MAX_PARALLEL_READS, read)).flat();
};
