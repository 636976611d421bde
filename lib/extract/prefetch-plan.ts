import type { PagePaginator, ResolvedResource } from "../config/resolved.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../http/client.ts";
import { canonicalJson, type Json, type JsonObject } from "../json/index.ts";
import type { ParentPlace, ParentRows } from "../lake/parent-rows.ts";
import type { Position } from "../lake/position.ts";
import { firstPage, type PageResponse, pageRequest } from "../pagination/index.ts";
import type { Logger } from "../ports/logger.ts";
import type { Budget } from "../time/budget.ts";
import { paginatorAt } from "./page-reading.ts";
import { createPredictedPages } from "./predicted-pages.ts";
import { createPrefetch, type Prefetch } from "./prefetch.ts";
import { MissingParentFieldError, type RequestBuilder } from "./request-builder.ts";

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

/** Identifies a page: the parent's row, and the paginator's state in it. */
const keyOf = (parent: ParentRow | null, page: Json): string =>
  canonicalJson([parent === null ? null : [parent.place.part, parent.place.row], page]);

/** Returns the prefix of the keys of all pages of a parent's row. */
const prefixOf = (parent: ParentRow | null): string => keyOf(parent, null).slice(0, -"null]".length);

/** Sends prefetches for positions of a resource. */
interface Prefetcher {
  prefetch: Prefetch;
  parents: ParentRows | null;
  request(paginator: PagePaginator | null, page: Json, parent: ParentRow | null): HttpRequest;
}

/** Prefetches later pages of the resource or of the parent's row. */
const prefetchPages = (
  { prefetch, request }: Prefetcher,
  paginator: PagePaginator | null,
  states: Iterable<Json>,
  { parent, hasRoom }: { parent: ParentRow | null; hasRoom: () => boolean },
): void => {
  for (const state of states) {
    if (!hasRoom()) return;
    prefetch.send(keyOf(parent, state), () => request(paginator, state, parent));
  }
};

/** Prefetches the first pages of the parent's next rows. */
const prefetchParents = async (
  { prefetch, parents, request }: Prefetcher,
  paginator: PagePaginator | null,
  { parent, hasRoom }: { parent: ParentRow; hasRoom: () => boolean },
): Promise<void> => {
  const after = async ({ place: { part, row } }: ParentRow): Promise<ParentRow | null> =>
    parents === null ? null : await parents.find({ part, row: row + 1 });
  for (let next = await after(parent); next !== null && hasRoom(); next = await after(next)) {
    const here = next;
    try {
      prefetch.send(keyOf(here, null), () => request(paginator, null, here));
    } catch (error) {
      // Without a request: the row is skipped, or fails, when it is due.
      if (!(error instanceof MissingParentFieldError)) throw error;
    }
  }
};

/**
 * Drops prefetched pages of the parent's row that are no longer wanted: all of them after the row's last page, and when the next
 * page is not among them, because the last page was shorter than assumed and their offsets are wrong.
 */
const dropOutdated = (prefetch: Prefetch, parent: ParentRow | null, page: Json): void => {
  if (page !== null && prefetch.has(keyOf(parent, page))) return;
  const prefix = prefixOf(parent);
  prefetch.retain((key) => !key.startsWith(prefix));
};

/** Creates the prefetch plan of a resource in one invocation: at most `max_concurrency` requests at a time. */
export const createPrefetchPlan = (context: PrefetchContext): PrefetchPlan => {
  const { http, resource, requests, parents, budget, logger } = context;
  const prefetch = createPrefetch(http, resource.max_concurrency - 1);
  const predicted = createPredictedPages(resource);
  const request: Prefetcher["request"] = (paginator, page, parent) => {
    const added = paginator === null ? {} : pageRequest(paginator, page ?? firstPage(paginator));
    return requests.build(added, parent?.row ?? null);
  };
  const requestAt = (position: Position, parent: ParentRow | null): HttpRequest =>
    request(paginatorAt(resource, position), position.page, parent);
  const prefetcher: Prefetcher = { prefetch, parents, request };

  return {
    requestAt,

    async prefetchAfter(position, parent) {
      // The page that is due counts as the first one.
      let pages = 1;
      const hasRoom = () => prefetch.hasRoom() && budget.hasTimeFor(++pages);
      try {
        const states = predicted.after(position, keyOf(parent, null));
        prefetchPages(prefetcher, paginatorAt(resource, position), states, { parent, hasRoom });
        if (parent === null || !resource.parallelized) return;
        await prefetchParents(prefetcher, paginatorAt(resource, { decided: null }), { parent, hasRoom });
      } catch (error) {
        // The same error is thrown when the page is due.
        logger.debug("not prefetched", { why: (error as Error).name });
      }
    },

    prefetchNext(position, parent) {
      dropOutdated(prefetch, parent, position.page);
      if (position.page === null || !budget.hasTimeFor(1)) return false;
      return prefetch.send(keyOf(parent, position.page), () => requestAt(position, parent));
    },

    take: (position, parent) => prefetch.take(keyOf(parent, position.page)),
    observe: prefetch.observe,
    remember: (parent, response) => predicted.remember(keyOf(parent, null), response),

    async cancel() {
      predicted.forget();
      await prefetch.cancel();
    },
  };
};
