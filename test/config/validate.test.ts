import { describe, expect, test } from "vitest";
import { registerAuth, registerPaginator } from "../../lib/config/index.ts";
import { validateSource } from "../../lib/config/schema/validate.ts";
import { ConfigError } from "../../lib/errors/index.ts";
import { secretsIn } from "../../lib/secrets/reference.ts";
import { BAD_CONFIGS, goodConfig, LITERAL_KEY, spoiled } from "./bad-configs.fixture.ts";

const FILE = "functions/crm.ts";

const linesOf = (config: unknown, settings: unknown = {}): string[] => {
  try {
    validateSource(FILE, { config, settings });
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect(`${(error as Error).stack}`).not.toContain(LITERAL_KEY);
    return (error as Error).message.split("\n").map((line) => {
      expect(line.startsWith(`${FILE}: `)).toBe(true);
      return line.slice(FILE.length + 2);
    });
  }
};
const linesWith = (write: Record<string, unknown>): string[] => {
  const { config, settings } = spoiled(write);
  return linesOf(config, settings);
};

describe("a mistake is told with its path, what is wrong, and what is allowed", () => {
  describe.each(Object.entries(BAD_CONFIGS))("%s", (_area, cases) => {
    test.each(cases.map(([is, write, ...says]) => ({ is, write, says })))("$is", ({ write, says }) => {
      expect(linesWith(write)).toEqual(says);
    });
  });

  test.each([null, undefined, "crm", 5, []].map((config) => [config]))("a config that is %j", (config) => {
    expect(linesOf(config)).toEqual([expect.stringMatching(/^the config: (is missing: )?expected object/)]);
  });

  test("a text that is shown is cut off where it is long", () => {
    const [line = ""] = linesWith({ "resource.write_disposition": "x".repeat(5000) });
    expect(line).toMatch(/\(it is "x{100}\.\.\."\)$/);
  });

  test("keys that are no names are quoted in a path", () => {
    expect(linesWith({ "endpoint.params": { "a.b c": [[1]] } })).toEqual([
      'resources[0].endpoint.params["a.b c"][0]: expected string, number or boolean, received list',
    ]);
  });
});

