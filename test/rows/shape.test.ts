import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { declaredSchema, type TableColumn, type TableSchema, withColumns } from "../../lib/columns/table-schema.ts";
import type { DataType } from "../../lib/columns/types.ts";
import { MAX_TABLE_NESTING } from "../../lib/config/defaults.ts";
import { SchemaContractError } from "../../lib/errors/index.ts";
import { type JsonObject, stringifyJson } from "../../lib/json/index.ts";
import { parseJson } from "../../lib/json/parse.ts";
import { jsonLines } from "../../lib/parts/json.ts";
import { createShaper, type FlatRow, type Shaper } from "../../lib/rows/shape.ts";

const column = (name: string, data_type: DataType, more: Partial<TableColumn> = {}): TableColumn => ({
  name,
  data_type,
  nullable: true,
  ...more,
});
const schemaOf = (...columns: TableColumn[]): TableSchema => ({ version: 1, file_formats: ["jsonl"], columns });
const nothing = () => ({});

/** Parses lines of JSON; objects keep the order of their keys. */
const read = (lines: string) =>
  lines
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** Writes rows as lines of JSON, in the form of a part. */
const write = (schema: TableSchema, shaper: Shaper, rows: FlatRow[], system: (index: number) => JsonObject = nothing) =>
  jsonLines(schema.columns)(shaper.cells(rows, system));

const flatten = (record: JsonObject, ...columns: TableColumn[]) =>
  Object.fromEntries(createShaper(schemaOf(...columns)).flatten(record));

/** Handles a page as a part writer does: adds the missing columns, then writes. */
const shape = (schema: TableSchema, records: JsonObject[]) => {
  const before = createShaper(schema);
  const grown = withColumns(schema, before.missingColumns(records.map(before.flatten)));
  const shaper = createShaper(grown);
  return { schema: grown, rows: read(write(grown, shaper, records.map(shaper.flatten))) };
};

const nestedTo = (max_table_nesting = MAX_TABLE_NESTING) => ({ max_table_nesting });

describe("max_table_nesting", () => {
  const record: JsonObject = {
    a: 1,
    d: { a: 1, e: { b: 2, f: { c: 3 } } },
    l: [{ x: 1, y: { z: 2 } }],
    empty: [],
    ed: {},
    none: null,
  };
  const lists = { l: record.l, empty: [], none: null };
  const nested = (maxNesting?: number) =>
    Object.fromEntries(createShaper(schemaOf(), nestedTo(maxNesting)).flatten(record));

  // Objects as in dlt. Lists are JSON text at any depth, where dlt creates child tables.
  test.each<[number | undefined, object]>([
    [0, { a: 1, d: record.d, ed: {}, ...lists }],
    [1, { a: 1, d__a: 1, d__e: { b: 2, f: { c: 3 } }, ...lists }],
    [2, { a: 1, d__a: 1, d__e__b: 2, d__e__f: { c: 3 }, ...lists }],
    [3, { a: 1, d__a: 1, d__e__b: 2, d__e__f__c: 3, ...lists }],
    [1000, { a: 1, d__a: 1, d__e__b: 2, d__e__f__c: 3, ...lists }],
    [undefined, { a: 1, d__a: 1, d__e__b: 2, d__e__f__c: 3, ...lists }],
  ])("%s flattens objects to that depth", (maxNesting, columns) => {
    expect(nested(maxNesting)).toEqual(columns);
  });

  test("stores deeper objects in one json column, whatever they contain", () => {
    const schema = schemaOf();
    const shaper = createShaper(schema, nestedTo(1));
    const records: JsonObject[] = [{ d: { e: { f: 1 } } }, { d: { e: { g: [2] } } }, { d: { e: null } }, { d: null }];
    const grown = withColumns(schema, shaper.missingColumns(records.map(shaper.flatten)));
    expect(grown.columns).toMatchObject([{ name: "d__e", data_type: "json" }]);
    const writer = createShaper(grown, nestedTo(1));
    expect(read(write(grown, writer, records.map(writer.flatten)))).toEqual([
      { d__e: '{"f":1}' },
      { d__e: '{"g":[2]}' },
      { d__e: null },
      { d__e: null },
    ]);
  });

  test("keeps a json column when it is raised later, and makes one when it is lowered", () => {
    const whole = schemaOf(column("d", "json"));
    expect(Object.fromEntries(createShaper(whole, nestedTo(1000)).flatten({ d: { a: 1 } }))).toEqual({ d: { a: 1 } });
    const flat = schemaOf(column("d__a", "bigint"));
    const shaper = createShaper(flat, nestedTo(0));
    expect(shaper.missingColumns([shaper.flatten({ d: { a: 1 } })])).toMatchObject([{ name: "d", data_type: "json" }]);
  });

  test("leaves the objects of a declared json column whole, whatever the depth", () => {
    const declared = schemaOf(column("d", "json", { declared: true }));
    for (const maxNesting of [0, 1, 1000]) {
      expect(Object.fromEntries(createShaper(declared, nestedTo(maxNesting)).flatten({ d: { a: 1 } }))).toEqual({
        d: { a: 1 },
      });
    }
  });
});

