import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../lib/json/index.ts";
import { canonicalJson, stringifyJson } from "../../lib/json/index.ts";
import { literalAt, NumberLiteral, withLiteralsOf } from "../../lib/json/literals.ts";
import { parseJson } from "../../lib/json/parse.ts";

const BIG = "9007199254740993";

describe("an integer beyond 2^53 keeps its digits", () => {
  test.each([
    ["under a key with an escape", `{"a\\u0062":${BIG}}`, { ab: BigInt(BIG) }],
    ["under a key with an escaped quote", `{"a\\"":${BIG}}`, { 'a"': BigInt(BIG) }],
    ["under a key that ends with a backslash", `{"a\\\\":${BIG}}`, { "a\\": BigInt(BIG) }],
    ["under a key that occurs twice", `{"a":1,"a":${BIG}}`, { a: BigInt(BIG) }],
    ["before a key that occurs twice", `{"a":${BIG},"a":1}`, { a: 1 }],
    ["under a key that is an index", `{"b":${BIG},"1":${BIG}}`, { 1: BigInt(BIG), b: BigInt(BIG) }],
    [
      "after a string that looks like a number",
      `{"a":"b: ${BIG}, ","c": ${BIG}}`,
      { a: `b: ${BIG}, `, c: BigInt(BIG) },
    ],
    ["between white space", `[\r\n\t ${BIG}\n]`, [BigInt(BIG)]],
  ])("%s", (_place, text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  test("next to, inside of, and as a key __proto__", () => {
    const text = `{"__proto__":{"n":${BIG}},"o":{"__proto__":${BIG}},"n":[${BIG}]}`;
    expect(stringifyJson(parseJson(text))).toBe(text);
  });

  test("100,000 levels deep", () => {
    const [before, after] = ["[".repeat(100_000), "]".repeat(100_000)];
    let value = parseJson(`${before}${BIG}${after}`);
    while (Array.isArray(value)) value = value[0] as Json;
    expect(value).toBe(BigInt(BIG));
  });
});

test.each([
  "{10.0:1}",
  "{ 12345678901234567:1}",
  "[01.0]",
  "[1.0.0]",
  "[-]",
  "[1.0 2.0]",
  '["a" 1.0]',
  "[1.0e]",
  '{"a" 1.0}',
])("%s stays invalid", (text) => {
  expect(() => parseJson(text)).toThrow(SyntaxError);
});

test("a number with more digits than JavaScript computes with becomes a string", () => {
  const digits = "9".repeat(1_000_000);
  expect(parseJson(`[${digits},-${digits},1e${digits}]`)).toEqual([digits, `-${digits}`, `1e${digits}`]);
});

describe("literals", () => {
  const literal = (text: string): string | null => {
    const object = parseJson(`{"n":${text}}`) as JsonObject;
    const value = literalAt(object, "n", object.n as Json);
    return value instanceof NumberLiteral ? value.text : null;
  };

  test.each(["10.0", "-0.0", "1e3", "1E+3", "12345678901234567.5", "0.1234567890123456789", "100000000000000000.0"])(
    "%s is kept",
    (text) => {
      expect(literal(text)).toBe(text);
    },
  );

  test.each(["10", "2.5", "2.50", "0.30000000000000004", BIG, "1e400"])("%s needs none", (text) => {
    expect(literal(text)).toBeNull();
  });

  test("a literal counts only while the value of its key is the same number", () => {
    const row = parseJson('{"a":10.0,"b":20.0}') as JsonObject;
    const copy: JsonObject = { ...row, b: 21 };
    expect(literalAt(copy, "a", copy.a as Json)).toEqual(new NumberLiteral("10.0"));
    expect(literalAt(copy, "b", copy.b as Json)).toBe(21);
    expect(stringifyJson(withLiteralsOf(row, { a: 10, c: 20 }))).toBe('{"a":10.0,"c":20}');
  });

  test("does not change the canonical text, of which hashes are made", () => {
    expect(canonicalJson(parseJson('{"b":[1.0],"a":1e1}'))).toBe('{"a":10,"b":[1]}');
  });
});

/** A JSON value as text, and as it is to be written again. */
interface Sample {
  text: string;
  written: string;
}

const digits = (min: number, max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((all) => all.join(""));

const number: fc.Arbitrary<Sample> = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.oneof(
      fc.constant("0"),
      fc.tuple(fc.integer({ min: 1, max: 9 }), digits(0, 24)).map((all) => all.join("")),
    ),
    fc.oneof(
      fc.constant(""),
      digits(1, 24).map((fraction) => `.${fraction}`),
      fc.constant(".0"),
    ),
    fc.oneof({ weight: 4, arbitrary: fc.constant("") }, fc.constantFrom("e3", "E-7", "e+20", "e400")),
  )
  .map((all) => {
    const text = all.join("");
    const isInteger = /^-?\d+$/.test(text);
    const value = Number(text);
    if (!Number.isFinite(value)) return { text, written: JSON.stringify(text) };
    if (isInteger) return { text, written: String(BigInt(text)) };
    // Fewer than 16 digits: a double has them all, and is written without trailing zeros.
    const isShort = !Number.isInteger(value) && text.replace(/^-/, "").length < 17 && !/e/i.test(text);
    return { text, written: isShort ? JSON.stringify(value) : text };
  });

const stringText = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 4 }),
      fc.constantFrom('"', "\\", '\\"', ": 12345678901234567890,", "[10.0]", " 1e9}", "\x7f", "\u2028"),
    ),
    { maxLength: 4 },
  )
  .map((all) => all.join(""));
