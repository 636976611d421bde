import process from "node:process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LakeTable } from "../../infra/lake-folder.ts";
import { encode } from "../../lib/columns/encode.ts";
import { SYSTEM_COLUMNS, type TableColumn } from "../../lib/columns/table-schema.ts";
import { type ColumnType, NOT_REPRESENTABLE } from "../../lib/columns/types.ts";
import type { Json } from "../../lib/json/index.ts";
import { createPart } from "../../lib/parts/formats.ts";
import { createParquetPart } from "../../lib/parts/parquet.ts";
import type { Cells } from "../../lib/rows/shape.ts";
import { tableQuery } from "../../local/lake/views.ts";
import { sampleSize } from "../size.ts";
import { COLUMNS, cells, columnOf, openDuck, parquetOf, partOf } from "./parquet.fixture.ts";

const MEGABYTE = "ü€😀x".repeat(104_858);
const LONG_DECIMAL = "12345678901234567890123456789";

interface Edges extends ColumnType {
  duckdb: string;
  /** Cells, and the values that DuckDB reads where they differ from the text. */
  values: [cell: string, read?: unknown][];
}

const EDGES: Record<string, Edges> = {
  text: {
    data_type: "text",
    duckdb: "VARCHAR",
    values: [
      [""],
      [" "],
      ["null"],
      ["😀👩‍👩‍👧‍👦"],
      ["\uffff"],
      ["\u0000"],
      ["a\u0000b"],
      ['"\\\n\r\t'],
      ["\u2028"],
      [MEGABYTE],
      ["７"],
    ],
  },
  bigint: {
    data_type: "bigint",
    duckdb: "BIGINT",
    values: ["-9223372036854775808", "9223372036854775807", "0", "-1", "9007199254740993"].map((cell) => [
      cell,
      BigInt(cell),
    ]),
  },
  double: {
    data_type: "double",
    duckdb: "DOUBLE",
    values: [
      ...["5e-324", "-5e-324", "1.7976931348623157e+308", "-1.7976931348623157e308", "-0.000000001", "0.1"],
      ...["2.2250738585072014e-308", "9007199254740993", "12.50", "0", "1e21"],
    ].map((cell) => [cell, Number(cell)]),
  },
  bool: {
    data_type: "bool",
    duckdb: "BOOLEAN",
    values: [
      ["true", true],
      ["false", false],
    ],
  },
  timestamp: {
    data_type: "timestamp",
    duckdb: "TIMESTAMP",
    values: [
      ["0001-01-01 00:00:00.000", "0001-01-01 00:00:00"],
      ["0001-01-01 00:00:00.001"],
      ["9999-12-31 23:59:59.999"],
      ["1969-12-31 23:59:59.999"],
      ["1970-01-01 00:00:00.000", "1970-01-01 00:00:00"],
      ["1582-10-10 12:34:56.789"],
      ["2024-02-29 00:00:00.010", "2024-02-29 00:00:00.01"],
      ["2026-03-29 02:30:00.500", "2026-03-29 02:30:00.5"],
    ],
  },
  date: {
    data_type: "date",
    duckdb: "DATE",
    values: [
      ["0001-01-01"],
      ["9999-12-31"],
      ["1969-12-31"],
      ["1970-01-01"],
      ["1600-02-29"],
      ["1582-10-10"],
      ["2026-03-29"],
    ],
  },
  decimal: {
    data_type: "decimal",
    duckdb: "DECIMAL(38,9)",
    values: [
      [LONG_DECIMAL, `${LONG_DECIMAL}.000000000`],
      [`-${LONG_DECIMAL}.123456789`],
      ["99999999999999999999999999999.999999999"],
      ["-99999999999999999999999999999.999999999"],
      ["-0.000000001"],
      ["0.000000001"],
      ["-0.5", "-0.500000000"],
      ["-1", "-1.000000000"],
      ["-0", "0.000000000"],
      ["12.50", "12.500000000"],
      ["1.50000000000000", "1.500000000"],
    ],
  },
  money: {
    data_type: "decimal",
    precision: 9,
    scale: 2,
    duckdb: "DECIMAL(9,2)",
    values: [["9999999.99"], ["-9999999.99"], ["-0.01"], ["7", "7.00"], ["7.1", "7.10"]],
  },
  whole: {
    data_type: "decimal",
    precision: 38,
    scale: 0,
    duckdb: "DECIMAL(38,0)",
    values: [["99999999999999999999999999999999999999"], ["-99999999999999999999999999999999999999"], ["5.000", "5"]],
  },
  fraction: {
    data_type: "decimal",
    precision: 38,
    scale: 38,
    duckdb: "DECIMAL(38,38)",
    values: [["0.00000000000000000000000000000000000001"], ["-0.99999999999999999999999999999999999999"]],
  },
  digit: { data_type: "decimal", precision: 1, scale: 0, duckdb: "DECIMAL(1,0)", values: [["-9"], ["9"], ["0"]] },
  json: {
    data_type: "json",
    duckdb: "VARCHAR",
    values: [['{"a":[1,"😀",null]}'], ["[]"], ['"text"'], ["12345678901234567890"], ["null"], ['"\\u0000"']],
  },
};

