import { z } from "zod";
import { canStop } from "../../pagination/stops.ts";
import { API_KEY_DEFAULTS, PAGINATOR_DEFAULTS } from "../defaults.ts";
import { headerName, httpToken, seconds, secretReference, secretText, selector, statusCode } from "./primitives.ts";

/** dlt's `api_key` auth, with cookies on top. */
export const apiKeyAuth = z
  .strictObject({
    type: z.literal("api_key"),
    name: z.string().min(1).default(API_KEY_DEFAULTS.name),
    api_key: secretReference,
    location: z.enum(["header", "query", "cookie"]).default(API_KEY_DEFAULTS.location),
  })
  .refine(({ name, location }) => location === "query" || httpToken.test(name), {
    path: ["name"],
    error: "must be letters, digits and dashes: it names a header or a cookie",
  });

/** dlt's `bearer` auth. */
export const bearerAuth = z.strictObject({ type: z.literal("bearer"), token: secretReference });

/** dlt's `http_basic` auth; a user's name may be no secret. */
export const httpBasicAuth = z.strictObject({
  type: z.literal("http_basic"),
  username: secretText,
  password: secretReference,
});

/** The auths that exist, by `type`. */
export const auth = z.discriminatedUnion("type", [apiKeyAuth, bearerAuth, httpBasicAuth]);

const ENDLESS = {
  error: "nothing ever stops it: give total_path, has_more_path, a maximum, or stop_after_empty_page: true",
};

/** Pages by number. `limit` is sent only when `limit_param` names its parameter: otherwise the server fixes the size. */
export const pageNumberPaginator = z
  .strictObject({
    type: z.literal("page_number"),
    base_page: z.int().nonnegative().default(PAGINATOR_DEFAULTS.page_number.base_page),
    page: z.int().nonnegative().nullish(),
    page_param: z.string().min(1).default(PAGINATOR_DEFAULTS.page_number.page_param),
    limit: z.int().positive().optional(),
    limit_param: z.string().min(1).optional(),
    total_path: selector.nullish(),
    maximum_page: z.int().positive().nullish(),
    stop_after_empty_page: z.boolean().default(PAGINATOR_DEFAULTS.page_number.stop_after_empty_page),
    has_more_path: selector.nullish(),
  })
  .refine(canStop, ENDLESS)
  .refine(({ limit, limit_param }) => limit_param === undefined || limit !== undefined, {
    path: ["limit_param"],
    error: "is never sent without a limit",
  });

/** Pages by offset and limit; the step is `limit`. */
export const offsetPaginator = z
  .strictObject({
    type: z.literal("offset"),
    limit: z.int().positive(),
    offset: z.int().nonnegative().default(PAGINATOR_DEFAULTS.offset.offset),
    offset_param: z.string().min(1).default(PAGINATOR_DEFAULTS.offset.offset_param),
    limit_param: z.string().min(1).default(PAGINATOR_DEFAULTS.offset.limit_param),
    total_path: selector.nullish(),
    maximum_offset: z.int().positive().nullish(),
    stop_after_empty_page: z.boolean().default(PAGINATOR_DEFAULTS.offset.stop_after_empty_page),
    has_more_path: selector.nullish(),
  })
  .refine(canStop, ENDLESS);

/** Each answer names the cursor of the next page. */
export const cursorPaginator = z.strictObject({
  type: z.literal("cursor"),
  cursor_path: selector.default(PAGINATOR_DEFAULTS.cursor.cursor_path),
  cursor_param: z.string().min(1).default(PAGINATOR_DEFAULTS.cursor.cursor_param),
  stop_after_empty_page: z.boolean().default(PAGINATOR_DEFAULTS.cursor.stop_after_empty_page),
  has_more_path: selector.nullish(),
});

/** Each answer holds the URL of the next page. */
export const jsonLinkPaginator = z.strictObject({
  type: z.literal("json_link"),
  next_url_path: selector.default(PAGINATOR_DEFAULTS.json_link.next_url_path),
});

/** A header of each answer holds the cursor of the next page. */
export const headerCursorPaginator = z.strictObject({
  type: z.literal("header_cursor"),
  cursor_key: headerName.default(PAGINATOR_DEFAULTS.header_cursor.cursor_key),
  cursor_param: z.string().min(1).default(PAGINATOR_DEFAULTS.header_cursor.cursor_param),
});

/** Each answer's Link header holds the URL of the next page. */
export const headerLinkPaginator = z.strictObject({
  type: z.literal("header_link"),
  links_next_key: z.string().min(1).default(PAGINATOR_DEFAULTS.header_link.links_next_key),
});

/** One request and no more. */
export const singlePagePaginator = z.strictObject({ type: z.literal("single_page") });

/** The paginators that exist, by `type`; a string is short for `{ type }`. */
export const paginator = z.union([
  z.literal("single_page").transform(() => ({ type: "single_page" as const })),
  z.literal("page_number").transform(() => pageNumberPaginator.parse({ type: "page_number" })),
  z.literal("cursor").transform(() => cursorPaginator.parse({ type: "cursor" })),
  z.literal("header_cursor").transform(() => headerCursorPaginator.parse({ type: "header_cursor" })),
  z.literal("json_link").transform(() => jsonLinkPaginator.parse({ type: "json_link" })),
  z.literal("header_link").transform(() => headerLinkPaginator.parse({ type: "header_link" })),
  z.discriminatedUnion("type", [
    pageNumberPaginator,
    offsetPaginator,
    cursorPaginator,
    headerCursorPaginator,
    jsonLinkPaginator,
    headerLinkPaginator,
    singlePagePaginator,
  ]),
]);

/** When and how often a request is repeated; the waits are in seconds. */
export const errorHandler = z.strictObject({
  retry_on_status_codes: z.array(statusCode).optional(),
  max_retries: z.int().nonnegative().optional(),
  backoff_factor: z.number().min(1).optional(),
  min_retry_after: seconds.optional(),
});

/** dlt's `client`: what all resources of a source share. */
export const client = z.strictObject({
  base_url: z
    .url({ protocol: /^https?$/, error: "must be an http or https URL" })
    .refine((text) => !URL.canParse(text) || new URL(text).username + new URL(text).password === "", {
      error: "holds a user or a password: no secret belongs into a config",
    }),
  headers: z.record(headerName, secretText).nullish(),
  auth: auth.nullish(),
  paginator: paginator.nullish(),
  error_handler: errorHandler.nullish(),
});
