import { PATH_SEPARATOR } from "../columns/names.ts";
import {
  changesBetween,
  declaredSchema,
  type FileFormat,
  type StoredSchema,
  type TableColumn,
  type TableSchema,
  withColumns,
  withKey,
} from "../columns/table-schema.ts";
import { type ColumnType, decimalDigits } from "../columns/types.ts";
import { MAX_COLUMNS } from "../config/defaults.ts";
import type { ResolvedResource } from "../config/resolved.ts";
import { SchemaContractError } from "../errors/index.ts";
import type { Ports } from "../ports/index.ts";
import { compareAndSwap } from "./compare-and-swap.ts";
import { schemaKey } from "./keys.ts";

/** The stored schema of a table; whoever loses the swap reads it again. */
export interface SchemaStore {
  /**
   * The current version, created from the declared columns when there is none, extended when they grew.
   *
   * @returns null where there is no table yet, and the contract discards what would make one.
   * @throws SchemaContractError where it freezes the tables that there are.
   */
  load(): Promise<TableSchema | null>;
  /** The schema after these columns were added to it, by us or by others. */
  add(columns: TableColumn[]): Promise<TableSchema>;
}

/** What a config says of a table's columns. */
export type TableConfig = Pick<
  ResolvedResource,
  "columns" | "primary_key" | "schema_contract" | "selected" | "file_format"
>;

/** A type in full: `decimal(38,9)`. */
const typeText = (type: ColumnType): string => {
  if (type.data_type !== "decimal") return type.data_type;
  const { precision, scale } = decimalDigits(type);
  return `decimal(${precision},${scale})`;
};

/** A schema whose parts are written in this format as well. */
const withFormat = (schema: TableSchema, format: FileFormat): TableSchema =>
  schema.file_formats.includes(format)
    ? schema
    : { ...schema, version: schema.version + 1, file_formats: [...schema.file_formats, format] };

/** The object below which most of the columns lie, to say what to declare. */
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
    `table ${table} would have ${columns.length} columns, and ${MAX_COLUMNS} is the most: where keys are data, such as ids, declare the object as one column, columns: { ${name}: { data_type: "json" } }, or lower max_table_nesting, or drop the keys in processing_steps`,
  );
};

/** The schema of what is read for the children only: it is no table, and nobody reads its columns. */
const inMemory = (declared: TableSchema): SchemaStore => {
  let schema = declared;
  return {
    load: async () => schema,
    add: async (columns) => {
      schema = withColumns(schema, columns);
      return schema;
    },
  };
};

/** @throws SchemaContractError for what is no schema. */
export const parseSchema = (text: string, key: string, source: string): StoredSchema => {
  try {
    const schema = JSON.parse(text) as StoredSchema;
    const lists = [schema.columns, schema.file_formats, schema.history];
    if (typeof schema.version === "number" && lists.every(Array.isArray)) return schema;
  } catch {
    // Told below.
  }
  throw new SchemaContractError(`${key} is corrupt: restore an older version of the object`, { source });
};

/** The schema store of one table, in a run. */
export const createSchemaStore = (
  ports: Pick<Ports, "bucket" | "clock">,
  source: string,
  table: string,
  { columns, primary_key: primaryKey, schema_contract, selected, file_format }: TableConfig,
  run_id: string,
): SchemaStore => {
  const key = schemaKey(source, table);
  const declared = declaredSchema(columns, primaryKey, file_format);
  if (!selected) return inMemory({ ...declared, made_in: run_id });
  const parse = (text: string) => parseSchema(text, key, source);
  /** A column keeps its type, or the parts of one table would differ; who declares it otherwise has to know. */
  const checkDeclared = (current: TableSchema): void => {
    const known = new Map(current.columns.map((column) => [column.name, typeText(column)]));
    const otherwise = declared.columns.filter(
      (column) => (known.get(column.name) ?? typeText(column)) !== typeText(column),
    );
    if (otherwise.length === 0) return;
    const list = otherwise.map(
      (column) => `${column.name} ${typeText(column)} (the table has it as ${known.get(column.name)})`,
    );
    throw new SchemaContractError(
      `table ${table} has columns that are declared otherwise now: ${list.join(", ")}. Declare them as they are, or give the resource another table_name`,
      { source },
    );
  };
  const recorded = (before: TableSchema | null, after: TableSchema, history: StoredSchema["history"]): StoredSchema => {
    checkSize(table, after);
    const changed_at = new Date(ports.clock.now()).toISOString();
    const changes = changesBetween(before ?? { columns: [] }, after);
    return { ...after, history: [...history, { version: after.version, run_id, changed_at, ...changes }] };
  };
  const extend = async (added: TableColumn[]): Promise<TableSchema> => {
    const result = await compareAndSwap(ports, key, parse, (current) => {
      if (current === null) {
        const made = { ...withColumns(declared, added), version: 1, made_in: run_id };
        return recorded(null, made, []);
      }
      checkDeclared(current);
      // The rows that are there have nothing in a column that comes now.
      const later = [...declared.columns, ...added].map((column) =>
        current.columns.some(({ name }) => name === column.name) ? column : { ...column, nullable: true },
      );
      // One step, whatever came with it.
      const wanted = { ...withColumns(withFormat(current, file_format), later), version: current.version + 1 };
      const isSame = wanted.columns === current.columns && wanted.file_formats === current.file_formats;
      return isSame ? null : recorded(current, wanted, current.history);
    });
    return result as TableSchema;
  };
  /** Whether the contract lets a table be made that is not there. */
  const mayBeMade = async (): Promise<boolean> => {
    if (schema_contract.tables === "evolve" || (await ports.bucket.get(key)) !== null) return true;
    if (schema_contract.tables !== "freeze") return false;
    throw new SchemaContractError(
      `there is no table ${table} yet, and schema_contract freezes the tables: let tables evolve, and freeze columns and data_type`,
      { source },
    );
  };
  return {
    load: async () => ((await mayBeMade()) ? extend([]) : null),
    add: (added) => extend(added.map((column) => withKey(column, primaryKey))),
  };
};
