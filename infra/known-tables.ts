import { declaredSchema } from "../lib/columns/table-schema.ts";
import type { ResolvedSource } from "../lib/config/resolve.ts";
import { describeTable, type TableDescription } from "../lib/tables/description.ts";
import { readStoredTable, storedTableNames } from "./lake-folder.ts";

/** A table of the lake or, before its first run, of the config. */
export interface KnownTable {
  description: TableDescription;
  /** A warning about the description; null when the lake has the table's schema. */
  note: string | null;
}

const declaredOnly = (name: string, isKeyIncomplete: boolean): string => {
  const unmerged = isKeyIncomplete ? ", and the view does not merge, because they do not include the whole key" : "";
  return `${name}: the lake of --out has no schema of this table yet, so these are the columns declared in the config${unmerged}. Run this command again after the first run`;
};

/** Returns a table as the lake has it, or else as the config declares it; undefined when neither has it. */
const describe = (
  { name: source, resources }: ResolvedSource,
  table: string,
  bucket: string,
): KnownTable | undefined => {
  const stored = readStoredTable(bucket, source, table);
  const loading = resources.filter((resource) => resource.selected && resource.table === table);
  // Several resources may load a table, but it has one set of merge rules.
  const rules = stored?.manifests.at(-1) ?? loading[0];
  if (stored !== null) {
    return { description: describeTable(source, table, stored.schema, rules), note: null };
  }
  if (rules === undefined) return undefined;
  const columns = Object.assign({}, ...loading.map((resource) => resource.columns));
  const file_formats = [...new Set(loading.map(({ file_format }) => file_format))];
  const declared = { ...declaredSchema(columns, rules.primary_key), file_formats };
  const description = describeTable(source, table, declared, rules);
  const isKeyIncomplete = rules.write_disposition === "merge" && description.key.length < rules.primary_key.length;
  return { description, note: declaredOnly(`${source}.${table}`, isKeyIncomplete) };
};

/** Returns the names of a source's tables, including tables of the lake that the config no longer has. */
export const tableNames = ({ name, resources }: ResolvedSource, bucket: string): string[] => {
  const loaded = resources.filter(({ selected }) => selected).map(({ table }) => table);
  return [...new Set([...loaded, ...storedTableNames(bucket, name)])];
};

/**
 * Returns the tables of a source, as the lake has them or else as the config declares them.
 *
 * @param bucket folder of a lake's objects, or of a copy of its `schemas/` and `manifests/`.
 */
export const knownTables = (source: ResolvedSource, bucket: string, names = tableNames(source, bucket)): KnownTable[] =>
  names.map((name) => describe(source, name, bucket)).filter((table) => table !== undefined);
