import { z } from "zod";
import type { AuthFunction, Registered } from "../callbacks.ts";
import { canStop } from "../can-stop.ts";
import {
  API_KEY_DEFAULTS,
  ERROR_HANDLER_DEFAULTS,
  MAX_CONCURRENCY,
  OAUTH2_DEFAULTS,
  PAGINATOR_DEFAULTS,
} from "../defaults.ts";
import { isRegisteredAuth, isRegisteredPaginator } from "../registry.ts";
import { pythonClass } from "./pasted.ts";
import {
  bodyKeys,
  headerName,
  httpToken,
  httpUrl,
  NO_FUNCTION,
  NOT_REGISTERED,
  plainScalar,
  plainSecretText,
  type Rule,
  seconds,
  secretReference,
  selector,
  statusCode,
  whenObject,
} from "./primitives.ts";

const parameter = z.string().min(1);

/** dlt's `api_key` auth, with cookies on top. */
export const apiKeyAuth = z
  .strictObject({
    type: z.literal("api_key"),
    name: z
      .string()
      .min(1)
      .default(API_KEY_DEFAULTS.name)
      .describe("Name of the header, the query parameter or the cookie."),
    api_key: secretReference.describe("The key."),
    location: z
      .enum(["header", "query", "cookie"])
      .default(API_KEY_DEFAULTS.location)
      .describe("Where the key goes. dlt has no `cookie`."),
  })
  .refine(({ name, location }) => location === "query" || name === "" || httpToken.test(String(name)), {
    path: ["name"],
    error: "must be letters, digits and dashes: it names a header or a cookie",
    when: whenObject,
  })
  .describe("A key in a header, a query parameter or a cookie.");

/** dlt's `bearer` auth. */
export const bearerAuth = z
  .strictObject({ type: z.literal("bearer").default("bearer"), token: secretReference.describe("The token.") })
  .describe("`Authorization: Bearer <token>`.");

/** dlt's `http_basic` auth; a user's name may be no secret. */
export const httpBasicAuth = z
  .strictObject({
    type: z.literal("http_basic"),
    username: plainSecretText.describe("The user's name; it may be no secret."),
    password: secretReference.describe("The password."),
  })
  .describe("User and password (RFC 7617).");

/** dlt's `oauth2_client_credentials` auth (RFC 6749, 4.4). */
export const oauth2Auth = z
  .strictObject({
    type: z.literal("oauth2_client_credentials"),
    access_token_url: httpUrl.describe("Where tokens are had, by a POST of a form."),
    client_id: plainSecretText.describe("It may be no secret."),
    client_secret: secretReference.describe("The client's secret."),
    access_token_request_data: z
      .record(z.string(), z.union([secretReference, plainScalar]))
      .optional()
      .describe("More fields of that form, such as `scope` or `audience`."),
    default_token_expiration: seconds
      .default(OAUTH2_DEFAULTS.default_token_expiration)
      .describe("Seconds that a token lasts when the answer has no `expires_in`."),
  })
  .describe("A token by client credentials (RFC 6749), renewed ahead of its expiry, and once after a 401.");

/** An auth of one's own: a function, or one that was registered by name. */
export const customAuth = z
  .custom<AuthFunction | Registered<"auth">>(
    (value) => typeof value === "function" || isRegisteredAuth((value as { type?: unknown } | null)?.type),
    { error: ({ input }) => (typeof input === "object" && !Array.isArray(input) ? NOT_REGISTERED : NO_FUNCTION) },
  )
  .meta({ functionOnly: true });

/** The dialect's own auths, by `type`. */
export const builtInAuth = z.discriminatedUnion("type", [apiKeyAuth, bearerAuth, httpBasicAuth, oauth2Auth]);

/** How the auths are written. */
const AUTH_EXAMPLES: Record<string, string> = {
  api_key: '{ type: "api_key", name: "X-Api-Key", api_key: secret("api_key") }',
  bearer: '{ type: "bearer", token: secret("token") }',
  http_basic: '{ type: "http_basic", username: secret("username"), password: secret("password") }',
  oauth2_client_credentials:
    '{ type: "oauth2_client_credentials", access_token_url: "https://...", client_id: secret("client_id"), client_secret: secret("client_secret") }',
};

/** What is told of what is no auth at all. It may be a key: nothing of it is shown. */
const notAnAuth = (given: unknown): string | undefined => {
  if (typeof given === "string") {
    const type = Object.hasOwn(AUTH_EXAMPLES, given) ? given : pythonClass(given);
    return `must be an object: ${AUTH_EXAMPLES[type ?? ""] ?? `${AUTH_EXAMPLES.bearer}, or one of another type`}`;
  }
  // A token alone is a bearer's, as in dlt; anything else alone is nobody's.
  const isUntyped = typeof given === "object" && given !== null && !("type" in given || "token" in given);
  const types = Object.keys(AUTH_EXAMPLES).map((type) => JSON.stringify(type));
  return isUntyped && !Array.isArray(given) ? `needs a type: ${types.join(", ")} or a registered one` : undefined;
};

/** The auths that exist. */
export const auth = z.union([builtInAuth, customAuth], { error: ({ input }) => notAnAuth(input) });

