import { describe, expect, test } from "vitest";
import type { Json } from "../../lib/json/index.ts";
import { firstPage, nextPage, pageRequest } from "../../lib/pagination/index.ts";
import { type Api, offset, walk } from "./paginators.fixture.ts";

const apiOf =
  (count: number, extra: Record<string, Json> = {}): Api =>
  (params) => {
    const rows = Math.max(0, Math.min(Number(params.limit), count - Number(params.offset)));
    return { body: { data: Array(rows).fill(0), ...extra }, rows };
  };
const asked = (config: ReturnType<typeof offset>, api: Api) => walk(config, api).pages.map((params) => params.offset);
const follows = (config: ReturnType<typeof offset>, at: number, rows: number, body: Json = {}) =>
  nextPage(config, { offset: at }, { body, rows, headers: new Headers() });

describe("the steps", () => {
  test("are limit wide, whatever the page holds, and an empty page ends them", () => {
    expect(asked(offset(), apiOf(25))).toEqual(["0", "10", "20", "30"]);
    expect(asked(offset(), apiOf(30))).toEqual(["0", "10", "20", "30"]);
    expect(asked(offset(), apiOf(0))).toEqual(["0"]);
  });

  test("begin at offset, under the names that the config gives", () => {
    const config = offset({ offset: 40, limit: 7, offset_param: "skip", limit_param: "take" });
    expect(firstPage(config)).toEqual({ offset: 40 });
    expect(pageRequest(config, { offset: 47 })).toEqual({ params: { skip: "47", take: "7" } });
    expect(follows(config, 40, 7)).toEqual({ state: { offset: 47 } });
  });
});

describe("what ends them", () => {
  test.each([30, "30", 21, "25", " 25 "])("a total of %j rows, without an empty page", (total) => {
    expect(asked(offset(), apiOf(99, { total }))).toEqual(["0", "10", "20"]);
    const named = offset({ total_path: "$.meta.count", stop_after_empty_page: false });
    expect(asked(named, apiOf(99, { meta: { count: total } }))).toEqual(["0", "10", "20"]);
  });

  test("a total of 0", () => {
    expect(asked(offset({ total_path: "total" }), apiOf(0, { total: 0 }))).toEqual(["0"]);
  });

  test("maximum_offset, exclusive", () => {
    expect(asked(offset({ maximum_offset: 20 }), apiOf(99))).toEqual(["0", "10"]);
    expect(asked(offset({ maximum_offset: 21 }), apiOf(99))).toEqual(["0", "10", "20"]);
    expect(asked(offset({ offset: 50, maximum_offset: 20 }), apiOf(99))).toEqual(["50"]);
  });

  test("whichever rule says stop first", () => {
    const all = { total_path: "total", has_more_path: "more" };
    const api = (total: number, more: boolean) => apiOf(99, { total, more });
    expect(asked(offset({ ...all, maximum_offset: 50 }), api(30, true))).toEqual(["0", "10", "20"]);
    expect(asked(offset({ ...all, maximum_offset: 20 }), api(30, true))).toEqual(["0", "10"]);
    expect(asked(offset({ ...all, maximum_offset: 20 }), api(30, false))).toEqual(["0"]);
  });
});

describe("an empty page", () => {
  test("that a named total promises rows for is a contradiction, the last one included", () => {
    const config = offset({ total_path: "count" });
    const contradiction = { contradiction: "it has no rows, yet count says 25" };
    expect(follows(config, 0, 0, { count: 25 })).toEqual(contradiction);
    expect(follows(config, 10, 0, { count: 25 })).toEqual(contradiction);
    expect(follows(config, 20, 0, { count: 25 })).toEqual(contradiction);
    expect(follows(config, 30, 0, { count: 25 })).toEqual({ end: true });
    expect(follows(offset({ total_path: "count", offset: 25 }), 25, 0, { count: 25 })).toEqual({ end: true });
  });

  test("that the default total promises rows for is the end, and a warning", () => {
    const end = { end: true, warning: "it has no rows, yet total says 25" };
    expect(follows(offset(), 20, 0, { total: 25 })).toEqual(end);
    expect(follows(offset(), 30, 0, { total: 25 })).toEqual({ end: true });
  });

  test("is a page like another with stop_after_empty_page: false", () => {
    const config = offset({ total_path: "count", stop_after_empty_page: false });
    expect(follows(config, 0, 0, { count: 25 })).toEqual({ state: { offset: 10 } });
    expect(follows(config, 20, 0, { count: 25 })).toEqual({ end: true });
  });
});
