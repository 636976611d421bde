import { type StopRules, stopsWithoutTotal } from "../config/can-stop.ts";
import type { Next, PageResponse } from "../config/custom-paginator.ts";
import { DEFAULT_TOTAL_PATH } from "../config/defaults.ts";
import type { Json } from "../json/index.ts";
import { at } from "../json/path.ts";

/** What a total found in an answer means to the paginator. */
export interface TotalRules {
  /** Whether the next page lies at or beyond it. */
  ends(total: number): boolean;
  /** Whether by it the page that was just read has rows. */
  promisesRows(total: number): boolean;
}

/** A total: a number or its text. APIs that do not know theirs say -1: that is none. */
export const asTotal = (value: Json | undefined): number | null => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : null;
};

/** A has-more flag: a boolean, a text that dlt knows, or a number; null for anything else. */
export const asFlag = (value: Json | undefined): boolean | null => {
  if (typeof value === "boolean") return value;
  if (typeof value === "string") {
    if (/^(true|yes|t|y|1)$/i.test(value)) return true;
    return /^(false|no|f|n|0)$/i.test(value) ? false : null;
  }
  return typeof value === "number" ? value !== 0 : null;
};

/** What the answer says there is in all; null when it does not, or nobody is to look. */
export const knownTotal = ({ total_path }: StopRules, { body }: PageResponse): number | null =>
  total_path === null ? null : asTotal(at(body, total_path ?? DEFAULT_TOTAL_PATH));
/**
 * What comes after a page of a counted paginator: whichever rule says stop first wins.
 *
 * @param totals what a total means.
 * @param state the next page's state, or null when the config's maximum is reached.
 */
export const afterCountedPage = <State>(
  rules: StopRules,
  response: PageResponse,
  totals: TotalRules,
  state: State | null,
): Next<State> => {
  const { body, rows } = response;
  const total = knownTotal(rules, response);
  const hasMore = rules.has_more_path == null ? null : asFlag(at(body, rules.has_more_path));
  if (rows === 0 && rules.stop_after_empty_page) {
    if (hasMore === true) return { contradiction: `it has no rows, yet ${rules.has_more_path} says there are more` };
    if (total !== null && totals.promisesRows(total)) {
      const says = `it has no rows, yet ${rules.total_path ?? DEFAULT_TOTAL_PATH} says ${total}`;
      // A default path may mean anything in this API; only a path that the config names is evidence.
      return rules.total_path == null ? { end: true, warning: says } : { contradiction: says };
    }
    return { end: true };
  }
  // The default path may be absent, unless nothing else would ever stop.
  const needsTotal = rules.total_path != null || (rules.total_path === undefined && !stopsWithoutTotal(rules));
  const missing = [
    needsTotal && total === null ? `total_path ${rules.total_path ?? DEFAULT_TOTAL_PATH}` : null,
    rules.has_more_path != null && hasMore === null ? `has_more_path ${rules.has_more_path}` : null,
  ].filter((path) => path !== null);
  if (missing.length > 0) return { contradiction: `it has nothing usable at ${missing.join(" and ")}` };
  if (hasMore === false || state === null || (total !== null && totals.ends(total))) return { end: true };
  return { state };
};
