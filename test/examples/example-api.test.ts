import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ExampleApi, startExampleApi } from "../../local/example-api/index.ts";

let api: ExampleApi;

beforeAll(async () => {
  api = await startExampleApi();
});

afterAll(() => api[Symbol.asyncDispose]());

const secret = (name: string): string => api.secrets[name] as string;

const send = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<Response> =>
  fetch(api.url + path, { ...init, headers });

const statusOf = async (...request: Parameters<typeof send>): Promise<number> => (await send(...request)).status;

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

const sign = (key: string, at: number, path: string) => ({
  "x-signed-at": String(at),
  "x-signature": createHmac("sha256", key).update(`${at} ${path}`).digest("hex"),
});

/** Requests a token. The given fields replace those of a valid form. */
const tokenFor = (given: Record<string, string>) => {
  const form = {
    grant_type: "client_credentials",
    client_id: secret("client_id"),
    client_secret: secret("client_secret"),
  };
  return send("/oauth/token", {}, { method: "POST", body: new URLSearchParams({ ...form, ...given }) });
};

const bearerFor = async (scope: string): Promise<Record<string, string>> => {
  const { access_token } = (await (await tokenFor({ scope })).json()) as { access_token: string };
  return { authorization: `Bearer ${access_token}` };
};

/** A path, a request with valid credentials, and some with invalid ones. */
type Endpoint = [path: string, good: () => Promise<number>, bad: () => Promise<number>[]];

const PATHS: Endpoint[] = [
  [
    "/books/with-header-key",
    () => statusOf("/books/with-header-key", { "x-api-key": secret("api_key") }),
    () => [
      statusOf("/books/with-header-key", { "x-api-key": `${secret("api_key")}x` }),
      statusOf("/books/with-header-key", { cookie: `session=${secret("api_key")}` }),
      statusOf(`/books/with-header-key?key=${secret("api_key")}`),
    ],
  ],
  [
    "/books/with-query-key",
    () => statusOf(`/books/with-query-key?key=${secret("api_key")}`),
    () => [
      statusOf("/books/with-query-key?key="),
      statusOf("/books/with-query-key", { "x-api-key": secret("api_key") }),
    ],
  ],
  [
    "/books/with-cookie",
    () => statusOf("/books/with-cookie", { cookie: `theme=dark; session=${secret("api_key")}` }),
    () => [
      statusOf("/books/with-cookie", { cookie: "session=other" }),
      statusOf("/books/with-cookie", { cookie: `sessions=${secret("api_key")}` }),
    ],
  ],
  [
    "/books/with-bearer",
    () => statusOf("/books/with-bearer", { authorization: `Bearer ${secret("token")}` }),
    () => [
      statusOf("/books/with-bearer", { authorization: secret("token") }),
      statusOf("/books/with-bearer", { authorization: `Bearer ${secret("sales_token")}` }),
    ],
  ],
  [
    "/books/with-password",
    () => statusOf("/books/with-password", { authorization: basic("reader", secret("password")) }),
    () => [
      statusOf("/books/with-password", { authorization: basic("writer", secret("password")) }),
      statusOf("/books/with-password", { authorization: basic("reader", "") }),
    ],
  ],
  [
    "/books/with-oauth2",
    async () => statusOf("/books/with-oauth2", await bearerFor("books:read")),
    () => [statusOf("/books/with-oauth2", { authorization: `Bearer ${secret("client_secret")}` })],
  ],
  [
    "/books/with-signature",
    () => statusOf("/books/with-signature", sign(secret("signing_key"), Date.now(), "/books/with-signature")),
    () => [
      statusOf("/books/with-signature", sign(secret("signing_key"), Date.now(), "/books")),
      statusOf("/books/with-signature", sign("another key", Date.now(), "/books/with-signature")),
      statusOf("/books/with-signature", sign(secret("signing_key"), Date.now() - 3_600_000, "/books/with-signature")),
    ],
  ],
  [
    "/books/with-tenant",
    () => statusOf("/books/with-tenant", { authorization: `Tenant north:${secret("tenant_key")}` }),
    () => [statusOf("/books/with-tenant", { authorization: `Tenant south:${secret("tenant_key")}` })],
  ],
  [
    "/sales",
    () => statusOf("/sales", { authorization: `Bearer ${secret("sales_token")}` }),
    () => [statusOf("/sales", { authorization: `Bearer ${secret("token")}` })],
  ],
];

