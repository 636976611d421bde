import type { PageResponse } from "../config/custom-paginator.ts";
import { PAGINATOR_DEFAULTS } from "../config/defaults.ts";
import type { PagePaginator } from "../config/resolved.ts";
import { IncompleteError } from "../errors/index.ts";
import { isJsonObject, type Json, type JsonObject } from "../json/index.ts";
import { pathOf } from "../json/path.ts";
import { evidenceOfMore } from "./evidence.ts";
import { headerLink } from "./header-link.ts";
import { asTotal } from "./stop-conditions.ts";

/** The paginator that `auto` chose from a first response. */
export interface Decision {
  paginator: PagePaginator;
  /**
   * Set when pages are numbered, but the response does not show whether the first one is 0 or 1. Page 1 is requested next; if it
   * equals the first page, numbers start at 1.
   */
  is_base_guessed?: true;
  /** Set when page numbers are a guess: if the API ignores them, the first page is the only one. */
  is_guess?: true;
}

type Scalar = string | number | boolean | bigint;

interface Found {
  keys: string[];
  value: Scalar;
}

const isScalar = (value: Json | undefined): value is Scalar =>
  ["string", "number", "boolean", "bigint"].includes(typeof value);

/**
 * Finds the first scalar whose lower-case key matches, in document order, so that the content of an object comes before a later
 * key. Lists are not searched; null and lists do not match (dlt).
 *
 * @param fits whether a key matches.
 * @param within whether a key matches inside of an object whose own key matches.
 */
const find = (
  body: Json,
  fits: (key: string) => boolean,
  within: (key: string) => boolean = () => false,
  keys: string[] = [],
): Found | null => {
  if (!isJsonObject(body)) return null;
  for (const [key, value] of Object.entries(body)) {
    const here = [...keys, key];
    if (fits(key.toLowerCase())) {
      if (isScalar(value)) return { keys: here, value };
      const inner = isJsonObject(value)
        ? Object.entries(value).find(([name, item]) => within(name.toLowerCase()) && isScalar(item))
        : undefined;
      if (inner !== undefined) return { keys: [...here, inner[0]], value: inner[1] as Scalar };
    }
    const deeper = find(value, fits, within, here);
    if (deeper !== null) return deeper;
  }
  return null;
};

/** Whether a lower-case key begins with `next`, also as OData writes it. */
const isNext = (key: string): boolean => /^(@odata\.|__)?next/.test(key);
const isHref = (key: string): boolean => /^(href|url|link)/.test(key);

/** Returns the first value, outside of lists, whose key begins with `next`; null when there is none. */
export const findNext = (body: Json): { keys: string[]; value: Scalar } | null => find(body, isNext, isHref);

const TOTAL_PAGES = new Set(["total_pages", "pages", "totalpages"]);
/** Names for the number of the current page, without dashes and underscores. */
const CURRENT_PAGE = new Set(["page", "currentpage", "current", "pagenumber", "pageno", "pageindex", "number"]);

/** Whether a value is a count of pages: an integer, or the string of one. */
const isCount = ({ value }: Found): boolean => typeof value !== "boolean" && Number.isInteger(asTotal(value));

const OFFSETS = new Set(["offset", "startat", "skip"]);
const LIMITS = new Set(["limit", "maxresults"]);
const TOTAL_ROWS = new Set(["total", "totalcount", "totalresults", "totalrecords", "totalitems"]);

const letters = (key: string): string => key.toLowerCase().replaceAll(/[-_]/g, "");

/** Returns the paginator of an object that repeats offset and limit of the request next to a total; null for any other. */
const offsetIn = (object: JsonObject, path: string[]): PagePaginator | null => {
  const entries = Object.entries(object);
  const keyIn = (names: Set<string>) =>
    entries.find(([key, value]) => names.has(letters(key)) && asTotal(value) !== null);
  const [offset, limit, total] = [keyIn(OFFSETS), keyIn(LIMITS), keyIn(TOTAL_ROWS)];
  if (offset === undefined || limit === undefined || total === undefined) return null;
  const size = asTotal(limit[1]) ?? 0;
  // Any other offset is not that of the first page.
  if (asTotal(offset[1]) !== 0 || size < 1 || !Number.isInteger(size)) return null;
  return {
    type: "offset",
    ...PAGINATOR_DEFAULTS.offset,
    limit: size,
    offset_param: offset[0],
    limit_param: limit[0],
    total_path: pathOf([...path, total[0]]),
  };
};

