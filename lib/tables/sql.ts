/**
 * A table in SQL (DESIGN 8): the parts of the finished runs that count, and of a merge the latest row of each key. The
 * same text for Athena (Trino) and DuckDB: what they do not agree on is in the two relations that it reads from.
 */
import type { TableDescription } from "./description.ts";

/** What a query adds to the columns of a row. No column ends with `_`: names see to that (`lib/rows/names.ts`). */
const PATH = "path_";
const PLACE = "place_";

/** A name in SQL, whatever is in it. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text in SQL. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What a table's query reads from. */
export interface Relations {
  /** One row per manifest: `run_id`, `resource`, `full_refresh`, `parts` (a list of structs with a `key`). */
  manifests: string;
  /** The rows of all parts, finished or not, with the table's columns. */
  parts: string;
  /** The column of `parts` that says which object a row is from. */
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

/**
 * The query behind a table's view. It sees what the manifests name and nothing else, so that a failed or running run is
 * never half-visible.
 */
export const tableQuery = (table: TableDescription, relations: Relations): string => {
  const columns = table.columns.map(({ name }) => quoteName(name)).join(", ");
  const path = quoteName(relations.path);
  const counted = [`FROM ${relations.parts}`, `WHERE ${path} IN (`, `  ${objectsThatCount(table, relations)}`, ")"];
  if (table.key.length === 0) return [`SELECT ${columns}`, ...counted].join("\n");
  const key = table.key.map(quoteName).join(", ");
  return [
    `SELECT ${columns} FROM (`,
    // Two resources may give a key the same number in one run: then the path decides.
    `SELECT *, row_number() OVER (PARTITION BY ${key} ORDER BY "_run_id" DESC, "_seq" DESC, ${PATH} DESC) AS ${PLACE} FROM (`,
    `SELECT ${columns}, ${path} AS ${PATH}`,
    ...counted,
    `) AS counted) AS placed WHERE ${PLACE} = 1`,
  ].join("\n");
};
