import { declaredName } from "../columns/names.ts";
import { type FileFormat, SYSTEM_COLUMNS, type TableColumn, type TableSchema } from "../columns/table-schema.ts";
import type { DedupSort, MergeRules } from "../config/resolved.ts";

/** All that the SQL of a table is made of. */
export interface TableDescription {
  source: string;
  table: string;
  /** The user's columns first, restlake's own last. */
  columns: TableColumn[];
  /** What its parts are written as. */
  file_formats: FileFormat[];
  /** What the table shows of several runs. Without a key, a merge is an append. */
  write_disposition: "append" | "replace" | "merge";
  /** Columns by which only the latest row stays; empty unless it is a merge. */
  key: string[];
  /** Columns by which only the rows of the latest run stay; empty unless it is a merge. */
  merge_key: string[];
  /** A row that says so here is gone, and so are those of its key before it; null unless it is a merge. */
  hard_delete: TableColumn | null;
  /** What decides between rows of one key in one run before their order does; null unless it is a merge. */
  dedup_sort: DedupSort | null;
}

/** Whether the table shows one row of several: rows have to be compared. */
export const isMerged = ({ key, merge_key }: Pick<TableDescription, "key" | "merge_key">): boolean =>
  key.length > 0 || merge_key.length > 0;

/**
 * The columns of a primary key: a config may name them as the API does (`orderId` for `order_id`). One that no row ever had
 * is null in every row and tells no two of them apart.
 */
export const keyColumns = (primaryKey: string[], columns: TableColumn[]): string[] => {
  const known = new Set(columns.map(({ name }) => name));
  return primaryKey.map((name) => (known.has(name) ? name : declaredName(name))).filter((name) => known.has(name));
};

/** As long as no run is finished, nothing says otherwise. */
const APPENDED: MergeRules = {
  write_disposition: "append",
  primary_key: [],
  merge_key: [],
  hard_delete: null,
  dedup_sort: null,
};

/** The rules by which rows are merged, in columns that there are. */
const mergeBy = ({ primary_key, merge_key, hard_delete, dedup_sort }: MergeRules, columns: TableColumn[]) => {
  const [deleted] = keyColumns(hard_delete === null ? [] : [hard_delete], columns);
  const [sorted] = keyColumns(dedup_sort === null ? [] : [dedup_sort.column], columns);
  return {
    key: keyColumns(primary_key, columns),
    merge_key: keyColumns(merge_key, columns),
    hard_delete: columns.find(({ name }) => name === deleted) ?? null,
    dedup_sort: sorted === undefined || dedup_sort === null ? null : { column: sorted, order: dedup_sort.order },
  };
};

const NOT_MERGED = { key: [], merge_key: [], hard_delete: null, dedup_sort: null };

/**
 * A table as its schema describes it, and what says how it is read: its newest manifest or, before there is one, the
 * resource that loads it.
 */
export const describeTable = (
  source: string,
  table: string,
  { columns, file_formats }: Pick<TableSchema, "columns" | "file_formats">,
  rules: MergeRules = APPENDED,
): TableDescription => {
  const own = new Set(SYSTEM_COLUMNS.map(({ name }) => name));
  const merging = rules.write_disposition === "merge" ? mergeBy(rules, columns) : NOT_MERGED;
  const ofOne = rules.write_disposition === "replace" ? "replace" : "append";
  return {
    source,
    table,
    columns: [...columns.filter(({ name }) => !own.has(name)), ...columns.filter(({ name }) => own.has(name))],
    file_formats,
    ...(isMerged(merging)
      ? { write_disposition: "merge" as const, ...merging }
      : { write_disposition: ofOne, ...NOT_MERGED }),
  };
};
