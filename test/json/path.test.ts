import fc from "fast-check";
import { JSONPathEnvironment } from "json-p3";
import { describe, expect, test } from "vitest";
import { ConfigError, ResponseError } from "../../lib/errors/index.ts";
import type { Json } from "../../lib/json/index.ts";
import { parseJson } from "../../lib/json/parse.ts";
import { at, compilePath, pathOf } from "../../lib/json/path.ts";
import { sampleSize } from "../size.ts";

const all = (body: Json, path: string) => compilePath(path).all(body);
const standard = new JSONPathEnvironment();

describe("a path of keys", () => {
  const body: Json = {
    a: { b: { c: 1 }, "x-y": 2 },
    "sp ace": { in: 3 },
    "@at": 4,
    "@odata.nextLink": 5,
    price$: 6,
    _id: { $oid: 7 },
    $ref: 8,
    "it's": 9,
    'say "x"': 10,
    "a[0]": 11,
    "back\\slash": 12,
    ümläut: { 日本: 13, "😀": 14 },
    "": 15,
    "dc:title": 16,
    "#text": 17,
    "0": 18,
    nothing: null,
    list: [1],
  };

  test.each<[string, Json | undefined]>([
    ["$", body],
    ["a.b.c", 1],
    ["$.a.b.c", 1],
    [" a.b.c ", 1],
    ["$.a['b'].c", 1],
    ["['a'][\"b\"]['c']", 1],
    ["$ ['a'] .b [ 'c' ]", 1],
    ["a.['b'].c", 1],
    [".a.b.c", 1],
    ["a.x-y", 2],
    ["a.'x-y'", 2],
    ["sp ace.in", 3],
    ["'sp ace'.in", 3],
    ["$['sp ace'].in", 3],
    ["@at", 4],
    ["'@odata.nextLink'", 5],
    ["$['@odata.nextLink']", 5],
    ['"@odata.nextLink"', 5],
    ["$.'@odata.nextLink'", 5],
    ["price$", 6],
    ["_id.$oid", 7],
    ["'$ref'", 8],
    ["$.$ref", 8],
    ["'it\\'s'", 9],
    ['"it\'s"', 9],
    ["['it\\u0027s']", 9],
    ["'say \"x\"'", 10],
    ['["say \\"x\\""]', 10],
    ["'a[0]'", 11],
    ["'back\\\\slash'", 12],
    ["ümläut.日本", 13],
    ["ümläut.😀", 14],
    ["['\\u00fcml\\u00e4ut']['\\ud83d\\ude00']", 14],
    ["''", 15],
    ["['']", 15],
    ["dc:title", 16],
    ["#text", 17],
    ["0", 18],
    ["nothing", null],
    ["nothing.more", undefined],
    ["a.x", undefined],
    ["A", undefined],
    ["list.0", undefined],
    ["a.b.c.d", undefined],
  ])("finds the value at %s", (path, value) => {
    expect(at(body, path)).toEqual(value);
    expect(compilePath(path).keys).not.toBeNull();
    expect(all(body, path)).toEqual(value === undefined ? [] : [value]);
  });

  test.each([
    "toString",
    "constructor",
    "constructor.name",
    "__proto__",
    "a.__proto__",
    "a['constructor']",
    "list.length",
  ])("does not find %s, which objects inherit", (path) => {
    expect(at(body, path)).toBeUndefined();
    expect(at(body, `$..[?@.b].${path}`)).toBeUndefined();
  });

  test("finds __proto__ and constructor if the document has them", () => {
    const own = parseJson('{"__proto__": {"x": 1}, "constructor": {"name": 2}, "rows": [{"__proto__": 3}]}');
    expect(at(own, "__proto__.x")).toBe(1);
    expect(at(own, "constructor.name")).toBe(2);
    expect(at(own, "rows[0].__proto__")).toBe(3);
    expect(all(own, "$..name")).toEqual([2]);
  });

  test("finds what RFC 9535 finds, for any object and any keys", () => {
    // Few letters, so that keys often exist. Any key is allowed, in every form in which it can be written.
    const key = fc.oneof(
      fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 2 }),
      fc.string({
        unit: fc.constantFrom("a", " ", ".", "'", '"', "\\", "$", "@", "[", "]", "*", "ü", "😀"),
        maxLength: 3,
      }),
      fc.constantFrom("__proto__", "constructor", "toString", "0", "length"),
    );
    const { tree } = fc.letrec<{ tree: Json; node: Json }>((tie) => ({
      tree: fc
        .array(fc.tuple(key, tie("node")), { maxLength: 4 })
        .map((entries) => Object.fromEntries(entries) as Json),
      node: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<Json>(null, 0, "text", [1, 2], [{ a: 1 }], 9007199254740993n),
        tie("tree"),
      ),
    }));
    const quoted = (text: string, mark: string) =>
      mark + text.replaceAll("\\", "\\\\").replaceAll(mark, `\\${mark}`) + mark;
    const form = fc.constantFrom<(text: string, first: boolean) => string>(
      (text) => `[${JSON.stringify(text)}]`,
      (text) => `[${quoted(text, "'")}]`,
      (text, first) => `${first ? "" : "."}${quoted(text, "'")}`,
      (text, first) => `${first ? "" : "."}${quoted(text, '"')}`,
      (text, first) =>
        /^[a-zü😀][a-zü😀0-9-]*$/u.test(text) ? `${first ? "" : "."}${text}` : `[${JSON.stringify(text)}]`,
    );
    fc.assert(
      fc.property(
        tree,
        fc.array(fc.tuple(key, form), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (body, parts, root) => {
          const written = parts.map(([text, write], index) => write(text, index === 0 && !root)).join("");
          const path = compilePath(`${root ? "$" : ""}${written}`);
          expect(path.keys).toEqual(parts.map(([text]) => text));
          const reference = `$${parts.map(([text]) => `[${JSON.stringify(text)}]`).join("")}`;
          expect(path.all(body)).toEqual(standard.query(reference, body as never).values());
        },
      ),
      { numRuns: sampleSize({ quick: 200, full: 2000 }) },
    );
  });

  test("is written by pathOf so that it is parsed as the same keys", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (keys) => {
        expect(compilePath(pathOf(keys)).keys).toEqual(keys);
      }),
      { numRuns: sampleSize({ quick: 100, full: 500 }) },
    );
    expect(pathOf([])).toBe("$");
    expect(pathOf(["a", "x-y", "b c", "@d", "$e"])).toBe("a.x-y.b c.@d.$e");
    expect(pathOf(["$e", "o.d", " f"])).toBe('["$e"]["o.d"][" f"]');
    for (const half of ["\ud800", "\udc00x"]) expect(compilePath(pathOf([half, "a"])).keys).toEqual([half, "a"]);
  });
});

