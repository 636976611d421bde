import { describe } from "vitest";
import { HERE, reply, testConfig } from "./case.fixture.ts";

const users = [{ id: 1 }, { id: 2 }];
const oneUser = [{ id: 7 }];

describe("a placeholder of a parent's field", () => {
  testConfig("makes a child, which is requested for every row of the parent in order", {
    resources: [
      { name: "posts", endpoint: { path: "users/{resources.users.id}/posts", paginator: "page_number" } },
      "users",
    ],
    api: [
      ["GET /users", users],
      ["GET /users/1/posts?page=0", [{ n: 11 }]],
      ["GET /users/1/posts?page=1", [{ n: 12 }]],
      ["GET /users/1/posts?page=2", []],
      ["GET /users/2/posts?page=0", []],
    ],
    rows: { users, posts: [{ n: 11 }, { n: 12 }] },
  });

  testConfig("is replaced for rows of every page of the parent", {
    resources: [
      { name: "users", endpoint: { paginator: { type: "offset", limit: 1 } } },
      { name: "posts", endpoint: "posts/{resources.users.id}/all" },
    ],
    settings: { file_max_items: 1 },
    api: [
      ["GET /users?offset=0&limit=1", [{ id: "a b/ü" }]],
      ["GET /users?offset=1&limit=1", [{ id: "c?d" }]],
      ["GET /users?offset=2&limit=1", []],
      ["GET /posts/a%20b%2F%C3%BC/all", [{ n: 1 }]],
      ["GET /posts/c%3Fd/all", [{ n: 2 }]],
    ],
    rows: { users: [{ id: "a b/ü" }, { id: "c?d" }], posts: [{ n: 1 }, { n: 2 }] },
  });

  testConfig("is a string in names and values of params and headers", {
    resources: [
      "users",
      {
        name: "posts",
        endpoint: {
          params: { user: "{resources.users.id}", "f[{resources.users.kind}]": ["x", "is-{resources.users.on}"] },
          headers: { "X-{resources.users.kind}": "u {resources.users.rate}" },
        },
      },
    ],
    api: [
      ["GET /users", [{ id: 7, kind: "Big", on: true, rate: 1.5 }]],
      ["GET /posts?user=7&f%5BBig%5D=x&f%5BBig%5D=is-true", { headers: { "x-big": "u 1.5" } }, [{ n: 1 }]],
    ],
    rows: { users: [{ id: 7, kind: "Big", on: true, rate: 1.5 }], posts: [{ n: 1 }] },
  });

  testConfig("keeps its type as a whole value in json, and is a string in other strings and in keys", {
    resources: [
      "users",
      {
        name: "posts",
        endpoint: {
          method: "POST",
          json: {
            id: "{resources.users.id}",
            deep: [{ flags: ["{resources.users.on}", "{resources.users.rate}"] }],
            tags: "{resources.users.tags}",
            text: "user {resources.users.id}!",
            "k{resources.users.id}": 1,
          },
        },
      },
    ],
    api: [
      ["GET /users", [{ id: 7, on: false, rate: 0.5, tags: ["a", { b: null }] }]],
      [
        "POST /posts",
        { json: { id: 7, deep: [{ flags: [false, 0.5] }], tags: ["a", { b: null }], text: "user 7!", k7: 1 } },
        [{ n: 1 }],
      ],
    ],
    rows: {
      users: [{ id: 7, on: false, rate: 0.5, tags: '["a",{"b":null}]' }],
      posts: [{ n: 1 }],
    },
  });

  testConfig("keeps all digits of an integer above 2^53", {
    resources: [
      "users",
      {
        name: "posts",
        endpoint: { method: "POST", params: { u: "{resources.users.id}" }, data: "[{resources.users.id}]" },
      },
    ],
    api: [
      ["GET /users", reply(200, '[{"id": 9007199254740993}]')],
      ["POST /posts?u=9007199254740993", { text: "[9007199254740993]" }, [{ n: 1 }]],
    ],
  });

  testConfig("is replaced in names and values of a form", {
    resources: [
      "users",
      {
        name: "a",
        endpoint: { method: "POST", data: { "u{resources.users.id}": "is {resources.users.id}" } },
      },
      {
        name: "b",
        endpoint: {
          method: "POST",
          data: [
            ["id", "{resources.users.id}"],
            ["id", "0"],
          ],
        },
      },
    ],
    api: [
      ["GET /users", oneUser],
      ["POST /a", { form: "u7=is+7" }, [{ n: 1 }]],
      ["POST /b", { form: "id=7&id=0" }, [{ n: 2 }]],
    ],
    rows: { users: oneUser, a: [{ n: 1 }], b: [{ n: 2 }] },
  });

  testConfig("is replaced in a JSON string with doubled braces, as in a GraphQL query", {
    resources: [
      "users",
      {
        name: "posts",
        endpoint: {
          method: "POST",
          path: "graphql",
          data: '{{"query": "query {{ user(id: {resources.users.id}) {{ posts {{ n }} }} }}"}}',
          headers: { "Content-Type": "application/json" },
          data_selector: "data.user.posts",
        },
      },
    ],
    api: [
      ["GET /users", oneUser],
      [
        "POST /graphql",
        { json: { query: "query { user(id: 7) { posts { n } } }" } },
        { data: { user: { posts: [{ n: 1 }] } } },
      ],
    ],
    rows: { users: oneUser, posts: [{ n: 1 }] },
  });

  testConfig("may name a nested field, an item of a list, or a key that needs quotes", {
    resources: [
      "users",
      {
        name: "posts",
        endpoint: {
          path: "p/{resources.users.a.b}/{resources.users.list[1].id}/{resources.users.'x.y'}/all",
          params: { last: "{resources.users.list[-1].id}", dashed: "{resources.users.we-ird}" },
        },
      },
    ],
    api: [
      ["GET /users", [{ a: { b: 1 }, list: [{ id: 2 }, { id: 3 }], "x.y": "z", "we-ird": 5 }]],
      ["GET /p/1/3/z/all?last=3&dashed=5", [{ n: 1 }]],
    ],
    rows: { users: [{ a__b: 1, list: '[{"id":2},{"id":3}]', x_y: "z", we_ird: 5 }], posts: [{ n: 1 }] },
  });

  testConfig("as the whole path may contain a URL of the same server or a path, and is a single entity", {
    client: { base_url: "/api" },
    resources: ["users", { name: "details", endpoint: "{resources.users.link}" }],
    api: [
      ["GET /api/users", [{ link: `${HERE}/v2/users/7?full=1` }, { link: "/users/8/about?full=1" }]],
      ["GET /v2/users/7?full=1", { id: 7, tags: [1] }],
      ["GET /api/users/8/about?full=1", { id: 8, tags: [] }],
    ],
  });

  testConfig("as the whole path is an error if it contains a URL of another host", {
    resources: ["users", { name: "details", endpoint: "{resources.users.link}" }],
    api: [["GET /users", [{ link: "https://elsewhere.test/users/7" }]]],
    fails: {
      details:
        /^ResponseError: shop\.details, page 1, the row of users with link=\S+: .*another origin, https:\/\/elsewhere\.test/,
    },
  });

  testConfig("with braces in its value is that value, not a template", {
    resources: ["users", { name: "posts", endpoint: { params: { q: "{resources.users.text}" } } }],
    api: [
      ["GET /users", [{ id: 7, text: "{resources.users.id}" }]],
      ["GET /posts?q=%7Bresources.users.id%7D", [{ n: 1 }]],
    ],
    rows: { users: [{ id: 7, text: "{resources.users.id}" }], posts: [{ n: 1 }] },
  });

  testConfig("whose field is null is an error that names the field", {
    resources: ["users", { name: "posts", endpoint: "users/{resources.users.id}/posts" }],
    api: [
      ["GET /users", [{ id: 1 }, { id: null }]],
      ["GET /users/1/posts", [{ n: 1 }]],
    ],
    fails: {
      posts: /^ResponseError: shop\.posts, page 2, the row of users with id=null: a row of users has null as id/,
    },
  });

  testConfig("names the parent as in the config, with any characters", {
    resources: ["v1/Users", { name: "posts", endpoint: "p/{resources.v1/Users.id}/all" }],
    api: [
      ["GET /v1/Users", oneUser],
      ["GET /p/7/all", [{ n: 1 }]],
    ],
    rows: { v1_users: oneUser, posts: [{ n: 1 }] },
  });
});

