import { z } from "zod";
import * as auths from "../../lib/config/schema/auth-types.ts";
import { client, errorHandler, rateLimit } from "../../lib/config/schema/client-config.ts";
import { column, columns } from "../../lib/config/schema/column-hints.ts";
import { endpoint, resolveParam, responseAction } from "../../lib/config/schema/endpoint-config.ts";
import { incremental, incrementalParam } from "../../lib/config/schema/incremental-config.ts";
import { sourceConfig, sourceSettings } from "../../lib/config/schema/index.ts";
import * as paginators from "../../lib/config/schema/paginator-types.ts";
import { secretReference, withDefaultNote } from "../../lib/config/schema/primitives.ts";
import { resource, resourceDefaults } from "../../lib/config/schema/resource-config.ts";
import { processingStep } from "../../lib/config/schema/step-types.ts";

/** Parts of the config schema, by their name in the JSON Schema and in the docs. */
const PARTS: Record<string, z.ZodType> = {
  secret: secretReference,
  client,
  api_key: auths.apiKeyAuth,
  bearer: auths.bearerAuth,
  http_basic: auths.httpBasicAuth,
  oauth2_client_credentials: auths.oauth2Auth,
  oauth2_refresh_token: auths.oauth2RefreshTokenAuth,
  session_token: auths.sessionTokenAuth,
  auth: auths.auth,
  auto: paginators.autoPaginator,
  page_number: paginators.pageNumberPaginator,
  offset: paginators.offsetPaginator,
  cursor: paginators.cursorPaginator,
  header_cursor: paginators.headerCursorPaginator,
  json_link: paginators.jsonLinkPaginator,
  json_response: paginators.jsonResponsePaginator,
  header_link: paginators.headerLinkPaginator,
  single_page: paginators.singlePagePaginator,
  paginator: paginators.paginator,
  error_handler: errorHandler,
  rate_limit: rateLimit,
  resource_defaults: resourceDefaults,
  resource,
  endpoint,
  incremental,
  incremental_param: incrementalParam,
  resolve: resolveParam,
  response_action: responseAction,
  processing_step: processingStep,
  column,
  columns,
};

/** The keywords of JSON Schema that the config schema uses. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  /** Default that is not a constant. In the docs only: the JSON Schema has it in the description. */
  defaultNote?: string;
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

/** A JSON or YAML file: a config, and next to it the address of its schema and the settings. */
const configFile = z
  .strictObject({
    $schema: z.string().optional().describe("URL or path of this JSON Schema, for editors."),
    ...sourceConfig.shape,
    name: withDefaultNote(sourceConfig.shape.name.optional(), "the file name; required in TypeScript"),
    settings: sourceSettings.optional().describe("Schedule and limits of the source. Not in dlt."),
  })
  .describe("A source of restlake.");

/** Type of a value that only a TypeScript config can contain. */
export const FUNCTION = "function";

/** Returns the config schema with `{ type: "function" }` for values that only a TypeScript config can contain. */
export const fullSchema = (): JsonSchema => {
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

/** Returns the choices of a union that data can contain; null if there is none. */
const dataChoices = (choices: JsonSchema[]): JsonSchema[] | null => {
  const kept = choices.flatMap((choice) => dataSchema(choice) ?? []);
  // A function or null is only null in data, which is of no use.
  const isFunctionOrNull = kept.length < choices.length && kept.every(({ type }) => type === "null");
  return isFunctionOrNull ? null : kept;
};

/** Returns the properties that data can contain; null if a required one is a function. */
const dataProperties = ({ properties = {}, required = [] }: JsonSchema): Record<string, JsonSchema> | null => {
  const kept: Record<string, JsonSchema> = {};
  for (const [key, inner] of Object.entries(properties)) {
    const schema = dataSchema(inner);
    if (schema !== null) kept[key] = schema;
    else if (required.includes(key)) return null;
  }
  return kept;
};

/** Returns the schema without functions, which JSON and YAML cannot contain; null if nothing is left. */
const dataSchema = (schema: JsonSchema): JsonSchema | null => {
  if (schema.type === FUNCTION) return null;
  const { defaultNote, ...data }: JsonSchema = schema;
  if (defaultNote !== undefined) {
    data.description = [schema.description, `Default: ${defaultNote}.`].filter(Boolean).join(" ");
  }
  for (const kind of ["anyOf", "oneOf"] as const) {
    if (schema[kind] === undefined) continue;
    const choices = dataChoices(schema[kind]);
    if (choices === null) return null;
    data[kind] = choices;
  }
  if (schema.items !== undefined) {
    const items = dataSchema(schema.items);
    if (items === null) return null;
    data.items = items;
  }
  if (schema.properties !== undefined) {
    const properties = dataProperties(schema);
    if (properties === null) return null;
    data.properties = properties;
  }
  return data;
};

/** Whether a schema needs one of these parts, none of which data can contain. */
const refersTo = (schema: JsonSchema, parts: Set<string>): boolean =>
  (schema.$ref !== undefined && parts.has(schema.$ref)) ||
  (schema.items !== undefined && refersTo(schema.items, parts)) ||
  (schema.anyOf?.every((choice) => choice.type === "null" || refersTo(choice, parts)) ?? false);

/**
 * Returns the config schema as JSON Schema (2020-12), for JSON and YAML configs. Rules that zod cannot convert, such as
 * that a string is a JSONPath, are left out.
 */
export const sourceSchema = (): JsonSchema => {
  const full = fullSchema();
  const removed = new Set<string>();
  const $defs: Record<string, JsonSchema> = {};
  for (const [name, part] of Object.entries(full.$defs ?? {})) {
    const data = dataSchema(part);
    if (data === null) removed.add(`#/$defs/${name}`);
    else $defs[name] = data;
  }
  for (const part of Object.values($defs)) {
    for (const [key, inner] of Object.entries(part.properties ?? {})) {
      if (refersTo(inner, removed)) delete part.properties?.[key];
    }
  }
  const { $defs: _parts, ...root } = dataSchema(full) as JsonSchema;
  return { ...root, $defs };
};
