import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { planLines } from "../../infra/cli/check/plan.ts";
import { readSource } from "../../infra/sources.ts";
import { resolveSource } from "../../lib/source/resolve.ts";
import { reply, startApi } from "../dialect/conversation.fixture.ts";
import { type Ended, restlake } from "./command.fixture.ts";

const LIBRARY = pathToFileURL(join(import.meta.dirname, "../../lib/source/index.ts")).href;
const KEY = "check-key-8d41f0b2c7";
const TOKEN = "check-token-55e9a1";

const folder = mkdtempSync(join(tmpdir(), "restlake-check-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, content: unknown): void => {
  const text =
    typeof content === "string" ? content : name.endsWith("json") ? JSON.stringify(content) : stringify(content);
  writeFileSync(join(folder, name), text);
};

/** `npm run check`, with what differs from time to time written as PORT and N. */
const check = async (args: string[], env: Record<string, string> = {}): Promise<Ended> => {
  const { code, out, err } = await restlake(["check", ...args], folder, env);
  const steady = (text: string) =>
    text.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT").replaceAll(/in \d+ ms/g, "in N ms");
  expect(out + err).not.toContain(KEY);
  expect(out + err).not.toContain(TOKEN);
  return { code, out: steady(out), err: steady(err) };
};

const API = "https://tickets.your-company.com/api";

/** A bit of everything that a file of data can say. */
const tickets = {
  name: "tickets",
  client: {
    base_url: API,
    headers: { "accept-language": "en", "x-tenant": { secret: "tenant" } },
    auth: { type: "api_key", name: "X-Api-Key", api_key: { secret: "api_key" } },
    rate_limit: { requests: 100, per: 60 },
  },
  resource_defaults: {
    primary_key: "id",
    write_disposition: "merge",
    merge_key: "id",
    endpoint: { data_selector: "data" },
  },
  resources: [
    {
      name: "comments",
      include_from_parent: ["number", "state"],
      endpoint: {
        path: "v2/tickets/{resources.tickets.id}/comments",
        params: { lang: "{resources.tickets.meta.language}", access: { secret: "tenant" } },
        paginator: "single_page",
      },
    },
    {
      name: "tickets",
      columns: { id: { data_type: "bigint", unique: true }, opened_at: { data_type: "timestamp" } },
      endpoint: {
        path: "v2/tickets",
        params: { state: ["open", "new"] },
        paginator: { type: "page_number", base_page: 1, total_path: "meta.pages" },
        incremental: {
          cursor_path: "updated_at",
          initial_value: "2026-01-01T00:00:00Z",
          start_param: "updated_since",
          lag: 3600,
        },
        response_actions: [
          { status_code: 404, action: "ignore" },
          { status_code: 200, content: "come back", action: "retry" },
        ],
      },
    },
    {
      name: "found",
      write_disposition: "replace",
      endpoint: {
        path: "search",
        method: "POST",
        json: { filter: { state: "open" }, token: { secret: "search_token" } },
        auth: { type: "bearer", token: { secret: "search_token" } },
        paginator: { type: "offset", limit: 50, offset_body_path: "paging.from", limit_body_path: "paging.size" },
      },
    },
    "users",
  ],
  settings: { schedule: "cron(0 3 * * ? *)", timezone: "Europe/Vienna" },
};

const TICKETS_PLAN = `tickets
  base_url    https://tickets.your-company.com/api
  auth        api_key in the header X-Api-Key, secret api_key
  headers     accept-language: en, x-tenant: ***
  secrets     api_key, search_token, tenant
  schedule    cron(0 3 * * ? *) Europe/Vienna
  rate_limit  100 requests in 60 s
  no effect   merge_key, columns.unique (see docs/coming-from-dlt.md)

1. tickets
  request     GET https://tickets.your-company.com/api/v2/tickets?state=open&state=new&updated_since=2026-01-01T00:00:00Z&page=1
  pages       page_number: base_page 1, page_param page, total_path meta.pages
  answers     404: ignore; 200 with "come back": retry
  rows        at data
  new rows    by updated_at, from 2026-01-01T00:00:00Z on, start sent as updated_since, lag 3600
  table       tickets, merge by id
  columns     id bigint not null, opened_at timestamp

2. comments, for each row of tickets
  request     GET https://tickets.your-company.com/api/v2/tickets/{resources.tickets.id}/comments?lang={resources.tickets.meta.language}&access=***
  pages       single_page
  rows        at data
  parent      adds _tickets_number, _tickets_state
  table       comments, merge by id

3. found
  request     POST https://tickets.your-company.com/api/search
              json {"filter":{"state":"open"},"token":"***","paging":{"from":0,"size":50}}
  auth        bearer, secret search_token
  pages       offset: offset 0, limit 50, offset_body_path paging.from, limit_body_path paging.size
  rows        at data
  table       found, replace by id

4. users
  request     GET https://tickets.your-company.com/api/users
  pages       auto: found out by the first answer
  rows        at data
  table       users, merge by id
`;

beforeAll(() => {
  write("tickets.json", tickets);
  write("tickets.yaml", tickets);
  const { settings, ...config } = tickets;
  write(
    "tickets.ts",
    `import { defineSource } from ${JSON.stringify(LIBRARY)};\nexport const source = defineSource(${JSON.stringify(config)} as any, ${JSON.stringify(settings)});\n`,
  );
});

describe("the plan", () => {
  test.for(["tickets.json", "tickets.yaml", "./tickets.ts"])(
    "of %s: each resource in the order of loading, what it asks, and what comes of it",
    async (file) => {
      const env = { RESTLAKE_SECRET_API_KEY: KEY };
      expect(await check([file, "--secret", `search_token=${TOKEN}`], env)).toEqual({
        code: 0,
        out: TICKETS_PLAN,
        err: "",
      });
    },
  );

  test("--resource leaves only that one and its parents, --base-url takes the place of the config's", async () => {
    const { code, out } = await check([
      "tickets.json",
      "--resource",
      "comments",
      "--base-url",
      "http://localhost:9/v1/",
    ]);
    expect(code).toBe(0);
    expect(out.match(/^\d\. .*|^ {2}(base_url|request) .*/gm)).toEqual([
      "  base_url    http://localhost:9/v1/",
      "1. tickets",
      "  request     GET http://localhost:9/v1/v2/tickets?state=open&state=new&updated_since=2026-01-01T00:00:00Z&page=1",
      "2. comments, for each row of tickets",
      "  request     GET http://localhost:9/v1/v2/tickets/{resources.tickets.id}/comments?lang={resources.tickets.meta.language}&access=***",
    ]);
  });

  test("names functions, and of auths and paginators that are registered what is no key", async () => {
    write(
      "own.ts",
      `import { defineSource, registerAuth, registerPaginator, secret } from ${JSON.stringify(LIBRARY)};
      const signed = registerAuth("signed", (request) => request);
      const turns = registerPaginator("turns", { first: () => 1, request: (_, turn) => ({ params: { turn: String(turn) } }), next: () => ({ end: true }) });
      export const source = defineSource({
        name: "own",
        client: { base_url: "${API}", auth: signed({ key: secret("signing_key"), literal: "${KEY}" }) },
        resources: [
          {
            name: "users",
            selected: false,
            processing_steps: [{ filter: () => true }, { map: (row) => row }],
            endpoint: { paginator: turns({ of: 3, secret_key: "${KEY}" }), response_actions: [() => {}, { status_code: 500, action: [() => "ignore", () => {}] }] },
          },
          {
            name: "orders",
            endpoint: { auth: () => ({}), incremental: { cursor_path: "at", initial_value: 1_700_000_000, start_param: "from", convert: (seconds) => new Date(seconds * 1000).toISOString() } },
          },
          { name: "public", endpoint: { auth: null } },
        ],
      });`,
    );
    const { code, out } = await check(["own.ts"]);
    expect(code).toBe(0);
    expect(out).toBe(`own
  base_url    https://tickets.your-company.com/api
  auth        differs from resource to resource
  secrets     signing_key
  schedule    none: started by hand

1. users
  request     GET https://tickets.your-company.com/api/users?turn=1
  auth        signed, secret signing_key
  pages       turns: of 3, secret_key ***
  answers     any answer: function; 500: function, function
  rows        found in each answer
  steps       filter, map
  table       none: read for its children only

2. orders
  request     GET https://tickets.your-company.com/api/orders?from=2023-11-14T22:13:20.000Z
  auth        a function
  pages       auto: found out by the first answer
  rows        found in each answer
  new rows    by at, from 1700000000 on, start sent as from
  table       orders, append

3. public
  request     GET https://tickets.your-company.com/api/public
  auth        none
  pages       auto: found out by the first answer
  rows        found in each answer
  table       public, append
`);
  });

  test("shows no key, wherever the config has it: in headers, parameters, forms or bodies, as a secret or as it is", async () => {
    const endpoint = (own: object) => ({ method: "POST", paginator: "single_page", ...own });
    write("careless.yaml", {
      name: "careless",
      client: {
        base_url: API,
        headers: { Authorization: `Bearer ${KEY}`, "X-Api-Key": KEY, "X-Trace": { secret: "trace" } },
      },
      resources: [
        {
          name: "query",
          endpoint: {
            params: { api_key: KEY, access_token: TOKEN, key: KEY, page_token: "first", of: { secret: "of" } },
          },
        },
        {
          name: "headers",
          endpoint: { headers: { Cookie: `session=${KEY}`, "X-Signature": TOKEN, Accept: "text/csv" } },
        },
        {
          name: "json",
          endpoint: endpoint({
            json: { login: { password: KEY, user: "me" }, keys: [{ key: TOKEN }], of: { secret: "of" } },
          }),
        },
        { name: "form", endpoint: endpoint({ data: { client_secret: KEY, of: { secret: "of" }, grant: "x" } }) },
        {
          name: "pairs",
          endpoint: endpoint({
            data: [
              ["password", TOKEN],
              ["of", "all"],
            ],
          }),
        },
        { name: "text", endpoint: endpoint({ data: "<all/>" }) },
        { name: "elsewhere", endpoint: `https://files.your-company.com/all?token=${TOKEN}` },
      ],
    });
    const { code, out } = await check(["careless.yaml"]);
    expect(code).toBe(0);
    expect(out.match(/^ {2}(?:headers|request|secrets) .*(?:\n {14}.*)*/gm)?.join("\n")).toBe(
      [
        "  headers     Authorization: ***, X-Api-Key: ***, X-Trace: ***",
        "  secrets     of, trace",
        `  request     GET ${API}/query?api_key=***&access_token=***&key=***&page_token=first&of=***`,
        `  request     GET ${API}/headers`,
        "              Cookie: ***",
        "              X-Signature: ***",
        "              Accept: text/csv",
        `  request     POST ${API}/json`,
        '              json {"login":{"password":"***","user":"me"},"keys":[{"key":"***"}],"of":"***"}',
        `  request     POST ${API}/form`,
        "              form client_secret=***&of=***&grant=x",
        `  request     POST ${API}/pairs`,
        "              form password=***&of=all",
        `  request     POST ${API}/text`,
        '              body "<all/>"',
        "  request     GET https://files.your-company.com/all?token=***",
      ].join("\n"),
    );
  });

  test("says which auth sends what where", async () => {
    const auths = {
      in_query: { type: "api_key", name: "k", api_key: { secret: "a" }, location: "query" },
      in_cookie: { type: "api_key", name: "sid", api_key: { secret: "a" }, location: "cookie" },
      basic: { type: "http_basic", username: { secret: "user" }, password: { secret: "password" } },
      oauth: {
        type: "oauth2_client_credentials",
        access_token_url: `https://login.your-company.com/token?key=${KEY}`,
        client_id: "id",
        client_secret: { secret: "client_secret" },
      },
    };
    const resources = Object.entries(auths).map(([name, auth]) => ({ name, endpoint: { auth } }));
    write("auths.json", { name: "auths", client: { base_url: `${API}?key=${KEY}` }, resources });
    expect((await check(["auths.json"])).out.match(/^ {2}(auth|base_url) .*/gm)).toEqual([
      `  base_url    ${API}?***`,
      "  auth        differs from resource to resource",
      "  auth        api_key in the query k, secret a",
      "  auth        api_key in the cookie sid, secret a",
      "  auth        http_basic, secret user, password",
      "  auth        oauth2_client_credentials by https://login.your-company.com/token?***, secret client_secret",
    ]);
  });

  test("names the keys of dlt that change nothing here, wherever they are", async () => {
    write("idle.json", {
      name: "idle",
      client: { base_url: API },
      resource_defaults: { table_format: "delta", columns: [{ name: "a", sort: true }] },
      resources: [
        { name: "users", write_disposition: { disposition: "merge", strategy: "upsert" }, references: [] },
        {
          name: "orders",
          nested_hints: {},
          parent_table_name: "x",
          columns: { b: { cluster: true, data_type: "text" } },
        },
      ],
    });
    const { out } = await check(["idle.json"]);
    const [, keys = ""] = /^ {2}no effect +(.*) \(see docs\/coming-from-dlt\.md\)$/m.exec(out) ?? [];
    expect(keys.split(", ").sort()).toEqual([
      "columns.cluster",
      "columns.sort",
      "nested_hints",
      "parent_table_name",
      "references",
      "table_format",
      "write_disposition.strategy",
    ]);
    // Without a key, nothing can be merged.
    expect(out).toContain("  table       users, merge without a primary_key: all rows stay\n");
  });

  test("is broken between words where a terminal is narrow, below the text and not below the words", async () => {
    const { source } = await readSource("tickets.json", join(folder, "tickets.json"));
    const resolved = resolveSource(source);
    const lines = planLines(source, resolved, new Set(["tickets"]), 60);
    // A URL stays one that can be copied.
    expect(lines.filter((line) => line.length > 60)).toEqual([
      expect.stringMatching(/^ {2}request {5}GET$|^ {14}https:/),
    ]);
    const at = lines.findIndex((line) => line.startsWith("  new rows"));
    expect(lines.slice(at, at + 3)).toEqual([
      "  new rows    by updated_at, from 2026-01-01T00:00:00Z on,",
      "              start sent as updated_since, lag 3600",
      "  table       tickets, merge by id",
    ]);
  });
});

describe("a mistake is told in a line, with exit code 2", () => {
  const one = { name: "shop", client: { base_url: API }, resources: ["items"] };
  const keyed = { ...one, client: { ...one.client, auth: { type: "bearer", token: { secret: "token" } } } };

  beforeAll(() => {
    write("shop.json", one);
    write("keyed.json", keyed);
    write("placeholder.json", { ...one, client: { base_url: "https://api.example.com" } });
    write("metadata.json", { ...one, client: { base_url: "http://169.254.169.254/latest" } });
    write("mistakes.json", {
      ...one,
      resources: [
        { name: "items", endpoint: { pth: "x" } },
        { name: "orders", selectd: true },
      ],
    });
    write("orphan.json", { ...one, resources: [{ name: "lines", endpoint: "orders/{resources.orders.id}" }] });
    write("dots.json", { ...one, resources: [{ name: "items", endpoint: "../items" }] });
    write(
      "throws.ts",
      `import { registerPaginator } from ${JSON.stringify(LIBRARY)};
      export const source = { config: { name: "shop", client: { base_url: "${API}" }, resources: [{ name: "items", endpoint: { paginator: registerPaginator("broken", { first: () => { throw new TypeError("no"); } })({}) } }] }, settings: {} };`,
    );
  });

  test.concurrent.for<[string, string[], string | RegExp]>([
    ["no source", [], /^give a source\nusage: npm run check -- <source> \[options\]\n(.*\n)*$/],
    ["two sources", ["a.json", "b.json"], "give one source, not a.json and b.json\n"],
    ["a file that is not there", ["nothing.yaml"], "nothing.yaml: there is no such file\n"],
    ["a source that is not there", ["nothing"], /^there is no source "nothing" in functions\/; there are: .*\n$/],
    [
      "several mistakes in a config, a line each",
      ["mistakes.json"],
      /^mistakes\.json: resources\[0\]\.endpoint: unknown key "pth", did you mean "path"\? .*\nmistakes\.json: resources\[1\]: unknown key "selectd", did you mean "selected"\? .*\n$/,
    ],
    [
      "an unknown parent",
      ["orphan.json"],
      /^(?:orphan\.json|shop).*: its parent "orders" is not a resource of this source.*\n$/,
    ],
    [
      "a resource that is not there",
      ["shop.json", "--resource", "itms"],
      'shop: there is no resource "itms"; there are: items\n',
    ],
    [
      "a base_url that is none",
      ["shop.json", "--base-url", "nowhere"],
      'shop: base_url "nowhere" is not an http or https URL\n',
    ],
    [
      "a base_url with a password",
      ["shop.json", "--base-url", `https://me:${KEY}@api.your-company.com`],
      /^shop: base_url https:\/\/api\.your-company\.com holds a user or a password: .*\n$/,
    ],
    [
      "a base_url where metadata lives",
      ["metadata.json"],
      /^shop: base_url http:\/\/169\.254\.169\.254 is a link-local address, .*\n$/,
    ],
    [
      "the placeholder, when it is to be asked",
      ["placeholder.json", "--live"],
      /^shop: base_url is still the placeholder .*\n$/,
    ],
    [
      "a secret that is missing, when it is needed",
      ["keyed.json", "--live"],
      "shop needs the secret token: give --secret token=... or RESTLAKE_SECRET_TOKEN in the environment\n",
    ],
    [
      "a secret without a name",
      ["keyed.json", "--live", "--secret", KEY],
      "--secret must be name=value (what was given is not shown here)\n",
    ],
    [
      "a path that leads to another",
      ["dots.json"],
      /^shop\.items: its request cannot be made: ResponseError: the path \.\.\/items has a segment .*\n$/,
    ],
    ["a function that throws", ["throws.ts"], /^shop\.items: .*TypeError: no.*\n$/],
    [
      "an option that is not there",
      ["shop.json", "--out", "x"],
      /^there is no option --out; there are: --resource, .*\n$/,
    ],
    ["a time that is none", ["shop.json", "--request-timeout", "soon"], /^--request-timeout must be a number .*\n$/],
  ])("%s", async ([, args, message], { expect }) => {
    expect(await check(args)).toEqual({
      code: 2,
      out: "",
      err: typeof message === "string" ? message : expect.stringMatching(message),
    });
  });
});

describe("--live", () => {
  const row = (id: number) => ({ id, name: `row ${id}`, meta: { at: "2026-01-02T03:04:05Z" } });
  const page = (own: object = {}) => ({ type: "page_number", base_page: 1, ...own });
  const hung = Promise.withResolvers<unknown>();

  /** What the API answers, by method and path with its query. */
  const ANSWERS: Record<string, unknown> = {
    "GET /paged?page=1": { data: [row(1), row(2)], meta: { pages: 3 } },
    "GET /paged?page=2": { data: [row(3)], meta: { pages: 3 } },
    "GET /found": { meta: { next_page: "/found?after=2" }, list: { items: [row(1)], tags: [] } },
    "GET /found?after=2": { list: { items: [] } },
    "GET /guessed": { data: [row(1)], total_pages: 2 },
    "GET /guessed?page=1": { data: [row(1)], total_pages: 2 },
    "GET /parents": [{ id: "a/b", lang: "de" }, { id: "c" }],
    "GET /parents/a%2Fb/children": { data: [{ no: 7 }] },
    "POST /grandchildren": { data: [] },
    "GET /barren": { data: [] },
    "GET /gone": reply(404, { error: "no such thing" }),
    "GET /away": reply(404, "gone"),
    "GET /refused": reply(401, { error: "who are you" }),
    "GET /busy": reply(429, { error: "slow down" }, { "retry-after": "30" }),
    "GET /page.html": reply(200, "<html>Log in</html>", { "content-type": "text/html" }),
    "GET /torn": reply(200, '{"data": [{"id": 1'),
    "GET /elsewhere": { data: [row(1)], next: "https://other.invalid/page/2" },
    "GET /wrong?page=1": { result: { entries: [row(1), row(2), row(3)] }, count: 3 },
    "GET /same?page=0": { data: [row(1)] },
    "GET /same?page=1": { data: [row(1)] },
    "GET /contradicts?page=1": { data: [], meta: { pages: 4 } },
    "GET /counts?page=1": { data: [], total: 12 },
    "GET /older": { data: [row(1), { ...row(2), meta: { at: "2025-01-01T00:00:00Z" } }] },
    "GET /not-yet": { status: "come back" },
    "GET /tells": reply(500, { error: `the key ${KEY} is not good` }),
    "GET /slow": hung.promise,
    "GET /threw": [row(1)],
  };

  const CONFIG = {
    name: "live",
    client: { base_url: "HERE", auth: { type: "api_key", name: "x-api-key", api_key: { secret: "api_key" } } },
    resources: [
      { name: "paged", endpoint: { data_selector: "data", paginator: page({ total_path: "meta.pages" }) } },
      "found",
      {
        name: "guessed",
        columns: { id: { data_type: "text" }, note: { data_type: "json" } },
        endpoint: { path: "guessed" },
      },
      { name: "parents", endpoint: "parents" },
      {
        name: "children",
        include_from_parent: ["lang"],
        endpoint: { path: "parents/{resources.parents.id}/children", data_selector: "data" },
      },
      {
        name: "grandchildren",
        endpoint: {
          method: "POST",
          json: { of: "{resources.children.no}", token: { secret: "token" } },
          paginator: "single_page",
          data_selector: "data",
        },
      },
      { name: "greatgrandchildren", endpoint: { path: "x/{resources.grandchildren.id}" } },
      { name: "barren", endpoint: { data_selector: "data" } },
      { name: "heirs", endpoint: { path: "heirs/{resources.barren.id}/all" } },
      { name: "gone", endpoint: "gone" },
      { name: "orphans", endpoint: { path: "orphans/{resources.gone.id}/all" } },
      { name: "away", endpoint: { response_actions: [{ status_code: 404, action: "ignore" }] } },
      { name: "refused", endpoint: "refused" },
      { name: "busy", endpoint: "busy" },
      { name: "html", endpoint: "page.html" },
      { name: "torn", endpoint: "torn" },
      { name: "elsewhere", endpoint: "elsewhere" },
      { name: "wrong", endpoint: { data_selector: "results", paginator: page() } },
      { name: "same", endpoint: { data_selector: "data", paginator: "page_number" } },
      { name: "contradicts", endpoint: { data_selector: "data", paginator: page({ total_path: "meta.pages" }) } },
      { name: "counts", endpoint: { data_selector: "data", paginator: page() } },
      {
        name: "older",
        endpoint: {
          data_selector: "data",
          incremental: { cursor_path: "meta.at", initial_value: "2026-01-01T00:00:00Z" },
        },
      },
      { name: "not_yet", endpoint: { path: "not-yet", response_actions: [{ content: "come back", action: "retry" }] } },
      { name: "tells", endpoint: "tells" },
      { name: "nowhere", endpoint: "NOBODY/nowhere" },
      {
        name: "thief",
        endpoint: {
          auth: {
            type: "oauth2_client_credentials",
            access_token_url: "http://169.254.169.254/token",
            client_id: "me",
            client_secret: { secret: "token" },
          },
        },
      },
      { name: "slow", endpoint: "slow" },
    ],
  };

  let api: Awaited<ReturnType<typeof startApi>>;
  let ended: Ended;
  const before: string[] = [];

  beforeAll(async () => {
    api = await startApi(
      ({ text, url }) => ANSWERS[`${text.split(" ")[0]} ${url.pathname}${url.search}`] ?? reply(418),
    );
    const closed = await startApi(() => ({}));
    await closed[Symbol.asyncDispose]();
    const config = JSON.parse(
      JSON.stringify(CONFIG).replaceAll("HERE", api.url).replaceAll("NOBODY", closed.url),
    ) as typeof CONFIG;
    write("live.json", config);
    write("fine.json", { ...config, resources: CONFIG.resources.slice(0, 2) });
    write("empty.json", { ...config, resources: CONFIG.resources.slice(7, 9) });
    write("limited.json", {
      ...config,
      client: { ...config.client, rate_limit: { requests: 1, per: 3600 } },
      resources: CONFIG.resources.slice(0, 2),
    });
    write(
      "threw.ts",
      `export const source = { config: { name: "live", client: { base_url: "${api.url}" }, resources: [{ name: "threw", processing_steps: [{ map: (row) => row.nothing.at }] }] }, settings: {} };`,
    );
    write("careless-live.json", {
      ...config,
      resources: [{ name: "paged", endpoint: { path: `paged/${KEY}`, auth: null } }],
    });
    before.push(...readdirSync(folder, { recursive: true }).map(String));
    ended = await check(["live.json", "--live", "--secret", `api_key=${KEY}`, "--request-timeout", "1"], {
      RESTLAKE_SECRET_TOKEN: TOKEN,
    });
  });

  afterAll(async () => {
    hung.resolve({});
    await api[Symbol.asyncDispose]();
  });

  const HOST = "http://127.0.0.1:PORT";

  /** What was said of a resource, without the indent. */
  const said = (resource: string): string[] => {
    const block = ended.out.split("\n\n").find((text) => new RegExp(`^(ok|!!|--) ${resource}\n`).test(text)) ?? "";
    return block.split("\n").map((line) => line.replace(/^ {2}/, ""));
  };

  test("tells request, status, rows, columns and pages, and asks for the second page as well", () => {
    expect(said("paged")).toEqual([
      "ok paged",
      `request     GET ${HOST}/paged?page=1`,
      "status      200 in N ms",
      "rows        2 at data",
      "columns     id bigint, name text, meta__at timestamp",
      "pages       page_number: base_page 1, page_param page, total_path meta.pages",
      `next        GET ${HOST}/paged?page=2`,
      "status      200 in N ms",
      "rows        1, and there are more",
    ]);
  });

  test("tells which selector and which paginator were found", () => {
    expect(said("found").slice(3)).toEqual([
      "rows        1 at list.items (found)",
      "columns     id bigint, name text, meta__at timestamp",
      "pages       json_link: next_url_path meta.next_page (found)",
      `next        GET ${HOST}/found?after=2`,
      "status      200 in N ms",
      "rows        0, and no more",
    ]);
  });

  test("sees when pages are counted from 1 though nothing says so; declared columns keep their type", () => {
    expect(said("guessed").slice(4)).toEqual([
      "columns     id text, note json, name text, meta__at timestamp",
      "pages       page_number: base_page 0, page_param page, total_path total_pages (found)",
      `next        GET ${HOST}/guessed?page=1`,
      "status      200 in N ms",
      "rows        the first page again: pages are counted from 1",
    ]);
  });

  test("asks children with the first row of their parent, over generations", () => {
    expect(said("children").slice(0, 5)).toEqual([
      "ok children",
      `request     GET ${HOST}/parents/a%2Fb/children`,
      "status      200 in N ms",
      "rows        1 at data",
      "columns     no bigint, _parents_lang text",
    ]);
    expect(said("grandchildren")).toEqual([
      "ok grandchildren",
      `request     POST ${HOST}/grandchildren`,
      '            json {"of":7,"token":"***"}',
      "status      200 in N ms",
      "rows        0 at data",
      "columns     none yet",
      "pages       single_page",
      "next        nothing: this was the last page",
    ]);
    expect(api.asked).toContainEqual(expect.stringContaining(`json {"of":7,"token":"${TOKEN}"}`));
  });

  test("does not ask a child whose parent has no rows, or failed", () => {
    expect(said("barren")[0]).toBe("ok barren");
    expect(said("heirs")).toEqual(["-- heirs", "skipped     no row of barren to begin with"]);
    expect(said("orphans")).toEqual(["-- orphans", "skipped     no row of gone to begin with"]);
    expect(said("greatgrandchildren")[0]).toBe("-- greatgrandchildren");
  });

  test.for<[string, string, (string | RegExp)[]]>([
    [
      "a 401, after the secret was read anew",
      "refused",
      ["status      401 in N ms", /^error {7}AuthError: the API answered 401\b.*secret/],
    ],
    [
      "a 404",
      "gone",
      ["status      404 in N ms", 'error       HttpError: the API answered 404: {"error":"no such thing"}'],
    ],
    [
      "a 429 with what it asks for",
      "busy",
      [
        "status      429 in N ms",
        'error       ThrottledError: the API answered 429: {"error":"slow down"}',
        "wait        the API asks for 30 s",
      ],
    ],
    [
      "a page for people",
      "html",
      ["status      200 in N ms", /^error {7}ResponseError: the answer is not JSON \(text\/html\)/],
    ],
    [
      "JSON that ends in the middle",
      "torn",
      ["status      200 in N ms", /^error {7}ResponseError: the answer starts like JSON/],
    ],
    [
      "an answer that a response action has asked again",
      "not_yet",
      [
        "status      200 in N ms",
        'error       HttpError: the API answered 200: {"status":"come back"}',
        "wait        a response action has it asked again",
      ],
    ],
    [
      "a secret that the API gives away",
      "tells",
      ["status      500 in N ms", 'error       HttpError: the API answered 500: {"error":"the key *** is not good"}'],
    ],
    [
      "an API that cannot be reached",
      "nowhere",
      ["status      no answer", /^error {7}HttpError: the API cannot be reached \(ECONNREFUSED\): check base_url /],
    ],
    [
      "an API that does not answer",
      "slow",
      ["status      no answer", /^error {7}TimeoutError: no answer within 1 s: /],
    ],
    [
      "a selector that finds nothing, and where there are rows",
      "wrong",
      [
        "status      200 in N ms",
        /^error {7}SelectorError: data_selector "results" matches nothing: .*\bresult, count\b/,
        "instead     3 rows at result.entries",
      ],
    ],
    [
      "an answer that contradicts itself",
      "contradicts",
      ["status      200 in N ms", /^error {7}ResponseError: the page contradicts itself: .*meta\.pages says 4$/],
    ],
  ])("tells of %s", ([, resource, lines]) => {
    const [head, request, ...rest] = said(resource);
    expect(head).toBe(`!! ${resource}`);
    expect(request).toMatch(/^request {5}GET http/);
    expect(rest).toEqual(lines.map((line) => (typeof line === "string" ? line : expect.stringMatching(line))));
    // A run would go on, and ask again; a check does neither.
    expect(rest.join()).not.toMatch(/retries|goes on/);
  });

  test("tells of a second page that is the first one, and of a next page on another host", () => {
    expect(said("same").slice(-3)).toEqual([
      `next        GET ${HOST}/same?page=1`,
      "status      200 in N ms",
      expect.stringMatching(/^error {7}RepeatedPageError: this page equals the first one: .*base_page: 1/),
    ]);
    expect(said("same")[0]).toBe("!! same");
    expect(said("elsewhere").at(-1)).toMatch(
      /^error {7}ResponseError: the answer points to another origin, https:\/\/other\.invalid /,
    );
  });

  test("gives no secret to an address where metadata lives", () => {
    expect(said("thief")).toEqual([
      "!! thief",
      expect.stringMatching(
        /^error {7}ConfigError: access_token_url http:\/\/169\.254\.169\.254 is a link-local address/,
      ),
    ]);
  });

  test("an answer that is ignored is good, one that is odd is noted, and rows before the start are told apart", () => {
    expect(said("away")).toEqual([
      "ok away",
      `request     GET ${HOST}/away`,
      "status      404 in N ms, ignored by a response action",
    ]);
    expect(said("counts")[0]).toBe("ok counts");
    expect(said("counts").at(-2)).toBe("note        it has no rows, yet total says 12");
    expect(said("older")[3]).toBe("rows        2 at data, 1 after steps and cursor");
  });

  test("asks nothing twice, except to see whether a secret was rotated", () => {
    const lines = api.asked.map((text) => text.split("\n")[0]);
    expect(lines.filter((line) => line === "GET /busy")).toHaveLength(1);
    expect(lines.filter((line) => line === "GET /tells")).toHaveLength(1);
    expect(lines.filter((line) => line === "GET /refused")).toHaveLength(2);
  });

  test("ends with 1 and a count when a resource failed, with 0 when none did, be there rows or not", async () => {
    expect({ code: ended.code, err: ended.err }).toEqual({ code: 1, err: "" });
    expect(ended.out).toMatch(/\n\n10 ok, 14 failed, 3 not asked\n$/);
    const fine = await check(["fine.json", "--live"], { RESTLAKE_SECRET_API_KEY: KEY });
    expect(fine).toMatchObject({ code: 0, err: "", out: expect.stringMatching(/\n\n2 ok, 0 failed\n$/) });
    const empty = await check(["empty.json", "--live", "--secret", `api_key=${KEY}`]);
    expect(empty).toMatchObject({ code: 0, out: expect.stringMatching(/\n\n1 ok, 0 failed, 1 not asked\n$/) });
  });

  test("takes secrets from the environment, and before that from --secret", async () => {
    api.asked.length = 0;
    const args = ["fine.json", "--live", "--resource", "found"];
    await check(args, { RESTLAKE_SECRET_API_KEY: KEY });
    await check([...args, "--secret", `api_key=${TOKEN}`], { RESTLAKE_SECRET_API_KEY: KEY });
    const keys = api.asked.map((text) => /x-api-key: (.*)/.exec(text)?.[1]);
    expect(keys).toEqual([KEY, KEY, TOKEN, TOKEN]);
  });

  test("masks a key that is given, though the config has it in the open and no auth ever reads it", async () => {
    const { out } = await check(["careless-live.json", "--live", "--secret", `api_key=${KEY}`]);
    expect(out).toContain(`  request     GET ${HOST}/paged/***\n`);
  });

  test("keeps to the rate limit of all resources together, and says what it did not ask", async () => {
    api.asked.length = 0;
    const { code, out } = await check(["limited.json", "--live", "--secret", `api_key=${KEY}`]);
    expect(api.asked).toHaveLength(1);
    expect(code).toBe(0);
    expect(out).toMatch(/^ok paged\n/);
    expect(out).toMatch(/^ {2}next .*\n {2}status .*\n {2}skipped {5}rate_limit has no room for \d+ s\n\n-- found\n/m);
    expect(out).toMatch(/\n1 ok, 0 failed, 1 not asked\n$/);
  });

  test("a function of the config that throws is told of like any failure", async () => {
    const { code, out } = await check(["threw.ts", "--live"]);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^ {2}error {7}ConfigError: processing_steps\[0\]\.map threw TypeError: Cannot read properties of undefined/m,
    );
  });

  test("writes nothing anywhere", () => {
    expect(readdirSync(folder, { recursive: true }).map(String).sort()).toEqual(before.sort());
  });
});