describe("strict everywhere", () => {
  const paginators = [
    { type: "auto" },
    { type: "page_number" },
    { type: "offset", limit: 5 },
    { type: "cursor" },
    { type: "json_link" },
    { type: "json_response" },
    { type: "header_cursor" },
    { type: "header_link" },
    { type: "single_page" },
  ];
  const key = { secret: "key" };
  const auths = [
    { type: "api_key", api_key: key },
    { type: "bearer", token: key },
    { type: "http_basic", username: "me", password: key },
    {
      type: "oauth2_client_credentials",
      access_token_url: "https://acme.dev/token",
      client_id: "me",
      client_secret: key,
    },
  ];
  const since = { type: "incremental", cursor_path: "at" };

  test.each<[string, object]>([
    ["client.auth.api_key", key],
    ["client.error_handler", {}],
    ["client.rate_limit", { requests: 1, per: 1 }],
    ["resource_defaults", {}],
    ["resource_defaults.endpoint", {}],
    ["endpoint.incremental", { cursor_path: "at" }],
    ["endpoint.params.since", since],
    ["endpoint.response_actions.0", { status_code: 404, action: "ignore" }],
    ["resource.columns.id", {}],
    ["resource.columns.0", { name: "id" }],
    ["resource.write_disposition", { disposition: "merge" }],
    ["resource.schema_contract", {}],
    ["resource.processing_steps.0", {}],
    ["settings", {}],
    ...paginators.map((paginator): [string, object] => ["endpoint.paginator", paginator]),
    ...auths.map((auth): [string, object] => ["client.auth", auth]),
  ])("%s %j", (place, good) => {
    const last = place.split(".").at(-1) ?? "";
    const holder = place.slice(0, -last.length - 1);
    // The objects and lists that it stands in.
    const outer = /^(endpoint\.params|resource\.columns|resource_defaults|.*(actions|steps))$/.test(holder);
    const within = outer ? { [holder]: /^\d+$/.test(last) ? [] : {} } : {};
    const shown = place
      .replace(/^(endpoint|resource)\b/, (part) => (part === "endpoint" ? "resources[0].endpoint" : "resources[0]"))
      .replace(/\.(\d+)$/, "[$1]");
    const lines = linesWith({ ...within, [place]: { ...good, qwertyuiop: 1 } });
    expect(lines).toEqual([expect.stringMatching(/: unknown key "qwertyuiop"\. Allowed: \w+/)]);
    expect(lines[0]?.startsWith(`${shown}: `)).toBe(true);
  });

  const incremental = (more: object) => ({ "endpoint.incremental": { cursor_path: "at", ...more } });

  test.each<[string, Record<string, unknown>]>([
    ["a column of a list", { "resource.columns": [{ name: "" }] }],
    ["primary_key", { "resource.primary_key": "" }],
    ["one of a primary_key", { "resource.primary_key": ["id", ""] }],
    ["one of a merge_key", { "resource.merge_key": [""] }],
    ["one of include_from_parent", { "resource.include_from_parent": [""] }],
    ["an incremental's primary_key", incremental({ primary_key: "" })],
    ["one of an incremental's primary_key", incremental({ primary_key: [""] })],
    ["start_param", incremental({ start_param: "" })],
    ["end_param", incremental({ end_param: "" })],
    ["the parent of a binding", { "endpoint.params": { id: { type: "resolve", resource: "", field: "id" } } }],
    ["the field of a binding", { "endpoint.params": { id: { type: "resolve", resource: "teams", field: "" } } }],
    ["page_param", { "endpoint.paginator": { type: "page_number", page_param: "" } }],
    ["a secret", { "endpoint.params": { key: { secret: "" } } }],
    ["the content of an action", { "endpoint.response_actions": [{ content: "", action: "ignore" }] }],
  ])("no name or text of weight may be empty: %s", (_what, write) => {
    expect(linesWith(write)).toContainEqual(expect.stringMatching(/: must not be empty/));
  });

  const page = (more: object) => ({ "endpoint.paginator": { type: "page_number", ...more } });
  const offset = (more: object) => ({ "endpoint.paginator": { type: "offset", limit: 5, ...more } });
  const handler = (more: object) => ({ "client.error_handler": more });

  test.each<[string, (value: number) => Record<string, unknown>, least: number, most?: number]>([
    ["base_page", (base_page) => page({ base_page }), 0],
    ["page", (value) => page({ page: value }), 0],
    ["maximum_page", (maximum_page) => page({ maximum_page }), 1],
    ["limit of page_number", (limit) => page({ limit, limit_param: "l" }), 1],
    ["offset", (value) => offset({ offset: value }), 0],
    ["maximum_offset", (maximum_offset) => offset({ maximum_offset }), 1],
    ["limit of offset", (limit) => offset({ limit }), 1],
    ["status codes", (code) => handler({ retry_on_status_codes: [code] }), 100, 599],
    ["status_code", (code) => ({ "endpoint.response_actions": [{ status_code: code, action: "retry" }] }), 100, 599],
    ["max_retries", (max_retries) => handler({ max_retries }), 0],
    ["requests", (requests) => ({ "client.rate_limit": { requests, per: 1 } }), 1],
    ["max_concurrency", (value) => ({ "client.max_concurrency": value }), 1, 100],
    ["precision", (precision) => ({ "resource.columns": { id: { precision } } }), 1],
    ["scale", (scale) => ({ "resource.columns": { id: { scale } } }), 0],
    ["max_table_nesting", (value) => ({ "resource.max_table_nesting": value }), 0],
    ["file_max_items", (value) => ({ "settings.file_max_items": value }), 1],
    ["file_max_bytes", (value) => ({ "settings.file_max_bytes": value }), 1],
  ])("%s is a whole number within its bounds", (_what, write, least, most) => {
    expect(linesWith(write(least))).toEqual([]);
    expect(linesWith(write(least - 1))).toEqual([expect.stringMatching(/: must be (at least|more than) \d+/)]);
    expect(linesWith(write(least + 0.5))).toEqual([expect.stringMatching(/: expected whole number \(it is [\d.]+\)$/)]);
    if (most === undefined) return;
    expect(linesWith(write(most))).toEqual([]);
    expect(linesWith(write(most + 1))).toEqual([expect.stringMatching(/: must be at most \d+/)]);
  });

  test.each<[string, (value: number) => Record<string, unknown>, least: number]>([
    ["backoff_factor", (backoff_factor) => handler({ backoff_factor }), 1],
    ["min_retry_after", (min_retry_after) => handler({ min_retry_after }), 0],
    ["per", (per) => ({ "client.rate_limit": { requests: 1, per } }), 0.001],
    ["lag", (lag) => ({ "endpoint.incremental": { cursor_path: "at", lag } }), 0],
    [
      "default_token_expiration",
      (seconds) => ({ "client.auth": { ...auths[3], default_token_expiration: seconds } }),
      0,
    ],
    ["max_inline_wait", (value) => ({ "settings.max_inline_wait": value }), 0],
    ["max_run_age", (value) => ({ "settings.max_run_age": value }), 0],
    ["file_max_seconds", (value) => ({ "settings.file_max_seconds": value }), 0],
    ["request_timeout", (value) => ({ "settings.request_timeout": value }), 0.001],
  ])("%s is a number within its bounds", (_what, write, least) => {
    expect(linesWith(write(least))).toEqual([]);
    expect(linesWith(write(least + 0.5))).toEqual([]);
    expect(linesWith(write(least - 1))).toEqual([expect.stringMatching(/: must be (at least|more than) \d+/)]);
  });
});

