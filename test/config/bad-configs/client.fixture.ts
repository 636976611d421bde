import { type BadConfig, CLIENT_KEYS, ENDPOINT, LITERAL_KEY } from "./words.fixture.ts";

export const BAD_CLIENT: BadConfig[] = [
  [
    "a mistyped key",
    { "client.baseUrl": "x" },
    `client: unknown key "baseUrl", did you mean "base_url"? Allowed: ${CLIENT_KEYS}`,
  ],
  [
    "a session",
    { "client.session": {} },
    `client: unknown key "session": an HTTP session is Python's. Use headers, an auth of your own, error_handler and the setting request_timeout. Allowed: ${CLIENT_KEYS}`,
  ],
  [
    "a key of endpoints",
    { "client.params": { limit: 5 } },
    `client: unknown key "params": it belongs into an endpoint. Allowed: ${CLIENT_KEYS}`,
  ],
  ["no base_url", { "client.base_url": undefined }, "client.base_url: must be an http or https URL"],
  [
    "a base_url of another scheme",
    { "client.base_url": "ftp://acme.dev" },
    'client.base_url: must be an http or https URL (it is "ftp://acme.dev")',
  ],
  [
    "a base_url with a password",
    { "client.base_url": `https://me:${LITERAL_KEY}@acme.dev` },
    'client.base_url: holds a user or a password: no secret belongs into a config (it is "https://***@acme.dev")',
  ],
  [
    "a base_url that is none, with a key in it",
    { "client.base_url": `acme.dev?key=${LITERAL_KEY}` },
    'client.base_url: must be an http or https URL (it is "acme.dev?***")',
  ],
  [
    "a header that is a number",
    { "client.headers": { "X-Version": 2 } },
    'client.headers.X-Version: expected secret("...") or string, received number',
  ],
  [
    "a header whose name is none",
    { "client.headers": { "X Version": "2" } },
    'client.headers["X Version"]: must be letters, digits and dashes',
  ],
  [
    "a header whose secret is mistyped",
    { "client.headers": { "X-Token": { secrt: LITERAL_KEY } } },
    "client.headers.X-Token.secret: is missing: expected string",
    'client.headers.X-Token: unknown key "secrt", did you mean "secret"? Allowed: secret',
  ],
  [
    "a header with a placeholder",
    { "client.headers": { "X-Team": "{resources.teams.id}" } },
    "client.headers.X-Team: has a placeholder: only an endpoint's own texts are filled in",
  ],
  [
    "a header with a secret of Python's",
    { "client.headers": { Authorization: "dlt.secrets['sources.crm.token']" } },
    'client.headers.Authorization: is Python: write secret("token"), in JSON {"secret": "token"}',
  ],
  ["headers as a list", { "client.headers": ["X-Version: 2"] }, "client.headers: expected object, received list"],
  [
    "a rate_limit without a time",
    { "client.rate_limit": { requests: 100 } },
    "client.rate_limit.per: is missing: expected number",
  ],
  [
    "a rate_limit of nothing",
    { "client.rate_limit": { requests: 0, per: 0 } },
    "client.rate_limit.requests: must be more than 0 (it is 0)",
    "client.rate_limit.per: must be more than 0 (it is 0)",
  ],
  [
    "a rate_limit as a text",
    { "client.rate_limit": "100/minute" },
    'client.rate_limit: expected object (it is "100/minute")',
  ],
  [
    "a max_concurrency of none, and of too many",
    { "client.max_concurrency": 0, "endpoint.max_concurrency": 101 },
    "client.max_concurrency: must be at least 1 (it is 0)",
    `${ENDPOINT}.max_concurrency: must be at most 100 (it is 101)`,
  ],
  [
    "a mistyped key of the error_handler",
    { "client.error_handler": { max_retry: 3 } },
    'client.error_handler: unknown key "max_retry", did you mean "max_retries"? Allowed: retry_on_status_codes, max_retries, backoff_factor, min_retry_after',
  ],
  [
    "numbers out of range",
    { "client.error_handler": { retry_on_status_codes: [429, 700], backoff_factor: 0, max_retries: 1.5 } },
    "client.error_handler.retry_on_status_codes[1]: must be at most 599 (it is 700)",
    "client.error_handler.max_retries: expected whole number (it is 1.5)",
    "client.error_handler.backoff_factor: must be at least 1 (it is 0)",
  ],
  [
    "a timeout of dlt's",
    { "client.request_timeout": 60 },
    `client: unknown key "request_timeout": it belongs into the settings. Allowed: ${CLIENT_KEYS}`,
  ],
  [
    "base_url and headers as None, and a base_url of Python's",
    { "client.base_url": "dlt.config['base_url']", "client.headers": { Accept: null } },
    "client.base_url: must be an http or https URL (it is \"dlt.config['base_url']\")",
    'client.headers.Accept: expected secret("...") or string, received null',
  ],
  [
    "a header of Python's config",
    { "client.headers": { "X-Team": "dlt.config.value" } },
    "client.headers.X-Team: is Python: write the value itself",
  ],
];
