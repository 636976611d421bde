import { describe } from "vitest";
import { reply, testConfig } from "./case.fixture.ts";

const one = [{ id: 1 }];

describe("resource_defaults", () => {
  testConfig(
    "merge params and json one level deep, where the resource overrides, null removes, and lists are replaced",
    {
      resource_defaults: {
        endpoint: {
          method: "POST",
          paginator: "single_page",
          params: { a: 1, b: ["x", "y"], c: 3 },
          json: { filter: { from: 1, to: 2 }, size: 5 },
        },
      },
      resources: [
        "posts",
        { name: "users", endpoint: { params: { b: ["z"], c: null, d: 4 }, json: { filter: { to: 9 } } } },
        { name: "items", endpoint: { params: {}, json: null } },
      ],
      api: [
        ["POST /posts?a=1&b=x&b=y&c=3", { json: { filter: { from: 1, to: 2 }, size: 5 } }, one],
        ["POST /users?a=1&b=z&d=4", { json: { filter: { to: 9 }, size: 5 } }, one],
        ["POST /items?a=1&b=x&b=y&c=3", one],
      ],
      rows: { posts: one, users: one, items: one },
    },
  );

  testConfig("do not merge headers, data, selector and paginator, which a resource replaces and null resets", {
    resource_defaults: {
      endpoint: {
        method: "POST",
        headers: { "X-A": "1", "X-B": "1" },
        data: { a: 1, b: 1 },
        data_selector: "data",
        paginator: { type: "page_number", maximum_page: 1 },
      },
    },
    resources: [
      {
        name: "posts",
        endpoint: { headers: { "X-A": "2" }, data: { a: 2 }, data_selector: "items", paginator: "single_page" },
      },
      { name: "users", endpoint: { headers: null, data: null, data_selector: null, paginator: null } },
      "items",
    ],
    api: [
      ["POST /posts", { headers: { "x-a": "2" }, form: "a=2" }, { data: [], items: one }],
      ["POST /users", { items: one }],
      ["POST /items?page=0", { headers: { "x-a": "1", "x-b": "1" }, form: "a=1&b=1" }, { data: one, items: [] }],
    ],
    rows: { posts: one, users: one, items: one },
  });

  testConfig("give up json for data of a resource, because a request has one body", {
    resource_defaults: { endpoint: { method: "POST", paginator: "single_page", json: { a: 1 } } },
    resources: [
      { name: "posts", endpoint: { data: { b: 2 } } },
      { name: "users", endpoint: { method: "GET", json: null } },
    ],
    api: [
      ["POST /posts", { form: "b=2" }, one],
      ["GET /users", one],
    ],
    rows: { posts: one, users: one },
  });

  testConfig("apply their hints to every resource", {
    resource_defaults: { selected: false, max_table_nesting: 0, endpoint: { paginator: "single_page" } },
    resources: [
      { name: "posts", selected: true },
      { name: "users", selected: null },
      { name: "items", selected: true, max_table_nesting: null },
    ],
    api: [
      ["GET /posts", [{ a: { b: 1 } }]],
      ["GET /users", [{ a: { b: 1 } }]],
      ["GET /items", [{ a: { b: 1 } }]],
    ],
    rows: { posts: [{ a: '{"b":1}' }], users: [{ a: '{"b":1}' }], items: [{ a__b: 1 }] },
  });

  testConfig("make every resource a child if they contain a placeholder", {
    resource_defaults: {
      endpoint: {
        paginator: "single_page",
        params: { of: "{resources.users.id}" },
      },
    },
    resources: [
      { name: "users", endpoint: { path: "users", params: { of: null } } },
      { name: "posts", endpoint: "posts" },
      "items",
    ],
    api: [
      ["GET /users", [{ id: 7 }]],
      ["GET /posts?of=7", one],
      ["GET /items?of=7", one],
    ],
    rows: { users: [{ id: 7 }], posts: one, items: one },
  });
});

describe("names", () => {
  testConfig("alone are both name and path, and table names are in snake_case", {
    resources: ["posts", "v1/blogPosts", "x/Items-2/", "a b", "HTTPServer?z=1"],
    api: [
      ["GET /posts", one],
      ["GET /v1/blogPosts", one],
      ["GET /x/Items-2/", one],
      ["GET /a%20b", one],
      ["GET /HTTPServer?z=1", one],
    ],
    rows: { posts: one, v1_blog_posts: one, x_items_2x: one, a_b: one, http_server_z_1: one },
  });

  testConfig("may begin with a slash", {
    resources: ["/posts"],
    api: [["GET /posts", one]],
    rows: { posts: one },
  });

  testConfig("that contain a placeholder make children", {
    resources: ["users", "users/{resources.users.id}/posts"],
    api: [
      ["GET /users", [{ id: 7 }]],
      ["GET /users/7/posts", one],
    ],
    rows: { users: [{ id: 7 }], users_resources_users_id_posts: one },
  });

  testConfig("of tables may differ from those of resources, and two resources may load one table", {
    resources: [
      { name: "active", table_name: "Posts", endpoint: { path: "posts", params: { state: "open" } } },
      { name: "closed", table_name: "posts", endpoint: { path: "posts", params: { state: "closed" } } },
    ],
    api: [
      ["GET /posts?state=open", one],
      ["GET /posts?state=closed", [{ id: 2, by: "x" }]],
    ],
    rows: { active: one, closed: [{ id: 2, by: "x" }] },
  });

  testConfig("of endpoints as strings are paths", {
    resources: [{ name: "posts", endpoint: "v2/all-posts?sort=id" }],
    api: [["GET /v2/all-posts?sort=id", one]],
    rows: { posts: one },
  });
});

describe("write_disposition", () => {
  testConfig("skip reads the resource for its children only", {
    resources: [
      { name: "users", write_disposition: "skip" },
      {
        name: "posts",
        endpoint: "users/{resources.users.id}/posts",
        write_disposition: { disposition: "merge" },
        primary_key: "id",
      },
    ],
    api: [
      ["GET /users", [{ id: 7 }]],
      ["GET /users/7/posts", one],
    ],
    rows: { posts: one },
  });
});

describe("resources of one run", () => {
  testConfig("that are requested are read alone, with their parents", {
    resources: ["users", { name: "posts", endpoint: "users/{resources.users.id}/posts" }, "items"],
    input: { resources: ["posts"] },
    api: [
      ["GET /users", [{ id: 7 }]],
      ["GET /users/7/posts", one],
    ],
    rows: { users: [{ id: 7 }], posts: one },
  });

  testConfig("that fail do not affect others, except their children", {
    resources: ["users", { name: "posts", endpoint: "users/{resources.users.id}/posts" }, "items"],
    api: [
      ["GET /users", reply(404)],
      ["GET /items", one],
    ],
    fails: { users: /^HttpError/, posts: /^ParentError/ },
    rows: { items: one },
  });
});
