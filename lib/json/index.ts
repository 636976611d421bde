/** Any JSON value. Integers beyond 2^53 are BigInt, so that none loses a digit. */
export type Json = null | boolean | number | bigint | string | Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  [key: string]: Json;
}

/** Node 24 has both; TypeScript's library does not know them yet. */
const exact = JSON as unknown as {
  rawJSON(text: string): unknown;
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): Json;
};

/** A number that begins with 16 digits, or has an exponent of three: only these may not fit into a double. */
const MAY_NOT_FIT = /(?:^|[[:,\s])-?(?:\d{16}|\d+(?:\.\d+)?[eE]\+?\d{3})/;

/**
 * Parses JSON without losing a digit: an integer beyond 2^53 becomes a BigInt, and a number that is too large for a
 * double, such as 1e400, becomes its text, since JSON has no Infinity to write later.
 * The slow way (a reviver that sees each number's source text) is taken only by texts that may need it.
 *
 * @throws SyntaxError when the text is not JSON.
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
 * JSON text of a value; a BigInt is written with all its digits. The slow way, a function for each value, is taken only where
 * there is one: JSON.stringify throws at it.
 */
export const stringifyJson = (value: unknown): string => {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof TypeError) return JSON.stringify(value, writeBigInt);
    throw error;
  }
};

/** JSON text with the keys of every object in order: equal values give equal text, for hashes. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (key, inner) =>
    isJsonObject(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : writeBigInt(key, inner),
  );

/** Whether a value is an object in JSON's sense: neither a list nor null. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
