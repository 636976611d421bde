import { describe } from "vitest";
import { secret } from "../../lib/config/index.ts";
import { HERE, reply, testConfig } from "./case.fixture.ts";

const one = [{ id: 1 }];
const rows = { posts: one };
/** Returns a resource with a single page and an endpoint. */
const posts = (endpoint: object) => ({
  resources: [{ name: "posts", endpoint: { paginator: "single_page" as const, ...endpoint } }],
});

describe("the URL", () => {
  testConfig("joins base_url and path with one slash, and keeps query and trailing slash of the path", {
    client: { base_url: "/api/v1/" },
    ...posts({ path: "/all/posts/?z=1", params: { q: "a" } }),
    api: [["GET /api/v1/all/posts/?z=1&q=a", one]],
    rows,
  });

  testConfig("is the path itself if that is a URL, and links on the same server are followed from there", {
    client: { base_url: "/api/v1" },
    resources: [{ name: "posts", endpoint: { path: `${HERE}/other/posts`, paginator: "json_link" } }],
    api: [
      ["GET /other/posts", { data: one, next: "posts?page=2" }],
      ["GET /other/posts?page=2", { data: [{ id: 2 }], next: "/other/posts?page=3" }],
      ["GET /other/posts?page=3", { data: [] }],
    ],
    rows: { posts: [{ id: 1 }, { id: 2 }] },
  });
});

describe("an empty path", () => {
  testConfig("requests base_url itself, as for a GraphQL endpoint", {
    client: { base_url: "/graphql" },
    ...posts({ path: "", method: "POST", json: { query: "{ posts }" } }),
    api: [["POST /graphql", { json: { query: "{ posts }" } }, one]],
    rows,
  });
});

describe("params", () => {
  testConfig("are sent in order as strings, lists several times, and null not at all", {
    ...posts({
      params: {
        n: 1.5,
        yes: true,
        no: false,
        zero: 0,
        empty: "",
        tags: ["a", "b,c", 3],
        none: [],
        gone: null,
        "f[x]": "ü &",
      },
    }),
    api: [["GET /posts?n=1.5&yes=true&no=false&zero=0&empty=&tags=a&tags=b%2Cc&tags=3&f%5Bx%5D=%C3%BC+%26", one]],
    rows,
  });

  testConfig("that the path names are inserted there, encoded, and not sent as parameters", {
    ...posts({ path: "{region}/posts/{id}", params: { region: "a/b", id: 7, q: "x" } }),
    api: [["GET /a%2Fb/posts/7?q=x", { id: 7, tags: [{ name: "t" }] }]],
    rows: { posts: [{ id: 7, tags: '[{"name":"t"}]' }] },
  });

  testConfig("may be secrets, which are sent with every page and removed from stored links", {
    resources: [{ name: "posts", endpoint: { params: { token: secret("token"), q: "x" }, paginator: "json_link" } }],
    secrets: { token: "topsecret-token" },
    api: [
      ["GET /posts?q=x&token=topsecret-token", { data: one, next: "/posts?page=2&token=topsecret-token" }],
      ["GET /posts?page=2&token=topsecret-token", { data: [], next: null }],
    ],
    rows,
  });
});

describe("headers", () => {
  testConfig("of the client are sent with every request, and those of an endpoint override them, whatever their case", {
    client: { headers: { "X-Tenant": "t1", Accept: "application/vnd.api+json", "X-Mode": "client" } },
    resources: [
      { name: "posts", endpoint: { paginator: "single_page", headers: { "x-mode": "own", "X-More": "1" } } },
      { name: "users", endpoint: { paginator: "single_page" } },
    ],
    api: [
      [
        "GET /posts",
        { headers: { "x-tenant": "t1", accept: "application/vnd.api+json", "x-mode": "own", "x-more": "1" } },
        one,
      ],
      ["GET /users", { headers: { "x-tenant": "t1", accept: "application/vnd.api+json", "x-mode": "client" } }, one],
    ],
    rows: { posts: one, users: one },
  });

  testConfig("of the client are removed by null at the endpoint", {
    client: { headers: { "X-Tenant": "t1", "X-Mode": "client" } },
    ...posts({ headers: { "x-mode": null } }),
    api: [["GET /posts", { headers: { "x-tenant": "t1" } }, one]],
    rows,
  });

  testConfig("of the client contain no placeholders, so that braces are literal, as in dlt", {
    client: { headers: { "X-Fields": "{{id}}" } },
    ...posts({}),
    api: [["GET /posts", { headers: { "x-fields": "{{id}}" } }, one]],
    rows,
  });

  testConfig("may override the content type of json", {
    ...posts({ method: "POST", json: { a: 1 }, headers: { "Content-Type": "application/vnd.api+json" } }),
    api: [["POST /posts", { headers: { "content-type": "application/vnd.api+json" }, text: '{"a":1}' }, one]],
    rows,
  });

  testConfig("may be secrets, at client and endpoint", {
    client: { headers: { "X-App": secret("app") } },
    ...posts({ headers: { "X-Key": secret("key") } }),
    secrets: { app: "app-secret", key: "key-secret" },
    api: [["GET /posts", { headers: { "x-app": "app-secret", "x-key": "key-secret" } }, one]],
    rows,
  });
});

