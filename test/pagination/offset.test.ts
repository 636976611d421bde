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
const requested = (config: ReturnType<typeof offset>, api: Api) =>
  walk(config, api).pages.map((params) => params.offset);
const follows = (config: ReturnType<typeof offset>, at: number, rows: number, body: Json = {}) =>
  nextPage(config, { offset: at }, { body, rows, headers: new Headers() });

describe("offsets", () => {
  test("increase by the rows received, and end after an empty page", () => {
    expect(requested(offset(), apiOf(25))).toEqual(["0", "10", "20", "25"]);
    expect(requested(offset(), apiOf(30))).toEqual(["0", "10", "20", "30"]);
    expect(requested(offset(), apiOf(0))).toEqual(["0"]);
  });

  test("start at offset, and use the parameter names of the config", () => {
    const config = offset({ offset: 40, limit: 7, offset_param: "skip", limit_param: "take" });
    expect(firstPage(config)).toEqual({ offset: 40 });
    expect(pageRequest(config, { offset: 47 })).toEqual({ params: { skip: "47", take: "7" } });
    expect(follows(config, 40, 7)).toEqual({ state: { offset: 47 } });
  });
});

describe("offsets end by", () => {
  test.each([30, "30", 21, "25", " 25 "])("a total of %j rows, without requesting an empty page", (total) => {
    expect(requested(offset(), apiOf(99, { total }))).toEqual(["0", "10", "20"]);
    const named = offset({ total_path: "$.meta.count", stop_after_empty_page: false });
    expect(requested(named, apiOf(99, { meta: { count: total } }))).toEqual(["0", "10", "20"]);
  });

  test("a total of 0", () => {
    expect(requested(offset({ total_path: "total" }), apiOf(0, { total: 0 }))).toEqual(["0"]);
  });

  test("maximum_offset, which is exclusive", () => {
    expect(requested(offset({ maximum_offset: 20 }), apiOf(99))).toEqual(["0", "10"]);
    expect(requested(offset({ maximum_offset: 21 }), apiOf(99))).toEqual(["0", "10", "20"]);
    expect(requested(offset({ offset: 50, maximum_offset: 20 }), apiOf(99))).toEqual(["50"]);
  });

  test("the maximum alone, while a flag or a total from the config announces more", () => {
    const all = { total_path: "total", has_more_path: "more" };
    const api = (total: number, more: boolean) => apiOf(99, { total, more });
    expect(requested(offset({ ...all, maximum_offset: 50 }), api(30, true))).toEqual(["0", "10", "20", "30", "40"]);
    expect(requested(offset({ ...all, maximum_offset: 20 }), api(30, true))).toEqual(["0", "10"]);
    expect(requested(offset({ ...all, maximum_offset: 50 }), api(30, false))).toEqual(["0", "10", "20"]);
  });

  test("a short page with stop_after_short_page, unless the response announces more", () => {
    const short = offset({ stop_after_short_page: true });
    expect(requested(short, apiOf(25))).toEqual(["0", "10", "20"]);
    expect(requested(short, apiOf(30))).toEqual(["0", "10", "20", "30"]);
    expect(
      requested(offset({ stop_after_short_page: true, has_more_path: "more" }), apiOf(25, { more: true })),
    ).toEqual(["0", "10", "20", "25"]);
  });
});

describe("an empty page", () => {
  test("within a total from the config is a contradiction", () => {
    const config = offset({ total_path: "count" });
    const contradiction = {
      contradiction:
        "it has no rows, but total_path count is 25: total_path is the number of all rows; null ignores it",
    };
    expect(follows(config, 0, 0, { count: 25 })).toEqual(contradiction);
    expect(follows(config, 10, 0, { count: 25 })).toEqual(contradiction);
    expect(follows(config, 20, 0, { count: 25 })).toEqual(contradiction);
    expect(follows(config, 30, 0, { count: 25 })).toEqual({ end: true });
    expect(follows(offset({ total_path: "count", offset: 25 }), 25, 0, { count: 25 })).toEqual({ end: true });
  });

  test("within the default total is the end, with a warning", () => {
    const end = {
      end: true,
      warning: "it has no rows, but total_path total is 25: total_path is the number of all rows; null ignores it",
    };
    expect(follows(offset(), 20, 0, { total: 25 })).toEqual(end);
    expect(follows(offset(), 30, 0, { total: 25 })).toEqual({ end: true });
  });

  test("does not end pagination with stop_after_empty_page: false", () => {
    const config = offset({ total_path: "count", stop_after_empty_page: false });
    expect(follows(config, 0, 0, { count: 25 })).toEqual({ state: { offset: 10 } });
    expect(follows(config, 20, 0, { count: 25 })).toEqual({ end: true });
  });
});
