import fc from "fast-check";
import type { FileFormat } from "../../lib/columns/table-schema.ts";

/**
 * Keys that conflict with each other: equal after normalisation, or equal to paths or variants of other keys. A single backslash
 * is not among them: V8's JSON.parse (13.6) can return it for a key `"\n"` in a later object.
 */
const KEYS = [
  ..."a|b|aB|a_b|a b|A|AB|a__b|a__v_text|a__v_bigint|a__v_double|b__v_json|a__b__v_text|é|e".split("|"),
  ...["_run_id", "_seq", "__proto__", "constructor", "", " ", "\n", "\u0000", "a\u0000b", "\ud800", '"', "☃"],
];

const NUMBERS = [
  ..."0|-0|1|-1|0.1|-2.5|1.0|1e3|1E-7|5e-324|1e21|1e22|1.7976931348623157e308|1e400|-1e400|123456789.123456789".split(
    "|",
  ),
  ..."9007199254740991|9007199254740992|9007199254740993|-9007199254740993|9223372036854775807".split("|"),
  ..."9223372036854775808|-9223372036854775808|-9223372036854775809|12345678901234567890123456789".split("|"),
  ..."123456789012345678901234567890|1234567890123456789012345678901234567890".split("|"),
];

const STRINGS = [
  ...[
    "",
    "null",
    "true",
    "word",
    '"',
    "\\",
    "\\ud800",
    "\ud800",
    "a\udc00b",
    "😀",
    "\u0000",
    "\n\r\t\u2028",
    "{}",
    "[]",
  ],
  ...["0", "-0", "007", "12", "12.50", "-0.0", ".5", "1e5", "1e400", "9007199254740993", "9223372036854775808", "0x1"],
  ...["2024-02-29", "2023-02-29", "2024-02-29T12:00:00Z", "2024-02-29T12:00:00.123456789+05:30", "2024-02-29 12:00"],
  ...["2024-12-31T23:59:59.999-0800", "2024-01-01T00:00:00+01", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"],
  ...["2024-01-01T24:00:00Z", "2024-13-01T00:00:00Z", "2024-02-30T00:00:00Z", "0000-01-01T00:00:00+01:00"],
];

const key = fc.constantFrom(...KEYS);

/** JSON values as an API writes them. */
const jsonText = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    { weight: 2, arbitrary: fc.constant("null") },
    { weight: 2, arbitrary: fc.boolean().map(String) },
    { weight: 5, arbitrary: fc.constantFrom(...NUMBERS) },
    { weight: 2, arbitrary: fc.integer({ min: -3, max: 300 }).map(String) },
    { weight: 1, arbitrary: fc.bigInt().map(String) },
    { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
    { weight: 6, arbitrary: fc.constantFrom(...STRINGS).map((text) => JSON.stringify(text)) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }).map((text) => JSON.stringify(text)) },
    { weight: 2, arbitrary: fc.array(tie("value"), { maxLength: 2 }).map((items) => `[${items.join()}]`) },
    { weight: 4, arbitrary: tie("object") },
  ),
  object: fc
    .uniqueArray(fc.tuple(key, tie("value")), { maxLength: 3, selector: ([name]) => name })
    .map((entries) => `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`),
}));

/** A row. It uses mostly the same few keys, so that columns receive values of other types. */
const row = fc
  .uniqueArray(fc.tuple(fc.oneof(key, fc.constantFrom("a", "b", "aB")), jsonText.value), {
    maxLength: 5,
    selector: ([name]) => name,
  })
  .map((entries) => `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`);

const DECLARED = {
  bigint: { data_type: "bigint" },
  double: { data_type: "double" },
  text: { data_type: "text" },
  bool: { data_type: "bool" },
  timestamp: { data_type: "timestamp" },
  date: { data_type: "date" },
  decimal: { data_type: "decimal" },
  money: { data_type: "decimal", precision: 10, scale: 2 },
  json: { data_type: "json" },
} as const;

/** A page of a writer. */
export interface Page {
  rows: string[];
  /** Whether another process continues the writer's work with this page. */
  resumed: boolean;
}

const pages = fc.array(
  fc.record({ rows: fc.array(row, { maxLength: 4 }), resumed: fc.boolean() }) satisfies fc.Arbitrary<Page>,
  { minLength: 1, maxLength: 6 },
);

/** A table: its config and the pages of its resources. */
export interface Load {
  file_format: FileFormat;
  file_max_items: number;
  max_table_nesting: number;
  columns: Record<string, (typeof DECLARED)[keyof typeof DECLARED]>;
  /** Pages by resource. The resources are written alternately. */
  writers: Page[][];
}

/** Generates a table with this number of resources. */
export const load = (writers: { min: number; max: number }): fc.Arbitrary<Load> =>
  fc.record({
    file_format: fc.constantFrom("jsonl", "parquet"),
    file_max_items: fc.integer({ min: 1, max: 6 }),
    max_table_nesting: fc.constantFrom(1000, 1000, 1, 0),
    columns: fc.dictionary(fc.constantFrom("a", "b", "a__b", "a_b"), fc.constantFrom(...Object.values(DECLARED)), {
      maxKeys: 2,
    }),
    writers: fc.array(pages, { minLength: writers.min, maxLength: writers.max }),
  });
