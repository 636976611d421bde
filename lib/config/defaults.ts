/** Default values of the config schema. The schema documents them, the Lambda applies them. */
import { DAY, HOUR, MINUTE, SECOND } from "../time/durations.ts";

const MEBIBYTE = 1024 * 1024;

/** Converts milliseconds to seconds, the unit of every duration in a config. */
const seconds = (milliseconds: number): number => milliseconds / SECOND;

/** JSON path of a total when the config names none. It may be absent from the response. */
export const DEFAULT_TOTAL_PATH = "total";

/** dlt's defaults by paginator type. A query parameter's name applies only if the config sets no path in the body. */
export const PAGINATOR_DEFAULTS = {
  page_number: { base_page: 0, page_param: "page", stop_after_empty_page: true, stop_after_short_page: false },
  offset: {
    offset: 0,
    offset_param: "offset",
    limit_param: "limit",
    stop_after_empty_page: true,
    stop_after_short_page: false,
  },
  cursor: { cursor_path: "cursors.next", cursor_param: "cursor", stop_after_empty_page: false },
  header_cursor: { cursor_key: "next", cursor_param: "cursor" },
  json_link: { next_url_path: "next" },
  header_link: { links_next_key: "next" },
  single_page: {},
} as const;

/** dlt's default depth of objects that become columns. */
export const MAX_TABLE_NESTING = 1000;

/** Maximum number of columns of a table, so that Athena accepts its statement. */
export const MAX_COLUMNS = 5_000;

/** Maximum size of a row as a JSON line in bytes. Athena reads no longer lines. */
export const MAX_LINE_BYTES = 32 * MEBIBYTE;

/** Defaults of a resource that neither it nor `resource_defaults` sets. */
export const RESOURCE_DEFAULTS = {
  write_disposition: "append",
  on_missing_rows: "keep",
  schema_contract: "evolve",
  file_format: "jsonl",
  max_table_nesting: MAX_TABLE_NESTING,
  selected: true,
  parallelized: false,
  on_missing_parent_field: "fail",
  on_error: "fail",
} as const;

/** Default `write_disposition` of a resource with `rows`: `append` would store the same rows again in every run. */
export const STATIC_WRITE_DISPOSITION = "replace";

/**
 * Maximum size of the `rows` of a resource as JSON in bytes. They are one page and part of every Lambda of the source, and the
 * config is read for each Lambda when it is bundled: YAML of this size takes seconds.
 */
export const MAX_STATIC_BYTES = MEBIBYTE;

/** Defaults of an endpoint for which the client sets nothing either. */
export const ENDPOINT_DEFAULTS = {
  method: "GET",
  paginator: "auto",
  max_concurrency: 4,
  send_auth: false,
  on_missing_data: "fail",
} as const;

/** dlt's defaults of the api_key auth. */
export const API_KEY_DEFAULTS = { name: "Authorization", location: "header" } as const;

/** dlt's default of oauth2_client_credentials, in seconds; the other keys are not in dlt. */
export const OAUTH2_DEFAULTS = {
  default_token_expiration: seconds(HOUR),
  token_endpoint_auth_method: "client_secret_post",
  token_request_format: "form",
} as const;

/** Defaults of session_token, which dlt does not have. In the header Authorization, the prefix is `Bearer `. */
export const SESSION_TOKEN_DEFAULTS = { token_path: "token", name: "Authorization", location: "header" } as const;

/** dlt's defaults of incremental loading. */
export const INCREMENTAL_DEFAULTS = {
  last_value_func: "max",
  on_cursor_value_missing: "raise",
  lag: 0,
  range_start: "closed",
  range_end: "open",
} as const;

/** Status codes that are retried by default, as in dlt: 429 and every 5xx. Inclusive ranges. */
export const RETRIED_STATUS_CODES = [
  { first: 429, last: 429 },
  { first: 500, last: 599 },
] as const;

/** Defaults of the error handler. dlt's five attempts are four retries. */
export const ERROR_HANDLER_DEFAULTS = {
  retry_on_status_codes: RETRIED_STATUS_CODES.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  ),
  max_retries: 4,
  backoff_factor: 2,
  min_retry_after: 0,
} as const;

/** Defaults of a source's settings, which dlt does not have. Durations in seconds. */
export const SETTINGS_DEFAULTS = {
  max_inline_wait: seconds(10 * SECOND),
  max_wait: seconds(6 * HOUR),
  max_run_age: seconds(7 * DAY),
  fresh_after: seconds(12 * HOUR),
  request_timeout: seconds(MINUTE),
  max_empty_pages: 100,
  allow_link_local: false,
  allow_private_addresses: false,
  file_max_items: 500_000,
  file_max_bytes: 32 * MEBIBYTE,
  file_max_seconds: seconds(5 * MINUTE),
} as const;

/** Defaults of the deployed schedule: daily at 03:00 UTC. */
export const SCHEDULE_DEFAULTS = { schedule: "cron(0 3 * * ? *)", timezone: "UTC" } as const;

/** Maximum size of all prefetched responses in bytes. Parsed, they take about five times as much of a Lambda's memory. */
export const MAX_PREFETCHED_BYTES = 16 * MEBIBYTE;

/** Maximum size of a response in bytes after decompression. Reading stops there. */
export const MAX_RESPONSE_BYTES = 64 * MEBIBYTE;
