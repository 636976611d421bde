import { HERE, reply } from "../../configs/conversation.fixture.ts";
import type { ApiRequest } from "../api.fixture.ts";
import type { Comparison } from "../comparison.fixture.ts";
import { pageOf, rows } from "./rows.ts";

const posts = (paginator: unknown, endpoint: object = {}): Pick<Comparison, "resources"> => ({
  resources: [{ name: "posts", endpoint: { path: "posts", paginator, ...endpoint } }],
});

/** An API with numbered pages of 2 rows, 5 rows in all. */
const numbered =
  (base: number, extra: (page: number) => object = () => ({}), name = "page") =>
  ({ query }: ApiRequest) => {
    const page = Number(query[name] ?? base) - base;
    return { items: pageOf(page, 2, 5), ...extra(page) };
  };

/** An API with offset and limit, 5 rows in all. */
const offsets =
  (extra: (end: number) => object = () => ({}), [offset, limit] = ["offset", "limit"]) =>
  ({ query }: ApiRequest) => {
    const [first, count] = [Number(query[offset as string] ?? 0), Number(query[limit as string] ?? 2)];
    return { items: rows(first + 1, Math.min(first + count, 5)), ...extra(first + count) };
  };

/** An API with a cursor in the query; the cursor after page n is `c<n>`. */
const cursors =
  (extra: (next: string | null) => object, name = "cursor") =>
  ({ query }: ApiRequest) => {
    const page = Number((query[name] ?? "c0").slice(1));
    return { items: pageOf(page, 2, 5), ...extra(page < 2 ? `c${page + 1}` : null) };
  };

/** An API with a cursor in its JSON body. */
const bodyCursors = ({ body }: ApiRequest) => {
  const { cursor = "c0", paging } = body as { cursor?: string; paging?: { after?: string } };
  const page = Number((paging?.after ?? cursor).slice(1));
  return { items: pageOf(page, 2, 5), next: page < 2 ? `c${page + 1}` : null };
};

/** Pages that are linked by a URL of each response. */
const linked = (link: (page: number) => object, name = "page") =>
  numbered(1, (page) => (page < 2 ? link(page + 2) : {}), name);

/** Pages that are linked by a `Link` header. */
const headerLinked =
  (relation: string, url: (page: number) => string) =>
  ({ query }: ApiRequest) => {
    const page = Number(query.page ?? 1);
    const link = page < 3 ? { link: `<${url(page + 1)}>; rel="${relation}", <${url(1)}>; rel="first"` } : {};
    return reply(200, pageOf(page - 1, 2, 5), link as Record<string, string>);
  };

