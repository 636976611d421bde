import { describe, expect, test } from "vitest";
import type { PagePaginator } from "../../lib/config/resolved.ts";
import {
  cursorPaginator,
  headerCursorPaginator,
  headerLinkPaginator,
  jsonLinkPaginator,
} from "../../lib/config/schema/paginator-types.ts";
import { ResponseError } from "../../lib/errors/index.ts";
import type { Json } from "../../lib/json/index.ts";
import { firstPage, nextPage, pageRequest } from "../../lib/pagination/index.ts";
import { resolved } from "./paginators.fixture.ts";

const cursor = (given: object = {}) => cursorPaginator.parse({ type: "cursor", ...given });
const link = (given: object = {}) => jsonLinkPaginator.parse({ type: "json_link", ...given });
const NO_HEADERS = new Headers();
const END = { end: true };

describe("cursor", () => {
  test("requests the first page without a cursor, and the next page with the cursor of the response", () => {
    const config = cursor({ cursor_path: "meta.next", cursor_param: "after" });
    expect(pageRequest(config, firstPage(config))).toEqual({ params: {} });
    const next = nextPage(config, firstPage(config), { body: { meta: { next: "abc" } }, rows: 1, headers: NO_HEADERS });
    expect(next).toEqual({ state: { cursor: "abc" } });
    expect(pageRequest(config, { cursor: "abc" })).toEqual({ params: { after: "abc" } });
  });

  test("has dlt's defaults cursors.next and cursor", () => {
    expect(
      nextPage(cursor(), { cursor: null }, { body: { cursors: { next: 7 } }, rows: 1, headers: NO_HEADERS }),
    ).toEqual({
      state: { cursor: 7 },
    });
    expect(pageRequest(resolved("cursor"), { cursor: 7 })).toEqual({ params: { cursor: "7" } });
  });

  const inBody = resolved({ type: "cursor", cursor_path: "next", cursor_body_path: "page.after" });
  const inQuery = resolved({ type: "cursor", cursor_path: "next" });
  /** Returns the request of the next page, with its state stored in between. */
  const nextRequest = (config: PagePaginator, next: Json) => {
    const following = nextPage(config, firstPage(config), { body: { next }, rows: 1, headers: NO_HEADERS });
    return "state" in following ? pageRequest(config, JSON.parse(JSON.stringify(following.state))) : following;
  };

  test.each<[Json, string | string[]]>([
    ["b=2&c", "b=2&c"],
    ["0", "0"],
    ["false", "false"],
    [2.5, "2.5"],
    [-1, "-1"],
    [true, "true"],
    [9007199254740993n, "9007199254740993"],
    [
      ["a", 2],
      ["a", "2"],
    ],
    [
      [1, 9007199254740993n],
      ["1", "9007199254740993"],
    ],
  ])("%s goes into the query as text with all digits; a list repeats the parameter", (next, text) => {
    expect(nextRequest(inQuery, next)).toEqual({ params: { cursor: text } });
  });

  test.each<Json>([
    "0",
    7,
    2.5,
    true,
    9007199254740993n,
    ["a", 2],
    [9007199254740993n, null],
    { id: 9007199254740993n, at: ["x"] },
    '{"json": 1}',
  ])("%s goes into the body unchanged", (next) => {
    expect(nextRequest(inBody, next)).toEqual({ params: {}, body: { "page.after": next } });
  });

  test.each<[string, Json]>([
    ["an object", { id: 1 }],
    ["a list with an object", [{ id: 1 }]],
    ["a list with null", [null]],
  ])("%s, which does not fit into a query, is a contradiction and not the end", (_, next) => {
    expect(nextRequest(inQuery, next)).toEqual({
      contradiction: "its value at cursor_path next does not fit into a query parameter",
    });
  });

  test.each<[string, Json]>([
    ["missing", {}],
    ["null", { cursors: { next: null } }],
    ["empty", { cursors: { next: "" } }],
    ["zero", { cursors: { next: 0 } }],
    ["false", { cursors: { next: false } }],
    ["an empty list", { cursors: { next: [] } }],
    ["an empty object", { cursors: { next: {} } }],
  ])("ends when the cursor is %s", (_, body) => {
    expect(nextPage(cursor(), { cursor: null }, { body, rows: 1, headers: NO_HEADERS })).toEqual(END);
  });

  test("continues after an empty page, unless stop_after_empty_page is set", () => {
    const body = { cursors: { next: "b" } };
    expect(nextPage(cursor(), { cursor: "a" }, { body, rows: 0, headers: NO_HEADERS })).toEqual({
      state: { cursor: "b" },
    });
    expect(
      nextPage(cursor({ stop_after_empty_page: true }), { cursor: "a" }, { body, rows: 0, headers: NO_HEADERS }),
    ).toEqual(END);
  });

  test("ends if has_more is false; a missing flag, or true without a cursor, is a contradiction", () => {
    const config = cursor({ has_more_path: "more" });
    const outcome = (body: Json) => nextPage(config, { cursor: "a" }, { body, rows: 1, headers: NO_HEADERS });
    expect(outcome({ more: false, cursors: { next: "b" } })).toEqual(END);
    expect(outcome({ more: true, cursors: { next: "b" } })).toEqual({ state: { cursor: "b", seen_flag: true } });
    expect(outcome({ more: true })).toHaveProperty("contradiction");
    expect(outcome({ cursors: { next: "b" } })).toHaveProperty("contradiction");
  });

  test("ends if the flag is absent after an earlier response had it", () => {
    const config = cursor({ has_more_path: "more" });
    const response = { body: { cursors: { next: "b" } }, rows: 1, headers: NO_HEADERS };
    expect(nextPage(config, { cursor: "a", seen_flag: true }, response)).toEqual(END);
  });

  test("reads last_page_path as the opposite of has_more_path", () => {
    const config = cursor({ last_page_path: "isLast" });
    const outcome = (body: Json) => nextPage(config, { cursor: "a" }, { body, rows: 1, headers: NO_HEADERS });
    expect(outcome({ isLast: true, cursors: { next: "b" } })).toEqual(END);
    expect(outcome({ isLast: false, cursors: { next: "b" } })).toEqual({ state: { cursor: "b", seen_flag: true } });
    expect(outcome({ isLast: false })).toEqual({
      contradiction: "last_page_path isLast is false, but there is no new cursor at cursor_path cursors.next",
    });
  });

  test("ends on a page without rows that repeats the cursor that was sent", () => {
    const config = cursor({});
    const outcome = (rows: number) =>
      nextPage(config, { cursor: "a" }, { body: { cursors: { next: "a" } }, rows, headers: NO_HEADERS });
    expect(outcome(0)).toEqual(END);
    expect(outcome(1)).toEqual({ state: { cursor: "a" } });
  });

  test("ends on a page without rows with stop_after_empty_page, unless has_more is true", () => {
    const config = cursor({ has_more_path: "more", stop_after_empty_page: true });
    const outcome = (body: Json) => nextPage(config, { cursor: "a" }, { body, rows: 0, headers: NO_HEADERS });
    expect(outcome({ cursors: { next: "b" } })).toEqual(END);
    expect(outcome({ more: false, cursors: { next: "b" } })).toEqual(END);
    expect(outcome({ more: true, cursors: { next: "b" } })).toEqual({
      contradiction: "it has no rows, but has_more_path more is true",
    });
  });
});