const ENDLESS = {
  error: "nothing ever stops it: give total_path, has_more_path, a maximum, or stop_after_empty_page: true",
  when: whenObject,
};

/** A parameter goes into the query or into the body, as in dlt. */
const either = (param: string, path: string): [(given: object) => boolean, Rule] => [
  (given) => [param, path].some((key) => (given as Record<string, unknown>)[key] == null),
  { path: [path], error: `excludes ${param}: it goes into the query or into the body`, when: whenObject },
];

const stopAfterEmptyPage = (value: boolean) =>
  z.boolean().default(value).describe("Whether a page without rows ends the resource.");
const totalPath = (counts: string) =>
  selector
    .nullish()
    .describe(
      `Where the answer says how many ${counts} there are; \`null\`: nowhere. Looked for at \`total\`, where it may be absent; a path that is named here must be there.`,
    );
const hasMorePath = selector
  .nullish()
  .describe("Where the answer says whether there are more pages: a boolean, its text, or a number.");
const bodyPath = (what: string) =>
  bodyKeys.nullish().describe(`Path in the \`json\` body where ${what} goes, instead of the query: \`paging.next\`.`);

/** Pages by number. `limit` is sent only when `limit_param` names its parameter: otherwise the server fixes the size. */
export const pageNumberPaginator = z
  .strictObject({
    type: z.literal("page_number"),
    base_page: z
      .int()
      .nonnegative()
      .default(PAGINATOR_DEFAULTS.page_number.base_page)
      .describe("Number of the API's first page."),
    page: z.int().nonnegative().nullish().describe("Number of the page to begin with, when it is not the first."),
    page_param: parameter
      .nullish()
      .describe(`Query parameter of the number (\`${PAGINATOR_DEFAULTS.page_number.page_param}\`).`),
    page_body_path: bodyPath("the number"),
    limit: z.int().positive().optional().describe("Rows a page; sent if `limit_param` is given. Not dlt's."),
    limit_param: parameter.optional().describe("Query parameter of `limit`. Not dlt's."),
    total_path: totalPath("pages"),
    maximum_page: z
      .int()
      .positive()
      .nullish()
      .describe("The page that is not asked for any more: with `base_page: 1`, 3 asks for 1 and 2."),
    stop_after_empty_page: stopAfterEmptyPage(PAGINATOR_DEFAULTS.page_number.stop_after_empty_page),
    has_more_path: hasMorePath,
  })
  .refine(canStop, ENDLESS)
  .refine(...either("page_param", "page_body_path"))
  .refine(({ limit, limit_param }) => limit_param === undefined || limit !== undefined, {
    path: ["limit_param"],
    error: "is never sent without a limit",
    when: whenObject,
  })
  .describe("Pages by number.");

/** Pages by offset and limit; the step is `limit`. */
export const offsetPaginator = z
  .strictObject({
    type: z.literal("offset"),
    limit: z.int().positive().describe("Rows a page, and the step from one to the next."),
    offset: z.int().nonnegative().default(PAGINATOR_DEFAULTS.offset.offset).describe("The first row's offset."),
    offset_param: parameter
      .nullish()
      .describe(`Query parameter of the offset (\`${PAGINATOR_DEFAULTS.offset.offset_param}\`).`),
    offset_body_path: bodyPath("the offset"),
    limit_param: parameter
      .nullish()
      .describe(`Query parameter of the limit (\`${PAGINATOR_DEFAULTS.offset.limit_param}\`).`),
    limit_body_path: bodyPath("the limit"),
    total_path: totalPath("rows"),
    maximum_offset: z.int().positive().nullish().describe("The offset that is not asked for any more."),
    stop_after_empty_page: stopAfterEmptyPage(PAGINATOR_DEFAULTS.offset.stop_after_empty_page),
    has_more_path: hasMorePath,
  })
  .refine(canStop, ENDLESS)
  .refine(...either("offset_param", "offset_body_path"))
  .refine(...either("limit_param", "limit_body_path"))
  .describe("Pages by offset and limit.");

/** Each answer names the cursor of the next page. */
export const cursorPaginator = z
  .strictObject({
    type: z.literal("cursor"),
    cursor_path: selector
      .default(PAGINATOR_DEFAULTS.cursor.cursor_path)
      .describe("Where the answer names the next page's cursor; none or an empty one ends the resource."),
    cursor_param: parameter
      .nullish()
      .describe(`Query parameter of the cursor (\`${PAGINATOR_DEFAULTS.cursor.cursor_param}\`).`),
    cursor_body_path: bodyPath("the cursor"),
    stop_after_empty_page: stopAfterEmptyPage(PAGINATOR_DEFAULTS.cursor.stop_after_empty_page),
    has_more_path: hasMorePath,
  })
  .refine(...either("cursor_param", "cursor_body_path"))
  .describe("Each answer names the next page's cursor.");

const jsonLinkKeys = {
  next_url_path: selector
    .default(PAGINATOR_DEFAULTS.json_link.next_url_path)
    .describe("Where the answer holds the next page's URL; none ends the resource."),
};

