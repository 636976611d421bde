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
}

/** Values that a response has for the stop rules; null for none. */
interface StopValues {
  total: number | null;
  hasMore: boolean | null;
}

/** Returns a total from a number or its string; null for anything else, such as -1 for an unknown total. */
export const asTotal = (value: Json | undefined): number | null => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : null;
};

/** Returns a has-more flag from a boolean, a string that dlt accepts, or a number; null for anything else. */
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

const totalPath = ({ total_path }: StopConditions): string => `total_path ${total_path ?? DEFAULT_TOTAL_PATH}`;

/** Describes an empty page whose has-more flag is true. */
export const emptyButHasMore = (path: string | null | undefined): string =>
  `it has no rows, but has_more_path ${path} is true`;

const afterEmptyPage = (
  rules: StopConditions,
  { total, hasMore }: StopValues,
  totals: TotalRules,
): { contradiction: string } | { end: true; warning?: string } => {
  if (hasMore === true) return { contradiction: emptyButHasMore(rules.has_more_path) };
  if (total === null || !totals.promisesRows(total)) return { end: true };
  const mismatch = `it has no rows, but ${totalPath(rules)} is ${total}`;
  // The default path may mean anything in this API. Only a path from the config is evidence.
  return rules.total_path == null ? { end: true, warning: mismatch } : { contradiction: mismatch };
};

/** Returns the rules that a response has no value for, although pagination depends on it. */
const missingValues = (rules: StopConditions, { total, hasMore }: StopValues): string[] => {
  // The default path may be absent, unless no other rule can end pagination.
  const needsTotal = rules.total_path != null || (rules.total_path === undefined && !stopsWithoutTotal(rules));
  return [
    ...(needsTotal && total === null ? [totalPath(rules)] : []),
    ...(rules.has_more_path != null && hasMore === null ? [`has_more_path ${rules.has_more_path}`] : []),
  ];
};

/**
 * Returns what follows a page of a counted paginator. The first rule that ends pagination wins.
 *
 * @param totals meaning of a total.
 * @param state state of the next page; null at the config's maximum.
 */
export const afterCountedPage = <State>(
  rules: StopConditions,
  response: PageResponse,
  totals: TotalRules,
  state: State | null,
): Next<State> => {
  const total = knownTotal(rules, response);
  const hasMore = rules.has_more_path == null ? null : asFlag(at(response.body, rules.has_more_path));
  if (response.rows === 0 && rules.stop_after_empty_page) return afterEmptyPage(rules, { total, hasMore }, totals);
  const missing = missingValues(rules, { total, hasMore });
  if (missing.length > 0) return { contradiction: `it has no usable value at ${missing.join(" and ")}` };
  if (hasMore === false || state === null || (total !== null && totals.ends(total))) return { end: true };
  return { state };
};
