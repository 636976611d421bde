/** Any JSON value. Integers beyond 2^53 are BigInt, so that no digit is lost. */
export type Json = null | boolean | number | bigint | string | Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  [key: string]: Json;
}

/** Node 24 supports both; TypeScript's library does not declare them yet. */
const exact = JSON as unknown as {
  rawJSON(text: string): unknown;
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): Json;
};

/** Numbers that may not fit into a double: 16 digits or more, or an exponent of three digits. */
const MAY_NOT_FIT = /(?:^|[[:,\s])-?(?:\d{16}|\d+(?:\.\d+)?[eE]\+?\d{3})/;

/**
 * Parses JSON without losing a digit: an integer beyond 2^53 becomes a BigInt, and a number that is too large for a double, such
 * as 1e400, becomes a string, because JSON cannot represent Infinity. A reviver reads the source of each number; this slow path
 * runs only for text that may need it.
 *
 * @throws SyntaxError if the text is not JSON.
 */
export const parseJson = (text: string): Json => {
  if (!MAY_NOT_FIT.test(text)) return JSON.parse(text) as Json;
  return exact.parse(text, (_key, value, { source }) => {
    if (typeof value !== "number" || Number.isSafeInteger(value) || source === undefined) return value;
    if (/^-?\d+$/.test(source)) return BigInt(source);
    return Number.isFinite(value) ? value : source;
  });
};

const writeBigInt = (_key: string, value: unknown) =>
  typeof value === "bigint" ? exact.rawJSON(value.toString()) : value;

/**
 * Returns a value as JSON text. A BigInt is written with all its digits. The slow path, a replacer for each value, runs only if
 * JSON.stringify throws because of a BigInt.
 */
export const stringifyJson = (value: unknown): string => {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof TypeError) return JSON.stringify(value, writeBigInt);
    throw error;
  }
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
