import { HERE, reply } from "../../configs/conversation.fixture.ts";
import type { Api, ApiRequest } from "../api.fixture.ts";
import type { Comparison } from "../comparison.fixture.ts";
import { rows } from "./shared.ts";

const SECRETS = { api_key: "key-abc/123+", password: "pass word:1", client_id: "id-1", client_secret: "secret-1" };
const key = { secret: "api_key" };
const password = { secret: "password" };

/** The auth of a client, and two pages. */
const auth = (given: unknown, more: Partial<Comparison> = {}): Comparison => ({
  client: { auth: given },
  resources: [{ name: "posts", endpoint: { paginator: { type: "page_number", base_page: 1, total_path: "pages" } } }],
  secrets: SECRETS,
  api: ({ query }) => ({ items: rows(Number(query.page), Number(query.page)), pages: 2 }),
  ...more,
});

const tokens =
  (token: object): Api =>
  ({ path, method, query }: ApiRequest) => {
    if (path === "/token") return method === "POST" ? { access_token: "token-1", ...token } : reply(405);
    return { items: rows(Number(query.page), Number(query.page)), pages: 2 };
  };

const oauth2 = (more: object, token: object = {}, rest: Partial<Comparison> = {}): Comparison =>
  auth(
    {
      type: "oauth2_client_credentials",
      access_token_url: `${HERE}/token`,
      client_id: { secret: "client_id" },
      client_secret: { secret: "client_secret" },
      ...more,
    },
    { api: tokens(token), ...rest },
  );

/** Authentication of requests. */
export const AUTHS: Record<string, Comparison> = {
  "no auth": auth(null),
  bearer: auth({ type: "bearer", token: key }),
  "bearer without a type": auth({ token: key }),
  "bearer without a token": auth({ type: "bearer" }, { fails: true }),
  "bearer with an unknown key": auth({ type: "bearer", token: key, prefix: "Token" }, { fails: true }),
  "api_key with its defaults": auth({ type: "api_key", api_key: key }),
  "api_key in a header": auth({ type: "api_key", name: "X-Api-Key", api_key: key, location: "header" }),
  "api_key in the query": auth({ type: "api_key", name: "key", api_key: key, location: "query" }),
  "api_key as a param": auth({ type: "api_key", name: "key", api_key: key, location: "param" }),
  "api_key in a cookie": auth(
    { type: "api_key", name: "session", api_key: key, location: "cookie" },
    { differs: { "a key in a cookie": ["outcome"] } },
  ),
  "api_key in an unknown location": auth(
    { type: "api_key", name: "key", api_key: key, location: "body" },
    { fails: true },
  ),
  "api_key in the query, with parameters": auth(
    { type: "api_key", name: "key", api_key: key, location: "query" },
    {
      resources: [{ name: "posts", endpoint: { params: { size: 2, q: "a b" }, paginator: "single_page" } }],
      api: { "/posts": rows(1, 2) },
    },
  ),
  "api_key in the query, with next links": auth(
    { type: "api_key", name: "key", api_key: key, location: "query" },
    {
      resources: [{ name: "posts", endpoint: { paginator: { type: "json_link", next_url_path: "next" } } }],
      api: ({ query }) => (query.page ? { items: rows(2, 2) } : { items: rows(1, 1), next: `${HERE}/posts?page=2` }),
    },
  ),
  http_basic: auth({ type: "http_basic", username: "reporting", password }),
  "http_basic with a user name that is a secret": auth({ type: "http_basic", username: key, password }),
  "http_basic with an empty password": auth({ type: "http_basic", username: key, password: "" }),
  "http_basic with a plain password": auth({ type: "http_basic", username: key, password: "api_token" }),
  "http_basic with letters beyond ASCII": auth({ type: "http_basic", username: "größe", password }),
  "http_basic without a password": auth({ type: "http_basic", username: "reporting" }, { fails: true }),
  "an unknown auth": auth({ type: "digest", username: "a", password }, { fails: true }),
  "auth of the endpoint before the client's": auth(
    { type: "bearer", token: key },
    {
      resources: [
        "posts",
        {
          name: "users",
          endpoint: { auth: { type: "api_key", name: "x-key", api_key: key }, paginator: "single_page" },
        },
      ],
      api: () => rows(1, 2),
    },
  ),
  "auth null of an endpoint": auth(
    { type: "bearer", token: key },
    {
      resources: [{ name: "posts", endpoint: { auth: null, paginator: "single_page" } }],
      api: () => rows(1, 2),
    },
  ),
  "auth of a child": auth(
    { type: "bearer", token: key },
    {
      resources: [
        { name: "posts", endpoint: { paginator: "single_page" } },
        { name: "comments", endpoint: { path: "posts/{resources.posts.id}/comments", paginator: "single_page" } },
      ],
      api: () => rows(1, 2),
    },
  ),
  "auth in resource_defaults": {
    resource_defaults: { endpoint: { auth: { type: "bearer", token: key }, paginator: "single_page" } },
    resources: ["posts"],
    secrets: SECRETS,
    api: () => rows(1, 2),
  },
  "a header Authorization, without auth": {
    client: { headers: { Authorization: key } },
    resources: ["posts"],
    secrets: SECRETS,
    api: () => rows(1, 2),
  },
  oauth2_client_credentials: oauth2({}, { expires_in: 3600 }),
  "oauth2_client_credentials without expires_in": oauth2({}),
  "oauth2_client_credentials with expires_in as text": oauth2({}, { expires_in: "3600" }),
  "oauth2_client_credentials with fields of the request": oauth2({
    access_token_request_data: { scope: "read write", audience: `${HERE}/api` },
  }),
  "oauth2_client_credentials with an access_token": oauth2({ access_token: key }),
  "oauth2_client_credentials with another lifetime": oauth2({ default_token_expiration: 600 }),
  "oauth2_client_credentials with a refused client": oauth2(
    {},
    {},
    { api: { "POST /token": reply(401, {}) }, fails: true },
  ),
  "oauth2_client_credentials without a URL": auth(
    { type: "oauth2_client_credentials", client_id: "a", client_secret: { secret: "client_secret" } },
    { fails: true },
  ),
  "401 of the API": auth({ type: "bearer", token: key }, { api: () => reply(401, {}), fails: true }),
  "403 of the API": auth({ type: "bearer", token: key }, { api: () => reply(403, {}), fails: true }),
};
