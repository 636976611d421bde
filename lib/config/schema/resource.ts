import { z } from "zod";
import { compareCursors } from "../../columns/cursor-values.ts";
import { ConfigError } from "../../errors/index.ts";
import type { Convert, ResponseFunction, RowFilter, RowMap, RowYieldMap } from "../callbacks.ts";
import { didYouMean } from "../nearest.ts";
import { auth, errorHandler, maxConcurrency, paginator } from "./client.ts";
import {
  functionOf,
  headerTemplate,
  normalisedName,
  type Rule,
  requestPath,
  resourceName,
  scalar,
  secretReference,
  secretText,
  selector,
  statusCode,
  template,
  text,
  whenObject,
} from "./primitives.ts";

/** What a column holds: the types of DESIGN 8, and dlt's others, which become one of those. */
export const dataType = z.enum([
  "text",
  "bigint",
  "double",
  "bool",
  "timestamp",
  "date",
  "decimal",
  "json",
  "binary",
  "time",
  "wei",
]);

const columnHints = {
  data_type: dataType
    .optional()
    .describe(
      "What it holds; found out from the values when it is left out. `binary` and `time` are text, `wei` decimal.",
    ),
  nullable: z.boolean().optional().describe("Whether it may be null; a column of the primary key may not, by default."),
  description: z.string().optional().describe("For people."),
  primary_key: z.boolean().optional().describe("Whether it belongs to the primary key."),
  merge_key: z.boolean().optional().describe("Whether it belongs to the merge key."),
  hard_delete: z
    .boolean()
    .optional()
    .describe("Of a `merge`: a row that is true here, or not null where this is no bool, deletes its row."),
  dedup_sort: z
    .enum(["asc", "desc"])
    .optional()
    .describe(
      "Of a `merge`: of the rows of one key in one run, the first in this order stays (without it, the last read).",
    ),
  precision: z.int().positive().optional().describe("Digits of a `decimal`: at most 38 (38)."),
  scale: z.int().nonnegative().optional().describe("Digits of a `decimal` behind the point (9)."),
  timezone: z.boolean().optional().describe("No effect: timestamps are UTC."),
  unique: z.boolean().optional().describe("No effect."),
  sort: z.boolean().optional().describe("No effect."),
  cluster: z.boolean().optional().describe("No effect."),
  partition: z.boolean().optional().describe("No effect: tables are partitioned by the day of the run."),
  variant: z.boolean().optional().describe("No effect."),
};

/** A declared column. `nullable` is true unless it says otherwise, as in dlt. */
export const column = z.strictObject(columnHints).describe("A declared column.");

/** Columns by name, or dlt's list of them. */
export const columns = z.union([
  z.record(z.string(), column),
  z.array(z.strictObject({ name: z.string().min(1), ...columnHints })).superRefine((list, context) => {
    for (const [index, { name }] of list.entries()) {
      if (list.findIndex((other) => other.name === name) === index) continue;
      context.addIssue({ code: "custom", message: "is declared already", path: [index, "name"] });
    }
  }),
]);

const cursorValue = z.union([z.string(), z.number()]);
const lag = z.number().nonnegative();

const incrementalKeys = {
  cursor_path: selector.describe("The field of a row that tells what is new, such as `updated_at` (JSONPath)."),
  initial_value: cursorValue.nullish().describe("Where the first run starts; rows before it are left out."),
  end_value: cursorValue
    .nullish()
    .describe("Rows from here on are left out. A resource with it starts at `initial_value` in every run: a backfill."),
  last_value_func: z
    .enum(["max", "min"])
    .optional()
    .describe("Which of the values seen the next run starts from (`max`)."),
  primary_key: z
    .union([z.string().min(1), z.array(z.string().min(1))])
    .nullish()
    .describe("Tells rows apart that have the cursor value at which the last run ended; `[]`: keep them all."),
  row_order: z
    .enum(["asc", "desc"])
    .nullish()
    .describe("How the API sorts by the cursor: pages behind the last row that counts are not asked for."),
  on_cursor_value_missing: z
    .enum(["raise", "include", "exclude"])
    .optional()
    .describe("What becomes of a row without a cursor value (`raise`: it is an error)."),
  lag: lag
    .nullish()
    .describe("Starts that much before the last value: seconds for times, days for dates, else a number."),
  range_start: z
    .enum(["closed", "open"])
    .optional()
    .describe("Whether rows at the start value itself count (`closed`: they do)."),
  range_end: z
    .enum(["open", "closed"])
    .optional()
    .describe("Whether rows at the end value itself count (`open`: they do not)."),
  convert: functionOf<Convert>()
    .optional()
    .describe("Makes of a cursor value what the API is asked with. Row filters still see the cursor's own values."),
};

type CursorValue = string | number | null | undefined;
interface Ends {
  initial_value?: CursorValue;
  end_value?: CursorValue;
  last_value_func?: string;
}

