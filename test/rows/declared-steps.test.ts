import { describe, expect, test } from "vitest";
import type { DeclaredStep } from "../../lib/config/resolved.ts";
import { type JsonObject, stringifyJson } from "../../lib/json/index.ts";
import { parseJson } from "../../lib/json/parse.ts";
import { missingFieldNotes, processRows } from "../../lib/rows/processing-steps.ts";

const OPENED_AT = Date.parse("2026-11-20T03:00:00Z");

const process = (records: JsonObject[], ...steps: DeclaredStep[]) => processRows(records, steps, OPENED_AT);

/** Applies steps to one row that is JSON, and returns the row as JSON: the order of keys and all digits count. */
const applied = async (row: string, ...steps: DeclaredStep[]): Promise<string[]> =>
  (await process([parseJson(row) as JsonObject], ...steps)).rows.map(stringifyJson);

describe("remove", () => {
  test.each<[string, string[], string]>([
    ["a field", ["a"], '{"b":{"c":1,"d":2},"l":[{"x":1,"y":2},{"x":3}]}'],
    ["a nested field", ["b.c"], '{"a":1,"b":{"d":2},"l":[{"x":1,"y":2},{"x":3}]}'],
    ["several fields, one inside of another", ["b", "b.c", "a"], '{"l":[{"x":1,"y":2},{"x":3}]}'],
    ["a field of each item", ["l[*].x"], '{"a":1,"b":{"c":1,"d":2},"l":[{"y":2},{}]}'],
    ["a field anywhere", ["$..x"], '{"a":1,"b":{"c":1,"d":2},"l":[{"y":2},{}]}'],
    ["all fields of an object", ["b.*"], '{"a":1,"b":{},"l":[{"x":1,"y":2},{"x":3}]}'],
    ["items by a filter", ["l[?@.x == 1]"], '{"a":1,"b":{"c":1,"d":2},"l":[{"x":3}]}'],
    ["items twice, in any order", ["l[::-1]", "l[0,0]"], '{"a":1,"b":{"c":1,"d":2},"l":[]}'],
    ["a field that the row does not have", ["z", "a.b.c", "toString", "__proto__"], "the same"],
  ])("takes away %s", async (_case, remove, expected) => {
    const row = '{"a":1,"b":{"c":1,"d":2},"l":[{"x":1,"y":2},{"x":3}]}';
    expect(await applied(row, { remove })).toEqual([expected === "the same" ? row : expected]);
  });

  test("takes away fields that are named like properties of every object", async () => {
    const row = '{"constructor":1,"__proto__":{"a":1},"toString":2,"id":3}';
    expect(await applied(row, { remove: ["constructor", "['__proto__'].a"] })).toEqual([
      '{"__proto__":{},"toString":2,"id":3}',
    ]);
    expect(await applied(row, { remove: ["$.__proto__"] })).toEqual(['{"constructor":1,"toString":2,"id":3}']);
    expect(({} as JsonObject).a).toBeUndefined();
  });

  test("leaves the records unchanged", async () => {
    const records = [{ a: 1, l: [{ x: 1 }] }];
    await process(records, { remove: ["a", "l[*].x"] }, { add: { n: { path: "l" } } }, { rename: { l: "m" } });
    expect(records).toEqual([{ a: 1, l: [{ x: 1 }] }]);
  });

  test("keeps the digits of the other numbers, also of those that follow in a list", async () => {
    expect(await applied('{"a":1.0,"l":[1.0,2,3.0],"b":10.0}', { remove: ["a", "l[0]"] })).toEqual([
      '{"l":[2,3.0],"b":10.0}',
    ]);
  });
});

