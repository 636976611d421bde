import { type StopConditions, stopsWithoutTotal } from "../config/can-stop.ts";
import type { Next, PageResponse } from "../config/custom-paginator.ts";
import { DEFAULT_TOTAL_PATH } from "../config/defaults.ts";
import type { Json } from "../json/index.ts";
import { at } from "../json/path.ts";

/** Meaning of a total for a paginator. */
export interface TotalRules {
  /** Whether the next page is beyond the total. */
  ends(total: number): boolean;
  /** Whether, by the total, the current page has rows. */
  promisesRows(total: number): boolean;
  /** Advice for a page without rows before the total. */
  advice: string;
}

/** Values that a response has for the stop rules; null for none. */
interface StopValues {
  total: number | null;
  hasMore: boolean | null;
}

/** A flag that ends pagination: has_more, or its opposite. */
type FlagRules = Pick<StopConditions, "has_more_path" | "last_page_path">;

/** Returns a total from a number or its string; null for anything else, such as -1 for an unknown total. */
export const asTotal = (value: Json | undefined): number | null => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : null;
};

/** Returns a flag from a boolean, a string that dlt accepts, or a number; null for anything else. */
export const asFlag = (value: Json | undefined): boolean | null => {
  if (typeof value === "boolean") return value;
  if (typeof value === "string") {
    if (/^(true|yes|t|y|1)$/i.test(value)) return true;
    return /^(false|no|f|n|0)$/i.test(value) ? false : null;
  }
  return typeof value === "number" ? value !== 0 : null;
};

/** Returns the total of a response; null if it has none, or `total_path` is null. */
export const knownTotal = ({ total_path }: StopConditions, { body }: PageResponse): number | null =>
  total_path === null ? null : asTotal(at(body, total_path ?? DEFAULT_TOTAL_PATH));

/** Returns whether a response announces more pages, by `has_more_path` or `last_page_path`; null if it does not. */
export const hasMoreFlag = ({ has_more_path, last_page_path }: FlagRules, { body }: PageResponse): boolean | null => {
  if (has_more_path != null) return asFlag(at(body, has_more_path));
  const isLast = last_page_path == null ? null : asFlag(at(body, last_page_path));
  return isLast === null ? null : !isLast;
};

/** Part of a paginator's state: whether a response had the config's flag. */
export type SeenFlag = { seen_flag?: true };

/** Returns the part of the next state that remembers the flag. */
export const seenFlag = (rules: FlagRules, response: PageResponse, hasSeenFlag: boolean): SeenFlag =>
  hasSeenFlag || hasMoreFlag(rules, response) !== null ? { seen_flag: true } : {};

/** Describes the flag of the config, with its value. */
export const flagText = ({ has_more_path, last_page_path }: FlagRules, hasMore: boolean): string =>
  has_more_path != null
    ? `has_more_path ${has_more_path} is ${hasMore}`
    : `last_page_path ${last_page_path} is ${!hasMore}`;

/** Returns the path of the config's flag; null when it has none. */
export const flagPath = ({ has_more_path, last_page_path }: FlagRules): string | null => {
  if (has_more_path != null) return `has_more_path ${has_more_path}`;
  return last_page_path == null ? null : `last_page_path ${last_page_path}`;
};

/** Returns the message about a path of the config at which a response has nothing usable. */
export const noValueAt = (path: string): string =>
  `it has no usable value at ${path}: correct the path, or leave it out of the config`;

/** Describes the path of the total. */
export const totalPath = ({ total_path }: StopConditions): string => `total_path ${total_path ?? DEFAULT_TOTAL_PATH}`;

const afterEmptyPage = (
  rules: StopConditions,
  { total, hasMore }: StopValues,
  totals: TotalRules,
): { contradiction: string } | { end: true; warning?: string } => {
  if (hasMore === true) return { contradiction: `it has no rows, but ${flagText(rules, true)}` };
  if (total === null || !totals.promisesRows(total)) return { end: true };
  const mismatch = `it has no rows, but ${totalPath(rules)} is ${total}: ${totals.advice}`;
  // The default path may mean anything in this API. Only a path from the config is evidence.
  return rules.total_path == null ? { end: true, warning: mismatch } : { contradiction: mismatch };
};

/**
 * Returns the rules that a response has no value for, although pagination depends on it. A flag that was there before and is
 * absent now means false: many APIs leave it out on the last page.
 */
const missingValues = (rules: StopConditions, { total, hasMore }: StopValues, hasSeenFlag: boolean): string[] => {
  // The default path may be absent, unless no other rule can end pagination.
  const needsTotal = rules.total_path != null || (rules.total_path === undefined && !stopsWithoutTotal(rules));
  const path = flagPath(rules);
  return [
    ...(needsTotal && total === null ? [totalPath(rules)] : []),
    ...(path !== null && hasMore === null && !hasSeenFlag ? [path] : []),
  ];
};

/** The page that a counted paginator has just read. */
export interface CountedPage<State> {
  rules: StopConditions;
  response: PageResponse;
  /** Rows that a page should have; null when the server decides. */
  limit: number | null;
  totals: TotalRules;
  /** State of the next page; null at the config's maximum. */
  next: State | null;
  /** Whether an earlier response had the config's flag. */
  hasSeenFlag: boolean;
}

/** Whether the rules, or what the response says, end pagination after a page with rows. */
const isEnd = (
  rules: StopConditions,
  { total, hasMore }: StopValues,
  totals: TotalRules,
  isShort: boolean,
): boolean => {
  // Evidence of more wins: a flag, or a total from the config. The default path may mean anything in this API.
  if (hasMore === true) return false;
  const totalSaysMore = total !== null && !totals.ends(total);
  if (hasMore === false) return !(totalSaysMore && rules.total_path != null);
  if (total !== null) return !totalSaysMore;
  return rules.stop_after_short_page === true && isShort;
};

/**
 * Returns what follows a page of a counted paginator. Where a flag and a total disagree, the one that says more wins; an empty page
 * then shows who was right.
 */
export const afterCountedPage = <State>(page: CountedPage<State>): Next<State> => {
  const { rules, response, limit, totals, next, hasSeenFlag } = page;
  const values = { total: knownTotal(rules, response), hasMore: hasMoreFlag(rules, response) };
  if (response.rows === 0 && rules.stop_after_empty_page) return afterEmptyPage(rules, values, totals);
  const missing = missingValues(rules, values, hasSeenFlag);
  if (missing.length > 0) return { contradiction: noValueAt(missing.join(" and ")) };
  const hasMore = values.hasMore ?? (hasSeenFlag ? false : null);
  const isShort = limit !== null && response.rows < limit;
  if (next === null || isEnd(rules, { ...values, hasMore }, totals, isShort)) return { end: true };
  return { state: next };
};
