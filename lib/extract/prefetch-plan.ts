import type { StopConditions } from "../config/can-stop.ts";
import type { PagePaginator, ResolvedResource } from "../config/resolved.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../http/client.ts";
import { canonicalJson, type Json, type JsonObject } from "../json/index.ts";
import type { ParentPlace, ParentRows } from "../lake/parent-rows.ts";
import type { Position } from "../lake/position.ts";
import { firstPage, nextPage, type PageResponse, pageRequest } from "../pagination/index.ts";
import { knownTotal } from "../pagination/stop-conditions.ts";
import type { Logger } from "../ports/logger.ts";
import type { Budget } from "../time/budget.ts";
import { paginatorAt } from "./page-reading.ts";
import { createPrefetch } from "./prefetch.ts";
import type { RequestBuilder } from "./request-builder.ts";

/** A row of the parent, and its place. */
export interface ParentRow {
  place: ParentPlace;
  row: JsonObject;
}

/** Decides which pages are requested early, and keeps their responses until they are due. */
export interface PrefetchPlan {
  /** Returns the request of the page at a position. */
  requestAt(position: Position, parent: ParentRow | null): HttpRequest;
  /** Requests the pages after this one that are known, as far as there is room and time. */
  prefetchAfter(position: Position, parent: ParentRow | null): Promise<void>;
  /**
   * Requests the page at a position while the rows of the page before it are processed. After the last page of a parent's
   * row, drops the prefetched pages of that row.
   *
   * @returns whether a request was sent.
   */
  prefetchNext(position: Position, parent: ParentRow | null): boolean;
  /** Returns the prefetched response of the page at a position, once; null when none was requested. */
  take(position: Position, parent: ParentRow | null): Promise<HttpResponse | null> | null;
  /** Records a response that was not prefetched: the next ones may be as large. */
  observe(response: HttpResponse): void;
  /** Records the response that the paginator has read: later pages are derived from it. */
  remember(parent: ParentRow | null, response: PageResponse | null): void;
  /** Cancels all requests and forgets everything. */
  cancel(): Promise<void>;
}

/** Dependencies of a prefetch plan. */
export interface PrefetchContext {
  http: HttpClient;
  resource: ResolvedResource;
  requests: RequestBuilder;
  parents: ParentRows | null;
  budget: Pick<Budget, "hasTimeFor">;
  logger: Logger;
}

/** The last response of this reading: the parent's row that it belongs to, and the number of pages read of that row. */
interface Seen {
  parent: string;
  response: PageResponse;
  pages: number;
}

/** Whether the paginator knows the states of later pages without a response. */
const isCounted = ({ type }: PagePaginator): boolean => type === "page_number" || type === "offset";

/** Identifies a page: the parent's row, and the paginator's state in it. */
const keyOf = (parent: ParentRow | null, page: Json): string =>
  canonicalJson([parent === null ? null : [parent.place.part, parent.place.row], page]);

/** Returns the prefix of the keys of all pages of a parent's row. */
const prefixOf = (parent: ParentRow | null): string => keyOf(parent, null).slice(0, -"null]".length);

/**
 * Yields the states after a position, as far as the last response allows: its total and flags end them, and so does the
 * config's maximum. Without a total, as many pages are assumed as were read already, less one, so that a resource of a
 * single page costs no extra request. Nothing is assumed of a child, which often has a single page per parent row.
 */
function* statesAfter(resource: ResolvedResource, position: Position, isChild: boolean, seen: Seen): Generator<Json> {
  const paginator = paginatorAt(resource, position);
  if (paginator === null || !isCounted(paginator) || position.decided?.is_base_guessed) return;
  const { response, pages } = seen;
  if (response.rows === 0) return;
  const isCertain = knownTotal(paginator as StopConditions, response) !== null;
  const assumed = isChild ? 0 : pages - 1;
  const count = isCertain ? Number.POSITIVE_INFINITY : assumed;
  let state = position.page ?? firstPage(paginator);
  for (let index = 0; index < count; index++) {
    const next = nextPage(paginator, state, response);
    if (!("state" in next)) return;
    state = next.state;
    yield state;
  }
}

/** Creates the prefetch plan of a resource in one invocation: at most `max_concurrency` requests at a time. */
export const createPrefetchPlan = ({
  http,
  resource,
  requests,
  parents,
  budget,
  logger,
}: PrefetchContext): PrefetchPlan => {
  const prefetch = createPrefetch(http, resource.max_concurrency - 1);
  const isParallel = parents !== null && resource.parallelized;
  let seen: Seen | null = null;

  const request = (paginator: PagePaginator | null, page: Json, row: JsonObject | null): HttpRequest =>
    requests.build(paginator === null ? {} : pageRequest(paginator, page ?? firstPage(paginator)), row);

  const parentAfter = async ({ place: { part, row } }: ParentRow): Promise<ParentRow | null> =>
    parents === null ? null : await parents.find({ part, row: row + 1 });

  /** Prefetches later pages of the resource or of the parent's row. */
  const prefetchPages = (position: Position, parent: ParentRow | null, hasRoom: () => boolean): void => {
    if (seen === null || seen.parent !== keyOf(parent, null)) return;
    for (const state of statesAfter(resource, position, parent !== null, seen)) {
      if (!hasRoom()) return;
      const paginator = paginatorAt(resource, position);
      prefetch.send(keyOf(parent, state), () => request(paginator, state, parent?.row ?? null));
    }
  };

  /** Prefetches the first pages of the parent's next rows. */
  const prefetchParents = async (parent: ParentRow | null, hasRoom: () => boolean): Promise<void> => {
    if (!isParallel || parent === null) return;
    const paginator = paginatorAt(resource, { decided: null });
    for (let next = await parentAfter(parent); next !== null && hasRoom(); next = await parentAfter(next)) {
      const { row } = next;
      prefetch.send(keyOf(next, null), () => request(paginator, null, row));
    }
  };

  /**
   * Drops the prefetched pages of the parent's row when the next page is not among them: the last page was shorter than assumed, so
   * their offsets are wrong.
   */
  const dropOutdated = (key: string, prefix: string): void => {
    if (!prefetch.has(key)) prefetch.retain((other) => !other.startsWith(prefix));
  };

  return {
    requestAt: (position, parent) => request(paginatorAt(resource, position), position.page, parent?.row ?? null),

    async prefetchAfter(position, parent) {
      // The page that is due counts as the first one.
      let pages = 1;
      const hasRoom = () => prefetch.hasRoom() && budget.hasTimeFor(++pages);
      try {
        prefetchPages(position, parent, hasRoom);
        await prefetchParents(parent, hasRoom);
      } catch (error) {
        // The same error is thrown when it is the page's turn.
        logger.debug("not prefetched", { why: (error as Error).name });
      }
    },

    prefetchNext(position, parent) {
      if (position.page === null) {
        const prefix = prefixOf(parent);
        prefetch.retain((key) => !key.startsWith(prefix));
        return false;
      }
      const { page } = position;
      dropOutdated(keyOf(parent, page), prefixOf(parent));
      if (!budget.hasTimeFor(1)) return false;
      return prefetch.send(keyOf(parent, page), () =>
        request(paginatorAt(resource, position), page, parent?.row ?? null),
      );
    },

    take: (position, parent) => prefetch.take(keyOf(parent, position.page)),
    observe: prefetch.observe,

    remember(parent, response) {
      if (response === null) return;
      const key = keyOf(parent, null);
      seen = { parent: key, response, pages: (seen?.parent === key ? seen.pages : 0) + 1 };
    },

    async cancel() {
      seen = null;
      await prefetch.cancel();
    },
  };
};