/** Returns rows with the edge values of all columns; null where a column has no more of them. */
const edgeRows = (): Cells[] => {
  const columns = Object.values(EDGES);
  const count = Math.max(...columns.map(({ values }) => values.length));
  return Array.from({ length: count }, (_, row) => columns.map(({ values }) => values[row]?.[0] ?? null));
};
const edgeColumns = Object.entries(EDGES).map(([name, { data_type, precision, scale }]) =>
  columnOf(name, { data_type, ...(precision !== undefined && { precision, scale }) }),
);

describe("a value in Parquet", () => {
  test.each(Object.entries(EDGES))(
    "of column %s is read back unchanged, at the edges of its type",
    async (name, { duckdb, values, ...type }) => {
      await using duck = await openDuck();
      const column = columnOf(name, type);
      const rows = values.flatMap(([cell]): Cells[] => [[cell], [null]]);
      const file = parquetOf(await duck.file(await partOf([column], rows)));
      expect(await duck.types(`FROM ${file}`)).toEqual([[name, duckdb]]);
      expect(await duck.ask(`FROM ${file}`)).toEqual(
        values.flatMap(([cell, read]) => [[read === undefined ? cell : read], [null]]),
      );
    },
  );

  test("is read back from every encoding: plain, dictionary, and a separate row group", async () => {
    await using duck = await openDuck();
    // A column with few distinct values is encoded as a dictionary.
    const repeated = Array.from({ length: 40 }, edgeRows).flat();
    const texts = (cells: unknown[]) => cells.map((cell) => (cell === null ? null : String(cell)));
    const once = await duck.ask(`FROM ${parquetOf(await duck.file(await partOf(edgeColumns, edgeRows())))}`);
    expect(once.map(texts).map((row) => row.map((cell) => cell !== null))).toEqual(
      edgeRows().map((row) => row.map((cell) => cell !== null)),
    );
    const many = parquetOf(await duck.file(await partOf(edgeColumns, repeated)));
    expect(await duck.ask(`FROM ${many}`)).toEqual(Array.from({ length: 40 }, () => once).flat());
    const alone = parquetOf(await duck.file(await partOf(edgeColumns, edgeRows(), 1)));
    expect(await duck.ask(`FROM ${alone}`)).toEqual(once);
  });

  test.each(Object.entries(EDGES))(
    "of column %s is found by a query, with minimum and maximum in the statistics of its row group",
    async (name, { values, ...type }) => {
      await using duck = await openDuck();
      const cells = values.map(([cell]) => cell);
      // Two values per group.
      for (const rows of [cells, cells.toReversed()]) {
        const part = createParquetPart([columnOf(name, type)], {
          row_group_bytes: 2 + Math.max(...rows.map((cell) => cell.length)),
        });
        await part.add(
          rows.map((cell) => [cell]),
          0,
        );
        const file = parquetOf(await duck.file(await part.finish()));
        const extremes = await duck.ask(`SELECT min("${name}"), max("${name}") FROM ${file}`);
        const all = await duck.ask(`SELECT "${name}" FROM ${file} ORDER BY 1`);
        expect(extremes).toEqual([[all[0]?.[0], all.at(-1)?.[0]]]);
        const found = await duck.ask(
          `SELECT count(*) FROM (SELECT DISTINCT "${name}" AS x FROM ${file}) AS v, ${file} AS f WHERE f."${name}" = v.x`,
        );
        expect(found).toEqual([[BigInt(cells.length)]]);
      }
    },
  );

  test("is found by a filter on a string, because statistics order strings as UTF-8", async () => {
    await using duck = await openDuck();
    const strings = ["\ud7ff", "\ue000", "\uffff", "😀", "\u{10ffff}", "a", "", "ﬀ", "\u{10ffff}".repeat(9)];
    for (const one of strings) {
      for (const other of strings) {
        const file = parquetOf(await duck.file(await partOf([columnOf("a", { data_type: "text" })], [[one], [other]])));
        const code = [...one].map((character) => `chr(${character.codePointAt(0)})`).join(" || ") || "''";
        expect(await duck.ask(`SELECT count(*) FROM ${file} WHERE a = ${code}`)).toEqual([[one === other ? 2n : 1n]]);
      }
    }
  });

  test("has its type in a column with only nulls, or with a single value", async () => {
    await using duck = await openDuck();
    const types = Object.entries(EDGES).map(([name, { duckdb }]) => [name, duckdb]);
    const none = edgeColumns.map(() => null);
    const nulls = parquetOf(await duck.file(await partOf(edgeColumns, Array(1000).fill(none))));
    expect(await duck.types(`FROM ${nulls}`)).toEqual(types);
    expect(await duck.ask(`SELECT DISTINCT * FROM ${nulls}`)).toEqual([none]);
    expect(await duck.ask(`SELECT count(*) FROM ${nulls}`)).toEqual([[1000n]]);
    const firsts = edgeRows()[0] as Cells;
    const last = parquetOf(await duck.file(await partOf(edgeColumns, [...Array(999).fill(none), firsts])));
    expect((await duck.ask(`FROM ${last} OFFSET 998`)).map((row) => row.every((cell) => cell === null))).toEqual([
      true,
      false,
    ]);
  });

  test.each(["America/St_Johns", "Asia/Kolkata"])("of type timestamp is UTC when the time zone is %s", async (zone) => {
    await using duck = await openDuck();
    const { TZ } = process.env;
    process.env.TZ = zone;
    try {
      expect(new Date("2026-11-20T00:00:00Z").getTimezoneOffset()).not.toBe(0);
      const columns = [columnOf("at", { data_type: "timestamp" }), columnOf("day", { data_type: "date" })];
      const rows = ["2026-07-01", "1969-12-31", "0001-01-01", "2026-03-29"].map((day) => [`${day} 02:30:00.123`, day]);
      const file = parquetOf(await duck.file(await partOf(columns, rows)));
      expect(await duck.ask(`SELECT CAST("at" AS TEXT), CAST(day AS TEXT) FROM ${file}`)).toEqual(rows);
    } finally {
      if (TZ === undefined) delete process.env.TZ;
      else process.env.TZ = TZ;
    }
  });

  test("is found by the name of its column, whatever characters it has", async () => {
    await using duck = await openDuck();
    const names = ["a.b", 'say "it"', "it's", "dt", "filename", "root", "__proto__", "ä ö", "a,b", "list"];
    const columns = names.map((name) => columnOf(name, { data_type: "text" }));
    const file = parquetOf(await duck.file(await partOf(columns, [names, names.toReversed()])));
    expect(await duck.types(`FROM ${file}`)).toEqual(names.map((name) => [name, "VARCHAR"]));
    expect(await duck.ask(`FROM ${file}`)).toEqual([names, names.toReversed()]);
  });
});

