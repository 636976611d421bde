import { type BadConfig, CLIENT_KEYS, ENDPOINT, LITERAL_KEY } from "./messages.fixture.ts";

export const BAD_CLIENT: BadConfig[] = [
  [
    "a misspelled key",
    { "client.baseUrl": "x" },
    `client: unknown key "baseUrl": did you mean "base_url"? Allowed keys: ${CLIENT_KEYS}`,
  ],
  [
    "a Python session",
    { "client.session": {} },
    `client: unknown key "session": HTTP sessions exist in Python only. Use headers, a custom auth, error_handler or the setting request_timeout. Allowed keys: ${CLIENT_KEYS}`,
  ],
  [
    "a key of an endpoint",
    { "client.params": { limit: 5 } },
    `client: unknown key "params": move it to an endpoint. Allowed keys: ${CLIENT_KEYS}`,
  ],
  [
    "a missing base_url",
    { "client.base_url": undefined },
    "missing required key client.base_url: expected http or https URL",
  ],
  [
    "a base_url with another scheme",
    { "client.base_url": "ftp://acme.dev" },
    'client.base_url: expected http or https URL, got "ftp://acme.dev"',
  ],
  [
    "a base_url with a password",
    { "client.base_url": `https://me:${LITERAL_KEY}@acme.dev` },
    'client.base_url: URL with credentials (got "https://***@acme.dev"): use auth and secret references instead',
  ],
  [
    "an invalid base_url that contains a key",
    { "client.base_url": `acme.dev?key=${LITERAL_KEY}` },
    'client.base_url: expected http or https URL, got "acme.dev?***"',
  ],
  [
    "a number as a header",
    { "client.headers": { "X-Version": 2 } },
    'client.headers.X-Version: expected secret("...") or string, got number',
  ],
  [
    "an invalid header name",
    { "client.headers": { "X Version": "2" } },
    'client.headers["X Version"]: expected header name (letters, digits, dashes)',
  ],
  [
    "a misspelled secret in a header",
    { "client.headers": { "X-Token": { secrt: LITERAL_KEY } } },
    "missing required key client.headers.X-Token.secret: expected string",
    'client.headers.X-Token: unknown key "secrt": did you mean "secret"? Allowed keys: secret, prefix, mask_in_rows',
  ],
  [
    "a placeholder in a header",
    { "client.headers": { "X-Team": "{resources.teams.id}" } },
    "client.headers.X-Team: placeholder outside of a request: use it in path, params, headers, json or data of an endpoint",
  ],
  [
    "a header with a secret in Python syntax",
    { "client.headers": { Authorization: "dlt.secrets['sources.crm.token']" } },
    'client.headers.Authorization: dlt.secrets is Python syntax: use secret("token"), or {"secret": "token"} in JSON and YAML',
  ],
  ["a list of headers", { "client.headers": ["X-Version: 2"] }, "client.headers: expected object, got list"],
  [
    "a rate_limit without a period",
    { "client.rate_limit": { requests: 100 } },
    "missing required key client.rate_limit.per: expected number",
  ],
  [
    "a rate_limit of zero requests in zero seconds",
    { "client.rate_limit": { requests: 0, per: 0 } },
    "client.rate_limit.requests: expected more than 0, got 0",
    "client.rate_limit.per: expected more than 0, got 0",
  ],
  [
    "a rate_limit as a string",
    { "client.rate_limit": "100/minute" },
    'client.rate_limit: expected object, got "100/minute"',
  ],
  [
    "a max_concurrency of 0, and of 101",
    { "client.max_concurrency": 0, "endpoint.max_concurrency": 101 },
    "client.max_concurrency: expected at least 1, got 0",
    `${ENDPOINT}.max_concurrency: expected at most 100, got 101`,
  ],
  [
    "a misspelled key in error_handler",
    { "client.error_handler": { max_retry: 3 } },
    'client.error_handler: unknown key "max_retry": did you mean "max_retries"? Allowed keys: retry_on_status_codes, max_retries, backoff_factor, min_retry_after',
  ],
  [
    "numbers out of range in error_handler",
    { "client.error_handler": { retry_on_status_codes: [429, 700], backoff_factor: 0, max_retries: 1.5 } },
    "client.error_handler.retry_on_status_codes[1]: expected at most 599, got 700",
    "client.error_handler.max_retries: expected integer, got 1.5",
    "client.error_handler.backoff_factor: expected at least 1, got 0",
  ],
  [
    "a setting at the client",
    { "client.request_timeout": 60 },
    `client: unknown key "request_timeout": move it to the settings. Allowed keys: ${CLIENT_KEYS}`,
  ],
  [
    "a null header, and a base_url in Python syntax",
    { "client.base_url": "dlt.config['base_url']", "client.headers": { Accept: null } },
    "client.base_url: expected http or https URL, got \"dlt.config['base_url']\"",
    'client.headers.Accept: expected secret("...") or string, got null',
  ],
  [
    "a header with dlt.config",
    { "client.headers": { "X-Team": "dlt.config.value" } },
    "client.headers.X-Team: dlt.config is Python syntax: write the value itself",
  ],
];
