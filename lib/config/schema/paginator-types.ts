import { z } from "zod";
import type { Registered } from "../callbacks.ts";
import { canStop } from "../can-stop.ts";
import { DEFAULT_TOTAL_PATH, PAGINATOR_DEFAULTS } from "../defaults.ts";
import { isRegisteredPaginator } from "../registry.ts";
import { pythonClass } from "./pasted.ts";
import {
  bodyKeys,
  headerName,
  NOT_REGISTERED,
  type Rule,
  selector,
  typeKey,
  whenObject,
  withDefault,
  withDefaultNote,
} from "./primitives.ts";

const parameter = z.string().min(1);

/** Query parameter that is sent unless a path in the body replaces it. */
const queryParameter = (of: string, value: string) =>
  withDefault(parameter.nullish(), value).describe(`Query parameter of the ${of}.`);

const bodyPath = (of: string) =>
  bodyKeys
    .nullish()
    .describe(`Path of the ${of} in the \`json\` body, such as \`paging.next\`. Replaces the query parameter.`);

/** Error of a counted paginator without any stop condition. */
const ENDLESS = {
  error: "pagination would never end: set total_path, has_more_path, a maximum, or stop_after_empty_page: true",
  when: whenObject,
};

/** A value is sent in the query or in the body, as in dlt. */
const either = (param: string, path: string): [(given: object) => boolean, Rule] => [
  (given) => [param, path].some((key) => (given as Record<string, unknown>)[key] == null),
  { path: [path], error: `conflicts with ${param}: send the value in the query or in the body`, when: whenObject },
];

const stopAfterEmptyPage = (value: boolean) =>
  z.boolean().default(value).describe("Whether a page without rows is the last one.");

const totalPath = (counted: string) =>
  withDefault(selector.nullish(), DEFAULT_TOTAL_PATH).describe(
    `JSONPath of the total number of ${counted} in the response. \`null\` ignores any total. A path that is set must exist in every response; the default path may be absent.`,
  );

const hasMorePath = selector
  .nullish()
  .describe("JSONPath of a flag in the response that is true if there are more pages: boolean, string or number.");

const lastPagePath = selector
  .nullish()
  .describe(
    "JSONPath of a flag in the response that is true on the last page, such as `isLast`. Replaces `has_more_path`. Not in dlt.",
  );

const stopAfterShortPage = z
  .boolean()
  .default(PAGINATOR_DEFAULTS.offset.stop_after_short_page)
  .describe(
    "Whether a page with fewer rows than `limit` is the last one. Saves a request per resource and per parent row; set it only if the API never caps the page size. Not in dlt.",
  );

/** A flag is either true for more pages or true on the last page. */
const oneFlag: [(given: object) => boolean, Rule] = [
  (given) => ["has_more_path", "last_page_path"].some((key) => (given as Record<string, unknown>)[key] == null),
  { path: ["last_page_path"], error: "conflicts with has_more_path: set one of them", when: whenObject },
];

/** Page numbers. `limit` is sent only with `limit_param`; otherwise the API determines the page size. */
export const pageNumberPaginator = z
  .strictObject({
    type: typeKey("page_number"),
    base_page: z
      .int()
      .nonnegative()
      .default(PAGINATOR_DEFAULTS.page_number.base_page)
      .describe("Number of the API's first page."),
    page: withDefaultNote(z.int().nonnegative().nullish(), "`base_page`").describe(
      "Number of the first page to request.",
    ),
    page_param: queryParameter("page number", PAGINATOR_DEFAULTS.page_number.page_param),
    page_body_path: bodyPath("page number"),
    limit: z.int().positive().optional().describe("Rows per page, sent as `limit_param`. Not in dlt."),
    limit_param: parameter.optional().describe("Query parameter of `limit`. Not in dlt."),
    total_path: totalPath("pages"),
    maximum_page: z
      .int()
      .positive()
      .nullish()
      .describe("First page number that is not requested: with `base_page: 1`, 3 requests pages 1 and 2."),
    stop_after_empty_page: stopAfterEmptyPage(PAGINATOR_DEFAULTS.page_number.stop_after_empty_page),
    has_more_path: hasMorePath,
    last_page_path: lastPagePath,
    stop_after_short_page: stopAfterShortPage,
  })
  .refine(canStop, ENDLESS)
  .refine(...oneFlag)
  .refine(({ limit, stop_after_short_page }) => !stop_after_short_page || limit !== undefined, {
    path: ["stop_after_short_page"],
    error: "has no effect without limit: set limit, or remove stop_after_short_page",
    when: whenObject,
  })
  .refine(...either("page_param", "page_body_path"))
  .refine(({ limit, limit_param }) => limit_param === undefined || limit !== undefined, {
    path: ["limit_param"],
    error: "has no effect without limit: set limit, or remove limit_param",
    when: whenObject,
  })
  .describe("Pages by number.");

