import { registerPaginator } from "../../lib/config/index.ts";
import type { Json, JsonObject } from "../../lib/json/index.ts";
import { type Answer, type Asked, HERE, reply } from "./conversation.fixture.ts";
import type { Row } from "./run.fixture.ts";

/** A page as the API knows it. */
export interface Page {
  rows: Row[];
  /** From 0. */
  index: number;
  /** Pages that have rows. */
  count: number;
  /** Rows of all pages. */
  total: number;
}

/** A way to go through pages, with the rule that ends it: what the config says, and what the API does. */
export interface Kind {
  /** undefined: found out by the first answer. */
  paginator?: object | string;
  method?: "POST";
  /** Which page a request means. */
  pageOf(asked: Asked, size: number): number;
  answer(page: Page, asked: Asked): Answer;
  /** Pages that the config lets through, where it has a maximum. */
  most?: number;
}

const param = (name: string) => (asked: Asked) => Number(asked.url.searchParams.get(name) ?? 0);
const inBody =
  (...keys: string[]) =>
  ({ body }: Asked) => {
    let value: Json | undefined = JSON.parse(body || "{}") as Json;
    for (const key of keys) value = (value as JsonObject | undefined)?.[key];
    return Number(value ?? 0);
  };
const numbered = (base: number) => (asked: Asked) => param("page")(asked) - base;
const byOffset = (asked: Asked, size: number) => param("offset")(asked) / size;
const data = ({ rows }: Page) => ({ data: rows });
const isLast = ({ index, count }: Page) => index >= count - 1;
const following = (page: Page) => (isLast(page) ? {} : { next: page.index + 1 });
/** A cursor is one more than its page's index: 0 is none. */
const byCursor = (asked: Asked) => Math.max(0, param("cursor")(asked) - 1);
const cursorBehind = ({ index }: Page) => index + 2;
const linkTo = (asked: Asked, page: Page, here = "") => `${here}${asked.url.pathname}?p=${page.index + 1}`;

/** Stops when the API has said so in a header of its own. */
const countdown = registerPaginator<object, { page: number }>("countdown", {
  first: () => ({ page: 0 }),
  request: (_options, { page }) => (page === 0 ? {} : { params: { page: String(page) } }),
  next: (_options, { page }, { headers }) =>
    Number(headers.get("x-left")) > 0 ? { state: { page: page + 1 } } : { end: true },
});

/**
 * Every paginator with every rule that ends it. `size` is the number of rows a page, which offsets must know.
 */