const string: fc.Arbitrary<Sample> = fc.tuple(stringText, fc.boolean()).map(([value, isEscaped]) => {
  const written = JSON.stringify(value);
  const code = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return { text: isEscaped ? `"${value.replaceAll(/./gs, code)}"` : written, written };
});

const space = fc.constantFrom("", "", " ", "\n", "\t ", "\r\n  ");
const separated = (open: string, items: Sample[], close: string, blank: string, by: keyof Sample): string =>
  by === "text"
    ? `${open}${blank}${items.map(({ text }) => text).join(`${blank},${blank}`)}${blank}${close}`
    : `${open}${items.map(({ written }) => written).join(",")}${close}`;

const { value: json } = fc.letrec<{ value: Sample }>((tie) => {
  const list = fc.tuple(fc.array(tie("value"), { maxLength: 4 }), space).map(([items, blank]) => ({
    text: separated("[", items, "]", blank, "text"),
    written: separated("[", items, "]", blank, "written"),
  }));
  // No key contains a backslash: V8 13.6 takes a key with an escape for an earlier key whose text begins like it, as `\"` and `\"r` do.
  const key = fc.oneof(
    string.filter(({ written }) => !(JSON.parse(written) as string).includes("\\")),
    fc.constantFrom("__proto__", "constructor", "0", "a").map((name) => ({ text: `"${name}"`, written: `"${name}"` })),
  );
  const object = fc.tuple(fc.array(fc.tuple(key, tie("value")), { maxLength: 5 }), space).map(([entries, blank]) => {
    const pairs = entries.map(([name, value]) => ({
      text: `${name.text}${blank}:${blank}${value.text}`,
      written: `${name.written}:${value.written}`,
    }));
    // The last of equal keys counts, and keys that are indexes come first: a Map and a sort do as JavaScript does.
    const last = new Map(entries.map(([name], index) => [name.written, pairs[index] as Sample]));
    const isIndex = ([name]: [string, Sample]) => /^"(0|[1-9]\d{0,8})"$/.test(name);
    const indexes = [...last].filter(isIndex).sort(([a], [b]) => Number(JSON.parse(a)) - Number(JSON.parse(b)));
    const ordered = [...indexes, ...[...last].filter((entry) => !isIndex(entry))].map(([, pair]) => pair);
    return { text: separated("{", pairs, "}", blank, "text"), written: separated("{", ordered, "}", blank, "written") };
  });
  const constant = fc.constantFrom("true", "false", "null").map((text) => ({ text, written: text }));
  return { value: fc.oneof({ maxDepth: 5 }, number, string, constant, list, object) };
});

test("any JSON is written as it was parsed, with all digits", () => {
  fc.assert(
    fc.property(json, ({ text, written }) => {
      expect(stringifyJson(parseJson(`[${text}]`))).toBe(`[${written}]`);
    }),
    { numRuns: 2000 },
  );
});

test("any text is JSON for parseJson exactly if it is for JSON.parse", () => {
  const parses = (parse: (text: string) => unknown, text: string): boolean => {
    try {
      parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const damaged = fc
    .tuple(json, fc.nat(), fc.nat({ max: 3 }), fc.constantFrom("", '"', "\\", ",", ":", "1.0", " ", "[", "}", "e"))
    .map(([{ text }, at, removed, inserted]) => {
      const index = at % (text.length + 1);
      return text.slice(0, index) + inserted + text.slice(index + removed);
    });
  fc.assert(
    fc.property(damaged, (text) => {
      expect(parses(parseJson, text)).toBe(parses(JSON.parse, text));
    }),
    { numRuns: 2000 },
  );
});
