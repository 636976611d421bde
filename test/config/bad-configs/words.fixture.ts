/** A mistake: what it is, what is written where (`undefined`: left out), and the lines of its message without the file. */
export type BadConfig = [is: string, write: Record<string, unknown>, ...says: string[]];

/** Looks like a key that somebody pasted: no message may hold it. */
export const LITERAL_KEY = "sk-live-0123456789abcdef";

/** An endpoint that is asked by a body. */
export const post = (more: object) => ({ path: "search", method: "POST", ...more });

export const SOURCE_KEYS = "name, client, resource_defaults, resources";
export const CLIENT_KEYS = "base_url, headers, auth, paginator, error_handler, rate_limit, max_concurrency";
export const RESOURCE_KEYS =
  "name, endpoint, table_name, write_disposition, primary_key, merge_key, columns, schema_contract, table_format, file_format, references, nested_hints, parent_table_name, max_table_nesting, selected, parallelized, processing_steps, include_from_parent";
export const DEFAULTS_KEYS =
  "endpoint, table_name, write_disposition, primary_key, merge_key, columns, schema_contract, table_format, file_format, references, nested_hints, parent_table_name, max_table_nesting, selected, parallelized, processing_steps, include_from_parent";
export const ENDPOINT_KEYS =
  "path, method, params, json, data, headers, auth, paginator, data_selector, response_actions, incremental, error_handler, max_concurrency";
export const HINTS =
  "data_type, nullable, description, primary_key, merge_key, hard_delete, dedup_sort, precision, scale, timezone, unique, sort, cluster, partition, variant";
export const INCREMENTAL_KEYS =
  "cursor_path, initial_value, end_value, last_value_func, primary_key, row_order, on_cursor_value_missing, lag, range_start, range_end, convert, start_param, end_param";
export const PARAM_KEYS =
  "type, cursor_path, initial_value, end_value, last_value_func, primary_key, row_order, on_cursor_value_missing, lag, range_start, range_end, convert";
export const SETTINGS =
  "schedule, timezone, max_inline_wait, max_wait, max_run_age, fresh_after, request_timeout, allow_link_local, file_max_items, file_max_bytes, file_max_seconds";
export const OFFSET_KEYS =
  "type, limit, offset, offset_param, offset_body_path, limit_param, limit_body_path, total_path, maximum_offset, stop_after_empty_page, has_more_path";
export const OAUTH2_KEYS =
  "type, access_token_url, client_id, client_secret, access_token_request_data, default_token_expiration";
export const PAGINATOR_TYPES =
  '"auto", "page_number", "offset", "cursor", "json_link", "json_response", "header_cursor", "header_link", "single_page" or a registered one';
export const SHORT_FORMS =
  '"auto", "single_page", "page_number", "cursor", "header_cursor", "json_link", "json_response", "header_link" or object';
export const AUTH_TYPES = '"api_key", "bearer", "http_basic", "oauth2_client_credentials" or a registered one';
export const DATA_TYPES =
  '"text", "bigint", "double", "bool", "timestamp", "date", "decimal", "json", "binary", "time" or "wei"';
export const ENDLESS =
  "nothing ever stops it: give total_path, has_more_path, a maximum, or stop_after_empty_page: true";
export const NAME_RULE = "must match ^[a-z][a-z0-9_]{0,62}$ (lower case, digits, underscores)";
export const LONE_BRACE = "has a single brace that is part of no placeholder: double it, as {{ or }}";
export const POST = 'a GET carries no body: give the endpoint method: "POST"';
export const NO_KEY = "no key belongs into a config";
export const VALUES = "There are initial_value, start_value, last_value, end_value";
export const PAGINATOR = "resources[0].endpoint.paginator";
export const ENDPOINT = "resources[0].endpoint";
export const RESOURCE = "resources[0]";
