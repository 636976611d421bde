import { PAGINATOR_DEFAULTS } from "../../lib/source/defaults.ts";

/** Looks like a key that somebody pasted: no message may hold it. */
export const LITERAL_KEY = "sk-live-0123456789abcdef";

/** What a case spoils: a good config, as loose as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: the point is that anything may be written
type Loose = any;

/** A config without a mistake. */
export const goodConfig = (): Loose => ({
  name: "crm",
  client: { base_url: "https://api.acme.dev", auth: { type: "api_key", api_key: { secret: "api_key" } } },
  resources: [{ name: "users", endpoint: { path: "/users", paginator: { type: "page_number", base_page: 1 } } }],
});

export interface BadConfig {
  is: string;
  spoil: (config: Loose, client: Loose, resource: Loose, endpoint: Loose) => void;
  /** The lines of its message, each behind the file's name. */
  says: string[];
}

const RESOURCE_KEYS =
  "name, endpoint, table_name, write_disposition, primary_key, columns, selected, include_from_parent";
const ENDPOINT_KEYS = "path, method, params, headers, paginator, data_selector, incremental, error_handler";
const NAME_RULE = "must match ^[a-z][a-z0-9_]{0,62}$ (lower case, digits, underscores)";
const RESERVED = "is reserved: name the resource otherwise and give it table_name: run";
const NO_KEY =
  'client.auth.api_key: must be secret("api_key"), in JSON {"secret": "api_key"}: no key belongs into a config';
const AT = "resources[0]";
const PAGE = `${AT}.endpoint.paginator`;
const PLACEHOLDER =
  "has a placeholder, which is not filled here: bind the path with type: resolve, use incremental.start_param";
const ENDLESS = "nothing ever stops it: give total_path, has_more_path, a maximum, or stop_after_empty_page: true";

/** Every paginator there is; all but offset, which needs a limit, have a short form. */
const PAGINATORS = Object.keys(PAGINATOR_DEFAULTS).map((type) => `"${type}"`);
const TYPES = `${PAGINATORS.slice(0, -1).join(", ")} or ${PAGINATORS.at(-1)}`;
const SHORT_FORMS = ['"single_page"', ...PAGINATORS.filter((type) => !/single_page|offset/.test(type))].join(", ");

