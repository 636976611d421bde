import { describe, expect, test } from "vitest";
import { registerAuth, registerPaginator } from "../../lib/config/index.ts";
import { validateSource } from "../../lib/config/schema/validate.ts";
import { ConfigError } from "../../lib/errors/index.ts";
import { secretsIn } from "../../lib/secrets/reference.ts";
import { BAD_CONFIGS, goodConfig, LITERAL_KEY, sourceWith } from "./bad-configs.fixture.ts";

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
const linesWith = (changes: Record<string, unknown>): string[] => {
  const { config, settings } = sourceWith(changes);
  return linesOf(config, settings);
};

describe("validateSource reports path, problem and solution", () => {
  describe.each(Object.entries(BAD_CONFIGS))("%s", (_part, cases) => {
    test.each(cases.map(([description, changes, ...lines]) => ({ description, changes, lines })))(
      "rejects $description",
      ({ changes, lines }) => {
        expect(linesWith(changes)).toEqual(lines);
      },
    );
  });

  test.each([null, undefined, "crm", 5, []].map((config) => [config]))("rejects a config that is %j", (config) => {
    expect(linesOf(config)).toEqual([expect.stringMatching(/^the config: expected object/)]);
  });

  test("truncates a long value", () => {
    const [line = ""] = linesWith({ "resource.write_disposition": "x".repeat(5000) });
    expect(line).toMatch(/, got "x{100}\.\.\."$/);
  });

  test("quotes keys in a path that are not identifiers", () => {
    expect(linesWith({ "endpoint.params": { "a.b c": [[1]] } })).toEqual([
      'resources[0].endpoint.params["a.b c"][0]: expected string, number or boolean, got list: write it as JSON text',
    ]);
  });
});

describe("the schema is strict", () => {
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
  ])("rejects an unknown key in %s %j", (path, good) => {
    const last = path.split(".").at(-1) ?? "";
    const holder = path.slice(0, -last.length - 1);
    // The objects and lists that contain it.
    const outer = /^(endpoint\.params|resource\.columns|resource_defaults|.*(actions|steps))$/.test(holder);
    const within = outer ? { [holder]: /^\d+$/.test(last) ? [] : {} } : {};
    const shown = path
      .replace(/^(endpoint|resource)\b/, (part) => (part === "endpoint" ? "resources[0].endpoint" : "resources[0]"))
      .replace(/\.(\d+)$/, "[$1]");
    const lines = linesWith({ ...within, [path]: { ...good, qwertyuiop: 1 } });
    expect(lines).toEqual([expect.stringMatching(/: unknown key "qwertyuiop"\. Allowed keys: \w+/)]);
    expect(lines[0]?.startsWith(`${shown}: `)).toBe(true);
  });

  const incremental = (more: object) => ({ "endpoint.incremental": { cursor_path: "at", ...more } });

  test.each<[string, Record<string, unknown>]>([
    ["the name of a column in a list", { "resource.columns": [{ name: "" }] }],
    ["primary_key", { "resource.primary_key": "" }],
    ["a column of primary_key", { "resource.primary_key": ["id", ""] }],
    ["a column of merge_key", { "resource.merge_key": [""] }],
    ["a field of include_from_parent", { "resource.include_from_parent": [""] }],
    ["primary_key of an incremental", incremental({ primary_key: "" })],
    ["a column of an incremental's primary_key", incremental({ primary_key: [""] })],
    ["start_param", incremental({ start_param: "" })],
    ["end_param", incremental({ end_param: "" })],
    ["the parent of type: resolve", { "endpoint.params": { id: { type: "resolve", resource: "", field: "id" } } }],
    ["the field of type: resolve", { "endpoint.params": { id: { type: "resolve", resource: "teams", field: "" } } }],
    ["page_param", { "endpoint.paginator": { type: "page_number", page_param: "" } }],
    ["the name of a secret", { "endpoint.params": { key: { secret: "" } } }],
    ["the content of a response action", { "endpoint.response_actions": [{ content: "", action: "ignore" }] }],
  ])("rejects an empty string: %s", (_what, changes) => {
    expect(linesWith(changes)).toContainEqual(expect.stringMatching(/: expected non-empty string/));
  });

  const page = (more: object) => ({ "endpoint.paginator": { type: "page_number", ...more } });
  const offset = (more: object) => ({ "endpoint.paginator": { type: "offset", limit: 5, ...more } });
  const handler = (more: object) => ({ "client.error_handler": more });

  test.each<[string, (value: number) => Record<string, unknown>, minimum: number, maximum?: number]>([
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
  ])("%s is an integer within its limits", (_what, changesFor, minimum, maximum) => {
    expect(linesWith(changesFor(minimum))).toEqual([]);
    expect(linesWith(changesFor(minimum - 1))).toEqual([expect.stringMatching(/: expected (at least|more than) \d+/)]);
    expect(linesWith(changesFor(minimum + 0.5))).toEqual([expect.stringMatching(/: expected integer, got [\d.]+$/)]);
    if (maximum === undefined) return;
    expect(linesWith(changesFor(maximum))).toEqual([]);
    expect(linesWith(changesFor(maximum + 1))).toEqual([expect.stringMatching(/: expected at most \d+/)]);
  });

  test.each<[string, (value: number) => Record<string, unknown>, minimum: number]>([
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
  ])("%s is a number within its limits", (_what, changesFor, minimum) => {
    expect(linesWith(changesFor(minimum))).toEqual([]);
    expect(linesWith(changesFor(minimum + 0.5))).toEqual([]);
    expect(linesWith(changesFor(minimum - 1))).toEqual([expect.stringMatching(/: expected (at least|more than) \d+/)]);
  });
});

