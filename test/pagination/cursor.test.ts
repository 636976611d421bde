import { describe, expect, test } from "vitest";
import type { Json } from "../../lib/json.ts";
import { firstPage, nextPage, pageRequest } from "../../lib/pagination/index.ts";
import {
  cursorPaginator,
  headerCursorPaginator,
  headerLinkPaginator,
  jsonLinkPaginator,
} from "../../lib/source/schema/client.ts";

const cursor = (given: object = {}) => cursorPaginator.parse({ type: "cursor", ...given });
const link = (given: object = {}) => jsonLinkPaginator.parse({ type: "json_link", ...given });
const NO_HEADERS = new Headers();
const END = { end: true };

describe("cursor", () => {
  test("asks for the first page without a cursor, and for the next with the one that the answer named", () => {
    const config = cursor({ cursor_path: "meta.next", cursor_param: "after" });
    expect(pageRequest(config, firstPage(config))).toEqual({ params: {} });
    const next = nextPage(config, firstPage(config), { body: { meta: { next: "abc" } }, rows: 1, headers: NO_HEADERS });
    expect(next).toEqual({ state: { cursor: "abc" } });
    expect(pageRequest(config, { cursor: "abc" })).toEqual({ params: { after: "abc" } });
  });

  test("dlt's defaults: cursors.next, cursor", () => {
    expect(
      nextPage(cursor(), { cursor: null }, { body: { cursors: { next: 7 } }, rows: 1, headers: NO_HEADERS }),
    ).toEqual({
      state: { cursor: "7" },
    });
    expect(pageRequest(cursor(), { cursor: "7" })).toEqual({ params: { cursor: "7" } });
  });

  test("keeps all digits of a cursor that is a large number", () => {
    const body: Json = { cursors: { next: 9007199254740993n } };
    expect(nextPage(cursor(), { cursor: null }, { body, rows: 1, headers: NO_HEADERS })).toEqual({
      state: { cursor: "9007199254740993" },
    });
  });

  test.each<[string, Json]>([
    ["missing", {}],
    ["null", { cursors: { next: null } }],
    ["empty", { cursors: { next: "" } }],
    ["zero", { cursors: { next: 0 } }],
    ["false", { cursors: { next: false } }],
  ])("ends when the cursor is %s", (_, body) => {
    expect(nextPage(cursor(), { cursor: null }, { body, rows: 1, headers: NO_HEADERS })).toEqual(END);
  });

  test("goes on over an empty page, unless stop_after_empty_page says otherwise", () => {
    const body = { cursors: { next: "b" } };
    expect(nextPage(cursor(), { cursor: "a" }, { body, rows: 0, headers: NO_HEADERS })).toEqual({
      state: { cursor: "b" },
    });
    expect(
      nextPage(cursor({ stop_after_empty_page: true }), { cursor: "a" }, { body, rows: 0, headers: NO_HEADERS }),
    ).toEqual(END);
  });

  test("has_more false ends it; true without a cursor, or nothing there, is a contradiction", () => {
    const config = cursor({ has_more_path: "more" });
    const outcome = (body: Json) => nextPage(config, { cursor: "a" }, { body, rows: 1, headers: NO_HEADERS });
    expect(outcome({ more: false, cursors: { next: "b" } })).toEqual(END);
    expect(outcome({ more: true, cursors: { next: "b" } })).toEqual({ state: { cursor: "b" } });
    expect(outcome({ more: true })).toHaveProperty("contradiction");
    expect(outcome({ cursors: { next: "b" } })).toHaveProperty("contradiction");
  });
});

describe("json_link", () => {
  test("asks the resource first, then whatever the answers link to", () => {
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
    ["no text", { next: { href: "/b" } }],
  ])("ends when the link is %s", (_, body) => {
    expect(nextPage(link(), {}, { body, rows: 1, headers: NO_HEADERS })).toEqual(END);
  });
});

describe("header_cursor", () => {
  const config = headerCursorPaginator.parse({ type: "header_cursor", cursor_key: "X-Next", cursor_param: "from" });
  const outcome = (headers: Record<string, string>) =>
    nextPage(config, { cursor: null }, { body: {}, rows: 1, headers: new Headers(headers) });

  test("asks with the cursor that the last answer's header named, whatever its case", () => {
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

  test("follows the link of its relation among others", () => {
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
});