describe("type: resolve", () => {
  testConfig("binds {id} in the path, together with plain parameters and placeholders", {
    resources: [
      "users",
      {
        name: "posts",
        endpoint: {
          path: "{region}/users/{user}/posts",
          params: {
            user: { type: "resolve", resource: "users", field: "keys[0].id" },
            region: "eu",
            q: "{resources.users.name}",
          },
        },
      },
    ],
    api: [
      ["GET /users", [{ name: "ann", keys: [{ id: 9 }] }]],
      ["GET /eu/users/9/posts?q=ann", [{ n: 1 }]],
    ],
    rows: { users: [{ name: "ann", keys: '[{"id":9}]' }], posts: [{ n: 1 }] },
  });
});

describe("a chain of three resources", () => {
  testConfig("is read row by row, and include_from_parent passes fields on", {
    resources: [
      "users",
      { name: "posts", endpoint: "users/{resources.users.id}/posts", include_from_parent: ["id"] },
      {
        name: "comments",
        endpoint: "users/{resources.posts._users_id}/posts/{resources.posts.n}/comments",
        include_from_parent: ["n", "_users_id"],
      },
    ],
    api: [
      ["GET /users", users],
      ["GET /users/1/posts", [{ n: 11 }, { n: 12 }]],
      ["GET /users/2/posts", [{ n: 21 }]],
      ["GET /users/1/posts/11/comments", [{ c: 1 }]],
      ["GET /users/1/posts/12/comments", []],
      ["GET /users/2/posts/21/comments", [{ c: 2 }]],
    ],
    rows: {
      users,
      posts: [
        { n: 11, _users_id: 1 },
        { n: 12, _users_id: 1 },
        { n: 21, _users_id: 2 },
      ],
      comments: [
        { c: 1, _posts_n: 11, _posts__users_id: 1 },
        { c: 2, _posts_n: 21, _posts__users_id: 2 },
      ],
    },
  });
});

