import { ResponseError, SelectorError } from "../errors/index.ts";
import { isJsonObject, type Json, type JsonObject } from "../json/index.ts";
import { atKeys, compilePath, pathOf } from "../json/path.ts";

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
  if (!isJsonObject(body)) return typeof body === "bigint" ? "a number" : `a ${typeof body}`;
  const keys = Object.keys(body);
  return keys.length === 0 ? "an empty object" : `an object with the keys ${keys.slice(0, 10).join(", ")}`;
};

/** What a selector matched; a list's items are rows, and so are those of every list that a wildcard finds. */
const rowsOf = (matches: Json[]): Json[] =>
  matches.flatMap((match) => (match === null ? [] : Array.isArray(match) ? match : [match]));

/** @throws SelectorError when the selector matches nothing where there ought to be something. */
const matchesOf = (body: Json, selector: string): Json[] => {
  const path = compilePath(selector);
  const matches = path.all(body);
  const end = matches.length === 0 ? path.deadEnd(body) : null;
  if (end === null) return matches;
  throw new SelectorError(
    `data_selector ${JSON.stringify(selector)} matches nothing: ${end.path === "$" ? "the answer" : end.path} is ${describe(end.value)}. Mend the selector; the run goes on from here`,
  );
};

/**
 * What a later answer has where the first one had its rows, be it null; else its own list, if it has one.
 *
 * @throws SelectorError when it has neither: the whole answer would count as one row.
 */
const atFoundKeys = (body: Json, keys: readonly string[]): Json => {
  const found = atKeys(body, keys);
  if (found !== undefined) return found;
  const own = atKeys(body, detectSelector(body));
  if (Array.isArray(own)) return own;
  throw new SelectorError(
    `there is nothing at ${JSON.stringify(pathOf(keys))}, where the first page had its rows: the answer is ${describe(body)}. Give the endpoint a data_selector`,
  );
};

/**
 * The rows of a response: a list as it is, a single object as one row, null as none; of several matches, the rows of
 * each in turn (dlt makes each match one row, so that the shape of a row depends on how many there are).
 *
 * @param selector JSONPath, or the keys that `detectSelector` found.
 * @throws SelectorError when the selector matches nothing (dlt takes that for an empty page and loses rows). A wildcard,
 *   a filter or an index may find nothing in a list.
 * @throws ResponseError when what it matches is not made of objects.
 */
export const selectRows = (body: Json, selector: string | readonly string[]): JsonObject[] => {
  const rows = rowsOf(typeof selector === "string" ? matchesOf(body, selector) : [atFoundKeys(body, selector)]);
  const odd = rows.findIndex((row) => !isJsonObject(row));
  if (odd !== -1) {
    throw new ResponseError(
      `row ${odd + 1} at ${JSON.stringify(typeof selector === "string" ? selector : pathOf(selector))} is not an object but ${describe(rows[odd] ?? null)}`,
    );
  }
  return rows as JsonObject[];
};