describe("rename", () => {
  test.each<[string, Record<string, string>, string]>([
    ["a field in its place", { a: "z" }, '{"z":1,"b":{"c":1,"d":{"a":5}},"l":[{"x":1},{"y":2}]}'],
    ["a nested field in the same object", { "b.c": "z" }, '{"a":1,"b":{"z":1,"d":{"a":5}},"l":[{"x":1},{"y":2}]}'],
    ["a field of each item that has it", { "l[*].x": "z" }, '{"a":1,"b":{"c":1,"d":{"a":5}},"l":[{"z":1},{"y":2}]}'],
    ["fields anywhere", { "$..a": "z" }, '{"z":1,"b":{"c":1,"d":{"z":5}},"l":[{"x":1},{"y":2}]}'],
    ["an object and a field in it", { b: "z", "b.d": "y" }, '{"a":1,"z":{"c":1,"y":{"a":5}},"l":[{"x":1},{"y":2}]}'],
    [
      "two fields that exchange their names",
      { a: "b", b: "a" },
      '{"b":1,"a":{"c":1,"d":{"a":5}},"l":[{"x":1},{"y":2}]}',
    ],
    ["a field to the name that it has", { a: "a" }, "the same"],
    ["no field that the row does not have", { z: "y", valueOf: "x" }, "the same"],
  ])("changes the name of %s", async (_case, rename, expected) => {
    const row = '{"a":1,"b":{"c":1,"d":{"a":5}},"l":[{"x":1},{"y":2}]}';
    expect(await applied(row, { rename })).toEqual([expected === "the same" ? row : expected]);
  });

  test("keeps all digits of a number", async () => {
    expect(await applied('{"a":10.0,"b":{"c":1.50}}', { rename: { a: "x", "b.c": "y" } })).toEqual([
      '{"x":10.0,"b":{"y":1.5}}',
    ]);
    expect(await applied('{"a":9007199254740993.0}', { rename: { a: "__proto__" } })).toEqual([
      '{"__proto__":9007199254740993.0}',
    ]);
  });

  test("never replaces another value: the error names step, field and row", async () => {
    const rows: JsonObject[] = [{ a: 1 }, { a: 1, b: 1 }, { a: 1, b: null }];
    expect((await process(rows.slice(0, 2), { rename: { a: "b" } })).rows).toEqual([{ b: 1 }, { b: 1 }]);
    const replaced = process(rows, { filter: "@.b != 1" }, { rename: { a: "b" } });
    await expect(replaced).rejects.toThrow(
      'processing_steps[1].rename would replace another value of "b" at row 3 of the page: choose another name, or remove that field in a step before',
    );
    await expect(process([{ a: 1, c: 2 }], { rename: { a: "b", c: "b" } })).rejects.toThrow(/another value of "b"/);
    await expect(process([{ a: 1 }], { rename: { a: "b", "['a']": "c" } })).rejects.toThrow(
      /two names for the field "a"/,
    );
  });
});

describe("add", () => {
  test.each<[string, Extract<DeclaredStep, { add: unknown }>["add"], string]>([
    ["constants", { a: { value: 1 }, b: { value: null }, c: { value: { d: [1] } } }, '"a":1,"b":null,"c":{"d":[1]}'],
    [
      "the time of the run",
      { day: { text: "{run.opened_at:%Y-%m-%d}" }, s: { text: "{run.opened_at:%s}" } },
      '"day":"2026-11-20","s":1795143600',
    ],
    ["text with braces", { t: { text: '{"a": {{}}' } }, '"t":"{\\"a\\": {{}}"'],
    ["the value of a path, with all digits", { a: { path: "u.n" }, b: { path: "l[1]" } }, '"a":10.0,"b":2.0'],
    ["an object and a list as they are", { a: { path: "u" }, b: { path: "l" } }, '"a":{"n":10.0},"b":[1,2.0]'],
    [
      "all matches of a path that may have several, as a list",
      { a: { path: "l[*]" }, b: { path: "z[*]" } },
      '"a":[1,2.0],"b":[]',
    ],
    ["nothing for a path without a match", { a: { path: "z.y" } }, ""],
    ["a value that the row has already", { l: { path: "l[*]" } }, ""],
    [
      "names like properties of every object",
      { constructor: { value: 1 }, ["__proto__"]: { value: 2 } },
      '"constructor":1,"__proto__":2',
    ],
  ])("takes %s", async (_case, add, expected) => {
    const row = '"u":{"n":10.0},"l":[1,2.0]';
    const fields = [row, expected].filter(Boolean).join(",");
    expect(await applied(`{${row}}`, { add })).toEqual([`{${fields}}`]);
  });

  test("copies objects, so that a later step changes only one of them", async () => {
    const steps: DeclaredStep[] = [
      { add: { copy: { path: "u" }, own: { value: { n: 1 } } } },
      { rename: { "u.n": "m" } },
    ];
    expect(await applied('{"u":{"n":1}}', ...steps, { remove: ["own.n"] })).toEqual([
      '{"u":{"m":1},"copy":{"n":1},"own":{}}',
    ]);
    expect(await applied('{"u":{"n":1}}', ...steps)).toEqual(['{"u":{"m":1},"copy":{"n":1},"own":{"n":1}}']);
  });

  test("never replaces another value", async () => {
    await expect(process([{ a: 1 }], { add: { a: { value: "1" } } })).rejects.toThrow(
      'processing_steps[0].add would replace another value of "a" at row 1 of the page',
    );
  });
});

