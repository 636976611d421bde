import { PATH_SEPARATOR } from "../columns/names.ts";
import {
  changesBetween,
  declaredSchema,
  type FileFormat,
  type SchemaChange,
  type StoredSchema,
  type TableColumn,
  type TableSchema,
  withColumns,
  withFixedTypes,
  withKey,
} from "../columns/table-schema.ts";
import { type ColumnType, DATA_TYPES, decimalDigits } from "../columns/types.ts";
import { MAX_COLUMNS } from "../config/defaults.ts";
import type { ResolvedResource } from "../config/resolved.ts";
import { SchemaContractError } from "../errors/index.ts";
import {
  anyValue,
  boolean,
  count,
  listOf,
  mapOf,
  matching,
  objectOf,
  oneOf,
  optional,
  string,
  time,
} from "../json/shape.ts";
import type { Ports } from "../ports/index.ts";
import { compareAndSwap } from "./compare-and-swap.ts";
import { type RunAddress, schemaKey } from "./keys.ts";
import { type StoredDocument, storedDocument } from "./stored-document.ts";

/** The stored schema of a table. Several writers may extend it at the same time. */
export interface SchemaStore {
  /**
   * Returns the current version. Creates it from the declared columns when there is none, and adds declared columns that it
   * does not have.
   *
   * @returns null when there is no table yet and schema_contract discards rows of new tables.
   * @throws SchemaContractError when there is no table yet and schema_contract freezes the tables.
   */
  load(): Promise<TableSchema | null>;
  /** Returns the schema after these columns were added to it, by this writer or by others. */
  add(columns: TableColumn[]): Promise<TableSchema>;
  /** Returns the schema after the types of its columns are final: a Parquet file is about to be written with them. */
  fixTypes(): Promise<TableSchema>;
}

/** The part of a resource's config that its table's schema depends on. */
export type TableConfig = Pick<
  ResolvedResource,
  "columns" | "primary_key" | "schema_contract" | "selected" | "file_format"
>;

/** A table, and the run that works on it. */
export type TableAddress = Pick<RunAddress, "source" | "table" | "run_id">;

/** Returns a type with its digits: `decimal(38,9)`. */
const typeText = (type: ColumnType): string => {
  if (type.data_type !== "decimal") return type.data_type;
  const { precision, scale } = decimalDigits(type);
  return `decimal(${precision},${scale})`;
};

const withFormat = (schema: TableSchema, format: FileFormat): TableSchema =>
  schema.file_formats.includes(format)
    ? schema
    : { ...schema, version: schema.version + 1, file_formats: [...schema.file_formats, format] };

