import type { PageResponse } from "../config/custom-paginator.ts";
import { PAGINATOR_DEFAULTS } from "../config/defaults.ts";
import type { PagePaginator } from "../config/resolved.ts";
import { isJsonObject, type Json } from "../json/index.ts";
import { pathOf } from "../json/path.ts";
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

const isNext = (key: string): boolean => key.startsWith("next");
const isHref = (key: string): boolean => /^(href|url)/.test(key);

const TOTAL_PAGES = new Set(["total_pages", "pages", "totalpages"]);
/** Names for the number of the current page, without dashes and underscores. */
const CURRENT_PAGE = new Set(["page", "currentpage", "current", "pagenumber", "pageno", "pageindex", "number"]);

/** Whether a value is a count of pages: an integer, or the string of one. */
const isCount = ({ value }: Found): boolean => typeof value !== "boolean" && Number.isInteger(asTotal(value));

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
 * Only the first key that begins with `next` and the first count are considered.
 *
 * Different from dlt: dlt always counts pages from 0, and so loses the last page of an API that counts from 1. Here the first or
 * the second response decides. dlt also fails on keys with dots or quotes.
 *
 * @throws ResponseError for an invalid `Link` header.
 */
export const decide = (response: PageResponse): Decision => {
  const link = { type: "header_link", ...PAGINATOR_DEFAULTS.header_link } as const;
  if ("link" in headerLink.next(link, {}, response)) return { paginator: link };
  const { body } = response;
  const next = find(body, isNext, isHref);
  if (typeof next?.value === "string" && /^(http|\/)/.test(next.value)) {
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
  if (next !== null) {
    return { paginator: { type: "cursor", ...PAGINATOR_DEFAULTS.cursor, cursor_path: pathOf(next.keys) } };
  }
  return { paginator: { type: "single_page" } };
};
