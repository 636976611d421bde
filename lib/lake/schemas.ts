import { SchemaContractError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { declaredSchema, type TableColumn, type TableSchema, withColumns, withKey } from "../rows/table-schema.ts";
import type { DeclaredColumn } from "../source/resolved.ts";
import { compareAndSwap } from "./compare-and-swap.ts";
import { schemaKey } from "./keys.ts";

/** The stored schema of a table; whoever loses the swap reads it again. */
export interface SchemaStore {
  /** The current version, created from the declared columns when there is none, extended when they grew. */
  load(): Promise<TableSchema>;
  /** The schema after these columns were added to it, by us or by others. */
  add(columns: TableColumn[]): Promise<TableSchema>;
}

/** The schema store of one table. */
export const createSchemaStore = (
  ports: Pick<Ports, "bucket" | "clock">,
  source: string,
  table: string,
  columns: Record<string, DeclaredColumn>,
  primaryKey: string[],
): SchemaStore => {
  const key = schemaKey(source, table);
  const declared = declaredSchema(columns, primaryKey);
  const parse = (text: string): TableSchema => {
    try {
      const schema = JSON.parse(text) as TableSchema;
      if (typeof schema.version === "number" && Array.isArray(schema.columns)) return schema;
    } catch {
      // Told below.
    }
    throw new SchemaContractError(`${key} is corrupt: restore an older version of the object`, { source });
  };
  const extend = async (added: TableColumn[]): Promise<TableSchema> => {
    const result = await compareAndSwap(ports, key, parse, (current) => {
      if (current === null) return withColumns(declared, added);
      const wanted = withColumns(current, [...declared.columns, ...added]);
      return wanted === current ? null : wanted;
    });
    return result as TableSchema;
  };
  return { load: () => extend([]), add: (added) => extend(added.map((column) => withKey(column, primaryKey))) };
};
