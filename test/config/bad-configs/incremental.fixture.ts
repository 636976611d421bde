import { type BadConfig, ENDPOINT, INCREMENTAL_KEYS, PARAM_KEYS } from "./messages.fixture.ts";

export const BAD_INCREMENTAL: BadConfig[] = [
  [
    "a misspelled key",
    { "endpoint.incremental": { cursor_paths: "at" } },
    `missing required key ${ENDPOINT}.incremental.cursor_path: expected string`,
    `${ENDPOINT}.incremental: unknown key "cursor_paths": did you mean "cursor_path"? Allowed keys: ${INCREMENTAL_KEYS}`,
  ],
  [
    "a cursor_path with invalid JSONPath",
    { "endpoint.incremental": { cursor_path: "$..[" } },
    `${ENDPOINT}.incremental.cursor_path: expected JSONPath (RFC 9535), got "$..[": unclosed bracketed selection`,
  ],
  [
    "endpoint.incremental and a parameter of type incremental",
    {
      "endpoint.incremental": { cursor_path: "at" },
      "endpoint.params": { since: { type: "incremental", cursor_path: "at" } },
    },
    `${ENDPOINT}.params.since: second incremental (the first is endpoint.incremental): keep one`,
  ],
  [
    "two parameters of type incremental",
    {
      "endpoint.params": {
        a: { type: "incremental", cursor_path: "at" },
        b: { type: "incremental", cursor_path: "at" },
      },
    },
    `${ENDPOINT}.params.b: second incremental (the first is endpoint.params.a): keep one`,
  ],
  [
    "a parameter without a cursor_path",
    { "endpoint.params": { since: { type: "incremental", initial_value: 1 } } },
    `missing required key ${ENDPOINT}.params.since.cursor_path: expected string`,
  ],
  [
    "a parameter without a type",
    { "endpoint.params": { since: { cursor_path: "at", initial_value: 1 } } },
    `missing required key ${ENDPOINT}.params.since.type: expected "resolve" or "incremental"`,
  ],
  [
    "a parameter with a start_param",
    { "endpoint.params": { since: { type: "incremental", cursor_path: "at", start_param: "since" } } },
    `${ENDPOINT}.params.since: unknown key "start_param". Allowed keys: ${PARAM_KEYS}`,
  ],
  [
    "an end_value without an initial_value",
    { "endpoint.incremental": { cursor_path: "at", end_value: "2026-01-01" } },
    `${ENDPOINT}.incremental.end_value: end_value without initial_value (got "2026-01-01"): set both for a backfill`,
  ],
  [
    "an end_value before initial_value",
    { "endpoint.incremental": { cursor_path: "at", initial_value: "2026-02-01", end_value: "2026-01-01" } },
    `${ENDPOINT}.incremental.end_value: end_value precedes initial_value (got "2026-01-01"): swap them`,
  ],
  [
    "ends whose form is not certain, without formats",
    { "endpoint.incremental": { cursor_path: "at", initial_value: "01/02/2024" } },
    `${ENDPOINT}.incremental.initial_value: the time "01/02/2024" has a form that can be read in several ways (got "01/02/2024"): set cursor_datetime_formats of the incremental to ["%d/%m/%Y"] or ["%m/%d/%Y"], or to [] to compare the values as text`,
  ],
  [
    "formats with an unknown token, and without a year",
    {
      "endpoint.incremental": {
        cursor_path: "at",
        cursor_datetime_formats: ["%d.%m.%Q", "%d.%m"],
      },
    },
    `${ENDPOINT}.incremental.cursor_datetime_formats[0]: unknown token %Q (got "%d.%m.%Q"): choose from %Y %y %m %b %B %d %e %a %A %H %I %M %S %f %p %z %Z %s %ms %us`,
    `${ENDPOINT}.incremental.cursor_datetime_formats[1]: format without a year (got "%d.%m"): add %Y, or use %s, %ms or %us for an epoch`,
  ],
  [
    "formats that contradict each other",
    { "endpoint.incremental": { cursor_path: "at", cursor_datetime_formats: ["%d.%m.%Y", "%m.%d.%Y"] } },
    `${ENDPOINT}.incremental.cursor_datetime_formats: %d.%m.%Y and %m.%d.%Y read "03.02.2001" as different times: keep one of them`,
  ],
  [
    "unknown choices",
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
    `${ENDPOINT}.incremental.last_value_func: expected "max" or "min", got "sum"`,
    `${ENDPOINT}.incremental.row_order: expected "asc" or "desc", got "ascending"`,
    `${ENDPOINT}.incremental.on_cursor_value_missing: expected "raise", "include" or "exclude", got "skip"`,
    `${ENDPOINT}.incremental.range_start: expected "closed" or "open", got "half"`,
    `${ENDPOINT}.incremental.range_end: expected "open" or "closed", got "opened"`,
  ],
  [
    "a lag as a string",
    { "endpoint.incremental": { cursor_path: "at", lag: "1h", initial_value: true } },
    `${ENDPOINT}.incremental.initial_value: expected string or number, got true`,
    `${ENDPOINT}.incremental.lag: expected number, got "1h"`,
  ],
  [
    "a convert as a string",
    { "endpoint.incremental": { cursor_path: "at", convert: "lambda value: int(value)" } },
    `${ENDPOINT}.incremental.convert: expected function (TypeScript), got "lambda value: int(value)"`,
  ],
  [
    "keys of dlt that have another name, or none, here",
    { "endpoint.incremental": { cursor_path: "at", transform: "x", allow_external_schedulers: true } },
    `${ENDPOINT}.incremental: unknown key "transform": it is an older name of convert. Allowed keys: ${INCREMENTAL_KEYS}`,
    `${ENDPOINT}.incremental: unknown key "allow_external_schedulers": remove it, it is for Airflow only. Start a run with a window instead. Allowed keys: ${INCREMENTAL_KEYS}`,
  ],
  [
    "a number in primary_key, and a negative lag",
    { "endpoint.incremental": { cursor_path: "at", primary_key: [1], lag: -1 } },
    `${ENDPOINT}.incremental.primary_key[0]: expected string, got 1`,
    `${ENDPOINT}.incremental.lag: expected at least 0, got -1`,
  ],
  [
    "invalid end values of parameters",
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
    `${ENDPOINT}.params.since.end_value: end_value without initial_value: set both for a backfill`,
    "resources[1].endpoint.params.since.end_value: expected the type of initial_value (number or string)",
    "resources[2].endpoint.params.since.end_value: end_value precedes initial_value: swap them",
  ],
  [
    "invalid end values together with other errors",
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
    `${ENDPOINT}.incremental.lag: expected number, got "1h"`,
    `${ENDPOINT}.incremental.end_value: end_value without initial_value (got 5): set both for a backfill`,
    'resources[1].endpoint.incremental.lag: expected number, got "1h"',
    'resources[1].endpoint.incremental.end_value: expected the type of initial_value (number or string), got "b"',
    'resources[2].endpoint.incremental.lag: expected number, got "1h"',
    "resources[2].endpoint.incremental.end_value: end_value precedes initial_value (got 4): swap them",
  ],
  [
    "an end_value of another type than initial_value",
    { "endpoint.incremental": { cursor_path: "at", initial_value: 0, end_value: "2026-01-01" } },
    `${ENDPOINT}.incremental.end_value: expected the type of initial_value (number or string), got "2026-01-01"`,
  ],
  [
    "an end_value above initial_value with last_value_func: min",
    { "endpoint.incremental": { cursor_path: "at", last_value_func: "min", initial_value: 5, end_value: 7 } },
    `${ENDPOINT}.incremental.end_value: end_value precedes initial_value (got 7): swap them`,
  ],
];
