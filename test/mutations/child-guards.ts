import type { Guard } from "./guards.ts";

/** Guards of child resources: what may be skipped, and what a run that skipped something must not remove. */
export const CHILD_GUARDS: Guard[] = [
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
];
