import type { StopConditions } from "../config/can-stop.ts";
import type { PagePaginator, ResolvedResource } from "../config/resolved.ts";
import type { Json } from "../json/index.ts";
import type { Position } from "../lake/position.ts";
import { firstPage, nextPage, type PageResponse } from "../pagination/index.ts";
import { knownTotal } from "../pagination/stop-conditions.ts";
import { paginatorAt } from "./page-reading.ts";

/** The last response of this reading: the parent's row that it belongs to, and the number of pages read of that row. */
interface Seen {
  parent: string;
  response: PageResponse;
  pages: number;
}

/** Whether the paginator knows the states of later pages without a response. */
const isCounted = ({ type }: PagePaginator): boolean => type === "page_number" || type === "offset";

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

/** Predicts the pages of counted paginators from the last response. */
export interface PredictedPages {
  /** Records the response to a page of a parent's row; null for an ignored response. */
  remember(parent: string, response: PageResponse | null): void;
  /** Returns the states of the pages after a position; none if the last response belongs to another parent's row. */
  after(position: Position, parent: string): Iterable<Json>;
  /** Forgets the last response. */
  forget(): void;
}

/** Creates the prediction of a resource's pages. Rows of the parent are identified by a key. */
export const createPredictedPages = (resource: ResolvedResource): PredictedPages => {
  const isChild = resource.parent !== null;
  let seen: Seen | null = null;
  return {
    remember(parent, response) {
      if (response === null) return;
      seen = { parent, response, pages: (seen?.parent === parent ? seen.pages : 0) + 1 };
    },
    after: (position, parent) =>
      seen === null || seen.parent !== parent ? [] : statesAfter(resource, position, isChild, seen),
    forget() {
      seen = null;
    },
  };
};
