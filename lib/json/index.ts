import { hasLiterals, literalAt, NumberLiteral } from "./literals.ts";

/** Any JSON value. Integers beyond 2^53 are BigInt, so that no digit is lost. */
export type Json = null | boolean | number | bigint | string | Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  [key: string]: Json;
}

/** Node 24 supports it; TypeScript's library does not declare it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

const writeBigInt = (_key: string, value: unknown) => (typeof value === "bigint" ? rawJSON(value.toString()) : value);

/** Writes every number with all its digits. */
function writeNumber(this: object, key: string, value: Json) {
  const exact = literalAt(this, key, value);
  return exact instanceof NumberLiteral ? rawJSON(exact.text) : writeBigInt(key, exact);
}

/**
 * Returns a value as JSON text. A BigInt, and a number whose literal `parseJson` has kept, is written with all its digits. The
 * slow path, a replacer for each value, runs only if there are such numbers.
 */
export const stringifyJson = (value: unknown): string => {
  try {
    if (!hasLiterals(value)) return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  return JSON.stringify(value, writeNumber);
};

/** Returns JSON text with sorted keys, so that equal values have equal text and equal hashes. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (key, inner) =>
    isJsonObject(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : writeBigInt(key, inner),
  );

/** Whether a value is a JSON object: neither a list nor null. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Returns a value as a row. As in dlt, one that is not an object is a row with one column, `value`. */
export const asRow = (value: Json): JsonObject => (isJsonObject(value) ? value : { value });
