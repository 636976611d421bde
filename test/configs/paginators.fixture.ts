import { registerPaginator } from "../../lib/config/index.ts";
import type { Json, JsonObject } from "../../lib/json/index.ts";
import { HERE, type ReceivedRequest, type ResponseBody, reply } from "./conversation.fixture.ts";
import type { Row } from "./run.fixture.ts";

/** A page of the API. */
export interface Page {
  rows: Row[];
  /** Index of the page, from 0. */
  index: number;
  /** Number of pages with rows. */
  count: number;
  /** Number of rows of all pages. */
  total: number;
}

/** A paginator with a stop condition: its config, and the behaviour of the API. */
export interface Kind {
  /** undefined: detected from the first response. */
  paginator?: object | string;
  method?: "POST";
  /** Returns the index of the requested page. */
  pageOf(request: ReceivedRequest, size: number): number;
  respond(page: Page, request: ReceivedRequest): ResponseBody;
  /** Maximum number of pages of the config, if it has one. */
  maxPages?: number;
}

const param = (name: string) => (request: ReceivedRequest) => Number(request.url.searchParams.get(name) ?? 0);
const inBody =
  (...keys: string[]) =>
  ({ body }: ReceivedRequest) => {
    let value: Json | undefined = JSON.parse(body || "{}") as Json;
    for (const key of keys) value = (value as JsonObject | undefined)?.[key];
    return Number(value ?? 0);
  };
const numbered = (base: number) => (request: ReceivedRequest) => param("page")(request) - base;
const byOffset = (request: ReceivedRequest, size: number) => param("offset")(request) / size;
const data = ({ rows }: Page) => ({ data: rows });
const isLast = ({ index, count }: Page) => index >= count - 1;
const following = (page: Page) => (isLast(page) ? {} : { next: page.index + 1 });
/** The cursor of a page is its index plus 1, because 0 counts as no cursor. */
const byCursor = (request: ReceivedRequest) => Math.max(0, param("cursor")(request) - 1);
const cursorAfter = ({ index }: Page) => index + 2;
const linkTo = (request: ReceivedRequest, page: Page, here = "") =>
  `${here}${request.url.pathname}?p=${page.index + 1}`;

/** A custom paginator that ends when a response header reports no remaining pages. */
const countdown = registerPaginator<object, { page: number }>("countdown", {
  first: () => ({ page: 0 }),
  request: (_options, { page }) => (page === 0 ? {} : { params: { page: String(page) } }),
  next: (_options, { page }, { headers }) =>
    Number(headers.get("x-left")) > 0 ? { state: { page: page + 1 } } : { end: true },
});

/**
 * Returns every paginator with every stop condition.
 *
 * @param size rows per page, which offsets depend on.
 */
