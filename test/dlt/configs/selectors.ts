import { reply } from "../../configs/conversation.fixture.ts";
import type { Comparison } from "../comparison.fixture.ts";
import { inBoth } from "../comparison.fixture.ts";
import { rows } from "./shared.ts";

/** A resource `posts` whose only response is given. */
const select = (
  data_selector: string | null | undefined,
  body: unknown,
  more: Partial<Comparison> = {},
): Comparison => ({
  resources: [
    {
      name: "posts",
      endpoint: { paginator: "single_page", ...(data_selector === undefined ? {} : { data_selector }) },
    },
  ],
  api: () => body,
  ...more,
});

const detected = (body: unknown, more: Partial<Comparison> = {}): Comparison => select(undefined, body, more);

const actions = (response_actions: unknown, api: Comparison["api"], more: Partial<Comparison> = {}): Comparison => ({
  resources: [{ name: "posts", endpoint: { paginator: "single_page", response_actions } }],
  api,
  ...more,
});

const SELECTORS: Record<string, Comparison> = {
  "a key": select("items", { items: rows(1, 2), total: 2 }),
  "a path": select("result.items", { result: { items: rows(1, 2) } }),
  "a path with the root": select("$.result.items", { result: { items: rows(1, 2) } }),
  "the root, a list": select("$", rows(1, 2)),
  "the root, an object": select("$", { id: 1, name: "a" }),
  "an object instead of a list": select("post", { post: { id: 1, name: "a" } }),
  "items of a list": select("items[*]", { items: rows(1, 3) }),
  "one item of a list": select("items[0]", { items: rows(1, 3) }),
  "a key of each item": select("items[*].node", { items: rows(1, 3).map((node) => ({ node })) }),
  "lists in each item": select("groups[*].items[*]", { groups: [{ items: rows(1, 2) }, { items: rows(3, 4) }] }),
  "values of an object": select("posts.*", { posts: { a: { id: 1 }, b: { id: 2 } } }),
  "values of an object, with one entry": select("posts.*", { posts: { a: { id: 1 } } }),
  "a key with a dash": select("blog-posts", { "blog-posts": rows(1, 2) }),
  "a key in quotes": select("'blog.posts'", { "blog.posts": rows(1, 2) }),
  "a key in brackets": select("$['blog posts']", { "blog posts": rows(1, 2) }),
  "an empty list": select("items", { items: [] }),
  "null instead of a list": select("items", { items: null }),
  "without a match": select("items", { rows: rows(1, 2) }, { differs: { "a selector without a match": ["outcome"] } }),
  "an empty selector": select("", { items: rows(1, 2) }),
  "no selector": select(null, { items: rows(1, 2) }),
  "selector in resource_defaults": {
    resource_defaults: { endpoint: { data_selector: "result", paginator: "single_page" } },
    resources: ["posts", { name: "users", endpoint: { data_selector: "users" } }],
    api: { "/posts": { result: rows(1, 2) }, "/users": { users: rows(3, 4) } },
  },
  "a filter": select("items[?(@.id > 1)]", { items: rows(1, 3) }),
  "a filter by RFC 9535": select("items[?@.id > 1]", { items: rows(1, 3) }),
  "an operator of jsonpath-ng": select(
    "items | results",
    { items: rows(1, 2) },
    { differs: { JSONPath: ["outcome"] } },
  ),
  "selector that is not a JSONPath": select("items[", { items: rows(1, 2) }, { fails: true }),
  "several lists that match": select(
    "groups[*].items",
    { groups: [{ items: rows(1, 2) }, { items: rows(3, 4) }] },
    { differs: { "several lists": ["tables"] } },
  ),
};

