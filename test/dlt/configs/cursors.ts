import { reply } from "../../configs/conversation.fixture.ts";
import type { ApiRequest } from "../api.fixture.ts";
import type { Comparison } from "../comparison.fixture.ts";
import { cursors, numbered, pageOf, posts, rows } from "./shared.ts";

/** An API with a cursor in its JSON body. */
const bodyCursors = ({ body }: ApiRequest) => {
  const { cursor = "c0", paging } = body as { cursor?: string; paging?: { after?: string } };
  const page = Number((paging?.after ?? cursor).slice(1));
  return { items: pageOf(page, 2, 5), next: page < 2 ? `c${page + 1}` : null };
};

/** Paginators with cursors, in the body or a header of a response. */
export const CURSORS: Record<string, Comparison> = {
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
  "cursor with a flag that is true without a cursor": {
    ...posts({ type: "cursor", cursor_path: "next", has_more_path: "has_more" }),
    api: cursors((next) => ({ next, has_more: true })),
    differs: { "a flag without a cursor": ["outcome"] },
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
