import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { planLines } from "../../cli/check/plan.ts";
import { readSource } from "../../infra/sources.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import { API, check, folder, KEY, LIBRARY, TOKEN, write } from "./check.fixture.ts";

/** A config with most of the keys that JSON and YAML files can have. */
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
    table_format: "iceberg",
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
  no effect   table_format, columns.unique (see docs/coming-from-dlt.md)

1. tickets
  request     GET https://tickets.your-company.com/api/v2/tickets?state=open&state=new&updated_since=2026-01-01T00:00:00Z&page=1
  pages       page_number: base_page 1, page_param page, total_path meta.pages
  responses   404: ignore; 200 with "come back": retry
  rows        at data
  cursor      updated_at, from 2026-01-01T00:00:00Z, start sent as updated_since, lag 3600
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
  pages       auto: detected from the first response
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
    "of %s has each resource in loading order, with its requests, rows and table",
    async (file) => {
      const env = { RESTLAKE_SECRET_API_KEY: KEY };
      expect(await check([file, "--secret", `search_token=${TOKEN}`], env)).toEqual({
        code: 0,
        out: TICKETS_PLAN,
        err: "",
      });
    },
  );

  test("has only the resource of --resource and its parents, and the base URL of --base-url", async () => {
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

  test("names functions, and masks the keys of registered auths and paginators", async () => {
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
            processing_steps: [{ filter: () => true }, { map: (row) => row }, { filter: "@.a == 1" }, { remove: ["b", "c"] }, { rename: { d: "e" } }, { add: { f: "x", g: { path: "h" }, i: { value: { j: 1 } } } }],
            endpoint: { paginator: turns({ of: 3, secret_key: "${KEY}" }), response_actions: [() => {}, { status_code: 500, action: [() => "ignore", () => {}] }] },
          },
          {
            name: "orders",
            endpoint: { auth: () => ({}), incremental: { cursor_path: "at", initial_value: 1_700_000_000, start_param: "from", convert: (seconds) => new Date(seconds * 1000).toISOString() } },
          },
          { name: "public", endpoint: { auth: null, path: "public?user={resources.users.id}" } },
          { name: "unused", selected: false },
        ],
      });`,
    );
    const { code, out } = await check(["own.ts"]);
    expect(code).toBe(0);
    expect(out).toBe(`own
  base_url    https://tickets.your-company.com/api
  auth        differs by resource
  secrets     signing_key
  schedule    none: started manually
  unselected  unused: not requested

1. users
  request     GET https://tickets.your-company.com/api/users?turn=1
  auth        signed, secret signing_key
  pages       turns: of 3, secret_key ***
  responses   any response: function; 500: function, function
  rows        detected in each response
  steps       filter; map; filter @.a == 1; remove b, c; rename d to e; add f "x", g from h, i {"j":1}
  table       none: loaded only for its children

2. orders
  request     GET https://tickets.your-company.com/api/orders?from=2023-11-14T22:13:20.000Z
  auth        a function
  pages       auto: detected from the first response
  rows        detected in each response
  cursor      at, from 1700000000, start sent as from
  table       orders, append

3. public, for each row of users
  request     GET https://tickets.your-company.com/api/public?user={resources.users.id}
  auth        none
  pages       auto: detected from the first response
  rows        detected in each response
  table       public, append
`);
  });

  test("masks every key in headers, parameters, forms and bodies, whether it is a secret reference or plain text", async () => {
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

  test("has the place and the secrets of each auth", async () => {
    const auths = {
      in_query: { type: "api_key", name: "k", api_key: { secret: "a" }, location: "query" },
      in_cookie: { type: "api_key", name: "sid", api_key: { secret: "a" }, location: "cookie" },
      basic: { type: "http_basic", username: { secret: "user" }, password: { secret: "password" } },
      oauth: {
        type: "oauth2_client_credentials",
        access_token_url: `https://login.your-company.com/token?key=${KEY}`,
        client_id: "id",
        client_secret: { secret: "client_secret" },
        access_token: { secret: "access_token" },
      },
      session: { type: "session_token", login_url: "/login", json: { password: { secret: "password" } } },
    };
    const resources = Object.entries(auths).map(([name, auth]) => ({ name, endpoint: { auth } }));
    write("auths.json", { name: "auths", client: { base_url: `${API}?key=${KEY}` }, resources });
    expect((await check(["auths.json"])).out.match(/^ {2}(auth|base_url|no effect) .*/gm)).toEqual([
      `  base_url    ${API}?***`,
      "  auth        differs by resource",
      "  no effect   auth.access_token (see docs/coming-from-dlt.md)",
      "  auth        api_key in the query k, secret a",
      "  auth        api_key in the cookie sid, secret a",
      "  auth        http_basic, secret user, password",
      "  auth        oauth2_client_credentials from https://login.your-company.com/token?***, secret client_secret, access_token",
      "  auth        session_token in the header Authorization, from /login, secret password",
    ]);
  });

  test("names what another origin gets of the client's secrets", async () => {
    const endpoint = { path: "https://files.your-company.com/all" };
    write("origins.json", {
      name: "origins",
      client: { base_url: API, auth: { token: { secret: "token" } } },
      resources: [
        { name: "without", endpoint },
        { name: "with", endpoint: { ...endpoint, send_auth: true } },
      ],
    });
    const { out } = await check(["origins.json"]);
    expect(out.replaceAll(/\n {14}/g, " ").match(/^ {2}(origin|auth) .*/gm)).toEqual([
      "  auth        differs by resource",
      "  origin      https://files.your-company.com, which gets no auth and no secrets of the client (send_auth: true sends them)",
      "  auth        none",
      "  origin      https://files.your-company.com, which gets the client's auth and secrets",
      "  auth        bearer, secret token",
    ]);
  });

  test("lists the keys of dlt that have no effect", async () => {
    write("idle.json", {
      name: "idle",
      client: { base_url: API },
      resource_defaults: { table_format: "delta", endpoint: { path: "x" }, columns: [{ name: "a", sort: true }] },
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
      "resource_defaults.endpoint.path",
      "table_format",
      "write_disposition.strategy",
    ]);
    // Rows cannot be merged without a key.
    expect(out).toContain("  table       users, merge without primary_key: all rows stay\n");
  });

  test("wraps at spaces in a narrow terminal, and aligns the continued lines", async () => {
    const source = await readSource("tickets.json", join(folder, "tickets.json"));
    const resolved = resolveSource(source);
    const lines = planLines(source, resolved, new Set(["tickets"]), 60);
    // URLs are not wrapped, so that they can be copied.
    expect(lines.filter((line) => line.length > 60)).toEqual([expect.stringMatching(/^ {2}request {5}GET https:/)]);
    const at = lines.findIndex((line) => line.startsWith("  cursor"));
    expect(lines.slice(at, at + 3)).toEqual([
      "  cursor      updated_at, from 2026-01-01T00:00:00Z, start",
      "              sent as updated_since, lag 3600",
      "  table       tickets, merge by id",
    ]);
  });
});