export const kinds = (size: number): Record<string, Kind> => ({
  "page_number, an empty page": { paginator: "page_number", pageOf: numbered(0), respond: data },
  "page_number from 1, an empty page": {
    paginator: { type: "page_number", base_page: 1 },
    pageOf: numbered(1),
    respond: data,
  },
  "page_number, the default total": {
    paginator: { type: "page_number", stop_after_empty_page: false },
    pageOf: numbered(0),
    respond: (page) => ({ ...data(page), total: page.count }),
  },
  "page_number from 1, a named total": {
    paginator: { type: "page_number", base_page: 1, total_path: "meta.pages" },
    pageOf: numbered(1),
    respond: (page) => ({ ...data(page), meta: { pages: String(page.count) } }),
  },
  "page_number, a maximum": {
    paginator: { type: "page_number", base_page: 1, maximum_page: 3, total_path: null },
    pageOf: numbered(1),
    respond: data,
    maxPages: 2,
  },
  "page_number, has_more": {
    paginator: { type: "page_number", has_more_path: "more", stop_after_empty_page: false },
    pageOf: numbered(0),
    respond: (page) => ({ ...data(page), more: !isLast(page) }),
  },
  "page_number in the body, has_more as text": {
    paginator: { type: "page_number", page_body_path: "paging.page", has_more_path: "paging.more" },
    method: "POST",
    pageOf: inBody("paging", "page"),
    respond: (page) => ({ ...data(page), paging: { more: isLast(page) ? "false" : "True" } }),
  },
  "offset, an empty page": { paginator: { type: "offset", limit: size }, pageOf: byOffset, respond: data },
  "offset, a named total": {
    paginator: { type: "offset", limit: size, total_path: "count", stop_after_empty_page: false },
    pageOf: byOffset,
    respond: (page) => ({ ...data(page), count: page.total }),
  },
  "offset, the default total": {
    paginator: { type: "offset", limit: size },
    pageOf: byOffset,
    respond: (page) => ({ ...data(page), total: page.total }),
  },
  "offset, a maximum": {
    paginator: { type: "offset", limit: size, maximum_offset: 2 * size },
    pageOf: byOffset,
    respond: data,
    maxPages: 2,
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
    pageOf: (request) => inBody("from")(request) / size,
    respond: (page) => ({ ...data(page), more: isLast(page) ? 0 : 1 }),
  },
  "cursor, a missing one": {
    paginator: { type: "cursor", cursor_path: "c" },
    pageOf: byCursor,
    respond: (page) => ({ ...data(page), ...(isLast(page) ? {} : { c: cursorAfter(page) }) }),
  },
  "cursor, null": {
    paginator: "cursor",
    pageOf: byCursor,
    respond: (page) => ({ ...data(page), cursors: { next: isLast(page) ? null : `${cursorAfter(page)}` } }),
  },
  "cursor, an empty one": {
    paginator: { type: "cursor", cursor_path: "c" },
    pageOf: byCursor,
    respond: (page) => ({ ...data(page), c: isLast(page) ? "" : cursorAfter(page) }),
  },
  "cursor, an empty page": {
    paginator: { type: "cursor", cursor_path: "c", stop_after_empty_page: true },
    pageOf: byCursor,
    respond: (page) => ({ ...data(page), c: cursorAfter(page) }),
  },
  "cursor in the body, has_more": {
    paginator: { type: "cursor", cursor_path: "c", cursor_body_path: "page.after", has_more_path: "more" },
    method: "POST",
    pageOf: (request) => Math.max(0, inBody("page", "after")(request) - 1),
    respond: (page) => ({ ...data(page), c: cursorAfter(page), more: !isLast(page) }),
  },
  "header_cursor, no header": {
    paginator: "header_cursor",
    pageOf: byCursor,
    respond: (page) => reply(200, page.rows, isLast(page) ? {} : { next: `${cursorAfter(page)}` }),
  },
  "header_cursor, an empty header": {
    paginator: { type: "header_cursor", cursor_key: "X-After", cursor_param: "cursor" },
    pageOf: byCursor,
    respond: (page) => reply(200, page.rows, { "X-After": isLast(page) ? "" : `${cursorAfter(page)}` }),
  },
  "json_link, null": {
    paginator: "json_link",
    pageOf: param("p"),
    respond: (page, request) => ({ ...data(page), next: isLast(page) ? null : linkTo(request, page, HERE) }),
  },
  "json_link, none": {
    paginator: { type: "json_link", next_url_path: "links.next" },
    pageOf: param("p"),
    respond: (page, request) => ({ ...data(page), links: isLast(page) ? {} : { next: linkTo(request, page) } }),
  },
  "json_link by POST, an empty one": {
    paginator: "json_response",
    method: "POST",
    pageOf: param("p"),
    respond: (page) => ({ ...data(page), next: isLast(page) ? "" : `?p=${page.index + 1}` }),
  },
  "header_link, no such relation": {
    paginator: "header_link",
    pageOf: param("p"),
    respond: (page, request) =>
      reply(200, page.rows, { link: `<${linkTo(request, page, HERE)}>; rel="${isLast(page) ? "self" : "next"}"` }),
  },
  "header_link, no header": {
    paginator: { type: "header_link", links_next_key: "more" },
    pageOf: param("p"),
    respond: (page, request) =>
      reply(200, page.rows, isLast(page) ? {} : { link: `<${linkTo(request, page)}>; rel="more"` }),
  },
  single_page: { paginator: "single_page", pageOf: () => 0, respond: data, maxPages: 1 },
  "a custom paginator": {
    paginator: countdown({}),
    pageOf: param("page"),
    respond: (page) => reply(200, page.rows, { "x-left": `${page.count - 1 - page.index}` }),
  },
  "auto, a Link header": {
    pageOf: param("p"),
    respond: (page, request) =>
      reply(200, page.rows, isLast(page) ? {} : { link: `<${linkTo(request, page)}>; rel="next"` }),
  },
  "auto, a URL in the response": {
    pageOf: param("p"),
    respond: (page, request) => ({
      ...data(page),
      _links: isLast(page) ? {} : { next: { href: linkTo(request, page) } },
    }),
  },
  "auto, a count of pages with page numbers from 0": {
    pageOf: param("page"),
    respond: (page) => ({ ...data(page), page: page.index, total_pages: page.count }),
  },
  "auto, a count of pages with page numbers from 1": {
    pageOf: (request) => Math.max(1, param("page")(request)) - 1,
    respond: (page) => ({ ...data(page), current_page: page.index + 1, total_pages: page.count }),
  },
  "auto, a count of pages without page numbers, from 0": {
    pageOf: param("page"),
    respond: (page) => ({ ...data(page), pages: page.count }),
  },
  "auto, a count of pages without page numbers, from 1": {
    pageOf: (request) => Math.max(1, param("page")(request)) - 1,
    respond: (page) => ({ ...data(page), pages: page.count }),
  },
  "auto, a cursor": {
    pageOf: byCursor,
    respond: (page) => ({ ...data(page), next_cursor: isLast(page) ? null : `c-${cursorAfter(page)}`.slice(2) }),
  },
  "auto, a single page": { pageOf: () => 0, respond: data, maxPages: 1 },
  "auto, the next page number as a cursor": {
    pageOf: (request) => param("cursor")(request),
    respond: (page) => ({ ...data(page), ...following(page) }),
  },
});
