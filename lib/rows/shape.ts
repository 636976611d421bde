import type { TableSchema } from "../columns/table-schema.ts";
import { MAX_TABLE_NESTING } from "../config/defaults.ts";
import { SchemaContractError } from "../errors/index.ts";
import type { Json, JsonObject } from "../json/index.ts";
import { type CellRules, type Cells, createCellFiller, keyText } from "./cells.ts";
import { createColumnNaming } from "./column-naming.ts";
import { createFlatten, type FlatRow } from "./flatten.ts";
import { type ColumnPlanner, createColumnPlanner } from "./missing-columns.ts";

export type { Cells } from "./cells.ts";
export type { FlatRow } from "./flatten.ts";

/** Rules that the config sets for rows, in addition to the columns of the table. */
export interface RowRules extends CellRules {
  /** Depth to which objects become columns; deeper ones are JSON text (dlt's `max_table_nesting`). */
  max_table_nesting: number;
}

const NO_RULES: RowRules = { max_table_nesting: MAX_TABLE_NESTING, required: new Set(), has_fixed_types: false };

/** Values of restlake's own columns for the row of an index. */
type SystemValues = (index: number) => Record<string, Json>;

/** Turns raw records into rows of a table: flattens them, plans the missing columns, and fills the cells. */
export interface Shaper extends ColumnPlanner {
  /** Returns a raw record as a row: objects are flattened with `__`, except where their own column is json. */
  flatten(record: JsonObject): FlatRow;
  /** Returns the primary key of a row, for messages; "" when it has none. */
  keyOf(row: FlatRow): string;
  /**
   * Returns the rows with every column of the schema.
   *
   * @throws SchemaContractError for null in a column with `nullable: false`, and for a value without a column, which happens
   *   when another writer changes the schema at the same time.
   */
  cells(rows: FlatRow[], system: SystemValues): Cells[];
  /** Returns the same in one pass, or null where `missingColumns` is not empty. */
  cellsOfKnown(rows: FlatRow[], system: SystemValues): Cells[] | null;
}

/** Creates the shaper for one version of a table's schema. */
export const createShaper = (schema: TableSchema, rules: Partial<RowRules> = {}): Shaper => {
  const { max_table_nesting, ...rest } = { ...NO_RULES, ...rules };
  const columns = new Map(schema.columns.map((column) => [column.name, column]));
  const naming = createColumnNaming(schema);
  const filler = createCellFiller(schema, columns, rest);
  return {
    ...createColumnPlanner({ schema, columns, naming, ...rest }),
    flatten: createFlatten(schema, naming, max_table_nesting),
    keyOf: (row) => keyText(row, schema.columns),

    cells: (rows, system) =>
      rows.map((row, index) => {
        const cells = filler.fill(row, index, system(index));
        if (Array.isArray(cells)) return cells;
        throw new SchemaContractError(`${cells.missing}: start again, and the next run adds it`);
      }),

    cellsOfKnown(rows, system) {
      const all: Cells[] = [];
      for (const [index, row] of rows.entries()) {
        const cells = filler.fillExact(row, index, system(index));
        if (!Array.isArray(cells)) return null;
        all.push(cells);
      }
      return all;
    },
  };
};
