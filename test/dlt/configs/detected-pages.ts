import { HERE, reply } from "../../configs/conversation.fixture.ts";
import type { Comparison } from "../comparison.fixture.ts";
import { cursors, headerLinked, numbered, posts, rows } from "./shared.ts";

/** `auto`, and the paginator that applies. */
export const DETECTED_PAGES: Record<string, Comparison> = {
  single_page: { ...posts("single_page"), api: { "/posts": rows(1, 3) } },
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
  "auto with a next URL in an object": {
    ...posts("auto"),
    api: numbered(1, (page) => ({ next: page < 2 ? { href: `${HERE}/posts?page=${page + 2}` } : null })),
  },
  "auto with an offset and a total": {
    ...posts("auto"),
    api: ({ query }) => {
      const first = Number(query.offset ?? 0);
      return { issues: rows(first + 1, Math.min(first + 2, 5)), offset: first, limit: 2, total_count: 5 };
    },
    differs: { "auto detects more": ["requests", "rows"] },
  },
  "auto with an OData link": {
    ...posts("auto"),
    api: numbered(1, (page) => (page < 2 ? { "@odata.nextLink": `${HERE}/posts?page=${page + 2}` } : {})),
    differs: { "auto detects more": ["requests", "rows"] },
  },
  "auto with a URL in another header": {
    ...posts("auto"),
    api: ({ query }) =>
      query.page === undefined ? reply(200, rows(1, 2), { "next-page": `${HERE}/posts?page=2` }) : rows(3, 4),
    differs: { "auto detects more": ["requests", "rows"] },
  },
  "auto with a flag that nothing follows": {
    ...posts("auto"),
    api: () => ({ items: rows(1, 2), has_more: true }),
    differs: { "auto and evidence of more": ["outcome"] },
  },
  "auto with a number of pages, counted from 1": {
    ...posts("auto"),
    api: numbered(1, (page) => ({ page: page + 1, total_pages: 3 })),
    differs: { "auto and page numbers": ["requests", "rows"] },
  },
  "auto with a number of pages, counted from 0": {
    ...posts("auto"),
    api: numbered(0, (page) => ({ page, total_pages: 3 })),
  },
  "auto with a number of pages that the API ignores": {
    ...posts("auto"),
    api: () => ({ items: rows(1, 2), pages: 3 }),
    differs: { "auto and ignored page numbers": ["rows"] },
  },
  "auto with one page": { ...posts("auto"), api: () => ({ items: rows(1, 2), total_pages: 1, page: 1 }) },
  "auto with an object": {
    ...posts("auto"),
    api: ({ query }) => (query.cursor === undefined ? { id: 1, next_billing_date: "2024-01-01" } : reply(404)),
    differs: { "auto and an object": ["outcome"] },
  },
  "auto on the endpoint, with a paginator on the client": {
    client: { paginator: { type: "page_number", base_page: 1, total_path: "pages" } },
    ...posts("auto"),
    api: numbered(1, (page) => ({ pages: 3, next: page < 2 ? `${HERE}/posts?page=${page + 2}` : null })),
    differs: { "auto with the client's paginator": ["requests"] },
  },
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