describe("flattening", () => {
  test("turns objects into columns with __, at any depth, and keeps lists", () => {
    const record = { id: 1, shipTo: { City: "Ulm", geo: { lat: 48.4 } }, tags: [{ a: 1 }] };
    expect(flatten(record)).toEqual({
      id: 1,
      ship_to__city: "Ulm",
      ship_to__geo__lat: 48.4,
      tags: [{ a: 1 }],
    });
  });

  test("keeps an object whole if its own column is json", () => {
    const record = { meta: { a: { b: 1 } }, other: { a: { b: 1 } } };
    expect(flatten(record, column("meta", "json"))).toEqual({ meta: { a: { b: 1 } }, other__a__b: 1 });
    expect(flatten(record, column("other__a", "json"))).toEqual({ meta__a__b: 1, other__a: { b: 1 } });
  });

  test("continues to flatten after a list, because PHP writes [] for an empty object", () => {
    const first = shape(schemaOf(), [{ meta: { a: 1 } }]);
    const second = shape(first.schema, [{ meta: [] }, { meta: { a: 2, b: { c: 3 } } }]);
    expect(second.rows).toEqual([
      { meta__a: null, meta: "[]", meta__b__c: null },
      { meta__a: 2, meta: null, meta__b__c: 3 },
    ]);
    expect(shape(second.schema, [{ meta: { b: { c: 4 } } }]).rows).toEqual([
      { meta__a: null, meta: null, meta__b__c: 4 },
    ]);
  });

  test("keeps objects whole if a list came first and made a json column", () => {
    const first = shape(schemaOf(), [{ meta: [] }]);
    const second = shape(first.schema, [{ meta: { a: 1 } }, { meta: true }]);
    expect(second.rows).toEqual([{ meta: '{"a":1}' }, { meta: "true" }]);
    expect(second.schema).toBe(first.schema);
  });

  test("keeps objects whole in a declared json column, although flattened columns exist", () => {
    const declared = column("meta", "json", { declared: true });
    expect(flatten({ meta: { a: 1 } }, column("meta__a", "bigint"), declared)).toEqual({ meta: { a: 1 } });
  });

  test("does not take a variant of a json column for a flattened column", () => {
    expect(flatten({ meta: { a: 1 } }, column("meta", "json"), column("meta__v_text", "text"))).toEqual({
      meta: { a: 1 },
    });
  });

  test("gives the name of two keys to the first one with a value, and another name to the second", () => {
    expect(flatten({ orderId: null, order_id: 7, OrderID: 8 })).toEqual({ order_id: 7, order_id_ebe5e6: 8 });
    expect(flatten({ user: { name: "a" }, user__name: "b" })).toEqual({ user__name: "a", user__name_222ef2: "b" });
  });

  test("drops empty objects and keeps nulls", () => {
    expect(flatten({ a: {}, b: null })).toEqual({ b: null });
  });

  test("handles __proto__ like any other key", () => {
    expect(flatten(parseJson('{"__proto__":{"a":1}}') as JsonObject)).toEqual({ proto__a: 1 });
  });
});