describe("all mistakes at once", () => {
  test("of the source, the client, its resources and the settings", () => {
    const lines = linesWith({
      "client.base_url": "x",
      "client.auth.api_key": LITERAL_KEY,
      "resource.write_disposition": "upsert",
      "resources.1": { name: "Teams", endpont: "/teams" },
      nam: "crm",
      "settings.shedule": 1,
      "settings.max_wait": "6h",
    });
    expect(lines.map((line) => line.split(": ", 2).join(": "))).toEqual([
      'client.base_url: must be an http or https URL (it is "x")',
      'client.auth.api_key: must be secret("api_key"), in JSON {"secret"',
      'resources[0].write_disposition: expected "append", "replace", "merge", "skip" or object (it is "upsert")',
      'resources[1]: unknown key "endpont", did you mean "endpoint"? Allowed',
      'the config: unknown key "nam", did you mean "name"? Allowed',
      'settings.max_wait: expected number (it is "6h")',
      'settings: unknown key "shedule", did you mean "schedule"? Allowed',
    ]);
  });

  test("those in a part, those between the parts, and those of the settings", () => {
    const resources = [
      { name: "users", selcted: true },
      { name: "notes", endpoint: "users/{resources.user.id}/notes" },
      { name: "tags", endpoint: "tags/{tag}/{label}" },
      { name: "tags", endpoint: { path: "tags", params: { id: { type: "resolve", resource: "users", field: "id" } } } },
    ];
    expect(linesWith({ resources, "settings.max_wait": -1 })).toEqual([
      expect.stringMatching(/^resources\[0\]: unknown key "selcted", did you mean "selected"\?/),
      'resources[1].endpoint: its parent "user" is not a resource of this source, did you mean "users"? There are: users, notes, tags, tags',
      "resources[2].endpoint: nothing binds {tag} of the path: give params.tag a value or type: resolve",
      "resources[2].endpoint: nothing binds {label} of the path: give params.label a value or type: resolve",
      "resources[3].endpoint.params.id: is bound to a parent, but the path has no {id}",
      'resources[3].name: is "tags" in snake_case, and so is resources[2]: give it a name of its own',
      "settings.max_wait: must be at least 0 (it is -1)",
    ]);
  });

  test("rules between the keys of an object, and mistakes in them", () => {
    const paginator = { type: "offset", limit: "5", offset_param: "o", offset_body_path: "o" };
    expect(
      linesWith({
        "endpoint.paginator": paginator,
        "endpoint.json": 1,
        "endpoint.data": "a",
        "endpoint.method": "POST",
      }),
    ).toEqual([
      "resources[0].endpoint.json: expected object or list (it is 1)",
      'resources[0].endpoint.paginator.limit: expected number (it is "5")',
      'resources[0].endpoint.paginator.offset_body_path: excludes offset_param: it goes into the query or into the body (it is "o")',
      "resources[0].endpoint.data: excludes json: a request has one body",
    ]);
  });

  test("what cannot be told because of another mistake is not told wrongly", () => {
    const child = { name: "notes", endpoint: "users/{resources.user.id}" };
    const teams = { name: "teams", endpoint: "teams/{org}" };
    // Whatever the one without a name is called, it may be the parent.
    expect(linesWith({ resources: [{ endpoint: "users" }, child] })).toEqual([
      "resources[0].name: is missing: expected string",
    ]);
    // What the defaults were to say may have bound it.
    expect(linesWith({ resources: [teams], resource_defaults: { endpoint: { params: 5 } } })).toEqual([
      "resource_defaults.endpoint.params: expected object (it is 5)",
    ]);
    // The client says nothing that could bind it.
    expect(linesWith({ resources: [teams], "client.paginator": "pages" })).toEqual([
      expect.stringMatching(/^client\.paginator: expected/),
      "resources[0].endpoint: nothing binds {org} of the path: give params.org a value or type: resolve",
    ]);
    expect(linesWith({ resources: "users" })).toEqual(['resources: expected list (it is "users")']);
  });
});