const TYPES: Edges["data_type"][] = ["text", "bigint", "double", "bool", "timestamp", "date", "decimal", "json"];

const digits = (max: number) => fc.stringMatching(new RegExp(`^-?(0|[1-9][0-9]{0,${max - 1}})$`));
const twoDigits = (max: number) => fc.integer({ min: 1, max }).map((n) => String(n).padStart(2, "0"));
const year = fc.oneof(fc.constantFrom(0, 1, 1582, 1969, 9999), fc.nat(9999)).map((n) => String(n).padStart(4, "0"));
const aDate = fc.tuple(year, twoDigits(12), twoDigits(31)).map((parts) => parts.join("-"));
const aTime = fc
  .tuple(
    aDate,
    twoDigits(23),
    twoDigits(59),
    fc.constantFrom("", ".5", ".001", ".999999"),
    fc.constantFrom("Z", "+05:30"),
  )
  .map(([date, hour, minute, fraction, zone]) => `${date}T${hour}:${minute}:59${fraction}${zone}`);
const aNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(0, -0, 1e-7, 1e21, 5e-324, 0.5),
);
const anyJson = fc.jsonValue() as fc.Arbitrary<Json>;

/** Values of an API for a column of this type. */
const VALUES: Record<Edges["data_type"], fc.Arbitrary<Json>> = {
  text: fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("", "\u0000", "\ud83d"),
  ),
  bigint: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.integer(), digits(19)),
  double: fc.oneof(aNumber, fc.constantFrom("12.50", "0.1", "-0")),
  bool: fc.boolean(),
  timestamp: fc.oneof(aTime, aDate),
  date: aDate,
  decimal: fc.oneof(
    aNumber,
    digits(29),
    fc.tuple(digits(29), fc.stringMatching(/^[0-9]{1,9}0{0,3}$/)).map((parts) => parts.join(".")),
  ),
  json: anyJson,
};

