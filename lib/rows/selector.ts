import { ResponseError, SelectorError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { atKeys, keysOf } from "./path.ts";

/** Where dlt looks for the rows of a response that no selector describes. */
const USUAL_KEYS = new Set([
  "data",
  "items",
  "results",
  "entries",
  "records",
  "rows",
  "entities",
  "payload",
  "content",
  "objects",
  "values",
]);

const MAXIMUM_DEPTH = 3;

const listPaths = (body: Json, path: string[] = []): string[][] => {
  if (Array.isArray(body)) return [path];
  if (!isJsonObject(body) || path.length === MAXIMUM_DEPTH) return [];
  return Object.entries(body).flatMap(([key, value]) => listPaths(value, [...path, key]));
};

/**
 * dlt's guess: of the lists at most three keys deep, in the order of the answer, the first under a usual key, else the
 * first, else the whole. As keys, which may hold a dot themselves.
 */
export const detectSelector = (body: Json): string[] => {
  const paths = listPaths(body);
  return paths.find((path) => USUAL_KEYS.has(path.at(-1) ?? "")) ?? paths[0] ?? [];
};

const describe = (body: Json): string => {
  if (body === null) return "null";
  if (Array.isArray(body)) return "a list";
  return isJsonObject(body)
    ? `an object with the keys ${Object.keys(body).slice(0, 10).join(", ")}`
    : `a ${typeof body}`;
};

/**
 * The rows of a response: a list as it is, a single object as one row, null as none.
 *
 * @throws SelectorError when the selector matches nothing (dlt takes that for an empty page and loses rows).
 * @throws ResponseError when what it matches is not made of objects.
 */
export const selectRows = (body: Json, selector: string | null): JsonObject[] => {
  const keys = selector === null ? detectSelector(body) : keysOf(selector);
  const path = keys.join(".") || "$";
  const found = atKeys(body, keys);
  if (found === undefined) {
    throw new SelectorError(
      `data_selector ${JSON.stringify(path)} matches nothing: the answer is ${describe(body)}. Mend the selector; the run goes on from here`,
    );
  }
  const rows = found === null ? [] : Array.isArray(found) ? found : [found];
  const odd = rows.findIndex((row) => !isJsonObject(row));
  if (odd !== -1) {
    throw new ResponseError(
      `row ${odd + 1} at ${JSON.stringify(path)} is not an object but ${describe(rows[odd] ?? null)}`,
    );
  }
  return rows as JsonObject[];
};
