import { describe, expect, test } from "vitest";
import type { Cursor } from "../../lib/columns/cursor-values.ts";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import type { SourceConfig } from "../../lib/config/schema/index.ts";
import { ConfigError, ResponseError } from "../../lib/errors/index.ts";
import { createIncrementalLoading } from "../../lib/extract/incremental-loading.ts";
import type { Json, JsonObject } from "../../lib/json/index.ts";
import { NO_ROW_HASHES } from "../../lib/lake/row-hashes.ts";
import { newRunRecord, type RunRecord, type Window } from "../../lib/lake/run-record.ts";

interface Start {
  stored?: Record<string, Cursor>;
  window?: Window;
}

const runOf = ({ stored, window }: Start): RunRecord => ({
  ...newRunRecord({ run_id: "20261120T090000Z-00000000", opened_at: "2026-11-20T09:00:00Z", opened_by: "test" }),
  window: window ?? null,
  incremental: stored === undefined ? {} : { orders: stored },
});

const resourceOf = (incremental: object, path = "/orders") => {
  const resources = ["shops", { name: "orders", endpoint: { path, incremental } }];
  const source = defineSource({ name: "shop", client: { base_url: "https://api.test" }, resources } as SourceConfig);
  return resolveSource(source).resources.find(({ name }) => name === "orders")!;
};

/** Returns the incremental loading of a run; the cursor's field is `at`. */
const loading = (incremental: object, start: Start = {}) =>
  createIncrementalLoading(resourceOf({ cursor_path: "at", ...incremental }), runOf(start), NO_ROW_HASHES);
const PARAMS = { start_param: "since", end_param: "until" };
const stored = (value: Json, more: Partial<Cursor> = {}) => ({ stored: { "": { value, hashes: [], ...more } } });
/** Applies incremental loading to a page with these cursor values. */
const page = async (incremental: ReturnType<typeof loading>, values: Json[]) => {
  const { records, cursors, isOver } = await incremental.apply(
    values.map((at) => ({ at })),
    null,
    {},
  );
  return { kept: records.map(({ at }) => at), cursors, isOver };
};

test("a resource without incremental loads everything without query parameters", async () => {
  const { resources } = resolveSource(
    defineSource({ name: "shop", client: { base_url: "https://api.test" }, resources: ["orders"] }),
  );
  const incremental = createIncrementalLoading(resources[0]!, runOf(stored(5)), NO_ROW_HASHES);
  const records: JsonObject[] = [{ at: 1 }];
  expect(incremental.params(null)).toEqual({});
  expect(incremental.value("start_value", null)).toBeUndefined();
  expect(await incremental.apply(records, null, {})).toEqual({ records, cursors: {}, isOver: false });
});

describe("the start of incremental loading", () => {
  test("is the initial value in the first run, or none", async () => {
    expect(loading({ ...PARAMS, initial_value: 3 }).params(null)).toEqual({ since: 3 });
    expect(loading(PARAMS).params(null)).toEqual({});
    expect((await page(loading({ initial_value: 3 }), [2, 3, 4])).kept).toEqual([3, 4]);
    expect((await page(loading({}), [2, 3, 4])).kept).toEqual([2, 3, 4]);
  });

  test("is the stored value in a later run, even before a changed initial value", () => {
    expect(loading({ ...PARAMS, initial_value: 3 }, stored(7)).params(null)).toEqual({ since: 7 });
    expect(loading({ ...PARAMS, initial_value: 9 }, stored(7)).params(null)).toEqual({ since: 7 });
  });

  test("is the value of the placeholders start_value and last_value, not of initial_value", () => {
    const incremental = loading({ initial_value: 3 }, stored(7));
    expect(incremental.value("start_value", null)).toBe(7);
    expect(incremental.value("last_value", null)).toBe(7);
    expect(incremental.value("initial_value", null)).toBe(3);
    expect(incremental.value("end_value", null)).toBeUndefined();
    expect(loading({}).value("initial_value", null)).toBeUndefined();
  });

  test("ignores a stored value of another cursor_path", () => {
    expect(loading({ ...PARAMS, initial_value: 3 }, stored(7, { path: "id" })).params(null)).toEqual({ since: 3 });
    expect(loading({ ...PARAMS }, stored(7, { path: "id" })).params(null)).toEqual({});
    expect(loading({ ...PARAMS }, stored(7, { path: "at" })).params(null)).toEqual({ since: 7 });
  });

  test("keeps an integer beyond 2^53 exact, and the type of a number", () => {
    expect(loading(PARAMS, stored("9007199254740993")).params(null)).toEqual({ since: "9007199254740993" });
    expect(loading(PARAMS, stored(0)).params(null)).toEqual({ since: 0 });
  });
});