const COUNTED: Record<string, Comparison> = {
  "page_number up to an empty page": {
    ...posts({ type: "page_number", base_page: 0, total_path: null }),
    api: numbered(0),
  },
  "page_number with a total of pages, counted from 1": {
    ...posts({ type: "page_number", base_page: 1, total_path: "pages" }),
    api: numbered(1, () => ({ pages: 3 })),
  },
  "page_number with a total of pages, counted from 0": {
    ...posts({ type: "page_number", total_path: "pages" }),
    api: numbered(0, () => ({ pages: 3 })),
  },
  "page_number with a nested total path": {
    ...posts({ type: "page_number", base_page: 1, total_path: "meta.page.count" }),
    api: numbered(1, () => ({ meta: { page: { count: 3 } } })),
  },
  "page_number with the total as text": {
    ...posts({ type: "page_number", base_page: 1, total_path: "pages" }),
    api: numbered(1, () => ({ pages: "3" })),
  },
  "page_number with a maximum page": {
    ...posts({ type: "page_number", base_page: 1, total_path: null, maximum_page: 3 }),
    api: numbered(1),
  },
  "page_number with a maximum page, counted from 0": {
    ...posts({ type: "page_number", total_path: null, maximum_page: 2 }),
    api: numbered(0),
  },
  "page_number with a maximum below the total": {
    ...posts({ type: "page_number", base_page: 1, total_path: "pages", maximum_page: 2 }),
    api: numbered(1, () => ({ pages: 3 })),
  },
  "page_number with a flag": {
    ...posts({ type: "page_number", base_page: 1, total_path: null, has_more_path: "more" }),
    api: numbered(1, (page) => ({ more: page < 2 })),
  },
  "page_number with a flag that is text": {
    ...posts({ type: "page_number", base_page: 1, total_path: null, has_more_path: "more" }),
    api: numbered(1, (page) => ({ more: page < 2 ? "true" : "false" })),
  },
  "page_number with another parameter": {
    ...posts({ type: "page_number", base_page: 1, page_param: "p", total_path: "pages" }),
    api: numbered(1, () => ({ pages: 3 }), "p"),
  },
  "page_number that starts at a later page": {
    ...posts({ type: "page_number", base_page: 1, page: 2, total_path: "pages" }),
    api: numbered(1, () => ({ pages: 3 })),
  },
  "page_number in a JSON body": {
    ...posts(
      { type: "page_number", base_page: 1, page_body_path: "paging.page", total_path: "pages" },
      { method: "POST", json: { filter: "all", paging: { size: 2 } } },
    ),
    api: ({ body }) => {
      const { page } = (body as { paging: { page: number } }).paging;
      return { items: pageOf(page - 1, 2, 5), pages: 3 };
    },
  },
  "page_number that never stops after an empty page, with a total": {
    ...posts({ type: "page_number", base_page: 1, total_path: "pages", stop_after_empty_page: false }),
    api: numbered(1, () => ({ pages: 3 })),
  },
  "page_number without any stop condition": {
    ...posts({ type: "page_number", total_path: null, stop_after_empty_page: false }),
    api: numbered(0),
    fails: true,
  },
  "page_number with an empty first page": {
    ...posts({ type: "page_number", total_path: null }),
    api: { "/posts": { items: [] } },
  },
  "page_number of one page": {
    ...posts({ type: "page_number", base_page: 1, total_path: "pages" }),
    api: { "/posts": { items: rows(1, 2), pages: 1 } },
  },
  "page_number with a named total that is missing": {
    ...posts({ type: "page_number", base_page: 1, total_path: "pages" }),
    api: numbered(1),
    fails: true,
  },
  "page_number with parameters of the endpoint": {
    ...posts({ type: "page_number", base_page: 1, total_path: "pages" }, { params: { size: 2, order: "id" } }),
    api: numbered(1, () => ({ pages: 3 })),
  },
  "offset up to an empty page": {
    ...posts({ type: "offset", limit: 2, total_path: null }),
    api: offsets(),
    differs: { "offset after a short page": ["requests"] },
  },
  "offset with a total": { ...posts({ type: "offset", limit: 2 }), api: offsets(() => ({ total: 5 })) },
  "offset with a total that is a multiple of the limit": {
    ...posts({ type: "offset", limit: 2 }),
    api: ({ query }) => {
      const first = Number(query.offset);
      return { items: rows(first + 1, Math.min(first + 2, 4)), total: 4 };
    },
  },
  "offset with other parameters": {
    ...posts({ type: "offset", limit: 2, offset_param: "skip", limit_param: "top", total_path: "count" }),
    api: offsets(() => ({ count: 5 }), ["skip", "top"]),
  },
  "offset with a maximum": {
    ...posts({ type: "offset", limit: 2, total_path: null, maximum_offset: 4 }),
    api: offsets(),
  },
  "offset that starts later": { ...posts({ type: "offset", limit: 2, offset: 2 }), api: offsets(() => ({ total: 5 })) },
  "offset with a flag": {
    ...posts({ type: "offset", limit: 2, total_path: null, has_more_path: "paging.has_next" }),
    api: offsets((end) => ({ paging: { has_next: end < 5 } })),
  },
  "offset in a JSON body": {
    ...posts(
      { type: "offset", limit: 2, offset_body_path: "page.offset", limit_body_path: "page.limit", total_path: "total" },
      { method: "POST", json: { query: "*" } },
    ),
    api: ({ body }) => {
      const { offset, limit } = (body as { page: { offset: number; limit: number } }).page;
      return { items: rows(offset + 1, Math.min(offset + limit, 5)), total: 5 };
    },
  },
  "offset without a limit": { ...posts({ type: "offset" }), api: offsets(), fails: true },
  "offset with an unknown key": { ...posts({ type: "offset", limit: 2, limits: 3 }), api: offsets(), fails: true },
};

