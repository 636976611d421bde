import { declaredName } from "../columns/names.ts";
import { type FileFormat, SYSTEM_COLUMNS, type TableColumn, type TableSchema } from "../columns/table-schema.ts";
import type { DedupSort, MergeRules } from "../config/resolved.ts";

/** Properties of a table that determine its SQL. */
export interface TableDescription {
  source: string;
  table: string;
  /** The user's columns first, restlake's system columns last. */
  columns: TableColumn[];
  /** File formats of its parts. */
  file_formats: FileFormat[];
  /** How the rows of several runs are combined. Without a key, `merge` becomes `append`. */
  write_disposition: "append" | "replace" | "merge";
  /** Key columns: only the latest row per key remains; empty unless it is a merge. */
  key: string[];
  /** Merge key columns: per merge key, only the rows of the latest run remain; empty unless it is a merge. */
  merge_key: string[];
  /** Column that marks a row as deleted, with the earlier rows of its key; null unless it is a merge. */
  hard_delete: TableColumn | null;
  /** Order that decides between rows of the same key in one run, before `_seq` does; null unless it is a merge. */
  dedup_sort: DedupSort | null;
  /** Whether the first row of a key remains instead of the latest. */
  insert_only: boolean;
}

/** Whether the table shows only some rows of its parts, so that rows must be compared. */
export const isMerged = ({ key, merge_key }: Pick<TableDescription, "key" | "merge_key">): boolean =>
  key.length > 0 || merge_key.length > 0;

/**
 * Returns the columns of a key. A config may name them as the API does (`orderId` for `order_id`). A column that no row ever had
 * is left out: it is null in every row and distinguishes nothing.
 */
export const keyColumns = (primaryKey: string[], columns: TableColumn[]): string[] => {
  const known = new Set(columns.map(({ name }) => name));
  return primaryKey.map((name) => (known.has(name) ? name : declaredName(name))).filter((name) => known.has(name));
};

/** Rules of a table without known rules. */
const APPEND_RULES: MergeRules = {
  write_disposition: "append",
  primary_key: [],
  merge_key: [],
  hard_delete: null,
  dedup_sort: null,
  insert_only: false,
};

/** Resolves merge rules to existing columns. */
const mergeBy = (rules: MergeRules, columns: TableColumn[]) => {
  const { primary_key, merge_key, hard_delete, dedup_sort, insert_only } = rules;
  const [deleted] = keyColumns(hard_delete === null ? [] : [hard_delete], columns);
  const [sorted] = keyColumns(dedup_sort === null ? [] : [dedup_sort.column], columns);
  return {
    key: keyColumns(primary_key, columns),
    // dlt ignores it as well.
    merge_key: insert_only ? [] : keyColumns(merge_key, columns),
    hard_delete: columns.find(({ name }) => name === deleted) ?? null,
    dedup_sort: sorted === undefined || dedup_sort === null ? null : { column: sorted, order: dedup_sort.order },
    insert_only,
  };
};

const NOT_MERGED = { key: [], merge_key: [], hard_delete: null, dedup_sort: null, insert_only: false };

/**
 * Returns the description of a table.
 *
 * @param rules of its newest manifest; without a manifest, those of the resource that loads it.
 */
export const describeTable = (
  source: string,
  table: string,
  { columns, file_formats }: Pick<TableSchema, "columns" | "file_formats">,
  rules: MergeRules = APPEND_RULES,
): TableDescription => {
  const system = new Set(SYSTEM_COLUMNS.map(({ name }) => name));
  const mergeColumns = rules.write_disposition === "merge" ? mergeBy(rules, columns) : NOT_MERGED;
  const withoutMerge = rules.write_disposition === "replace" ? "replace" : "append";
  return {
    source,
    table,
    columns: [...columns.filter(({ name }) => !system.has(name)), ...columns.filter(({ name }) => system.has(name))],
    file_formats,
    ...(isMerged(mergeColumns)
      ? { write_disposition: "merge" as const, ...mergeColumns }
      : { write_disposition: withoutMerge, ...NOT_MERGED }),
  };
};