/** Returns the paginator of the first object, outside of lists, with offset, limit and total. */
const findOffset = (body: Json, path: string[] = []): PagePaginator | null => {
  if (!isJsonObject(body)) return null;
  const here = offsetIn(body, path);
  if (here !== null) return here;
  for (const [key, value] of Object.entries(body)) {
    const inner = findOffset(value, [...path, key]);
    if (inner !== null) return inner;
  }
  return null;
};

const URL_START = /^(https?:\/\/|\/)/;

/** Returns the name of a response header with the URL of the next page, such as `Next-Page`; undefined when there is none. */
const nextHeader = (headers: Headers): string | undefined =>
  [...headers].find(([name, value]) => name.includes("next") && URL_START.test(value.trim()))?.[0];

/** @throws IncompleteError for evidence of more pages that `auto` cannot read. */
const checkEvidence = (response: PageResponse): void => {
  const evidence = evidenceOfMore(response);
  if (evidence === null) return;
  throw new IncompleteError(
    `the API has more pages than auto can read (${evidence.found}): write ${evidence.suggestion}, or paginator: single_page to accept the first page only`,
  );
};

/** Returns the number that the first response, requested without a number, has next to its count of pages. */
const reportedBase = (body: Json, total: Found): 0 | 1 | null => {
  let holder: Json = body;
  for (const key of total.keys.slice(0, -1)) holder = isJsonObject(holder) ? (holder[key] ?? null) : null;
  if (!isJsonObject(holder)) return null;
  for (const [key, value] of Object.entries(holder)) {
    if (!CURRENT_PAGE.has(key.toLowerCase().replaceAll(/[-_]/g, ""))) continue;
    if (value === 0 || value === "0") return 0;
    if (value === 1 || value === "1") return 1;
  }
  return null;
};

/**
 * Chooses the paginator that fits the first response, as dlt's `auto` does. In this order: a `Link` header with `rel=next`; a key
 * that begins with `next` and has a URL; a count of pages; a key that begins with `next` and has another value; a single page.
 * Only the first key that begins with `next` and the first count are considered. In addition to dlt: a URL in a header whose name
 * contains `next`, and offset, limit and total next to each other. A response without a list has no next page.
 *
 * Different from dlt: dlt always counts pages from 0, and so loses the last page of an API that counts from 1. Here the first or
 * the second response decides. dlt also fails on keys with dots or quotes.
 *
 * @param isList whether the rows come from a list; false for a response that is a single object.
 * @throws ResponseError for an invalid `Link` header; IncompleteError when the response shows that there are more pages, but not
 *   how to request them.
 */
export const decide = (response: PageResponse, isList = true): Decision => {
  const link = { type: "header_link", ...PAGINATOR_DEFAULTS.header_link } as const;
  if ("link" in headerLink.next(link, {}, response)) return { paginator: link };
  const { body, headers } = response;
  const header = nextHeader(headers);
  if (header !== undefined) return { paginator: { ...link, header } };
  if (!isList) return { paginator: { type: "single_page" } };
  const next = findNext(body);
  if (typeof next?.value === "string" && /^(http|\/|\?)/.test(next.value)) {
    return { paginator: { type: "json_link", next_url_path: pathOf(next.keys) } };
  }
  const total = find(body, (key) => TOTAL_PAGES.has(key));
  if (total !== null && isCount(total)) {
    const base = reportedBase(body, total);
    const paginator = {
      type: "page_number",
      ...PAGINATOR_DEFAULTS.page_number,
      base_page: base ?? 0,
      total_path: pathOf(total.keys),
    } as const;
    return base === null ? { paginator, is_base_guessed: true } : { paginator };
  }
  const offset = findOffset(body);
  if (offset !== null) return { paginator: offset };
  if (next !== null) {
    return { paginator: { type: "cursor", ...PAGINATOR_DEFAULTS.cursor, cursor_path: pathOf(next.keys) } };
  }
  checkEvidence(response);
  return { paginator: { type: "single_page" } };
};
