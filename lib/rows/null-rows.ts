import { SchemaContractError } from "../errors/index.ts";
import { isJsonObject, type Json, type JsonObject } from "../json/index.ts";
import { atKeys, compilePath, pathOf } from "../json/path.ts";

/** A list of objects that has null among them. */
export interface NullRows {
  /** JSONPath of the list. */
  path: string;
  /** JSONPath of the list without null. */
  skipping: string;
}

/** A row without any value, where a column must not be null. */
export class NullRowError extends SchemaContractError {
  /** The column. */
  readonly column: string;

  constructor(column: string, row: string) {
    super(
      `${row} has no values, and column ${column} must not be null (nullable: false, or part of primary_key): filter out such rows in processing_steps`,
    );
    this.column = column;
  }
}

const isNullRow = (row: JsonObject): boolean => row.value === null && Object.keys(row).length === 1;

/** Returns the list that has null among the objects which are rows; null if there is none. */
export const nullRowsIn = (body: Json, selector: string | readonly string[], rows: JsonObject[]): NullRows | null => {
  if (!rows.some(isNullRow) || rows.every(isNullRow)) return null;
  const path = typeof selector === "string" ? selector : pathOf(selector);
  const matches = typeof selector === "string" ? compilePath(selector).all(body) : [atKeys(body, selector) ?? null];
  const items = matches.flat();
  if (!items.includes(null) || !items.some(isJsonObject)) return null;
  return { path, skipping: `${path}[?@ != null]` };
};

const skips = ({ skipping }: NullRows): string => `data_selector ${JSON.stringify(skipping)} skips it`;

/** Returns a warning about null among rows. As in dlt, it is a row without values. */
export const nullRowsWarning = (nulls: NullRows): string =>
  `the list at ${JSON.stringify(nulls.path)} has null among its rows, which is stored as a row without values: ${skips(nulls)}`;

/** Returns an error with the selector that skips null among the rows, if the error is about such a row. */
export const explainNullRow = (error: unknown, nulls: NullRows | null): unknown =>
  error instanceof NullRowError && nulls !== null
    ? new SchemaContractError(
        `the list at ${JSON.stringify(nulls.path)} has null among its rows, but column ${error.column} must not be null (nullable: false, or part of primary_key): ${skips(nulls)}`,
      )
    : error;
