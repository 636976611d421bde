import { AUTH_TYPES, type BadConfig, ENDPOINT, LITERAL_KEY } from "./messages.fixture.ts";

export const BAD_AUTH: BadConfig[] = [
  [
    "a literal token instead of an auth",
    { "client.auth": LITERAL_KEY },
    'client.auth: expected object, got string: write { type: "bearer", token: secret("token") }, or another type',
  ],
  [
    "a type name instead of an auth",
    { "client.auth": "api_key" },
    'client.auth: expected object, got string: write { type: "api_key", name: "X-Api-Key", api_key: secret("api_key") }',
  ],
  [
    "a Python object instead of an auth",
    { "client.auth": `BearerTokenAuth(token='${LITERAL_KEY}')` },
    'client.auth: expected object, got string: write { type: "bearer", token: secret("token") }',
  ],
  [
    "a list, the form of Python's requests",
    { "client.auth": ["me", LITERAL_KEY] },
    "client.auth: expected object or function (TypeScript), got list",
  ],
  [
    "an auth without a type",
    { "client.auth": { api_key: LITERAL_KEY } },
    `client.auth: missing required key type: expected ${AUTH_TYPES}`,
  ],
  ["an empty auth", { "client.auth": {} }, `client.auth: missing required key type: expected ${AUTH_TYPES}`],
  [
    "an unknown type",
    { "client.auth": { type: "digest", token: LITERAL_KEY } },
    `client.auth.type: expected ${AUTH_TYPES}, got "digest"`,
  ],
  [
    "an abbreviated type",
    { "client.auth": { type: "oauth2", client_id: "me", client_secret: LITERAL_KEY } },
    `client.auth.type: expected ${AUTH_TYPES}, got "oauth2"`,
  ],
  [
    "api_key: a literal key",
    { "client.auth.api_key": LITERAL_KEY },
    `client.auth.api_key: expected secret reference, got string: use secret("api_key"), or {"secret": "api_key"} in JSON and YAML`,
  ],
  [
    "api_key: a number as the key",
    { "client.auth.api_key": 1234567890 },
    `client.auth.api_key: expected secret reference, got number: use secret("api_key"), or {"secret": "api_key"} in JSON and YAML`,
  ],
  [
    "api_key: a secret in Python syntax",
    { "client.auth.api_key": "dlt.secrets['sources.crm.api_key']" },
    'client.auth.api_key: dlt.secrets is Python syntax: use secret("api_key"), or {"secret": "api_key"} in JSON and YAML',
  ],
  [
    "api_key: a missing key",
    { "client.auth.api_key": undefined },
    'missing required key client.auth.api_key: use secret("api_key"), or {"secret": "api_key"} in JSON and YAML',
  ],
  [
    "api_key: a misspelled api_key",
    { "client.auth": { type: "api_key", apikey: LITERAL_KEY } },
    'missing required key client.auth.api_key: use secret("api_key"), or {"secret": "api_key"} in JSON and YAML',
    'client.auth: unknown key "apikey": did you mean "api_key"? Allowed keys: type, name, api_key, location',
  ],
  [
    "api_key: a key next to the reference",
    { "client.auth.api_key": { secret: "api_key", value: LITERAL_KEY } },
    'client.auth.api_key: unknown key "value". Allowed keys: secret, prefix, mask_in_rows',
  ],
  [
    "api_key: a secret without a name",
    { "client.auth.api_key": { secret: "" } },
    "client.auth.api_key.secret: expected non-empty string",
  ],
  [
    "api_key: an unknown location",
    { "client.auth.location": "body" },
    'client.auth.location: expected "header", "query", "param" or "cookie", got string',
  ],
  [
    "api_key: an invalid header name",
    { "client.auth.name": "my key" },
    "client.auth.name: expected header or cookie name (letters, digits, dashes)",
  ],
  [
    "api_key: a symbol as the name, and an invalid name at an unknown location",
    {
      "client.auth.name": Symbol("k"),
      "endpoint.auth": { type: "api_key", api_key: { secret: "k" }, name: "a b", location: "body" },
    },
    "client.auth.name: expected string, got symbol",
    `${ENDPOINT}.auth.location: expected "header", "query", "param" or "cookie", got string`,
    `${ENDPOINT}.auth.name: expected header or cookie name (letters, digits, dashes)`,
  ],
  ["api_key: an empty name", { "client.auth.name": "" }, "client.auth.name: expected non-empty string"],
  [
    "api_key: a key of another type",
    { "client.auth.token": { secret: "token" } },
    'client.auth: unknown key "token". Allowed keys: type, name, api_key, location',
  ],
  [
    "bearer: a literal token",
    { "client.auth": { type: "bearer", token: LITERAL_KEY } },
    `client.auth.token: expected secret reference, got string: use secret("token"), or {"secret": "token"} in JSON and YAML`,
  ],
  [
    "bearer: a literal token without a type",
    { "client.auth": { token: LITERAL_KEY } },
    `client.auth.token: expected secret reference, got string: use secret("token"), or {"secret": "token"} in JSON and YAML`,
  ],
  [
    "bearer: a secret in Python syntax",
    { "client.auth": { type: "bearer", token: 'dlt.secrets["token"]' } },
    'client.auth.token: dlt.secrets is Python syntax: use secret("token"), or {"secret": "token"} in JSON and YAML',
  ],
  [
    "bearer: dlt.secrets without a field",
    { "client.auth": { type: "bearer", token: "dlt.secrets.value" } },
    'client.auth.token: dlt.secrets is Python syntax: use secret("token"), or {"secret": "token"} in JSON and YAML',
  ],
  [
    "http_basic: a literal password",
    { "client.auth": { type: "http_basic", username: "me", password: LITERAL_KEY } },
    `client.auth.password: expected secret reference, got string: use secret("password"), or {"secret": "password"} in JSON and YAML`,
  ],
  [
    "http_basic: a missing username",
    { "client.auth": { type: "http_basic", password: { secret: "password" } } },
    'missing required key client.auth.username: expected secret("...") or string',
  ],
  [
    "oauth2: a literal secret, and an invalid URL",
    {
      "client.auth": {
        type: "oauth2_client_credentials",
        access_token_url: "login",
        client_id: "me",
        client_secret: LITERAL_KEY,
      },
    },
    "client.auth.access_token_url: expected http or https URL",
    `client.auth.client_secret: expected secret reference, got string: use secret("client_secret"), or {"secret": "client_secret"} in JSON and YAML`,
  ],
  [
    "oauth2: a literal access_token",
    {
      "client.auth": {
        type: "oauth2_client_credentials",
        access_token_url: "https://acme.dev/token",
        client_id: "me",
        client_secret: { secret: "client_secret" },
        access_token: LITERAL_KEY,
        default_token_expiration: -1,
      },
    },
    "client.auth.default_token_expiration: expected at least 0",
    'client.auth.access_token: expected secret("..."), got string',
  ],
  [
    "session_token: two bodies, and two places of the token",
    {
      "client.auth": {
        type: "session_token",
        login_url: "//login.test",
        json: {},
        data: {},
        token_path: "token",
        token_header: "X-Token",
      },
    },
    "client.auth.login_url: expected http or https URL without credentials, or a path that begins with /",
    "client.auth.data: conflicts with json: keep one body",
    "client.auth.token_path: conflicts with token_header or token_cookie: keep one of them",
  ],
  [
    "oauth2: a list in access_token_request_data",
    {
      "client.auth": {
        type: "oauth2_client_credentials",
        access_token_url: "https://acme.dev/token",
        client_id: "me",
        client_secret: { secret: "client_secret" },
        access_token_request_data: { scope: ["a"] },
      },
    },
    'client.auth.access_token_request_data.scope: expected secret("..."), string, number or boolean, got list',
  ],
  [
    "a literal token at an endpoint",
    { "endpoint.auth": { token: LITERAL_KEY } },
    `${ENDPOINT}.auth.token: expected secret reference, got string: use secret("token"), or {"secret": "token"} in JSON and YAML`,
  ],
  [
    "a literal token in resource_defaults",
    { resource_defaults: { endpoint: { auth: { token: LITERAL_KEY } } } },
    `resource_defaults.endpoint.auth.token: expected secret reference, got string: use secret("token"), or {"secret": "token"} in JSON and YAML`,
  ],
  [
    "a number instead of an auth",
    { "client.auth": 5 },
    "client.auth: expected object or function (TypeScript), got number",
  ],
  [
    "http_basic: a placeholder in the username",
    { "client.auth": { type: "http_basic", username: "{resources.users.id}", password: { secret: "password" } } },
    "client.auth.username: placeholder outside of a request: use it in path, params, headers, json or data of an endpoint",
  ],
  [
    "a Python class name as the type",
    { "client.auth": { type: "OAuth2ClientCredentials" } },
    `client.auth.type: expected ${AUTH_TYPES}, got "OAuth2ClientCredentials": did you mean "oauth2_client_credentials"?`,
  ],
];
