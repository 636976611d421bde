import type { SchemaContract } from "../config/resolved.ts";
import { SchemaContractError } from "../errors/index.ts";
import type { FlatRow, Shaper } from "./shape.ts";

/** Result of a contract for one page. */
export interface Contracted {
  /** Whether the row of that index is kept. Discarded values are removed from the kept rows. */
  kept: boolean[];
  discarded_rows: number;
  discarded_values: number;
}

const VIOLATIONS = {
  columns: (name: string) => `has a new column ${name}`,
  data_type: (name: string) => `has a value in ${name} that is not of the column's type`,
};

/** Whether a contract lets the data change columns and types. */
export const isOpen = ({ columns, data_type }: SchemaContract): boolean =>
  columns === "evolve" && data_type === "evolve";

/**
 * Applies `schema_contract` (dlt) to the rows of a page. A value that would change the table is accepted, or fails the page,
 * or is discarded alone or with its row.
 *
 * @param rows changed in place where a value is discarded.
 * @throws SchemaContractError, with the row's key and the column, for a change that is frozen.
 */
export const applyContract = (shaper: Shaper, contract: SchemaContract, rows: FlatRow[]): Contracted => {
  const result: Contracted = { kept: [], discarded_rows: 0, discarded_values: 0 };
  for (const [index, row] of rows.entries()) {
    const discarded: string[] = [];
    let isKept = true;
    for (const [name, value] of row) {
      const change = value === null ? null : shaper.changeBy(name, value);
      const mode = change === null ? "evolve" : contract[change];
      if (mode === "freeze" && change !== null) {
        throw new SchemaContractError(
          `the row with ${shaper.keyOf(row) || `number ${index + 1} of its page`} ${VIOLATIONS[change](name)}, but schema_contract freezes ${change}: declare the column, or set ${change} to evolve, discard_row or discard_value`,
        );
      }
      if (mode === "discard_row") isKept = false;
      if (mode === "discard_value") discarded.push(name);
    }
    result.kept.push(isKept);
    if (!isKept) result.discarded_rows++;
    else {
      for (const name of discarded) row.delete(name);
      result.discarded_values += discarded.length;
    }
  }
  return result;
};
