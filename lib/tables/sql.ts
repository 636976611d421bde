/**
 * The query of a table: the rows in the parts of finished runs, and of a merge only the latest row of each key. The same SQL
 * runs in Athena (Trino) and in DuckDB; what differs between them is in the relations that it reads from.
 */
import { isMerged, type TableDescription } from "./description.ts";

/** Columns that a query adds to those of the rows. No column of a row ends with `_` (see `lib/columns/names.ts`). */
export const PATH = "path_";
const RANK = "rank_";
const NEWEST_RUN = "newest_run_";

/** Quotes an identifier in SQL. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Quotes a string in SQL. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Relations that a table's query reads from. */
export interface Relations {
  /**
   * One row per manifest: `run_id`, `resource`, `removes_missing_rows`, `table_resources` (a list of strings), `parts` (a list
   * of structs with a `key`).
   */
  manifests: string;
  /** The rows of all parts, of unfinished runs too, with the table's columns: one relation per file format. */
  parts: string[];
  /** Column of those relations with the path of the object that a row is from. */
  path: string;
  /**
   * Expression for that path of a `part`. `part` is an item of a manifest's `parts` in DuckDB. In Trino it is the item's key,
   * because UNNEST of a list of structs returns their fields.
   */
  path_of_part: string;
}

/** The first run whose rows are current. Computed per resource, because each resource is refreshed and fails independently. */
const firstRun: Record<TableDescription["write_disposition"], string> = {
  append: "''",
  replace: "max(run_id) OVER (PARTITION BY owner)",
  merge: "coalesce(max(CASE WHEN removes_missing_rows THEN run_id END) OVER (PARTITION BY owner), '')",
};

/**
 * Selects the resources that the source has, by each of their names: the newest manifest lists them. Trino's split_part returns
 * null for a missing part, and DuckDB's an empty string.
 */
const currentOwners = (manifests: string): string =>
  [
    "SELECT split_part(entry, '/', 1) AS owner, coalesce(nullif(split_part(entry, '/', 2), ''), entry) AS name",
    `FROM (SELECT max_by(table_resources, run_id) AS entries FROM ${manifests}) AS newest`,
    "CROSS JOIN UNNEST(newest.entries) AS entries(entry)",
  ].join("\n      ");

/** Selects the paths of the objects that make up a table. `current-manifests.ts` has the same rule in TypeScript. */
const currentObjects = ({ write_disposition }: TableDescription, { manifests, path_of_part }: Relations): string =>
  [
    `SELECT ${path_of_part}`,
    `FROM (SELECT run_id, parts, ${firstRun[write_disposition]} AS first_run FROM ${manifests} AS manifests`,
    `  JOIN (${currentOwners(manifests)}) AS owners ON owners.name = manifests.resource) AS runs`,
    "CROSS JOIN UNNEST(runs.parts) AS parts(part)",
    "WHERE runs.run_id >= runs.first_run",
  ].join("\n    ");

/** As in dlt, a row is deleted if its `hard_delete` column is true, or if it is not null in a column that is not a bool. */
const notDeleted = ({ hard_delete }: TableDescription): string | null => {
  if (hard_delete === null) return null;
  const column = quoteName(hard_delete.name);
  return hard_delete.data_type === "bool" ? `(${column} IS NULL OR NOT ${column})` : `${column} IS NULL`;
};

/** Orders the rows of a key, the one to keep first. */
const keepOrder = ({ dedup_sort, insert_only }: TableDescription): string => {
  const direction = insert_only ? "ASC" : "DESC";
  return [
    `"_run_id" ${direction}`,
    ...(dedup_sort ? [`${quoteName(dedup_sort.column)} ${dedup_sort.order.toUpperCase()} NULLS LAST`] : []),
    `"_seq" ${direction}`,
    // Rows of two resources in one run may have the same key and the same number.
    `${PATH} ${direction}`,
  ].join(", ");
};

const anyNull = (names: string[]): string => names.map((name) => `${quoteName(name)} IS NULL`).join(" OR ");

/**
 * Selects the rows that remain after a merge: per `key` the latest row (the first one for `insert_only`), per `merge_key` the
 * rows of the latest run, without deleted ones. As in SQL, null equals nothing: rows with a null in a key all remain. As in dlt,
 * a row that deletes does so for `insert_only` only to itself.
 *
 * @param relation has the table's columns and `path_`.
 */
export const mergedRows = (table: TableDescription, relation: string): string => {
  const { key, merge_key } = table;
  const columns = table.columns.map(({ name }) => quoteName(name)).join(", ");
  const quoted = (names: string[]) => names.map(quoteName).join(", ");
  const added: string[] = [];
  const conditions: string[] = [];
  if (key.length > 0) {
    added.push(`row_number() OVER (PARTITION BY ${quoted(key)} ORDER BY ${keepOrder(table)}) AS ${RANK}`);
    conditions.push(`(${RANK} = 1 OR ${anyNull(key)})`);
  }
  if (merge_key.length > 0) {
    added.push(`max("_run_id") OVER (PARTITION BY ${quoted(merge_key)}) AS ${NEWEST_RUN}`);
    conditions.push(`("_run_id" = ${NEWEST_RUN} OR ${anyNull(merge_key)})`);
  }
  const visible = notDeleted(table);
  const inserted = table.insert_only && visible !== null ? ` WHERE ${visible}` : "";
  if (!table.insert_only && visible !== null) conditions.push(visible);
  return [
    `SELECT ${columns} FROM (`,
    `SELECT *, ${added.join(", ")} FROM (`,
    relation,
    `) AS current_rows${inserted}) AS ranked WHERE ${conditions.join(" AND ")}`,
  ].join("\n");
};

/**
 * Returns the query of a table's view. It reads only objects that are listed in manifests, so that failed and running runs are
 * invisible.
 */
export const tableQuery = (table: TableDescription, relations: Relations): string => {
  const path = quoteName(relations.path);
  const columns = [
    ...table.columns.map(({ name }) => quoteName(name)),
    ...(isMerged(table) ? [`${path} AS ${PATH}`] : []),
  ].join(", ");
  const current = relations.parts
    .map((parts) =>
      [`SELECT ${columns}`, `FROM ${parts}`, `WHERE ${path} IN (`, `  ${currentObjects(table, relations)}`, ")"].join(
        "\n",
      ),
    )
    .join("\nUNION ALL\n");
  return isMerged(table) ? mergedRows(table, current) : current;
};
