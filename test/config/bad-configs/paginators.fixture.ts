import {
  type BadConfig,
  ENDLESS,
  OFFSET_KEYS,
  PAGINATOR,
  PAGINATOR_TYPES,
  post,
  SHORT_FORMS,
} from "./messages.fixture.ts";

export const BAD_PAGINATORS: BadConfig[] = [
  [
    "a misspelled type",
    { "endpoint.paginator": { type: "page_numbr" } },
    `${PAGINATOR}.type: expected ${PAGINATOR_TYPES}, got "page_numbr": did you mean "page_number"?`,
  ],
  [
    "a paginator without a type",
    { "endpoint.paginator": { base_page: 1 } },
    `missing required key ${PAGINATOR}.type: expected ${PAGINATOR_TYPES}`,
  ],
  [
    "a misspelled short form",
    { "endpoint.paginator": "singlepage" },
    `${PAGINATOR}: expected ${SHORT_FORMS}, got "singlepage": did you mean "single_page"?`,
  ],
  [
    "offset as a short form, which has no limit",
    { "endpoint.paginator": "offset" },
    `${PAGINATOR}: offset without a limit (got "offset"): write { type: "offset", limit: 100 }`,
  ],
  [
    "a Python object",
    { "endpoint.paginator": "PageNumberPaginator(base_page=1, total_path=None)" },
    `${PAGINATOR}: Python syntax (got "PageNumberPaginator(base_page=1, total_path=None)"): write "page_number", or { type: "page_number", ... }`,
  ],
  [
    "the printed form of a Python object",
    { "client.paginator": "<dlt.sources.helpers.rest_client.paginators.OffsetPaginator object at 0x7f>" },
    'client.paginator: offset without a limit (got "<dlt.sources.helpers.rest_client.paginators.OffsetPaginator object at 0x7f>"): write { type: "offset", limit: 100 }',
  ],
  [
    "an empty object",
    { "client.paginator": {} },
    `missing required key client.paginator.type: expected ${PAGINATOR_TYPES}`,
  ],
  [
    "a list instead of a paginator",
    { "client.paginator": ["auto"] },
    `client.paginator: expected ${SHORT_FORMS}, got list`,
  ],
  [
    "auto with a key of another paginator",
    { "endpoint.paginator": { type: "auto", page_param: "p" } },
    `${PAGINATOR}: unknown key "page_param". Allowed keys: type`,
  ],
  [
    "page_number: invalid page numbers",
    { "endpoint.paginator": { type: "page_number", base_page: "1", page: -1, maximum_page: 0 } },
    `${PAGINATOR}.base_page: expected number, got "1"`,
    `${PAGINATOR}.page: expected at least 0, got -1`,
    `${PAGINATOR}.maximum_page: expected more than 0, got 0`,
  ],
  [
    "page_number: no stop condition",
    { "endpoint.paginator": { type: "page_number", stop_after_empty_page: false, total_path: null } },
    `${PAGINATOR}: ${ENDLESS}`,
  ],
  [
    "page_number: no stop condition and a limit that is never sent, together with other errors",
    {
      "endpoint.paginator": {
        type: "page_number",
        base_page: "1",
        stop_after_empty_page: false,
        total_path: null,
        limit_param: "size",
      },
    },
    `${PAGINATOR}.base_page: expected number, got "1"`,
    `${PAGINATOR}: ${ENDLESS}`,
    `${PAGINATOR}.limit_param: has no effect without limit (got "size"): set limit, or remove limit_param`,
  ],
  [
    "page_number: a page number in both query and body",
    {
      "endpoint.paginator": { type: "page_number", page_param: "page", page_body_path: "page" },
      "endpoint.method": "POST",
    },
    `${PAGINATOR}.page_body_path: conflicts with page_param (got "page"): send the value in the query or in the body`,
  ],
  [
    "page_number: limit_param without limit",
    { "endpoint.paginator": { type: "page_number", limit_param: "size" } },
    `${PAGINATOR}.limit_param: has no effect without limit (got "size"): set limit, or remove limit_param`,
  ],
  [
    "page_number: a limit of 0",
    { "endpoint.paginator": { type: "page_number", limit: 0, limit_param: "size" } },
    `${PAGINATOR}.limit: expected more than 0, got 0`,
  ],
  [
    "page_number: a JSONPath as the body path",
    { "endpoint.paginator": { type: "page_number", page_body_path: "$.page" } },
    `${PAGINATOR}.page_body_path: expected keys joined by dots, such as paging.next, got "$.page"`,
  ],
  [
    "page_number: a total_path with invalid JSONPath",
    { "endpoint.paginator": { type: "page_number", total_path: "meta[" } },
    `${PAGINATOR}.total_path: expected JSONPath (RFC 9535), got "meta[": unclosed bracketed selection`,
  ],
  [
    "offset: a missing limit",
    { "endpoint.paginator": { type: "offset" } },
    `missing required key ${PAGINATOR}.limit: expected number`,
  ],
  [
    "offset: a misspelled key",
    { "endpoint.paginator": { type: "offset", limit: 5, limits: 5 } },
    `${PAGINATOR}: unknown key "limits": did you mean "limit"? Allowed keys: ${OFFSET_KEYS}`,
  ],
  [
    "offset: no stop condition",
    { "client.paginator": { type: "offset", limit: 1, stop_after_empty_page: false, total_path: null } },
    `client.paginator: ${ENDLESS}`,
  ],
  [
    "offset: offset and limit in both query and body",
    {
      "endpoint.paginator": {
        type: "offset",
        limit: 5,
        offset_param: "o",
        offset_body_path: "o",
        limit_param: "l",
        limit_body_path: "l",
      },
      "endpoint.method": "POST",
    },
    `${PAGINATOR}.offset_body_path: conflicts with offset_param (got "o"): send the value in the query or in the body`,
    `${PAGINATOR}.limit_body_path: conflicts with limit_param (got "l"): send the value in the query or in the body`,
  ],
  [
    "offset: a limit as a string",
    { "endpoint.paginator": { type: "offset", limit: "100", maximum_offset: 0.5 } },
    `${PAGINATOR}.limit: expected number, got "100"`,
    `${PAGINATOR}.maximum_offset: expected integer, got 0.5`,
  ],
  [
    "cursor: a cursor_path with invalid JSONPath",
    { "endpoint.paginator": { type: "cursor", cursor_path: "meta.[next" } },
    `${PAGINATOR}.cursor_path: expected JSONPath (RFC 9535), got "meta.[next": unexpected token 'n' in bracketed selection`,
  ],
  [
    "cursor: a cursor in both query and body",
    { "endpoint.paginator": { type: "cursor", cursor_param: "c", cursor_body_path: "c" }, "endpoint.method": "POST" },
    `${PAGINATOR}.cursor_body_path: conflicts with cursor_param (got "c"): send the value in the query or in the body`,
  ],
  [
    "cursor: a boolean as has_more_path",
    { "endpoint.paginator": { type: "cursor", has_more_path: true } },
    `${PAGINATOR}.has_more_path: expected string, got true`,
  ],
  [
    "header_cursor: an invalid header name",
    { "endpoint.paginator": { type: "header_cursor", cursor_key: "next page" } },
    `${PAGINATOR}.cursor_key: expected header name (letters, digits, dashes), got "next page"`,
  ],
  [
    "json_link: a key of the cursor paginator",
    { "endpoint.paginator": { type: "json_link", cursor_path: "next" } },
    `${PAGINATOR}: unknown key "cursor_path". Allowed keys: type, next_url_path`,
  ],
  [
    "json_link: a next_url_path with invalid JSONPath",
    { "endpoint.paginator": { type: "json_link", next_url_path: "$." } },
    `${PAGINATOR}.next_url_path: expected JSONPath (RFC 9535), got "$.": it ends too early`,
  ],
  [
    "header_link: an empty relation",
    { "endpoint.paginator": { type: "header_link", links_next_key: "" } },
    `${PAGINATOR}.links_next_key: expected non-empty string, got ""`,
  ],
  [
    "single_page: any other key",
    { "endpoint.paginator": { type: "single_page", limit: 5 } },
    `${PAGINATOR}: unknown key "limit". Allowed keys: type`,
  ],
  [
    "a body path with a string as the body",
    { endpoint: post({ data: "raw", paginator: { type: "page_number", page_body_path: "page" } }) },
    `${PAGINATOR}: page_body_path needs a JSON object as the body: set endpoint.json to an object`,
  ],
  [
    "a body path with a list as the body",
    { endpoint: post({ json: [1], paginator: { type: "cursor", cursor_body_path: "next" } }) },
    `${PAGINATOR}: cursor_body_path needs a JSON object as the body: set endpoint.json to an object`,
  ],
  [
    "a body path with a GET request",
    { "endpoint.paginator": { type: "page_number", page_body_path: "page" } },
    `${PAGINATOR}: page_body_path with a GET request: set method: "POST"`,
  ],
  ["a number instead of a paginator", { "endpoint.paginator": 1 }, `${PAGINATOR}: expected ${SHORT_FORMS}, got 1`],
  [
    "null as the type",
    { "endpoint.paginator": { type: null } },
    `${PAGINATOR}.type: expected ${PAGINATOR_TYPES}, got null`,
  ],
  [
    "cursor: an empty parameter and path",
    { "endpoint.paginator": { type: "cursor", cursor_param: "", cursor_path: "" } },
    `${PAGINATOR}.cursor_path: expected non-empty string, got ""`,
    `${PAGINATOR}.cursor_param: expected non-empty string, got ""`,
  ],
];