describe("check exits with 2 and one line per error for", () => {
  const one = { name: "shop", client: { base_url: API }, resources: ["items"] };
  const keyed = { ...one, client: { ...one.client, auth: { type: "bearer", token: { secret: "token" } } } };

  beforeAll(() => {
    write("shop.json", one);
    write("keyed.json", keyed);
    write("placeholder.json", { ...one, client: { base_url: "https://api.example.com" } });
    write("metadata.json", { ...one, client: { base_url: "http://169.254.169.254/latest" } });
    write("errors.json", {
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
    ["two sources", ["a.json", "b.json"], /^unexpected argument "b\.json": npm run check takes one <source> .*\n$/],
    ["a missing file", ["nothing.yaml"], "nothing.yaml: no such file\n"],
    ["an unknown source", ["nothing"], /^unknown source "nothing" \(no such file in functions\/\): choose from .*\n$/],
    [
      "several errors in a config",
      ["errors.json"],
      /^errors\.json: resources\[0\]\.endpoint: unknown key "pth": did you mean "path"\? .*\nerrors\.json: resources\[1\]: unknown key "selectd": did you mean "selected"\? .*\n$/,
    ],
    ["an unknown parent", ["orphan.json"], /^(?:orphan\.json|shop).*: unknown parent resource "orders".*\n$/],
    ["an unknown resource", ["shop.json", "--resource", "itms"], 'shop: unknown resource "itms": choose from items\n'],
    [
      "an invalid base_url",
      ["shop.json", "--base-url", "nowhere"],
      'shop: base_url "nowhere" is not an http or https URL\n',
    ],
    [
      "a base_url with a password",
      ["shop.json", "--base-url", `https://me:${KEY}@api.your-company.com`],
      /^shop: base_url https:\/\/api\.your-company\.com contains a user or a password: .*\n$/,
    ],
    [
      "the base_url of a metadata service",
      ["metadata.json"],
      /^shop: base_url http:\/\/169\.254\.169\.254 is a link-local address, .*\n$/,
    ],
    [
      "the placeholder as base_url with --live",
      ["placeholder.json", "--live"],
      /^shop: base_url is still the placeholder .*\n$/,
    ],
    [
      "a missing secret with --live",
      ["keyed.json", "--live"],
      "shop: missing secret token: use --secret token=... or set the environment variable RESTLAKE_SECRET_TOKEN\n",
    ],
    [
      "a secret without a name",
      ["keyed.json", "--live", "--secret", KEY],
      "--secret: expected name=value (the value given is not shown here)\n",
    ],
    [
      "a path with a dot segment",
      ["dots.json"],
      /^shop\.items: its request cannot be built: ResponseError: the path \.\.\/items has a \. or \.\. segment.*\n$/,
    ],
    ["a user callback that throws", ["throws.ts"], /^shop\.items: .*TypeError: no.*\n$/],
    [
      "an unknown option",
      ["shop.json", "--wait-scale", "1"],
      /^unknown option --wait-scale: choose from --resource, .*\n$/,
    ],
    ["an invalid time", ["shop.json", "--request-timeout", "soon"], /^--request-timeout: expected number .*\n$/],
  ])("%s", async ([, args, message], { expect }) => {
    expect(await check(args)).toEqual({
      code: 2,
      out: "",
      err: typeof message === "string" ? message : expect.stringMatching(message),
    });
  });
});
