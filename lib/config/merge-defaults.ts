import { isSecretReference } from "../secrets/reference.ts";
import type { TextOrSecret } from "./resolved.ts";
import type { Column, SourceConfig } from "./schema/index.ts";
import { literal } from "./template.ts";

/** A resource in its long form. */
export type ResourceConfig = Exclude<SourceConfig["resources"][number], string>;
type ResourceDefaults = NonNullable<SourceConfig["resource_defaults"]>;
/** An endpoint in its long form. */
export type EndpointConfig = Exclude<NonNullable<ResourceConfig["endpoint"]>, string>;
/** Column hints by column name. */
export type NamedColumns = Record<string, Partial<Omit<Column, "name">>>;

/** Returns a copy without the keys whose value is undefined. */
export const defined = <T extends object>(value: T | null | undefined): T =>
  Object.fromEntries(Object.entries(value ?? {}).filter(([, inner]) => inner !== undefined)) as T;

/** Returns columns by name, from either of dlt's two forms. */
const columnsByName = (columns: ResourceConfig["columns"]): NamedColumns =>
  Array.isArray(columns)
    ? Object.fromEntries(columns.map(({ name, ...hints }) => [name, defined(hints)]))
    : Object.fromEntries(Object.entries(columns ?? {}).map(([key, { name: _, ...hints }]) => [key, defined(hints)]));

/** As in dlt, empty columns of the resource (`{}`) discard the default columns as well. */
const mergeColumns = (defaults: NamedColumns, own: NamedColumns | null): NamedColumns => {
  if (own !== null && Object.keys(own).length === 0) return {};
  const merged = { ...defaults };
  for (const [name, hints] of Object.entries(own ?? {})) merged[name] = { ...merged[name], ...hints };
  return merged;
};

type JsonBody = NonNullable<EndpointConfig["json"]>;

const mergeJson = (defaults: EndpointConfig["json"], own: JsonBody): JsonBody =>
  Array.isArray(own) || Array.isArray(defaults) || defaults == null ? own : { ...defaults, ...own };

/** A resource has one body: its own data replaces json of the defaults, and the reverse. */
const mergeBody = (defaults: EndpointConfig, { data, json }: EndpointConfig): Partial<EndpointConfig> => {
  if (data != null) return { json: undefined };
  return json != null ? { data: undefined, json: mergeJson(defaults.json, json) } : {};
};

/** Whether the rows of a resource are in the config. */
export const isStatic = ({ rows }: Pick<ResourceConfig, "rows">): boolean => rows != null;

/**
 * Merges a resource into the defaults, as dlt does: shallow; the resource wins, and its null resets a default.
 * `endpoint.params`, `endpoint.json`, `endpoint.error_handler` and the hints of each column merge one level deeper. A path of
 * the defaults has no effect: a resource without a path has its name as path. Neither has their endpoint on a resource with
 * rows.
 */
export const withDefaults = (resource: string | ResourceConfig, defaults: ResourceDefaults = {}) => {
  const own = typeof resource === "string" ? { name: resource } : resource;
  const endpoint: EndpointConfig = typeof own.endpoint === "string" ? { path: own.endpoint } : (own.endpoint ?? {});
  const given = { ...(isStatic(own) ? {} : defaults.endpoint), path: undefined };
  return {
    ...defaults,
    ...defined(own),
    endpoint: {
      ...given,
      ...defined(endpoint),
      ...mergeBody(given, endpoint),
      params: endpoint.params === null ? {} : { ...given.params, ...endpoint.params },
      error_handler:
        endpoint.error_handler === null ? {} : { ...defined(given.error_handler), ...defined(endpoint.error_handler) },
    },
    columns: mergeColumns(
      columnsByName(defaults.columns),
      own.columns === undefined ? null : columnsByName(own.columns),
    ),
  };
};

/** A resource in its long form, with `resource_defaults` merged in. */
export type MergedResource = ReturnType<typeof withDefaults>;

/**
 * Merges the endpoint's headers into the client's, whatever the case of their names; null removes one of the client's.
 * Braces in the client's headers are literal: only an endpoint's headers have placeholders (dlt).
 */
export const mergeHeaders = (
  client: SourceConfig["client"]["headers"],
  endpoint: EndpointConfig["headers"],
): Record<string, TextOrSecret> => {
  const own = new Set(Object.keys(endpoint ?? {}).map((name) => name.toLowerCase()));
  const inherited = Object.entries(client ?? {}).filter(([name]) => !own.has(name.toLowerCase()));
  const given = Object.entries(endpoint ?? {}).filter((entry): entry is [string, TextOrSecret] => entry[1] !== null);
  return Object.fromEntries([
    ...inherited.map(([name, value]) => [literal(name), isSecretReference(value) ? value : literal(value)] as const),
    ...given,
  ]);
};