describe("validateSource reports all errors at once", () => {
  test("from source, client, resources and settings", () => {
    const lines = linesWith({
      "client.base_url": "x",
      "client.auth.api_key": LITERAL_KEY,
      "resource.write_disposition": "upsert",
      "resources.1": { name: "Teams", endpont: "/teams" },
      nam: "crm",
      "settings.shedule": 1,
      "settings.max_wait": "6h",
    });
    expect(lines.map((line) => line.replace(/ Allowed keys: .*/, ""))).toEqual([
      'client.base_url: expected http or https URL, got "x"',
      'client.auth.api_key: expected secret reference, got string: use secret("api_key"), or {"secret": "api_key"} in JSON and YAML',
      'resources[0].write_disposition: expected "append", "replace", "merge", "skip" or object, got "upsert"',
      'resources[1]: unknown key "endpont": did you mean "endpoint"?',
      'the config: unknown key "nam": did you mean "name"?',
      'settings.max_wait: expected number, got "6h"',
      'settings: unknown key "shedule": did you mean "schedule"?',
    ]);
  });

  test("from single values, relations between parts, and settings", () => {
    const resources = [
      { name: "users", selcted: true },
      { name: "notes", endpoint: "users/{resources.user.id}/notes" },
      { name: "tags", endpoint: "tags/{tag}/{label}" },
      { name: "tags", endpoint: { path: "tags", params: { id: { type: "resolve", resource: "users", field: "id" } } } },
    ];
    expect(linesWith({ resources, "settings.max_wait": -1 })).toEqual([
      expect.stringMatching(/^resources\[0\]: unknown key "selcted": did you mean "selected"\?/),
      'resources[1].endpoint: unknown parent resource "user": did you mean "users"? Resources: users, notes, tags, tags',
      "resources[2].endpoint: {tag} in the path has no value: set params.tag, or bind it with type: resolve",
      "resources[2].endpoint: {label} in the path has no value: set params.label, or bind it with type: resolve",
      "resources[3].endpoint.params.id: type: resolve without {id} in the path: add {id} to the path",
      'resources[3].name: duplicate resource name "tags" (resources[2] has the same name in snake_case): rename one of them',
      "settings.max_wait: expected at least 0, got -1",
    ]);
  });

  test("from rules that relate keys, and from the keys themselves", () => {
    const paginator = { type: "offset", limit: "5", offset_param: "o", offset_body_path: "o" };
    expect(
      linesWith({
        "endpoint.paginator": paginator,
        "endpoint.json": 1,
        "endpoint.data": "a",
        "endpoint.method": "POST",
      }),
    ).toEqual([
      "resources[0].endpoint.json: expected object or list, got 1",
      'resources[0].endpoint.paginator.limit: expected number, got "5"',
      'resources[0].endpoint.paginator.offset_body_path: conflicts with offset_param (got "o"): send the value in the query or in the body',
      "resources[0].endpoint.data: conflicts with json: keep one body",
    ]);
  });

  test("without errors that only follow from another error", () => {
    const child = { name: "notes", endpoint: "users/{resources.user.id}" };
    const teams = { name: "teams", endpoint: "teams/{org}" };
    // The resource without a name may be the parent.
    expect(linesWith({ resources: [{ endpoint: "users" }, child] })).toEqual([
      "missing required key resources[0].name: expected string",
    ]);
    // The invalid defaults may have bound the name.
    expect(linesWith({ resources: [teams], resource_defaults: { endpoint: { params: 5 } } })).toEqual([
      "resource_defaults.endpoint.params: expected object, got 5",
    ]);
    // Nothing in the client could bind the name.
    expect(linesWith({ resources: [teams], "client.paginator": "pages" })).toEqual([
      expect.stringMatching(/^client\.paginator: expected/),
      "resources[0].endpoint: {org} in the path has no value: set params.org, or bind it with type: resolve",
    ]);
    expect(linesWith({ resources: "users" })).toEqual(['resources: expected list, got "users"']);
  });
});

