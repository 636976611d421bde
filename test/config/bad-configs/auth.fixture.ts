import { AUTH_TYPES, type BadConfig, ENDPOINT, LITERAL_KEY, NO_KEY, OAUTH2_KEYS } from "./words.fixture.ts";

export const BAD_AUTH: BadConfig[] = [
  [
    "a token in its place",
    { "client.auth": LITERAL_KEY },
    'client.auth: must be an object: { type: "bearer", token: secret("token") }, or one of another type',
  ],
  [
    "the name of a type alone",
    { "client.auth": "api_key" },
    'client.auth: must be an object: { type: "api_key", name: "X-Api-Key", api_key: secret("api_key") }',
  ],
  [
    "an object of Python's",
    { "client.auth": `BearerTokenAuth(token='${LITERAL_KEY}')` },
    'client.auth: must be an object: { type: "bearer", token: secret("token") }',
  ],
  [
    "a list, as requests takes it",
    { "client.auth": ["me", LITERAL_KEY] },
    "client.auth: expected object or function (TypeScript), received list",
  ],
  ["no type", { "client.auth": { api_key: LITERAL_KEY } }, `client.auth: needs a type: ${AUTH_TYPES}`],
  ["an empty one", { "client.auth": {} }, `client.auth: needs a type: ${AUTH_TYPES}`],
  [
    "a type that does not exist",
    { "client.auth": { type: "digest", token: LITERAL_KEY } },
    `client.auth.type: expected ${AUTH_TYPES} (it is "digest")`,
  ],
  [
    "a type that is cut off",
    { "client.auth": { type: "oauth2", client_id: "me", client_secret: LITERAL_KEY } },
    `client.auth.type: expected ${AUTH_TYPES} (it is "oauth2", did you mean "oauth2_client_credentials"?)`,
  ],
  [
    "api_key: a literal key",
    { "client.auth.api_key": LITERAL_KEY },
    `client.auth.api_key: must be secret("api_key"), in JSON {"secret": "api_key"}: ${NO_KEY}`,
  ],
  [
    "api_key: a key that is a number",
    { "client.auth.api_key": 1234567890 },
    `client.auth.api_key: must be secret("api_key"), in JSON {"secret": "api_key"}: ${NO_KEY}`,
  ],
  [
    "api_key: a secret of Python's",
    { "client.auth.api_key": "dlt.secrets['sources.crm.api_key']" },
    'client.auth.api_key: is Python: write secret("api_key"), in JSON {"secret": "api_key"}',
  ],
  [
    "api_key: no key",
    { "client.auth.api_key": undefined },
    'client.auth.api_key: is missing: give secret("api_key"), in JSON {"secret": "api_key"}',
  ],
  [
    "api_key: a key under a mistyped name",
    { "client.auth": { type: "api_key", apikey: LITERAL_KEY } },
    'client.auth.api_key: is missing: give secret("api_key"), in JSON {"secret": "api_key"}',
    'client.auth: unknown key "apikey", did you mean "api_key"? Allowed: type, name, api_key, location',
  ],
  [
    "api_key: a key beside the reference",
    { "client.auth.api_key": { secret: "api_key", value: LITERAL_KEY } },
    'client.auth.api_key: unknown key "value". Allowed: secret',
  ],
  [
    "api_key: a secret without a name",
    { "client.auth.api_key": { secret: "" } },
    "client.auth.api_key.secret: must not be empty",
  ],
  [
    "api_key: a place that does not exist",
    { "client.auth.location": "body" },
    'client.auth.location: expected "header", "query" or "cookie"',
  ],
  [
    "api_key: a header whose name is none",
    { "client.auth.name": "my key" },
    "client.auth.name: must be letters, digits and dashes: it names a header or a cookie",
  ],
  [
    "api_key: a name that is no text, and one that is none in a place that is none",
    {
      "client.auth.name": Symbol("k"),
      "endpoint.auth": { type: "api_key", api_key: { secret: "k" }, name: "a b", location: "body" },
    },
    "client.auth.name: expected string, received symbol",
    `${ENDPOINT}.auth.location: expected "header", "query" or "cookie"`,
    `${ENDPOINT}.auth.name: must be letters, digits and dashes: it names a header or a cookie`,
  ],
  ["api_key: an empty name", { "client.auth.name": "" }, "client.auth.name: must not be empty"],
  [
    "api_key: a key of another type",
    { "client.auth.token": { secret: "token" } },
    'client.auth: unknown key "token". Allowed: type, name, api_key, location',
  ],
  [
    "bearer: a literal token",
    { "client.auth": { type: "bearer", token: LITERAL_KEY } },
    `client.auth.token: must be secret("token"), in JSON {"secret": "token"}: ${NO_KEY}`,
  ],
  [
    "bearer: a literal token without a type",
    { "client.auth": { token: LITERAL_KEY } },
    `client.auth.token: must be secret("token"), in JSON {"secret": "token"}: ${NO_KEY}`,
  ],
  [
    "bearer: a secret of Python's",
    { "client.auth": { type: "bearer", token: 'dlt.secrets["token"]' } },
    'client.auth.token: is Python: write secret("token"), in JSON {"secret": "token"}',
  ],
  [
    "bearer: the secrets as a whole",
    { "client.auth": { type: "bearer", token: "dlt.secrets.value" } },
    'client.auth.token: is Python: write secret("token"), in JSON {"secret": "token"}',
  ],
  [
    "http_basic: a literal password",
    { "client.auth": { type: "http_basic", username: "me", password: LITERAL_KEY } },
    `client.auth.password: must be secret("password"), in JSON {"secret": "password"}: ${NO_KEY}`,
  ],
  [
    "http_basic: no user",
    { "client.auth": { type: "http_basic", password: { secret: "password" } } },
    'client.auth.username: is missing: expected secret("...") or string',
  ],
  [
    "oauth2: a literal secret, and a URL that is none",
    {
      "client.auth": {
        type: "oauth2_client_credentials",
        access_token_url: "login",
        client_id: "me",
        client_secret: LITERAL_KEY,
      },
    },
    "client.auth.access_token_url: must be an http or https URL",
    `client.auth.client_secret: must be secret("client_secret"), in JSON {"secret": "client_secret"}: ${NO_KEY}`,
  ],
  [
    "oauth2: a token that is given",
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
    "client.auth.default_token_expiration: must be at least 0",
    `client.auth: unknown key "access_token": a token is always asked for, so leave it out. Allowed: ${OAUTH2_KEYS}`,
  ],
  [
    "oauth2: a form with a list",
    {
      "client.auth": {
        type: "oauth2_client_credentials",
        access_token_url: "https://acme.dev/token",
        client_id: "me",
        client_secret: { secret: "client_secret" },
        access_token_request_data: { scope: ["a"] },
      },
    },
    'client.auth.access_token_request_data.scope: expected secret("..."), string, number or boolean, received list',
  ],
  [
    "of an endpoint: a literal token",
    { "endpoint.auth": { token: LITERAL_KEY } },
    `${ENDPOINT}.auth.token: must be secret("token"), in JSON {"secret": "token"}: ${NO_KEY}`,
  ],
  [
    "of the defaults: a literal token",
    { resource_defaults: { endpoint: { auth: { token: LITERAL_KEY } } } },
    `resource_defaults.endpoint.auth.token: must be secret("token"), in JSON {"secret": "token"}: ${NO_KEY}`,
  ],
  ["a number", { "client.auth": 5 }, "client.auth: expected object or function (TypeScript), received number"],
  [
    "http_basic: a user with a placeholder",
    { "client.auth": { type: "http_basic", username: "{resources.users.id}", password: { secret: "password" } } },
    "client.auth.username: has a placeholder: only an endpoint's own texts are filled in",
  ],
  [
    "a type that is Python's",
    { "client.auth": { type: "OAuth2ClientCredentials" } },
    `client.auth.type: expected ${AUTH_TYPES} (it is "OAuth2ClientCredentials", did you mean "oauth2_client_credentials"?)`,
  ],
];
