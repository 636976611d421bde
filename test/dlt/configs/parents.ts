import { reply } from "../../configs/conversation.fixture.ts";
import type { Comparison } from "../comparison.fixture.ts";
import { api, child, echo, USERS, USERS_RESOURCE } from "./users.ts";

/** Parents and children: `include_from_parent`, several levels, pages and errors. */
export const PARENTS: Record<string, Comparison> = {
  include_from_parent: child("users/{resources.users.id}/posts", { include_from_parent: ["id", "name"] }),
  "include_from_parent of an object": child("users/{resources.users.id}/posts", { include_from_parent: ["team"] }),
  "include_from_parent of a missing field": child(
    "users/{resources.users.id}/posts",
    { include_from_parent: ["nick"] },
    { fails: true },
  ),
  "include_from_parent without a parent": child("posts", { include_from_parent: ["id"] }, { fails: true }),
  "include_from_parent as primary key": child("users/{resources.users.id}/posts", {
    include_from_parent: ["id"],
    primary_key: ["_users_id", "path"],
    write_disposition: "merge",
  }),
  "three levels": {
    client: { paginator: "single_page" },
    resources: [
      "users",
      { name: "posts", endpoint: "users/{resources.users.id}/posts", include_from_parent: ["id"] },
      { name: "comments", endpoint: "posts/{resources.posts.id}/comments", include_from_parent: ["id", "_users_id"] },
    ],
    anyOrder: true,
    api: ({ path }) =>
      path === "/users"
        ? [{ id: 1 }, { id: 2 }]
        : path.startsWith("/users/")
          ? [{ id: Number(path.split("/")[2]) * 10 }, { id: Number(path.split("/")[2]) * 10 + 1 }]
          : [{ text: `of ${path.split("/")[2]}` }],
  },
  "two children of one parent": {
    client: { paginator: "single_page" },
    resources: [
      USERS_RESOURCE,
      { name: "posts", endpoint: "users/{resources.users.id}/posts" },
      { name: "likes", endpoint: { path: "likes", params: { user: "{resources.users.id}" } } },
    ],
    api,
    anyOrder: true,
  },
  "the child before its parent": {
    client: { paginator: "single_page" },
    resources: [{ name: "posts", endpoint: "users/{resources.users.id}/posts" }, USERS_RESOURCE],
    api,
    anyOrder: true,
  },
  "two parents of one child": {
    client: { paginator: "single_page" },
    resources: ["users", "teams", { name: "posts", endpoint: "{resources.users.id}/{resources.teams.id}/posts" }],
    api: () => [{ id: 1 }],
    fails: true,
  },
  "a parent of itself": {
    resources: [{ name: "posts", endpoint: "posts/{resources.posts.id}/more" }],
    api: () => [{ id: 1 }],
    fails: true,
  },
  "circular parents": {
    resources: [
      { name: "a", endpoint: "a/{resources.b.id}/x" },
      { name: "b", endpoint: "b/{resources.a.id}/x" },
    ],
    api: () => [{ id: 1 }],
    fails: true,
  },
  "a parent with selected: false": {
    client: { paginator: "single_page" },
    resources: [
      { ...USERS_RESOURCE, selected: false },
      { name: "posts", endpoint: "users/{resources.users.id}/posts" },
    ],
    api,
    anyOrder: true,
  },
  "selected: false without children": {
    client: { paginator: "single_page" },
    resources: [USERS_RESOURCE, { name: "posts", selected: false }],
    api,
  },
  "a child with selected: false": child("users/{resources.users.id}/posts", { selected: false }),
  "a parent without rows": {
    client: { paginator: "single_page" },
    resources: ["users", { name: "posts", endpoint: "users/{resources.users.id}/posts" }],
    api: () => [],
  },
  "a parent without rows, with a declared column": child(
    "users/{resources.users.id}/posts",
    {},
    { api: () => [], differs: { "declared columns without rows": ["tables"] } },
  ),
  "a child without rows": child(
    "users/{resources.users.id}/posts",
    {},
    { api: ({ path }) => (path === "/users" ? USERS : []) },
  ),
  "a child with pages": child(
    { path: "users/{resources.users.id}/posts", paginator: { type: "page_number", base_page: 1, total_path: "pages" } },
    {},
    {
      api: ({ path, query }) => (path === "/users" ? USERS : { items: [{ path, page: Number(query.page) }], pages: 2 }),
    },
  ),
  "a parent with pages": child(
    "users/{resources.users.id}/posts",
    {},
    {
      client: { paginator: { type: "page_number", base_page: 1, total_path: "pages" } },
      api: (request) =>
        request.path === "/users"
          ? { items: [{ id: Number(request.query.page) }], pages: 3 }
          : { items: echo(request), pages: 1 },
    },
  ),
  "a child that is parallelized": child("users/{resources.users.id}/posts", { parallelized: true }),
  "404 of a row of the parent": child(
    "users/{resources.users.id}/posts",
    {},
    {
      api: (request) =>
        request.path === "/users" ? USERS : request.path === "/users/2/posts" ? reply(404, {}) : echo(request),
      fails: true,
    },
  ),
  "404 of a row of the parent, ignored": child(
    { path: "users/{resources.users.id}/posts", response_actions: [{ status_code: 404, action: "ignore" }] },
    {},
    {
      api: (request) =>
        request.path === "/users" ? USERS : request.path === "/users/1/posts" ? reply(404, {}) : echo(request),
    },
  ),
};
