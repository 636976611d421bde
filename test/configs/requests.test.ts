import { describe } from "vitest";
import { secret } from "../../lib/config/index.ts";
import { HERE, means, reply } from "./dialect.fixture.ts";

const one = [{ id: 1 }];
const rows = { posts: one };
/** One resource that is one page, with this endpoint. */
const posts = (endpoint: object) => ({
  resources: [{ name: "posts", endpoint: { paginator: "single_page" as const, ...endpoint } }],
});

describe("the URL", () => {
  means("is base_url and path with one slash between them; the path's own query and last slash stay", {
    client: { base_url: "/api/v1/" },
    ...posts({ path: "/all/posts/?z=1", params: { q: "a" } }),
    api: [["GET /api/v1/all/posts/?z=1&q=a", one]],
    rows,
  });

  means("may be all of it the path's: on the same server, links are followed from there", {
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
  means("is base_url itself, as a GraphQL endpoint has it", {
    client: { base_url: "/graphql" },
    ...posts({ path: "", method: "POST", json: { query: "{ posts }" } }),
    api: [["POST /graphql", { json: { query: "{ posts }" } }, one]],
    rows,
  });
});

describe("params", () => {
  means("are sent in order as text: numbers, booleans, empty texts, lists several times; null is not sent", {
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

  means("that the path names are put there, encoded, and not sent; what is left may be one entity", {
    ...posts({ path: "{region}/posts/{id}", params: { region: "a/b", id: 7, q: "x" } }),
    api: [["GET /a%2Fb/posts/7?q=x", { id: 7, tags: [{ name: "t" }] }]],
    rows: { posts: [{ id: 7, tags: '[{"name":"t"}]' }] },
  });

  means("may be secret: the key is sent with every page, and a link that holds it is stored without it", {
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
  means("of the client go with every request; an endpoint's are put over them, whatever the case of their names", {
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

  means("of the client are left out where the endpoint says null", {
    client: { headers: { "X-Tenant": "t1", "X-Mode": "client" } },
    ...posts({ headers: { "x-mode": null } }),
    api: [["GET /posts", { headers: { "x-tenant": "t1" } }, one]],
    rows,
  });

  means("of the client hold no placeholders: braces in them are sent as they are, as in dlt", {
    client: { headers: { "X-Fields": "{{id}}" } },
    ...posts({}),
    api: [["GET /posts", { headers: { "x-fields": "{{id}}" } }, one]],
    rows,
  });

  means("may say another content type for json", {
    ...posts({ method: "POST", json: { a: 1 }, headers: { "Content-Type": "application/vnd.api+json" } }),
    api: [["POST /posts", { headers: { "content-type": "application/vnd.api+json" }, text: '{"a":1}' }, one]],
    rows,
  });

  means("may be secret, the client's and the endpoint's", {
    client: { headers: { "X-App": secret("app") } },
    ...posts({ headers: { "X-Key": secret("key") } }),
    secrets: { app: "app-secret", key: "key-secret" },
    api: [["GET /posts", { headers: { "x-app": "app-secret", "x-key": "key-secret" } }, one]],
    rows,
  });
});

describe("the body", () => {
  means("in json keeps every type, is sent with its content type, and may hold secrets at any depth", {
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

  means("in json may be empty", {
    ...posts({ method: "POST", json: {} }),
    api: [["POST /posts", { json: {} }, one]],
    rows,
  });

  means("in data is a form; null is left out, and a secret is filled in", {
    ...posts({ method: "POST", data: { a: "x y&", n: 1, yes: true, gone: null, key: secret("key") } }),
    secrets: { key: "key-secret" },
    api: [["POST /posts", { form: "a=x+y%26&n=1&yes=true&key=key-secret" }, one]],
    rows,
  });

  means("in data may be a list of pairs, in which a name comes more than once", {
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

  means("in data may hold a list, which is sent as several, as in dlt", {
    ...posts({ method: "POST", data: { a: ["1", "2"] } }),
    api: [["POST /posts", { form: "a=1&a=2" }, one]],
    rows,
  });

  means("in data may be text, which is sent as it is and with the endpoint's own content type", {
    ...posts({ method: "POST", data: "<q>posts</q>", headers: { "Content-Type": "text/xml" } }),
    api: [["POST /posts", { headers: { "content-type": "text/xml" }, text: "<q>posts</q>" }, one]],
    rows,
  });

  means("in data may be text without a content type, which only the config knows", {
    ...posts({ method: "POST", data: "a|b" }),
    api: [["POST /posts", { text: "a|b" }, one]],
    rows,
  });

  means("of a link's next page is the same as the first one's", {
    resources: [{ name: "posts", endpoint: { method: "POST", data: { a: 1 }, paginator: "header_link" } }],
    api: [
      ["POST /posts", { form: "a=1" }, reply(200, one, { link: '</posts?p=2>; rel="next"' })],
      ["POST /posts?p=2", { form: "a=1" }, [{ id: 2 }]],
    ],
    rows: { posts: [{ id: 1 }, { id: 2 }] },
  });
});

describe("braces", () => {
  means("that are doubled stand for themselves, wherever placeholders may be", {
    ...posts({
      method: "POST",
      params: { filter: "{{x}}" },
      headers: { "X-Filter": "{{y}}" },
      json: { query: "{{ posts {{ id }} }}" },
    }),
    api: [["POST /posts?filter=%7Bx%7D", { headers: { "x-filter": "{y}" }, json: { query: "{ posts { id } }" } }, one]],
    rows,
  });

  means("in a text without placeholders may be single, so that GraphQL is pasted as it is", {
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
  means("inside the origin are followed with everything that belongs to the request", {
    client: { headers: { "X-Tenant": "t1" } },
    ...posts({ method: "POST", json: { a: 1 } }),
    api: [
      ["POST /posts", { headers: { "x-tenant": "t1" }, json: { a: 1 } }, reply(307, {}, { location: "/v2/posts" })],
      ["POST /v2/posts", { headers: { "x-tenant": "t1" }, json: { a: 1 } }, one],
    ],
    rows,
  });
});