describe("no message contains a pasted key", () => {
  const auths = [
    ["api_key", "name", "api_key", "location"],
    ["bearer", "token"],
    ["http_basic", "username", "password"],
    ["oauth2_client_credentials", "access_token_url", "client_id", "client_secret", "access_token_request_data"],
  ];
  const forms: [string, unknown][] = [
    ["as a string", LITERAL_KEY],
    ["in a list", [LITERAL_KEY]],
    ["in an object", { value: LITERAL_KEY }],
    ["in braces", `{resources.${LITERAL_KEY}`],
  ];

  test.each(forms)("%s, in any place", (_form, value) => {
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

describe("validateSource accepts", () => {
  const byToken = registerPaginator<{ token_param: string }, null>("validate_by_token", {
    first: () => null,
    request: () => ({}),
    next: () => ({ end: true }),
  });
  const signed = registerAuth<{ key: unknown }>("validate_signed", (request) => request);

  test.each<[string, Record<string, unknown>]>([
    ["the minimal config", {}],
    ["a resource as a string, or with a path as its name", { "resources.1": "v1/teams", "resources.2": "Log Entries" }],
    ["an endpoint without a paginator", { "endpoint.paginator": undefined }],
    ["short forms of paginators", { "client.paginator": "json_response", "endpoint.paginator": "header_cursor" }],
    ["null for a key without a value", { "resource.primary_key": null, "resource.columns": null, "client.auth": null }],
    ["a token without a type, as in dlt", { "client.auth": { token: { secret: "token" } } }],
    ["a function as auth", { "client.auth": (request: unknown) => request }],
    [
      "registered types, made by their factories",
      { "client.auth": signed({ key: { secret: "k" } }), "client.paginator": byToken({ token_param: "t" }) },
    ],
    [
      "registered types, by name",
      { "client.auth": { type: "validate_signed" }, "endpoint.paginator": { type: "validate_by_token" } },
    ],
    ["JSONPath with the root and with quotes", { "endpoint.data_selector": "$.data['@odata.items']" }],
    [
      "a single stop condition",
      {
        "endpoint.paginator": { type: "page_number", stop_after_empty_page: false, total_path: null, maximum_page: 3 },
      },
    ],
    [
      "the default total as the only stop condition, as in dlt",
      { "endpoint.paginator": { type: "page_number", stop_after_empty_page: false } },
    ],
    [
      "a header with a secret, and one that the endpoint removes",
      { "client.headers": { "X-Token": { secret: "token" } }, "endpoint.headers": { "X-Token": null } },
    ],
    [
      "any characters in the name of a query parameter",
      { "client.auth.name": "api key[]", "client.auth.location": "query" },
    ],
    [
      "braces that are not a placeholder",
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
      "a backfill with last_value_func: min",
      { "endpoint.incremental": { cursor_path: "at", initial_value: 5, end_value: 3, last_value_func: "min" } },
    ],
    [
      "POST with a body",
      { endpoint: { path: "q", method: "POST", json: { q: { secret: "q" }, n: [1, null, true, { a: "{{" }] } } },
    ],
    [
      "a form as pairs",
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
      "a body path without json",
      { endpoint: { method: "POST", paginator: { type: "cursor", cursor_body_path: "next" } } },
    ],
    [
      "declared processing steps",
      {
        "resource.processing_steps": [
          { filter: "@['a b'] > 1 || count(@.lines[*]) == 0" },
          { remove: "email" },
          { remove: ["address.street", "$..internal", "lines[?@.x == 1]"] },
          { rename: { "a.b": "c", "$.data['x y']": "z" } },
          { add: { a: "x", b: 1.5, c: true, d: null, e: [1, "{a.b}"], f: { path: "lines[0].id" }, g: { value: {} } } },
          { add: { day: "{run.opened_at-1d:%Y-%m-%d}", text: '{"a": 1}', constructor: 1 } },
        ],
      },
    ],
    [
      "a primary key that a step makes, also after it removed or renamed a field of that name",
      {
        "resource.primary_key": ["id", "user_id", "day"],
        "resource.processing_steps": [
          { remove: ["id", "day"] },
          { add: { id: { path: "key" } } },
          { rename: { userId: "user_id" } },
          { map: (row: object) => row },
        ],
      },
    ],
    [
      "functions in every key that takes them",
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
      "hints without effect",
      {
        "resource.references": [{ referenced_table: "x" }],
        "resource.nested_hints": { x: {} },
        "resource.write_disposition": { disposition: "merge", strategy: "upsert" },
        "resource.schema_contract": { tables: "evolve", columns: "freeze" },
      },
    ],
    [
      "valid settings",
      { settings: { schedule: "cron(0 3 * * ? *)", timezone: "Europe/Vienna", request_timeout: 0.5, max_wait: 0 } },
    ],
  ])("%s", (_, changes) => {
    expect(linesWith(changes)).toEqual([]);
  });
});

test("secretsIn finds secret references at any depth of a config", () => {
  const config = goodConfig();
  config.client.headers = { "X-Token": { secret: "token" } };
  config.resources[0].endpoint.json = { deep: [{ secret: "deep" }] };
  expect(secretsIn(config).sort()).toEqual(["api_key", "deep", "token"]);
  expect(secretsIn({ secret: "a", more: { secret: "b" } })).toEqual(["b"]);
  expect(secretsIn(null)).toEqual([]);
});
