/**
 * A table in SQL (DESIGN 8): the parts of the finished runs that count, and of a merge the latest row of each key. The
 * same text for Athena (Trino) and DuckDB: what they do not agree on is in the two relations that it reads from.
 */
import { isMerged, type TableDescription } from "./description.ts";

/** What a query adds to the columns of a row. No column ends with `_`: names see to that (`lib/columns/names.ts`). */
export const PATH = "path_";
const PLACE = "place_";
const NEWEST_RUN = "newest_run_";

/** A name in SQL, whatever is in it. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text in SQL. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What a table's query reads from. */
export interface Relations {
  /** One row per manifest: `run_id`, `resource`, `full_refresh`, `parts` (a list of structs with a `key`). */
  manifests: string;
  /** The rows of all parts, finished or not, with the table's columns: a relation per file format. */
  parts: string[];
  /** The column of these that says which object a row is from. */
  path: string;
  /**
   * What that says of an object, from `part`: an expression. `part` is an item of a manifest's `parts` in DuckDB, and
   * in Trino its key already: there, UNNEST takes a list of structs apart into their fields.
   */
  path_of_part: string;
}

/** The first run that counts, resource by resource: one refreshes and fails without the other. */
const firstRun: Record<TableDescription["write_disposition"], string> = {
  append: "''",
  replace: "max(run_id) OVER (PARTITION BY resource)",
  merge: "coalesce(max(CASE WHEN full_refresh THEN run_id END) OVER (PARTITION BY resource), '')",
};

/** The objects that make up a table, one a row. */
const objectsThatCount = ({ write_disposition }: TableDescription, { manifests, path_of_part }: Relations): string =>
  [
    `SELECT ${path_of_part}`,
    `FROM (SELECT run_id, parts, ${firstRun[write_disposition]} AS first_run FROM ${manifests}) AS runs`,
    "CROSS JOIN UNNEST(runs.parts) AS parts(part)",
    "WHERE runs.run_id >= runs.first_run",
  ].join("\n    ");

/** dlt's rule: true, or anything at all where the column is no bool. */
const isKept = ({ hard_delete }: TableDescription): string[] => {
  if (hard_delete === null) return [];
  const column = quoteName(hard_delete.name);
  return [hard_delete.data_type === "bool" ? `(${column} IS NULL OR NOT ${column})` : `${column} IS NULL`];
};

/**
 * Of a relation with the table's columns and `path_`, the rows that a merge leaves: per `key` the latest, per `merge_key` those
 * of the latest run, and none that says it is deleted. As in dlt, a row without a value in the merge key stays.
 */
export const mergedRows = (table: TableDescription, relation: string): string => {
  const { key, merge_key, dedup_sort } = table;
  const columns = table.columns.map(({ name }) => quoteName(name)).join(", ");
  const within = (names: string[]) => names.map(quoteName).join(", ");
  const order = [
    '"_run_id" DESC',
    ...(dedup_sort ? [`${quoteName(dedup_sort.column)} ${dedup_sort.order.toUpperCase()} NULLS LAST`] : []),
    '"_seq" DESC',
    // Two resources may give a key the same number in one run: then the path decides.
    `${PATH} DESC`,
  ];
  const added: string[] = [];
  const conditions: string[] = [];
  if (key.length > 0) {
    added.push(`row_number() OVER (PARTITION BY ${within(key)} ORDER BY ${order.join(", ")}) AS ${PLACE}`);
    conditions.push(`${PLACE} = 1`);
  }
  if (merge_key.length > 0) {
    added.push(`max("_run_id") OVER (PARTITION BY ${within(merge_key)}) AS ${NEWEST_RUN}`);
    const hasNone = merge_key.map((name) => `${quoteName(name)} IS NULL`).join(" OR ");
    conditions.push(`("_run_id" = ${NEWEST_RUN} OR ${hasNone})`);
  }
  return [
    `SELECT ${columns} FROM (`,
    `SELECT *, ${added.join(", ")} FROM (`,
    relation,
    `) AS counted) AS placed WHERE ${[...conditions, ...isKept(table)].join(" AND ")}`,
  ].join("\n");
};

/**
 * The query behind a table's view. It sees what the manifests name and nothing else, so that a failed or running run is
 * never half-visible.
 */
export const tableQuery = (table: TableDescription, relations: Relations): string => {
  const path = quoteName(relations.path);
  const columns = [
    ...table.columns.map(({ name }) => quoteName(name)),
    ...(isMerged(table) ? [`${path} AS ${PATH}`] : []),
  ].join(", ");
  const counted = relations.parts
    .map((parts) =>
      [`SELECT ${columns}`, `FROM ${parts}`, `WHERE ${path} IN (`, `  ${objectsThatCount(table, relations)}`, ")"].join(
        "\n",
      ),
    )
    .join("\nUNION ALL\n");
  return isMerged(table) ? mergedRows(table, counted) : counted;
};
