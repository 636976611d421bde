import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, isJsonObject, type Json, type JsonObject, stringifyJson } from "../../lib/json/index.ts";
import { parseJson } from "../../lib/json/parse.ts";

describe("numbers", () => {
  test.each([
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992n],
    ["9007199254740993", 9007199254740993n],
    ["-9007199254740993", -9007199254740993n],
    ["9223372036854775807", 9223372036854775807n],
    ["18446744073709551616", 18446744073709551616n],
    ["0", 0],
    ["1.5", 1.5],
    ["1e21", 1e21],
    ["1e3", 1000],
    ["10.0", 10],
    ["1234567890.123456789", 1234567890.1234567],
  ])("%s is parsed exactly", (text, value) => {
    expect(parseJson(text)).toBe(value);
    const [parsed] = (parseJson(`{"a":[${text}]}`) as { a: Json[] }).a;
    expect(parsed).toBe(value);
  });

  test.each(["1e400", "-1e400", "1E+999", `1${"0".repeat(310)}.5`])(
    "%s does not fit into a double and becomes a string",
    (text) => {
      expect(parseJson(text)).toBe(text);
      expect(parseJson(`{"a": [1, ${text}]}`)).toEqual({ a: [1, text] });
    },
  );

  test("an integer of any length keeps its digits", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.array(fc.bigInt(), { maxLength: 3 }), (one, many) => {
        const text = `{"one":${one},"many":[${many.join(",")}]}`;
        expect(stringifyJson(parseJson(text))).toBe(text);
      }),
    );
  });

  test("16 digits inside of a string are not a number", () => {
    expect(parseJson('{"card":"4111111111111111","n":4111111111111111111}')).toEqual({
      card: "4111111111111111",
      n: 4111111111111111111n,
    });
  });
});

test("invalid JSON is a SyntaxError, also in the exact parser", () => {
  for (const text of ["", "{", "<html>", "[1,]", "[12345678901234567890,]", "NaN"]) {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  }
});

describe("__proto__", () => {
  const text = '{"__proto__":{"isAdmin":true},"n":12345678901234567890}';

  test("is parsed like any other key, and changes no prototype", () => {
    const value = parseJson(text) as JsonObject;
    expect(Object.keys(value)).toEqual(["__proto__", "n"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect((value as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  test("is written like any other key, also in canonical form", () => {
    expect(stringifyJson(parseJson(text))).toBe(text);
    expect(canonicalJson(parseJson('{"b":1,"__proto__":{"z":1,"a":2}}'))).toBe('{"__proto__":{"a":2,"z":1},"b":1}');
  });
});

describe("canonical text", () => {
  test("does not depend on the order of keys, at any depth", () => {
    const one = { b: [{ y: 1, x: null }], a: { d: 1n, c: "ü" } };
    const other = { a: { c: "ü", d: 1n }, b: [{ x: null, y: 1 }] };
    expect(canonicalJson(one)).toBe(canonicalJson(other));
    expect(canonicalJson(one)).toBe('{"a":{"c":"ü","d":1},"b":[{"x":null,"y":1}]}');
  });

  test("depends on the order of lists", () => {
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  });

  test("differs for integers that are equal as doubles", () => {
    expect(canonicalJson({ id: 9007199254740992n })).not.toBe(canonicalJson({ id: 9007199254740993n }));
  });

  test("parses to an equal value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

test("an object is neither a list nor null", () => {
  const values: [Json, boolean][] = [
    [{}, true],
    [[], false],
    [null, false],
    ["a", false],
    [1n, false],
  ];
  for (const [value, is] of values) expect(isJsonObject(value)).toBe(is);
});