const CURSORS: Record<string, Comparison> = {
  "cursor in the query": {
    ...posts({ type: "cursor", cursor_path: "next" }),
    api: cursors((next) => ({ next })),
  },
  "cursor with the default path": { ...posts("cursor"), api: cursors((next) => ({ cursors: { next } })) },
  "cursor with another parameter": {
    ...posts({ type: "cursor", cursor_path: "meta.next", cursor_param: "after" }),
    api: cursors((next) => ({ meta: { next } }), "after"),
  },
  "cursor that ends with an empty text": {
    ...posts({ type: "cursor", cursor_path: "next" }),
    api: cursors((next) => ({ next: next ?? "" })),
  },
  "cursor that ends without the key": {
    ...posts({ type: "cursor", cursor_path: "next" }),
    api: cursors((next) => (next === null ? {} : { next })),
  },
  "cursor that is a number": {
    ...posts({ type: "cursor", cursor_path: "next", cursor_param: "page" }),
    api: numbered(0, (page) => ({ next: page < 2 ? page + 1 : null })),
  },
  "cursor with the id of the last row": {
    ...posts({ type: "cursor", cursor_path: "items[-1].id", cursor_param: "after", stop_after_empty_page: true }),
    api: ({ query }) => {
      const after = Number(query.after ?? 0);
      return { items: rows(after + 1, Math.min(after + 2, 5)) };
    },
  },
  "cursor with a flag": {
    ...posts({ type: "cursor", cursor_path: "next", has_more_path: "has_more" }),
    api: cursors((next) => ({ next: next ?? "c9", has_more: next !== null })),
  },
  "cursor in a JSON body": {
    ...posts(
      { type: "cursor", cursor_path: "next", cursor_body_path: "cursor" },
      { method: "POST", json: { size: 2 } },
    ),
    api: bodyCursors,
  },
  "cursor in a nested JSON body": {
    ...posts(
      { type: "cursor", cursor_path: "next", cursor_body_path: "paging.after" },
      { method: "POST", json: { paging: { size: 2 } } },
    ),
    api: bodyCursors,
  },
  "cursor in a JSON body that the config does not have": {
    ...posts({ type: "cursor", cursor_path: "next", cursor_body_path: "cursor" }, { method: "POST" }),
    api: ({ body }) => bodyCursors({ body: body ?? {} } as ApiRequest),
  },
  "cursor in query and body": {
    ...posts({ type: "cursor", cursor_path: "next", cursor_param: "c", cursor_body_path: "c" }),
    api: cursors((next) => ({ next })),
    fails: true,
  },
  "cursor with characters that are encoded": {
    ...posts({ type: "cursor", cursor_path: "next" }),
    api: ({ query }) =>
      query.cursor === undefined ? { items: rows(1, 2), next: "a+b/c==&d e%20" } : { items: rows(3, 4), next: null },
  },
  header_cursor: {
    ...posts({ type: "header_cursor", cursor_key: "x-next", cursor_param: "after" }),
    api: ({ query }) => {
      const page = Number(query.after ?? 0);
      return reply(200, pageOf(page, 2, 5), (page < 2 ? { "x-next": String(page + 1) } : {}) as Record<string, string>);
    },
  },
  "header_cursor with its defaults": {
    ...posts("header_cursor"),
    api: ({ query }) => (query.cursor === undefined ? reply(200, rows(1, 2), { next: "abc" }) : reply(200, rows(3, 4))),
  },
};