/** Returns the object that most of the columns belong to, as a suggestion of what to declare. */
const largestObject = (columns: TableColumn[]): string | null => {
  const counts = new Map<string, number>();
  for (const { name } of columns) {
    const end = name.lastIndexOf(PATH_SEPARATOR);
    if (end > 0) counts.set(name.slice(0, end), (counts.get(name.slice(0, end)) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
};

const checkSize = (table: string, { columns }: TableSchema): void => {
  if (columns.length <= MAX_COLUMNS) return;
  const name = largestObject(columns) ?? columns.at(-1)?.name;
  throw new SchemaContractError(
    `table ${table} would have ${columns.length} columns (the maximum is ${MAX_COLUMNS}): if keys are data, such as ids, set data_selector and key_column to load each record as a row, or declare the object as one column, columns: { ${name}: { data_type: "json" } }, or lower max_table_nesting, or drop the keys in processing_steps`,
  );
};

/** Throws if a declared column has another type in the table: all parts of a table must have the same types. */
const checkDeclared = ({ source, table }: TableAddress, declared: TableSchema, current: TableSchema): void => {
  const stored = new Map(current.columns.map((column) => [column.name, typeText(column)]));
  const conflicts = declared.columns.flatMap((column) => {
    const [type, storedType] = [typeText(column), stored.get(column.name)];
    return storedType === undefined || storedType === type
      ? []
      : [`${column.name} ${type} (the table has it as ${storedType})`];
  });
  if (conflicts.length === 0) return;
  throw new SchemaContractError(
    `declared types of columns differ from those of table ${table}: ${conflicts.join(", ")}. Declare the types of the table, or give the resource another table_name`,
    { source },
  );
};

/**
 * Returns a store in memory, for a resource that is read only for its children, which has no table, and for a check.
 *
 * @param table name of the table whose size is checked; null for none.
 */
export const createMemorySchemas = (declared: TableSchema, table: string | null): SchemaStore => {
  let schema = declared;
  return {
    load: async () => schema,
    add: async (columns) => {
      schema = withColumns(schema, columns);
      if (table !== null) checkSize(table, schema);
      return schema;
    },
    fixTypes: async () => {
      schema = withFixedTypes(schema);
      return schema;
    },
  };
};

const flag = optional(matching("true", (value) => value === true));

const SCHEMA = objectOf<StoredSchema>({
  version: count,
  made_in: optional(string),
  file_formats: listOf(oneOf("jsonl", "parquet")),
  columns: listOf(
    objectOf<TableColumn>({
      name: string,
      data_type: oneOf(...DATA_TYPES),
      nullable: boolean,
      precision: optional(count),
      scale: optional(count),
      primary_key: flag,
      declared: flag,
      path: optional(listOf(string)),
      variant: flag,
      exact: flag,
      unwritten: flag,
    }),
  ),
  history: listOf(
    objectOf<SchemaChange>({
      version: count,
      run_id: string,
      changed_at: time,
      added: listOf(objectOf<SchemaChange["added"][number]>({ name: string, data_type: string, path: anyValue })),
      changed: listOf(
        objectOf<SchemaChange["changed"][number]>({ name: string, from: mapOf(anyValue), to: mapOf(anyValue) }),
      ),
    }),
  ),
});

const duplicateColumn = ({ columns }: StoredSchema): string | null => {
  const names = columns.map(({ name }) => name);
  const duplicate = names.find((name, index) => names.indexOf(name) !== index);
  return duplicate === undefined ? null : `two columns are named ${duplicate}`;
};

/** Returns the document of a table's schema; its named error is a SchemaContractError. */
export const schemaDocument = (source: string, table: string): StoredDocument<StoredSchema> =>
  storedDocument({
    key: schemaKey(source, table),
    shape: SCHEMA,
    contradiction: duplicateColumn,
    error: SchemaContractError,
    remedy: "restore an older version of the object",
    place: { source },
  });

/** Returns the stored schema extended by columns and a file format; null when that changes nothing. */
const extended = (current: TableSchema, columns: TableColumn[], format: FileFormat): TableSchema | null => {
  // A new column is null in the rows that are in the table already.
  const added = columns.map((column) =>
    current.columns.some(({ name }) => name === column.name) ? column : { ...column, nullable: true },
  );
  // All changes together make one version.
  const next = { ...withColumns(withFormat(current, format), added), version: current.version + 1 };
  return next.columns === current.columns && next.file_formats === current.file_formats ? null : next;
};

/** Returns the schema store of one table in a run. */
export const createSchemaStore = (
  ports: Pick<Ports, "bucket" | "clock">,
  address: TableAddress,
  { columns, primary_key: primaryKey, schema_contract, selected, file_format }: TableConfig,
): SchemaStore => {
  const { source, table, run_id } = address;
  const document = schemaDocument(source, table);
  const declared = declaredSchema(columns, primaryKey, file_format);
  if (!selected) return createMemorySchemas({ ...declared, made_in: run_id }, null);

  const withHistory = (before: StoredSchema | null, after: TableSchema): StoredSchema => {
    checkSize(table, after);
    const changed_at = new Date(ports.clock.now()).toISOString();
    const changes = changesBetween(before ?? { columns: [] }, after);
    return {
      ...after,
      history: [...(before?.history ?? []), { version: after.version, run_id, changed_at, ...changes }],
    };
  };
  const fixTypes = async (): Promise<TableSchema> => {
    const result = await compareAndSwap(ports, document, (current) => {
      const fixed = current === null ? declared : withFixedTypes(current);
      // No column has changed: the history is unchanged.
      return fixed === current ? null : { ...fixed, history: current?.history ?? [] };
    });
    return result as TableSchema;
  };
  const extend = async (added: TableColumn[]): Promise<TableSchema> => {
    const result = await compareAndSwap(ports, document, (current) => {
      if (current === null) return withHistory(null, { ...withColumns(declared, added), version: 1, made_in: run_id });
      checkDeclared(address, declared, current);
      const next = extended(current, [...declared.columns, ...added], file_format);
      return next === null ? null : withHistory(current, next);
    });
    return result as TableSchema;
  };
  const mayCreateTable = async (): Promise<boolean> => {
    if (schema_contract.tables === "evolve" || (await ports.bucket.get(document.key)) !== null) return true;
    if (schema_contract.tables !== "freeze") return false;
    throw new SchemaContractError(
      `schema_contract freezes the tables, and table ${table} does not exist yet: let tables evolve, and freeze columns and data_type`,
      { source },
    );
  };
  return {
    load: async () => ((await mayCreateTable()) ? extend([]) : null),
    add: (added) => extend(added.map((column) => withKey(column, primaryKey))),
    fixTypes,
  };
};
