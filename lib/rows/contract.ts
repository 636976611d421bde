import type { SchemaContract } from "../config/resolved.ts";
import { SchemaContractError } from "../errors/index.ts";
import type { FlatRow, Shaper } from "./shape.ts";

/** What a contract leaves of a page. */
export interface Contracted {
  /** Whether the row of that index is kept; values that are left out are gone from the kept rows. */
  kept: boolean[];
  discarded_rows: number;
  discarded_values: number;
}

const said = {
  columns: (name: string) => `has a column ${name}, which the table does not have`,
  data_type: (name: string) => `has a value in ${name} that is of another type than the column`,
};

/** Whether a contract leaves the table to the data. */
export const isOpen = ({ columns, data_type }: SchemaContract): boolean =>
  columns === "evolve" && data_type === "evolve";

/**
 * dlt's `schema_contract`, applied to the rows of a page: what would change the table is let through, is an error, or
 * leaves out its row or itself.
 *
 * @param rows changed in place where a value is left out.
 * @throws SchemaContractError for a change that is frozen, naming the row's key and the column.
 */
export const applyContract = (shaper: Shaper, contract: SchemaContract, rows: FlatRow[]): Contracted => {
  const result: Contracted = { kept: [], discarded_rows: 0, discarded_values: 0 };
  for (const [index, row] of rows.entries()) {
    const left: string[] = [];
    let isKept = true;
    for (const [name, value] of row) {
      const change = value === null ? null : shaper.changeBy(name, value);
      const mode = change === null ? "evolve" : contract[change];
      if (mode === "freeze" && change !== null) {
        throw new SchemaContractError(
          `the row with ${shaper.keyOf(row) || `number ${index + 1} of its page`} ${said[change](name)}, and schema_contract freezes ${change}: declare the column, let it evolve, or discard_row or discard_value`,
        );
      }
      if (mode === "discard_row") isKept = false;
      if (mode === "discard_value") left.push(name);
    }
    result.kept.push(isKept);
    if (!isKept) result.discarded_rows++;
    else {
      for (const name of left) row.delete(name);
      result.discarded_values += left.length;
    }
  }
  return result;
};
