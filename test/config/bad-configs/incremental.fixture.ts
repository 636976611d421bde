import { type BadConfig, ENDPOINT, INCREMENTAL_KEYS, PARAM_KEYS } from "./words.fixture.ts";

export const BAD_INCREMENTAL: BadConfig[] = [
  [
    "a mistyped key",
    { "endpoint.incremental": { cursor_paths: "at" } },
    `${ENDPOINT}.incremental.cursor_path: is missing: expected string`,
    `${ENDPOINT}.incremental: unknown key "cursor_paths", did you mean "cursor_path"? Allowed: ${INCREMENTAL_KEYS}`,
  ],
  [
    "a cursor_path that is no JSONPath",
    { "endpoint.incremental": { cursor_path: "$..[" } },
    `${ENDPOINT}.incremental.cursor_path: must be a JSONPath (RFC 9535): unclosed bracketed selection (it is "$..[")`,
  ],
  [
    "both forms",
    {
      "endpoint.incremental": { cursor_path: "at" },
      "endpoint.params": { since: { type: "incremental", cursor_path: "at" } },
    },
    `${ENDPOINT}.params.since: is an incremental beside endpoint.incremental: a resource follows one cursor`,
  ],
  [
    "two parameters",
    {
      "endpoint.params": {
        a: { type: "incremental", cursor_path: "at" },
        b: { type: "incremental", cursor_path: "at" },
      },
    },
    `${ENDPOINT}.params.b: is an incremental beside endpoint.params.a: a resource follows one cursor`,
  ],
  [
    "a parameter without a cursor_path",
    { "endpoint.params": { since: { type: "incremental", initial_value: 1 } } },
    `${ENDPOINT}.params.since.cursor_path: is missing: expected string`,
  ],
  [
    "a parameter without a type",
    { "endpoint.params": { since: { cursor_path: "at", initial_value: 1 } } },
    `${ENDPOINT}.params.since.type: is missing: expected "resolve" or "incremental"`,
  ],
  [
    "a parameter with a start_param",
    { "endpoint.params": { since: { type: "incremental", cursor_path: "at", start_param: "since" } } },
    `${ENDPOINT}.params.since: unknown key "start_param". Allowed: ${PARAM_KEYS}`,
  ],
  [
    "an end without a beginning",
    { "endpoint.incremental": { cursor_path: "at", end_value: "2026-01-01" } },
    `${ENDPOINT}.incremental.end_value: needs an initial_value: a backfill has two ends (it is "2026-01-01")`,
  ],
  [
    "an end before the beginning",
    { "endpoint.incremental": { cursor_path: "at", initial_value: "2026-02-01", end_value: "2026-01-01" } },
    `${ENDPOINT}.incremental.end_value: must not lie before the initial_value: no row is in between (it is "2026-01-01")`,
  ],
  [
    "choices that there are not",
    {
      "endpoint.incremental": {
        cursor_path: "at",
        last_value_func: "sum",
        row_order: "ascending",
        on_cursor_value_missing: "skip",
        range_start: "half",
        range_end: "opened",
      },
    },
    `${ENDPOINT}.incremental.last_value_func: expected "max" or "min" (it is "sum")`,
    `${ENDPOINT}.incremental.row_order: expected "asc" or "desc" (it is "ascending")`,
    `${ENDPOINT}.incremental.on_cursor_value_missing: expected "raise", "include" or "exclude" (it is "skip")`,
    `${ENDPOINT}.incremental.range_start: expected "closed" or "open" (it is "half")`,
    `${ENDPOINT}.incremental.range_end: expected "open" or "closed" (it is "opened")`,
  ],
  [
    "a lag as a text",
    { "endpoint.incremental": { cursor_path: "at", lag: "1h", initial_value: true } },
    `${ENDPOINT}.incremental.initial_value: expected string or number (it is true)`,
    `${ENDPOINT}.incremental.lag: expected number (it is "1h")`,
  ],
  [
    "a convert as a text",
    { "endpoint.incremental": { cursor_path: "at", convert: "lambda value: int(value)" } },
    `${ENDPOINT}.incremental.convert: must be a function, in a TypeScript config (it is "lambda value: int(value)")`,
  ],
  [
    "older and foreign keys of dlt's",
    { "endpoint.incremental": { cursor_path: "at", transform: "x", allow_external_schedulers: true } },
    `${ENDPOINT}.incremental: unknown key "transform": it is the older name of convert. Allowed: ${INCREMENTAL_KEYS}`,
    `${ENDPOINT}.incremental: unknown key "allow_external_schedulers": it is Airflow's. Start a run with a window instead. Allowed: ${INCREMENTAL_KEYS}`,
  ],
  [
    "several values of one primary_key",
    { "endpoint.incremental": { cursor_path: "at", primary_key: [1], lag: -1 } },
    `${ENDPOINT}.incremental.primary_key[0]: expected string (it is 1)`,
    `${ENDPOINT}.incremental.lag: must be at least 0 (it is -1)`,
  ],
  [
    "ends of parameters",
    {
      "endpoint.params": { since: { type: "incremental", cursor_path: "at", end_value: 5 } },
      "resources.1": {
        name: "a",
        endpoint: { params: { since: { type: "incremental", cursor_path: "at", initial_value: 5, end_value: "b" } } },
      },
      "resources.2": {
        name: "b",
        endpoint: { params: { since: { type: "incremental", cursor_path: "at", initial_value: 5, end_value: 4 } } },
      },
    },
    `${ENDPOINT}.params.since.end_value: needs an initial_value: a backfill has two ends`,
    "resources[1].endpoint.params.since.end_value: must be a number if the initial_value is one, and a text if it is",
    "resources[2].endpoint.params.since.end_value: must not lie before the initial_value: no row is in between",
  ],
  [
    "ends, among other mistakes",
    {
      "endpoint.incremental": { cursor_path: "at", end_value: 5, lag: "1h" },
      "resources.1": {
        name: "a",
        endpoint: { incremental: { cursor_path: "at", initial_value: 5, end_value: "b", lag: "1h" } },
      },
      "resources.2": {
        name: "b",
        endpoint: { incremental: { cursor_path: "at", initial_value: 5, end_value: 4, lag: "1h" } },
      },
    },
    `${ENDPOINT}.incremental.lag: expected number (it is "1h")`,
    `${ENDPOINT}.incremental.end_value: needs an initial_value: a backfill has two ends (it is 5)`,
    'resources[1].endpoint.incremental.lag: expected number (it is "1h")',
    'resources[1].endpoint.incremental.end_value: must be a number if the initial_value is one, and a text if it is (it is "b")',
    'resources[2].endpoint.incremental.lag: expected number (it is "1h")',
    "resources[2].endpoint.incremental.end_value: must not lie before the initial_value: no row is in between (it is 4)",
  ],
  [
    "ends of two kinds",
    { "endpoint.incremental": { cursor_path: "at", initial_value: 0, end_value: "2026-01-01" } },
    `${ENDPOINT}.incremental.end_value: must be a number if the initial_value is one, and a text if it is (it is "2026-01-01")`,
  ],
  [
    "an end before the beginning, downwards",
    { "endpoint.incremental": { cursor_path: "at", last_value_func: "min", initial_value: 5, end_value: 7 } },
    `${ENDPOINT}.incremental.end_value: must not lie before the initial_value: no row is in between (it is 7)`,
  ],
];
