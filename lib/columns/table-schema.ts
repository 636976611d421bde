import { declaredName } from "./names.ts";
import type { ColumnType, DataType } from "./types.ts";

/** A column of a table. */
export interface TableColumn extends ColumnType {
  name: string;
  /** false only if every existing row has a value. A column that was added later is null in earlier rows. */
  nullable: boolean;
  primary_key?: true;
  /** The config or restlake itself defines the type, so it never changes. */
  declared?: true;
  /** Keys in the raw rows, where they differ from the name. Another path with the same name gets another column. */
  path?: string[];
  /** Holds values that another column's type cannot represent. No key of the rows owns its name. */
  variant?: true;
  /** For a bigint: an integer beyond 2^53 occurred, so the column can no longer become a double. */
  exact?: true;
  /** For a bigint: no Parquet file has the column yet, so it can still become a double. */
  unwritten?: true;
}

/** One change of a table's schema. */
export interface SchemaChange {
  /** Version that it created. */
  version: number;
  /** Run that required it. */
  run_id: string;
  /** ISO 8601. */
  changed_at: string;
  /** Added columns, in order. */
  added: Pick<TableColumn, "name" | "data_type" | "path">[];
  /** Changed columns, with the properties that differ. */
  changed: { name: string; from: Partial<TableColumn>; to: Partial<TableColumn> }[];
}

/** The columns of a table, in the order of every row. Columns are added, never removed. */
export interface TableSchema {
  /** Starts at 1. */
  version: number;
  /** Run that created the table. In this run, new columns do not violate the contract. */
  made_in?: string;
  /** Formats of its parts. Formats are added, never removed. */
  file_formats: FileFormat[];
  columns: TableColumn[];
}

/** A schema as it is stored, with its changes, oldest first. */
export interface StoredSchema extends TableSchema {
  history: SchemaChange[];
}

/** Columns that restlake adds to every row. */
export const SYSTEM_COLUMNS: TableColumn[] = [
  { name: "_run_id", data_type: "text", nullable: false, declared: true },
  { name: "_seq", data_type: "bigint", nullable: false, declared: true },
  { name: "_extracted_at", data_type: "timestamp", nullable: false, declared: true },
];

/** Names that no key of the rows can own. */
export const RESERVED_COLUMNS: ReadonlySet<string> = new Set(SYSTEM_COLUMNS.map(({ name }) => name));

/** Returns the column, marked if it belongs to the primary key. */
export const withKey = (column: TableColumn, primaryKey: string[]): TableColumn =>
  primaryKey.map(declaredName).includes(column.name) ? { ...column, primary_key: true } : column;

/**
 * Returns the first version of a table's schema: restlake's columns and the declared ones. A column that is declared without a
 * type is added with its first value (dlt).
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
 * Whether an inferred bigint column may become a double: no value in it would lose a digit, and all its parts are JSON, where
 * an integer also reads as a double. The first Parquet file with the column fixes its type.
 */
export const mayBecomeDouble = (
  { data_type, declared, exact, unwritten }: TableColumn,
  { file_formats }: TableSchema,
): boolean => data_type === "bigint" && !declared && !exact && (unwritten || !file_formats.includes("parquet"));

const withFixedType = ({ unwritten, ...column }: TableColumn): TableColumn => column;

/** Returns the next version of a schema, whose types no longer change; the same object when that is so already. */
export const withFixedTypes = (schema: TableSchema): TableSchema =>
  schema.columns.some(({ unwritten }) => unwritten)
    ? {
        ...schema,
        version: schema.version + 1,
        columns: schema.columns.map((column) => (column.unwritten ? withFixedType(column) : column)),
      }
    : schema;

/** Returns an existing column after a request to add or change it; the same object when nothing changes. */
const merged = (known: TableColumn, wanted: TableColumn, schema: TableSchema): TableColumn => {
  if (wanted.data_type === "double" && mayBecomeDouble(known, schema)) {
    return { ...withFixedType(known), data_type: "double" };
  }
  if (wanted.data_type !== known.data_type) return known;
  const { declared = known.declared, exact = known.exact } = wanted;
  const nullable = known.nullable || wanted.nullable;
  return declared === known.declared && exact === known.exact && nullable === known.nullable
    ? known
    : { ...known, nullable, ...(declared && { declared }), ...(exact && { exact }) };
};

/** Returns the path whose values a column holds; null for declared columns and variants. */
const ownerOf = ({ name, path = [name], declared, variant }: TableColumn): string | null =>
  declared || variant ? null : JSON.stringify(path);

/**
 * Returns the next version of a schema, with new columns at its end and bigint columns widened to double; the same object when
 * nothing changes.
 */
export const withColumns = (schema: TableSchema, added: TableColumn[]): TableSchema => {
  const columns = new Map(schema.columns.map((column) => [column.name, column]));
  const owned = new Set(schema.columns.map(ownerOf));
  let isChanged = false;
  for (const column of added) {
    const known = columns.get(column.name);
    // Another writer has already added a column for this path, under another name.
    if (known === undefined && column.path !== undefined && owned.has(ownerOf(column))) continue;
    const next = known === undefined ? column : merged(known, column, schema);
    if (next === known) continue;
    columns.set(next.name, next);
    isChanged = true;
  }
  return isChanged ? { ...schema, version: schema.version + 1, columns: [...columns.values()] } : schema;
};

/** Returns the properties of a column that another one lacks or has otherwise, except `unwritten`, which is about files. */
const differing = ({ unwritten, ...column }: TableColumn, other: TableColumn): Partial<TableColumn> =>
  Object.fromEntries(
    Object.entries(column).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(other[key as keyof TableColumn]),
    ),
  );

/** Returns what changed between two versions of a schema. Columns are never removed. */
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

/** Format of parts: gzipped NDJSON or Parquet. */
export type FileFormat = "jsonl" | "parquet";

/** A column as the config declares it. */
export interface DeclaredColumn {
  /** Inferred from the values if absent. */
  data_type?: DataType;
  nullable: boolean;
  /** For a decimal: all digits, and digits after the point. */
  precision?: number;
  scale?: number;
}