describe("a lag", () => {
  test.each<[object, Json, Json]>([
    [{ lag: 3600 }, "2024-01-05T00:00:00Z", "2024-01-04T23:00:00Z"],
    [{ lag: 2 }, "2024-01-05", "2024-01-03"],
    [{ lag: 10 }, 1000, 990],
    [{ lag: 10, last_value_func: "min" }, 1000, 1010],
    [{ lag: 0 }, 1000, 1000],
    [{ lag: null }, 1000, 1000],
  ])("of %j after %s starts at %s", (rules, value, start) => {
    expect(loading({ ...PARAMS, ...rules }, stored(value)).params(null)).toEqual({ since: start });
  });

  test("also moves the start of the filter, but not the cursor after a page", async () => {
    const { kept, cursors } = await page(loading({ lag: 10 }, stored(1000)), [989, 990, 1000, 1003, 1001]);
    expect(kept).toEqual([990, 1000, 1003, 1001]);
    expect(cursors).toEqual({ "": { value: 1003, hashes: [], path: "at" } });
  });

  test("drops the stored hashes, which belong to another value", async () => {
    const { cursors } = await page(loading({ lag: 10 }, stored(1000, { hashes: ["x"] })), []);
    expect(cursors).toEqual({ "": { value: 990, hashes: [], path: "at" } });
  });

  test("never starts before the initial value, which is sent as the config has it", () => {
    expect(loading({ ...PARAMS, lag: 10, initial_value: 995 }, stored(1000)).params(null)).toEqual({ since: 995 });
    expect(loading({ ...PARAMS, lag: 10, initial_value: 990 }, stored(1000)).params(null)).toEqual({ since: 990 });
    const rules = { ...PARAMS, lag: 86400, initial_value: "2024-01-04 12:00" };
    expect(loading(rules, stored("2024-01-05T00:00:00Z")).params(null)).toEqual({
      since: "2024-01-04 12:00",
    });
    const down = { ...PARAMS, lag: 10, last_value_func: "min", initial_value: 1005 };
    expect(loading(down, stored(1000)).params(null)).toEqual({ since: 1005 });
  });

  test("does not apply to the initial value or to a window", () => {
    expect(loading({ ...PARAMS, lag: 10, initial_value: 995 }).params(null)).toEqual({ since: 995 });
    const window = { start: 100, end: 200 };
    expect(loading({ ...PARAMS, lag: 10 }, { ...stored(1000), window }).params(null)).toEqual({
      since: 100,
      until: 200,
    });
  });

  test("that cannot be applied to a value is a ConfigError", () => {
    expect(() => loading({ ...PARAMS, lag: 10 }, stored("abc")).params(null)).toThrow(ConfigError);
  });
});

describe("rows with the cursor value of the start", () => {
  const idsOfSecondRun = async (rules: object, second: JsonObject[]) => {
    const rows: JsonObject[] = [
      { id: 1, at: 5 },
      { id: 2, at: 5 },
    ];
    const first = await loading(rules).apply(rows, null, {});
    const { records } = await loading(rules, { stored: first.cursors }).apply(second, null, {});
    return records.map(({ id }) => id);
  };
  const again: JsonObject[] = [
    { id: 1, at: 5 },
    { id: 2, at: 5, changed: true },
    { id: 3, at: 5 },
  ];

  test("are dropped when the last run loaded them, compared by key or else as whole rows", async () => {
    expect(await idsOfSecondRun({ primary_key: "id" }, again)).toEqual([3]);
    expect(await idsOfSecondRun({}, again)).toEqual([2, 3]);
  });

  test.each<[string, object, number[]]>([
    ["a lag", { lag: 1 }, [1, 2, 3]],
    ["an empty key", { primary_key: [] }, [1, 2, 3]],
    ["an open start, which excludes them", { range_start: "open" }, []],
  ])("are not compared with those of the last run with %s", async (_, rules, kept) => {
    expect(await idsOfSecondRun(rules, again)).toEqual(kept);
    expect((await loading(rules).apply(again, null, {})).cursors[""]?.hashes).toEqual([]);
  });
});

