import type { DeclaredColumn } from "../source/resolved.ts";
import type { DataType } from "../source/schema/index.ts";
import { declaredName } from "./names.ts";

/** A column of a table. */
export interface TableColumn {
  name: string;
  data_type: DataType;
  nullable: boolean;
  primary_key?: true;
  /** The config, or restlake itself, says its type: it keeps it. */
  declared?: true;
  /** The keys in the raw rows, where they are not the name itself: another path of the same name gets another column. */
  path?: string[];
  /** It takes what another column cannot: no key of the rows owns its name. */
  variant?: true;
  /** Of a bigint: an integer beyond 2^53 was seen in it, so it cannot become a double any more. */
  exact?: true;
}

/** The columns of a table, in the order in which every row has them. It only ever grows (DESIGN 8). */
export interface TableSchema {
  /** 1 for the first. */
  version: number;
  /** The run that made the table: in it, whatever comes is new, and no contract is broken by that. */
  made_in?: string;
  columns: TableColumn[];
}

/** What restlake adds to every row. */
export const SYSTEM_COLUMNS: TableColumn[] = [
  { name: "_run_id", data_type: "text", nullable: false, declared: true },
  { name: "_seq", data_type: "bigint", nullable: false, declared: true },
  { name: "_extracted_at", data_type: "timestamp", nullable: false, declared: true },
];

/** Names that no key of the rows may own. */
export const RESERVED_COLUMNS: ReadonlySet<string> = new Set(SYSTEM_COLUMNS.map(({ name }) => name));

/** The column, marked when it is one of the primary key. */
export const withKey = (column: TableColumn, primaryKey: string[]): TableColumn =>
  primaryKey.map(declaredName).includes(column.name) ? { ...column, primary_key: true } : column;

/** The first version of a table's schema: restlake's own columns and the declared ones. */
export const declaredSchema = (columns: Record<string, DeclaredColumn>, primaryKey: string[]): TableSchema => {
  const declared = Object.entries(columns).map(([name, { data_type, nullable }]) =>
    withKey({ name: declaredName(name), data_type, nullable, declared: true }, primaryKey),
  );
  return { version: 1, columns: withColumns({ version: 1, columns: SYSTEM_COLUMNS }, declared).columns };
};

/** Whether a found bigint column may become a double: no value in it loses a digit by that. */
export const mayBecomeDouble = ({ data_type, declared, exact }: TableColumn): boolean =>
  data_type === "bigint" && !declared && !exact;

/** What becomes of a column that is there already and is asked for once more. */
const grown = (known: TableColumn, wanted: TableColumn): TableColumn => {
  if (wanted.data_type === "double" && mayBecomeDouble(known)) return { ...known, data_type: "double" };
  if (wanted.data_type !== known.data_type) return known;
  const { declared = known.declared, exact = known.exact } = wanted;
  return declared === known.declared && exact === known.exact
    ? known
    : { ...known, ...(declared && { declared }), ...(exact && { exact }) };
};

/**
 * The schema with the new columns at its end, and with bigint columns that became double, one version on; the same
 * object when nothing changes.
 */
export const withColumns = (schema: TableSchema, added: TableColumn[]): TableSchema => {
  const columns = new Map(schema.columns.map((column) => [column.name, column]));
  let isChanged = false;
  for (const column of added) {
    const known = columns.get(column.name);
    const next = known === undefined ? column : grown(known, column);
    if (next === known) continue;
    columns.set(next.name, next);
    isChanged = true;
  }
  return isChanged ? { ...schema, version: schema.version + 1, columns: [...columns.values()] } : schema;
};
