import type { PageResponse } from "../config/custom-paginator.ts";
import { PAGINATOR_DEFAULTS } from "../config/defaults.ts";
import type { PagePaginator } from "../config/resolved.ts";
import { isJsonObject, type Json } from "../json/index.ts";
import { pathOf } from "../json/path.ts";
import { headerLink } from "./header-link.ts";
import { asTotal } from "./stop-conditions.ts";

/** What `auto` made of a first answer. */
export interface Decision {
  paginator: PagePaginator;
  /**
   * Pages are numbered, but nothing says whether the first one is 0 or 1. Page 1 is asked for next; when it turns out to
   * be the first one once more, numbers start at 1.
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
 * The first scalar whose key fits, whatever the key's case, top down and in the order of the answer: what an earlier
 * object holds comes before a later key. Lists are not looked into, null and lists are no hit (dlt).
 *
 * @param within the keys that count inside of an object whose own key fits.
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
        ? Object.entries(value).find(([name, one]) => within(name.toLowerCase()) && isScalar(one))
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
/** What APIs call the number of the page that they answer with, without dashes and underscores. */
const CURRENT_PAGE = new Set(["page", "currentpage", "current", "pagenumber", "pageno", "pageindex", "number"]);

/** The count of pages, if it is one: a whole number, or the text of one. */
const isCount = ({ value }: Found): boolean => typeof value !== "boolean" && Number.isInteger(asTotal(value));

/** The first page's number, by what the answer to a request without a number calls itself, beside the count of pages. */
const statedBase = (body: Json, total: Found): 0 | 1 | null => {
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
 * dlt's `auto`: which paginator fits the first answer. In this order: a `Link` header with `rel=next`; a key that begins
 * with `next` and holds a URL; a count of pages; a key that begins with `next` and holds anything else; else one page.
 * Only the first key that begins with `next` is judged, and only the first count.
 *
 * dlt counts the pages that `auto` found from 0 and so loses the last page of an API that counts from 1; here the answer
 * says from where, or the next page does (DESIGN 6). dlt also loses its way at keys with dots or quotes in them.
 *
 * @throws ResponseError for a `Link` header that cannot be read.
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
    const base = statedBase(body, total);
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
