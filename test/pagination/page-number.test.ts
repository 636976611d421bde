import { describe, expect, test } from "vitest";
import type { Json } from "../../lib/json/index.ts";
import { nextPage, pageRequest } from "../../lib/pagination/index.ts";
import { type Api, pageNumber, walk } from "./paginators.fixture.ts";

/** Pages of two rows each, from a base on, with the same extra keys in every answer. */
const apiOf =
  (count: number, base: number, extra: Record<string, Json> = {}): Api =>
  ({ page }) => {
    const rows = Number(page) >= base && Number(page) < base + count ? 2 : 0;
    return { body: { data: rows === 0 ? [] : [1, 2], ...extra }, rows };
  };
const asked = (config: ReturnType<typeof pageNumber>, api: Api) => walk(config, api).pages.map(({ page }) => page);
const follows = (config: ReturnType<typeof pageNumber>, page: number, rows: number, body: Json = {}) =>
  nextPage(config, { page }, { body, rows, headers: new Headers() });

describe.each([0, 1])("counting from %i", (base_page) => {
  const pages = (count: number) => Array.from({ length: count }, (_, index) => String(base_page + index));

  test("an empty page ends it", () => {
    expect(asked(pageNumber({ base_page }), apiOf(3, base_page))).toEqual(pages(4));
    expect(asked(pageNumber({ base_page }), apiOf(0, base_page))).toEqual(pages(1));
  });

  test.each([3, "3", " 3 ", "3.0"])("a total of %j pages ends it after the third, without an empty one", (total) => {
    expect(asked(pageNumber({ base_page }), apiOf(9, base_page, { total }))).toEqual(pages(3));
    const named = pageNumber({ base_page, total_path: "meta.pages", stop_after_empty_page: false });
    expect(asked(named, apiOf(9, base_page, { meta: { pages: total } }))).toEqual(pages(3));
  });

  test.each([0, 1])("a total of %i ends it after the first", (total) => {
    expect(asked(pageNumber({ base_page }), apiOf(9, base_page, { total }))).toEqual(pages(1));
  });

  test("maximum_page is exclusive, and ends it also where there are more", () => {
    expect(asked(pageNumber({ base_page, maximum_page: base_page + 2 }), apiOf(9, base_page))).toEqual(pages(2));
    expect(asked(pageNumber({ base_page, maximum_page: base_page + 1 }), apiOf(9, base_page))).toEqual(pages(1));
    const sole = pageNumber({ base_page, maximum_page: base_page + 2, total_path: null, stop_after_empty_page: false });
    expect(asked(sole, apiOf(0, base_page))).toEqual(pages(2));
  });

  test("whichever rule says stop first, wins", () => {
    const all = { base_page, total_path: "total", has_more_path: "more" };
    const api = (total: number, more: boolean) => apiOf(9, base_page, { total, more });
    expect(asked(pageNumber({ ...all, maximum_page: base_page + 5 }), api(3, true))).toEqual(pages(3));
    expect(asked(pageNumber({ ...all, maximum_page: base_page + 2 }), api(3, true))).toEqual(pages(2));
    expect(asked(pageNumber({ ...all, maximum_page: base_page + 2 }), api(3, false))).toEqual(pages(1));
  });

  test("with a named total an empty page that it promises rows for is a contradiction; behind it, the end", () => {
    const config = pageNumber({ base_page, total_path: "meta.pages" });
    const body = { meta: { pages: 3 } };
    const contradiction = { contradiction: "it has no rows, yet meta.pages says 3" };
    expect(follows(config, base_page, 0, body)).toEqual(contradiction);
    expect(follows(config, base_page + 1, 0, body)).toEqual(contradiction);
    expect(follows(config, base_page + 2, 0, body)).toEqual(contradiction);
    expect(follows(config, base_page + 3, 0, body)).toEqual({ end: true });
  });

  test("an empty first page of one page is an empty list, as many APIs say it", () => {
    const config = pageNumber({ base_page, total_path: "pages" });
    expect(follows(config, base_page, 0, { pages: 1 })).toEqual({ end: true });
    expect(follows(config, base_page, 0, { pages: 0 })).toEqual({ end: true });
  });

  test("with the default total, which may count anything, it is the end and a warning", () => {
    const config = pageNumber({ base_page });
    expect(follows(config, base_page, 0, { total: 250 })).toEqual({
      end: true,
      warning: "it has no rows, yet total says 250",
    });
    expect(follows(config, base_page, 0, {})).toEqual({ end: true });
  });
});

test("page starts it elsewhere than at base_page, which still says what a total means", () => {
  expect(asked(pageNumber({ base_page: 1, page: 3 }), apiOf(9, 1, { total: 5 }))).toEqual(["3", "4", "5"]);
  expect(asked(pageNumber({ base_page: 1, page: null }), apiOf(9, 1, { total: 1 }))).toEqual(["1"]);
});

test("total_path: null looks at no total", () => {
  expect(asked(pageNumber({ total_path: null }), apiOf(3, 0, { total: 1 }))).toEqual(["0", "1", "2", "3"]);
});

describe("what a page asks for", () => {
  test("page_param, and limit only under limit_param", () => {
    expect(pageRequest(pageNumber(), { page: 7 })).toEqual({ params: { page: "7" } });
    expect(pageRequest(pageNumber({ page_param: "p", limit: 25 }), { page: 7 })).toEqual({ params: { p: "7" } });
    expect(pageRequest(pageNumber({ limit: 25, limit_param: "size" }), { page: 7 })).toEqual({
      params: { page: "7", size: "25" },
    });
  });
});
