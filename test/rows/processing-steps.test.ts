import { describe, expect, test } from "vitest";
import type { Row } from "../../lib/config/callbacks.ts";
import type { ProcessingStep } from "../../lib/config/resolved.ts";
import { ConfigError, ResponseError } from "../../lib/errors/index.ts";
import type { JsonObject } from "../../lib/json/index.ts";
import { parseJson } from "../../lib/json/parse.ts";
import { processRows as process } from "../../lib/rows/processing-steps.ts";

const rows = (): JsonObject[] => [{ id: 1, geo: { lat: 1 } }, { id: 2 }, { id: 3 }];
const ids = (records: JsonObject[]) => records.map(({ id }) => id);
const processRows = async (records: JsonObject[], given: ProcessingStep[]) => (await process(records, given, 0)).rows;
/** Casts callbacks that a user may get wrong. */
const steps = (...given: unknown[]) => given as ProcessingStep[];

describe("processRows", () => {
  test("returns the records themselves when there are no steps", async () => {
    const records = rows();
    expect(await processRows(records, [])).toBe(records);
  });

  test("applies the steps in order, each to the rows that the previous step returned", async () => {
    const seen: unknown[] = [];
    const result = await processRows(rows(), [
      { filter: ({ id }) => id > 1 },
      { map: (row) => ({ ...row, id: row.id * 10 }) },
      { filter: ({ id }) => seen.push(id) > 0 && id !== 20 },
      { yield_map: (row) => [row, { id: row.id + 1 }] },
    ]);
    expect(seen).toEqual([20, 30]);
    expect(ids(result)).toEqual([30, 31]);
  });

  test("awaits asynchronous callbacks", async () => {
    const result = await processRows(rows(), [
      { filter: async ({ id }) => id !== 2 },
      { map: async (row) => ({ id: row.id + 100 }) },
      { yield_map: async (row) => [{ id: row.id }, { id: -row.id }] },
    ]);
    expect(ids(result)).toEqual([101, -101, 103, -103]);
  });

  test("filter keeps the rows for which it returns a truthy value", async () => {
    const values = [true, 1, "x", {}, false, 0, "", null, undefined];
    const records = values.map((_, id) => ({ id }));
    expect(ids(await processRows(records, steps({ filter: ({ id }: Row) => values[id] })))).toEqual([0, 1, 2, 3]);
  });

  test.each<[string, (row: Row) => unknown]>([
    ["a list", ({ id }) => [{ id }, { id }]],
    ["a set", ({ id }) => new Set([{ id }, { id: id + 0 }])],
    [
      "a generator",
      function* ({ id }) {
        yield { id };
        yield { id };
      },
    ],
    [
      "an asynchronous generator",
      async function* ({ id }) {
        yield { id };
        yield { id };
      },
    ],
    ["promises in a list", ({ id }) => [Promise.resolve({ id }), { id }]],
    ["a promise of a list", async ({ id }) => [{ id }, { id }]],
  ])("yield_map takes its rows from %s", async (_, yield_map) => {
    expect(ids(await processRows(rows(), steps({ yield_map })))).toEqual([1, 1, 2, 2, 3, 3]);
  });

  test("yield_map may return no rows, or more rows than a call takes arguments", async () => {
    expect(await processRows(rows(), [{ yield_map: () => [] }])).toEqual([]);
    const many = Array.from({ length: 300_000 }, (_, id) => ({ id }));
    expect(await processRows([{}], [{ yield_map: () => many }])).toHaveLength(300_000);
  });
});

