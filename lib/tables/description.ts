import type { Manifest } from "../lake/manifest.ts";
import { declaredName } from "../rows/names.ts";
import { SYSTEM_COLUMNS, type TableColumn, type TableSchema } from "../rows/table-schema.ts";

/** All that the SQL of a table is made of. */
export interface TableDescription {
  source: string;
  table: string;
  /** The user's columns first, restlake's own last. */
  columns: TableColumn[];
  /** What the table shows of several runs. Without a key, a merge is an append. */
  write_disposition: "append" | "replace" | "merge";
  /** Columns by which only the latest row stays; empty unless it is a merge. */
  key: string[];
}

/**
 * The columns of a primary key: a config may name them as the API does (`orderId` for `order_id`). One that no row ever had
 * is null in every row and tells no two of them apart.
 */
export const keyColumns = (primaryKey: string[], columns: TableColumn[]): string[] => {
  const known = new Set(columns.map(({ name }) => name));
  return primaryKey.map((name) => (known.has(name) ? name : declaredName(name))).filter((name) => known.has(name));
};

/** The part of a manifest that says how a table is read; a resource of a config has it as well. */
export type TableFacts = Pick<Manifest, "write_disposition" | "primary_key">;

/** As long as no run is finished, nothing says otherwise. */
const APPENDED: TableFacts = { write_disposition: "append", primary_key: [] };

/** A table as its schema describes it, and its newest manifest or its resource. */
export const describeTable = (
  source: string,
  table: string,
  { columns }: Pick<TableSchema, "columns">,
  { write_disposition, primary_key }: TableFacts = APPENDED,
): TableDescription => {
  const own = new Set(SYSTEM_COLUMNS.map(({ name }) => name));
  const key = write_disposition === "merge" ? keyColumns(primary_key, columns) : [];
  const disposition = write_disposition === "replace" ? "replace" : key.length > 0 ? "merge" : "append";
  return {
    source,
    table,
    columns: [...columns.filter(({ name }) => !own.has(name)), ...columns.filter(({ name }) => own.has(name))],
    write_disposition: disposition,
    key,
  };
};