describe("json_link", () => {
  test("requests the resource first, then the links of the responses", () => {
    const config = link({ next_url_path: "links.next" });
    expect(pageRequest(config, firstPage(config))).toEqual({});
    expect(nextPage(config, {}, { body: { links: { next: "/b?x=1" } }, rows: 1, headers: NO_HEADERS })).toEqual({
      link: "/b?x=1",
    });
    expect(pageRequest(config, { url: "/b?x=1" })).toEqual({ url: "/b?x=1" });
  });

  test.each<[string, Json]>([
    ["missing", {}],
    ["null", { next: null }],
    ["empty", { next: "" }],
    ["false", { next: false }],
    ["PHP's empty object", { next: [] }],
    ["an empty object", { next: {} }],
  ])("ends when the link is %s", (_, body) => {
    expect(nextPage(link(), {}, { body, rows: 1, headers: NO_HEADERS })).toEqual(END);
  });

  test.each<Json>([{ href: "/b" }, ["/b"], true, 2])("a link that is %j is a contradiction and not the end", (next) => {
    expect(nextPage(link(), {}, { body: { next }, rows: 1, headers: NO_HEADERS })).toEqual({
      contradiction: "it has no URL at next_url_path next: correct the path, or use the paginator cursor",
    });
  });

  test("is found under a quoted key", () => {
    const body = { "@odata.nextLink": "/b", "@odata": { nextLink: "/c" } };
    for (const path of ["'@odata.nextLink'", "$['@odata.nextLink']", '["@odata.nextLink"]']) {
      expect(nextPage(link({ next_url_path: path }), {}, { body, rows: 1, headers: NO_HEADERS })).toEqual({
        link: "/b",
      });
    }
  });
});

