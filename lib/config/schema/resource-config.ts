import { z } from "zod";
import { RESOURCE_DEFAULTS, STATIC_WRITE_DISPOSITION } from "../defaults.ts";
import { columns } from "./column-hints.ts";
import { endpoint } from "./endpoint-config.ts";
import { nameOf, requestPath, resourceName, whenObject, withDefault, withDefaultNote } from "./primitives.ts";
import { staticRows } from "./static-rows.ts";
import { processingStep } from "./step-types.ts";

const names = z.union([z.string().min(1), z.array(z.string().min(1))]);
const disposition = z.enum(["append", "replace", "merge", "skip"]);
const contract = z.enum(["evolve", "freeze", "discard_row", "discard_value"]);

const TABLE_PER_ROW =
  "a table for each row's value is not supported: write one resource per table, each with a filter in processing_steps";

/** A name. A function or a placeholder, which would choose the table of each row, is an error that names the alternative. */
const tableName = nameOf(
  z.string({ error: ({ input }) => (typeof input === "function" ? TABLE_PER_ROW : undefined) }),
).refine((name) => !/[{}]/.test(name), { error: TABLE_PER_ROW });

/** All keys of a resource except `name` and `endpoint`. */
const hints = {
  table_name: withDefaultNote(tableName.nullish(), "the resource's `name`").describe(
    "Name of the table. Resources that share it need the same `write_disposition` and keys.",
  ),
  write_disposition: withDefaultNote(
    z
      .union([
        disposition,
        z.strictObject({
          disposition,
          strategy: z
            .enum([
              "delete-insert",
              "upsert",
              "insert-only",
              "truncate-and-insert",
              "insert-from-staging",
              "staging-optimized",
            ])
            .optional()
            .describe(
              "With `insert-only`, a `merge` keeps the first version of each row. The others have no effect: a table is a view.",
            ),
          deduplicated: z.boolean().optional().describe("No effect: rows with the same key are merged anyway."),
          skip_unchanged_rows: z.boolean().optional().describe("No effect: an unchanged row is written again."),
        }),
      ])
      .nullish(),
    `\`${RESOURCE_DEFAULTS.write_disposition}\`; with \`rows\`, \`${STATIC_WRITE_DISPOSITION}\``,
  ).describe(
    "How the table combines runs: `append` keeps all rows, `replace` only those of the last run, `merge` the latest row of each primary key. `skip` loads no rows.",
  ),
  on_missing_rows: withDefault(z.enum(["keep", "delete"]).nullish(), RESOURCE_DEFAULTS.on_missing_rows).describe(
    'For `merge`: treatment of rows that a run did not see although it read everything. `keep` leaves them, as in dlt; `delete` removes them. A run with `{"refresh": "full"}` always removes them.',
  ),
  primary_key: names.nullish().describe("Columns that identify a row."),
  merge_key: names
    .nullish()
    .describe(
      "For `merge`: a run's rows replace all earlier rows with the same values in these columns, such as a date.",
    ),
  columns: columns.nullish().describe("Hints of columns, by name or as a list. Other columns are inferred."),
  schema_contract: withDefault(
    z
      .union([
        contract,
        z.strictObject({ tables: contract.optional(), columns: contract.optional(), data_type: contract.optional() }),
      ])
      .nullish(),
    RESOURCE_DEFAULTS.schema_contract,
  ).describe(
    "Reaction to changes of the table after its first run: `evolve` applies them, `freeze` fails, `discard_row` and `discard_value` discard. One word for all changes, or one each for `tables`, `columns` and `data_type`.",
  ),
  table_format: z.enum(["iceberg", "delta", "hive", "native"]).nullish().describe("No effect."),
  file_format: withDefault(z.enum(["preferred", "jsonl", "parquet"]).nullish(), RESOURCE_DEFAULTS.file_format).describe(
    "Format of the parts: gzipped NDJSON (`jsonl`, `preferred`) or `parquet`.",
  ),
  references: z.array(z.record(z.string(), z.unknown())).nullish().describe("No effect."),
  nested_hints: z.record(z.string(), z.unknown()).nullish().describe("No effect: lists are stored as JSON text."),
  parent_table_name: z.string().nullish().describe("No effect."),
  max_table_nesting: withDefault(z.int().nonnegative().nullish(), RESOURCE_DEFAULTS.max_table_nesting).describe(
    "Depth of objects that become columns. Deeper objects, and all lists, are stored as JSON text.",
  ),
  selected: withDefault(z.boolean().nullish(), RESOURCE_DEFAULTS.selected).describe(
    "Whether rows are loaded. With `false`, the resource is read for its selected children only, and not requested if there are none.",
  ),
  parallelized: withDefault(z.boolean().nullish(), RESOURCE_DEFAULTS.parallelized).describe(
    "For a child: whether rows of its parent are requested concurrently, up to `max_concurrency`.",
  ),
  on_missing_parent_field: withDefault(
    z.enum(["fail", "skip"]).nullish(),
    RESOURCE_DEFAULTS.on_missing_parent_field,
  ).describe(
    "For a child: treatment of a row of its parent that lacks a field which a placeholder needs, or has null or an empty text there. `skip` continues with the next row. Not in dlt.",
  ),
  on_error: withDefault(z.enum(["fail", "skip"]).nullish(), RESOURCE_DEFAULTS.on_error).describe(
    "For a child: treatment of a row of its parent whose request the API refuses with a 4xx status, such as 404 or 403. `skip` continues with the next row. 401, 407, 408, 425, 429, 5xx and outages always fail. Not in dlt.",
  ),
  processing_steps: z
    .array(processingStep)
    .nullish()
    .describe("Steps that are applied to each row, in order. Cursor and children see the resulting rows."),
  include_from_parent: z
    .array(z.string().min(1))
    .nullish()
    .describe("Fields of the parent's row that are added to each row, as `_<parent>_<field>`."),
};

/** A resource: one endpoint, one Lambda, one commit log. */
export const resource = z
  .strictObject({
    name: resourceName.describe("Name of the resource, converted to snake_case. Default of path and table name."),
    endpoint: withDefaultNote(z.union([requestPath, endpoint]).nullish(), "the `name` as path").describe(
      "The endpoint. A string is short for `{ path }`.",
    ),
    rows: staticRows
      .nullish()
      .describe(
        "The rows themselves, as a list: the resource has no endpoint and sends no request. Values that are not objects are rows with one column, `value`. Not in dlt.",
      ),
    renamed_from: names
      .nullish()
      .describe(
        "Names that the resource had before. Its rows and its incremental state stay. Needs `table_name`. Not in dlt.",
      ),
    ...hints,
  })
  .refine(({ rows, endpoint }) => rows == null || endpoint == null, {
    path: ["endpoint"],
    error: "conflicts with rows: keep one of them",
    when: whenObject,
  })
  .describe("One endpoint, one Lambda, one table.");

/** Any resource key but `name`. A resource's own value takes precedence. */
export const resourceDefaults = z
  .strictObject({ endpoint: endpoint.nullish(), ...hints })
  .describe("Defaults of all resources.");
