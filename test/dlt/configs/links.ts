import { HERE } from "../../configs/conversation.fixture.ts";
import type { Comparison } from "../comparison.fixture.ts";
import { headerLinked, numbered, posts, rows } from "./shared.ts";

/** Pages that are linked by a URL of each response. */
const linked = (link: (page: number) => object, name = "page") =>
  numbered(1, (page) => (page < 2 ? link(page + 2) : {}), name);

/** Paginators that follow links, in the body or a header of a response. */
export const LINKS: Record<string, Comparison> = {
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
  "json_link to something that is not a link": {
    ...posts({ type: "json_link", next_url_path: "next" }),
    api: { "/posts": { items: rows(1, 2), next: 5 } },
    fails: true,
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
