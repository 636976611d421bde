import { type BadConfig, ENDPOINT, ENDPOINT_KEYS, LITERAL_KEY, POST, post } from "./words.fixture.ts";

export const BAD_ENDPOINT: BadConfig[] = [
  [
    "a mistyped key",
    { "endpoint.data_selectors": "data" },
    `${ENDPOINT}: unknown key "data_selectors", did you mean "data_selector"? Allowed: ${ENDPOINT_KEYS}`,
  ],
  [
    "a key of the resource",
    { "endpoint.primary_key": "id" },
    `${ENDPOINT}: unknown key "primary_key": it belongs into a resource. Allowed: ${ENDPOINT_KEYS}`,
  ],
  ["a number", { "resource.endpoint": 5 }, `${ENDPOINT}: expected string or object (it is 5)`],
  [
    "a method that there is not",
    { "endpoint.method": "PUT" },
    `${ENDPOINT}.method: expected "GET" or "POST" (it is "PUT")`,
  ],
  [
    "a method in small letters",
    { "endpoint.method": "get" },
    `${ENDPOINT}.method: expected "GET" or "POST" (it is "get", did you mean "GET"?)`,
  ],
  [
    "a path with a password",
    { "endpoint.path": `https://me:${LITERAL_KEY}@files.acme.dev/x` },
    `${ENDPOINT}.path: holds a user or a password: no secret belongs into a config (it is "https://***@files.acme.dev/x")`,
  ],
  [
    "params as a list of pairs",
    { "endpoint.params": [["a", 1]] },
    `${ENDPOINT}.params: expected object, received list`,
  ],
  [
    "a parameter that is an object",
    { "endpoint.params": { filter: { a: 1 } } },
    `${ENDPOINT}.params.filter.type: is missing: expected "resolve" or "incremental"`,
  ],
  [
    "a parameter in a list of lists",
    { "endpoint.params": { ids: [[1]] } },
    `${ENDPOINT}.params.ids[0]: expected string, number or boolean, received list`,
  ],
  [
    "a parameter of a type that there is not",
    { "endpoint.params": { id: { type: "resolv", resource: "teams", field: "id" } } },
    `${ENDPOINT}.params.id.type: expected "resolve" or "incremental" (it is "resolv", did you mean "resolve"?)`,
  ],
  [
    "a secret that is a number",
    { "endpoint.params": { api_key: { secret: 5 } } },
    `${ENDPOINT}.params.api_key.secret: expected string, received number`,
  ],
  [
    "half a binding",
    { "endpoint.params": { id: { type: "resolve", resource: "teams" } } },
    `${ENDPOINT}.params.id.field: is missing: expected string`,
  ],
  [
    "a binding with a mistyped key, and a field that is no JSONPath",
    { "endpoint.params": { id: { type: "resolve", resorce: "teams", field: "a[" } } },
    `${ENDPOINT}.params.id.resource: is missing: expected string`,
    `${ENDPOINT}.params.id.field: must be a JSONPath (RFC 9535): unclosed bracketed selection`,
    `${ENDPOINT}.params.id: unknown key "resorce", did you mean "resource"? Allowed: type, resource, field`,
  ],
  [
    "a binding to a field with braces",
    { "endpoint.params": { id: { type: "resolve", resource: "teams", field: "'a{b'" } } },
    `${ENDPOINT}.params.id.field: must hold no braces: a placeholder has them around it`,
  ],
  [
    "json and data",
    { endpoint: post({ json: { a: 1 }, data: { b: 2 } }) },
    `${ENDPOINT}.data: excludes json: a request has one body`,
  ],
  [
    "json as a text",
    { endpoint: post({ json: '{"a": 1}' }) },
    `${ENDPOINT}.json: expected object or list, received string`,
  ],
  [
    "json that is none",
    { endpoint: post({ json: { a: [1, { b: undefined }], f: () => 1 } }) },
    `${ENDPOINT}.json.a[1].b: is missing: expected string, number, boolean, null, list or object`,
    `${ENDPOINT}.json.f: expected string, number, boolean, null, list or object (it is a function)`,
  ],
  ["json with a GET", { "endpoint.json": { a: 1 } }, `${ENDPOINT}.json: ${POST}`],
  ["data with a GET", { "endpoint.data": "a=1" }, `${ENDPOINT}.data: ${POST}`],
  [
    "data with lists in lists and objects",
    { endpoint: post({ data: { ids: [[1], 2], filter: {} } }) },
    `${ENDPOINT}.data.ids[0]: expected string, number or boolean, received list`,
    `${ENDPOINT}.data.filter: expected secret("..."), string, number, boolean, list or null, received object`,
  ],
  [
    "data as a list of what are no pairs",
    { endpoint: post({ data: [["a"], "b=1"] }) },
    `${ENDPOINT}.data[0]: must be a pair of a name and a value`,
    `${ENDPOINT}.data[1]: must be a pair of a name and a value`,
  ],
  [
    "a header that is a number, and one that has no name",
    { "endpoint.headers": { "X-Version": 2, "": "x" } },
    `${ENDPOINT}.headers.X-Version: expected secret("..."), string or null, received number`,
    `${ENDPOINT}.headers[""]: must not be empty`,
  ],
  [
    "a header whose name is none",
    { "endpoint.headers": { "no header": LITERAL_KEY } },
    `${ENDPOINT}.headers["no header"]: must be letters, digits and dashes`,
  ],
  [
    "a data_selector that is no JSONPath",
    { "endpoint.data_selector": "data[?(@.a" },
    `${ENDPOINT}.data_selector: must be a JSONPath (RFC 9535): unbalanced brackets (it is "data[?(@.a")`,
  ],
  [
    "a filter of jsonpath-ng's",
    { "endpoint.data_selector": "data[?id>1]" },
    `${ENDPOINT}.data_selector: must be a JSONPath (RFC 9535): unexpected filter selector token 'i'; a field in a filter begins with @, as in [?@.id > 1] (it is "data[?id>1]")`,
  ],
  [
    "a data_selector as a list",
    { "endpoint.data_selector": ["data"] },
    `${ENDPOINT}.data_selector: expected string, received list`,
  ],
  [
    "an empty data_selector",
    { "endpoint.data_selector": "" },
    `${ENDPOINT}.data_selector: must not be empty (it is "")`,
  ],
  [
    "response_actions that are none",
    { "endpoint.response_actions": { status_code: 404, action: "ignore" } },
    `${ENDPOINT}.response_actions: expected list, received object`,
  ],
  [
    "actions that are nothing",
    { "endpoint.response_actions": [null, []] },
    `${ENDPOINT}.response_actions[0]: expected object or function (TypeScript) (it is null)`,
    `${ENDPOINT}.response_actions[1]: expected object or function (TypeScript), received list`,
  ],
  [
    "an action that there is not",
    { "endpoint.response_actions": [{ status_code: 404, action: "ingore" }] },
    `${ENDPOINT}.response_actions[0].action: expected "ignore", "retry", function (TypeScript) or list (it is "ingore", did you mean "ignore"?)`,
  ],
  [
    "an action that there is not, without a condition",
    { "endpoint.response_actions": [{ action: "log" }] },
    `${ENDPOINT}.response_actions[0].action: expected "ignore", "retry", function (TypeScript) or list (it is "log")`,
    `${ENDPOINT}.response_actions[0]: needs a status_code, a content, or both; a function that is to see every answer stands by itself`,
  ],
  [
    "an action without a condition",
    { "endpoint.response_actions": [{ action: "ignore" }] },
    `${ENDPOINT}.response_actions[0]: needs a status_code, a content, or both; a function that is to see every answer stands by itself`,
  ],
  [
    "no action",
    { "endpoint.response_actions": [{ status_code: 404 }] },
    `${ENDPOINT}.response_actions[0].action: is missing: expected "ignore", "retry", function (TypeScript) or list`,
  ],
  [
    "an action that is the name of a function",
    { "endpoint.response_actions": ["log_response", { content: "", action: ["ignore"] }] },
    `${ENDPOINT}.response_actions[0]: expected object or function (TypeScript) (it is "log_response")`,
    `${ENDPOINT}.response_actions[1].content: must not be empty (it is "")`,
    `${ENDPOINT}.response_actions[1].action[0]: must be a function, in a TypeScript config (it is "ignore")`,
  ],
  [
    "a status as a text",
    { "endpoint.response_actions": [{ status_code: "404", action: "ignore" }] },
    `${ENDPOINT}.response_actions[0].status_code: expected number (it is "404")`,
  ],
  [
    "no actions",
    { "endpoint.response_actions": [{ status_code: 404, action: [] }] },
    `${ENDPOINT}.response_actions[0].action: needs at least 1`,
  ],
  [
    "a secret of Python's in params, in the path and in a form",
    {
      endpoint: post({
        path: "dlt.config.value",
        params: { key: "dlt.secrets['sources.crm.key']" },
        data: { key: "dlt.secrets.value" },
      }),
    },
    `${ENDPOINT}.path: is Python: write the value itself (it is "dlt.config.value")`,
    `${ENDPOINT}.params.key: is Python: write secret("key"), in JSON {"secret": "key"}`,
    `${ENDPOINT}.data.key: is Python: write secret("..."), in JSON {"secret": "..."}`,
  ],
  [
    "a mistyped secret in params",
    { "endpoint.params": { key: { secert: LITERAL_KEY } } },
    `${ENDPOINT}.params.key.secret: is missing: expected string`,
    `${ENDPOINT}.params.key: unknown key "secert", did you mean "secret"? Allowed: secret`,
  ],
  [
    "a header that is a placeholder of its own",
    { "endpoint.headers": { "X-Ids": ["1"] } },
    `${ENDPOINT}.headers.X-Ids: expected secret("..."), string or null, received list`,
  ],
];
