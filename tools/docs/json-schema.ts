import { z } from "zod";
import * as client from "../../lib/config/schema/client.ts";
import { sourceConfig, sourceSettings } from "../../lib/config/schema/index.ts";
import { secretReference } from "../../lib/config/schema/primitives.ts";
import * as resource from "../../lib/config/schema/resource.ts";

/** Parts of the dialect by the name that they have in the JSON Schema and in the docs. */
const PARTS: Record<string, z.ZodType> = {
  secret: secretReference,
  client: client.client,
  api_key: client.apiKeyAuth,
  bearer: client.bearerAuth,
  http_basic: client.httpBasicAuth,
  oauth2_client_credentials: client.oauth2Auth,
  auth: client.auth,
  auto: client.autoPaginator,
  page_number: client.pageNumberPaginator,
  offset: client.offsetPaginator,
  cursor: client.cursorPaginator,
  header_cursor: client.headerCursorPaginator,
  json_link: client.jsonLinkPaginator,
  json_response: client.jsonResponsePaginator,
  header_link: client.headerLinkPaginator,
  single_page: client.singlePagePaginator,
  paginator: client.paginator,
  error_handler: client.errorHandler,
  rate_limit: client.rateLimit,
  resource_defaults: resource.resourceDefaults,
  resource: resource.resource,
  endpoint: resource.endpoint,
  incremental: resource.incremental,
  incremental_param: resource.incrementalParam,
  resolve: resource.resolveParam,
  response_action: resource.responseAction,
  processing_step: resource.processingStep,
  column: resource.column,
  columns: resource.columns,
};

/** A schema, as far as anyone here looks at it. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  $ref?: string;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  prefixItems?: JsonSchema[];
  additionalProperties?: JsonSchema | boolean;
  not?: object;
  $defs?: Record<string, JsonSchema>;
}

/** What JSON and YAML files have on top of a config: their own schema's address, and the settings beside it. */
const configFile = z
  .strictObject({
    $schema: z.string().optional().describe("Address of this schema, for editors."),
    ...sourceConfig.shape,
    name: sourceConfig.shape.name.optional(),
    settings: sourceSettings.optional().describe("What is not dlt's: how the source is scheduled and bounded."),
  })
  .describe("A source of restlake.");

/** Where a TypeScript config has a function. */
export const FUNCTION = "function";

/** The dialect as zod has it, with `{ type: "function" }` where only a TypeScript config can say something. */
export const wholeDialect = (): JsonSchema => {
  for (const [id, part] of Object.entries(PARTS)) z.globalRegistry.add(part, { ...z.globalRegistry.get(part), id });
  return z.toJSONSchema(configFile, {
    io: "input",
    unrepresentable: "any",
    override({ jsonSchema }) {
      const schema = jsonSchema as JsonSchema & { functionOnly?: boolean; id?: string };
      delete schema.id;
      if (!schema.functionOnly) return;
      delete schema.functionOnly;
      schema.type = FUNCTION;
    },
  }) as JsonSchema;
};

/** The schema without what a file of data cannot say; null when nothing is left of it. */
const asData = (schema: JsonSchema): JsonSchema | null => {
  if (schema.type === FUNCTION) return null;
  const kept: JsonSchema = { ...schema };
  for (const kind of ["anyOf", "oneOf"] as const) {
    const choices = schema[kind]?.flatMap((choice) => asData(choice) ?? []);
    if (choices?.length === 0) return null;
    if (choices !== undefined) kept[kind] = choices;
  }
  // "null or ..." of a function is nothing that anyone would write.
  if (schema.anyOf?.some(({ type }) => type !== "null") && kept.anyOf?.every(({ type }) => type === "null"))
    return null;
  if (schema.items !== undefined) {
    const items = asData(schema.items);
    if (items === null) return null;
    kept.items = items;
  }
  if (schema.properties !== undefined) {
    const properties = Object.entries(schema.properties).map(([key, inner]) => [key, asData(inner)] as const);
    if (properties.some(([key, inner]) => inner === null && schema.required?.includes(key))) return null;
    kept.properties = Object.fromEntries(
      properties.filter((entry): entry is [string, JsonSchema] => entry[1] !== null),
    );
  }
  return kept;
};

/** Whether a schema refers to one of these parts, and so can be satisfied by nothing. */
const refersTo = (schema: JsonSchema, parts: Set<string>): boolean =>
  (schema.$ref !== undefined && parts.has(schema.$ref)) ||
  (schema.items !== undefined && refersTo(schema.items, parts)) ||
  (schema.anyOf?.every((choice) => choice.type === "null" || refersTo(choice, parts)) ?? false);

/**
 * The dialect as JSON Schema (2020-12), for JSON and YAML configs. What zod cannot say, such as that a text is a JSONPath,
 * it leaves out.
 */
export const dialectSchema = (): JsonSchema => {
  const whole = wholeDialect();
  const gone = new Set<string>();
  const $defs: Record<string, JsonSchema> = {};
  for (const [name, part] of Object.entries(whole.$defs ?? {})) {
    const data = asData(part);
    if (data === null) gone.add(`#/$defs/${name}`);
    else $defs[name] = data;
  }
  for (const part of Object.values($defs)) {
    for (const [key, inner] of Object.entries(part.properties ?? {})) {
      if (refersTo(inner, gone)) delete part.properties?.[key];
    }
  }
  const { $defs: _parts, ...root } = asData(whole) as JsonSchema;
  return { ...root, $defs };
};