/** Each answer holds the URL of the next page. */
export const jsonLinkPaginator = z
  .strictObject({ type: z.literal("json_link"), ...jsonLinkKeys })
  .describe("Each answer holds the next page's URL. The link's own parameters count; method and body stay.");

/** dlt's older name of `json_link`. */
export const jsonResponsePaginator = z
  .strictObject({ type: z.literal("json_response"), ...jsonLinkKeys })
  .describe("dlt's older name of `json_link`.");

/** A header of each answer holds the cursor of the next page. */
export const headerCursorPaginator = z
  .strictObject({
    type: z.literal("header_cursor"),
    cursor_key: headerName
      .default(PAGINATOR_DEFAULTS.header_cursor.cursor_key)
      .describe("The answer's header that holds the next page's cursor; without it the resource ends."),
    cursor_param: parameter
      .default(PAGINATOR_DEFAULTS.header_cursor.cursor_param)
      .describe("Query parameter of the cursor."),
  })
  .describe("A header of each answer holds the next page's cursor.");

/** Each answer's Link header holds the URL of the next page. */
export const headerLinkPaginator = z
  .strictObject({
    type: z.literal("header_link"),
    links_next_key: parameter
      .default(PAGINATOR_DEFAULTS.header_link.links_next_key)
      .describe("The relation (`rel`) of the link to follow."),
  })
  .describe("Each answer's `Link` header (RFC 8288) holds the next page's URL.");

/** One request and no more. */
export const singlePagePaginator = z
  .strictObject({ type: z.literal("single_page") })
  .describe("One request and no more.");

/** Finds out by the first answer. */
export const autoPaginator = z
  .strictObject({ type: z.literal("auto") })
  .describe(
    "Found out by the first answer, once: what it was is in the log, and in `npm run check -- <source> --live`.",
  );

/** The paginators that have a short form: all but `offset`, which needs a limit. */
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

/** A paginator of one's own, registered by name. */
export const customPaginator = z
  .custom<Registered<"paginator">>(
    (value) => isRegisteredPaginator((value as { type?: unknown } | null)?.type ?? value),
    { error: NOT_REGISTERED },
  )
  .meta({ functionOnly: true });

/** The dialect's own paginators, by `type`. */
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

/** What is told of a text that is no short form, where there is more to tell than that. */
const notAPaginator = (given: string): string | undefined => {
  const type = given === "offset" ? given : pythonClass(given);
  if (type === undefined) return undefined;
  return type === "offset"
    ? 'needs a limit: { type: "offset", limit: 100 }'
    : `is Python: write ${JSON.stringify(type)}, or { type: ${JSON.stringify(type)}, ... }`;
};

/** The paginators that exist; a string is short for `{ type }`. */
export const paginator = z.union([z.enum(SHORT_FORMS), builtInPaginator, customPaginator], {
  error: ({ input }) => (typeof input === "string" ? notAPaginator(input) : undefined),
});

/** When and how often a request is repeated; the waits are in seconds. */
export const errorHandler = z
  .strictObject({
    retry_on_status_codes: z
      .array(statusCode)
      .optional()
      .describe("Status codes that are asked again (429 and every 5xx)."),
    max_retries: z
      .int()
      .nonnegative()
      .optional()
      .describe(`Retries in a row without a commit (${ERROR_HANDLER_DEFAULTS.max_retries}).`),
    backoff_factor: z
      .number()
      .min(1)
      .optional()
      .describe(
        `The wait before retry n is a random part of this to the power of n (${ERROR_HANDLER_DEFAULTS.backoff_factor}), in seconds.`,
      ),
    min_retry_after: seconds
      .optional()
      .describe(
        `Seconds to wait at least after an answer that is to be asked again (${ERROR_HANDLER_DEFAULTS.min_retry_after}).`,
      ),
  })
  .describe("When and how often a request is repeated. A `Retry-After` header is obeyed on top. Not dlt's.");

/** How often the API may be asked, over all resources of the source. */
export const rateLimit = z
  .strictObject({
    requests: z.int().positive().describe("So many requests ..."),
    per: z.number().positive().describe("... in this many seconds."),
  })
  .describe("How often the API may be asked, over all resources. A longer wait is taken by the machine. Not dlt's.");

/** Pages that may be on their way at once. */
export const maxConcurrency = z
  .int()
  .min(1)
  .max(100)
  .describe(
    `Requests that may be under way at once, where the next ones are known ahead (${MAX_CONCURRENCY}). Not dlt's.`,
  );

/** dlt's `client`: what all resources of a source share. */
export const client = z
  .strictObject({
    base_url: httpUrl.describe("What every path is appended to. A stage may replace it in `serverless.yml`."),
    headers: z
      .record(headerName, plainSecretText)
      .nullish()
      .describe("Headers of every request; a value may be a secret."),
    auth: auth.nullish().describe("How requests are authorised, unless an endpoint says otherwise."),
    paginator: paginator.nullish().describe("How all endpoints go from page to page, unless they say otherwise."),
    error_handler: errorHandler.nullish(),
    rate_limit: rateLimit.nullish(),
    max_concurrency: maxConcurrency.nullish(),
  })
  .describe("What all resources share.");