describe("filter", () => {
  const rows: JsonObject[] = [
    { id: 1, status: "active" },
    { id: 11, status: "active" },
    { id: 12, status: "gone" },
    { id: 9007199254740993n, status: "active" },
  ];
  const kept = async (filter: string, records = rows) => (await process(records, { filter })).rows.map(({ id }) => id);

  test("keeps the rows for which the expression is true", async () => {
    expect(await kept("@.status == 'active' && @.id > 10")).toEqual([11, 9007199254740993n]);
    expect(await kept("@.id > 9007199254740992")).toEqual([9007199254740993n]);
    expect(await kept("$.id == 12 || match(@.status, 'g.*')")).toEqual([12]);
    expect(await kept("@.missing == 1")).toEqual([]);
    expect(await kept("!@.constructor")).toHaveLength(4);
  });

  test.each<[string, string, JsonObject, string]>([
    ["text with a number", "@.id > 10", { id: "17" }, "@.id is a string in rows, and is compared with a number"],
    ["a number with text", "'17' == @.id", { id: 17n }, "@.id is a number in rows, and is compared with a string"],
    ["a number with true", "@.ok == true", { ok: 1 }, "@.ok is a number in rows, and is compared with a boolean"],
    [
      "a field that is false with nothing",
      "!@.gone",
      { gone: false },
      "@.gone alone tests whether the field exists, and it is false",
    ],
    [
      "a field that is null with nothing",
      "@.id == 1 || @.gone",
      { gone: null },
      "@.gone alone tests whether the field exists, and it is null",
    ],
  ])("warns once a page if it compares %s", async (_case, filter, row, text) => {
    const { warnings } = await process([{ id: 1 }, row, row], { remove: ["x"] }, { filter });
    expect(warnings).toEqual([expect.stringContaining(`processing_steps[1].filter: ${text}`)]);
  });

  test.each([
    ["@.id == 1 || @.id == '17'", { id: "17" }],
    ["@.gone == null || @.gone == 'x'", { gone: "y" }],
    ["@.gone != true", { gone: null }],
    ["@.tags == 'x'", { tags: ["x"] }],
    ["@.a == @.b", { a: 1, b: 2 }],
  ])("does not warn of %s", async (filter, row) => {
    expect((await process([row], { filter })).warnings).toEqual([]);
  });

  test("is a named error for a row that is too deep for it", async () => {
    const deep = parseJson(`${'{"a":'.repeat(1100)}1${"}".repeat(1100)}`) as JsonObject;
    await expect(process([deep], { filter: "@..b" })).rejects.toThrow(/^"@\.\.b" cannot be evaluated on this response/);
  });
});

test("fields that no row has are named, each as it is before its step", async () => {
  const steps: DeclaredStep[] = [
    { remove: ["email", "emial"] },
    { rename: { a: "b", "c.d": "e" } },
    { filter: "@.b == 1 && @.a == 1 && count(@.z[*]) >= 0" },
    { add: { n: { path: "a" }, m: { value: 1 } } },
  ];
  const notes = await missingFieldNotes([{ a: 1, email: "x" }, { email: "y" }], steps, OPENED_AT);
  expect(notes).toEqual([
    "processing_steps[0].remove: no row of this page has emial",
    "processing_steps[1].rename: no row of this page has c.d",
    "processing_steps[2].filter: no row of this page has @.a",
    "processing_steps[2].filter: no row of this page has @.z[*]",
  ]);
  expect(await missingFieldNotes([], steps, OPENED_AT)).toEqual([]);
});