describe("columns that a page adds", () => {
  const missing = (records: JsonObject[], ...columns: TableColumn[]) => {
    const shaper = createShaper(schemaOf(...columns));
    return shaper.missingColumns(records.map(shaper.flatten)).map(({ name, data_type }) => `${name} ${data_type}`);
  };

  test("come in order of appearance, each with the type of its first value", () => {
    expect(
      missing([
        { b: 1, d: null },
        { d: "x", c: true },
        { d: "y", b: 2 },
      ]),
    ).toEqual(["b bigint", "d text", "c bool"]);
  });

  test("are nullable, because earlier rows have no value", () => {
    const shaper = createShaper(schemaOf());
    expect(shaper.missingColumns([shaper.flatten({ a: 1 })])).toEqual([column("a", "bigint")]);
  });

  test("do not include a key that is always null", () => {
    expect(missing([{ a: null }, { a: null }])).toEqual([]);
  });

  test("include one variant per type of value that the column cannot represent", () => {
    const records = [{ n: "x" }, { n: "y" }, { n: 1.5 }, { n: true }, { n: [1] }, { n: "2024-01-01T00:00:00Z" }];
    expect(missing(records, column("n", "bigint", { declared: true }))).toEqual([
      "n__v_text text",
      "n__v_double double",
      "n__v_bool bool",
      "n__v_json json",
      "n__v_timestamp timestamp",
    ]);
  });

  test("include a variant for an integer beyond 2^53 in a double column, and beyond 2^63 in a bigint column", () => {
    expect(missing([{ n: 2n ** 53n + 1n }], column("n", "double"))).toEqual(["n__v_bigint bigint"]);
    expect(missing([{ n: 2n ** 63n }], column("n", "bigint"))).toEqual(["n__v_decimal decimal"]);
  });

  test("widen an inferred bigint column to double at the first fraction", () => {
    expect(missing([{ n: 1 }, { n: 1.5 }])).toEqual(["n double"]);
    expect(missing([{ n: 1.5 }, { n: 2 }], column("n", "bigint"))).toEqual(["n double"]);
    expect(missing([{ n: 1e21 }], column("n", "bigint"))).toEqual(["n double"]);
    const { rows } = shape(schemaOf(column("n", "bigint")), [{ n: 1 }, { n: 1.5 }]);
    expect(rows).toEqual([{ n: 1 }, { n: 1.5 }]);
  });

  test("do not widen a bigint column that has had an integer beyond 2^53, as a number or a string", () => {
    const big = 2n ** 53n + 1n;
    expect(missing([{ n: big }, { n: 1.5 }])).toEqual(["n bigint", "n__v_double double"]);
    expect(missing([{ n: 1.5 }], column("n", "bigint", { exact: true }))).toEqual(["n__v_double double"]);
    expect(missing([{ n: big }, { n: 1.5 }], column("n", "bigint"))).toEqual(["n bigint", "n__v_double double"]);
    expect(missing([{ n: 1.5 }, { n: big }], column("n", "bigint"))).toEqual(["n double", "n__v_bigint bigint"]);
    for (const seen of [big, -big, String(big)]) {
      const { schema } = shape(schemaOf(column("n", "bigint")), [{ n: seen }]);
      expect(schema).toMatchObject({ version: 2, columns: [{ name: "n", data_type: "bigint", exact: true }] });
      expect(shape(schema, [{ n: seen }]).schema).toBe(schema);
      expect(shape(schema, [{ n: 0.5 }]).rows).toEqual([{ n: null, n__v_double: 0.5 }]);
    }
  });

  test("include a variant for an integer beyond 2^53 once the column is a double", () => {
    const { schema } = shape(schemaOf(), [{ n: 1 }, { n: 1.5 }]);
    expect(shape(schema, [{ n: 2n ** 53n + 1n }]).schema.columns.map(({ name }) => name)).toEqual(["n", "n__v_bigint"]);
  });

  test("include a column and its variant from the same page", () => {
    expect(missing([{ n: 1 }, { n: "x" }])).toEqual(["n bigint", "n__v_text text"]);
  });
});

