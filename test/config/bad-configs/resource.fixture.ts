import { type BadConfig, ONE_STEP, RESOURCE, RESOURCE_KEYS, STEPS } from "./messages.fixture.ts";

const NO_FILTER = "expected filter expression (RFC 9535)";
const NO_PLACEHOLDER =
  "only {run.opened_at} has one; { path: id } takes a field of the row, include_from_parent adds one of the parent, and { value: ... } is the text itself";

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
    "one table with different write dispositions",
    {
      "resources.0": { name: "users", write_disposition: "append" },
      "resources.1": { name: "people", table_name: "Users", write_disposition: "replace" },
    },
    'resources[1].write_disposition: write_disposition differs between two resources of table users ("append" of users, "replace" of people): use the same one, or give one of them another table_name',
  ],
  [
    "one table with different primary keys",
    {
      "resources.0": { name: "users", write_disposition: "merge", primary_key: ["id", "userId"] },
      "resources.1": {
        name: "people",
        table_name: "users",
        write_disposition: "merge",
        primary_key: ["user_id", "id"],
      },
      "resources.2": { name: "staff", table_name: "users", write_disposition: "merge", primary_key: "id" },
    },
    'resources[2].primary_key: primary_key differs between two resources of table users (["id","user_id"] of users, ["id"] of staff): use the same one, or give one of them another table_name',
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
    `${RESOURCE}.table_name: a table for each row's value is not supported (got function): write one resource per table, each with a filter in processing_steps`,
    `${RESOURCE}.selected: expected boolean, got 5`,
  ],
  [
    "E.5: a table_name that depends on the row",
    { "resource.table_name": "{type}" },
    `${RESOURCE}.table_name: a table for each row's value is not supported (got "{type}"): write one resource per table, each with a filter in processing_steps`,
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
    "Python in processing_steps",
    { "resource.processing_steps": [{ filter: "lambda row: row['id'] > 1" }, { map: "lambda row: row" }] },
    `${RESOURCE}.processing_steps[0].filter: expected filter expression (RFC 9535), got "lambda row: row['id'] > 1": unexpected filter selector token 'l'; a function needs a config in TypeScript`,
    `${RESOURCE}.processing_steps[1].map: expected function (TypeScript), got "lambda row: row"`,
  ],
  [
    "null, a list, and two keys in one processing step",
    { "resource.processing_steps": [null, [], { map: () => ({}), yield_map: () => [] }, { remove: "a", add: {} }] },
    `${RESOURCE}.processing_steps[0]: ${ONE_STEP}, got null`,
    `${RESOURCE}.processing_steps[1]: ${ONE_STEP}`,
    `${RESOURCE}.processing_steps[2]: several keys in one step (map, yield_map): write one step for each`,
    `${RESOURCE}.processing_steps[3]: several keys in one step (remove, add): write one step for each`,
  ],
  [
    "a misspelled, a double, an empty and a bare processing step",
    { "resource.processing_steps": [{ fliter: () => true }, { filter: () => true, map: () => ({}) }, {}, () => true] },
    `${RESOURCE}.processing_steps[0]: unknown key "fliter": did you mean "filter"? Allowed keys: ${STEPS}`,
    `${RESOURCE}.processing_steps[1]: several keys in one step (filter, map): write one step for each`,
    `${RESOURCE}.processing_steps[2]: ${ONE_STEP}`,
    `${RESOURCE}.processing_steps[3]: ${ONE_STEP}, got function`,
  ],
  [
    "paths in processing steps that do not lead to fields",
    {
      "resource.processing_steps": [
        { remove: ["$", "a b[", ""] },
        { remove: [] },
        { remove: 5 },
        { rename: { "lines[0]": "first", "lines[*]": "all", $: "row" } },
      ],
    },
    `${RESOURCE}.processing_steps[0].remove[0]: expected path of a field, got "$"`,
    `${RESOURCE}.processing_steps[0].remove[1]: expected JSONPath (RFC 9535), got "a b[": unclosed bracketed selection`,
    `${RESOURCE}.processing_steps[0].remove[2]: expected non-empty string, got ""`,
    `${RESOURCE}.processing_steps[1].remove: expected at least 1 item`,
    `${RESOURCE}.processing_steps[2].remove: expected string or list, got 5`,
    `${RESOURCE}.processing_steps[3].rename["lines[0]"]: expected path that ends in the name of a field, such as address.street`,
    `${RESOURCE}.processing_steps[3].rename["lines[*]"]: expected path that ends in the name of a field, such as address.street`,
    `${RESOURCE}.processing_steps[3].rename.$: expected path that ends in the name of a field, such as address.street`,
  ],
  [
    "names in processing steps that are paths, reserved or no names",
    { "resource.processing_steps": [{ rename: { a: "b.c", d: "_seq", e: 5 } }, { add: { "f.g": 1, _runId: 2 } }] },
    `${RESOURCE}.processing_steps[0].rename.a: expected name without dots, brackets and $, got "b.c": it is a key, not a path`,
    `${RESOURCE}.processing_steps[0].rename.d: reserved system column (got "_seq"): use another name`,
    `${RESOURCE}.processing_steps[0].rename.e: expected string, got 5`,
    `${RESOURCE}.processing_steps[1].add["f.g"]: expected name without dots, brackets and $: it is a key, not a path`,
    `${RESOURCE}.processing_steps[1].add._runId: reserved system column: use another name`,
  ],
  [
    "values of added fields that are objects, placeholders without a value, or secrets",
    {
      "resource.processing_steps": [
        {
          add: {
            a: { b: 1 },
            c: "{resources.users.id}",
            d: "{now}",
            e: { path: "$" },
            f: "{row.id}",
            g: "{run.openedat}",
          },
        },
      ],
    },
    `${RESOURCE}.processing_steps[0].add.a: expected constant, { path: ... } or { value: ... }: write an object that is the value itself as { value: { ... } }`,
    `${RESOURCE}.processing_steps[0].add.c: placeholder without a value here (got "{resources.users.id}"): ${NO_PLACEHOLDER}`,
    `${RESOURCE}.processing_steps[0].add.d: {now} changes within a run (got "{now}"): use {run.opened_at}`,
    `${RESOURCE}.processing_steps[0].add.e.path: expected path of a field, got "$"`,
    `${RESOURCE}.processing_steps[0].add.f: unknown placeholder {row.id} (got "{row.id}"): ${NO_PLACEHOLDER}`,
    `${RESOURCE}.processing_steps[0].add.g: invalid placeholder {run.openedat} (got "{run.openedat}"): write {run.opened_at-30d:%Y-%m-%d}, with an offset in s, m, h, d or w`,
  ],
  [
    "steps that remove or rename what the resource needs",
    {
      "resource.primary_key": ["id", "address__city"],
      "resource.merge_key": "orderDay",
      "resource.columns": { gone: { hard_delete: true }, version: { dedup_sort: "desc" } },
      "endpoint.incremental": { cursor_path: "meta.updated_at" },
      "resource.processing_steps": [
        { remove: ["address", "meta", "other"] },
        { rename: { id: "key", order_day: "day", gone: "deleted" } },
        { remove: "version" },
      ],
    },
    `${RESOURCE}.processing_steps[0].remove: removes address, which primary_key needs after the steps: keep it`,
    `${RESOURCE}.processing_steps[0].remove: removes meta, which cursor_path needs after the steps: keep it`,
    `${RESOURCE}.processing_steps[1].rename: renames id, which primary_key needs after the steps: use the new name there`,
    `${RESOURCE}.processing_steps[1].rename: renames order_day, which merge_key needs after the steps: use the new name there`,
    `${RESOURCE}.processing_steps[1].rename: renames gone, which hard_delete needs after the steps: use the new name there`,
    `${RESOURCE}.processing_steps[2].remove: removes version, which dedup_sort needs after the steps: keep it`,
  ],
  [
    "filters that are not an expression",
    {
      "resource.processing_steps": [
        { filter: "[?@.id > 1]" },
        { filter: "@.a and @.b" },
        { filter: "id > 1" },
        { filter: "@.a = 1" },
        { filter: "@.ok == True" },
        { filter: "@.a, ?@.b" },
        { filter: "1 == 1" },
        { filter: "" },
        { filter: true },
      ],
    },
    `${RESOURCE}.processing_steps[0].filter: ${NO_FILTER}, got "[?@.id > 1]": unexpected filter selector token '['; write the expression alone, without [? and ]`,
    `${RESOURCE}.processing_steps[1].filter: ${NO_FILTER}, got "@.a and @.b": unexpected filter selector token 'a'; write &&, || and !, and compare with each value`,
    `${RESOURCE}.processing_steps[2].filter: ${NO_FILTER}, got "id > 1": unexpected filter selector token 'i'; a field begins with @, as in @.id > 1`,
    `${RESOURCE}.processing_steps[3].filter: ${NO_FILTER}, got "@.a = 1": unexpected filter selector token '='; a filter compares with ==`,
    `${RESOURCE}.processing_steps[4].filter: ${NO_FILTER}, got "@.ok == True": unexpected filter selector token 'T'; write true, false and null`,
    `${RESOURCE}.processing_steps[5].filter: ${NO_FILTER}, got "@.a, ?@.b": it has several parts; join them with &&`,
    `${RESOURCE}.processing_steps[6].filter: ${NO_FILTER}, got "1 == 1": it tests no field; a field begins with @, as in @.id > 1`,
    `${RESOURCE}.processing_steps[7].filter: expected non-empty string, got ""`,
    `${RESOURCE}.processing_steps[8].filter: expected function (TypeScript) or string, got true`,
  ],
  [
    "an object as processing_steps, and an empty name in include_from_parent",
    { "resource.processing_steps": { filter: () => true }, "resource.include_from_parent": [""] },
    `${RESOURCE}.processing_steps: expected list, got object`,
    `${RESOURCE}.include_from_parent[0]: expected non-empty string, got ""`,
  ],
];
