import { z } from "zod";
import { errorHandler, paginator } from "./client.ts";
import { identifier, resourceName, scalar, selector } from "./primitives.ts";

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

/** One endpoint. */
export const endpoint = z.strictObject({
  path: z.string().min(1).optional(),
  method: z.enum(["GET"]).default("GET"),
  params: z.record(z.string(), z.union([resolveParam, scalar])).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  paginator: paginator.optional(),
  data_selector: selector.optional(),
  incremental: incremental.optional(),
  error_handler: errorHandler.optional(),
});

const hints = {
  table_name: identifier.optional(),
  write_disposition: z.enum(["append", "replace", "merge"]).optional(),
  primary_key: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  columns: z.record(z.string(), column).optional(),
  selected: z.boolean().optional(),
  include_from_parent: z.array(z.string()).optional(),
};

/** A resource: one endpoint, one Lambda, one log. */
export const resource = z.strictObject({
  name: resourceName,
  endpoint: z.union([z.string().min(1), endpoint]).optional(),
  ...hints,
});

/** Any resource key but `name`; a resource's own value wins. */
export const resourceDefaults = z.strictObject({ endpoint: endpoint.optional(), ...hints });