describe("a backfill with end_value", () => {
  const backfill = { ...PARAMS, initial_value: 3, end_value: 6 };

  test("starts at its initial value in every run, and keeps no state", async () => {
    const incremental = loading(backfill, stored(5));
    expect(incremental.params(null)).toEqual({ since: 3, until: 6 });
    expect(await page(incremental, [2, 3, 5, 6])).toEqual({ kept: [3, 5], cursors: {}, isOver: false });
    expect(incremental.value("end_value", null)).toBe(6);
  });

  test("ignores lag, and may include its end", async () => {
    expect(loading({ ...backfill, lag: 1 }, stored(5)).params(null)).toEqual({ since: 3, until: 6 });
    expect((await page(loading({ ...backfill, range_end: "closed" }), [3, 6, 7])).kept).toEqual([3, 6]);
  });
});

describe("a window", () => {
  const window = { start: 10, end: 20 };

  test("replaces start and end, whatever is stored or configured", async () => {
    for (const rules of [{}, { initial_value: 15 }, { initial_value: 1, end_value: 12 }]) {
      const incremental = loading({ ...PARAMS, ...rules }, { ...stored(5), window });
      expect(incremental.params(null)).toEqual({ since: 10, until: 20 });
      expect((await page(incremental, [9, 10, 19, 20])).kept).toEqual([10, 19]);
    }
  });

  test.each([
    {},
    { range_start: "open" },
    { range_end: "closed" },
    { range_start: "open", range_end: "closed" },
    { last_value_func: "min" },
    { last_value_func: "min", range_end: "closed" },
  ])("next to another window loads every row once: %j", async (rules) => {
    const values = [9, 10, 14, 15, 19, 20];
    const windows = [
      { start: 10, end: 15 },
      { start: 15, end: 20 },
    ];
    const pages = windows.map((one) => page(loading(rules, { window: one }), values));
    expect((await Promise.all(pages)).map(({ kept }) => kept)).toEqual([
      [10, 14],
      [15, 19],
    ]);
  });

  test("is requested from its end to its start when the cursor decreases", async () => {
    const incremental = loading({ ...PARAMS, last_value_func: "min", row_order: "desc" }, { window });
    expect(incremental.params(null)).toEqual({ since: 20, until: 10 });
    expect((await page(incremental, [21, 20, 19])).isOver).toBe(false);
    expect(await page(incremental, [19, 10, 9])).toMatchObject({ kept: [19, 10], isOver: true });
  });

  test("keeps rows that an earlier run has loaded, and no cursor", async () => {
    const incremental = loading({}, { stored: { "": { value: 10, hashes: ["x"] } }, window });
    expect(await page(incremental, [10])).toMatchObject({ kept: [10], cursors: {} });
  });
});

describe("convert", () => {
  const seconds = (value: string | number) => Date.parse(`${value}`) / 1000;

  test("applies to the values that are sent, not to those that rows are compared with", async () => {
    const incremental = loading(
      { ...PARAMS, initial_value: "2024-01-01T00:00:00Z", convert: seconds },
      { window: { start: "2024-01-02T00:00:00Z", end: "2024-01-03T00:00:00Z" } },
    );
    expect(incremental.params(null)).toEqual({ since: 1704153600, until: 1704240000 });
    expect(incremental.value("initial_value", null)).toBe(1704067200);
    expect(incremental.value("start_value", null)).toBe(1704153600);
    expect(incremental.value("end_value", null)).toBe(1704240000);
    expect((await page(incremental, ["2024-01-01T23:59:59Z", "2024-01-02T12:00:00Z"])).kept).toEqual([
      "2024-01-02T12:00:00Z",
    ]);
  });

  test("is not called for a value that is missing or not sent, and may return undefined to send none", () => {
    const calls: unknown[] = [];
    const convert = (value: unknown) => {
      calls.push(value);
      return value === 5 ? undefined : 0;
    };
    expect(loading({ ...PARAMS, convert }).params(null)).toEqual({});
    expect(loading({ convert }, stored(7)).params(null)).toEqual({});
    expect(calls).toEqual([]);
    expect(loading({ ...PARAMS, convert }, stored(5)).params(null)).toEqual({});
    expect(loading({ ...PARAMS, convert }, stored(7)).params(null)).toEqual({ since: 0 });
    expect(calls).toEqual([5, 7]);
  });

  test.each<[string, unknown]>([
    ["an object", { a: 1 }],
    ["a date", new Date(0)],
    ["a list", []],
    ["NaN", Number.NaN],
    ["a function", () => 1],
  ])("that returns %s is a ConfigError that names the value", (_, result) => {
    const incremental = loading({ ...PARAMS, convert: () => result }, stored(7));
    expect(() => incremental.params(null)).toThrow(ConfigError);
    expect(() => incremental.params(null)).toThrow(/^convert of the incremental returned .* for 7: return a string/);
  });

  test("that throws is a named error with the value; an error of restlake is passed on", () => {
    const throwing = (error: unknown) =>
      loading(
        {
          ...PARAMS,
          convert: () => {
            throw error;
          },
        },
        stored(7),
      );
    expect(() => throwing(new TypeError("no")).params(null)).toThrow(
      "convert of the incremental threw TypeError: no for 7",
    );
    expect(() => throwing("odd").params(null)).toThrow("convert of the incremental threw 'odd' for 7");
    expect(() => throwing(new ResponseError("mine")).params(null)).toThrow(ResponseError);
  });
});