/** Every mistake with all that its message must say. */
export const BAD_CONFIGS: BadConfig[] = [
  {
    is: "a mistyped key of the source",
    spoil: (config) => Object.assign(config, { resorces: [] }),
    says: [
      'the config: unknown key "resorces", did you mean "resources"? Allowed: name, client, resource_defaults, resources',
    ],
  },
  {
    is: "a key like no other",
    spoil: (config) => Object.assign(config, { qwertyuiop: 1 }),
    says: ['the config: unknown key "qwertyuiop". Allowed: name, client, resource_defaults, resources'],
  },
  {
    is: "a mistyped key of the client",
    spoil: (_, client) => Object.assign(client, { baseUrl: "x" }),
    says: [
      'client: unknown key "baseUrl", did you mean "base_url"? Allowed: base_url, headers, auth, paginator, error_handler',
    ],
  },
  { is: "no client", spoil: (config) => delete config.client, says: ["client: expected object, received undefined"] },
  {
    is: "no base_url",
    spoil: (_, client) => delete client.base_url,
    says: ["client.base_url: must be an http or https URL"],
  },
  {
    is: "a base_url of another scheme",
    spoil: (_, client) => Object.assign(client, { base_url: "ftp://acme.dev" }),
    says: ['client.base_url: must be an http or https URL (it is "ftp://acme.dev")'],
  },
  {
    is: "a base_url with a password",
    spoil: (_, client) => Object.assign(client, { base_url: `https://me:${LITERAL_KEY}@acme.dev` }),
    says: [
      'client.base_url: holds a user or a password: no secret belongs into a config (it is "https://***@acme.dev")',
    ],
  },
  {
    is: "no URL at all, with a key in it",
    spoil: (_, client) => Object.assign(client, { base_url: `acme.dev?key=${LITERAL_KEY}` }),
    says: ['client.base_url: must be an http or https URL (it is "acme.dev?***")'],
  },
  {
    is: "a source name with spaces",
    spoil: (config) => Object.assign(config, { name: "My CRM" }),
    says: [`name: ${NAME_RULE} (it is "My CRM")`],
  },
  {
    is: "no resources",
    spoil: (config) => Object.assign(config, { resources: [] }),
    says: ["resources: at least one resource is needed"],
  },
  {
    is: "resources by name instead of a list",
    spoil: (config) => Object.assign(config, { resources: { users: {} } }),
    says: ["resources: expected array, received object"],
  },
  {
    is: "a resource that is a number",
    spoil: (config) => config.resources.push(5),
    says: ["resources[1]: expected string or object (it is 5)"],
  },
  {
    is: "a resource named like a path",
    spoil: (config) => config.resources.push("v1/teams"),
    says: [`resources[1]: ${NAME_RULE} (it is "v1/teams")`],
  },
  {
    is: "a resource without a name",
    spoil: (_, __, resource) => delete resource.name,
    says: [`${AT}.name: expected string, received undefined`],
  },
  {
    is: "a resource named run",
    spoil: (config) => config.resources.push("run", { name: "run" }),
    says: [`resources[1]: ${RESERVED} (it is "run")`, `resources[2].name: ${RESERVED} (it is "run")`],
  },
  {
    is: "a mistyped key of a resource",
    spoil: (_, __, resource) => Object.assign(resource, { primarykey: "id" }),
    says: [`${AT}: unknown key "primarykey", did you mean "primary_key"? Allowed: ${RESOURCE_KEYS}`],
  },
  {
    is: "a key of the endpoint on the resource",
    spoil: (_, __, resource) => Object.assign(resource, { data_selector: "data" }),
    says: [`${AT}: unknown key "data_selector". Allowed: ${RESOURCE_KEYS}`],
  },
  {
    is: "a mistyped key of an endpoint",
    spoil: (_, __, ___, endpoint) => Object.assign(endpoint, { data_selectors: "data" }),
    says: [`${AT}.endpoint: unknown key "data_selectors", did you mean "data_selector"? Allowed: ${ENDPOINT_KEYS}`],
  },
  {
    is: "an endpoint that is a number",
    spoil: (_, __, resource) => Object.assign(resource, { endpoint: 5 }),
    says: [`${AT}.endpoint: expected string or object (it is 5)`],
  },
  {
    is: "a method that is not there yet",
    spoil: (_, __, ___, endpoint) => Object.assign(endpoint, { method: "POST" }),
    says: [`${AT}.endpoint.method: expected "GET" (it is "POST")`],
  },
  {
    is: "a write_disposition of another tool",
    spoil: (_, __, resource) => Object.assign(resource, { write_disposition: "upsert" }),
    says: [`${AT}.write_disposition: expected "append", "replace" or "merge" (it is "upsert")`],
  },
  {
    is: "a column type with a typing mistake",
    spoil: (_, __, resource) => Object.assign(resource, { columns: { id: { data_type: "bigit" } } }),
    says: [
      `${AT}.columns.id.data_type: expected "text", "bigint", "double", "bool", "timestamp", "date", "decimal" or "json" (it is "bigit", did you mean "bigint"?)`,
    ],
  },
  {
    is: "a column that is only its type",
    spoil: (_, __, resource) => Object.assign(resource, { columns: { id: "bigint" } }),
    says: [`${AT}.columns.id: expected object, received string (it is "bigint")`],
  },
  {
    is: "a column that happens to be named api_key",
    spoil: (_, __, resource) => Object.assign(resource, { columns: { api_key: "text" } }),
    says: [`${AT}.columns.api_key: expected object, received string`],
  },
  {
    is: "values that JSON has no word for",
    spoil: (_, __, resource) => Object.assign(resource, { selected: 5n, table_name: () => "users" }),
    says: [
      `${AT}.table_name: expected string, received function (it is a function)`,
      `${AT}.selected: expected boolean, received bigint (it is 5)`,
    ],
  },
  {
    is: "columns as a list",
    spoil: (_, __, resource) => Object.assign(resource, { columns: [{ name: "id" }] }),
    says: [`${AT}.columns: expected object, received array`],
  },
  {
    is: "an empty primary_key",
    spoil: (_, __, resource) => Object.assign(resource, { primary_key: "" }),
    says: [`${AT}.primary_key: Too small: expected string to have >=1 characters`],
  },
  {
    is: "a primary_key of two kinds",
    spoil: (_, __, resource) => Object.assign(resource, { primary_key: 7 }),
    says: [`${AT}.primary_key: expected string or array`],
  },
  {
    is: "text where a boolean belongs",
    spoil: (_, __, resource) => Object.assign(resource, { selected: "yes" }),
    says: [`${AT}.selected: expected boolean, received string (it is "yes")`],
  },
  {
    is: "a name in resource_defaults",
    spoil: (config) => Object.assign(config, { resource_defaults: { name: "all" } }),
    says: [`resource_defaults: unknown key "name". Allowed: ${RESOURCE_KEYS.replace("name, ", "")}`],
  },
  {
    is: "a paginator that does not exist",
    spoil: (_, __, ___, endpoint) => Object.assign(endpoint, { paginator: { type: "page_numbr" } }),
    says: [`${PAGE}.type: expected ${TYPES} (it is "page_numbr", did you mean "page_number"?)`],
  },
  {
    is: "a paginator without a type",
    spoil: (_, __, ___, endpoint) => delete endpoint.paginator.type,
    says: [`${PAGE}.type: expected ${TYPES}`],
  },
  {
    is: "a mistyped short form",
    spoil: (_, __, ___, endpoint) => Object.assign(endpoint, { paginator: "singlepage" }),
    says: [`${PAGE}: expected ${SHORT_FORMS} or object (it is "singlepage", did you mean "single_page"?)`],
  },
  {
    is: "a short form of a paginator that needs more",
    spoil: (_, __, ___, endpoint) => Object.assign(endpoint, { paginator: "offset" }),
    says: [`${PAGE}: expected ${SHORT_FORMS} or object (it is "offset")`],
  },
  {
    is: "a mistyped key of a paginator: only that paginator's keys are named",
    spoil: (_, __, ___, endpoint) => Object.assign(endpoint, { paginator: { type: "offset", limit: 5, limits: 5 } }),
    says: [
      `${PAGE}: unknown key "limits", did you mean "limit"? Allowed: type, limit, offset, offset_param, limit_param, total_path, maximum_offset, stop_after_empty_page, has_more_path`,
    ],
  },
  {
    is: "an offset without a limit",
    spoil: (_, __, ___, endpoint) => Object.assign(endpoint, { paginator: { type: "offset" } }),
    says: [`${PAGE}.limit: expected number, received undefined`],
  },
  {
    is: "a page as text",
    spoil: (_, __, ___, endpoint) => Object.assign(endpoint.paginator, { base_page: "1" }),
    says: [`${PAGE}.base_page: expected number, received string (it is "1")`],
  },
  {
    is: "a path with a subscript",
    spoil: (_, __, ___, endpoint) => Object.assign(endpoint.paginator, { total_path: "meta[0]" }),
    says: [`${PAGE}.total_path: must be keys joined by dots, such as data or result.items, or $ (it is "meta[0]")`],
  },
  {
    is: "page_number with every stop rule off",
    spoil: (_, __, ___, endpoint) =>
      Object.assign(endpoint.paginator, { stop_after_empty_page: false, total_path: null }),
    says: [`${PAGE}: ${ENDLESS}`],
  },
  {
    is: "offset with every stop rule off",
    spoil: (_, client) =>
      Object.assign(client, {
        paginator: { type: "offset", limit: 1, stop_after_empty_page: false, total_path: null },
      }),
    says: [`client.paginator: ${ENDLESS}`],
  },
  {
    is: "a limit_param that would never be sent",
    spoil: (_, __, ___, endpoint) => Object.assign(endpoint.paginator, { limit_param: "size" }),
    says: [`${PAGE}.limit_param: is never sent without a limit (it is "size")`],
  },
  {
    is: "a parameter that is a list",
    spoil: (_, __, ___, endpoint) => Object.assign(endpoint, { params: { ids: [1] } }),
    says: [`${AT}.endpoint.params.ids: expected object, string, number, boolean or null`],
  },
  {
    is: "dlt's incremental parameter: its type is what is wrong, and only that is said",
    spoil: (_, __, ___, endpoint) =>
      Object.assign(endpoint, { params: { since: { type: "incremental", cursor_path: "updated_at" } } }),
    says: [`${AT}.endpoint.params.since.type: expected "resolve" (it is "incremental")`],
  },
  {
    is: "a placeholder that would be sent as it is",
    spoil: (_, client, ___, endpoint) => {
      endpoint.params = { since: "{incremental.start_value}" };
      endpoint.headers = { "X-Team": "{resources.teams.id}" };
      client.headers = { "X-Team": "{resources.teams.id}" };
    },
    says: [
      `client.headers.X-Team: ${PLACEHOLDER}`,
      `${AT}.endpoint.params.since: ${PLACEHOLDER} (it is "{incremental.start_value}")`,
      `${AT}.endpoint.headers.X-Team: ${PLACEHOLDER}`,
    ],
  },
  {
    is: "half a binding",
    spoil: (_, __, ___, endpoint) =>
      Object.assign(endpoint, { params: { id: { type: "resolve", resource: "teams" } } }),
    says: [`${AT}.endpoint.params.id.field: expected string, received undefined`],
  },
  {
    is: "incremental with the wrong key",
    spoil: (_, __, ___, endpoint) => Object.assign(endpoint, { incremental: { cursor_paths: "at" } }),
    says: [
      `${AT}.endpoint.incremental.cursor_path: expected string, received undefined`,
      `${AT}.endpoint.incremental: unknown key "cursor_paths", did you mean "cursor_path"? Allowed: cursor_path, initial_value, start_param, end_param`,
    ],
  },
  {
    is: "a mistyped key of the error_handler",
    spoil: (_, client) => Object.assign(client, { error_handler: { max_retry: 3 } }),
    says: [
      'client.error_handler: unknown key "max_retry", did you mean "max_retries"? Allowed: retry_on_status_codes, max_retries, backoff_factor, min_retry_after',
    ],
  },
  {
    is: "numbers out of range",
    spoil: (_, client) =>
      Object.assign(client, {
        error_handler: { retry_on_status_codes: [429, 700], backoff_factor: 0, max_retries: 1.5 },
      }),
    says: [
      "client.error_handler.retry_on_status_codes[1]: Too big: expected number to be <=599 (it is 700)",
      "client.error_handler.max_retries: expected int, received number (it is 1.5)",
      "client.error_handler.backoff_factor: Too small: expected number to be >=1 (it is 0)",
    ],
  },
  {
    is: "a literal key",
    spoil: (_, client) => Object.assign(client.auth, { api_key: LITERAL_KEY }),
    says: [NO_KEY],
  },
  {
    is: "a key that is a number",
    spoil: (_, client) => Object.assign(client.auth, { api_key: 1234567890 }),
    says: [NO_KEY],
  },
  { is: "no key", spoil: (_, client) => delete client.auth.api_key, says: [NO_KEY] },
  {
    is: "a literal key under a mistyped name",
    spoil: (_, client) => Object.assign(client, { auth: { type: "api_key", apikey: LITERAL_KEY } }),
    says: [NO_KEY, 'client.auth: unknown key "apikey", did you mean "api_key"? Allowed: type, name, api_key, location'],
  },
  {
    is: "a literal key beside the reference",
    spoil: (_, client) => Object.assign(client.auth, { api_key: { secret: "api_key", value: LITERAL_KEY } }),
    says: ['client.auth.api_key: unknown key "value". Allowed: secret'],
  },
  {
    is: "a literal key as the whole auth",
    spoil: (_, client) => Object.assign(client, { auth: LITERAL_KEY }),
    says: ["client.auth: expected object, received string"],
  },
  {
    is: "an auth that does not exist, with a literal token",
    spoil: (_, client) => Object.assign(client, { auth: { type: "digest", token: LITERAL_KEY } }),
    says: ['client.auth.type: expected "api_key", "bearer" or "http_basic"'],
  },
  {
    is: "a literal token",
    spoil: (_, client) => Object.assign(client, { auth: { type: "bearer", token: LITERAL_KEY } }),
    says: ['client.auth.token: must be secret("token"), in JSON {"secret": "token"}: no key belongs into a config'],
  },
  {
    is: "a literal password",
    spoil: (_, client) =>
      Object.assign(client, { auth: { type: "http_basic", username: "me", password: LITERAL_KEY } }),
    says: [
      'client.auth.password: must be secret("password"), in JSON {"secret": "password"}: no key belongs into a config',
    ],
  },
  {
    is: "a place for the key that does not exist",
    spoil: (_, client) => Object.assign(client.auth, { location: "body" }),
    says: ['client.auth.location: expected "header", "query" or "cookie"'],
  },
  {
    is: "a key's header whose name is none",
    spoil: (_, client) => Object.assign(client.auth, { name: "my key" }),
    says: ["client.auth.name: must be letters, digits and dashes: it names a header or a cookie"],
  },
  {
    is: "headers of the wrong kind",
    spoil: (_, client, ___, endpoint) => {
      client.headers = { "X-Version": 2, "X-Token": { secrt: LITERAL_KEY } };
      endpoint.headers = { "X-Token": { secret: "token" }, "no header": LITERAL_KEY };
    },
    says: [
      "client.headers.X-Version: expected object or string",
      "client.headers.X-Token.secret: expected string, received undefined",
      'client.headers.X-Token: unknown key "secrt", did you mean "secret"? Allowed: secret',
      `${AT}.endpoint.headers.X-Token: expected string, received object`,
      `${AT}.endpoint.headers.no header: must be letters, digits and dashes`,
    ],
  },
];
