import fc from "fast-check";
import { expect, test } from "vitest";
import { resolveSource } from "../../lib/config/resolve.ts";
import { validateSource } from "../../lib/config/schema/validate.ts";
import { ConfigError } from "../../lib/errors/index.ts";
import { sampleSize } from "../size.ts";
import { LITERAL_KEY } from "./bad-configs.fixture.ts";

const reference = (name: string) => ({ secret: name });

/** Returns a config that uses every part of the schema. */
const everything = () => ({
  name: "crm",
  client: {
    base_url: "https://api.acme.dev/v2",
    headers: { "X-Tenant": reference("tenant"), Accept: "application/json" },
    auth: {
      type: "oauth2_client_credentials",
      access_token_url: "https://login.acme.dev/token",
      client_id: "me",
      client_secret: reference("client_secret"),
      access_token_request_data: { scope: "read", depth: 1 },
    },
    paginator: { type: "page_number", base_page: 1, total_path: null, maximum_page: 9 },
    error_handler: { retry_on_status_codes: [429], max_retries: 2 },
    rate_limit: { requests: 10, per: 60 },
    max_concurrency: 2,
  },
  resource_defaults: {
    primary_key: ["id"],
    columns: [{ name: "id", data_type: "bigint" }],
    endpoint: { params: { size: 5 }, data_selector: "data.items" },
  },
  resources: [
    "teams",
    {
      name: "Users",
      write_disposition: { disposition: "merge", strategy: "upsert" },
      columns: { at: { data_type: "timestamp", dedup_sort: "desc" } },
      schema_contract: { columns: "freeze" },
      processing_steps: [{ filter: () => true }, { map: (row: unknown) => row }],
      endpoint: {
        path: "teams/{team}/users",
        params: { team: { type: "resolve", resource: "teams", field: "id" }, ids: [1, "b"], key: reference("key") },
        headers: { "X-{resources.teams.id}": "{resources.teams.name}" },
        incremental: { cursor_path: "at", initial_value: 1, start_param: "since", lag: 5 },
        response_actions: [{ status_code: 404, action: "ignore" }, () => null],
        auth: { type: "api_key", name: "k", api_key: reference("k"), location: "query" },
      },
    },
    {
      name: "search",
      include_from_parent: ["id"],
      endpoint: {
        path: "search",
        method: "POST",
        json: { user: "{resources.users.id}", deep: [{ at: "{incremental.last_value}" }] },
        params: {
          since: { type: "incremental", cursor_path: "at", initial_value: "2026-01-01", end_value: "2026-02-01" },
        },
        paginator: { type: "offset", limit: 5, offset_body_path: "from", limit_body_path: "size" },
      },
    },
    { name: "form", endpoint: { method: "POST", data: { a: 1, b: reference("b") }, paginator: "single_page" } },
  ],
});

type Path = (string | number)[];

const pathsOf = (value: unknown, path: Path = []): Path[] =>
  typeof value !== "object" || value === null
    ? [path]
    : [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];

const junk = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      "",
      " ",
      "{",
      "{a}",
      "{}",
      "{{a}}",
      "{resources.a}",
      "{resources.teams.id}",
      "{incremental.x}",
      "a[",
      "$.",
      "offset",
    ],
    ...["dlt.secrets['a']", "GET", "https://a:b@c", "é", "null", "__proto__", "constructor", "2026-01-01"],
    ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 5n, true, null, undefined, [], {}, [[]], { type: 1 }],
    ...[{ secret: 1 }, { secret: "a", b: 1 }, { type: "resolve" }, { type: "auto" }, () => 1, Symbol("a"), new Date(0)],
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.constant(LITERAL_KEY),
);

const replaceAt = (config: unknown, path: Path, value: unknown, key: string | null): void => {
  const target = [...path];
  const last = target.pop();
  const object = target.reduce<unknown>((current, part) => (current as never)?.[part], config);
  if (typeof object !== "object" || object === null || last === undefined) return;
  // Replaces the value, or adds a key next to it.
  (object as Record<string, unknown>)[Array.isArray(object) ? last : (key ?? last)] = value;
};

test("any change of a valid config is rejected with one line per error, or can be resolved", () => {
  const changes = fc.array(
    fc.record({
      path: fc.constantFrom(...pathsOf(everything()).slice(1)),
      value: junk,
      key: fc.option(fc.constantFrom("name", "type", "path", "json", "a b", "constructor", "paginator", "primary_key")),
    }),
    { minLength: 1, maxLength: 3 },
  );
  validateSource("crm.ts", { config: everything(), settings: {} });
  fc.assert(
    fc.property(changes, (all) => {
      const config = everything();
      for (const { path, value, key } of all) replaceAt(config, path, value, key);
      try {
        validateSource("crm.ts", { config, settings: {} });
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        for (const line of (error as Error).message.split("\n")) expect(line).toMatch(/^crm\.ts: \S.*: \S/);
        return;
      }
      resolveSource({ config: config as never, settings: {} });
    }),
    { numRuns: sampleSize({ quick: 100, full: 500 }) },
  );
});
