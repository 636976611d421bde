import { setImmediate } from "node:timers/promises";
import type { JsonObject } from "../json/index.ts";
import type { Position } from "../lake/position.ts";
import type { SkippedParent } from "../metering/skipped-parents.ts";
import { flagOfMore } from "../pagination/evidence.ts";
import { RESUMED_SCROLL, readsScroll, repeatsCursor } from "../pagination/scroll.ts";
import type { Redactor } from "../ports/redactor.ts";
import type { NullRows } from "../rows/null-rows.ts";
import { createFetchPage, type Fetched } from "./fetch-page.ts";
import { checkEmptyPages, type NextPage, nextPageOf, positionAfter } from "./next-position.ts";
import { compareWithPrevious, hashPage, type PageReading, paginatorAt } from "./page-reading.ts";
import { createPrefetchPlan, type ParentRow, type PrefetchContext } from "./prefetch-plan.ts";
import { describeRequest } from "./request-text.ts";
import { adviseSkip, parentKey, skipReason } from "./skip-parent.ts";

/** One page of a resource. A row of the parent that is skipped counts as a page without rows. */
export interface Page {
  /** The selected records as the API sent them. */
  records: JsonObject[];
  /** Number of items in the list from which they come, which is what a total counts. */
  items: number;
  /** Whether no record contains a key that the API has echoed. */
  isClean: boolean;
  /** The parent's fields; null for a resource without a parent. */
  parent: JsonObject | null;
  /** Warnings of the paginator about the page's response. */
  warnings: string[];
  /** The parent's row, if it is skipped; null for a page that was read. */
  skipped: SkippedParent | null;
  /** Rows that the API reports for the whole list, which has the pages of the resource or of the parent's row; null for none. */
  total: number | null;
  /** Null among the rows; null when there is none. */
  null_rows: NullRows | null;
  /**
   * Returns the position after this page, its rows not yet counted, and whether this was the last page of its list, and of the
   * resource.
   *
   * @param isOver whether the rows say that no later page has anything new.
   */
  after(isOver: boolean): Promise<{ position: Position; endsList: boolean; last: boolean }>;
}

/** Reads the pages of a resource one by one, each from a position alone. */
export interface PageReader {
  /** Whether there is a page at a position: a child whose parent has no rows has none. */
  hasPageAt(position: Position): Promise<boolean>;
  /**
   * Reads the page at a position.
   *
   * @param attempts retries that earlier invocations used for this page.
   */
  read(position: Position, attempts: number): Promise<Page>;
  /** Returns the request of the page at a position for a message; null when it is not known. */
  describe(position: Position): Promise<string | null>;
  /** Cancels prefetched requests: reading is over, or starts from another position. */
  cancel(): Promise<void>;
}

/** Dependencies of a page reader. The HTTP client has the resource's auth and response actions. */
export interface PageReaderContext extends PrefetchContext {
  redactor: Redactor;
  /** Maximum number of consecutive pages without rows. */
  max_empty_pages: number;
}

/** A page, and how its successor is found. */
interface ReadPage {
  page: PageReading;
  isClean: boolean;
  skipped: SkippedParent | null;
  hash: string | null;
  /** Whether the API may keep the place of the next page. */
  mayScroll: boolean;
  /** Returns the next page of the resource, or of the parent's row. */
  next(): NextPage | null;
}

/** A page without rows that ends the pages of the parent's row. */
const NOTHING: PageReading = {
  rows: [],
  items: null,
  next: { end: true },
  state: null,
  selector: null,
  decided: null,
  response: null,
  total: null,
  null_rows: null,
  warnings: [],
};

