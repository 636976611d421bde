import type { Guard } from "./guards.ts";

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