describe("header_cursor", () => {
  const config = headerCursorPaginator.parse({ type: "header_cursor", cursor_key: "X-Next", cursor_param: "from" });
  const outcome = (headers: Record<string, string>) =>
    nextPage(config, { cursor: null }, { body: {}, rows: 1, headers: new Headers(headers) });

  test("sends the cursor from the header of the last response, in any case", () => {
    expect(pageRequest(config, firstPage(config))).toEqual({ params: {} });
    expect(outcome({ "x-next": "abc" })).toEqual({ state: { cursor: "abc" } });
    expect(pageRequest(config, { cursor: "abc" })).toEqual({ params: { from: "abc" } });
  });

  test("ends when the header is absent or empty", () => {
    expect([outcome({}), outcome({ "x-next": "" })]).toEqual([END, END]);
  });
});

describe("header_link", () => {
  const config = headerLinkPaginator.parse({ type: "header_link" });
  const outcome = (link?: string) =>
    nextPage(config, {}, { body: [], rows: 1, headers: new Headers(link === undefined ? {} : { link }) });

  test("follows the link with its relation", () => {
    expect(
      outcome('<https://api.test/a?page=1>; rel="prev", </a?page=3&x=a,b>; title="next, please"; rel="next"'),
    ).toEqual({
      link: "/a?page=3&x=a,b",
    });
    expect(pageRequest(config, { url: "/a?page=3" })).toEqual({ url: "/a?page=3" });
  });

  test("ends when there is no such relation, or no header", () => {
    expect([outcome('</a?page=1>; rel="prev"'), outcome()]).toEqual([END, END]);
  });

  test("finds the relation in any case, without quotes, and among several", () => {
    for (const rel of ["rel=next", 'REL="Next"', 'rel="last next"'])
      expect(outcome(`</b>; ${rel}`)).toEqual({ link: "/b" });
    const older = headerLinkPaginator.parse({ type: "header_link", links_next_key: "older" });
    const headers = new Headers({ link: '</n>; rel="next", </o>; rel="older"' });
    expect(nextPage(older, {}, { body: [], rows: 1, headers })).toEqual({ link: "/o" });
  });

  test.each(["</b", "/b; rel=next", '</b> rel="next"', "</b>; title*=x; rel=next"])(
    "fails for an invalid header (%s) instead of ending",
    (header) => {
      expect(() => outcome(header)).toThrow(ResponseError);
      expect(() => outcome(header)).toThrow(/Link header/);
    },
  );
});
