import { setImmediate } from "node:timers/promises";
import type { JsonObject } from "../json/index.ts";
import type { Position } from "../lake/position.ts";
import type { Redactor } from "../ports/redactor.ts";
import { createFetchPage } from "./fetch-page.ts";
import { checkEmptyPages, nextPageOf, positionAfter } from "./next-position.ts";
import { compareWithPrevious, hashRows, type PageReading } from "./page-reading.ts";
import { createPrefetchPlan, type ParentRow, type PrefetchContext } from "./prefetch-plan.ts";

/** One page of a resource. */
export interface Page {
  /** The selected records as the API sent them. */
  records: JsonObject[];
  /** Whether no record contains a key that the API has echoed. */
  isClean: boolean;
  /** The parent's fields; null for a resource without a parent. */
  parent: JsonObject | null;
  /** Warnings of the paginator about the page's response. */
  warnings: string[];
  /**
   * Returns the position after this page, its rows not yet counted, and whether this was the resource's last page.
   *
   * @param isOver whether the rows say that no later page has anything new.
   */
  after(isOver: boolean): Promise<{ position: Position; last: boolean }>;
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
  /** Cancels prefetched requests: reading is over, or starts from another position. */
  cancel(): Promise<void>;
}

/** Dependencies of a page reader. The HTTP client has the resource's auth and response actions. */
export interface PageReaderContext extends PrefetchContext {
  redactor: Redactor;
  /** Maximum number of consecutive pages without rows. */
  max_empty_pages: number;
}

/** Creates a page reader for one resource in one invocation. */
export const createPageReader = (context: PageReaderContext): PageReader => {
  const { resource, parents, redactor, logger, max_empty_pages } = context;
  const plan = createPrefetchPlan(context);
  const fetchPage = createFetchPage(context, plan);

  const parentAt = async ({ parent }: Pick<Position, "parent">): Promise<ParentRow | null> =>
    parents === null || parent === null ? null : await parents.find(parent);

  const report = (position: Position, { warnings, decided }: PageReading): void => {
    for (const warning of warnings) logger.warn("page", { warning });
    if (position.decided === null && decided !== null && position.pages === 0) {
      logger.info("paginator", { found: decided.paginator });
    }
  };

  return {
    async hasPageAt(position) {
      return position.parent === null || (await parentAt(position)) !== null;
    },

    async read(position, attempts) {
      const parent = await parentAt(position);
      const { request, reading } = await fetchPage(position, parent, attempts);
      plan.remember(parent, reading.response);
      const { hash, isClean } = hashRows(reading.rows, redactor);
      const page = compareWithPrevious(resource, position, reading, hash);
      report(position, page);
      const here = parent?.place ?? position.parent;
      return {
        records: page.rows,
        isClean,
        parent: parent?.row ?? null,
        warnings: page.warnings.map(redactor.redact),
        async after(isOver) {
          const { state, decided } = page;
          const current = { state, decided, selector: page.selector, cycle: position.cycle, request, hash };
          const next = isOver ? null : nextPageOf(resource, redactor, page.next, current);
          const sibling =
            next === null && here !== null ? await parentAt({ parent: { part: here.part, row: here.row + 1 } }) : null;
          const after = positionAfter(position, page, next, { parent: sibling?.place ?? here, hash });
          checkEmptyPages(after, max_empty_pages);
          // The request goes out before the rows take the CPU.
          if (plan.prefetchNext(after, parent)) await setImmediate();
          return { last: next === null && sibling === null, position: after };
        },
      };
    },

    cancel: plan.cancel,
  };
};
