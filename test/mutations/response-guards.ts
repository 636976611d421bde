import type { Guard } from "./guards.ts";

const PAGINATION = "test/field/pagination.test.ts";

/** Guards of responses and their rows: errors that are not rows, rows of a parent that may be skipped, processing steps. */
export const RESPONSE_GUARDS: Guard[] = [
  {
    guard: "a run that skipped rows of the parent removes nothing",
    file: "lib/extract/extract.ts",
    find: " || skipped_parents > 0",
    replace: "",
    test: {
      file: "test/field/children.test.ts",
      title: 'keeps missing rows of a merge, with on_missing_rows: "delete" and in a full refresh',
    },
  },
  {
    guard: "an incremental child skips a row only at its first page",
    file: "lib/extract/skip-parent.ts",
    find: " || (incremental !== null && page !== null)",
    replace: "",
    test: {
      file: "test/field/children.test.ts",
      title: "fails on the second page of an incremental child, whose cursor is past the missing rows",
    },
  },
  {
    guard: "an error in a response with status 200 is not an empty table",
    file: "lib/extract/read-rows.ts",
    find: "selected.rows.length === 0 || ",
    replace: "",
    test: {
      file: "test/field/envelopes.test.ts",
      title: "is an error instead of no rows: an empty list next to errors",
    },
  },
  {
    guard: "a page whose items a selector leaves out is not empty",
    file: "lib/extract/page-reading.ts",
    find: "rows: (items ?? rows).length };",
    replace: "rows: rows.length };",
    test: { file: PAGINATION, title: "does not end page numbers at a page without a match" },
  },
  {
    guard: "a page is not a repetition if its items differ",
    file: "lib/extract/page-reading.ts",
    find: "items === null ? text : stringifyJson(items)",
    replace: "text",
    test: { file: PAGINATION, title: "does not take it for a loop if two pages have equal rows of different items" },
  },
  {
    guard: "offset advances by the rows received",
    file: "lib/pagination/offset.ts",
    find: "(rows > 0 && rows < limit ? rows : limit)",
    replace: "(rows > 0 ? limit : limit)",
    test: { file: PAGINATION, title: "reads all rows up to an empty page" },
  },
  {
    guard: "a response without a list has no next page",
    file: "lib/pagination/auto.ts",
    find: 'if (!isList) return { paginator: { type: "single_page" } };',
    replace: "",
    test: { file: PAGINATION, title: "with a URL, a date or a count whose key looks like pagination" },
  },
  {
    guard: "evidence that auto cannot follow is an error",
    file: "lib/pagination/auto.ts",
    find: "  if (evidence === null) return;\n",
    replace: "  if (evidence !== undefined) return;\n",
    test: { file: PAGINATION, title: "for hasNextPage" },
  },
  {
    guard: 'a link with results="false" ends pagination',
    file: "lib/pagination/header-link.ts",
    find: ' || link.results === "false"',
    replace: "",
    test: { file: PAGINATION, title: 'ends at results="false"' },
  },
  {
    guard: "the number of consecutive empty pages is bounded",
    file: "lib/extract/next-position.ts",
    find: "if (empty_pages < max) return;",
    replace: "if (empty_pages < max * 2) return;",
    test: {
      file: PAGINATION,
      title: "A.6: header_link goes through 100 consecutive empty pages at most, by default",
    },
  },
  {
    guard: "evidence of more wins over a total",
    file: "lib/pagination/stop-conditions.ts",
    find: "if (hasMore === true) return false;",
    replace: "",
    test: {
      file: PAGINATION,
      title: "does not end while has_more is true, though the total of pages is reached",
    },
  },
  {
    guard: "a field that a step renames never replaces another value",
    file: "lib/rows/declared-steps.ts",
    find: "if (isTaken && !isEqual((made as JsonObject)[name] as Json, value)) throw otherValue(name, context);",
    replace: "",
    test: {
      file: "test/field/processing-steps.test.ts",
      title: "that would replace a value are an error that names the row and the request",
    },
  },
  {
    guard: "a list in one of the records keyed by id is not all rows",
    file: "lib/extract/read-rows.ts",
    find: "if (selector !== null && position.selector === null) refuseKeyed(body, selector);",
    replace: "",
    test: {
      file: "test/field/keyed-records.test.ts",
      title: "without key_column and data_selector are an error, instead of the first list in one of them",
    },
  },
  {
    guard: "a filter that compares text with a number is a warning",
    file: "lib/rows/processing-steps.ts",
    find: "if (warning !== null) warnings.push(`${name}: ${warning}`);",
    replace: "",
    test: {
      file: "test/field/processing-steps.test.ts",
      title: "that compare text with a number are a warning, because they may discard rows that should stay",
    },
  },
];