describe("rows", () => {
  test("have every column of the schema in order, null where absent", () => {
    const schema = schemaOf(column("a", "bigint"), column("b", "text"), column("c", "bool"));
    const { rows } = shape(schema, [{ c: true, a: 1 }, { b: "x" }, {}]);
    expect(rows).toEqual([
      { a: 1, b: null, c: true },
      { a: null, b: "x", c: null },
      { a: null, b: null, c: null },
    ]);
    for (const row of rows) expect(Object.keys(row)).toEqual(["a", "b", "c"]);
  });

  test("have the added column on the page that adds it, and on later pages without it", () => {
    const first = shape(schemaOf(column("a", "bigint")), [{ a: 1 }]);
    const second = shape(first.schema, [{ a: 2, note: "new" }, { a: 3 }]);
    const third = shape(second.schema, [{ a: 4 }]);
    expect(first.schema.version).toBe(1);
    expect(second.schema.version).toBe(2);
    expect(third.schema).toBe(second.schema);
    expect(second.rows).toEqual([
      { a: 2, note: "new" },
      { a: 3, note: null },
    ]);
    expect(third.rows).toEqual([{ a: 4, note: null }]);
  });

  test("have a value in its variant column, and null in the original column", () => {
    const { rows } = shape(schemaOf(column("price", "bigint", { declared: true })), [
      { price: 1 },
      { price: "free" },
      { price: 2.5 },
    ]);
    expect(rows).toEqual([
      { price: 1, price__v_text: null, price__v_double: null },
      { price: null, price__v_text: "free", price__v_double: null },
      { price: null, price__v_text: null, price__v_double: 2.5 },
    ]);
  });

  test("have the system values of their index", () => {
    const schema = declaredSchema({ id: { data_type: "bigint", nullable: true } }, []);
    const shaper = createShaper(schema);
    const rows = [{ id: 7 }, { id: 8 }].map(shaper.flatten);
    const system = (index: number) => ({ _run_id: "r", _seq: 10 + index, _extracted_at: "2026-11-20 09:00:00.000" });
    expect(read(write(schema, shaper, rows, system))).toEqual([
      { _run_id: "r", _seq: 10, _extracted_at: "2026-11-20 09:00:00.000", id: 7 },
      { _run_id: "r", _seq: 11, _extracted_at: "2026-11-20 09:00:00.000", id: 8 },
    ]);
  });

  test("are one line each, whatever they contain", () => {
    const schema = schemaOf(column("a", "text"), column("b", "json"));
    const shaper = createShaper(schema);
    const row = shaper.flatten({ a: "line\nline\r\u2028\u0085", b: ["x\ny"] });
    expect(write(schema, shaper, [row, row]).split("\n")).toHaveLength(3);
  });

  test("are zero bytes if there are none", () => {
    const schema = schemaOf(column("a", "text"));
    expect(write(schema, createShaper(schema), [])).toBe("");
  });
});

