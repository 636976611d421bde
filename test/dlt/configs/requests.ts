import { HERE, reply } from "../../configs/conversation.fixture.ts";
import type { Comparison } from "../comparison.fixture.ts";
import { rows } from "./shared.ts";

const ANY = () => rows(1, 2);

/** A resource `posts` that is requested once, with an API that responds to everything. */
const once = (endpoint: unknown, more: Partial<Comparison> = {}): Comparison => ({
  resources: [
    { name: "posts", endpoint: typeof endpoint === "object" ? { paginator: "single_page", ...endpoint } : endpoint },
  ],
  api: ANY,
  ...more,
});

const post = (endpoint: object, more: Partial<Comparison> = {}): Comparison =>
  once({ method: "POST", ...endpoint }, more);

/** A client's base_url and an endpoint's path. */
const joined = (base_url: string, path: string, more: Partial<Comparison> = {}): Comparison =>
  once({ path }, { client: { base_url }, ...more });

const PATHS: Record<string, Comparison> = {
  "path by the name of the resource": { resources: ["posts"], api: ANY },
  "endpoint as text": once("v1/posts"),
  "path with a slash before": once({ path: "/posts" }),
  "path with a slash after": once({ path: "posts/" }),
  "path with several segments": once({ path: "a/b/c" }),
  "path with a query": once({ path: "posts?state=open" }),
  "path with a query, and parameters": once({ path: "posts?state=open", params: { size: 2 } }),
  "path with a query that a parameter repeats": once(
    { path: "posts?size=1", params: { size: 2 } },
    { differs: { "a parameter twice": ["requests"] } },
  ),
  "path with a space and letters with accents": once({ path: "my posts/größe" }),
  "path with an encoded slash": once({ path: "posts/a%2Fb" }),
  "path with a colon": once({ path: "posts:search" }),
  "path with a dot": once({ path: "posts.json" }),
  "path with parentheses": once({ path: "posts(1)/items" }),
  "path that is a URL of the same origin": once({ path: `${HERE}/other/posts` }),
  "path with a plain parameter": once({ path: "posts/{kind}", params: { kind: "open", size: 2 }, data_selector: "$" }),
  "path with a number as parameter": once({ path: "v{version}/posts", params: { version: 2 } }),
  "path with a parameter that is missing": once({ path: "posts/{kind}/all" }, { fails: true }),
  "base_url with a path": joined("/api/v2", "posts"),
  "base_url with a slash after": joined("/api/v2/", "posts"),
  "base_url with a query": joined("/api?version=2", "posts", { differs: { "a query in base_url": ["requests"] } }),
  "base_url and path with slashes": joined("/api/v2/", "/posts"),
  "base_url with a path, and a URL as path": joined("/api/v2", `${HERE}/other`),
  "base_url with a path, and next links": {
    client: { base_url: "/api", paginator: { type: "json_link", next_url_path: "next" } },
    resources: ["posts"],
    api: ({ query }) =>
      query.page === undefined ? { items: rows(1, 2), next: "/api/posts?page=2" } : { items: rows(3, 3) },
  },
};

const PARAMETERS: Record<string, Comparison> = {
  "params of each scalar type": once({ params: { text: "a b", number: 5, decimal: 1.5 } }),
  "params that are true and false": once({ params: { yes: true, no: false } }, { differs: { booleans: ["requests"] } }),
  "params with reserved characters": once({ params: { q: "a&b=c+d#e/f?g", "x[y]": "1" } }),
  "params with letters beyond ASCII": once({ params: { q: "größe €" } }),
  "params with a list": once({ params: { id: [1, 2, 3] } }),
  "params with an empty list": once({ params: { id: [], size: 2 } }),
  "params with an empty text": once({ params: { q: "", size: 2 } }),
  "params with null": once({ params: { q: null, size: 2 } }),
  "params with null in a list": once({ params: { id: [1, null] } }, { differs: { "null in a list": ["outcome"] } }),
  "params with an unknown type": once({ params: { q: { type: "other" } } }, { fails: true }),
  "params of resource_defaults and endpoint": once(
    { params: { size: 5, page: 1 } },
    { resource_defaults: { endpoint: { params: { size: 2, order: "id" } } } },
  ),
  "null removes a parameter of resource_defaults": once(
    { params: { order: null } },
    { resource_defaults: { endpoint: { params: { size: 2, order: "id" } } } },
  ),
  "path in resource_defaults": {
    resource_defaults: { endpoint: { path: "other" } },
    resources: ["posts", { name: "users" }],
    api: ANY,
  },
  "method GET by name": once({ method: "GET" }),
  "a method that does not exist": once({ method: "FETCH" }, { fails: true }),
  "method POST without a body": post({}),
  "method POST with params": post({ params: { size: 2 } }),
  "method in resource_defaults": once({}, { resource_defaults: { endpoint: { method: "POST" } } }),
};

