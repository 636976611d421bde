import { FUNCTION, fullSchema, type JsonSchema } from "./source-schema.ts";

const PREFIX = "#/$defs/";

/** Anchors in docs/sources.md of the parts that have one. Other parts are described by their type. */
const ANCHORS: Record<string, string> = {
  auth: "auth",
  paginator: "paginators",
  error_handler: "error_handler",
  rate_limit: "rate_limit",
  endpoint: "endpoint",
  resource_defaults: "resource_defaults",
  resource: "resources",
  incremental: "incremental",
  incremental_param: "incremental",
  resolve: "placeholders",
  response_action: "response_actions",
  processing_step: "processing_steps",
  column: "columns",
  columns: "columns",
  secret: "secrets",
  client: "client",
};

type Parts = Record<string, JsonSchema>;

const code = (value: unknown): string => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;

const isNull = ({ type }: JsonSchema): boolean => type === "null";

const choicesOf = ({ anyOf, oneOf }: JsonSchema): JsonSchema[] =>
  (anyOf ?? oneOf ?? []).filter((choice) => !isNull(choice));

const partType = (name: string): string => {
  const anchor = ANCHORS[name];
  if (anchor !== undefined) return `[${name}](#${anchor})`;
  // zod names recursive schemas, such as JSON, itself.
  return name.startsWith("__") ? "any JSON" : name;
};

const listType = (items: JsonSchema): string => {
  const type = typeOf(items);
  return `list of ${type.includes(" or ") ? `(${type})` : type}`;
};

const objectType = ({ additionalProperties, properties }: JsonSchema): string => {
  if (typeof additionalProperties === "object") return `object of ${typeOf(additionalProperties)}`;
  return properties === undefined ? "object" : `\`{ ${Object.keys(properties).join(", ")} }\``;
};

const namedType = (schema: JsonSchema): string => {
  switch (schema.type) {
    case undefined:
      return "any JSON";
    case FUNCTION:
      return "function (TypeScript)";
    case "array":
      return listType(schema.items ?? {});
    case "object":
      return objectType(schema);
    default:
      return [schema.type]
        .flat()
        .filter((type) => type !== "null")
        .join(" or ");
  }
};

const SCALARS = ["string", "number", "boolean"];

/** Joins the types of a union. Together, the types of scalars have one name. */
const unionType = (types: Set<string>): string => {
  const hasAll = SCALARS.every((type) => types.has(type));
  const names = [...types].map((type) => (hasAll && SCALARS.includes(type) ? "scalar" : type));
  return [...new Set(names)].join(" or ");
};

/** Returns the type of a value in a few words. */
const typeOf = (schema: JsonSchema): string => {
  if (schema.$ref !== undefined) return partType(schema.$ref.slice(PREFIX.length));
  const choices = choicesOf(schema);
  if (choices.length > 0) return unionType(new Set(choices.map(typeOf)));
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(", ");
  if (schema.prefixItems !== undefined) return `pair of ${schema.prefixItems.map(typeOf).join(" and ")}`;
  return namedType(schema);
};

/** Returns the description of a value, of its only choice next to null, or of the part that it refers to. */
const meaningOf = (schema: JsonSchema, parts: Parts): string => {
  if (schema.description !== undefined) return schema.description;
  const part = schema.$ref === undefined ? undefined : parts[schema.$ref.slice(PREFIX.length)];
  if (part !== undefined) return meaningOf(part, parts);
  const [only, ...others] = choicesOf(schema);
  return only === undefined || others.length > 0 ? "" : meaningOf(only, parts);
};

/** Returns the default of a key, `required`, or `none` if its absence means nothing. */
const defaultOf = (schema: JsonSchema, isRequired: boolean): string => {
  if (schema.default !== undefined) return code(schema.default);
  return schema.defaultNote ?? (isRequired ? "required" : "none");
};

/** Begins the description of a key that does nothing. */
const NO_EFFECT = "No effect";

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

const isWithoutEffect = ({ description = "" }: JsonSchema): boolean => description.startsWith(NO_EFFECT);

/** Returns a sentence about the keys that dlt's configs may have, and that do nothing here; none if there are no such keys. */
const keysWithoutEffect = ({ properties = {} }: JsonSchema): string[] => {
  const keys = Object.entries(properties)
    .filter(([, schema]) => isWithoutEffect(schema))
    .map(([key, { description = "" }]) => {
      const [, reason = ""] = /^No effect: (.*)\.$/.exec(description) ?? [];
      return reason === "" ? code(key) : `${code(key)} (${reason})`;
    });
  return keys.length === 0 ? [] : ["", `Accepted without effect, for dlt's configs: ${keys.join(", ")}.`];
};

/** Returns a table row for each key of an object that has an effect. */
const rowsOf = ({ properties = {}, required = [] }: JsonSchema, parts: Parts, requiredText?: string): string[] =>
  Object.entries(properties).flatMap(([key, schema]) => {
    if (isWithoutEffect(schema)) return [];
    const isRequired = required.includes(key);
    const type = key === "settings" ? "[settings](#settings)" : typeOf(schema);
    const byDefault = isRequired && requiredText !== undefined ? requiredText : defaultOf(schema, isRequired);
    return `| \`${key}\` | ${[type, byDefault, meaningOf(schema, parts)].map(cell).join(" | ")} |`;
  });

/**
 * Returns the keys of a part of the config schema as a Markdown table.
 *
 * @param name name of the part in the JSON Schema, or `source` or `settings`.
 */
export const keyTable = (name: string): string => {
  const full = fullSchema();
  const parts = full.$defs ?? {};
  const part = { ...parts, source: full, settings: full.properties?.settings }[name];
  if (part === undefined) throw new Error(`the config schema has no part ${name}`);
  const rows =
    part.properties !== undefined
      ? rowsOf(part, parts)
      : choicesOf(part).flatMap((choice) => rowsOf(choice, parts, "exactly one of these"));
  return ["| key | type | default | meaning |", "|---|---|---|---|", ...rows, ...keysWithoutEffect(part)].join("\n");
};

const TABLE = /(<!-- keys: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** Returns the text with a generated table after every `<!-- keys: part -->`. */
export const withTables = (markdown: string): string =>
  markdown.replaceAll(
    TABLE,
    (_whole, begin: string, name: string, end: string) => `${begin}\n${keyTable(name)}\n\n${end}`,
  );
