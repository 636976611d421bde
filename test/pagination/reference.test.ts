import { describe, expect, test } from "vitest";
import type { PagePaginator } from "../../lib/config/resolved.ts";
import type { Json } from "../../lib/json/index.ts";
import { firstPage, nextPage, type PageRequest, pageRequest } from "../../lib/pagination/index.ts";
import { resolved } from "./paginators.fixture.ts";

/** Returns the request of the first page, and of the page after a response. */
const firstTwo = (written: unknown, body: Json, headers: Record<string, string> = {}) => {
  const config = resolved(written);
  const first = firstPage(config);
  const next = nextPage(config, first, { body, rows: 5, headers: new Headers(headers) });
  const second = "state" in next ? pageRequest(config, next.state) : next;
  return [pageRequest(config, first), second];
};

describe("a paginator given by its type alone has dlt's defaults", () => {
  test.each<[string, Json, Record<string, string>, [PageRequest, object]]>([
    ["page_number", {}, {}, [{ params: { page: "0" } }, { params: { page: "1" } }]],
    ["cursor", { cursors: { next: "b" } }, {}, [{ params: {} }, { params: { cursor: "b" } }]],
    ["header_cursor", {}, { next: "b" }, [{ params: {} }, { params: { cursor: "b" } }]],
    ["json_link", { next: "/b" }, {}, [{}, { link: "/b" }]],
    ["json_response", { next: "/b" }, {}, [{}, { link: "/b" }]],
    ["header_link", {}, { link: '</b>; rel="next"' }, [{}, { link: "/b" }]],
    ["single_page", { next: "/b" }, {}, [{}, { end: true }]],
  ])("for %s", (type, body, headers, expected) => {
    expect(firstTwo(type, body, headers)).toEqual(expected);
    expect(firstTwo({ type }, body, headers)).toEqual(expected);
  });

  test("for offset, which requires limit", () => {
    expect(firstTwo({ type: "offset", limit: 5 }, {})).toEqual([
      { params: { offset: "0", limit: "5" } },
      { params: { offset: "5", limit: "5" } },
    ]);
  });
});

describe("every parameter has its effect", () => {
  test.each<[string, object, Json, [PageRequest, object]]>([
    [
      "page_number's in the query",
      { type: "page_number", base_page: 1, page: 4, page_param: "p[n]", limit: 7, limit_param: "p[s]" },
      {},
      [{ params: { "p[n]": "4", "p[s]": "7" } }, { params: { "p[n]": "5", "p[s]": "7" } }],
    ],
    [
      "page_number's limit without a name",
      { type: "page_number", limit: 7 },
      {},
      [{ params: { page: "0" } }, { params: { page: "1" } }],
    ],
    [
      "page_number's total_path and base_page",
      { type: "page_number", base_page: 1, total_path: "m.pages" },
      { m: { pages: 1 } },
      [{ params: { page: "1" } }, { end: true }],
    ],
    [
      "page_number's has_more_path",
      { type: "page_number", has_more_path: "m.more" },
      { m: { more: false } },
      [{ params: { page: "0" } }, { end: true }],
    ],
    [
      "page_number's maximum_page",
      { type: "page_number", base_page: 1, maximum_page: 2 },
      {},
      [{ params: { page: "1" } }, { end: true }],
    ],
    [
      "offset's in the query",
      { type: "offset", limit: 5, offset: 10, offset_param: "skip", limit_param: "take" },
      {},
      [{ params: { skip: "10", take: "5" } }, { params: { skip: "15", take: "5" } }],
    ],
    [
      "offset's total_path",
      { type: "offset", limit: 5, total_path: "m.count" },
      { m: { count: "5" } },
      [{ params: { offset: "0", limit: "5" } }, { end: true }],
    ],
    [
      "offset's maximum_offset",
      { type: "offset", limit: 5, maximum_offset: 5 },
      {},
      [{ params: { offset: "0", limit: "5" } }, { end: true }],
    ],
    [
      "offset's has_more_path",
      { type: "offset", limit: 5, has_more_path: "more" },
      { more: "n" },
      [{ params: { offset: "0", limit: "5" } }, { end: true }],
    ],
    [
      "cursor's",
      { type: "cursor", cursor_path: "rows[-1].id", cursor_param: "after" },
      { rows: [{ id: 1 }, { id: 2 }] },
      [{ params: {} }, { params: { after: "2" } }],
    ],
    [
      "cursor's has_more_path",
      { type: "cursor", cursor_path: "next", has_more_path: "more" },
      { next: "b", more: false },
      [{ params: {} }, { end: true }],
    ],
    [
      "json_link's",
      { type: "json_link", next_url_path: "l[?@.rel == 'next'].href" },
      { l: [{ rel: "next", href: "/b" }] },
      [{}, { link: "/b" }],
    ],
  ])("%s", (_, written, body, expected) => {
    expect(firstTwo(written, body)).toEqual(expected);
  });

  test("null switches a default off: no total, no maximum, no flag", () => {
    const off = { total_path: null, has_more_path: null, page_body_path: null, page: null, maximum_page: null };
    expect(firstTwo({ type: "page_number", ...off }, { total: 1, more: false })).toEqual([
      { params: { page: "0" } },
      { params: { page: "1" } },
    ]);
  });
});

describe("a path in the body replaces the query parameter and keeps the type", () => {
  test.each<[string, object, Json, [PageRequest, PageRequest]]>([
    [
      "page_number",
      { type: "page_number", base_page: 1, page_body_path: "paging.number" },
      {},
      [
        { params: {}, body: { "paging.number": 1 } },
        { params: {}, body: { "paging.number": 2 } },
      ],
    ],
    [
      "offset and limit",
      { type: "offset", limit: 5, offset_body_path: "page.from", limit_body_path: "page.size" },
      {},
      [
        { params: {}, body: { "page.from": 0, "page.size": 5 } },
        { params: {}, body: { "page.from": 5, "page.size": 5 } },
      ],
    ],
    [
      "offset alone, with the limit in the query",
      { type: "offset", limit: 5, offset_body_path: "from" },
      {},
      [
        { params: { limit: "5" }, body: { from: 0 } },
        { params: { limit: "5" }, body: { from: 5 } },
      ],
    ],
    [
      "limit alone, the offset stays in the query",
      { type: "offset", limit: 5, limit_body_path: "size" },
      {},
      [
        { params: { offset: "0" }, body: { size: 5 } },
        { params: { offset: "5" }, body: { size: 5 } },
      ],
    ],
    [
      "cursor, absent at first",
      { type: "cursor", cursor_path: "next", cursor_body_path: "after" },
      { next: 7 },
      [{ params: {} }, { params: {}, body: { after: 7 } }],
    ],
  ])("%s", (_, written, body, expected) => {
    expect(firstTwo(written, body)).toEqual(expected);
  });

  test("also if the parameter has a name", () => {
    const both = { ...resolved("page_number"), page_body_path: "p", page_param: "page" } as PagePaginator;
    expect(pageRequest(both, { page: 3 })).toEqual({ params: {}, body: { p: 3 } });
  });
});
