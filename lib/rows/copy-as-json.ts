import type { Json } from "../json/index.ts";
import { withLiteralsOf } from "../json/literals.ts";

const isFunction = (value: unknown): value is (...given: unknown[]) => unknown => typeof value === "function";

const copyObject = (value: object, ancestors: readonly object[]): Json | undefined => {
  if (ancestors.includes(value)) throw new TypeError("the result contains an object that contains itself");
  const within = [...ancestors, value];
  if ("toJSON" in value && isFunction(value.toJSON)) return copy(value.toJSON(), within);
  if ("then" in value && isFunction(value.then)) throw new TypeError("the result contains a promise: await it");
  if (Array.isArray(value) || value instanceof Set) {
    const items = Array.from(value, (item) => copy(item, within) ?? null);
    return withLiteralsOf(value, items);
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const copied = Object.fromEntries(
    entries.flatMap(([key, item]) => {
      const json = copy(item, within);
      return json === undefined ? [] : [[String(key), json] as const];
    }),
  );
  return withLiteralsOf(value, copied);
};

const copy = (value: unknown, ancestors: readonly object[]): Json | undefined => {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : null;
    case "bigint":
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
    case "object":
      return value === null ? null : copyObject(value, ancestors);
    default:
      return undefined;
  }
};

/**
 * Returns a copy of any value as JSON: dates become ISO strings, objects with `toJSON` what it returns, maps objects, sets
 * lists, NaN and Infinity null. Fields that are undefined or functions are left out. Numbers keep their literals.
 *
 * @returns undefined for undefined, functions and symbols.
 * @throws TypeError for a promise, and for an object that contains itself.
 */
export const copyAsJson = (value: unknown): Json | undefined => copy(value, []);
