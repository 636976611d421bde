import { declaredName } from "./names.ts";
import type { ColumnType, DataType } from "./types.ts";

/** A column of a table. */
export interface TableColumn extends ColumnType {
  name: string;
  /** false only where every row that there is has a value: a column that came later is null in the rows before it. */
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

/** One step in a table's history. */
export interface SchemaChange {
  /** The version that it made. */
  version: number;
  /** The run that needed it. */
  run_id: string;
  /** ISO 8601. */
  changed_at: string;
  /** Columns that came with it, in their order. */
  added: Pick<TableColumn, "name" | "data_type" | "path">[];
  /** What else became of columns: only what differs. */
  changed: { name: string; from: Partial<TableColumn>; to: Partial<TableColumn> }[];
}

/** The columns of a table, in the order in which every row has them. It only ever grows (DESIGN 8). */
export interface TableSchema {
  /** 1 for the first. */
  version: number;
  /** The run that made the table: in it, whatever comes is new, and no contract is broken by that. */
  made_in?: string;
  /** What its parts are written as; only ever more. */
  file_formats: FileFormat[];
  columns: TableColumn[];
}

/** A schema as it is stored: how it came about, oldest first. */
export interface StoredSchema extends TableSchema {
  history: SchemaChange[];
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

/**
 * The first version of a table's schema: restlake's own columns and the declared ones. What is only hinted at waits for a
 * value (dlt).
 */
export const declaredSchema = (
  columns: Record<string, DeclaredColumn>,
  primaryKey: string[],
  format: FileFormat = "jsonl",
): TableSchema => {
  const declared = Object.entries(columns).flatMap(([name, { data_type, ...hints }]) =>
    data_type === undefined
      ? []
      : [withKey({ name: declaredName(name), data_type, ...hints, declared: true as const }, primaryKey)],
  );
  const own: TableSchema = { version: 1, file_formats: [format], columns: SYSTEM_COLUMNS };
  return { ...own, columns: withColumns(own, declared).columns };
};

/**
 * Whether a found bigint column may become a double: no value in it loses a digit by that, and the parts before it are JSON,
 * where an integer is a double as well. A Parquet file says which of the two it has.
 */
export const mayBecomeDouble = ({ data_type, declared, exact }: TableColumn, { file_formats }: TableSchema): boolean =>
  data_type === "bigint" && !declared && !exact && !file_formats.includes("parquet");

/** What becomes of a column that is there already and is asked for once more. */
const grown = (known: TableColumn, wanted: TableColumn, schema: TableSchema): TableColumn => {
  if (wanted.data_type === "double" && mayBecomeDouble(known, schema)) return { ...known, data_type: "double" };
  if (wanted.data_type !== known.data_type) return known;
  const { declared = known.declared, exact = known.exact } = wanted;
  const nullable = known.nullable || wanted.nullable;
  return declared === known.declared && exact === known.exact && nullable === known.nullable
    ? known
    : { ...known, nullable, ...(declared && { declared }), ...(exact && { exact }) };
};

/** The keys whose values a column has; of a declared one and of a variant nobody can say. */
const keysOf = ({ name, path = [name], declared, variant }: TableColumn): string | null =>
  declared || variant ? null : JSON.stringify(path);

/**
 * The schema with the new columns at its end, and with bigint columns that became double, one version on; the same
 * object when nothing changes.
 */
export const withColumns = (schema: TableSchema, added: TableColumn[]): TableSchema => {
  const columns = new Map(schema.columns.map((column) => [column.name, column]));
  const owned = new Set(schema.columns.map(keysOf));
  let isChanged = false;
  for (const column of added) {
    const known = columns.get(column.name);
    // Another writer was faster, and gave the same keys another name.
    if (known === undefined && column.path !== undefined && owned.has(keysOf(column))) continue;
    const next = known === undefined ? column : grown(known, column, schema);
    if (next === known) continue;
    columns.set(next.name, next);
    isChanged = true;
  }
  return isChanged ? { ...schema, version: schema.version + 1, columns: [...columns.values()] } : schema;
};

const differing = (column: TableColumn, other: TableColumn): Partial<TableColumn> =>
  Object.fromEntries(
    Object.entries(column).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(other[key as keyof TableColumn]),
    ),
  );

/** What a change of the schema was about. Columns are never taken away. */
export const changesBetween = (
  before: Pick<TableSchema, "columns">,
  after: Pick<TableSchema, "columns">,
): Pick<SchemaChange, "added" | "changed"> => {
  const known = new Map(before.columns.map((column) => [column.name, column]));
  const changes: Pick<SchemaChange, "added" | "changed"> = { added: [], changed: [] };
  for (const column of after.columns) {
    const old = known.get(column.name);
    const { name, data_type, path } = column;
    if (old === undefined) changes.added.push({ name, data_type, ...(path && { path }) });
    else if (old !== column) changes.changed.push({ name, from: differing(old, column), to: differing(column, old) });
  }
  return { added: changes.added, changed: changes.changed.filter(({ to }) => Object.keys(to).length > 0) };
};

/** What parts are written as: gzipped NDJSON, or Parquet. */
export type FileFormat = "jsonl" | "parquet";

/** What the config says of a column. */
export interface DeclaredColumn {
  /** Found out from the values when it is not said. */
  data_type?: DataType;
  nullable: boolean;
  /** Of a decimal: digits in all, and behind the point. */
  precision?: number;
  scale?: number;
}
