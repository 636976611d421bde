import { ResponseError, SelectorError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { at } from "./path.ts";

/** Where dlt looks for the rows of a response that no selector describes, first hit wins. */
const USUAL_KEYS = [
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
];

const MAXIMUM_DEPTH = 3;

const listPaths = (body: Json, path: string[] = []): string[][] => {
  if (Array.isArray(body)) return [path];
  if (!isJsonObject(body) || path.length === MAXIMUM_DEPTH) return [];
  return Object.entries(body).flatMap(([key, value]) => listPaths(value, [...path, key]));
};

/**
 * dlt's guess: among the lists at most three keys deep, the first under a usual key, else the first, else the whole.
 */
export const detectSelector = (body: Json): string => {
  const paths = listPaths(body).sort((a, b) => a.length - b.length);
  const usual = USUAL_KEYS.flatMap((key) => paths.filter((path) => path.at(-1) === key));
  return (usual[0] ?? paths[0] ?? []).join(".") || "$";
};

const describe = (body: Json): string =>
  isJsonObject(body) ? `an object with the keys ${Object.keys(body).slice(0, 10).join(", ")}` : `a ${typeof body}`;

/**
 * The rows of a response: a list as it is, a single object as one row, null as none.
 *
 * @throws SelectorError when the selector matches nothing (dlt takes that for an empty page and loses rows).
 * @throws ResponseError when what it matches is not made of objects.
 */
export const selectRows = (body: Json, selector: string | null): JsonObject[] => {
  const path = selector ?? detectSelector(body);
  const found = at(body, path);
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