describe("include_from_parent", () => {
  testConfig("adds objects and nulls, and overrides a field of the child", {
    resources: [
      "users",
      {
        name: "posts",
        endpoint: "users/{resources.users.id}/posts",
        include_from_parent: ["id", "address", "email"],
      },
    ],
    api: [
      ["GET /users", [{ id: 7, address: { city: "x" }, email: null }]],
      ["GET /users/7/posts", [{ n: 1, _users_id: "mine" }]],
    ],
    rows: {
      users: [{ id: 7, address__city: "x" }],
      posts: [{ n: 1, _users_id: 7, _users_address__city: "x" }],
    },
  });

  testConfig("reads the names literally, with dots, spaces and brackets", {
    resources: [
      "users",
      {
        name: "posts",
        endpoint: "users/{resources.users.id}/posts",
        include_from_parent: ["a.b", "x(y)", "c d"],
      },
    ],
    api: [
      ["GET /users", [{ id: 7, "a.b": 1, "x(y)": 2, "c d": 3 }]],
      ["GET /users/7/posts", [{ n: 1 }]],
    ],
    rows: {
      users: [{ id: 7, a_b: 1, x_yx: 2, c_d: 3 }],
      posts: [{ n: 1, _users_a_b: 1, _users_x_yx: 2, _users_c_d: 3 }],
    },
  });

  testConfig("of a missing field is an error that names the field", {
    resources: [
      "users",
      { name: "posts", endpoint: "users/{resources.users.id}/posts", include_from_parent: ["email"] },
    ],
    api: [
      ["GET /users", oneUser],
      ["GET /users/7/posts", [{ n: 1 }]],
    ],
    fails: {
      posts:
        /^ResponseError: shop\.posts, page 1, GET \S+ for the row of users with id=7: a row of users has no field email/,
    },
  });
});

describe("the rows of a parent", () => {
  testConfig("with selected: false are read for its children and not loaded", {
    resources: [
      { name: "users", selected: false },
      { name: "posts", endpoint: "users/{resources.users.id}/posts" },
    ],
    api: [
      ["GET /users", oneUser],
      ["GET /users/7/posts", [{ n: 1 }]],
    ],
    rows: { posts: [{ n: 1 }] },
  });

  testConfig("of a yield_map step each have children", {
    resources: [
      { name: "users", processing_steps: [{ yield_map: ({ ids }) => ids.map((id: number) => ({ id })) }] },
      { name: "posts", endpoint: "users/{resources.users.id}/posts" },
    ],
    api: [
      ["GET /users", [{ ids: [1, 2] }, { ids: [] }, { ids: [3] }]],
      ["GET /users/1/posts", []],
      ["GET /users/2/posts", []],
      ["GET /users/3/posts", [{ n: 1 }]],
    ],
    rows: { users: [{ id: 1 }, { id: 2 }, { id: 3 }], posts: [{ n: 1 }] },
  });

  testConfig("determine the requests of its children: without rows there are none", {
    resources: ["users", { name: "posts", endpoint: "users/{resources.users.id}/posts" }],
    api: [["GET /users", []]],
    rows: { users: [], posts: [] },
  });

  testConfig("are passed to its children after the processing steps", {
    resources: [
      {
        name: "users",
        processing_steps: [
          { filter: ({ id }) => id !== 2 },
          { map: ({ id, ...rest }) => ({ ...rest, uid: id * 10 }) },
          { yield_map: (row) => [row, { ...row, uid: row.uid + 1 }] },
        ],
      },
      { name: "posts", endpoint: "users/{resources.users.uid}/posts", include_from_parent: ["uid"] },
    ],
    api: [
      ["GET /users", [{ id: 1 }, { id: 2 }, { id: 3 }]],
      ["GET /users/10/posts", [{ n: 1 }]],
      ["GET /users/11/posts", []],
      ["GET /users/30/posts", [{ n: 3 }]],
      ["GET /users/31/posts", []],
    ],
    rows: {
      users: [{ uid: 10 }, { uid: 11 }, { uid: 30 }, { uid: 31 }],
      posts: [
        { n: 1, _users_uid: 10 },
        { n: 3, _users_uid: 30 },
      ],
    },
  });

  testConfig("are passed to its children only if they are new, with incremental loading", {
    resources: [
      { name: "users", primary_key: "id", endpoint: { incremental: { cursor_path: "at" } } },
      { name: "posts", endpoint: "users/{resources.users.id}/posts" },
    ],
    api: [
      ["GET /users", [{ id: 1, at: 1 }]],
      ["GET /users/1/posts", [{ n: 1 }]],
    ],
    later: [
      {
        api: [
          [
            "GET /users",
            [
              { id: 1, at: 1 },
              { id: 2, at: 2 },
            ],
          ],
          ["GET /users/2/posts", [{ n: 2 }]],
        ],
        rows: { users: [{ id: 2, at: 2 }], posts: [{ n: 2 }] },
      },
    ],
  });
});