const aType: fc.Arbitrary<ColumnType> = fc.oneof(
  fc.constantFrom(...TYPES).map((data_type): ColumnType => ({ data_type })),
  fc
    .integer({ min: 1, max: 38 })
    .chain((precision) => fc.nat(precision).map((scale): ColumnType => ({ data_type: "decimal", precision, scale }))),
);

/** Columns, and rows of encoded values; values that are not representable are null. */
const aTable = fc.array(aType, { minLength: 1, maxLength: 6 }).chain((types) => {
  const values = types.map(({ data_type }) => fc.oneof({ weight: 6, arbitrary: VALUES[data_type] }, anyJson));
  return fc.array(fc.tuple(...values), { maxLength: 12 }).map((rows) => ({
    columns: [...SYSTEM_COLUMNS, ...types.map((type, index) => columnOf(`c${index}`, type))],
    rows: rows.map((row, index): Cells => {
      const cells = types.map((type, place) => {
        const value = row[place] ?? null;
        const text = value === null ? NOT_REPRESENTABLE : encode(value, type);
        return text === NOT_REPRESENTABLE ? null : text;
      });
      return ["20261120T090000Z-0a1b2c3d", String(index + 1), "2026-11-20 09:00:00.250", ...cells];
    }),
  }));
});

const tableOf = (columns: TableColumn[], files: string[]): LakeTable => ({
  source: "shop",
  table: "orders",
  columns,
  file_formats: ["jsonl", "parquet"],
  write_disposition: "append",
  key: [],
  merge_key: [],
  hard_delete: null,
  dedup_sort: null,
  insert_only: false,
  files,
  rows: 1,
  newest_run: null,
});

test("random cells are read back with the same values from a Parquet part and from a JSON part", async () => {
  await using duck = await openDuck();
  let values = 0;
  await fc.assert(
    fc.asyncProperty(aTable, fc.constantFrom(1, 40, 1000), async ({ columns, rows }, rowGroup) => {
      const json = createPart.jsonl(columns);
      await json.add(rows, 0);
      const texts = tableQuery(tableOf(columns, [await duck.file(await json.finish(), "json.gz")]));
      const parquet = tableQuery(tableOf(columns, [await duck.file(await partOf(columns, rows, rowGroup))]));
      const read = await duck.ask(parquet);
      expect(read).toEqual(await duck.ask(texts));
      expect(await duck.types(parquet)).toEqual(await duck.types(texts));
      // Null exactly where the cell is null.
      expect(read.map((row) => row.map((value) => value === null))).toEqual(
        rows.map((row) => row.map((cell) => cell === null)),
      );
      values += rows.flat().filter((cell) => cell !== null).length;
    }),
    { numRuns: sampleSize({ quick: 20, full: 60 }) },
  );
  expect(values).toBeGreaterThan(200);
});

