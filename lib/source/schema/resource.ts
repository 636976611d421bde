import { z } from "zod";
import { errorHandler, paginator } from "./client.ts";
import { headerName, identifier, literalText, resourceName, scalar, selector } from "./primitives.ts";

/** What a column holds; dlt's words for the types of DESIGN 8. */
export const dataType = z.enum(["text", "bigint", "double", "bool", "timestamp", "date", "decimal", "json"]);

/** A declared column. `nullable` is true unless it says otherwise, as in dlt. */
export const column = z.strictObject({
  data_type: dataType,
  nullable: z.boolean().default(true),
  description: z.string().optional(),
});

/** Incremental loading by a cursor in the rows. */
export const incremental = z.strictObject({
  cursor_path: z.string().min(1),
  initial_value: z.union([z.string(), z.number()]).optional(),
  start_param: z.string().min(1).optional(),
  end_param: z.string().min(1).optional(),
});

/** dlt's older form of a child: `{sellable_id}` in the path is bound to a field of the parent's row. */
export const resolveParam = z.strictObject({
  type: z.literal("resolve"),
  resource: z.string().min(1),
  field: z.string().min(1),
});

/** One endpoint. null resets what resource_defaults say. */
export const endpoint = z.strictObject({
  path: z.string().min(1).nullish(),
  method: z.enum(["GET"]).nullish(),
  params: z.record(z.string(), z.union([resolveParam, scalar])).nullish(),
  headers: z.record(headerName, literalText).nullish(),
  paginator: paginator.nullish(),
  data_selector: selector.nullish(),
  incremental: incremental.nullish(),
  error_handler: errorHandler.nullish(),
});

const hints = {
  table_name: identifier.nullish(),
  write_disposition: z.enum(["append", "replace", "merge"]).nullish(),
  primary_key: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).nullish(),
  columns: z.record(z.string(), column).nullish(),
  selected: z.boolean().nullish(),
  include_from_parent: z.array(z.string()).nullish(),
};

/** A resource: one endpoint, one Lambda, one log. */
export const resource = z.strictObject({
  name: resourceName,
  endpoint: z.union([z.string().min(1), endpoint]).optional(),
  ...hints,
});

/** Any resource key but `name`; a resource's own value wins. */
export const resourceDefaults = z.strictObject({ endpoint: endpoint.optional(), ...hints });
