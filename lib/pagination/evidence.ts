import type { PageResponse } from "../config/custom-paginator.ts";
import { isJsonObject, type Json } from "../json/index.ts";
import { pathOf } from "../json/path.ts";
import { asFlag, asTotal } from "./stop-conditions.ts";

/** A value in a response that shows more pages. */
export interface Evidence {
  /** The value and its path, for a message. */
  found: string;
  /** Paginator to write. */
  suggestion: string;
}

/** Names are compared in lower case, without dashes, underscores and digits. */
const normalized = (key: string): string => key.toLowerCase().replaceAll(/[^a-z]/g, "");

/** Flags that are true when there are more pages. */
const MORE_FLAGS = new Set([
  ...["hasmore", "hasmoreitems", "hasmoreresults", "hasnext", "hasnextpage", "more", "moreavailable", "moreitems"],
  ...["morepages", "moreresults", "istruncated", "truncated"],
]);
/** Flags that are false when there are more pages. */
const LAST_FLAGS = new Set(["islast", "islastpage", "last", "lastpage", "endofstream", "endofrecords", "endofresults"]);
/** Values that request the next page. */
const TOKENS = new Set([
  ...["continue", "continuation", "continuationtoken", "scrollid", "resumptiontoken", "lastevaluatedkey", "bookmark"],
]);
/** Counts of all rows. */
const TOTALS = new Set([
  ...["total", "totalcount", "totalresults", "totalrecords", "totalitems", "totalhits", "totalrows", "count"],
]);
/** Objects that describe the page, next to the rows. */
const PAGE_OBJECTS = new Set([
  "meta",
  "metadata",
  "paging",
  "pagination",
  "page",
  "pageinfo",
  "pager",
  "info",
  "links",
]);

interface Value {
  keys: string[];
  value: Json;
}

/** Yields the values of a response outside of lists, in document order. */
function* valuesIn(body: Json, keys: string[] = []): Generator<Value> {
  if (!isJsonObject(body)) return;
  for (const [key, value] of Object.entries(body)) {
    const here = [...keys, key];
    yield { keys: here, value };
    yield* valuesIn(value, here);
  }
}

const isFilled = (value: Json): boolean => {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== null && value !== "" && value !== false && value !== 0;
};

/** Whether a total describes the list: at the top, or in an object about the page. */
const isAboutPage = (keys: string[]): boolean =>
  keys.length === 1 || (keys.length === 2 && PAGE_OBJECTS.has(normalized(keys[0] ?? "")));

const shown = (value: Json): string => {
  const text = JSON.stringify(value, (_key, inner) => (typeof inner === "bigint" ? String(inner) : inner));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

/** Looks for one kind of evidence in a value. */
type Finder = (value: Value & { name: string; path: string }, rows: number) => Evidence | null;

const findMoreFlag: Finder = ({ name, path, value }) =>
  MORE_FLAGS.has(name) && asFlag(value) === true
    ? { found: `${path} is ${shown(value)}`, suggestion: `a paginator with has_more_path: ${JSON.stringify(path)}` }
    : null;

const findLastFlag: Finder = ({ name, path, value }) =>
  // A number may be that of the last page.
  LAST_FLAGS.has(name) && typeof value !== "number" && asFlag(value) === false
    ? { found: `${path} is ${shown(value)}`, suggestion: `a paginator with last_page_path: ${JSON.stringify(path)}` }
    : null;

const findToken: Finder = ({ name, path, keys, value }) => {
  const isToken = TOKENS.has(name) || (name === "after" && normalized(keys.at(-2) ?? "") === "cursors");
  if (!isToken || !isFilled(value)) return null;
  const inner = isJsonObject(value) ? pathOf([...keys, Object.keys(value)[0] ?? ""]) : path;
  const suggestion = `{ type: "cursor", cursor_path: ${JSON.stringify(inner)}, cursor_param: "..." }`;
  return { found: `${path} is ${shown(value)}`, suggestion };
};

const findTotal: Finder = ({ name, path, keys, value }, rows) => {
  const total = TOTALS.has(name) && isAboutPage(keys) ? asTotal(value) : null;
  return total !== null && total > rows
    ? {
        found: `${path} is ${total}, and the page has ${rows} rows`,
        suggestion: 'a paginator such as { type: "offset", limit: 100 }',
      }
    : null;
};

/** Names of totals that some APIs give to the number of pages, or to the rows of a page. */
const UNCERTAIN_TOTALS = new Set(["total", "count"]);

/**
 * Returns the number of all rows that a response reports; null if it reports none.
 *
 * @param options.isPlainTotal whether a value named `total` is one.
 */
export const totalIn = (body: Json, { isPlainTotal }: { isPlainTotal: boolean }): number | null => {
  for (const { keys, value } of valuesIn(body)) {
    const name = normalized(keys.at(-1) ?? "");
    const isCertain = !UNCERTAIN_TOTALS.has(name) || (name === "total" && isPlainTotal);
    const total = TOTALS.has(name) && isCertain && isAboutPage(keys) ? asTotal(value) : null;
    if (total !== null) return total;
  }
  return null;
};

/** Finds a count of rows in a response without any; null when there is none. */
export const countWithoutRows = (body: Json): string | null => {
  for (const value of valuesIn(body)) {
    const evidence = findTotal({ ...value, name: normalized(value.keys.at(-1) ?? ""), path: pathOf(value.keys) }, 0);
    if (evidence !== null) return evidence.found;
  }
  return null;
};

const FINDERS: Finder[] = [findMoreFlag, findLastFlag, findToken, findTotal];

const firstEvidence = ({ body, rows }: PageResponse, finders: Finder[]): Evidence | null => {
  for (const value of valuesIn(body)) {
    const named = { ...value, name: normalized(value.keys.at(-1) ?? ""), path: pathOf(value.keys) };
    for (const find of finders) {
      const evidence = find(named, rows);
      if (evidence !== null) return evidence;
    }
  }
  return null;
};

/** Returns the first value of a response that shows more rows than this page has; null when there is none. */
export const evidenceOfMore = (response: PageResponse): Evidence | null => firstEvidence(response, FINDERS);

/** Returns the first flag of a response that announces more pages; null when there is none. */
export const flagOfMore = (response: PageResponse): Evidence | null =>
  firstEvidence(response, [findMoreFlag, findLastFlag]);