describe("a Parquet part", () => {
  test("counts rows and characters, and records the time of its first row", async () => {
    const part = createParquetPart([columnOf("a", { data_type: "text" }), columnOf("b", { data_type: "bigint" })]);
    expect(part).toMatchObject({ rows: 0, bytes: 0, opened_at: null });
    await part.add([], 5);
    expect(part).toMatchObject({ rows: 0, bytes: 0, opened_at: null });
    await part.add([["abc", null]], 7);
    await part.add([["", "12"]], 9);
    expect(part).toMatchObject({ rows: 2, bytes: 9, opened_at: 7 });
    await part.finish();
    expect(part).toMatchObject({ rows: 2, bytes: 9, opened_at: 7 });
  });

  test("counts rows and characters across row groups", async () => {
    const part = createParquetPart(COLUMNS, { row_group_bytes: 1 });
    await part.add(cells(0, 3), 0);
    await part.add(cells(3, 3), 1);
    const characters = [...cells(0, 3), ...cells(3, 3)].flat().reduce((sum, cell) => sum + 1 + (cell?.length ?? 0), 0);
    expect(part).toMatchObject({ rows: 6, bytes: characters, opened_at: 0 });
  });

  test("records the time 0 of a first row", async () => {
    const part = createParquetPart(COLUMNS);
    await part.add(cells(0, 1), 0);
    await part.add(cells(1, 1), 5);
    expect(part.opened_at).toBe(0);
  });

  test("is the same for every call of finish, also for concurrent ones", async () => {
    await using duck = await openDuck();
    const part = createParquetPart(COLUMNS, { row_group_bytes: 100 });
    await part.add(cells(1, 10), 0);
    const [one, other] = await Promise.all([part.finish(), part.finish()]);
    expect(one).toBe(other);
    const before = Buffer.from(one);
    expect(await part.finish()).toBe(one);
    part.discard();
    expect(Buffer.compare(before, await part.finish())).toBe(0);
    expect(await duck.ask(`SELECT count(*) FROM ${parquetOf(await duck.file(one))}`)).toEqual([[10n]]);
  });

  test("has equal bytes for equal rows, at any time and in any pages", async () => {
    const write = async (now: number, page: number) => {
      const part = createParquetPart(COLUMNS, { row_group_bytes: 500 });
      for (let first = 0; first < 120; first += page)
        await part.add(cells(0, 120).slice(first, first + page), now + first);
      return part.finish();
    };
    const one = await write(0, 20);
    expect(Buffer.compare(one, await write(1_700_000_000_000, 20))).toBe(0);
    expect(Buffer.compare(one, await write(0, 1))).toBe(0);
    expect(Buffer.compare(one, await write(0, 120))).toBe(0);
  });

  test("without rows is a file with columns and no rows", async () => {
    await using duck = await openDuck();
    const file = parquetOf(await duck.file(await createParquetPart(edgeColumns).finish()));
    expect(await duck.types(`FROM ${file}`)).toEqual(Object.entries(EDGES).map(([name, { duckdb }]) => [name, duckdb]));
    expect(await duck.ask(`SELECT count(*) FROM ${file}`)).toEqual([[0n]]);
    const own = parquetOf(await duck.file(await createPart.parquet(SYSTEM_COLUMNS).finish()));
    expect(await duck.types(`FROM ${own}`)).toEqual([
      ["_run_id", "VARCHAR"],
      ["_seq", "BIGINT"],
      ["_extracted_at", "TIMESTAMP"],
    ]);
  });

  test("may be discarded empty, filled, and twice", async () => {
    createParquetPart(COLUMNS).discard();
    const part = createParquetPart(COLUMNS, { row_group_bytes: 100 });
    await part.add(cells(0, 100), 0);
    part.discard();
    part.discard();
  });

  test("copies the list of rows, which the caller may reuse", async () => {
    await using duck = await openDuck();
    const part = createParquetPart(COLUMNS);
    const page = cells(0, 2);
    await part.add(page, 0);
    page.length = 0;
    expect(await duck.ask(`SELECT id FROM ${parquetOf(await duck.file(await part.finish()))}`)).toEqual([[0n], [1n]]);
  });
});