test.for(PATHS)("%s accepts its credentials, and returns 401 for all others", async ([path, good, bad]) => {
  expect(await good()).toBe(200);
  expect(await statusOf(path)).toBe(401);
  expect(new Set(await Promise.all(bad()))).toEqual(new Set([401]));
});

test("valid credentials without permission get 403", async () => {
  expect(await statusOf("/sales", { "x-api-key": secret("api_key") })).toBe(403);
  expect(await statusOf("/books/with-oauth2", await bearerFor("books:write"))).toBe(403);
});

test("the token endpoint accepts only the client's credentials and the grant client_credentials", async () => {
  expect((await tokenFor({ client_secret: "other" })).status).toBe(401);
  expect((await tokenFor({ client_id: "other" })).status).toBe(401);
  expect((await tokenFor({ grant_type: "password" })).status).toBe(400);
});

test("the public endpoint rejects a key, so that an example that sends one fails", async () => {
  expect(await statusOf("/opening-hours")).toBe(200);
  expect(await statusOf("/opening-hours", { "x-api-key": secret("api_key") })).toBe(400);
});

test("a request without the parameters of its paginator or body gets 400", async () => {
  const post = (path: string, type: string, body: string) =>
    statusOf(path, { "content-type": type }, { method: "POST", body });
  expect(
    await Promise.all([
      statusOf("/books/by-offset?skip=0"),
      statusOf("/books/by-cursor?after=5"),
      statusOf("/books/by-header-cursor?cursor=5"),
      statusOf("/books/by-last-id"),
      statusOf("/v2/books"),
      post("/books/search", "application/json", '{"genres": ["crime"], "paging": {"page": "1", "size": 3}}'),
      post("/books/search-form", "application/x-www-form-urlencoded", "genre=crime"),
      post("/graphql", "application/json", '{"query": "query {{ books }}"}'),
    ]),
  ).toEqual(Array.from({ length: 8 }, () => 400));
});

test("an unknown path gets 404, a wrong method 405", async () => {
  expect(await statusOf("/magazines")).toBe(404);
  expect(await statusOf("/books/99/reviews")).toBe(404);
  expect(await statusOf("/books", {}, { method: "POST" })).toBe(405);
});

test("the busy endpoint returns 429 with Retry-After to too many requests", async () => {
  const responses = await Promise.all(Array.from({ length: 9 }, () => send("/books/busy?page=1")));
  const rejected = responses.filter(({ status }) => status === 429);
  expect(rejected).toHaveLength(1);
  expect(rejected[0]?.headers.get("retry-after")).toBe("1");
});

test("the recorded requests contain no secret", async () => {
  const seen = JSON.stringify(api.requests);
  expect(api.requests.length).toBeGreaterThan(40);
  for (const value of Object.values(api.secrets)) {
    expect(seen).not.toContain(value);
    expect(seen).not.toContain(Buffer.from(value).toString("base64").slice(0, 20));
  }
  const headersOf = (wanted: string) =>
    api.requests.filter(({ path }) => path === wanted).map(({ headers }) => headers);
  expect(headersOf("/books/with-password")[0]?.authorization).toBe("Basic ***");
  // Values derived from a secret are masked as well. The first request of each path has valid credentials.
  expect(headersOf("/books/with-signature")[0]?.["x-signature"]).toBe("***");
  expect(headersOf("/books/with-oauth2")[0]?.authorization).toBe("Bearer ***");
});