/** Creates a page reader for one resource in one invocation. */
export const createPageReader = (context: PageReaderContext): PageReader => {
  const { resource, parents, redactor, logger, max_empty_pages } = context;
  const plan = createPrefetchPlan(context);
  const fetchPage = createFetchPage(context, plan);
  /** Whether the page before the one to read was read here. */
  let isContinuing = false;

  const parentAt = async ({ parent }: Pick<Position, "parent">): Promise<ParentRow | null> =>
    parents === null || parent === null ? null : await parents.find(parent);

  /** Adds the warning about a scroll API to the first page after a resume. */
  const withScrollWarning = (position: Position, page: PageReading, isRepeated: boolean): PageReading => {
    const isResumed = position.page !== null && !isContinuing;
    isContinuing = true;
    return isRepeated && isResumed ? { ...page, warnings: [...page.warnings, RESUMED_SCROLL] } : page;
  };

  const report = (position: Position, { warnings, decided }: PageReading): void => {
    for (const warning of warnings) logger.warn("page", { warning });
    if (position.decided === null && decided !== null && position.pages === 0) {
      logger.info("paginator", { found: decided.paginator });
    }
  };

  const process = (position: Position, parent: ParentRow | null, { request, reading }: Fetched): ReadPage => {
    plan.remember(parent, reading.response);
    const { hash, isClean } = hashPage(reading, redactor);
    const compared = compareWithPrevious(resource, position, reading, hash);
    const { state, decided, selector, response } = compared;
    const paginator = paginatorAt(resource, compared);
    const isRepeated = paginator !== null && response !== null && repeatsCursor(paginator, state, response);
    const page = withScrollWarning(position, compared, isRepeated);
    report(position, page);
    // The base of page numbers is guessed by a repeated page, which counts as one without rows.
    const read = (page.items ?? page.rows).length === 0 ? null : hash;
    const saysMore = response !== null && flagOfMore(response) !== null;
    const current = { state, decided, selector, cycle: position.cycle, request, hash: read, saysMore };
    const mayScroll = readsScroll(paginator) && (position.page === null || isRepeated);
    const next = () => nextPageOf(resource, redactor, page.next, current);
    return { page, isClean, skipped: null, hash, mayScroll, next };
  };

  /** Returns the page that replaces the rest of a parent's row. @throws the error unless the config skips the row. */
  const skip = (position: Position, parent: ParentRow | null, error: unknown): ReadPage => {
    const reason = parent === null ? null : skipReason(resource, position, error);
    if (parent === null || reason === null) throw adviseSkip(resource, error);
    const skipped = { row: parentKey(resource, parent, redactor), reason };
    logger.warn("parent row skipped", { ...skipped });
    return { page: NOTHING, isClean: true, skipped, hash: null, mayScroll: false, next: () => null };
  };

  const readAt = async (position: Position, parent: ParentRow | null, attempts: number): Promise<ReadPage> => {
    let fetched: Fetched;
    try {
      fetched = await fetchPage(position, parent, attempts);
    } catch (error) {
      return skip(position, parent, error);
    }
    return process(position, parent, fetched);
  };

  return {
    async hasPageAt(position) {
      return position.parent === null || (await parentAt(position)) !== null;
    },

    async read(position, attempts) {
      const parent = await parentAt(position);
      const { page, isClean, skipped, hash, mayScroll, next: nextPage } = await readAt(position, parent, attempts);
      const here = parent?.place ?? position.parent;
      return {
        records: page.rows,
        items: (page.items ?? page.rows).length,
        isClean,
        parent: parent?.row ?? null,
        warnings: page.warnings.map(redactor.redact),
        skipped,
        total: page.total,
        null_rows: page.null_rows,
        async after(isOver) {
          const next = isOver ? null : nextPage();
          const sibling =
            next === null && here !== null ? await parentAt({ parent: { part: here.part, row: here.row + 1 } }) : null;
          const after = positionAfter(position, page, next, { parent: sibling?.place ?? here, hash });
          checkEmptyPages(after, max_empty_pages);
          // The request goes out before the rows take the CPU. A page of a scroll API comes once: unread, its rows are lost.
          if (!mayScroll && plan.prefetchNext(after, parent)) await setImmediate();
          return { endsList: next === null, last: next === null && sibling === null, position: after };
        },
      };
    },

    async describe(position) {
      try {
        const parent = await parentAt(position);
        return describeRequest(resource, parent, redactor, () => plan.requestAt(position, parent));
      } catch {
        return null;
      }
    },

    cancel() {
      isContinuing = false;
      return plan.cancel();
    },
  };
};