export const kinds = (size: number): Record<string, Kind> => ({
  "page_number, an empty page": { paginator: "page_number", pageOf: numbered(0), answer: data },
  "page_number from 1, an empty page": {
    paginator: { type: "page_number", base_page: 1 },
    pageOf: numbered(1),
    answer: data,
  },
  "page_number, the default total": {
    paginator: { type: "page_number", stop_after_empty_page: false },
    pageOf: numbered(0),
    answer: (page) => ({ ...data(page), total: page.count }),
  },
  "page_number from 1, a named total": {
    paginator: { type: "page_number", base_page: 1, total_path: "meta.pages" },
    pageOf: numbered(1),
    answer: (page) => ({ ...data(page), meta: { pages: String(page.count) } }),
  },
  "page_number, a maximum": {
    paginator: { type: "page_number", base_page: 1, maximum_page: 3, total_path: null },
    pageOf: numbered(1),
    answer: data,
    most: 2,
  },
  "page_number, has_more": {
    paginator: { type: "page_number", has_more_path: "more", stop_after_empty_page: false },
    pageOf: numbered(0),
    answer: (page) => ({ ...data(page), more: !isLast(page) }),
  },
  "page_number in the body, has_more as text": {
    paginator: { type: "page_number", page_body_path: "paging.page", has_more_path: "paging.more" },
    method: "POST",
    pageOf: inBody("paging", "page"),
    answer: (page) => ({ ...data(page), paging: { more: isLast(page) ? "false" : "True" } }),
  },
  "offset, an empty page": { paginator: { type: "offset", limit: size }, pageOf: byOffset, answer: data },
  "offset, a named total": {
    paginator: { type: "offset", limit: size, total_path: "count", stop_after_empty_page: false },
    pageOf: byOffset,
    answer: (page) => ({ ...data(page), count: page.total }),
  },
  "offset, the default total": {
    paginator: { type: "offset", limit: size },
    pageOf: byOffset,
    answer: (page) => ({ ...data(page), total: page.total }),
  },
  "offset, a maximum": {
    paginator: { type: "offset", limit: size, maximum_offset: 2 * size },
    pageOf: byOffset,
    answer: data,
    most: 2,
  },
  "offset in the body, has_more": {
    paginator: {
      type: "offset",
      limit: size,
      offset_body_path: "from",
      limit_body_path: "size",
      has_more_path: "more",
    },
    method: "POST",
    pageOf: (asked) => inBody("from")(asked) / size,
    answer: (page) => ({ ...data(page), more: isLast(page) ? 0 : 1 }),
  },
  "cursor, a missing one": {
    paginator: { type: "cursor", cursor_path: "c" },
    pageOf: byCursor,
    answer: (page) => ({ ...data(page), ...(isLast(page) ? {} : { c: cursorBehind(page) }) }),
  },
  "cursor, null": {
    paginator: "cursor",
    pageOf: byCursor,
    answer: (page) => ({ ...data(page), cursors: { next: isLast(page) ? null : `${cursorBehind(page)}` } }),
  },
  "cursor, an empty one": {
    paginator: { type: "cursor", cursor_path: "c" },
    pageOf: byCursor,
    answer: (page) => ({ ...data(page), c: isLast(page) ? "" : cursorBehind(page) }),
  },
  "cursor, an empty page": {
    paginator: { type: "cursor", cursor_path: "c", stop_after_empty_page: true },
    pageOf: byCursor,
    answer: (page) => ({ ...data(page), c: cursorBehind(page) }),
  },
  "cursor in the body, has_more": {
    paginator: { type: "cursor", cursor_path: "c", cursor_body_path: "page.after", has_more_path: "more" },
    method: "POST",
    pageOf: (asked) => Math.max(0, inBody("page", "after")(asked) - 1),
    answer: (page) => ({ ...data(page), c: cursorBehind(page), more: !isLast(page) }),
  },
  "header_cursor, no header": {
    paginator: "header_cursor",
    pageOf: byCursor,
    answer: (page) => reply(200, page.rows, isLast(page) ? {} : { next: `${cursorBehind(page)}` }),
  },
  "header_cursor, an empty header": {
    paginator: { type: "header_cursor", cursor_key: "X-After", cursor_param: "cursor" },
    pageOf: byCursor,
    answer: (page) => reply(200, page.rows, { "X-After": isLast(page) ? "" : `${cursorBehind(page)}` }),
  },
  "json_link, null": {
    paginator: "json_link",
    pageOf: param("p"),
    answer: (page, asked) => ({ ...data(page), next: isLast(page) ? null : linkTo(asked, page, HERE) }),
  },
  "json_link, none": {
    paginator: { type: "json_link", next_url_path: "links.next" },
    pageOf: param("p"),
    answer: (page, asked) => ({ ...data(page), links: isLast(page) ? {} : { next: linkTo(asked, page) } }),
  },
  "json_link by POST, an empty one": {
    paginator: "json_response",
    method: "POST",
    pageOf: param("p"),
    answer: (page) => ({ ...data(page), next: isLast(page) ? "" : `?p=${page.index + 1}` }),
  },
  "header_link, no such relation": {
    paginator: "header_link",
    pageOf: param("p"),
    answer: (page, asked) =>
      reply(200, page.rows, { link: `<${linkTo(asked, page, HERE)}>; rel="${isLast(page) ? "self" : "next"}"` }),
  },
  "header_link, no header": {
    paginator: { type: "header_link", links_next_key: "more" },
    pageOf: param("p"),
    answer: (page, asked) =>
      reply(200, page.rows, isLast(page) ? {} : { link: `<${linkTo(asked, page)}>; rel="more"` }),
  },
  single_page: { paginator: "single_page", pageOf: () => 0, answer: data, most: 1 },
  "a paginator of one's own": {
    paginator: countdown({}),
    pageOf: param("page"),
    answer: (page) => reply(200, page.rows, { "x-left": `${page.count - 1 - page.index}` }),
  },
  "auto, a Link header": {
    pageOf: param("p"),
    answer: (page, asked) =>
      reply(200, page.rows, isLast(page) ? {} : { link: `<${linkTo(asked, page)}>; rel="next"` }),
  },
  "auto, a URL in the answer": {
    pageOf: param("p"),
    answer: (page, asked) => ({ ...data(page), _links: isLast(page) ? {} : { next: { href: linkTo(asked, page) } } }),
  },
  "auto, a count of pages that says 0": {
    pageOf: param("page"),
    answer: (page) => ({ ...data(page), page: page.index, total_pages: page.count }),
  },
  "auto, a count of pages that says 1": {
    pageOf: (asked) => Math.max(1, param("page")(asked)) - 1,
    answer: (page) => ({ ...data(page), current_page: page.index + 1, total_pages: page.count }),
  },
  "auto, a count of pages from 0": {
    pageOf: param("page"),
    answer: (page) => ({ ...data(page), pages: page.count }),
  },
  "auto, a count of pages from 1": {
    pageOf: (asked) => Math.max(1, param("page")(asked)) - 1,
    answer: (page) => ({ ...data(page), pages: page.count }),
  },
  "auto, a cursor": {
    pageOf: byCursor,
    answer: (page) => ({ ...data(page), next_cursor: isLast(page) ? null : `c-${cursorBehind(page)}`.slice(2) }),
  },
  "auto, nothing": { pageOf: () => 0, answer: data, most: 1 },
  "auto, the next page's number as a cursor": {
    pageOf: (asked) => param("cursor")(asked),
    answer: (page) => ({ ...data(page), ...following(page) }),
  },
});