describe("no message shows a key, wherever somebody put it", () => {
  const auths = [
    ["api_key", "name", "api_key", "location"],
    ["bearer", "token"],
    ["http_basic", "username", "password"],
    ["oauth2_client_credentials", "access_token_url", "client_id", "client_secret", "access_token_request_data"],
  ];
  const forms: [string, unknown][] = [
    ["as it is", LITERAL_KEY],
    ["in a list", [LITERAL_KEY]],
    ["in an object", { value: LITERAL_KEY }],
    ["in braces", `{resources.${LITERAL_KEY}`],
  ];

  test.each(forms)("%s", (_form, value) => {
    for (const [type, ...keys] of auths) {
      for (const key of keys) linesWith({ "client.auth": { type, [key]: value } });
    }
    for (const place of ["client", "endpoint"]) {
      for (const key of ["auth", "headers"]) linesWith({ [`${place}.${key}`]: value });
      linesWith({ [`${place}.headers`]: { "X-Token": value, "X-Other": [value] } });
    }
    for (const part of ["params", "json", "data"]) {
      linesWith({ [`endpoint.${part}`]: value });
      linesWith({ [`endpoint.${part}`]: { appid: value, nested: { appid: value } } });
    }
  });
});

describe("what is no mistake", () => {
  const byToken = registerPaginator<{ token_param: string }, null>("validate_by_token", {
    first: () => null,
    request: () => ({}),
    next: () => ({ end: true }),
  });
  const signed = registerAuth<{ key: unknown }>("validate_signed", (request) => request);

  test.each<[string, Record<string, unknown>]>([
    ["nothing special", {}],
    ["a resource that is a string, or named like a path", { "resources.1": "v1/teams", "resources.2": "Log Entries" }],
    ["no paginator: it is found out", { "endpoint.paginator": undefined }],
    ["short forms of paginators", { "client.paginator": "json_response", "endpoint.paginator": "header_cursor" }],
    ["null for what is not wanted", { "resource.primary_key": null, "resource.columns": null, "client.auth": null }],
    ["a token without a type, as in dlt", { "client.auth": { token: { secret: "token" } } }],
    ["an auth that is a function", { "client.auth": (request: unknown) => request }],
    [
      "what was registered",
      { "client.auth": signed({ key: { secret: "k" } }), "client.paginator": byToken({ token_param: "t" }) },
    ],
    [
      "what was registered, by name",
      { "client.auth": { type: "validate_signed" }, "endpoint.paginator": { type: "validate_by_token" } },
    ],
    ["paths from the root, and quoted ones", { "endpoint.data_selector": "$.data['@odata.items']" }],
    [
      "one stop rule",
      {
        "endpoint.paginator": { type: "page_number", stop_after_empty_page: false, total_path: null, maximum_page: 3 },
      },
    ],
    [
      "dlt's reliance on the default total",
      { "endpoint.paginator": { type: "page_number", stop_after_empty_page: false } },
    ],
    [
      "a header with a secret, and one that is taken back",
      { "client.headers": { "X-Token": { secret: "token" } }, "endpoint.headers": { "X-Token": null } },
    ],
    ["an odd name for a query parameter", { "client.auth.name": "api key[]", "client.auth.location": "query" }],
    [
      "braces that are no placeholder",
      { "endpoint.params": { filter: '{"a":{"b":1}}', q: "{id}" }, "client.headers": { "X-F": "{}" } },
    ],
    ["lists and null in params", { "endpoint.params": { ids: [1, "2", true], none: null, q: "" } }],
    ["a secret in params", { "endpoint.params": { appid: { secret: "appid" } } }],
    ["an incremental parameter", { "endpoint.params": { since: { type: "incremental", cursor_path: "at" } } }],
    [
      "a backfill",
      { "endpoint.incremental": { cursor_path: "at", initial_value: 5, end_value: 5, range_end: "closed" } },
    ],
    [
      "a backfill downwards",
      { "endpoint.incremental": { cursor_path: "at", initial_value: 5, end_value: 3, last_value_func: "min" } },
    ],
    [
      "POST with a body",
      { endpoint: { path: "q", method: "POST", json: { q: { secret: "q" }, n: [1, null, true, { a: "{{" }] } } },
    ],
    [
      "a form as pairs, and as text",
      {
        endpoint: {
          method: "POST",
          data: [
            ["a", 1],
            ["a", { secret: "a" }],
            ["b", null],
          ],
        },
      },
    ],
    [
      "a body path without json of its own",
      { endpoint: { method: "POST", paginator: { type: "cursor", cursor_body_path: "next" } } },
    ],
    [
      "functions",
      {
        "resource.processing_steps": [{ filter: () => true }, { map: (row: unknown) => row }, { yield_map: () => [] }],
        "endpoint.response_actions": [
          () => null,
          { status_code: 404, action: "ignore" },
          { content: "x", action: [() => null] },
        ],
        "endpoint.incremental": { cursor_path: "at", convert: String },
      },
    ],
    ["columns as a list", { "resource.columns": [{ name: "id", data_type: "bigint" }, { name: "userName" }] }],
    [
      "hints that change nothing",
      {
        "resource.references": [{ referenced_table: "x" }],
        "resource.nested_hints": { x: {} },
        "resource.write_disposition": { disposition: "merge", strategy: "upsert" },
        "resource.schema_contract": { tables: "evolve", columns: "freeze" },
      },
    ],
    [
      "good settings",
      { settings: { schedule: "cron(0 3 * * ? *)", timezone: "Europe/Vienna", request_timeout: 0.5, max_wait: 0 } },
    ],
  ])("%s", (_, write) => {
    expect(linesWith(write)).toEqual([]);
  });
});

test("the secrets of a config are found wherever they are", () => {
  const config = goodConfig();
  config.client.headers = { "X-Token": { secret: "token" } };
  config.resources[0].endpoint.json = { deep: [{ secret: "deep" }] };
  expect(secretsIn(config).sort()).toEqual(["api_key", "deep", "token"]);
  expect(secretsIn({ secret: "a", more: { secret: "b" } })).toEqual(["b"]);
  expect(secretsIn(null)).toEqual([]);
});
