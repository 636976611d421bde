/** The dialect's default values, in one place: the schema documents them, the Lambda applies them. */

const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const MEBIBYTE = 1024 * 1024;

/** dlt's defaults per paginator type. A parameter's name counts where the config gives no path in the body. */
export const PAGINATOR_DEFAULTS = {
  page_number: { base_page: 0, page_param: "page", stop_after_empty_page: true },
  offset: { offset: 0, offset_param: "offset", limit_param: "limit", stop_after_empty_page: true },
  cursor: { cursor_path: "cursors.next", cursor_param: "cursor", stop_after_empty_page: false },
  header_cursor: { cursor_key: "next", cursor_param: "cursor" },
  json_link: { next_url_path: "next" },
  header_link: { links_next_key: "next" },
  single_page: {},
} as const;

/** Where a total is looked for when the config does not say; absent is no error (DESIGN 6). */
export const DEFAULT_TOTAL_PATH = "total";

/** dlt's limit of how deep objects become columns. */
export const MAX_TABLE_NESTING = 1000;

/** Columns that a table may have: what Athena still takes in one statement. */
export const MAX_COLUMNS = 5_000;

/** Bytes of a row as a line of JSON: Athena reads no longer ones. */
export const MAX_LINE_BYTES = 32 * MEBIBYTE;

/** Requests that may be under way at once (DESIGN 7, 11). */
export const MAX_CONCURRENCY = 4;

/** dlt's defaults of oauth2_client_credentials. Seconds. */
export const OAUTH2_DEFAULTS = { default_token_expiration: HOUR } as const;

/** dlt's defaults of incremental loading. */
export const INCREMENTAL_DEFAULTS = {
  last_value_func: "max",
  on_cursor_value_missing: "raise",
  lag: 0,
  range_start: "closed",
  range_end: "open",
} as const;

/** dlt's defaults of the api_key auth. */
export const API_KEY_DEFAULTS = { name: "Authorization", location: "header" } as const;

/** dlt retries 429 and every 5xx; its five attempts are four retries. */
export const ERROR_HANDLER_DEFAULTS = {
  retry_on_status_codes: [429, ...Array.from({ length: 100 }, (_, index) => 500 + index)],
  max_retries: 4,
  backoff_factor: 2,
  min_retry_after: 0,
} as const;

/** What is not dlt's: seconds, rows and bytes (DESIGN 3, 7). */
export const SETTINGS_DEFAULTS = {
  max_inline_wait: 10 * SECOND,
  max_wait: 6 * HOUR,
  max_run_age: 7 * 24 * HOUR,
  fresh_after: 12 * HOUR,
  request_timeout: MINUTE,
  allow_link_local: false,
  file_max_items: 500_000,
  file_max_bytes: 32 * MEBIBYTE,
  file_max_seconds: 5 * MINUTE,
} as const;

/**
 * Answers that wait for their turn may be so large in all: parsed, they take some five times as much of a Lambda's memory. Bytes.
 */
export const MAX_BYTES_AHEAD = 16 * MEBIBYTE;

/** A response is cut off at this many bytes, after decompression. */
export const MAX_RESPONSE_BYTES = 64 * MEBIBYTE;