/** A backfill by the config itself has both of its ends. */
const bothEnds: [(given: Ends) => boolean, Rule] = [
  ({ initial_value, end_value }) => end_value == null || initial_value != null,
  { path: ["end_value"], error: "needs an initial_value: a backfill has two ends", when: whenObject },
];

/** Order of the ends; null when they cannot be compared. Where one is no cursor value at all, that is told. */
const orderOf = ({ initial_value, end_value }: Ends): number | null => {
  if (![initial_value, end_value].every((value) => cursorValue.safeParse(value).success)) return 0;
  try {
    return compareCursors(initial_value as string | number, end_value as string | number);
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
};

const endsOfOneKind: [(given: Ends) => boolean, Rule] = [
  (given) => orderOf(given) !== null,
  { path: ["end_value"], error: "must be a number if the initial_value is one, and a text if it is", when: whenObject },
];

/** Turned round, no row lies between them. */
const endsInOrder: [(given: Ends) => boolean, Rule] = [
  (given) => (orderOf(given) ?? 0) * (given.last_value_func === "min" ? -1 : 1) <= 0,
  { path: ["end_value"], error: "must not lie before the initial_value: no row is in between", when: whenObject },
];

/** Incremental loading by a cursor in the rows. */
export const incremental = z
  .strictObject({
    ...incrementalKeys,
    start_param: z.string().min(1).nullish().describe("Query parameter of the start value."),
    end_param: z.string().min(1).nullish().describe("Query parameter of the end value, when there is one."),
  })
  .refine(...bothEnds)
  .refine(...endsOfOneKind)
  .refine(...endsInOrder)
  .describe("Loads what is new since the last run.");

/** dlt's form of an incremental as a query parameter, which takes the start value. */
export const incrementalParam = z
  .strictObject({ type: z.literal("incremental"), ...incrementalKeys })
  .refine(...bothEnds)
  .refine(...endsOfOneKind)
  .refine(...endsInOrder)
  .describe("An incremental whose start value is sent as this parameter.");

/** dlt's older form of a child: `{sellable_id}` in the path is bound to a field of the parent's row. */
export const resolveParam = z
  .strictObject({
    type: z.literal("resolve"),
    resource: z.string().min(1).describe("Name of the parent."),
    field: selector
      .refine((field) => !/[{}]/.test(field), "must hold no braces: a placeholder has them around it")
      .describe("Field of its rows (JSONPath)."),
  })
  .describe("dlt's older form of a placeholder: binds `{name}` of the path to a field of the parent's row.");

const parameterValue = z.union([
  z.discriminatedUnion("type", [resolveParam, incrementalParam]),
  secretReference,
  scalar,
  z.array(scalar),
  z.null(),
]);

const formValue = z.union([secretReference, scalar, z.array(scalar), z.null()]);

/** One of the answers that mean something else here than they say. */
export const responseAction = z
  .strictObject({
    status_code: statusCode.optional().describe("The answer's status."),
    content: z.string().min(1).optional().describe("Text that the answer's body holds."),
    action: z
      .union([
        z.enum(["ignore", "retry"]),
        functionOf<ResponseFunction>(),
        z.array(functionOf<ResponseFunction>()).min(1),
      ])
      .describe(
        "`ignore`: the answer counts as a page without rows, and nothing follows it. `retry`: it is asked again, as after a failure. A function, or a list of them, looks at it.",
      ),
  })
  .refine(({ status_code, content }) => status_code !== undefined || content !== undefined, {
    error: "needs a status_code, a content, or both; a function that is to see every answer stands by itself",
    when: whenObject,
  });

const STEPS = ["filter", "map", "yield_map"];

/** What is wrong with a step as a whole; undefined when it is one of the known ones. */
const stepMistake = (step: unknown): string | undefined => {
  const keys = typeof step === "object" && step !== null && !Array.isArray(step) ? Object.keys(step) : [];
  if (keys.length === 1 && STEPS.includes(keys[0] as string)) return undefined;
  const [unknown] = keys.filter((key) => !STEPS.includes(key));
  if (unknown !== undefined)
    return `unknown key ${JSON.stringify(unknown)}${didYouMean(unknown, STEPS)} Allowed: ${STEPS.join(", ")}`;
  return keys.length > 1
    ? `does ${keys.join(" and ")} at once: make a step of each, in the order that is meant`
    : "must be an object with one of filter, map or yield_map, and a function";
};

/** What becomes of each row, in order. */
export const processingStep = z.union(
  [
    z.strictObject({ filter: functionOf<RowFilter>() }),
    z.strictObject({ map: functionOf<RowMap>() }),
    z.strictObject({ yield_map: functionOf<RowYieldMap>() }),
  ],
  { error: ({ input }) => stepMistake(input) },
);

/** One endpoint. null resets what resource_defaults say. */
export const endpoint = z
  .strictObject({
    path: requestPath
      .nullish()
      .describe("Appended to `base_url` (the resource's name); an absolute URL replaces it. It may hold placeholders."),
    method: z.enum(["GET", "POST"]).nullish().describe("`GET`, or `POST` for an API that is asked by a body."),
    params: z
      .record(text, parameterValue)
      .nullish()
      .describe(
        "Query parameters. `null` drops one; a list is sent as several; one that the path names is bound to it.",
      ),
    json: template(z.union([z.record(z.string(), z.json()), z.array(z.json())]))
      .nullish()
      .describe("Body in JSON."),
    data: z
      .union([
        z.record(text, formValue),
        z.array(z.tuple([text, formValue], "must be a pair of a name and a value")),
        text,
      ])
      .nullish()
      .describe(
        "Body as a form, as a list of its pairs, or as text that is sent as it is; a list of values is sent as several. Excludes `json`.",
      ),
    headers: z
      .record(headerTemplate, z.union([secretText, z.null()]))
      .nullish()
      .describe("Headers, over the client's."),
    auth: auth.nullish().describe("How this endpoint is authorised, instead of the client's way."),
    paginator: paginator.nullish().describe("How to go from page to page."),
    data_selector: selector
      .nullish()
      .describe("Where the rows are in an answer (JSONPath). Left out: found in each answer, as dlt does."),
    response_actions: z
      .array(z.union([responseAction, functionOf<ResponseFunction>()]))
      .nullish()
      .describe("Answers that mean something else here than they say."),
    incremental: incremental.nullish(),
    error_handler: errorHandler.nullish(),
    max_concurrency: maxConcurrency.nullish(),
  })
  .refine(({ json, data }) => json == null || data == null, {
    path: ["data"],
    error: "excludes json: a request has one body",
    when: whenObject,
  })
  .describe("One endpoint of the API. `null` resets what `resource_defaults` say.");

const names = z.union([z.string().min(1), z.array(z.string().min(1))]);
const disposition = z.enum(["append", "replace", "merge", "skip"]);
const contract = z.enum(["evolve", "freeze", "discard_row", "discard_value"]);

const hints = {
  table_name: normalisedName.nullish().describe("Name of the table (the resource's)."),
  write_disposition: z
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
          .describe("No effect: a table is a view, and needs no strategy."),
      }),
    ])
    .nullish()
    .describe(
      "What the table shows of several runs: `append` all (the default), `replace` the newest, `merge` the latest row of each primary key. `skip` keeps the rows out of it.",
    ),
  primary_key: names.nullish().describe("The columns that tell rows apart."),
  merge_key: names
    .nullish()
    .describe("Of a `merge`: a run's rows take the place of all earlier ones with these values, such as a day's."),
  columns: columns.nullish().describe("Declared columns, by name or as a list. All others are found out."),
  schema_contract: z
    .union([
      contract,
      z.strictObject({ tables: contract.optional(), columns: contract.optional(), data_type: contract.optional() }),
    ])
    .nullish()
    .describe(
      "What may change about the table once its first run made it: `evolve` (the default), `freeze`, `discard_row`, `discard_value`, for all or each of `tables`, `columns` and `data_type`.",
    ),
  table_format: z.enum(["iceberg", "delta", "hive", "native"]).nullish().describe("No effect."),
  file_format: z
    .enum(["preferred", "jsonl", "parquet"])
    .nullish()
    .describe("What the parts are written as: `jsonl` (the default, `preferred` as well), gzipped, or `parquet`."),
  references: z.array(z.record(z.string(), z.unknown())).nullish().describe("No effect."),
  nested_hints: z.record(z.string(), z.unknown()).nullish().describe("No effect: lists are JSON text."),
  parent_table_name: z.string().nullish().describe("No effect."),
  max_table_nesting: z
    .int()
    .nonnegative()
    .nullish()
    .describe("How deep objects become columns; deeper ones are JSON text (1000). Lists always are."),
  selected: z.boolean().nullish().describe("`false`: read for the children only, and not loaded."),
  parallelized: z
    .boolean()
    .nullish()
    .describe("Of a child: the rows of its parent are asked for side by side, up to `max_concurrency`."),
  processing_steps: z
    .array(processingStep)
    .nullish()
    .describe("What becomes of each row, in order: `filter`, `map`, `yield_map`. Children see what comes out."),
  include_from_parent: z
    .array(z.string().min(1))
    .nullish()
    .describe("Fields of the parent's row that come along, as `_<parent>_<field>`."),
};

const endpointOrPath = z.union([requestPath, endpoint]);

/** A resource: one endpoint, one Lambda, one log. */
export const resource = z
  .strictObject({
    name: resourceName.describe("Name of the resource; in snake_case if it is not. Path and table are named after it."),
    endpoint: endpointOrPath.nullish().describe("Its endpoint; a string is short for `{ path }`."),
    ...hints,
  })
  .describe("One endpoint, one Lambda, one table.");

/** Any resource key but `name`; a resource's own value wins. */
export const resourceDefaults = z
  .strictObject({ endpoint: endpoint.nullish(), ...hints })
  .describe("What all resources have unless they say otherwise.");
