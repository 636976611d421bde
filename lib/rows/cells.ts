import { encode } from "../columns/encode.ts";
import { mayBecomeDouble, RESERVED_COLUMNS, type TableColumn, type TableSchema } from "../columns/table-schema.ts";
import { type ColumnValue, inferType, isBeyondDouble, NOT_REPRESENTABLE } from "../columns/types.ts";
import { nearest } from "../config/nearest.ts";
import { SchemaContractError } from "../errors/index.ts";
import type { Json } from "../json/index.ts";
import type { FlatRow } from "./flatten.ts";
import { type ColumnsByName, isDouble, variantFor } from "./missing-columns.ts";
import { NullRowError } from "./null-rows.ts";

/** A row as a part stores it: the text of each column of the schema (see `encode`), in order. */
export type Cells = (string | null)[];

/** Names the part of the schema that a row lacks. */
export interface Missing {
  missing: string;
}

/** Rules that the config sets for cells, in addition to the columns of the table. */
export interface CellRules {
  /** Names of columns that must not be null. */
  required: ReadonlySet<string>;
  /** Whether `schema_contract` keeps the types of the table's columns. */
  has_fixed_types: boolean;
}

/** Fills the columns of a table. */
export interface CellFiller {
  /**
   * Returns the cells of a row, or what the schema lacks for it.
   *
   * @param index of the row in its page.
   * @param system values of restlake's own columns.
   * @throws SchemaContractError for null in a required column.
   */
  fill(row: FlatRow, index: number, system: Record<string, Json>): Cells | Missing;
  /** Does the same, and reports as missing what changes a bigint column: an integer beyond 2^53, and a literal such as 10.0. */
  fillExact(row: FlatRow, index: number, system: Record<string, Json>): Cells | Missing;
}

/** Returns the primary key of a row for messages, as `id=1, line=2`; "" when it has none. */
export const keyText = (row: FlatRow, columns: TableColumn[]): string =>
  columns
    .filter(({ name, primary_key }) => primary_key && (row.get(name) ?? null) !== null)
    .map(({ name }) => `${name}=${String(row.get(name))}`)
    .join(", ");

/** Maximum number of columns that a message lists. */
const MAX_LISTED = 20;

/** Returns that a row lacks a column that must not be null. Its name may be misspelled. */
const absentText = (name: string, place: string, present: string[]): string => {
  const suggestion = nearest(name, present);
  const advice =
    suggestion === undefined
      ? "correct the name in the config, or fix the data at the source."
      : `did you mean ${suggestion}?`;
  const listed = [...present.slice(0, MAX_LISTED), ...(present.length > MAX_LISTED ? ["..."] : [])].join(", ");
  return `${place} lacks column ${name}, which must not be null (nullable: false, or part of primary_key): ${advice} Its columns: ${listed}`;
};

const nullError = (columns: TableColumn[], name: string, row: FlatRow, index: number): SchemaContractError => {
  const key = keyText(row, columns);
  const place = `the row with ${key || `number ${index + 1} of its page`}`;
  const present = [...row].flatMap(([column, value]) => (value === null ? [] : [column]));
  if (present.length === 0) return new NullRowError(name, place);
  if (!row.has(name)) return new SchemaContractError(absentText(name, place, present));
  const value = row.get(name) ?? null;
  const found = value === null ? "null" : `a value of type ${inferType(value)}`;
  return new SchemaContractError(
    `column ${name} must not be null (nullable: false, or part of primary_key), but ${place} has ${found}: change the column in the config, or fix the data at the source`,
  );
};

const unknownColumn = (row: FlatRow, columns: ColumnsByName): Missing | null => {
  for (const [name, value] of row) {
    if (value !== null && !columns.has(name)) return { missing: `the table has no column ${name}` };
  }
  return null;
};

/** Strings of a row's variants by column. A variant follows its own column in the schema. */
type Variants = Map<string, string>;

/** Stores a value that its column cannot represent among the row's variants. */
const storeVariant = (
  variants: Variants,
  columns: ColumnsByName,
  column: TableColumn,
  value: ColumnValue,
): Missing | null => {
  const variant = variantFor(columns, column.name, value);
  if (!columns.has(variant.name)) {
    return {
      missing: `another writer gave column ${column.name} the type ${column.data_type}, and the table has no column ${variant.name}`,
    };
  }
  variants.set(variant.name, String(encode(value, variant)));
  return null;
};

const textOf = (value: ColumnValue | null, column: TableColumn, variants: Variants | null) =>
  value === null ? (variants?.get(column.name) ?? null) : encode(value, column);

/** Creates the filler for one version of a table's schema. */
export const createCellFiller = (
  schema: TableSchema,
  columns: ColumnsByName,
  { required, has_fixed_types }: CellRules,
): CellFiller => {
  const absent = [...required].find((name) => !columns.has(name));
  const plan = schema.columns.map((column) => ({
    column,
    isSystem: RESERVED_COLUMNS.has(column.name),
    isRequired: required.has(column.name),
    mayWiden: mayBecomeDouble(column, schema),
  }));

  const fillRow = (row: FlatRow, index: number, system: Record<string, Json>, isExact: boolean): Cells | Missing => {
    const unknown = unknownColumn(row, columns);
    if (unknown !== null) return unknown;
    if (absent !== undefined) throw nullError(schema.columns, absent, row, index);
    let variants: Variants | null = null;
    const cells: Cells = [];
    for (const { column, isSystem, isRequired, mayWiden } of plan) {
      const value = (isSystem ? system[column.name] : row.get(column.name)) ?? null;
      let text = textOf(value, column, variants);
      if (text === NOT_REPRESENTABLE) {
        variants ??= new Map();
        const missing = storeVariant(variants, columns, column, value);
        if (missing !== null) return missing;
        text = null;
      }
      if (isExact && mayWiden && text !== null && (isBeyondDouble(text) || (!has_fixed_types && isDouble(value)))) {
        return { missing: `column ${column.name} has another type or is not marked as exact` };
      }
      if (isRequired && text === null) throw nullError(schema.columns, column.name, row, index);
      cells.push(text);
    }
    return cells;
  };

  return {
    fill: (row, index, system) => fillRow(row, index, system, false),
    fillExact: (row, index, system) => fillRow(row, index, system, true),
  };
};