describe("incremental loading of a child", () => {
  const path = "/shops/{resources.shops.id}/orders/{resources.shops.geo.city}";
  const child = (incremental: object, start: Start = {}) =>
    createIncrementalLoading(
      resourceOf({ cursor_path: "at", ...PARAMS, ...incremental }, path),
      runOf(start),
      NO_ROW_HASHES,
    );
  const shop = (id: Json, city: Json = "Ulm", more: JsonObject = {}): JsonObject => ({ id, "geo.city": city, ...more });

  test("has a separate cursor per row of the parent", async () => {
    const first = child({});
    let { cursors } = await first.apply([{ at: 100 }], shop(1), {});
    ({ cursors } = await first.apply([{ at: 3 }], shop(2), cursors));
    ({ cursors } = await first.apply([{ at: 101 }], shop(1), cursors));
    const second = child({}, { stored: cursors });
    expect([1, 2, 3].map((id) => second.params(shop(id)))).toEqual([{ since: 101 }, { since: 3 }, {}]);
    expect((await second.apply([{ at: 5 }], shop(2), {})).records).toEqual([{ at: 5 }]);
    expect((await second.apply([{ at: 5 }], shop(1), {})).records).toEqual([]);
  });

  test("identifies a row of the parent by the fields that the request uses, and their types", async () => {
    const { cursors } = await child({}).apply([{ at: 7 }], shop(1), {});
    const later = child({}, { stored: cursors });
    expect(later.params(shop(1, "Ulm", { name: "new" }))).toEqual({ since: 7 });
    expect(later.params(shop(1, "Bonn"))).toEqual({});
    expect(later.params(shop("1"))).toEqual({});
    const reordered = resourceOf({ cursor_path: "at", ...PARAMS }, "/{resources.shops.geo.city}/{resources.shops.id}");
    expect(createIncrementalLoading(reordered, runOf({ stored: cursors }), NO_ROW_HASHES).params(shop(1))).toEqual({
      since: 7,
    });
  });

  test("separates parent rows with ids such as __proto__ and large integers", async () => {
    const incremental = child({});
    for (const id of ["__proto__", "constructor", 9007199254740993n, 9007199254740992n]) {
      expect(incremental.params(shop(id))).toEqual({});
      const { cursors } = await incremental.apply([{ at: 1 }], shop(id), {});
      expect(Object.keys(JSON.parse(JSON.stringify(cursors)))).toHaveLength(1);
      expect(child({}, { stored: cursors }).params(shop(id))).toEqual({ since: 1 });
      expect(child({}, { stored: cursors }).params(shop("other"))).toEqual({});
    }
    const { cursors } = await incremental.apply([{ at: 1 }], shop(9007199254740992n), {});
    expect(child({}, { stored: cursors }).params(shop(9007199254740993n))).toEqual({});
  });

  test("stops early for one row of the parent only", async () => {
    const { cursors } = await child({}).apply([{ at: 5 }], shop(1), {});
    const later = child({ row_order: "desc" }, { stored: cursors });
    expect((await later.apply([{ at: 6 }, { at: 4 }], shop(1), {})).isOver).toBe(true);
    expect((await later.apply([{ at: 6 }, { at: 4 }], shop(2), {})).isOver).toBe(false);
  });
});
