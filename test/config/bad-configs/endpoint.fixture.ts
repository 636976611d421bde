import { type BadConfig, ENDPOINT, ENDPOINT_KEYS, LITERAL_KEY, POST, post } from "./messages.fixture.ts";

export const BAD_ENDPOINT: BadConfig[] = [
  [
    "a misspelled key",
    { "endpoint.data_selectors": "data" },
    `${ENDPOINT}: unknown key "data_selectors": did you mean "data_selector"? Allowed keys: ${ENDPOINT_KEYS}`,
  ],
  [
    "a key of a resource",
    { "endpoint.primary_key": "id" },
    `${ENDPOINT}: unknown key "primary_key": move it to a resource. Allowed keys: ${ENDPOINT_KEYS}`,
  ],
  ["a number instead of an endpoint", { "resource.endpoint": 5 }, `${ENDPOINT}: expected string or object, got 5`],
  ["an unsupported method", { "endpoint.method": "PUT" }, `${ENDPOINT}.method: expected "GET" or "POST", got "PUT"`],
  [
    "a method in lower case",
    { "endpoint.method": "get" },
    `${ENDPOINT}.method: expected "GET" or "POST", got "get": did you mean "GET"?`,
  ],
  [
    "a path with a password",
    { "endpoint.path": `https://me:${LITERAL_KEY}@files.acme.dev/x` },
    `${ENDPOINT}.path: URL with credentials (got "https://***@files.acme.dev/x"): use auth and secret references instead`,
  ],
  ["a list of pairs as params", { "endpoint.params": [["a", 1]] }, `${ENDPOINT}.params: expected object, got list`],
  [
    "an object as a parameter",
    { "endpoint.params": { filter: { a: 1 } } },
    `${ENDPOINT}.params.filter: expected secret("..."), string, number, boolean, list or null, got object: write it as JSON text`,
  ],
  [
    "an object with a type as a parameter",
    { "endpoint.params": { filter: { type: "term", value: 5 } } },
    `${ENDPOINT}.params.filter: expected secret("..."), string, number, boolean, list or null, got object: write it as JSON text`,
  ],
  [
    "an object as a form field, and in a list",
    { "endpoint.method": "POST", "endpoint.data": { filter: { a: 1 } }, "endpoint.params": { filters: [{ a: 1 }] } },
    `${ENDPOINT}.params.filters[0]: expected string, number or boolean, got object: write it as JSON text`,
    `${ENDPOINT}.data.filter: expected secret("..."), string, number, boolean, list or null, got object: write it as JSON text`,
  ],
  [
    "an incremental parameter without its type",
    { "endpoint.params": { since: { cursor_path: "at" } } },
    `missing required key ${ENDPOINT}.params.since.type: expected "resolve" or "incremental"`,
  ],
  [
    "a list of lists as a parameter",
    { "endpoint.params": { ids: [[1]] } },
    `${ENDPOINT}.params.ids[0]: expected string, number or boolean, got list: write it as JSON text`,
  ],
  [
    "a parameter with a misspelled type",
    { "endpoint.params": { id: { type: "resolv", resource: "teams", field: "id" } } },
    `${ENDPOINT}.params.id.type: expected "resolve" or "incremental", got "resolv": did you mean "resolve"?`,
  ],
  [
    "a number as the name of a secret",
    { "endpoint.params": { api_key: { secret: 5 } } },
    `${ENDPOINT}.params.api_key.secret: expected string, got number`,
  ],
  [
    "type: resolve without a field",
    { "endpoint.params": { id: { type: "resolve", resource: "teams" } } },
    `missing required key ${ENDPOINT}.params.id.field: expected string`,
  ],
  [
    "type: resolve with a misspelled key and an invalid JSONPath",
    { "endpoint.params": { id: { type: "resolve", resorce: "teams", field: "a[" } } },
    `missing required key ${ENDPOINT}.params.id.resource: expected string`,
    `${ENDPOINT}.params.id.field: expected JSONPath (RFC 9535): unclosed bracketed selection`,
    `${ENDPOINT}.params.id: unknown key "resorce": did you mean "resource"? Allowed keys: type, resource, field`,
  ],
  [
    "type: resolve with braces in the field",
    { "endpoint.params": { id: { type: "resolve", resource: "teams", field: "'a{b'" } } },
    `${ENDPOINT}.params.id.field: braces in a field: write the JSONPath without them`,
  ],
  [
    "both json and data",
    { endpoint: post({ json: { a: 1 }, data: { b: 2 } }) },
    `${ENDPOINT}.data: conflicts with json: keep one body`,
  ],
  [
    "json as a string",
    { endpoint: post({ json: '{"a": 1}' }) },
    `${ENDPOINT}.json: expected object or list, got string`,
  ],
  [
    "json with undefined and with a function",
    { endpoint: post({ json: { a: [1, { b: undefined }], f: () => 1 } }) },
    `missing required key ${ENDPOINT}.json.a[1].b: expected string, number, boolean, null, list or object`,
    `${ENDPOINT}.json.f: expected string, number, boolean, null, list or object, got function`,
  ],
  ["json with a GET", { "endpoint.json": { a: 1 } }, `${ENDPOINT}.json: ${POST}`],
  ["data with a GET", { "endpoint.data": "a=1" }, `${ENDPOINT}.data: ${POST}`],
  [
    "data with nested lists and objects",
    { endpoint: post({ data: { ids: [[1], 2], filter: {} } }) },
    `${ENDPOINT}.data.ids[0]: expected string, number or boolean, got list: write it as JSON text`,
    `${ENDPOINT}.data.filter: expected secret("..."), string, number, boolean, list or null, got object: write it as JSON text`,
  ],
  [
    "data as a list without pairs",
    { endpoint: post({ data: [["a"], "b=1"] }) },
    `${ENDPOINT}.data[0]: expected pair of name and value`,
    `${ENDPOINT}.data[1]: expected pair of name and value`,
  ],
  [
    "a number as a header, and an empty header name",
    { "endpoint.headers": { "X-Version": 2, "": "x" } },
    `${ENDPOINT}.headers.X-Version: expected secret("..."), string or null, got number`,
    `${ENDPOINT}.headers[""]: expected non-empty string`,
  ],
  [
    "an invalid header name",
    { "endpoint.headers": { "no header": LITERAL_KEY } },
    `${ENDPOINT}.headers["no header"]: expected header name (letters, digits, dashes)`,
  ],
  [
    "a key_column that is a path",
    { "endpoint.key_column": "a.id" },
    `${ENDPOINT}.key_column: expected name without dots, brackets and $: it is a key, not a path`,
  ],
  [
    "a key_column without a data_selector",
    { "endpoint.key_column": "id" },
    `${ENDPOINT}.key_column: key_column without data_selector: set it to the path of the object whose keys are the ids, or to "$" for the whole response`,
  ],
  [
    "a key_column with a data_selector that ends in a wildcard",
    { "endpoint.key_column": "id", "endpoint.data_selector": "groups[*].members.*" },
    `${ENDPOINT}.data_selector: selects the entries without their keys, which key_column needs: write "groups[*].members"`,
  ],
  [
    "a key_column with a data_selector that is a wildcard",
    { "endpoint.key_column": "id", "endpoint.data_selector": "$[*]" },
    `${ENDPOINT}.data_selector: selects the entries without their keys, which key_column needs: write "$"`,
  ],
  [
    "a key_column with a data_selector that ends in a filter",
    { "endpoint.key_column": "id", "endpoint.data_selector": "data[?@.active == true]" },
    `${ENDPOINT}.data_selector: selects the entries without their keys, which key_column needs: end the path at the object, and filter in processing_steps`,
  ],
  [
    "a data_selector with invalid JSONPath",
    { "endpoint.data_selector": "data[?(@.a" },
    `${ENDPOINT}.data_selector: expected JSONPath (RFC 9535), got "data[?(@.a": unbalanced brackets`,
  ],
  [
    "a data_selector with a filter of jsonpath-ng",
    { "endpoint.data_selector": "data[?id>1]" },
    `${ENDPOINT}.data_selector: expected JSONPath (RFC 9535), got "data[?id>1]": unexpected filter selector token 'i'; a field in a filter begins with @, as in [?@.id > 1]`,
  ],
  [
    "a data_selector as a list",
    { "endpoint.data_selector": ["data"] },
    `${ENDPOINT}.data_selector: expected string, got list`,
  ],
  [
    "an empty field of a parameter",
    { "endpoint.params": { id: { type: "resolve", resource: "teams", field: "" } } },
    `${ENDPOINT}.params.id.field: expected non-empty string`,
  ],
  [
    "an object instead of a list of response_actions",
    { "endpoint.response_actions": { status_code: 404, action: "ignore" } },
    `${ENDPOINT}.response_actions: expected list, got object`,
  ],
  [
    "null and a list as response actions",
    { "endpoint.response_actions": [null, []] },
    `${ENDPOINT}.response_actions[0]: expected object or function (TypeScript), got null`,
    `${ENDPOINT}.response_actions[1]: expected object or function (TypeScript), got list`,
  ],
  [
    "a misspelled action",
    { "endpoint.response_actions": [{ status_code: 404, action: "ingore" }] },
    `${ENDPOINT}.response_actions[0].action: expected "ignore", "retry", "fail", function (TypeScript) or list, got "ingore": did you mean "ignore"?`,
  ],
  [
    "an unknown action without a condition",
    { "endpoint.response_actions": [{ action: "log" }] },
    `${ENDPOINT}.response_actions[0].action: expected "ignore", "retry", "fail", function (TypeScript) or list, got "log"`,
    `${ENDPOINT}.response_actions[0]: action without a condition: set status_code or content, or list the function itself to apply it to every response`,
  ],
  [
    "an action without a condition",
    { "endpoint.response_actions": [{ action: "ignore" }] },
    `${ENDPOINT}.response_actions[0]: action without a condition: set status_code or content, or list the function itself to apply it to every response`,
  ],
  [
    "a response action without an action",
    { "endpoint.response_actions": [{ status_code: 404 }] },
    `missing required key ${ENDPOINT}.response_actions[0].action: expected "ignore", "retry", "fail", function (TypeScript) or list`,
  ],
  [
    "a string instead of a function as an action",
    { "endpoint.response_actions": ["log_response", { content: "", action: ["ignore"] }] },
    `${ENDPOINT}.response_actions[0]: expected object or function (TypeScript), got "log_response"`,
    `${ENDPOINT}.response_actions[1].content: expected non-empty string, got ""`,
    `${ENDPOINT}.response_actions[1].action[0]: expected function (TypeScript), got "ignore"`,
  ],
  [
    "a status_code as a string",
    { "endpoint.response_actions": [{ status_code: "404", action: "ignore" }] },
    `${ENDPOINT}.response_actions[0].status_code: expected number, got "404"`,
  ],
  [
    "an empty list of actions",
    { "endpoint.response_actions": [{ status_code: 404, action: [] }] },
    `${ENDPOINT}.response_actions[0].action: expected at least 1 item`,
  ],
  [
    "secrets in Python syntax in params, path and form",
    {
      endpoint: post({
        path: "dlt.config.value",
        params: { key: "dlt.secrets['sources.crm.key']" },
        data: { key: "dlt.secrets.value" },
      }),
    },
    `${ENDPOINT}.path: dlt.config is Python syntax (got "dlt.config.value"): write the value itself`,
    `${ENDPOINT}.params.key: dlt.secrets is Python syntax: use secret("key"), or {"secret": "key"} in JSON and YAML`,
    `${ENDPOINT}.data.key: dlt.secrets is Python syntax: use secret("..."), or {"secret": "..."} in JSON and YAML`,
  ],
  [
    "a misspelled secret in params",
    { "endpoint.params": { key: { secert: LITERAL_KEY } } },
    `missing required key ${ENDPOINT}.params.key.secret: expected string`,
    `${ENDPOINT}.params.key: unknown key "secert": did you mean "secret"? Allowed keys: secret, prefix, mask_in_rows`,
  ],
  [
    "a list as a header",
    { "endpoint.headers": { "X-Ids": ["1"] } },
    `${ENDPOINT}.headers.X-Ids: expected secret("..."), string or null, got list`,
  ],
];