describe("the body", () => {
  testConfig("as json keeps every type, has its content type, and may contain secrets at any depth", {
    ...posts({
      method: "POST",
      json: { n: 1, f: 1.5, t: true, z: null, l: [1, { a: "ü" }], auth: { key: secret("key") }, list: [secret("key")] },
    }),
    secrets: { key: "key-secret" },
    api: [
      [
        "POST /posts",
        {
          json: {
            ...{ n: 1, f: 1.5, t: true, z: null, l: [1, { a: "ü" }] },
            ...{ auth: { key: "key-secret" }, list: ["key-secret"] },
          },
        },
        one,
      ],
    ],
    rows,
  });

  testConfig("as json may be empty", {
    ...posts({ method: "POST", json: {} }),
    api: [["POST /posts", { json: {} }, one]],
    rows,
  });

  testConfig("as data is a form without null, and may contain secrets", {
    ...posts({ method: "POST", data: { a: "x y&", n: 1, yes: true, gone: null, key: secret("key") } }),
    secrets: { key: "key-secret" },
    api: [["POST /posts", { form: "a=x+y%26&n=1&yes=true&key=key-secret" }, one]],
    rows,
  });

  testConfig("as data may be a list of pairs with repeated names", {
    ...posts({
      method: "POST",
      data: [
        ["a", "1"],
        ["b", 2],
        ["a", "3"],
      ],
    }),
    api: [["POST /posts", { form: "a=1&b=2&a=3" }, one]],
    rows,
  });

  testConfig("as data may contain a list, which sends a field several times, as in dlt", {
    ...posts({ method: "POST", data: { a: ["1", "2"] } }),
    api: [["POST /posts", { form: "a=1&a=2" }, one]],
    rows,
  });

  testConfig("as data may be a string, which is sent unchanged with the content type of the endpoint", {
    ...posts({ method: "POST", data: "<q>posts</q>", headers: { "Content-Type": "text/xml" } }),
    api: [["POST /posts", { headers: { "content-type": "text/xml" }, text: "<q>posts</q>" }, one]],
    rows,
  });

  testConfig("as data may be a string without a content type", {
    ...posts({ method: "POST", data: "a|b" }),
    api: [["POST /posts", { text: "a|b" }, one]],
    rows,
  });

  testConfig("is the same for the next page of a link", {
    resources: [{ name: "posts", endpoint: { method: "POST", data: { a: 1 }, paginator: "header_link" } }],
    api: [
      ["POST /posts", { form: "a=1" }, reply(200, one, { link: '</posts?p=2>; rel="next"' })],
      ["POST /posts?p=2", { form: "a=1" }, [{ id: 2 }]],
    ],
    rows: { posts: [{ id: 1 }, { id: 2 }] },
  });
});

describe("braces", () => {
  testConfig("that are doubled are literal wherever placeholders are allowed", {
    ...posts({
      method: "POST",
      params: { filter: "{{x}}" },
      headers: { "X-Filter": "{{y}}" },
      json: { query: "{{ posts {{ id }} }}" },
    }),
    api: [["POST /posts?filter=%7Bx%7D", { headers: { "x-filter": "{y}" }, json: { query: "{ posts { id } }" } }, one]],
    rows,
  });

  testConfig("in a string without placeholders may be single, so that GraphQL can be pasted", {
    ...posts({
      method: "POST",
      json: { query: "query { posts(first: 10) { nodes { id } } }" },
      data_selector: "data.posts.nodes",
    }),
    api: [
      [
        "POST /posts",
        { json: { query: "query { posts(first: 10) { nodes { id } } }" } },
        { data: { posts: { nodes: one } } },
      ],
    ],
    rows,
  });
});

describe("redirects", () => {
  testConfig("within the origin are followed with method, headers and body", {
    client: { headers: { "X-Tenant": "t1" } },
    ...posts({ method: "POST", json: { a: 1 } }),
    api: [
      ["POST /posts", { headers: { "x-tenant": "t1" }, json: { a: 1 } }, reply(307, {}, { location: "/v2/posts" })],
      ["POST /v2/posts", { headers: { "x-tenant": "t1" }, json: { a: 1 } }, one],
    ],
    rows,
  });
});
