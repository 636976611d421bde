import {
  type BadConfig,
  ENDLESS,
  OFFSET_KEYS,
  PAGINATOR,
  PAGINATOR_TYPES,
  POST,
  post,
  SHORT_FORMS,
} from "./words.fixture.ts";

export const BAD_PAGINATORS: BadConfig[] = [
  [
    "a type that does not exist",
    { "endpoint.paginator": { type: "page_numbr" } },
    `${PAGINATOR}.type: expected ${PAGINATOR_TYPES} (it is "page_numbr", did you mean "page_number"?)`,
  ],
  ["no type", { "endpoint.paginator": { base_page: 1 } }, `${PAGINATOR}.type: is missing: expected ${PAGINATOR_TYPES}`],
  [
    "a mistyped short form",
    { "endpoint.paginator": "singlepage" },
    `${PAGINATOR}: expected ${SHORT_FORMS} (it is "singlepage", did you mean "single_page"?)`,
  ],
  [
    "the short form of offset, which needs a limit",
    { "endpoint.paginator": "offset" },
    `${PAGINATOR}: needs a limit: { type: "offset", limit: 100 } (it is "offset")`,
  ],
  [
    "an object of Python's",
    { "endpoint.paginator": "PageNumberPaginator(base_page=1, total_path=None)" },
    `${PAGINATOR}: is Python: write "page_number", or { type: "page_number", ... } (it is "PageNumberPaginator(base_page=1, total_path=None)")`,
  ],
  [
    "an object of Python's, printed",
    { "client.paginator": "<dlt.sources.helpers.rest_client.paginators.OffsetPaginator object at 0x7f>" },
    'client.paginator: needs a limit: { type: "offset", limit: 100 } (it is "<dlt.sources.helpers.rest_client.paginators.OffsetPaginator object at 0x7f>")',
  ],
  [
    "an object without anything of Python's",
    { "client.paginator": {} },
    `client.paginator.type: is missing: expected ${PAGINATOR_TYPES}`,
  ],
  ["a list", { "client.paginator": ["auto"] }, `client.paginator: expected ${SHORT_FORMS}, received list`],
  [
    "auto with a key of another",
    { "endpoint.paginator": { type: "auto", page_param: "p" } },
    `${PAGINATOR}: unknown key "page_param". Allowed: type`,
  ],
  [
    "page_number: pages as texts",
    { "endpoint.paginator": { type: "page_number", base_page: "1", page: -1, maximum_page: 0 } },
    `${PAGINATOR}.base_page: expected number (it is "1")`,
    `${PAGINATOR}.page: must be at least 0 (it is -1)`,
    `${PAGINATOR}.maximum_page: must be more than 0 (it is 0)`,
  ],
  [
    "page_number: every stop rule off",
    { "endpoint.paginator": { type: "page_number", stop_after_empty_page: false, total_path: null } },
    `${PAGINATOR}: ${ENDLESS}`,
  ],
  [
    "page_number: every stop rule off, and a limit that is never sent, among other mistakes",
    {
      "endpoint.paginator": {
        type: "page_number",
        base_page: "1",
        stop_after_empty_page: false,
        total_path: null,
        limit_param: "size",
      },
    },
    `${PAGINATOR}.base_page: expected number (it is "1")`,
    `${PAGINATOR}: ${ENDLESS}`,
    `${PAGINATOR}.limit_param: is never sent without a limit (it is "size")`,
  ],
  [
    "page_number: into the query and into the body",
    {
      "endpoint.paginator": { type: "page_number", page_param: "page", page_body_path: "page" },
      "endpoint.method": "POST",
    },
    `${PAGINATOR}.page_body_path: excludes page_param: it goes into the query or into the body (it is "page")`,
  ],
  [
    "page_number: a limit_param that would never be sent",
    { "endpoint.paginator": { type: "page_number", limit_param: "size" } },
    `${PAGINATOR}.limit_param: is never sent without a limit (it is "size")`,
  ],
  [
    "page_number: a limit of none",
    { "endpoint.paginator": { type: "page_number", limit: 0, limit_param: "size" } },
    `${PAGINATOR}.limit: must be more than 0 (it is 0)`,
  ],
  [
    "page_number: a body path that is a JSONPath",
    { "endpoint.paginator": { type: "page_number", page_body_path: "$.page" } },
    `${PAGINATOR}.page_body_path: must be keys joined by dots, such as paging.next (it is "$.page")`,
  ],
  [
    "page_number: a total_path that is no JSONPath",
    { "endpoint.paginator": { type: "page_number", total_path: "meta[" } },
    `${PAGINATOR}.total_path: must be a JSONPath (RFC 9535): unclosed bracketed selection (it is "meta[")`,
  ],
  ["offset: no limit", { "endpoint.paginator": { type: "offset" } }, `${PAGINATOR}.limit: is missing: expected number`],
  [
    "offset: a mistyped key",
    { "endpoint.paginator": { type: "offset", limit: 5, limits: 5 } },
    `${PAGINATOR}: unknown key "limits", did you mean "limit"? Allowed: ${OFFSET_KEYS}`,
  ],
  [
    "offset: every stop rule off",
    { "client.paginator": { type: "offset", limit: 1, stop_after_empty_page: false, total_path: null } },
    `client.paginator: ${ENDLESS}`,
  ],
  [
    "offset: into the query and into the body",
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
    `${PAGINATOR}.offset_body_path: excludes offset_param: it goes into the query or into the body (it is "o")`,
    `${PAGINATOR}.limit_body_path: excludes limit_param: it goes into the query or into the body (it is "l")`,
  ],
  [
    "offset: a limit as a text",
    { "endpoint.paginator": { type: "offset", limit: "100", maximum_offset: 0.5 } },
    `${PAGINATOR}.limit: expected number (it is "100")`,
    `${PAGINATOR}.maximum_offset: expected whole number (it is 0.5)`,
  ],
  [
    "cursor: a path that is no JSONPath",
    { "endpoint.paginator": { type: "cursor", cursor_path: "meta.[next" } },
    `${PAGINATOR}.cursor_path: must be a JSONPath (RFC 9535): unexpected token 'n' in bracketed selection (it is "meta.[next")`,
  ],
  [
    "cursor: into the query and into the body",
    { "endpoint.paginator": { type: "cursor", cursor_param: "c", cursor_body_path: "c" }, "endpoint.method": "POST" },
    `${PAGINATOR}.cursor_body_path: excludes cursor_param: it goes into the query or into the body (it is "c")`,
  ],
  [
    "cursor: a flag for a path",
    { "endpoint.paginator": { type: "cursor", has_more_path: true } },
    `${PAGINATOR}.has_more_path: expected string (it is true)`,
  ],
  [
    "header_cursor: a header whose name is none",
    { "endpoint.paginator": { type: "header_cursor", cursor_key: "next page" } },
    `${PAGINATOR}.cursor_key: must be letters, digits and dashes (it is "next page")`,
  ],
  [
    "json_link: a key of cursor",
    { "endpoint.paginator": { type: "json_link", cursor_path: "next" } },
    `${PAGINATOR}: unknown key "cursor_path". Allowed: type, next_url_path`,
  ],
  [
    "json_link: a path that is no JSONPath",
    { "endpoint.paginator": { type: "json_link", next_url_path: "$." } },
    `${PAGINATOR}.next_url_path: must be a JSONPath (RFC 9535): it ends too early (it is "$.")`,
  ],
  [
    "header_link: an empty relation",
    { "endpoint.paginator": { type: "header_link", links_next_key: "" } },
    `${PAGINATOR}.links_next_key: must not be empty (it is "")`,
  ],
  [
    "single_page: anything more",
    { "endpoint.paginator": { type: "single_page", limit: 5 } },
    `${PAGINATOR}: unknown key "limit". Allowed: type`,
  ],
  [
    "a body path without a body that takes it",
    { endpoint: post({ data: "raw", paginator: { type: "page_number", page_body_path: "page" } }) },
    `${PAGINATOR}: has a page_body_path, and the body is no JSON object: give the endpoint json`,
  ],
  [
    "a body path in a list",
    { endpoint: post({ json: [1], paginator: { type: "cursor", cursor_body_path: "next" } }) },
    `${PAGINATOR}: has a cursor_body_path, and the body is no JSON object: give the endpoint json`,
  ],
  [
    "a body path and a GET",
    { "endpoint.paginator": { type: "page_number", page_body_path: "page" } },
    `${PAGINATOR}: has a page_body_path, and ${POST}`,
  ],
  ["a number", { "endpoint.paginator": 1 }, `${PAGINATOR}: expected ${SHORT_FORMS} (it is 1)`],
  [
    "a type that is no text",
    { "endpoint.paginator": { type: null } },
    `${PAGINATOR}.type: expected ${PAGINATOR_TYPES} (it is null)`,
  ],
  [
    "cursor: an empty parameter",
    { "endpoint.paginator": { type: "cursor", cursor_param: "", cursor_path: "" } },
    `${PAGINATOR}.cursor_path: must not be empty (it is "")`,
    `${PAGINATOR}.cursor_param: must not be empty (it is "")`,
  ],
];
