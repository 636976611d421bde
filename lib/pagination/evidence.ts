import type { PageResponse } from "../config/custom-paginator.ts";
import { isJsonObject, type Json, type JsonObject } from "../json/index.ts";
import { pathOf } from "../json/path.ts";
import { type Evidence, headerEvidence } from "./header-evidence.ts";
import { asFlag, asTotal } from "./stop-conditions.ts";

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
  ...["endcursor", "pagetoken"],
]);
/** Counts of all pages, other than those that `auto` reads. */
const PAGE_COUNTS = new Set([
  "pagecount",
  "numpages",
  "nbpages",
  "numberofpages",
  "totalnumberofpages",
  "pagestotal",
  "lastpage",
]);
/** Counts of all rows. */
const TOTALS = new Set([
  ...["total", "totalcount", "totalresults", "totalrecords", "totalitems", "totalhits", "totalrows", "count"],
  ...["totalelements", "totalentries", "totalsize", "totalfound", "numfound", "odatacount", "recordsfiltered"],
  // Elasticsearch writes an object.
  "totalvalue",
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
  /** The objects around it, the whole response first. */
  within: JsonObject[];
}

/** Yields the values of a response outside of lists, in document order. */
function* valuesIn(body: Json, keys: string[] = [], around: JsonObject[] = []): Generator<Value> {
  if (!isJsonObject(body)) return;
  const within = [...around, body];
  for (const [key, value] of Object.entries(body)) {
    const here = [...keys, key];
    yield { keys: here, value, within };
    yield* valuesIn(value, here, within);
  }
}

/** Whether a value, or one inside of it, is not empty. */
const isFilled = (value: Json): boolean => {
  if (typeof value === "object" && value !== null) return Object.values(value).some(isFilled);
  return value !== null && value !== "" && value !== false && value !== 0;
};

const holdsRows = (object: JsonObject | undefined, rows: number): boolean =>
  Object.values(object ?? {}).some((value) => Array.isArray(value) && value.length === rows);

/** Whether a value describes the list: at the top, next to the rows, or in an object about the page at one of these places. */
const isAboutPage = ({ keys, within }: Pick<Value, "keys" | "within">, rows: number): boolean => {
  const isInPageObject = keys.length > 1 && PAGE_OBJECTS.has(normalized(keys.at(-2) ?? ""));
  const depth = keys.length - (isInPageObject ? 2 : 1);
  return depth === 0 || holdsRows(within[depth], rows);
};

/** Returns the total in a value; null for other values. */
const totalOf = ({ keys, value, within }: Value, rows: number): { name: string; total: number } | null => {
  const key = normalized(keys.at(-1) ?? "");
  const isObject = key === "value" && normalized(keys.at(-2) ?? "") === "total";
  const place = isObject ? { keys: keys.slice(0, -1), within } : { keys, within };
  const name = isObject ? "totalvalue" : key;
  const total = TOTALS.has(name) && isAboutPage(place, rows) ? asTotal(value) : null;
  return total === null ? null : { name, total };
};

const shown = (value: Json): string => {
  const text = JSON.stringify(value, (_key, inner) => (typeof inner === "bigint" ? String(inner) : inner));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

/** Looks for one kind of evidence in a value. */
type Finder = (value: Value & { name: string; path: string }, rows: number) => Evidence | null;

const findMoreFlag: Finder = ({ name, path, value }) =>
  MORE_FLAGS.has(name) && asFlag(value) === true
    ? { found: `${path} is ${shown(value)}`, suggestion: `has_more_path: ${JSON.stringify(path)}` }
    : null;

const findLastFlag: Finder = ({ name, path, value, ...place }, rows) =>
  // A number may be that of the last page.
  (LAST_FLAGS.has(name) || (name === "done" && isAboutPage(place, rows))) &&
  typeof value !== "number" &&
  asFlag(value) === false
    ? { found: `${path} is ${shown(value)}`, suggestion: `last_page_path: ${JSON.stringify(path)}` }
    : null;

/** Whether a key has the cursor of the next page. `next` is one here only with an object that has no URL. */
const isToken = (name: string, keys: string[]): boolean =>
  TOKENS.has(name) ||
  (name === "after" && normalized(keys.at(-2) ?? "") === "cursors") ||
  ((name === "cursor" || name === "next") && keys.length <= 2);

/** Returns the paginator of a cursor, in the JSON body for the cursors of GraphQL. */
const cursorPaginator = (name: string, keys: string[], value: Json): string => {
  const [key = ""] = isJsonObject(value) ? (Object.entries(value).find(([, inner]) => isFilled(inner)) ?? []) : [];
  const path = pathOf(key === "" ? keys : [...keys, key]);
  const place = name === "endcursor" ? 'cursor_body_path: "variables.after"' : 'cursor_param: "..."';
  return `type: "cursor", cursor_path: ${JSON.stringify(path)}, ${place}`;
};

const findToken: Finder = ({ name, path, keys, value }) =>
  isToken(name, keys) && !Array.isArray(value) && isFilled(value)
    ? { found: `${path} is ${shown(value)}`, suggestion: cursorPaginator(name, keys, value) }
    : null;

/** Finds a list of links, as in HAL and FHIR, with one to the next page. */
const findLinkItem: Finder = ({ name, path, keys, value }) => {
  if ((name !== "link" && name !== "links") || keys.length > 2 || !Array.isArray(value)) return null;
  const next = value.find((item) => isJsonObject(item) && (item.rel === "next" || item.relation === "next"));
  if (!isJsonObject(next ?? null)) return null;
  const item = next as JsonObject;
  const url = ["href", "url", "uri"].find((key) => typeof item[key] === "string");
  if (url === undefined) return null;
  const link = `${path}[?@.${item.rel === "next" ? "rel" : "relation"} == 'next'].${url}`;
  return { found: `${path} has a link to the next page`, suggestion: `type: "json_link", next_url_path: "${link}"` };
};

const findPageCount: Finder = ({ name, path, value, ...place }, rows) =>
  PAGE_COUNTS.has(name) && isAboutPage(place, rows) && (asTotal(value) ?? 0) > 1
    ? {
        found: `${path} is ${shown(value)}`,
        suggestion: `type: "page_number", base_page: 1, total_path: ${JSON.stringify(path)}`,
      }
    : null;

const findTotal: Finder = (value, rows) => {
  const total = totalOf(value, rows)?.total ?? 0;
  return total > rows
    ? {
        found: `${value.path} is ${total}, and the page has ${rows} rows`,
        suggestion: 'type: "offset", limit: 100',
      }
    : null;
};

const firstEvidence = (body: Json, rows: number, finders: Finder[]): Evidence | null => {
  for (const value of valuesIn(body)) {
    const named = { ...value, name: normalized(value.keys.at(-1) ?? ""), path: pathOf(value.keys) };
    for (const find of finders) {
      const evidence = find(named, rows);
      if (evidence !== null) return evidence;
    }
  }
  return null;
};

/** Names of totals that some APIs give to the number of pages, or to the rows of a page. */
const UNCERTAIN_TOTALS = new Set(["total", "count"]);

/**
 * Returns the number of all rows that a response reports; null if it reports none.
 *
 * @param options.isPlainTotal whether a value named `total` is one.
 */
export const totalIn = (
  { body, rows }: Pick<PageResponse, "body" | "rows">,
  { isPlainTotal }: { isPlainTotal: boolean },
): number | null => {
  for (const value of valuesIn(body)) {
    const found = totalOf(value, rows);
    if (found === null) continue;
    if (!UNCERTAIN_TOTALS.has(found.name) || (found.name === "total" && isPlainTotal)) return found.total;
  }
  return null;
};

/** Finds a count of rows in a response without any; null when there is none. */
export const countWithoutRows = (body: Json): string | null => firstEvidence(body, 0, [findTotal])?.found ?? null;

/** Whether a response shows that its page is the last one: by a flag, an empty `next`, or a total of its rows. */
export const isShownComplete = ({ body, rows }: PageResponse): boolean => {
  for (const placed of valuesIn(body)) {
    const { keys, value } = placed;
    const name = normalized(keys.at(-1) ?? "");
    if (MORE_FLAGS.has(name) && asFlag(value) === false) return true;
    if (LAST_FLAGS.has(name) && value === true) return true;
    if (name.startsWith("next") && !isFilled(value)) return true;
    if (name !== "count" && totalOf(placed, rows)?.total === rows) return true;
  }
  return false;
};

const FLAGS: Finder[] = [findMoreFlag, findLastFlag];

const withAnyPaginator = ({ found, suggestion }: Evidence): Evidence => ({
  found,
  suggestion: `a paginator with ${suggestion}`,
});

/** Returns the first value of a response that shows more rows than this page has, and the paginator; null when there is none. */
export const evidenceOfMore = (response: PageResponse): Evidence | null => {
  const { body, rows, headers } = response;
  const flag = firstEvidence(body, rows, FLAGS);
  // The last page of GraphQL has a cursor, too.
  const cursor = flag === null && isShownComplete(response) ? null : firstEvidence(body, rows, [findToken]);
  const other = firstEvidence(body, rows, [findLinkItem, findPageCount, findTotal]);
  const found = flag ?? cursor ?? other;
  if (found === null) return headerEvidence(headers, rows);
  const paginator = cursor ?? other;
  if (flag === null) return { ...found, suggestion: `{ ${found.suggestion} }` };
  return paginator === null
    ? withAnyPaginator(flag)
    : { found: flag.found, suggestion: `{ ${paginator.suggestion}, ${flag.suggestion} }` };
};

/** Returns the first flag of a response that announces more pages; null when there is none. */
export const flagOfMore = ({ body, rows }: PageResponse): Evidence | null => {
  const flag = firstEvidence(body, rows, FLAGS);
  return flag === null ? null : withAnyPaginator(flag);
};

/** Names of a page size. */
const SIZES = new Set(["limit", "perpage", "pagesize", "pagelimit", "itemsperpage", "maxresults", "size"]);

/** Whether a response names a page size that is the number of its rows. */
export const namesSize = ({ body, rows }: PageResponse): boolean =>
  valuesIn(body).some(
    (placed) =>
      SIZES.has(normalized(placed.keys.at(-1) ?? "")) && asTotal(placed.value) === rows && isAboutPage(placed, rows),
  );