const BODIES: Record<string, Comparison> = {
  "json of each type": post({ json: { text: "a", number: 1, decimal: 1.5, flag: true, none: null, list: [1, "b"] } }),
  "json, nested": post({ json: { query: { filter: { state: ["open"], by: { id: 1 } } } } }),
  "json, an empty object": post({ json: {} }),
  "json with braces that are doubled": post({ json: { query: "{{ posts {{ id }} }}" } }),
  "json with letters beyond ASCII": post({ json: { q: "größe €" } }),
  "json of resource_defaults and endpoint": post(
    { json: { size: 5 } },
    { resource_defaults: { endpoint: { json: { size: 2, order: "id" } } } },
  ),
  "json of a GET": once({ json: { q: 1 } }, { differs: { "GET with a body": ["outcome"] } }),
  "json in parameters of several resources": {
    resource_defaults: { endpoint: { method: "POST", json: { size: 2 }, paginator: "single_page" } },
    resources: ["posts", { name: "users", endpoint: { json: { role: "admin" } } }],
    api: ANY,
  },
  "data as an object": post({ data: { grant: "all", size: 2 } }),
  "data with a list": post({ data: { id: [1, 2], size: 2 } }),
  "data with reserved characters": post({ data: { q: "a&b=c d", r: "größe" } }),
  "data as text": post({ data: "<query/>", headers: { "content-type": "text/xml" } }),
  "data as pairs": post({
    data: [
      ["a", 1],
      ["a", 2],
      ["b", "x"],
    ],
  }),
  "data and json": post({ data: { a: 1 }, json: { b: 1 } }, { fails: true }),
  "data with params": post({ data: { a: 1 }, params: { b: 2 } }),
};

const HEADERS: Record<string, Comparison> = {
  "headers of the client": once({}, { client: { headers: { "x-tenant": "acme", "accept-language": "en" } } }),
  "headers of the endpoint": once({ headers: { "x-tenant": "acme" } }),
  "headers of client and endpoint": once(
    { headers: { "x-tenant": "other", "x-more": "1" } },
    { client: { headers: { "x-tenant": "acme", "x-client": "1" } } },
  ),
  "headers with a secret": once(
    {},
    { client: { headers: { "x-key": { secret: "api_key" } } }, secrets: { api_key: "key-123456" } },
  ),
  "headers of resource_defaults": once({}, { resource_defaults: { endpoint: { headers: { "x-tenant": "acme" } } } }),
  "headers of resource_defaults and endpoint": once(
    { headers: { "x-more": "1" } },
    { resource_defaults: { endpoint: { headers: { "x-tenant": "acme" } } } },
  ),
  "a content type of the config": post({ json: { a: 1 }, headers: { "content-type": "application/vnd.api+json" } }),
  "headers of every page": {
    client: { headers: { "x-tenant": "acme" } },
    resources: [{ name: "posts", endpoint: { paginator: "header_link" } }],
    api: ({ query }) =>
      query.page === undefined ? reply(200, rows(1, 1), { link: `<${HERE}/posts?page=2>; rel="next"` }) : rows(2, 2),
  },
  "cookies in a header": once({ headers: { cookie: "session=abc" } }),
  "cookies that a response sets": {
    resources: [{ name: "posts", endpoint: { paginator: { type: "page_number", total_path: "pages" } } }],
    api: ({ query }) =>
      reply(200, { items: rows(Number(query.page) + 1, Number(query.page) + 1), pages: 2 }, {
        "set-cookie": "session=abc; Path=/",
      } as Record<string, string>),
  },
  "cookies that a response sets, in the next resource": {
    resources: [
      { name: "posts", endpoint: { paginator: "single_page" } },
      { name: "users", endpoint: { paginator: "single_page" } },
    ],
    api: ({ path }) =>
      reply(200, rows(1, 1), (path === "/posts" ? { "set-cookie": "session=abc" } : {}) as Record<string, string>),
  },
};

/** Requests: path, parameters, body and headers. */
export const REQUESTS: Record<string, Comparison> = { ...PATHS, ...PARAMETERS, ...BODIES, ...HEADERS };
