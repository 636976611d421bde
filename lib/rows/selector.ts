import { ResponseError, SelectorError } from "../errors/index.ts";
import { asRow, isJsonObject, type Json, type JsonObject } from "../json/index.ts";
import { kindOf } from "../json/kind.ts";
import { isLinkList } from "../json/link-list.ts";
import { copyLiteral } from "../json/literals.ts";
import { atKeys, compilePath, pathOf } from "../json/path.ts";

/** Keys under which dlt expects the rows of a response when the config has no selector. */
export const COMMON_KEYS: ReadonlySet<string> = new Set([
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

/** Keys of lists that are about the response. dlt treats them as rows where there is no other list. */
const NO_ROWS = new Set(["error", "errors", "warnings"]);

const MAX_DEPTH = 3;
/** Maximum length of a key that is guessed: positions contain it. Also the length at which messages cut keys. */
const MAX_KEY_LENGTH = 200;

const listPaths = (body: Json, path: string[] = []): string[][] => {
  if (Array.isArray(body)) return [path];
  if (!isJsonObject(body) || path.length === MAX_DEPTH) return [];
  return Object.entries(body).flatMap(([key, value]) =>
    NO_ROWS.has(key) || isLinkList(key, value) || key.length > MAX_KEY_LENGTH ? [] : listPaths(value, [...path, key]),
  );
};

/** Keys about a page or a response, and not about an object that is a row. */
const PAGE_KEY =
  /^(@odata.*|_?links?|(current_?)?page.*|paging|pagination|per_?page|count|total.*|next.*|prev.*|first|last|limit|offset|size|has_?more.*|is_?last.*|cursor.*|meta(data)?|status.*|code|msg|message|success|ok|errors?|warnings?|kind|object|etag|request_?id)$/i;

/**
 * Returns the path of null under a common key, which many APIs write for an empty list; the whole response if there is none, or
 * other keys show that the response may be a row, whose `content` is null.
 */
const nullListPath = (body: Json): string[] => {
  const keys = isJsonObject(body) ? Object.keys(body) : [];
  const key = keys.find((name) => COMMON_KEYS.has(name) && atKeys(body, [name]) === null);
  return key !== undefined && keys.every((name) => name === key || PAGE_KEY.test(name)) ? [key] : [];
};

/**
 * Guesses where the rows of a response are, as dlt does: of the lists at most three keys deep, in document order, the first one
 * under a common key, or else the first one, or else the whole response. Other than in dlt, lists of errors and of links have no
 * rows, and null under a common key is an empty list.
 *
 * @returns keys, which may contain dots.
 */
export const detectSelector = (body: Json): string[] => {
  const paths = listPaths(body);
  return paths.find((path) => COMMON_KEYS.has(path.at(-1) ?? "")) ?? paths[0] ?? nullListPath(body);
};

const describe = (body: Json): string => {
  if (!isJsonObject(body)) return kindOf(body);
  const keys = Object.keys(body).map((key) => key.slice(0, MAX_KEY_LENGTH));
  return keys.length === 0 ? "an empty object" : `an object with the keys ${keys.slice(0, 10).join(", ")}`;
};

/** Returns a row with one column for a value that is not an object (dlt). */
const valueRow = (list: Json[], index: number): JsonObject => {
  const row: JsonObject = { value: list[index] ?? null };
  copyLiteral(list, index, row, "value");
  return row;
};

/** Returns the rows in one match of a selector: the items of a list, none for null, or the match itself. */
const rowsOf = (match: Json): JsonObject[] => {
  if (match === null) return [];
  if (!Array.isArray(match)) return [asRow(match)];
  return match.map((item, index) => (isJsonObject(item) ? item : valueRow(match, index)));
};

/** Checks what is at the path of the rows, which consists of keys. */
const checkMatch = (match: Json, keys: readonly string[], isDetected: boolean): void => {
  const path = JSON.stringify(pathOf(keys));
  if (match !== null && typeof match !== "object") {
    throw new ResponseError(
      `${path} is neither a list nor an object (it is ${kindOf(match)}): set data_selector to the path of the rows`,
    );
  }
  const isCertain = !isDetected || keys.length === 0 || COMMON_KEYS.has(keys.at(-1) ?? "");
  if (isCertain || !Array.isArray(match) || match.length === 0 || match.some(isJsonObject)) return;
  throw new ResponseError(
    `the only list of the response, at ${path}, has no objects (its first item is ${kindOf(match[0])}): set data_selector to ${path} to load its items as rows with a column value, or to "$" to load the response as one row`,
  );
};

/**
 * Returns the matches of a selector.
 *
 * @throws SelectorError when it matches nothing where a match is required.
 */
export const matchesOf = (body: Json, selector: string): Json[] => {
  const path = compilePath(selector);
  const matches = path.all(body);
  const end = matches.length === 0 ? path.deadEnd(body) : null;
  if (end === null) return matches;
  throw new SelectorError(
    `data_selector ${JSON.stringify(selector)} matches nothing (${end.path === "$" ? "the response" : end.path} is ${describe(end.value)}): set it to the path of the rows, or set on_missing_data: "empty" if the API leaves out the key of an empty list. The run then resumes at this page`,
  );
};

/**
 * Whether a selector matches nothing because an object lacks the key of the rows, as APIs send it that leave out the key of an
 * empty list. Not if the response has rows under a common key, or under that key in another case.
 */
export const isLeftOut = (body: Json, selector: string): boolean => {
  const { value } = compilePath(selector).deadEnd(body) ?? { value: body };
  if (value !== null && !isJsonObject(value)) return false;
  const other = detectSelector(body);
  const key = other.at(-1) ?? "";
  const isSimilar = COMMON_KEYS.has(key) || selector.toLowerCase().includes(key.toLowerCase());
  const rows = atKeys(body, other);
  return !(isSimilar && Array.isArray(rows) && rows.length > 0);
};

/** Whether a list may be that of the rows: another one, such as `facets`, is also on pages that have no rows. */
const mayHoldRows = (keys: readonly string[], found: readonly string[]): boolean =>
  found.length === 0 || COMMON_KEYS.has(found.at(-1) ?? "") || found.at(-1) === keys.at(-1);

/**
 * Returns what a response has where the first response had its rows, which may be null; or else the list of this response under
 * a common key.
 *
 * @throws SelectorError if there is neither. Otherwise the whole response would count as one row.
 */
const atFoundKeys = (body: Json, keys: readonly string[]): Json => {
  const found = atKeys(body, keys);
  if (found !== undefined) return found;
  const other = detectSelector(body);
  const list = mayHoldRows(keys, other) ? atKeys(body, other) : undefined;
  if (Array.isArray(list)) return list;
  throw new SelectorError(
    `the response has nothing at ${JSON.stringify(pathOf(keys))}, where the first page had its rows (it is ${describe(body)}): set data_selector to the path of the rows, or set on_missing_data: "empty" if the API leaves out the key of an empty list`,
  );
};

/** Whether the rows of a response come from a list, or from several matches. A single object is not a list. */
export const selectsList = (body: Json, selector: string | readonly string[]): boolean => {
  const matches = typeof selector === "string" ? compilePath(selector).all(body) : [atKeys(body, selector) ?? null];
  return matches.length !== 1 || Array.isArray(matches[0]) || matches[0] === null;
};

/**
 * Returns the rows of a response: the items of a list, a single object as one row, none for null. Several matches give the
 * rows of each, in order (in dlt each match is one row, so the shape of rows depends on the number of matches). As in dlt, an
 * item that is not an object is a row with one column, `value`.
 *
 * @param selector JSONPath, or the keys that `detectSelector` found.
 * @throws SelectorError when the selector matches nothing (dlt takes that for an empty page and loses rows). A wildcard, a
 *   filter or an index may find nothing in a list.
 * @throws ResponseError for a value where the path of the rows leads to neither a list nor an object, and for a list of values
 *   that was found in an object and may be one of its fields.
 */
export const selectRows = (body: Json, selector: string | readonly string[]): JsonObject[] => {
  const matches = typeof selector === "string" ? matchesOf(body, selector) : [atFoundKeys(body, selector)];
  const keys = typeof selector === "string" ? compilePath(selector).keys : selector;
  const [match] = matches;
  if (keys !== null && match !== undefined) checkMatch(match, keys, typeof selector !== "string");
  return matches.flatMap(rowsOf);
};
