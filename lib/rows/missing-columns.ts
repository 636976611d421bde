import { encode } from "../columns/encode.ts";
import { PATH_SEPARATOR } from "../columns/names.ts";
import { mayBecomeDouble, type TableColumn, type TableSchema } from "../columns/table-schema.ts";
import { type ColumnValue, inferType, isBeyondDouble, NOT_REPRESENTABLE } from "../columns/types.ts";
import { NumberLiteral } from "../json/literals.ts";
import type { ColumnNaming } from "./column-naming.ts";
import type { FlatRow } from "./flatten.ts";

/** Columns of a schema by name. */
export type ColumnsByName = ReadonlyMap<string, TableColumn>;

/**
 * Returns the variant of a column for a value that its type cannot represent (dlt). Its name gets an `x` where a key of the
 * rows already has that name.
 */
export const variantFor = (columns: ColumnsByName, name: string, value: ColumnValue): TableColumn => {
  const data_type = inferType(value);
  let variant = `${name}${PATH_SEPARATOR}v_${data_type}`;
  for (let other = columns.get(variant); other?.path ?? other?.declared; other = columns.get(variant)) variant += "x";
  return { name: variant, data_type, nullable: true, variant: true };
};

/** Plans how the table must change to hold given rows. */
export interface ColumnPlanner {
  /** Returns which part of the schema a value (not null) would change, in the words of `schema_contract`. */
  changeBy(name: string, value: ColumnValue): "columns" | "data_type" | null;
  /** Returns the columns that these rows need and the schema lacks, or has otherwise, in order of appearance. */
  missingColumns(rows: FlatRow[]): TableColumn[];
}

/** Whether a number makes a bigint column a double: it has a fraction, or a point or exponent, or is too large. */
export const isDouble = (value: ColumnValue | null): boolean =>
  value instanceof NumberLiteral || (typeof value === "number" && !Number.isSafeInteger(value));

/** Table and rules of a planner. */
export interface PlannerContext {
  schema: TableSchema;
  columns: ColumnsByName;
  naming: Pick<ColumnNaming, "pathOf">;
  /** Whether `schema_contract` keeps the types of the table's columns. */
  has_fixed_types: boolean;
}

/** Creates the planner for one version of a table's schema. */
export const createColumnPlanner = ({ schema, columns, naming, has_fixed_types }: PlannerContext): ColumnPlanner => {
  const isParquet = schema.file_formats.includes("parquet");
  const newColumn = (name: string, value: ColumnValue): TableColumn => {
    const data_type = inferType(value);
    const exact = data_type === "bigint" && isBeyondDouble(String(value));
    const path = naming.pathOf(name);
    // A name with `__` could belong to another path or a variant, so the column records its path.
    const isPlain = path.length === 1 && path[0] === name && !name.includes(PATH_SEPARATOR);
    const unwritten = data_type === "bigint" && isParquet;
    return {
      ...{ name, data_type, nullable: true },
      ...(exact && { exact }),
      ...(unwritten && { unwritten }),
      ...(!isPlain && { path }),
    };
  };

  /** Returns the column that must be added or changed for a value; null when the column can hold it. */
  const changeFor = (column: TableColumn, value: ColumnValue): TableColumn | null => {
    const mayWiden = mayBecomeDouble(column, schema);
    const isFixed = has_fixed_types && columns.has(column.name);
    if (mayWiden && !isFixed && isDouble(value)) return { ...column, data_type: "double" };
    const text = encode(value, column);
    if (text !== NOT_REPRESENTABLE) return mayWiden && isBeyondDouble(text) ? { ...column, exact: true } : null;
    const variant = variantFor(columns, column.name, value);
    return columns.has(variant.name) ? null : variant;
  };

  return {
    changeBy(name, value) {
      const column = columns.get(name);
      if (column === undefined) return "columns";
      if (encode(value, column) !== NOT_REPRESENTABLE) return null;
      return columns.has(variantFor(columns, name, value).name) ? null : "data_type";
    },

    missingColumns(rows) {
      const missing = new Map<string, TableColumn>();
      for (const row of rows) {
        for (const [name, value] of row) {
          if (value === null) continue;
          const column = missing.get(name) ?? columns.get(name);
          const change = column === undefined ? newColumn(name, value) : changeFor(column, value);
          if (change === null) continue;
          // A variant follows its own column, also where a key of this page would have had its name.
          if (change.variant && !missing.get(change.name)?.variant) missing.delete(change.name);
          missing.set(change.name, change);
        }
      }
      return [...missing.values()];
    },
  };
};