describe("a path with more than keys follows RFC 9535:", () => {
  const body: Json = {
    data: [
      { id: 1, "x-y": "a", tags: ["t", "u"], "o.d": { k: 1 } },
      { id: 2, "x-y": "b", tags: [] },
      { id: 3, "x-y": "a.b", big: 0 },
      { id: 4, "x-y": "a].b", big: 0 },
      { id: 9007199254740993n, big: true },
    ],
    meta: { id: 7, _id: { $oid: "o" }, links: [{ rel: "prev" }, { rel: "next", href: "/b" }] },
  };

  test.each<[string, Json[]]>([
    ["data[0].id", [1]],
    ["data.[0].id", [1]],
    ["data[-1].big", [true]],
    ["data[7]", []],
    ["data[*].id", [1, 2, 3, 4, 9007199254740993n]],
    ["data[0:2].id", [1, 2]],
    ["data[::2].id", [1, 3, 9007199254740993n]],
    ["data[0,1].id", [1, 2]],
    ["data[*].tags[*]", ["t", "u"]],
    ["data[*].x-y", ["a", "b", "a.b", "a].b"]],
    ["data[*].'x-y'", ["a", "b", "a.b", "a].b"]],
    ["data[*].'o.d'.k", [1]],
    ["data[*]['o.d'].k", [1]],
    ["meta.*", [7, { $oid: "o" }, [{ rel: "prev" }, { rel: "next", href: "/b" }]]],
    ["meta['id', '_id']", [7, { $oid: "o" }]],
    ["meta.links[?@.rel == 'next'].href", ["/b"]],
    ["meta.links[?(@.rel=='next')].href", ["/b"]],
    ["data[?@.tags].id", [1, 2]],
    ["data[?@['x-y'] == 'b' && @.id > 1].id", [2]],
    ["data[?!@.big].id", [1, 2]],
    ["data[?length(@.tags) == 2].id", [1]],
    ["data[?match(@.x-y, '[a]')].id", [1]],
    ["data[?@['x-y'] == 'a.b'].id", [3]],
    ["data[?@['x-y'] == 'a].b'].id", [4]],
    ["data[?@['o.d'].k == 1].id", [1]],
    ["$..id", [1, 2, 3, 4, 9007199254740993n, 7]],
    ["..id", [1, 2, 3, 4, 9007199254740993n, 7]],
    ["$..$oid", ["o"]],
    ["$..'o.d'.k", [1]],
    ["$..links[0].rel", ["prev"]],
    ["[*].id", [7]],
    ["*.id", [7]],
    ["$.*.id", [7]],
  ])("%s has the matches of the standard", (path, matches) => {
    expect(all(body, path)).toEqual(matches);
    expect(at(body, path)).toEqual(matches[0]);
  });

  test("first returns the first match in document order", () => {
    expect(at(body, "$..id")).toBe(1);
    expect(at({ b: { x: 1 }, a: { x: 2 } }, "*.x")).toBe(1);
  });

  test.each<[string, number[]]>([
    ["@.n > 9007199254740992", [2, 3]],
    ["@.n >= 9007199254740993", [2, 3]],
    ["@.n == 9007199254740993", [2]],
    ["9007199254740993 == @.n", [2]],
    ["@.n != 9007199254740993", [0, 1, 3, 4, 5]],
    ["@.n < 9007199254740993", [0, 1]],
    ["@.n <= 10", [0]],
    ["@.n > 1.5", [1, 2, 3]],
    ["@.n == $.pivot", [2]],
    ["@.n == 'x'", [4]],
    ["!(@.n > 1)", [0, 4, 5]],
    ["@.n > 1 && (@.n < 9007199254740993 || @.n > 9007199254740994)", [1, 3]],
    ["count(@[?@ > 9007199254740992]) == 1", [2, 3]],
    ["@[?@ == 9007199254740993]", [2]],
    ["value(@.n) > 9007199254740993", [3]],
  ])("filters compare integers beyond 2^53 exactly: %s", (filter, expected) => {
    const rows = parseJson(
      '[{"n": 1}, {"n": 9007199254740992}, {"n": 9007199254740993}, {"n": 9223372036854775807}, {"n": "x"}, {"m": 1}]',
    );
    const numbered = { rows, pivot: 9007199254740993n };
    expect(all(numbered, `rows[?${filter}]`)).toEqual(expected.map((index) => (rows as Json[])[index]));
  });

  test("strings, lists and missing values compare as in the standard", () => {
    const rows: Json[] = [{ a: "b", l: [1, [2]] }, { a: "c" }, { a: null }, {}];
    const found = (filter: string) => all(rows, `$[?${filter}]`).map((row) => rows.indexOf(row));
    expect(found("@.a > 'b'")).toEqual([1]);
    expect(found("@.a == null")).toEqual([2]);
    expect(found("@.a != @.b")).toEqual([0, 1, 2]);
    expect(found("@.a == @.b")).toEqual([3]);
    expect(found("@.l == $[0].l")).toEqual([0]);
    expect(found("@.a > 5")).toEqual([]);
  });
});

