/** An invalid config: its description, the invalid values by path (`undefined`: left out), and the lines of the message. */
export type BadConfig = [description: string, changes: Record<string, unknown>, ...lines: string[]];

/** Looks like a pasted API key. No message may contain it. */
export const LITERAL_KEY = "sk-live-0123456789abcdef";

/** An endpoint with method POST. */
export const post = (more: object) => ({ path: "search", method: "POST", ...more });

export const SOURCE_KEYS = "name, client, resource_defaults, resources";
export const CLIENT_KEYS = "base_url, headers, auth, paginator, error_handler, rate_limit, max_concurrency";
export const RESOURCE_KEYS =
  "name, endpoint, rows, renamed_from, table_name, write_disposition, on_missing_rows, primary_key, merge_key, columns, schema_contract, table_format, file_format, references, nested_hints, parent_table_name, max_table_nesting, selected, parallelized, on_missing_parent_field, on_error, processing_steps, include_from_parent";
export const DEFAULTS_KEYS =
  "endpoint, table_name, write_disposition, on_missing_rows, primary_key, merge_key, columns, schema_contract, table_format, file_format, references, nested_hints, parent_table_name, max_table_nesting, selected, parallelized, on_missing_parent_field, on_error, processing_steps, include_from_parent";
export const ENDPOINT_KEYS =
  "path, method, params, json, data, headers, auth, send_auth, paginator, data_selector, key_column, on_missing_data, response_actions, response_format, incremental, error_handler, max_concurrency";
export const HINTS =
  "name, data_type, nullable, description, primary_key, merge_key, hard_delete, dedup_sort, precision, scale, timezone, unique, sort, cluster, partition, variant";
export const INCREMENTAL_KEYS =
  "cursor_path, initial_value, end_value, last_value_func, primary_key, row_order, on_cursor_value_missing, lag, range_start, range_end, convert, cursor_datetime_formats, start_param, end_param";
export const PARAM_KEYS =
  "type, cursor_path, initial_value, end_value, last_value_func, primary_key, row_order, on_cursor_value_missing, lag, range_start, range_end, convert, cursor_datetime_formats";
export const SETTINGS =
  "schedule, timezone, max_inline_wait, max_wait, max_empty_pages, max_run_age, fresh_after, request_timeout, allow_link_local, allow_private_addresses, file_max_items, file_max_bytes, file_max_seconds";
export const OFFSET_KEYS =
  "type, limit, offset, offset_param, offset_body_path, limit_param, limit_body_path, total_path, maximum_offset, stop_after_empty_page, has_more_path, last_page_path, stop_after_short_page";
export const PAGINATOR_TYPES =
  '"auto", "page_number", "offset", "cursor", "json_link", "json_response", "header_cursor", "header_link", "single_page" or a registered paginator';
export const SHORT_FORMS =
  '"auto", "single_page", "page_number", "cursor", "header_cursor", "json_link", "json_response", "header_link" or object';
export const AUTH_TYPES =
  '"api_key", "bearer", "http_basic", "oauth2_client_credentials", "oauth2_refresh_token", "session_token" or a registered auth';
export const DATA_TYPES =
  '"text", "bigint", "double", "bool", "timestamp", "date", "decimal", "json", "binary", "time" or "wei"';
export const ENDLESS =
  "pagination would never end: set total_path, has_more_path, a maximum, or stop_after_empty_page: true";
export const NAME_RULE = "^[a-z][a-z0-9_]{0,62}$ (lowercase letters, digits, underscores)";
export const SINGLE_BRACE = "single brace outside of a placeholder: write {{ or }} for a literal brace";
export const POST = 'GET request with a body: set method: "POST"';
export const VALUES = "Allowed values: initial_value, start_value, last_value, end_value, lag";
export const PAGINATOR = "resources[0].endpoint.paginator";
export const ENDPOINT = "resources[0].endpoint";
export const RESOURCE = "resources[0]";
export const STEPS = "filter, remove, rename, add, map, yield_map";
export const ONE_STEP = `expected object with one of the keys ${STEPS}`;
