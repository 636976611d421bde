import { type BadConfig, NAME_RULE, RESOURCE, RESOURCE_KEYS } from "./words.fixture.ts";

export const BAD_RESOURCE: BadConfig[] = [
  ["no name", { "resource.name": undefined }, `${RESOURCE}.name: is missing: expected string`],
  [
    "a name that is taken",
    { "resources.1": "Users" },
    'resources[1]: is "users" in snake_case, and so is resources[0]: give it a name of its own',
  ],
  [
    "a name that is none in snake_case",
    { "resources.1": "/2users" },
    `resources[1]: becomes "2users" in snake_case, which ${NAME_RULE}: give it another name (it is "/2users")`,
  ],
  [
    "empty names",
    { "resources.1": "", "resource.table_name": "" },
    `${RESOURCE}.table_name: must not be empty (it is "")`,
    'resources[1]: must not be empty (it is "")',
  ],
  [
    "a name that is reserved",
    { "resources.1": "Run" },
    'resources[1]: is reserved: name the resource otherwise and give it table_name: run (it is "Run")',
  ],
  [
    "a mistyped key",
    { "resource.primarykey": "id" },
    `${RESOURCE}: unknown key "primarykey", did you mean "primary_key"? Allowed: ${RESOURCE_KEYS}`,
  ],
  [
    "a key of the endpoint",
    { "resource.data_selector": "data" },
    `${RESOURCE}: unknown key "data_selector": it belongs into an endpoint. Allowed: ${RESOURCE_KEYS}`,
  ],
  [
    "a key of the client and of endpoints",
    { "resource.auth": null },
    `${RESOURCE}: unknown key "auth": it belongs into the client or an endpoint. Allowed: ${RESOURCE_KEYS}`,
  ],
  [
    "text where a boolean belongs",
    { "resource.selected": "yes", "resource.parallelized": "no" },
    `${RESOURCE}.selected: expected boolean (it is "yes")`,
    `${RESOURCE}.parallelized: expected boolean (it is "no")`,
  ],
  [
    "values that JSON has no word for",
    { "resource.selected": 5n, "resource.table_name": () => "users" },
    `${RESOURCE}.table_name: expected string (it is a function)`,
    `${RESOURCE}.selected: expected boolean (it is 5)`,
  ],
  [
    "a table_name that is none in snake_case",
    { "resource.table_name": "2024" },
    `${RESOURCE}.table_name: becomes "2024" in snake_case, which ${NAME_RULE}: give it another name (it is "2024")`,
  ],
  [
    "a write_disposition of another tool",
    { "resource.write_disposition": "upsert" },
    `${RESOURCE}.write_disposition: expected "append", "replace", "merge", "skip" or object (it is "upsert")`,
  ],
  [
    "a strategy that there is not",
    { "resource.write_disposition": { disposition: "merge", strategy: "scd2" } },
    `${RESOURCE}.write_disposition.strategy: expected "delete-insert", "upsert", "insert-only", "truncate-and-insert", "insert-from-staging" or "staging-optimized" (it is "scd2")`,
  ],
  [
    "a strategy alone",
    { "resource.write_disposition": { strategy: "upsert" } },
    `${RESOURCE}.write_disposition.disposition: is missing: expected "append", "replace", "merge" or "skip"`,
  ],
  [
    "a primary_key that is a number, an empty merge_key",
    { "resource.primary_key": 7, "resource.merge_key": "" },
    `${RESOURCE}.primary_key: expected string or list (it is 7)`,
    `${RESOURCE}.merge_key: must not be empty (it is "")`,
  ],
  [
    "a schema_contract that there is not",
    { "resource.schema_contract": "frozen" },
    `${RESOURCE}.schema_contract: expected "evolve", "freeze", "discard_row", "discard_value" or object (it is "frozen")`,
  ],
  [
    "a schema_contract of what there is not",
    { "resource.schema_contract": { rows: "freeze", columns: "drop" } },
    `${RESOURCE}.schema_contract.columns: expected "evolve", "freeze", "discard_row" or "discard_value" (it is "drop")`,
    `${RESOURCE}.schema_contract: unknown key "rows". Allowed: tables, columns, data_type`,
  ],
  [
    "formats that there are not",
    { "resource.file_format": "csv", "resource.table_format": "parquet" },
    `${RESOURCE}.table_format: expected "iceberg", "delta", "hive" or "native" (it is "parquet")`,
    `${RESOURCE}.file_format: expected "preferred", "jsonl" or "parquet" (it is "csv")`,
  ],
  [
    "a max_table_nesting of less than none",
    { "resource.max_table_nesting": -1 },
    `${RESOURCE}.max_table_nesting: must be at least 0 (it is -1)`,
  ],
  [
    "processing_steps as texts",
    { "resource.processing_steps": [{ filter: "lambda row: row['id'] > 1" }] },
    `${RESOURCE}.processing_steps[0].filter: must be a function, in a TypeScript config (it is "lambda row: row['id'] > 1")`,
  ],
  [
    "steps that are none",
    { "resource.processing_steps": [null, [], { map: () => ({}), yield_map: () => [] }] },
    `${RESOURCE}.processing_steps[0]: must be an object with one of filter, map or yield_map, and a function (it is null)`,
    `${RESOURCE}.processing_steps[1]: must be an object with one of filter, map or yield_map, and a function`,
    `${RESOURCE}.processing_steps[2]: does map and yield_map at once: make a step of each, in the order that is meant`,
  ],
  [
    "a step that there is not, two in one, and none",
    { "resource.processing_steps": [{ fliter: () => true }, { filter: () => true, map: () => ({}) }, {}, () => true] },
    `${RESOURCE}.processing_steps[0]: unknown key "fliter", did you mean "filter"? Allowed: filter, map, yield_map`,
    `${RESOURCE}.processing_steps[1]: does filter and map at once: make a step of each, in the order that is meant`,
    `${RESOURCE}.processing_steps[2]: must be an object with one of filter, map or yield_map, and a function`,
    `${RESOURCE}.processing_steps[3]: must be an object with one of filter, map or yield_map, and a function (it is a function)`,
  ],
  [
    "a list",
    { "resource.processing_steps": { filter: () => true }, "resource.include_from_parent": [""] },
    `${RESOURCE}.processing_steps: expected list, received object`,
    `${RESOURCE}.include_from_parent[0]: must not be empty (it is "")`,
  ],
];
