import type { Guard } from "./guards.ts";

/** Guards of incremental loading and of what a run read: cursors, children, renamed resources, repeated keys. */
export const INCREMENTAL_GUARDS: Guard[] = [
  {
    guard: "a cursor in a form that can be read in several ways is an error",
    file: "lib/columns/cursor-values.ts",
    find: "  throw formatError(text, result.formats);\n",
    replace: "  return null;\n",
    test: {
      file: "test/field/cursor-formats.test.ts",
      title: "of which day and month are not known is refused, with the key and its value",
    },
  },
  {
    guard: "a time and another string have no order",
    file: "lib/columns/cursor-values.ts",
    find: "if ((one === null) !== (other === null)) throw",
    replace: "if (one === undefined) throw",
    test: {
      file: "test/field/cursor-formats.test.ts",
      title: "with values that are not times is an error: one of them would stay the last value forever",
    },
  },
  {
    guard: "an incremental resource is loaded with its children",
    file: "lib/run/selection.ts",
    find: "selected && below.includes(name)",
    replace: "false && below.includes(name)",
    test: {
      file: "test/field/selection.test.ts",
      title: "A.14: a start of an incremental append parent alone brings its child along, and loads no row twice",
    },
  },
  {
    guard: "a lost incremental state is an error",
    file: "lib/run/lost-state.ts",
    find: "if (run_id === null) return null;",
    replace: "return null;",
    test: {
      file: "test/field/lost-state.test.ts",
      title: "A.15: a lost incremental state is an error with the way out, instead of every row twice",
    },
  },
  {
    guard: "only resources that the source has count towards a table",
    file: "lib/tables/current-manifests.ts",
    find: "manifests.filter(({ resource }) => owners.has(resource))",
    replace: "manifests",
    test: {
      file: "test/tables/current-resources.test.ts",
      title: "resources that the source no longer has do not count",
    },
  },
  {
    guard: "the keys that were read survive a resume",
    file: "lib/parts/writer.ts",
    find: 'end === "final" ? null : await seen.save()',
    replace: "null",
    test: {
      file: "test/field/unstable-sorts.test.ts",
      title: "is shown in manifest and report with the rows read and the total, after a resume at each page",
    },
  },
];
