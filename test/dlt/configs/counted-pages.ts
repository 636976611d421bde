import type { ApiRequest } from "../api.fixture.ts";
import type { Comparison } from "../comparison.fixture.ts";
import { numbered, pageOf, posts, rows } from "./shared.ts";

/** An API with offset and limit, 5 rows in all. */
const offsets =
  (extra: (end: number) => object = () => ({}), [offset, limit] = ["offset", "limit"]) =>
  ({ query }: ApiRequest) => {
    const [first, count] = [Number(query[offset as string] ?? 0), Number(query[limit as string] ?? 2)];
    return { items: rows(first + 1, Math.min(first + count, 5)), ...extra(first + count) };
  };

const PAGES: Record<string, Comparison> = {
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
  "page_number without its default total": {
    ...posts({ type: "page_number" }),
    api: numbered(0),
    differs: { "the default total": ["outcome"] },
  },
  "page_number with a flag and a maximum": {
    ...posts({ type: "page_number", base_page: 1, total_path: null, has_more_path: "more", maximum_page: 2 }),
    api: numbered(1, (page) => ({ more: page < 2 })),
  },
  "page_number with a flag and a total that is lower": {
    ...posts({ type: "page_number", base_page: 1, total_path: "pages", has_more_path: "more" }),
    api: numbered(1, (page) => ({ more: page < 2, pages: 2 })),
    differs: { "a flag against a total": ["requests", "rows"] },
  },
  "page_number with an empty page before the total": {
    ...posts({ type: "page_number", base_page: 1, total_path: "pages" }),
    api: ({ query }) => ({ items: query.page === "2" ? [] : rows(1, 2), pages: 3 }),
    differs: { "an empty page": ["outcome"] },
  },
  "page_number with the same page twice": {
    ...posts({ type: "page_number", base_page: 1, total_path: "pages" }),
    api: () => ({ items: rows(1, 2), pages: 2 }),
    differs: { "the same page twice": ["outcome"] },
  },
  "page_number with parameters of the endpoint": {
    ...posts({ type: "page_number", base_page: 1, total_path: "pages" }, { params: { size: 2, order: "id" } }),
    api: numbered(1, () => ({ pages: 3 })),
  },
};

const OFFSETS: Record<string, Comparison> = {
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
  "offset with a flag and a maximum": {
    ...posts({ type: "offset", limit: 2, total_path: null, has_more_path: "more", maximum_offset: 2 }),
    api: offsets((end) => ({ more: end < 5 })),
  },
  "offset with a flag and a total that is lower": {
    ...posts({ type: "offset", limit: 2, total_path: "total", has_more_path: "more" }),
    api: offsets((end) => ({ more: end < 5, total: 4 })),
    differs: { "a flag against a total": ["requests", "rows"] },
  },
  "offset without a limit": { ...posts({ type: "offset" }), api: offsets(), fails: true },
  "offset with an unknown key": { ...posts({ type: "offset", limit: 2, limits: 3 }), api: offsets(), fails: true },
};

/** Paginators that count: page numbers and offsets. */
export const COUNTED_PAGES: Record<string, Comparison> = { ...PAGES, ...OFFSETS };
