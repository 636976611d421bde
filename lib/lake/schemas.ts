import { SchemaContractError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { declaredSchema, type TableColumn, type TableSchema, withColumns, withKey } from "../rows/table-schema.ts";
import type { ResolvedResource } from "../source/resolved.ts";
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
export type TableConfig = Pick<ResolvedResource, "columns" | "primary_key" | "schema_contract" | "selected">;

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

/** The schema store of one table, in a run. */
export const createSchemaStore = (
  ports: Pick<Ports, "bucket" | "clock">,
  source: string,
  table: string,
  { columns, primary_key: primaryKey, schema_contract, selected }: TableConfig,
  run_id: string,
): SchemaStore => {
  const key = schemaKey(source, table);
  const declared = declaredSchema(columns, primaryKey);
  if (!selected) return inMemory({ ...declared, made_in: run_id });
  const parse = (text: string): TableSchema => {
    try {
      const schema = JSON.parse(text) as TableSchema;
      if (typeof schema.version === "number" && Array.isArray(schema.columns)) return schema;
    } catch {
      // Told below.
    }
    throw new SchemaContractError(`${key} is corrupt: restore an older version of the object`, { source });
  };
  /** A column keeps its type, or the parts of one table would differ; who declares it otherwise has to know. */
  const checkDeclared = (current: TableSchema): void => {
    const known = new Map(current.columns.map((column) => [column.name, column.data_type]));
    const otherwise = declared.columns.filter(({ name, data_type }) => (known.get(name) ?? data_type) !== data_type);
    if (otherwise.length === 0) return;
    const list = otherwise.map(
      ({ name, data_type }) => `${name} ${data_type} (the table has it as ${known.get(name)})`,
    );
    throw new SchemaContractError(
      `table ${table} has columns that are declared otherwise now: ${list.join(", ")}. Declare them as they are, or give the resource another table_name`,
      { source },
    );
  };
  const extend = async (added: TableColumn[]): Promise<TableSchema> => {
    const result = await compareAndSwap(ports, key, parse, (current) => {
      if (current === null) return withColumns({ ...declared, made_in: run_id }, added);
      checkDeclared(current);
      const wanted = withColumns(current, [...declared.columns, ...added]);
      return wanted === current ? null : wanted;
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
