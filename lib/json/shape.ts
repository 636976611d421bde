import { isJsonObject } from "./index.ts";
import { typeName } from "./kind.ts";

/**
 * Describes the values that a stored document may have.
 *
 * @param path place of the value in the document: `parts[2].rows`; "" for the document itself.
 * @returns what is wrong with the first invalid value, `parts[2].rows: expected integer, got null`; null if all are valid.
 */
export type Shape = (value: unknown, path: string) => string | null;

/** Returns the shape of the values that pass a check. @param expected a noun for the message. */
export const matching =
  (expected: string, isValid: (value: unknown) => boolean): Shape =>
  (value, path) => {
    if (isValid(value)) return null;
    const found = value === undefined ? "nothing" : typeName(value);
    return `${path === "" ? "" : `${path}: `}expected ${expected}, got ${found === expected ? "another one" : found}`;
  };

export const anyValue: Shape = () => null;
export const string = matching("string", (value) => typeof value === "string");
export const number = matching("number", Number.isFinite);
export const boolean = matching("boolean", (value) => typeof value === "boolean");
/** An integer from 0 on. */
export const count = matching("integer", (value) => Number.isSafeInteger(value) && (value as number) >= 0);
/** A time in ISO 8601. */
export const time = matching("time", (value) => typeof value === "string" && !Number.isNaN(Date.parse(value)));
/** A SHA-256 in hexadecimal. */
export const sha256Text = matching("sha256", (value) => typeof value === "string" && /^[\da-f]{64}$/.test(value));

/** Returns the shape of one of these values. */
export const oneOf = (...values: readonly (string | number)[]): Shape =>
  matching(values.join(" or "), (value) => values.includes(value as string));

/** Returns a shape that also accepts null. */
export const orNull =
  (shape: Shape): Shape =>
  (value, path) =>
    value === null ? null : shape(value, path);

/** Returns a shape that also accepts a missing value. */
export const optional =
  (shape: Shape): Shape =>
  (value, path) =>
    value === undefined ? null : shape(value, path);

const firstOf = (problems: Iterable<string | null>): string | null => {
  for (const problem of problems) if (problem !== null) return problem;
  return null;
};

const isList = matching("list", Array.isArray);
const isObject = matching("object", isJsonObject);

/** Returns the shape of a list. */
export const listOf =
  (shape: Shape): Shape =>
  (value, path) =>
    isList(value, path) ??
    firstOf((value as unknown[]).values().map((item, index) => shape(item, `${path}[${index}]`)));

const keyPath = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);

/** Returns the shape of an object with any keys. */
export const mapOf =
  (shape: Shape): Shape =>
  (value, path) =>
    isObject(value, path) ??
    firstOf(
      Object.entries(value as object)
        .values()
        .map(([key, item]) => shape(item, keyPath(path, key))),
    );

/** Returns the shape of an object with these keys. It may have others, which a later version of restlake wrote. */
export const objectOf =
  <Value>(shapes: { readonly [Key in keyof Required<Value>]: Shape }): Shape =>
  (value, path) =>
    isObject(value, path) ??
    firstOf(
      Object.entries<Shape>(shapes)
        .values()
        .map(([key, shape]) => {
          const own = Object.hasOwn(value as object, key) ? (value as Record<string, unknown>)[key] : undefined;
          return shape(own, keyPath(path, key));
        }),
    );