describe("a large document", () => {
  test("is searched completely, also with more items than the stack can hold", () => {
    const items = Array.from({ length: 200_000 }, (_, id) => ({ id }));
    expect(all({ data: items }, "data[*]")).toHaveLength(200_000);
    expect(all({ data: items }, "data[?@.id >= 0].id")).toHaveLength(200_000);
    expect(all([{ items }], "$[*].items[*].id")).toHaveLength(200_000);
  });

  const nested = (levels: number): Json => parseJson(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);

  test("is searched up to 1000 levels, and deeper documents are an error", () => {
    expect(all(nested(900), "$..b")).toEqual([]);
    expect(all(nested(900), "$..a")).toHaveLength(900);
    for (const levels of [1100, 5000]) {
      expect(() => all(nested(levels), "$..b")).toThrow(ResponseError);
      expect(() => at(nested(levels), "$..b")).toThrow(
        /"\$\.\.b" cannot be evaluated on this response \(nested more than/,
      );
    }
    expect(at(nested(5000), "a.a.a")).toBeDefined();
  });

  test("is an error if the query of a filter has more items than the stack can hold", () => {
    const body = { data: [{ items: Array.from({ length: 500_000 }, (_, id) => id) }] };
    expect(() => all(body, "data[?count(@.items[*]) > 1]")).toThrow(ResponseError);
  });
});

describe("an invalid path fails when it is compiled:", () => {
  test.each<[string, RegExp]>([
    ["", /ends too early/],
    ["a.", /ends too early/],
    ["a..", /bald descendant/],
    ["a[", /unclosed/],
    ["a[0", /unclosed/],
    ["a]", /found '\]'/],
    ["a['x", /unclosed|index/],
    ["'x", /unexpected/],
    ["a b.", /ends too early/],
    ["a[]", /empty bracketed/],
    ["a[00]", /leading zero/],
    ["a[99999999999999999999]", /out of range/],
    ["$dollar", /quote a name that begins with \$/],
    ["data,one", /to take several names, write \['a', 'b'\]/],
    ["data|one", /found '\|'/],
    ["data.`len`", /unexpected/],
    ["a[?id > 1]", /begins with @/],
    ["a[?(id == 1)]", /begins with @/],
    ["a[?@.id = 1]", /compares with ==/],
    ["a[?@.id == ]", /unexpected/],
    ["a[?foo(@.id)]", /no such function 'foo'/],
    ["a[?length(@.id)]", /must be compared/],
    ["a[?@.b[*] == 1]", /not comparable/],
    ["a(b)", /found '\('/],
    ["it's", /found '''/],
    ["'a\\x'", /invalid escape|unexpected/],
  ])("%s", (path, message) => {
    expect(() => compilePath(path)).toThrow(ConfigError);
    expect(() => compilePath(path)).toThrow(message);
    expect(() => compilePath(path)).toThrow(`${JSON.stringify(path)} is not a JSONPath (RFC 9535): `);
  });

  test("any text is either a path or this error", () => {
    const unit = fc.constantFrom(..."ab0 .$@*[]()?'\"\\,:!=<>&|-`~{}\n😀\ud800");
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        try {
          compilePath(text).all({ a: [{ b: 1 }, "0"], "0": { b: [] } });
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          expect((error as Error).message).not.toContain("\n    at ");
        }
      }),
      { numRuns: sampleSize({ quick: 500, full: 5000 }) },
    );
  });
});

test("a path is compiled only once", () => {
  expect(compilePath("data[*].id")).toBe(compilePath("data[*].id"));
});

describe("the items around a selection", () => {
  const items: Json[] = [{ id: 1, in: [2, 3] }, { id: 4 }];
  test.each<[string, Json, Json[] | null]>([
    ["data", { data: items }, null],
    ["data[?@.id == 4]", { data: items }, items],
    ["data[*].in[*]", { data: items }, items],
    ["data[1:]", { data: items }, items],
    ["data[0].in[?@ == 9]", { data: items }, [2, 3]],
    ["[*].id", items, items],
    ["*.data[?@.id == 9]", { a: { data: [items[0] as Json] }, b: { data: [items[1] as Json] } }, items],
    ["data[*]", { data: {} }, null],
    ["data[*]", {}, null],
  ])("of %j are those of the first list that it selects from", (path, body, expected) => {
    expect(compilePath(path).itemsAround(body)).toEqual(expected);
  });
});