describe("the result of a callback becomes JSON: it stores", () => {
  const made = async (value: unknown) => (await processRows([{}], steps({ map: () => ({ value }) })))[0];

  class Money {
    amount = 5;
    #hidden = 1;
    get sum() {
      return this.amount + this.#hidden;
    }
  }
  class Euro extends Money {
    toJSON() {
      return `${this.amount} EUR`;
    }
  }

  test.each<[string, unknown, unknown]>([
    ["a date as an ISO string", new Date("2024-01-05T10:00:00.123+02:00"), "2024-01-05T08:00:00.123Z"],
    ["an invalid date as null", new Date("x"), null],
    ["NaN as null", Number.NaN, null],
    ["Infinity as null", Number.POSITIVE_INFINITY, null],
    ["a large BigInt with all digits", 9007199254740993n, 9007199254740993n],
    ["a small BigInt as a number", 5n, 5],
    ["an instance as its fields", new Money(), { amount: 5 }],
    ["an instance with toJSON as the result of toJSON", new Euro(), "5 EUR"],
    ["a URL as a string", new URL("https://api.test/a"), "https://api.test/a"],
    [
      "a map as an object",
      new Map<unknown, unknown>([
        ["a", 1],
        [2, new Date(0)],
      ]),
      { a: 1, "2": "1970-01-01T00:00:00.000Z" },
    ],
    ["a set as a list", new Set([1, 2]), [1, 2]],
    ["a null prototype as an object", Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ["undefined and functions in a list as null", [1, undefined, () => 1], [1, null, null]],
    [
      "nested values by the same rules",
      { a: [{ b: new Date(0), c: undefined }] },
      { a: [{ b: "1970-01-01T00:00:00.000Z" }] },
    ],
  ])("%s", async (_, value, json) => {
    expect(await made(value)).toEqual({ value: json });
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["a function", () => 1],
    ["a symbol", Symbol("x")],
  ])("no field that is %s", async (_, value) => {
    expect(Object.keys((await made(value)) ?? {})).toEqual([]);
  });

  test("__proto__ like any other key", async () => {
    const record = parseJson('{"__proto__": {"x": 1}, "a": {"__proto__": 2}}') as JsonObject;
    const [row] = await processRows([record], [{ map: (given) => given }]);
    expect(Object.keys(row ?? {})).toEqual(["__proto__", "a"]);
    expect(row).toEqual(record);
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });
});

describe("a callback that does not return rows fails with an error that names the step:", () => {
  test.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /returned nothing as a row: return an object/],
    ["null", null, /returned null as a row:/],
    ["a list", [{ id: 1 }], /returned a list as a row:/],
    ["a string", "row", /returned a string as a row:/],
    ["a number", 5, /returned a number as a row:/],
    ["a date", new Date(0), /returned a Date as a row:/],
    ["a set", new Set(), /returned a Set as a row:/],
    ["a function", () => 1, /returned a function as a row:/],
  ])("map that returns %s", async (_, value, message) => {
    const run = processRows(rows(), steps({ filter: () => true }, { map: () => value }));
    await expect(run).rejects.toThrow(ConfigError);
    await expect(run).rejects.toThrow(message);
    await expect(run).rejects.toThrow(/^processing_steps\[1\]\.map /);
    await expect(processRows(rows(), steps({ yield_map: () => [value] }))).rejects.toThrow(message);
  });

  test.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /returned nothing: return a list of rows/],
    ["null", null, /returned null: return a list/],
    ["one row", { id: 1 }, /returned an object: return a list/],
    ["a string", "rows", /returned a string: return a list/],
    ["a number", 5, /returned a number: return a list/],
  ])("yield_map that returns %s", async (_, value, message) => {
    const run = processRows(rows(), steps({ yield_map: () => value }));
    await expect(run).rejects.toThrow(ConfigError);
    await expect(run).rejects.toThrow(message);
    await expect(run).rejects.toThrow(/^processing_steps\[0\]\.yield_map /);
  });
});

