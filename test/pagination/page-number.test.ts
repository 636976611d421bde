import { describe, expect, test } from "vitest";
import type { Json } from "../../lib/json/index.ts";
import { nextPage, pageRequest } from "../../lib/pagination/index.ts";
import { type Api, pageNumber, walk } from "./paginators.fixture.ts";

/** Returns an API with pages of two rows each, from a base on, and the same extra keys in every response. */
const apiOf =
  (count: number, base: number, extra: Record<string, Json> = {}): Api =>
  ({ page }) => {
    const rows = Number(page) >= base && Number(page) < base + count ? 2 : 0;
    return { body: { data: rows === 0 ? [] : [1, 2], ...extra }, rows };
  };
const requested = (config: ReturnType<typeof pageNumber>, api: Api) => walk(config, api).pages.map(({ page }) => page);
const follows = (config: ReturnType<typeof pageNumber>, page: number, rows: number, body: Json = {}) =>
  nextPage(config, { page }, { body, rows, headers: new Headers() });

describe.each([0, 1])("page numbers from %i", (base_page) => {
  const pages = (count: number) => Array.from({ length: count }, (_, index) => String(base_page + index));

  test("end after an empty page", () => {
    expect(requested(pageNumber({ base_page }), apiOf(3, base_page))).toEqual(pages(4));
    expect(requested(pageNumber({ base_page }), apiOf(0, base_page))).toEqual(pages(1));
  });

  test.each([3, "3", " 3 ", "3.0"])(
    "end after the third page with a total of %j, without requesting an empty page",
    (total) => {
      expect(requested(pageNumber({ base_page }), apiOf(9, base_page, { total }))).toEqual(pages(3));
      const named = pageNumber({ base_page, total_path: "meta.pages", stop_after_empty_page: false });
      expect(requested(named, apiOf(9, base_page, { meta: { pages: total } }))).toEqual(pages(3));
    },
  );

  test.each([0, 1])("end after the first page with a total of %i", (total) => {
    expect(requested(pageNumber({ base_page }), apiOf(9, base_page, { total }))).toEqual(pages(1));
  });

  test("end before maximum_page, although the API has more pages", () => {
    expect(requested(pageNumber({ base_page, maximum_page: base_page + 2 }), apiOf(9, base_page))).toEqual(pages(2));
    expect(requested(pageNumber({ base_page, maximum_page: base_page + 1 }), apiOf(9, base_page))).toEqual(pages(1));
    const sole = pageNumber({ base_page, maximum_page: base_page + 2, total_path: null, stop_after_empty_page: false });
    expect(requested(sole, apiOf(0, base_page))).toEqual(pages(2));
  });

  test("continue while a flag or a total from the config announces more, up to the maximum", () => {
    const all = { base_page, total_path: "total", has_more_path: "more" };
    const api = (total: number, more: boolean) => apiOf(9, base_page, { total, more });
    expect(requested(pageNumber({ ...all, maximum_page: base_page + 5 }), api(3, true))).toEqual(pages(5));
    expect(requested(pageNumber({ ...all, maximum_page: base_page + 2 }), api(3, true))).toEqual(pages(2));
    expect(requested(pageNumber({ ...all, maximum_page: base_page + 5 }), api(3, false))).toEqual(pages(3));
  });

  test("treat an empty page within a total from the config as a contradiction, and after it as the end", () => {
    const config = pageNumber({ base_page, total_path: "meta.pages" });
    const body = { meta: { pages: 3 } };
    const contradiction = {
      contradiction: expect.stringMatching(/^it has no rows, but total_path meta\.pages is 3: /),
    };
    expect(follows(config, base_page, 0, body)).toEqual(contradiction);
    expect(follows(config, base_page + 1, 0, body)).toEqual(contradiction);
    expect(follows(config, base_page + 2, 0, body)).toEqual(contradiction);
    expect(follows(config, base_page + 3, 0, body)).toEqual({ end: true });
  });

  test("treat an empty first page of one page as an empty list", () => {
    const config = pageNumber({ base_page, total_path: "pages" });
    expect(follows(config, base_page, 0, { pages: 1 })).toEqual({ end: true });
    expect(follows(config, base_page, 0, { pages: 0 })).toEqual({ end: true });
  });

  test("end with a warning on an empty page within the default total, which may count anything", () => {
    const config = pageNumber({ base_page });
    expect(follows(config, base_page, 0, { total: 250 })).toEqual({
      end: true,
      warning: expect.stringMatching(/^it has no rows, but total_path total is 250: /),
    });
    expect(follows(config, base_page, 0, {})).toEqual({ end: true });
  });
});

test("an empty page before the total names what to correct: base_page for page 0, total_path for later ones", () => {
  const config = pageNumber({ base_page: 0, total_path: "pages" });
  expect(follows(config, 0, 0, { pages: 3 })).toEqual({
    contradiction: "it has no rows, but total_path pages is 3: set base_page: 1 if the API numbers pages from 1",
  });
  expect(follows(config, 2, 0, { pages: 3 })).toEqual({
    contradiction:
      "it has no rows, but total_path pages is 3: total_path is the number of pages, not of rows; null ignores it",
  });
});

test("page sets the first page, and base_page still sets the meaning of a total", () => {
  expect(requested(pageNumber({ base_page: 1, page: 3 }), apiOf(9, 1, { total: 5 }))).toEqual(["3", "4", "5"]);
  expect(requested(pageNumber({ base_page: 1, page: null }), apiOf(9, 1, { total: 1 }))).toEqual(["1"]);
});

test("total_path: null ignores every total", () => {
  expect(requested(pageNumber({ total_path: null }), apiOf(3, 0, { total: 1 }))).toEqual(["0", "1", "2", "3"]);
});

describe("a page request", () => {
  test("has page_param, and the limit only with limit_param", () => {
    expect(pageRequest(pageNumber(), { page: 7 })).toEqual({ params: { page: "7" } });
    expect(pageRequest(pageNumber({ page_param: "p", limit: 25 }), { page: 7 })).toEqual({ params: { p: "7" } });
    expect(pageRequest(pageNumber({ limit: 25, limit_param: "size" }), { page: 7 })).toEqual({
      params: { page: "7", size: "25" },
    });
  });
});
