import type { Guard } from "./guards.ts";

/** Guards of values and types: digits, and the columns that cannot represent a value. */
export const TYPE_GUARDS: Guard[] = [
  {
    guard: "a decimal with more digits than its column is not a value of that column",
    file: "lib/columns/encode.ts",
    find: "return fits(text, type) ? text : NOT_REPRESENTABLE;",
    replace: "return text;",
    test: {
      file: "test/configs/rows.test.ts",
      title: "of type decimal store values with at most their digits, and others as text",
    },
  },
  {
    guard: "a bigint stays a bigint in a table with Parquet parts",
    file: "lib/columns/table-schema.ts",
    find: ' && (unwritten || !file_formats.includes("parquet"))',
    replace: "",
    test: {
      file: "test/lake/schemas.test.ts",
      title: "a bigint stays a bigint once the table has Parquet parts",
    },
  },
  {
    guard: "a Parquet file fixes the types of its columns before it is written",
    file: "lib/parts/row-converter.ts",
    find: "if (schema.columns.some(({ unwritten }) => unwritten)) use(await schemas.fixTypes());",
    replace: "",
    test: {
      file: "test/parts/parquet-run.test.ts",
      title: "makes a column of integers a double when a fraction comes before the first row group is written",
    },
  },
  {
    guard: "a number inside of a string is not a number",
    file: "lib/json/parse.ts",
    find: "if (end > start) LITERAL.lastIndex = end;",
    replace: "if (end > text.length) LITERAL.lastIndex = end;",
    test: { file: "test/json/parse.test.ts", title: "any JSON is written as it was parsed, with all digits" },
  },
  {
    guard: "a long key is stored by its hash",
    file: "lib/rows/flatten.ts",
    find: "storedKey(key)]",
    replace: "key]",
    test: {
      file: "test/columns/large-values.test.ts",
      title: "in a key takes few bytes in a schema, and two keys keep separate columns",
    },
  },
  {
    guard: "a column with values that do not fit its type is a warning",
    file: "lib/extract/load-pages.ts",
    find: ", ...warnings]",
    replace: "]",
    test: {
      file: "test/field/types.test.ts",
      title: "A.20: values that a declared type cannot represent are a warning",
    },
  },
];
