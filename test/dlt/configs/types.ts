import type { Comparison } from "../comparison.fixture.ts";

type Row = Record<string, unknown>;

/** The rows of one response, with hints. */
const typed = (rows: Row[], hints: object = {}, more: Partial<Comparison> = {}): Comparison => ({
  resources: [{ name: "posts", endpoint: { paginator: "single_page" }, ...hints }],
  api: () => rows,
  ...more,
});

/** One declared column over values. */
const declared = (data_type: string, values: unknown[], more: Partial<Comparison> = {}): Comparison =>
  typed(
    values.map((value, id) => ({ id, value })),
    { columns: { value: { data_type } } },
    more,
  );

/** An inferred column over values. */
const inferred = (values: unknown[], more: Partial<Comparison> = {}): Comparison =>
  typed(
    values.map((value, id) => ({ id, value })),
    {},
    more,
  );

const INFERRED: Record<string, Comparison> = {
  "integers, inferred": inferred([1, -2, 0, 9_007_199_254_740_991]),
  "fractions, inferred": inferred([1.5, -0.25]),
  "integers and fractions, inferred": inferred([1.5, 2]),
  "a fraction of zero, inferred": typed([], {}, { api: () => '[{"id":1,"value":2.0},{"id":2,"value":1e3}]' }),
  "text, inferred": inferred(["a", "", " x "]),
  "booleans, inferred": inferred([true, false]),
  "times, inferred": inferred(["2024-01-01T10:00:00Z", "2024-01-01T10:00:00.123456+02:00"]),
  "times with a space, inferred": inferred(["2024-01-01 10:00:00"]),
  "times without a zone, inferred": inferred(["2024-01-01T10:00:00"]),
  "compact times, inferred": inferred(["20240101T100000Z"]),
  "dates, inferred": inferred(["2024-01-31"]),
  "text like a number, inferred": inferred(["007", "1.50"]),
  "text like a time among others, inferred": inferred(["hello", "2024-01-01T10:00:00Z"]),
  "null only, inferred": inferred([null, null]),
  "null and numbers, inferred": inferred([null, 5]),
  "objects, inferred": inferred([{ a: 1, b: { c: "x" } }, { a: 2 }]),
  "an empty object, inferred": inferred([{}, { a: 1 }]),
  "a list, inferred": inferred([[1, 2]], { differs: { "nested lists": ["columns", "rows", "tables"] } }),
  "integers beyond 64 bits, inferred": typed(
    [],
    {},
    {
      api: () => '[{"id":1,"value":123456789012345678901234567890}]',
      differs: { "large integers": ["outcome"] },
    },
  ),
  "integers beyond 2^53, inferred": typed([], {}, { api: () => '[{"id":1,"value":9007199254740993}]' }),
  "a column that only some rows have": typed([{ id: 1 }, { id: 2, more: "x" }]),
  "letters beyond ASCII in values": inferred(["größe €", "日本", "\u{1F600}"]),
  "another type in a later row": inferred([1, "x"]),
  "text like a number after integers": inferred([1, "007"], { differs: { "another type": ["columns", "rows"] } }),
};

