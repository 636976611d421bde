import { ResponseError } from "../errors/index.ts";
import { asRow, isJsonObject, type Json, type JsonObject } from "../json/index.ts";
import { kindOf } from "../json/kind.ts";
import { copyLiteral } from "../json/literals.ts";
import { atKeys, compilePath, pathOf } from "../json/path.ts";
import { COMMON_KEYS, matchesOf } from "./selector.ts";

/** Whether a field of a record is its key: 17 and "17" are equal. */
const isKey = (value: Json | undefined, key: string): boolean =>
  ["string", "number", "bigint"].includes(typeof value) && String(value) === key;

const otherValue = (column: string, value: Json): ResponseError =>
  new ResponseError(
    `key_column ${JSON.stringify(column)} is a field of a record as well, with another value than its key (it is ${kindOf(value)}): choose another name for key_column`,
  );

/** Returns the row of an entry. A record that has its key already is unchanged. */
const entryRow = (entries: JsonObject, key: string, column: string): JsonObject => {
  const value = entries[key] as Json;
  const row = asRow(value);
  if (row !== value) copyLiteral(entries, key, row, "value");
  if (!Object.hasOwn(row, column)) return { [column]: key, ...row };
  if (isKey(row[column], key)) return row;
  throw otherValue(column, row[column] as Json);
};

const rowsOf = (match: Json, selector: string, column: string): JsonObject[] => {
  if (match === null || (Array.isArray(match) && match.length === 0)) return [];
  if (isJsonObject(match)) return Object.keys(match).map((key) => entryRow(match, key, column));
  const found = Array.isArray(match) ? "a list, whose items have no keys" : kindOf(match);
  throw new ResponseError(
    `key_column expects an object of records at data_selector ${JSON.stringify(selector)} (it is ${found}): set data_selector to the path of the object, or remove key_column`,
  );
};

/**
 * Returns the entries of an object as rows, each with its key in a column; none for null and for an empty list, as which PHP
 * writes an empty object. An entry that is not an object has the columns of the key and `value`.
 *
 * @throws SelectorError when the selector matches nothing.
 * @throws ResponseError for a match that is not an object, and for a record that has another value in the column of the key.
 */
export const selectKeyedRows = (body: Json, selector: string, column: string): JsonObject[] =>
  matchesOf(body, selector).flatMap((match) => rowsOf(match, selector, column));

/** Keys that are ids in any API: digits, UUIDs, and ids of MongoDB. */
const ID = /^(?:\d+|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{24})$/i;

/** Whether an object seems to be records by id: the keys are ids, or each record has its key in a field. */
const isKeyed = (value: Json | undefined): boolean => {
  if (!isJsonObject(value)) return false;
  const entries = Object.entries(value);
  if (entries.length === 0 || !entries.every(([, record]) => isJsonObject(record))) return false;
  if (entries.every(([key]) => ID.test(key))) return true;
  return (
    entries.length > 1 &&
    entries.every(([key, record]) => Object.values(record as JsonObject).some((field) => isKey(field, key)))
  );
};

/** Returns a warning about a single row that seems to be records by id; null for any other response. */
export const keyedWarning = (body: Json, selector: string): string | null => {
  const matches = compilePath(selector).all(body);
  if (matches.length !== 1 || !isKeyed(matches[0])) return null;
  return `the object at data_selector ${JSON.stringify(selector)} is one row, although its keys look like ids of records: key_column: "id" makes each record a row with its key`;
};

/**
 * Checks where rows were found without a data_selector: a list inside of a record is not all records, and an object of records
 * is not one row.
 *
 * @param keys the path that was found; empty for the whole response.
 * @throws ResponseError that names the path of the records.
 */
export const refuseKeyed = (body: Json, keys: readonly string[]): void => {
  const common = isJsonObject(body) ? Object.keys(body).filter((key) => COMMON_KEYS.has(key)) : [];
  const places = keys.length === 0 ? [[], ...common.map((key) => [key])] : keys.map((_, depth) => keys.slice(0, depth));
  const place = places.find((path) => isKeyed(atKeys(body, path)));
  if (place === undefined) return;
  const path = JSON.stringify(pathOf(place));
  throw new ResponseError(
    `the response has an object at ${path} whose keys look like ids of records: set data_selector: ${path} and key_column: "id" to load each record as a row with its key, or data_selector: "$" to load the response as one row`,
  );
};
