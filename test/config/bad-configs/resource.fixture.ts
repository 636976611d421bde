import { type BadConfig, RESOURCE, RESOURCE_KEYS } from "./messages.fixture.ts";

export const BAD_RESOURCE: BadConfig[] = [
  ["a missing name", { "resource.name": undefined }, `missing required key ${RESOURCE}.name: expected string`],
  [
    "renamed_from without a table_name",
    { "resource.renamed_from": "People" },
    `${RESOURCE}.renamed_from: renamed_from without table_name: set table_name to the table that people had`,
  ],
  [
    "an earlier name that another resource has, or had",
    {
      "resource.renamed_from": ["people", "Orders"],
      "resource.table_name": "people",
      "resources.1": "orders",
      "resources.2": { name: "staff", table_name: "people", renamed_from: "people" },
    },
    `${RESOURCE}.renamed_from: "orders" is a name of resources[1] as well: remove it from one of them`,
    `resources[2].renamed_from: "people" is a name of resources[0] as well: remove it from one of them`,
  ],
  [
    "a duplicate name",
    { "resources.1": "Users" },
    'resources[1]: duplicate resource name "users" (resources[0] has the same name in snake_case): rename one of them',
  ],
  [
    "a name that is too long in snake_case",
    { "resources.1": "/UserOf".repeat(9) },
    `resources[1]: name in snake_case has 71 characters (got "${"/UserOf".repeat(9)}"): use a name of at most 63`,
  ],
  [
    "empty names",
    { "resources.1": "", "resource.table_name": "" },
    `${RESOURCE}.table_name: expected non-empty string, got ""`,
    'resources[1]: expected non-empty string, got ""',
  ],
  [
    "a reserved name",
    { "resources.1": "Run" },
    'resources[1]: reserved name (got "Run"): use another one and set table_name: run',
  ],
  [
    "a misspelled key",
    { "resource.primarykey": "id" },
    `${RESOURCE}: unknown key "primarykey": did you mean "primary_key"? Allowed keys: ${RESOURCE_KEYS}`,
  ],
  [
    "a key of an endpoint",
    { "resource.data_selector": "data" },
    `${RESOURCE}: unknown key "data_selector": move it to an endpoint. Allowed keys: ${RESOURCE_KEYS}`,
  ],
  [
    "a key of the client and of endpoints",
    { "resource.auth": null },
    `${RESOURCE}: unknown key "auth": move it to the client or an endpoint. Allowed keys: ${RESOURCE_KEYS}`,
  ],
  [
    "strings instead of booleans",
    { "resource.selected": "yes", "resource.parallelized": "no" },
    `${RESOURCE}.selected: expected boolean, got "yes"`,
    `${RESOURCE}.parallelized: expected boolean, got "no"`,
  ],
  [
    "values that JSON does not have",
    { "resource.selected": 5n, "resource.table_name": () => "users" },
    `${RESOURCE}.table_name: expected string, got function`,
    `${RESOURCE}.selected: expected boolean, got 5`,
  ],
  [
    "a table_name that is too long in snake_case",
    { "resource.table_name": "t".repeat(64) },
    `${RESOURCE}.table_name: name in snake_case has 64 characters (got "${"t".repeat(64)}"): use a name of at most 63`,
  ],
  [
    "an unknown write_disposition",
    { "resource.write_disposition": "upsert" },
    `${RESOURCE}.write_disposition: expected "append", "replace", "merge", "skip" or object, got "upsert"`,
  ],
  [
    "an unknown strategy",
    { "resource.write_disposition": { disposition: "merge", strategy: "scd2" } },
    `${RESOURCE}.write_disposition.strategy: expected "delete-insert", "upsert", "insert-only", "truncate-and-insert", "insert-from-staging" or "staging-optimized", got "scd2"`,
  ],
  [
    "a strategy without a disposition",
    { "resource.write_disposition": { strategy: "upsert" } },
    `missing required key ${RESOURCE}.write_disposition.disposition: expected "append", "replace", "merge" or "skip"`,
  ],
  [
    "a number as primary_key, and an empty merge_key",
    { "resource.primary_key": 7, "resource.merge_key": "" },
    `${RESOURCE}.primary_key: expected string or list, got 7`,
    `${RESOURCE}.merge_key: expected non-empty string, got ""`,
  ],
  [
    "an unknown schema_contract",
    { "resource.schema_contract": "frozen" },
    `${RESOURCE}.schema_contract: expected "evolve", "freeze", "discard_row", "discard_value" or object, got "frozen"`,
  ],
  [
    "a schema_contract with an unknown key and an unknown mode",
    { "resource.schema_contract": { rows: "freeze", columns: "drop" } },
    `${RESOURCE}.schema_contract.columns: expected "evolve", "freeze", "discard_row" or "discard_value", got "drop"`,
    `${RESOURCE}.schema_contract: unknown key "rows". Allowed keys: tables, columns, data_type`,
  ],
  [
    "unknown formats",
    { "resource.file_format": "csv", "resource.table_format": "parquet" },
    `${RESOURCE}.table_format: expected "iceberg", "delta", "hive" or "native", got "parquet"`,
    `${RESOURCE}.file_format: expected "preferred", "jsonl" or "parquet", got "csv"`,
  ],
  [
    "a negative max_table_nesting",
    { "resource.max_table_nesting": -1 },
    `${RESOURCE}.max_table_nesting: expected at least 0, got -1`,
  ],
  [
    "a string instead of a function in processing_steps",
    { "resource.processing_steps": [{ filter: "lambda row: row['id'] > 1" }] },
    `${RESOURCE}.processing_steps[0].filter: expected function (TypeScript), got "lambda row: row['id'] > 1"`,
  ],
  [
    "null, a list, and two functions in one processing step",
    { "resource.processing_steps": [null, [], { map: () => ({}), yield_map: () => [] }] },
    `${RESOURCE}.processing_steps[0]: expected object with one function (filter, map or yield_map), got null`,
    `${RESOURCE}.processing_steps[1]: expected object with one function (filter, map or yield_map)`,
    `${RESOURCE}.processing_steps[2]: several functions in one step (map, yield_map): write one step for each`,
  ],
  [
    "a misspelled, a double, an empty and a bare processing step",
    { "resource.processing_steps": [{ fliter: () => true }, { filter: () => true, map: () => ({}) }, {}, () => true] },
    `${RESOURCE}.processing_steps[0]: unknown key "fliter": did you mean "filter"? Allowed keys: filter, map, yield_map`,
    `${RESOURCE}.processing_steps[1]: several functions in one step (filter, map): write one step for each`,
    `${RESOURCE}.processing_steps[2]: expected object with one function (filter, map or yield_map)`,
    `${RESOURCE}.processing_steps[3]: expected object with one function (filter, map or yield_map), got function`,
  ],
  [
    "an object as processing_steps, and an empty name in include_from_parent",
    { "resource.processing_steps": { filter: () => true }, "resource.include_from_parent": [""] },
    `${RESOURCE}.processing_steps: expected list, got object`,
    `${RESOURCE}.include_from_parent[0]: expected non-empty string, got ""`,
  ],
];
