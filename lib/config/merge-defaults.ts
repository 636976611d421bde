import { isSecretReference } from "../secrets/reference.ts";
import type { TextOrSecret } from "./resolved.ts";
import type { Column, SourceConfig } from "./schema/index.ts";
import { literal } from "./template.ts";

/** A resource, as it is written out. */
export type ResourceConfig = Exclude<SourceConfig["resources"][number], string>;
type ResourceDefaults = NonNullable<SourceConfig["resource_defaults"]>;
/** An endpoint, as it is written out. */
export type EndpointConfig = Exclude<NonNullable<ResourceConfig["endpoint"]>, string>;
/** What is said of columns, by name. */
export type NamedColumns = Record<string, Partial<Column>>;

/** The value without what is undefined in it. */
export const defined = <T extends object>(value: T | null | undefined): T =>
  Object.fromEntries(Object.entries(value ?? {}).filter(([, inner]) => inner !== undefined)) as T;

/** dlt's two forms of columns as one. */
const columnsByName = (columns: ResourceConfig["columns"]): NamedColumns =>
  Array.isArray(columns)
    ? Object.fromEntries(columns.map(({ name, ...hints }) => [name, defined(hints)]))
    : Object.fromEntries(Object.entries(columns ?? {}).map(([name, hints]) => [name, defined(hints)]));

/** As in dlt, none of one's own at all, `{}`, means none of the defaults either. */
const mergeColumns = (defaults: NamedColumns, own: NamedColumns | null): NamedColumns => {
  if (own !== null && Object.keys(own).length === 0) return {};
  const merged = { ...defaults };
  for (const [name, hints] of Object.entries(own ?? {})) merged[name] = { ...merged[name], ...hints };
  return merged;
};

type JsonBody = NonNullable<EndpointConfig["json"]>;

const mergeJson = (defaults: EndpointConfig["json"], own: JsonBody): JsonBody =>
  Array.isArray(own) || Array.isArray(defaults) || defaults == null ? own : { ...defaults, ...own };

/**
 * dlt's merge: shallow, the resource wins, its null resets a default; `endpoint.params`, `endpoint.json`,
 * `endpoint.error_handler` and the hints of each column merge one level deeper.
 */
export const withDefaults = (resource: string | ResourceConfig, defaults: ResourceDefaults = {}) => {
  const own = typeof resource === "string" ? { name: resource } : resource;
  const endpoint: EndpointConfig = typeof own.endpoint === "string" ? { path: own.endpoint } : (own.endpoint ?? {});
  const given = defaults.endpoint ?? {};
  // A resource has one body: its own takes the place of the other kind of the defaults.
  const body =
    endpoint.data != null
      ? { json: undefined }
      : endpoint.json != null
        ? { data: undefined, json: mergeJson(given.json, endpoint.json) }
        : {};
  return {
    ...defaults,
    ...defined(own),
    endpoint: {
      ...given,
      ...defined(endpoint),
      ...body,
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

/**
 * The endpoint's headers over the client's, whatever their case; null removes the client's. Those are sent as they are: only
 * an endpoint's have placeholders (dlt).
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