const LINKS: Record<string, Comparison> = {
  "json_link with absolute URLs": {
    ...posts({ type: "json_link", next_url_path: "next" }),
    api: linked((page) => ({ next: `${HERE}/posts?page=${page}` })),
  },
  "json_link with relative URLs": {
    ...posts({ type: "json_link", next_url_path: "links.next" }),
    api: linked((page) => ({ links: { next: `/posts?page=${page}` } })),
  },
  "json_link with only a query": {
    ...posts({ type: "json_link", next_url_path: "next" }),
    api: linked((page) => ({ next: `?page=${page}` })),
  },
  "json_link drops the parameters of the endpoint": {
    ...posts({ type: "json_link", next_url_path: "next" }, { params: { size: 2 } }),
    api: linked((page) => ({ next: `${HERE}/posts?page=${page}` })),
  },
  "json_link with null at the end": {
    ...posts("json_link"),
    api: numbered(1, (page) => ({ next: page < 2 ? `${HERE}/posts?page=${page + 2}` : null })),
  },
  "json_response, the older name of json_link": {
    ...posts({ type: "json_response", next_url_path: "next" }),
    api: linked((page) => ({ next: `${HERE}/posts?page=${page}` })),
  },
  "json_link of a POST": {
    ...posts({ type: "json_link", next_url_path: "next" }, { method: "POST", json: { filter: "all" } }),
    api: linked((page) => ({ next: `${HERE}/posts?page=${page}` })),
  },
  header_link: { ...posts("header_link"), api: headerLinked("next", (page) => `${HERE}/posts?page=${page}`) },
  "header_link with another relation": {
    ...posts({ type: "header_link", links_next_key: "after" }),
    api: headerLinked("after", (page) => `${HERE}/posts?page=${page}`),
  },
  "header_link with relative URLs": {
    ...posts("header_link"),
    api: headerLinked("next", (page) => `/posts?page=${page}`),
  },
  "header_link drops the parameters of the endpoint": {
    ...posts("header_link", { params: { size: 2 } }),
    api: headerLinked("next", (page) => `${HERE}/posts?page=${page}`),
  },
};

const DETECTED: Record<string, Comparison> = {
  "auto with a Link header": { ...posts("auto"), api: headerLinked("next", (page) => `${HERE}/posts?page=${page}`) },
  "auto with a next URL": {
    ...posts("auto"),
    api: numbered(1, (page) => ({ next: page < 2 ? `${HERE}/posts?page=${page + 2}` : null })),
  },
  "auto with a nested next URL": {
    ...posts("auto"),
    api: numbered(1, (page) => ({ links: { next: page < 2 ? `${HERE}/posts?page=${page + 2}` : null } })),
  },
  "auto with a next cursor": { ...posts("auto"), api: cursors((next) => ({ next_cursor: next })) },
  "auto without any evidence": { ...posts("auto"), api: { "/posts": rows(1, 3) } },
  "no paginator at all": {
    resources: ["posts"],
    api: { "/posts": { data: rows(1, 3) } },
  },
  "the paginator of the client": {
    client: { paginator: { type: "page_number", base_page: 1, total_path: "pages" } },
    resources: ["posts"],
    api: numbered(1, () => ({ pages: 3 })),
  },
  "the paginator of the endpoint before the client's": {
    client: { paginator: { type: "page_number", base_page: 1, total_path: "pages" } },
    ...posts("single_page"),
    api: numbered(1, () => ({ pages: 3 })),
  },
  "an unknown paginator": { ...posts("pages"), api: { "/posts": rows(1, 3) }, fails: true },
};

/** Paginators: requests of every stop condition, and their rows. */
export const PAGINATORS: Record<string, Comparison> = {
  single_page: { ...posts("single_page"), api: { "/posts": rows(1, 3) } },
  ...COUNTED,
  ...CURSORS,
  ...LINKS,
  ...DETECTED,
};