describe("keys with the same name", () => {
  /** Returns all values of a record, at any depth. */
  const values = (record: JsonObject, path: string[] = []): string[] =>
    Object.entries(record).flatMap(([key, value]) =>
      typeof value === "object" && value !== null ? values(value as JsonObject, [...path, key]) : [String(value)],
    );
  const SIMILAR = ["a", "A", "a_b", "aB", "a__b", "_seq", "_run_id", "_dt", "b", "a__v_text"];
  const leaf = fc
    .constantFrom(...SIMILAR)
    .chain((name) => fc.tuple(fc.constant(name), fc.integer({ min: 1, max: 999 })));
  const record = fc.tuple(fc.array(leaf, { maxLength: 6 }), fc.array(leaf, { maxLength: 3 })).map(
    ([outer, inner]): JsonObject => ({
      ...Object.fromEntries(outer),
      ...(inner.length > 0 && { a: Object.fromEntries(inner) }),
    }),
  );

  test("lose no value, and keep their column on every page", () => {
    fc.assert(
      fc.property(fc.array(fc.array(record, { minLength: 1, maxLength: 3 }), { maxLength: 4 }), (pages) => {
        let schema = schemaOf(column("b", "bigint", { declared: true }));
        const columnOf = new Map<string, string>();
        for (const page of pages) {
          const shaped = shape(schema, page);
          schema = shaped.schema;
          for (const [index, row] of shaped.rows.entries()) {
            const kept = Object.values(row).filter((value) => value !== null);
            expect(kept.map(String).sort()).toEqual(values(page[index] as JsonObject).sort());
          }
          for (const { name, path } of schema.columns) {
            if (path === undefined) continue;
            expect(columnOf.get(JSON.stringify(path)) ?? name).toBe(name);
            columnOf.set(JSON.stringify(path), name);
          }
        }
        expect(new Set(schema.columns.map(({ name }) => name)).size).toBe(schema.columns.length);
      }),
      { numRuns: 300 },
    );
  });

  test("as restlake's own columns get another name", () => {
    const { rows } = shape(schemaOf(), [{ _seq: "x", _run_id: "y" }]);
    expect(Object.entries(rows[0] ?? {})).toEqual([
      [expect.stringMatching(/^_seq_[0-9a-f]{6}$/), "x"],
      [expect.stringMatching(/^_run_id_[0-9a-f]{6}$/), "y"],
    ]);
  });

  test("keep their columns when the next page has them in reverse order", () => {
    const first = shape(schemaOf(), [{ A: 1, a: 2 }]);
    const second = shape(first.schema, [{ a: 3, A: 4 }, { a: 5 }, { A: 6 }]);
    expect(second.schema).toBe(first.schema);
    const [own = ""] = Object.keys(first.rows[0] ?? {}).filter((name) => name !== "a");
    expect(second.rows).toEqual([
      { a: 4, [own]: 3 },
      { a: null, [own]: 5 },
      { a: 6, [own]: null },
    ]);
  });
});

describe("nullable: false", () => {
  const schema = schemaOf(
    column("id", "bigint", { primary_key: true, nullable: false }),
    column("line", "text", { primary_key: true }),
    column("total", "double", { nullable: false }),
  );
  const required = new Set(["id", "total"]);
  const shapeAll = (record: JsonObject, columns = schema) => {
    const shaper = createShaper(columns, { required });
    return shaper.cells([shaper.flatten({ id: 1, line: "z", total: 0 }), shaper.flatten(record)], nothing);
  };

  test("fails for null, with the column and the row's key", () => {
    const failing = () => shapeAll({ id: 17, line: "a", total: null });
    expect(failing).toThrow(SchemaContractError);
    expect(failing).toThrow(/column total .*nullable: false.* row with id=17, line=a has null/);
    expect(() => shapeAll({ id: 17 })).toThrow(/row with id=17 lacks column total, .* Its columns: id$/);
    expect(() => shapeAll({ line: "a", total: 1 })).toThrow(/row with line=a lacks column id/);
  });

  test("fails for a value that the column cannot represent", () => {
    const grown = withColumns(schema, [column("total__v_text", "text")]);
    expect(() => shapeAll({ id: 17, line: "a", total: "n/a" }, grown)).toThrow(
      /id=17, line=a has a value of type text/,
    );
  });

  test("names a row without a key by its number on the page", () => {
    const keyless = schemaOf(...["id", "line"].map((name) => column(name, "text")), schema.columns[2]!);
    expect(() => shapeAll({ id: "x", total: null }, keyless)).toThrow(/number 2 of its page/);
  });
});

