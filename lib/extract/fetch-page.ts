import type { HttpRequest } from "../http/client.ts";
import type { Position } from "../lake/position.ts";
import { type PageReading, type ReadingContext, readResponse } from "./page-reading.ts";
import type { ParentRow, PrefetchContext, PrefetchPlan } from "./prefetch-plan.ts";

/** A page's request with what its response contains. */
export interface Fetched {
  request: HttpRequest;
  reading: PageReading;
}

/** Fetches the page at a position. */
export type FetchPage = (position: Position, parent: ParentRow | null, attempts: number) => Promise<Fetched>;

/** Returns a function that fetches pages: prefetched responses where they are usable, requests otherwise. */
export const createFetchPage = (
  context: ReadingContext & Pick<PrefetchContext, "http">,
  plan: PrefetchPlan,
): FetchPage => {
  const { http } = context;
  /** @param isPlanned whether the pages after this one were prefetched already. */
  const fetchInTurn = async (
    position: Position,
    parent: ParentRow | null,
    { attempts, isPlanned }: { attempts: number; isPlanned: boolean },
  ): Promise<Fetched> => {
    const request = plan.requestAt(position, parent);
    let reading: PageReading | null = null;
    const sent = http.send(request, attempts, (response) => {
      reading = readResponse(context, position, response);
      return "contradiction" in reading.next ? reading.next.contradiction : null;
    });
    // After this page's own request, which must not wait for the others.
    const prefetching = isPlanned ? null : plan.prefetchAfter(position, parent);
    const response = await sent.finally(() => prefetching);
    plan.observe(response);
    // An ignored response is not validated: what was read belongs to the attempt before it.
    if (reading === null || response.ignored) reading = readResponse(context, position, response);
    return { request, reading };
  };

  return async (position, parent, attempts) => {
    const prefetched = plan.take(position, parent);
    if (prefetched === null) return fetchInTurn(position, parent, { attempts, isPlanned: false });
    // This page is due now, so another one may be prefetched.
    await plan.prefetchAfter(position, parent);
    const response = await prefetched;
    const reading = response === null ? null : readResponse(context, position, response);
    const isUsable = reading !== null && !("contradiction" in reading.next);
    if (isUsable) return { request: plan.requestAt(position, parent), reading };
    return fetchInTurn(position, parent, { attempts, isPlanned: true });
  };
};
