import { declaredSchema } from "../lib/columns/table-schema.ts";
import type { ResolvedSource } from "../lib/config/resolve.ts";
import { describeTable, type TableDescription } from "../lib/tables/description.ts";
import { readStoredTable, storedTableNames } from "./lake-folder.ts";

/** A table, as well as it is known. */
export interface KnownTable {
  description: TableDescription;
  /** What to know of it before one uses it; null when all is known. */
  note: string | null;
}

const declaredOnly = (name: string, isKeyLost: boolean): string => {
  const unmerged = isKeyLost ? "; its key is not wholly among them, so the view does not merge by it" : "";
  return `${name}: no run has stored its columns in the lake of --out, so these are the declared ones${unmerged}. Ask again once a run has`;
};

/** A table as the lake has it, and where it has none, as the config declares it; undefined when neither knows it. */
const describe = (
  { name: source, resources }: ResolvedSource,
  table: string,
  bucket: string,
): KnownTable | undefined => {
  const stored = readStoredTable(bucket, source, table);
  const loading = resources.filter((resource) => resource.selected && resource.table === table);
  // One alone decides, the newest manifest or the first resource: a table is read in one way.
  const rules = stored?.manifests.at(-1) ?? loading[0];
  if (stored !== null) {
    return { description: describeTable(source, table, stored.schema, rules), note: null };
  }
  if (rules === undefined) return undefined;
  const columns = Object.assign({}, ...loading.map((resource) => resource.columns));
  const file_formats = [...new Set(loading.map(({ file_format }) => file_format))];
  const declared = { ...declaredSchema(columns, rules.primary_key), file_formats };
  const description = describeTable(source, table, declared, rules);
  const lost = rules.write_disposition === "merge" && description.key.length < rules.primary_key.length;
  return { description, note: declaredOnly(`${source}.${table}`, lost) };
};

/** Names of a source's tables. One that the config no longer has may still be in the lake. */
export const tableNames = ({ name, resources }: ResolvedSource, bucket: string): string[] => {
  const loaded = resources.filter(({ selected }) => selected).map(({ table }) => table);
  return [...new Set([...loaded, ...storedTableNames(bucket, name)])];
};

/**
 * Tables of a source, from what the lake has stored of them and, where it has nothing, from the config.
 *
 * @param bucket folder of a lake's objects, or of a copy of its `schemas/` and `manifests/`.
 */
export const knownTables = (source: ResolvedSource, bucket: string, names = tableNames(source, bucket)): KnownTable[] =>
  names.map((name) => describe(source, name, bucket)).filter((table) => table !== undefined);