describe("a path that ends in a placeholder", () => {
  const entity = { id: 7, tags: [{ t: 1 }], next: "/more", total_pages: 9 };
  const row = { id: 7, tags: '[{"t":1}]', next: "/more", total_pages: 9 };

  testConfig("is that of a single entity: the whole response is one row on one page, whatever the client's paginator", {
    client: { paginator: { type: "page_number", maximum_page: 1 } },
    resources: ["users", { name: "details", endpoint: "users/{resources.users.id}" }],
    api: [
      ["GET /users?page=0", oneUser],
      ["GET /users/7", entity],
    ],
    rows: { users: oneUser, details: [row] },
  });

  testConfig("is that of a single entity with other characters around the placeholder and a trailing slash", {
    resources: [
      "users",
      { name: "a", endpoint: "users/u{resources.users.id}.json?full=1" },
      { name: "b", endpoint: "users/{resources.users.id}/" },
    ],
    api: [
      ["GET /users", oneUser],
      ["GET /users/u7.json?full=1", entity],
      ["GET /users/7/", entity],
    ],
    rows: { users: oneUser, a: [row], b: [row] },
  });

  testConfig("has the paginator and selector of endpoint or defaults, if they are set", {
    resource_defaults: { endpoint: { data_selector: "tags" } },
    resources: [
      "users",
      { name: "a", endpoint: { path: "a/{resources.users.id}" } },
      { name: "b", endpoint: { path: "b/{resources.users.id}", paginator: "json_link" } },
      { name: "c", endpoint: { path: "c/{resources.users.id}", data_selector: null } },
    ],
    api: [
      ["GET /users", { tags: oneUser }],
      ["GET /a/7", entity],
      ["GET /b/7", { tags: [{ t: 1 }], next: "/b/7?p=2" }],
      ["GET /b/7?p=2", { tags: [{ t: 2 }] }],
      ["GET /c/7", entity],
    ],
    rows: { users: oneUser, a: [{ t: 1 }], b: [{ t: 1 }, { t: 2 }], c: [row] },
  });
});

describe("pages of a child", () => {
  testConfig("have separate links and cursors for each row of the parent", {
    resources: [
      "users",
      {
        name: "a",
        endpoint: { path: "users/{resources.users.id}/a", paginator: { type: "json_link", next_url_path: "n" } },
      },
      {
        name: "b",
        endpoint: {
          method: "POST",
          json: { u: "{resources.users.id}" },
          paginator: { type: "cursor", cursor_path: "n", cursor_body_path: "c" },
        },
      },
    ],
    api: [
      ["GET /users", users],
      ["GET /users/1/a", { data: [{ n: 1 }], n: `${HERE}/x?2` }],
      ["GET /x?2", { data: [{ n: 2 }] }],
      ["GET /users/2/a", { data: [{ n: 3 }] }],
      ["POST /b", { json: { u: 1 } }, { data: [{ n: 4 }], n: "z" }],
      ["POST /b", { json: { u: 1, c: "z" } }, { data: [{ n: 5 }] }],
      ["POST /b", { json: { u: 2 } }, { data: [{ n: 6 }] }],
    ],
    rows: { users, a: [{ n: 1 }, { n: 2 }, { n: 3 }], b: [{ n: 4 }, { n: 5 }, { n: 6 }] },
  });

  testConfig("may have the same response for two rows of the parent", {
    resources: ["users", { name: "posts", endpoint: "users/{resources.users.id}/posts" }],
    api: [
      ["GET /users", users],
      ["GET /users/1/posts", [{ n: 1 }]],
      ["GET /users/2/posts", [{ n: 1 }]],
    ],
    rows: { users, posts: [{ n: 1 }, { n: 1 }] },
  });
});
