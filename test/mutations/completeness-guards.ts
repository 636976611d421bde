import type { Guard } from "./guards.ts";

const EVIDENCE = "test/field/evidence.test.ts";

/** Guards of the guarantee that a run that is done is complete. */
export const COMPLETENESS_GUARDS: Guard[] = [
  {
    guard: "a total that falls is a warning",
    file: "lib/metering/readings.ts",
    find: "list_total === null || total === null || total >= list_total",
    replace: "list_total === null || total === null || true",
    test: {
      file: EVIDENCE,
      title:
        "A.10: a total that falls between two pages is a warning: a deleted row moves another one to a page before",
    },
  },
  {
    guard: "a flag of more at the last page is a warning",
    file: "lib/pagination/page-warnings.ts",
    find: "const evidence = flagOfMore(response);",
    replace: "const evidence = flagOfMore({ ...response, body: null });",
    test: {
      file: EVIDENCE,
      title: "A.2: a flag of more that the config does not name is a warning where a paginator ends",
    },
  },
  {
    guard: "a total next to a nested list is evidence",
    file: "lib/pagination/evidence.ts",
    find: "depth === 0 || holdsRows(within[depth], rows)",
    replace: "depth === 0",
    test: {
      file: "test/field/more-rows.test.ts",
      title: "for a total next to a nested list",
    },
  },
  {
    guard: "a page with more rows than limit is a warning",
    file: "lib/pagination/page-warnings.ts",
    find: "limit !== undefined && rows > limit",
    replace: "limit !== undefined && rows > limit + 1000",
    test: {
      file: EVIDENCE,
      title: "A.1: a page with more rows than limit is a warning, because the next one repeats some",
    },
  },
  {
    guard: "the total counts for an ignored page",
    file: "lib/extract/load-pages.ts",
    find: "isOver || page.skipped !== null",
    replace: "isOver || page.total === null",
    test: {
      file: EVIDENCE,
      title: "A.9: an ignored page before the end of a total of rows is a warning with both numbers",
    },
  },
  {
    guard: "an API that starts over is found by its rows",
    file: "lib/extract/next-position.ts",
    find: "if (hash !== null && isCountedAt(resource, decided))",
    replace: "if (false)",
    test: {
      file: EVIDENCE,
      title: "A.9: at a later page is a RepeatedPageError, instead of a run without an end",
    },
  },
  {
    guard: "a page that equals the first one is found, also at the end",
    file: "lib/extract/next-position.ts",
    find: "if (isCounted && hash !== null && hash === cycle?.first)",
    replace: "if (false)",
    test: {
      file: EVIDENCE,
      title: "A.9: is a RepeatedPageError, instead of the first rows twice",
    },
  },
  {
    guard: "the next page of a scroll API is not prefetched",
    file: "lib/extract/page-reader.ts",
    find: "if (!mayScroll && plan",
    replace: "if (plan",
    test: {
      file: "test/extract/prefetched-pages.test.ts",
      title:
        "of a scroll API, which sends each page once, is not requested before it is due: a stop in between loses no row",
    },
  },
  {
    guard: "a short page drops the pages that were prefetched after it",
    file: "lib/pagination/offset.ts",
    find: "rows > 0 && rows < limit ? rows : limit",
    replace: "limit",
    test: {
      file: "test/field/prefetched.test.ts",
      title: "of offset drops the pages that were prefetched after it, and loads every row once and in order",
    },
  },
];