const DETECTED: Record<string, Comparison> = {
  "a list": detected(rows(1, 2)),
  "a single object": detected({ id: 1, name: "a" }),
  "an empty list, detected": detected([]),
  "a usual key": detected({ data: rows(1, 2) }),
  "a usual key next to another list": detected({ authors: [{ id: 9 }], results: rows(1, 2) }),
  "an unusual key": detected({ posts: rows(1, 2), count: 2 }),
  "a nested usual key": detected({ response: { data: rows(1, 2) } }),
  "a usual key that is empty": detected({ data: [], total: 0 }),
  "metadata before the rows": detected({ meta: { total: 2, page: 1 }, items: rows(1, 2) }),
  "a list next to fields": detected({ id: 1, items: [{ sku: "a" }, { sku: "b" }] }),
  "items that are numbers": detected([1, 2, 3]),
  "items that are strings": select("tags", { tags: ["a", "b"] }),
  "items that are lists": select(
    "items",
    {
      items: [
        [1, "a"],
        [2, "b"],
      ],
    },
    { differs: { "nested lists": ["tables"] } },
  ),
  "a list of scalars next to a field": detected(
    { id: 1, tags: ["a"] },
    { differs: { "a list of other items": ["outcome"] } },
  ),
  "text instead of a list": select("data", { data: "busy" }, { differs: { "text instead of rows": ["outcome"] } }),
  "an error with status 200": detected(
    { error: "no such thing" },
    { differs: { "an error with status 200": ["outcome"] } },
  ),
  "a list named warnings": detected(
    { id: 1, warnings: [{ text: "old" }] },
    { differs: { "lists of errors": ["columns", "rows"] } },
  ),
  "errors of GraphQL": select(
    "data.posts",
    { errors: [{ message: "no" }], data: { posts: null } },
    { differs: { "an error with status 200": ["outcome"] } },
  ),
  "a response that is not JSON": detected(reply(200, "<html></html>", { "content-type": "text/html" }), {
    fails: true,
  }),
  "JSON Lines": detected(reply(200, '{"id":1}\n{"id":2}\n', { "content-type": "application/x-ndjson" }), {
    differs: { "JSON Lines": ["outcome"] },
  }),
  "status 204": detected(reply(204), { differs: { "status 204": ["outcome"] } }),
  "another key on the second page": {
    resources: [{ name: "posts", endpoint: { paginator: { type: "page_number", base_page: 1, total_path: "pages" } } }],
    api: ({ query }) => ({
      [query.page === "1" ? "items" : "results"]: rows(Number(query.page), Number(query.page)),
      pages: 2,
    }),
    differs: { "lists on different pages": ["rows"] },
  },
  "the key of the rows changes between pages": {
    resources: [{ name: "posts", endpoint: { paginator: { type: "page_number", base_page: 1, total_path: "pages" } } }],
    api: ({ query }) => ({
      items: rows(Number(query.page), Number(query.page)),
      pages: 2,
      ...(query.page === "2" ? { data: [] } : {}),
    }),
  },
};

const ACTIONS: Record<string, Comparison> = {
  "ignore a status": actions([{ status_code: 404, action: "ignore" }], () => reply(404, {})),
  "ignore a status of another response": actions([{ status_code: 404, action: "ignore" }], () => rows(1, 2)),
  "ignore a status that is not listed": actions([{ status_code: 404, action: "ignore" }], () => reply(400, {}), {
    fails: true,
  }),
  "ignore by content": actions([{ content: "Not found", action: "ignore" }], () =>
    reply(404, { message: "Not found" }),
  ),
  "ignore by content with status 200": actions([{ content: "nothing here", action: "ignore" }], () => ({
    info: "nothing here",
  })),
  "ignore by status and content": actions([{ status_code: 400, content: "no rows", action: "ignore" }], () =>
    reply(400, { message: "no rows" }),
  ),
  "ignore by status and another content": actions(
    [{ status_code: 400, content: "no rows", action: "ignore" }],
    () => reply(400, { message: "bad filter" }),
    { fails: true },
  ),
  "ignore on a later page": {
    resources: [
      {
        name: "posts",
        endpoint: {
          paginator: { type: "page_number", base_page: 1, total_path: null },
          response_actions: [{ status_code: 404, action: "ignore" }],
        },
      },
    ],
    api: ({ query }) => (query.page === "3" ? reply(404, {}) : { items: rows(Number(query.page), Number(query.page)) }),
  },
  "several actions": actions(
    [
      { status_code: 400, action: "ignore" },
      { status_code: 404, content: "x", action: "ignore" },
    ],
    () => reply(404, "x"),
  ),
  "response_actions in resource_defaults": {
    resource_defaults: { endpoint: { response_actions: [{ status_code: 404, action: "ignore" }] } },
    resources: ["posts"],
    api: () => reply(404, {}),
  },
  "ignore without status and content": actions([{ action: "ignore" }], () => rows(1, 2), {
    differs: { "an action without a condition": ["outcome"] },
  }),
  "404 without an action": actions([], () => reply(404, {}), { fails: true }),
  "a function that inspects the response": actions(
    [inBoth(() => undefined, "lambda response, *args, **kwargs: None")],
    () => rows(1, 2),
  ),
};

/** Rows in a response: `data_selector`, their detection, and `response_actions`. */
export const SELECTED: Record<string, Comparison> = { ...SELECTORS, ...DETECTED, ...ACTIONS };