const DECLARED: Record<string, Comparison> = {
  "bigint over text": declared("bigint", ["1", " 2 ", "007", "-5"]),
  "bigint over fractions without digits": typed(
    [],
    { columns: { value: { data_type: "bigint" } } },
    { api: () => '[{"id":1,"value":5.0}]' },
  ),
  "bigint over booleans": declared("bigint", [true, false]),
  "double over integers": declared("double", [1, 2]),
  "double over text": declared("double", ["1.5", "1e3", "2"]),
  "text over numbers": declared("text", [1, 1.5, -3]),
  "text over booleans": declared("text", [true, false], { differs: { booleans: ["rows"] } }),
  "text over times": declared("text", ["2024-01-01T10:00:00Z"]),
  "bool over text": declared("bool", ["true", "no", "Y", "f", "1", "0"]),
  "bool over numbers": declared("bool", [0, 1]),
  "timestamp over seconds": declared("timestamp", [1_704_103_200, 0]),
  "timestamp over milliseconds": declared("timestamp", [1_704_103_200_000], {
    differs: { "epoch numbers": ["columns", "rows"] },
  }),
  "timestamp over seconds as text": declared("timestamp", ["1704103200"]),
  "timestamp over dates": declared("timestamp", ["2024-01-31", "2024/01/31"]),
  "timestamp over compact times": declared("timestamp", ["20240131T101500Z"]),
  "timestamp over times with an offset": declared("timestamp", ["2024-01-01T10:00:00+02:00"]),
  "date over text": declared("date", ["2024-01-31", "20240131"]),
  "date over times": declared("date", ["2024-01-31T10:00:00Z"]),
  "date over seconds": declared("date", [1_704_103_200]),
  "decimal over numbers": declared("decimal", [1, 2.5]),
  "decimal over text": declared("decimal", ["1.25", "3"]),
  "decimal with precision and scale": typed([{ id: 1, value: "1.25" }], {
    columns: { value: { data_type: "decimal", precision: 10, scale: 2 } },
  }),
  "json over objects": declared("json", [{ a: 1, b: [2] }]),
  "json over lists": declared("json", [[1, 2], []]),
  "json over text that is JSON": declared("json", ['{"a":1}', "[1]"]),
  "json over text": declared("json", ["hello"], { differs: { "text in a json column": ["columns", "rows"] } }),
  "timestamp over week and ordinal dates": declared("timestamp", ["2024-W05-1", "2024-031"], {
    differs: { "unusual forms": ["columns", "rows"] },
  }),
  "bigint over digits with underscores": declared("bigint", ["1_000"], {
    differs: { "unusual forms": ["columns", "rows"] },
  }),
  "double over nan": declared("double", ["nan"], { differs: { "unusual forms": ["outcome"] } }),
  "decimal beyond its scale": typed(
    [{ id: 1, value: "1.23456" }],
    { columns: { value: { data_type: "decimal", precision: 10, scale: 2 } } },
    { differs: { "digits beyond scale": ["columns", "rows"] } },
  ),
  "binary, time and wei": typed(
    [{ id: 1, b: "aGVsbG8=", t: "10:00:00", w: 5 }],
    { columns: { b: { data_type: "binary" }, t: { data_type: "time" }, w: { data_type: "wei" } } },
    { differs: { "other types": ["types", "rows"] } },
  ),
  "a declared column that no row has": typed([{ id: 1 }], { columns: { more: { data_type: "text" } } }),
  "an unknown data_type": declared("integer", [1], { fails: true }),
  "columns as a list": typed([{ id: 1, value: "5" }], { columns: [{ name: "value", data_type: "bigint" }] }),
  "columns with a name inside": typed([{ id: 1, value: "5" }], {
    columns: { value: { name: "value", data_type: "bigint" } },
  }),
  "columns of resource_defaults and resource": typed(
    [{ id: "1", value: "5" }],
    { columns: { value: { data_type: "bigint" } } },
    {
      resource_defaults: { columns: { id: { data_type: "bigint" } } },
    },
  ),
  "a column in an object": typed([{ id: 1, meta: { n: "5" } }], { columns: { meta__n: { data_type: "bigint" } } }),
  "a description": typed([{ id: 1 }], { columns: { id: { description: "The id." } } }),
  "hints without effect": typed([{ id: 1, value: "a" }], {
    columns: { id: { unique: true, sort: true }, value: { cluster: true, partition: true } },
    table_format: "native",
  }),
  "nullable false": typed([{ id: 1, value: "a" }], { columns: { value: { nullable: false } } }),
  "nullable false, and null": typed(
    [{ id: 1, value: null }],
    { columns: { value: { data_type: "text", nullable: false } } },
    { fails: true },
  ),
  "max_table_nesting 0": typed([{ id: 1, meta: { a: 1, b: { c: 2 } } }], { max_table_nesting: 0 }),
  "max_table_nesting 1": typed([{ id: 1, meta: { a: 1, b: { c: 2 } } }], { max_table_nesting: 1 }),
};

/** Three runs of `posts`. */
const nights = (pages: Row[][], hints: object = {}, more: Partial<Comparison> = {}): Comparison => ({
  ...typed([], hints),
  api: pages.map((rows) => ({ "/posts": rows })),
  ...more,
});

const LATER: Record<string, Comparison> = {
  "a new column in a later run": nights([[{ id: 1 }], [{ id: 2, more: "x" }], [{ id: 3, more: 5 }]]),
  "a column that disappears": nights([[{ id: 1, more: "x" }], [{ id: 2 }]]),
  "integers into a column of fractions": nights([[{ id: 1, v: 1.5 }], [{ id: 2, v: 2 }]]),
  "fractions into a column of integers": nights(
    [[{ id: 1, v: 1 }], [{ id: 2, v: 2.5 }]],
    {},
    {
      differs: { "fractions after integers": ["columns", "types", "rows"] },
    },
  ),
  "numbers into a column of text": nights([[{ id: 1, v: "a" }], [{ id: 2, v: 5 }]]),
  "text into a column of numbers": nights([[{ id: 1, v: 5 }], [{ id: 2, v: "a" }]]),
  "an object into a column of text": nights([[{ id: 1, v: "a" }], [{ id: 2, v: { w: 1 } }]]),
  "schema_contract freeze of columns": nights(
    [[{ id: 1 }], [{ id: 2, more: "x" }]],
    { schema_contract: { columns: "freeze" } },
    { fails: [2] },
  ),
  "schema_contract discard_value of columns": nights([[{ id: 1 }], [{ id: 2, more: "x" }]], {
    schema_contract: { columns: "discard_value" },
  }),
  "schema_contract discard_row of columns": nights([[{ id: 1 }], [{ id: 2, more: "x" }, { id: 3 }]], {
    schema_contract: { columns: "discard_row" },
  }),
  "schema_contract freeze of types": nights(
    [[{ id: 1, v: 5 }], [{ id: 2, v: "a" }]],
    { schema_contract: { data_type: "freeze" } },
    { fails: [2] },
  ),
  "schema_contract discard_value of types": nights([[{ id: 1, v: 5 }], [{ id: 2, v: "a" }]], {
    schema_contract: { data_type: "discard_value" },
  }),
  "schema_contract freeze of tables": nights([[{ id: 1 }]], { schema_contract: "freeze" }, { fails: true }),
};

/** Types: inferred, declared, and in later runs. */
export const TYPES: Record<string, Comparison> = { ...INFERRED, ...DECLARED, ...LATER };
