import type { ResolvedResource } from "../config/resolved.ts";
import { IncompleteError, RepeatedPageError, ResponseError } from "../errors/index.ts";
import type { HttpRequest } from "../http/client.ts";
import { sameOrigin } from "../http/origin.ts";
import { removeParams } from "../http/query.ts";
import { sha256 } from "../json/hash.ts";
import { canonicalJson, type Json } from "../json/index.ts";
import type { ParentPlace } from "../lake/parent-rows.ts";
import type { Position } from "../lake/position.ts";
import { advanceCycleDetection, type CycleState, startCycleDetection } from "../pagination/cycle-detection.ts";
import type { Next } from "../pagination/index.ts";
import { readsScroll } from "../pagination/scroll.ts";
import type { Redactor } from "../ports/redactor.ts";
import { type PageReading, paginatorAt } from "./page-reading.ts";

/** The paginator's state of a next page, and of the detection of cycles up to it. */
export interface NextPage {
  page: Json;
  cycle: CycleState;
}

const hashOf = (state: Json): string => sha256(canonicalJson(state)).slice(0, 16);

/** Name of the query parameter that the auth puts the key into. */
const keyParameter = ({ auth }: ResolvedResource): string | null =>
  typeof auth === "object" && auth !== null && "location" in auth && auth.location === "query"
    ? (auth.name as string)
    : null;

/** Returns a link as a state: path and query of the same origin, without parameters that hold a secret. */
const stateOfLink = (
  link: string,
  { url: from, secret_params }: HttpRequest,
  keyParam: string | null,
  redactor: Redactor,
): Json => {
  const url = sameOrigin(from, link);
  const names = [...url.searchParams].flatMap(([name, value]) =>
    Object.hasOwn(secret_params, name) || name === keyParam || redactor.isIn(value) ? [name] : [],
  );
  removeParams(url, new Set(names));
  return { url: url.pathname + url.search };
};

/** The page whose successor is sought. */
interface CurrentPage {
  state: Json;
  cycle: CycleState | null;
  request: HttpRequest;
  decided: PageReading["decided"];
  selector: PageReading["selector"];
  /** Hash of its rows; null when it has none, or repeats those of the page before it. */
  hash: string | null;
  /** Whether a flag of the response announces more pages. */
  saysMore: boolean;
}

/** @throws ResponseError when the part of a position that a response decides holds a key. */
const checkStored = (
  redactor: Redactor,
  page: Json,
  { decided, selector }: Pick<PageReading, "decided" | "selector">,
): void => {
  const holdsKey = (value: unknown) => redactor.isIn(canonicalJson(value as Json));
  if (holdsKey(page)) {
    throw new ResponseError(
      "the cursor or link to the next page holds the key, and would be stored in the checkpoint: use a paginator whose cursor does not hold the key",
    );
  }
  if (!holdsKey([decided, selector])) return;
  throw new ResponseError(
    "the path to the rows or to the next page holds the key, and would be stored in the checkpoint: set data_selector and paginator",
  );
};

const STARTS_OVER =
  "pagination loop: this page equals an earlier one, so the API starts over after its last page. Correct the paginator's total_path, or set has_more_path, last_page_path or stop_after_short_page";

/** Whether the paginator counts pages or rows, so that only rows show that an API starts over. */
const isCountedAt = (resource: ResolvedResource, decided: CurrentPage["decided"]): boolean =>
  ["page_number", "offset"].includes(paginatorAt(resource, { decided })?.type ?? "");

/**
 * Returns what a page is recognised by if pagination leads back to it: the state of its next page, its rows, or both. The
 * states of counted paginators never repeat, but an API may start over after its last page.
 */
const markOf = (
  resource: ResolvedResource,
  page: Json,
  { decided, hash }: Pick<CurrentPage, "decided" | "hash">,
): { mark: Json; isOfRows: boolean } => {
  if (hash !== null && isCountedAt(resource, decided)) return { mark: hash, isOfRows: true };
  // New rows show that a scroll API advances.
  return { mark: readsScroll(paginatorAt(resource, { decided })) ? [page, hash] : page, isOfRows: false };
};

/**
 * Returns the next page of the resource, or of the parent's row; null when this was the last.
 *
 * @throws ResponseError when the next page's state holds the key; RepeatedPageError for a pagination loop.
 */
export const nextPageOf = (
  resource: ResolvedResource,
  redactor: Redactor,
  next: Next<Json>,
  { state, cycle, request, decided, selector, hash, saysMore }: CurrentPage,
): NextPage | null => {
  const isCounted = isCountedAt(resource, decided);
  if (isCounted && hash !== null && hash === cycle?.first) throw new RepeatedPageError(STARTS_OVER);
  if (!("state" in next || "link" in next)) return null;
  const page = "link" in next ? stateOfLink(next.link, request, keyParameter(resource), redactor) : next.state;
  checkStored(redactor, page, { decided, selector });
  const isLoop = "link" in next && canonicalJson(page) === canonicalJson(state);
  // A page without rows that links to itself is the end, like a cursor that is repeated.
  if (isLoop && hash === null && !saysMore) return null;
  const { mark, isOfRows } = markOf(resource, page, { decided, hash });
  const before = cycle ?? startCycleDetection(hashOf(state), isCounted ? hash : null);
  const advanced = advanceCycleDetection(before, hashOf(mark));
  if (advanced === null) {
    throw new RepeatedPageError(
      isOfRows ? STARTS_OVER : "pagination loop: the cursor or link leads back to a page that was read before",
    );
  }
  return { page, cycle: advanced };
};

/**
 * Returns the position after a page, its rows not yet counted.
 *
 * @param next the next page; null when this was the last page of the resource, or of the parent's row.
 * @param parent the parent's row that the next page belongs to; null for a resource without a parent.
 * @param hash of the page's rows; null when it has none.
 */
export const positionAfter = (
  position: Position,
  { selector, decided }: Pick<PageReading, "selector" | "decided">,
  next: NextPage | null,
  { parent, hash }: { parent: ParentPlace | null; hash: string | null },
): Position => ({
  ...position,
  parent,
  page: next?.page ?? null,
  selector: next === null ? null : selector,
  decided: next === null ? null : decided,
  cycle: next?.cycle ?? null,
  empty_pages: next === null || hash !== null ? 0 : position.empty_pages + 1,
  pages: position.pages + 1,
  previous_page: next === null ? null : hash,
});

/** @throws IncompleteError when the maximum number of consecutive pages before a position have no rows. */
export const checkEmptyPages = ({ empty_pages }: Position, max: number): void => {
  if (empty_pages < max) return;
  throw new IncompleteError(
    `${empty_pages} consecutive pages had no rows, and the last one still leads to a next page: correct the paginator, or raise the setting max_empty_pages (${max})`,
  );
};
