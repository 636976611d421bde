import { FUNCTION, type JsonSchema, wholeDialect } from "./json-schema.ts";

const PREFIX = "#/$defs/";

/** Parts of the dialect that docs/sources.md has a heading for; others are told by what they are. */
const LINKED: Record<string, string> = {
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

const code = (value: unknown): string => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;

const isNull = ({ type }: JsonSchema): boolean => type === "null";

/** What a value may be, in a few words. */
const typeOf = (schema: JsonSchema): string => {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(PREFIX.length);
    const anchor = LINKED[name];
    return anchor === undefined ? (name.startsWith("__") ? "any JSON" : name) : `[${name}](#${anchor})`;
  }
  const choices = (schema.anyOf ?? schema.oneOf)?.filter((choice) => !isNull(choice));
  if (choices !== undefined) return [...new Set(choices.map(typeOf))].join(" or ");
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(", ");
  if (schema.prefixItems !== undefined) return `pair of ${schema.prefixItems.map(typeOf).join(" and ")}`;
  if (Array.isArray(schema.type)) return schema.type.filter((type) => type !== "null").join(" or ");
  if (schema.type === "array") {
    const items = typeOf(schema.items ?? {});
    return `list of ${items.includes(" or ") ? `(${items})` : items}`;
  }
  if (schema.type === "object" && typeof schema.additionalProperties === "object") {
    return `object of ${typeOf(schema.additionalProperties)}`;
  }
  if (schema.type === "object" && schema.properties !== undefined) {
    return `\`{ ${Object.keys(schema.properties).join(", ")} }\``;
  }
  return schema.type === FUNCTION ? "function (TypeScript)" : String(schema.type ?? "any JSON");
};

/** A description may stand at the value, beside its null, or at the part that it refers to. */
const meaningOf = (schema: JsonSchema, parts: Record<string, JsonSchema>): string => {
  if (schema.description !== undefined) return schema.description;
  const referred = schema.$ref === undefined ? undefined : parts[schema.$ref.slice(PREFIX.length)];
  const [only, ...others] = (schema.anyOf ?? []).filter((choice) => !isNull(choice));
  if (referred !== undefined) return meaningOf(referred, parts);
  return only === undefined || others.length > 0 ? "" : meaningOf(only, parts);
};

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

const rowsOf = ({ properties = {}, required = [] }: JsonSchema, parts: Record<string, JsonSchema>): string[] =>
  Object.entries(properties).map(([key, schema]) => {
    if (key === "settings") return `| \`settings\` | [settings](#settings) | | ${cell(meaningOf(schema, parts))} |`;
    const byDefault = schema.default !== undefined ? code(schema.default) : required.includes(key) ? "needed" : "";
    return `| \`${key}\` | ${[typeOf(schema), byDefault, meaningOf(schema, parts)].map(cell).join(" | ")} |`;
  });

/**
 * The keys of a part of the dialect as a Markdown table.
 *
 * @param name a part's name in the JSON Schema; `source` and `settings` are the outermost ones.
 */
export const keyTable = (name: string): string => {
  const whole = wholeDialect();
  const parts = whole.$defs ?? {};
  const part =
    name === "source" ? whole : name === "settings" ? (whole.properties?.settings as JsonSchema) : parts[name];
  if (part === undefined) throw new Error(`the dialect has no part ${name}`);
  const variants = part.properties === undefined ? (part.anyOf ?? part.oneOf ?? []) : [part];
  const rows = variants.flatMap((variant) => rowsOf(variant, parts));
  return ["| key | type | default | meaning |", "|---|---|---|---|", ...rows].join("\n");
};

const TABLE = /(<!-- keys: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** The text with the table behind every `<!-- keys: part -->` made anew. */
export const withTables = (markdown: string): string =>
  markdown.replaceAll(
    TABLE,
    (_whole, begin: string, name: string, end: string) => `${begin}\n${keyTable(name)}\n\n${end}`,
  );