test("a value without a column is an error instead of being dropped", () => {
  const shaper = createShaper(schemaOf(column("n", "bigint")));
  expect(() => shaper.cells([shaper.flatten({ n: 1, m: 2 })], nothing)).toThrow(SchemaContractError);
  expect(shaper.cells([shaper.flatten({ n: 1, m: null })], nothing)).toEqual([["1"]]);
});

test("a value whose variant column is missing is an error instead of being dropped", () => {
  // A race: this writer requested a text column, and another writer made it bigint first.
  const shaper = createShaper(schemaOf(column("n", "bigint")));
  expect(() => shaper.cells([shaper.flatten({ n: "x" })], nothing)).toThrow(SchemaContractError);
});

test("every value of every row is stored in its column or in a variant, and every line is JSON", () => {
  const scalar = fc.oneof(
    fc.integer(),
    fc.bigInt(),
    fc.string(),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constant(null),
  );
  const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }), fc.dictionary(fc.constantFrom("x", "Y"), scalar));
  const record = fc.dictionary(fc.constantFrom("a", "b", "C d"), value);
  fc.assert(
    fc.property(fc.array(fc.array(record, { maxLength: 4 }), { maxLength: 4 }), (pages) => {
      let schema = schemaOf(column("a", "bigint"));
      for (const page of pages) {
        const records = page.map((given) => parseJson(stringifyJson(given)) as JsonObject);
        const before = createShaper(schema);
        schema = withColumns(schema, before.missingColumns(records.map(before.flatten)));
        const shaper = createShaper(schema);
        const flat: FlatRow[] = records.map(shaper.flatten);
        expect(shaper.missingColumns(flat)).toEqual([]);
        const rows = read(write(schema, shaper, flat));
        expect(rows).toHaveLength(records.length);
        for (const [index, row] of rows.entries()) {
          expect(Object.keys(row)).toEqual(schema.columns.map(({ name }) => name));
          const stored = Object.values(row).filter((inner) => inner !== null).length;
          expect(stored).toBe([...flat[index]!.values()].filter((inner) => inner !== null).length);
        }
      }
    }),
    { numRuns: 300 },
  );
});

describe("a key with the name of a variant", () => {
  const missingOf = (schema: TableSchema, records: JsonObject[]) => {
    const shaper = createShaper(schema);
    return shaper.missingColumns(records.map(shaper.flatten));
  };
  const huge = 10n ** 29n;

  test("gets another name if its page creates the variant, and no value is lost", () => {
    const records: JsonObject[] = [{ a__v_text: 0, a: 0 }, { a: huge }];
    const first = withColumns(schemaOf(column("a", "bigint")), missingOf(schemaOf(column("a", "bigint")), records));
    // The variant takes the name and follows its column. Then the columns that are still missing are planned again.
    expect(first.columns.map(({ name, variant }) => [name, variant])).toEqual([
      ["a", undefined],
      ["a__v_text", true],
    ]);
    const second = shape(first, records);
    expect(second.rows.map((row) => Object.values(row).filter((value) => value !== null))).toEqual([
      [0, 0],
      [String(huge)],
    ]);
    expect(second.rows[1]).toMatchObject({ a__v_text: String(huge) });
  });

  test("keeps its column, and the variant gets another name", () => {
    const first = shape(schemaOf(), [{ a: 1, a__v_text: "own" }]);
    const second = shape(first.schema, [{ a: "text", a__v_text: "own" }]);
    expect(second.rows).toEqual([{ a: null, a__v_text: "own", a__v_textx: "text" }]);
  });
});