/** Offset and limit. The offset grows by the rows received. */
export const offsetPaginator = z
  .strictObject({
    type: typeKey("offset"),
    limit: z.int().positive().describe("Rows per page. The offset grows by the rows received."),
    offset: z.int().nonnegative().default(PAGINATOR_DEFAULTS.offset.offset).describe("Offset of the first page."),
    offset_param: queryParameter("offset", PAGINATOR_DEFAULTS.offset.offset_param),
    offset_body_path: bodyPath("offset"),
    limit_param: queryParameter("limit", PAGINATOR_DEFAULTS.offset.limit_param),
    limit_body_path: bodyPath("limit"),
    total_path: totalPath("rows"),
    maximum_offset: z.int().positive().nullish().describe("First offset that is not requested."),
    stop_after_empty_page: stopAfterEmptyPage(PAGINATOR_DEFAULTS.offset.stop_after_empty_page),
    has_more_path: hasMorePath,
    last_page_path: lastPagePath,
    stop_after_short_page: stopAfterShortPage,
  })
  .refine(canStop, ENDLESS)
  .refine(...oneFlag)
  .refine(...either("offset_param", "offset_body_path"))
  .refine(...either("limit_param", "limit_body_path"))
  .describe("Pages by offset and limit.");

/** A cursor in each response that requests the next page. */
export const cursorPaginator = z
  .strictObject({
    type: typeKey("cursor"),
    cursor_path: selector
      .default(PAGINATOR_DEFAULTS.cursor.cursor_path)
      .describe("JSONPath of the next page's cursor in the response. A missing or empty cursor ends the resource."),
    cursor_param: queryParameter("cursor", PAGINATOR_DEFAULTS.cursor.cursor_param),
    cursor_body_path: bodyPath("cursor"),
    stop_after_empty_page: stopAfterEmptyPage(PAGINATOR_DEFAULTS.cursor.stop_after_empty_page),
    has_more_path: hasMorePath,
    last_page_path: lastPagePath,
  })
  .refine(...oneFlag)
  .refine(...either("cursor_param", "cursor_body_path"))
  .describe("Pages by a cursor in the response body.");

const jsonLinkKeys = {
  next_url_path: selector
    .default(PAGINATOR_DEFAULTS.json_link.next_url_path)
    .describe("JSONPath of the next page's URL in the response. A missing URL ends the resource."),
};

/** The URL of the next page in the body of each response. */
export const jsonLinkPaginator = z
  .strictObject({ type: typeKey("json_link"), ...jsonLinkKeys })
  .describe(
    "Pages by a URL in the response body. The URL replaces path and parameters; method and body stay the same.",
  );

/** dlt's older name of `json_link`. */
export const jsonResponsePaginator = z
  .strictObject({ type: typeKey("json_response"), ...jsonLinkKeys })
  .describe("An older name of `json_link` in dlt.");

/** A cursor in a header of each response. */
export const headerCursorPaginator = z
  .strictObject({
    type: typeKey("header_cursor"),
    cursor_key: headerName
      .default(PAGINATOR_DEFAULTS.header_cursor.cursor_key)
      .describe("Response header with the next page's cursor. A response without it ends the resource."),
    cursor_param: parameter
      .default(PAGINATOR_DEFAULTS.header_cursor.cursor_param)
      .describe("Query parameter of the cursor."),
  })
  .describe("Pages by a cursor in a response header.");

/** The URL of the next page in the Link header of each response. */
export const headerLinkPaginator = z
  .strictObject({
    type: typeKey("header_link"),
    links_next_key: parameter
      .default(PAGINATOR_DEFAULTS.header_link.links_next_key)
      .describe("Relation (`rel`) of the link to follow."),
    header: headerName
      .nullish()
      .describe(
        "Response header that contains only the next page's URL, such as `Next-Page`. Replaces `Link`. Not in dlt.",
      ),
  })
  .describe("Pages by the `Link` response header (RFC 8288), or by a URL in another header.");

/** A single request. */
export const singlePagePaginator = z.strictObject({ type: typeKey("single_page") }).describe("A single request.");

/** Detection from the first response. */
export const autoPaginator = z
  .strictObject({ type: typeKey("auto") })
  .describe(
    "Detects the paginator from the first response. The log and the check command with `--live` report which one it is.",
  );

/** Paginators with a short form: all except `offset`, which needs a limit. */
export const SHORT_FORMS = [
  "auto",
  "single_page",
  "page_number",
  "cursor",
  "header_cursor",
  "json_link",
  "json_response",
  "header_link",
] as const;

/** A custom paginator, registered by name. */
export const customPaginator = z
  .custom<Registered<"paginator">>(
    (value) => isRegisteredPaginator((value as { type?: unknown } | null)?.type ?? value),
    { error: NOT_REGISTERED },
  )
  .meta({ functionOnly: true });

/** The built-in paginators, by `type`. */
export const builtInPaginator = z.discriminatedUnion("type", [
  autoPaginator,
  pageNumberPaginator,
  offsetPaginator,
  cursorPaginator,
  jsonLinkPaginator,
  jsonResponsePaginator,
  headerCursorPaginator,
  headerLinkPaginator,
  singlePagePaginator,
]);

/** Returns the error of a string that is not a short form, if the union's own is less helpful. */
const shortFormError = (given: string): string | undefined => {
  const type = given === "offset" ? given : pythonClass(given);
  if (type === undefined) return undefined;
  return type === "offset"
    ? 'offset without a limit: write { type: "offset", limit: 100 }'
    : `Python syntax: write ${JSON.stringify(type)}, or { type: ${JSON.stringify(type)}, ... }`;
};

/** Any paginator. A string is short for `{ type }`. */
export const paginator = z.union([z.enum(SHORT_FORMS), builtInPaginator, customPaginator], {
  error: ({ input }) => (typeof input === "string" ? shortFormError(input) : undefined),
});