describe("a callback that throws fails with an error that names the step and the row:", () => {
  const failing =
    (thrown: unknown) =>
    ({ id }: Row): never => {
      if (id === 2) throw thrown;
      return { id } as never;
    };

  test.each<[unknown, RegExp]>([
    [new TypeError("no x"), /^processing_steps\[0\]\.map threw TypeError: no x at row 2 of the page$/],
    ["odd", /^processing_steps\[0\]\.map threw 'odd' at row 2 of the page$/],
    [null, /threw null at row 2/],
    [undefined, /threw undefined at row 2/],
    [{ a: 1 }, /threw \{ a: 1 \} at row 2/],
  ])("%s", async (thrown, message) => {
    const run = processRows(rows(), [{ map: failing(thrown) }]);
    await expect(run).rejects.toThrow(ConfigError);
    await expect(run).rejects.toThrow(message);
  });

  test("from every kind of callback, including a generator that already yielded rows", async () => {
    const boom = () => {
      throw new Error("boom");
    };
    const half = function* (row: Row) {
      yield row;
      throw new Error("boom");
    };
    for (const step of steps({ filter: boom }, { map: async () => boom() }, { yield_map: boom }, { yield_map: half })) {
      const [name] = Object.keys(step);
      const run = processRows(rows(), [step]);
      await expect(run).rejects.toThrow(`processing_steps[0].${name} threw Error: boom at row 1 of the page`);
      await expect(run).rejects.toMatchObject({ cause: { message: "boom" } });
    }
  });

  test("an error of restlake passes unchanged", async () => {
    const run = processRows(rows(), [{ map: failing(new ResponseError("mine")) }]);
    await expect(run).rejects.toThrow(ResponseError);
    await expect(run).rejects.toThrow(/^mine$/);
  });

  test("from a result that contains a promise, or an object that contains itself", async () => {
    const unawaited = steps({ map: () => ({ name: Promise.resolve("x") }) });
    await expect(processRows(rows(), unawaited)).rejects.toThrow(/processing_steps\[0\]\.map threw .*await it/);
    const circle: Row = { id: 1 };
    circle.me = { circle };
    await expect(processRows(rows(), [{ map: () => circle }])).rejects.toThrow(/contains itself at row 1/);
    const shared = { x: 1 };
    expect(await processRows([{}], [{ map: () => ({ a: shared, b: [shared] }) }])).toEqual([
      { a: shared, b: [shared] },
    ]);
  });
});

describe("callbacks cannot change data outside of their row:", () => {
  test("the records keep the values from the API when a callback changes its row", async () => {
    const records = rows();
    const before = structuredClone(records);
    const spoil = (row: Row) => {
      row.id = "spoilt";
      if (row.geo) row.geo.lat = "spoilt";
      return row;
    };
    for (const step of steps(
      { filter: spoil },
      { map: spoil },
      { map: async (row: Row) => spoil(row) },
      { yield_map: (row: Row) => [spoil(row)] },
    )) {
      const result = await processRows(records, [step]);
      expect(result[0]).toEqual({ id: "spoilt", geo: { lat: "spoilt" } });
      expect(records).toEqual(before);
    }
  });

  test("objects that the records of several children share are not shared by their rows", async () => {
    const parent = { geo: { seen: 0 } };
    const children = [1, 2].map((id) => ({ id, _p_geo: parent.geo }));
    const count = { map: (row: Row) => ({ ...row, seen: ++row._p_geo.seen }) };
    for (const _page of [1, 2]) {
      expect((await processRows(children, [count])).map(({ seen }) => seen)).toEqual([1, 1]);
    }
    expect(parent.geo.seen).toBe(0);
  });

  test("a callback that keeps a row cannot change it later", async () => {
    const kept: Row[] = [];
    const result = await processRows(rows(), [
      {
        map: (row) => {
          kept.push(row);
          return row;
        },
      },
    ]);
    for (const row of kept) row.id = "late";
    expect(ids(result)).toEqual([1, 2, 3]);
  });

  test("a generator may yield the same object repeatedly", async () => {
    const reused = function* (row: Row) {
      for (const part of ["a", "b"]) {
        row.part = part;
        yield row;
      }
    };
    const result = await processRows([{ id: 1 }], [{ yield_map: reused }, { map: (row) => row }]);
    expect(result).toEqual([
      { id: 1, part: "a" },
      { id: 1, part: "b" },
    ]);
  });
});
