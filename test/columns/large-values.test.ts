import { describe, expect, test } from "vitest";
import { encode } from "../../lib/columns/encode.ts";
import { columnName, snakeCase } from "../../lib/columns/names.ts";
import { declaredSchema } from "../../lib/columns/table-schema.ts";
import { type DataType, inferType } from "../../lib/columns/types.ts";
import { ResponseError } from "../../lib/errors/index.ts";
import { reportedError } from "../../lib/http/error-envelope.ts";
import { parseBody } from "../../lib/http/parse-body.ts";
import { type JsonObject, stringifyJson } from "../../lib/json/index.ts";
import { parseJson } from "../../lib/json/parse.ts";
import { detectSelector, selectRows } from "../../lib/rows/selector.ts";
import { createShaper } from "../../lib/rows/shape.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";

/** Characters of 1 MB. Quadratic time for that many would be minutes, which no time limit of a test allows. */
const MANY = 1_000_000;
const many = (characters: string): string => characters.repeat(MANY / characters.length);

const TYPES: DataType[] = ["text", "bigint", "double", "bool", "timestamp", "date", "decimal", "json"];

describe("1 MB", () => {
  test.each(["_", "-", " ", "a_", "aA", "A", "é", "+", "__", "1"])(
    "of %j in a key makes a short name in linear time",
    (characters) => {
      const key = `${many(characters)}!a`;
      expect(snakeCase(key).length).toBeGreaterThan(0);
      const row = createShaper(declaredSchema({}, [])).flatten({ [key]: 1, [`${key}b`]: { c: 2 } });
      const names = [...row.keys()];
      expect(new Set(names).size).toBe(2);
      for (const name of names) expect(name.length).toBeLessThanOrEqual(127);
    },
  );

  test("in a key takes few bytes in a schema, and two keys keep separate columns", () => {
    const shaper = createShaper(declaredSchema({}, []));
    const rows = ["x", "y"].map((end) => shaper.flatten({ [`${many("a")}${end}`]: end }));
    const columns = shaper.missingColumns(rows);
    expect(new Set(columns.map(({ name }) => name)).size).toBe(2);
    expect(JSON.stringify(columns).length).toBeLessThan(5000);
  });

  test("of keys in a path makes a name in linear time", () => {
    expect(columnName(Array.from({ length: 1000 }, () => "_".repeat(1000))).length).toBeLessThanOrEqual(127);
  });

  test.each([
    ["zeros in a fraction", `0.${many("0")}1`],
    ["zeros after a digit in a fraction", `0.1${many("0")}`],
    ["zeros before a number", `${many("0")}1`],
    ["digits", many("12")],
    ["digits and a letter", `${many("1")}x`],
    ["spaces before a number", `${many(" ")}1`],
    ["spaces in a number", `1${many(" ")}1`],
    ["brackets", many("[")],
    ["points", many(".")],
    ["slashes", many("/")],
  ])("of %s in a string is encoded for every type in linear time", (_what, value) => {
    inferType(value);
    for (const data_type of TYPES) {
      for (const declared of [true, false]) encode(value, { data_type, declared });
    }
    expect(encode(value, { data_type: "text" })).toBe(value);
  });

  test.each([
    ["digits", many("1")],
    ["zeros in a fraction", `1.${many("0")}`],
    ["digits in a fraction", `1.${many("12")}`],
    ["digits in an exponent", `1e${many("1")}`],
    ["zeros in a negative exponent", `1e-${many("0")}1`],
  ])("of %s in a number is parsed and encoded in linear time", (_what, literal) => {
    const row = createShaper(declaredSchema({}, [])).flatten(parseJson(`{"a":${literal}}`) as JsonObject);
    const value = row.get("a") ?? null;
    if (value === null) throw new Error("no value");
    inferType(value);
    for (const data_type of TYPES) {
      for (const declared of [true, false]) encode(value, { data_type, declared });
    }
    expect(stringifyJson(parseJson(`[${literal}]`)).length).toBeGreaterThan(MANY);
  });

  test.each(["\n", "\r\n", " ", "\t", "{} ", "}"])(
    "of %j after a line of JSON is refused in linear time",
    (characters) => {
      const bytes = Buffer.from(`{}${many(characters)}x`);
      const headers = new Headers({ "content-type": "application/json" });
      expect(() => parseBody({ bytes, headers }, { redactor: createRedactor() })).toThrow(ResponseError);
    },
  );

  test("of equal names in the header of a CSV takes linear time", () => {
    const bytes = Buffer.from(`${many("a,")}a\n${",".repeat(MANY / 2)}`);
    const [row] = parseBody({ bytes, headers: new Headers() }, { redactor: createRedactor(), format: "csv" }) as [
      object,
    ];
    expect(Object.keys(row).slice(0, 3)).toEqual(["a", "a_2", "a_3"]);
  });

  test("of spaces in an error is read in linear time", () => {
    expect(reportedError({ error: `${many(" ")}x` }, null)).not.toBeNull();
    expect(reportedError({ error: many(" "), data: [] }, null)).toBeNull();
  });

  test("in a key of a response neither names its rows nor fills a message", () => {
    const body = { [many("a")]: [{ id: 1 }] };
    expect(detectSelector(body)).toEqual([]);
    expect(() => selectRows(body, "data")).toThrow(/^.{1,1000}$/);
  });
});
