import { ConfigError, type Place } from "../errors.ts";
import { API_KEY_DEFAULTS, ERROR_HANDLER_DEFAULTS, PAGINATOR_DEFAULTS, SETTINGS_DEFAULTS } from "./defaults.ts";
import { inDependencyOrder } from "./dependencies.ts";
import type { Source } from "./index.ts";
import type { Binding, ResolvedResource, ResolvedSource } from "./resolved.ts";
import type { Paginator, SourceConfig } from "./schema/index.ts";

export type { ResolvedResource, ResolvedSource } from "./resolved.ts";

type ResourceConfig = Exclude<SourceConfig["resources"][number], string>;
type ResourceDefaults = NonNullable<SourceConfig["resource_defaults"]>;
type EndpointConfig = Exclude<NonNullable<ResourceConfig["endpoint"]>, string>;

const defined = <T extends object>(value: T | null | undefined): T =>
  Object.fromEntries(Object.entries(value ?? {}).filter(([, inner]) => inner !== undefined)) as T;

/**
 * dlt's merge: shallow, the resource wins, its null resets a default; `endpoint.params`, `endpoint.error_handler` and
 * `columns` merge one level deeper.
 */
const withDefaults = (resource: string | ResourceConfig, defaults: ResourceDefaults = {}) => {
  const own = typeof resource === "string" ? { name: resource } : resource;
  const endpoint: EndpointConfig = typeof own.endpoint === "string" ? { path: own.endpoint } : (own.endpoint ?? {});
  return {
    ...defaults,
    ...defined(own),
    endpoint: {
      ...defaults.endpoint,
      ...defined(endpoint),
      params: endpoint.params === null ? {} : { ...defaults.endpoint?.params, ...endpoint.params },
      error_handler:
        endpoint.error_handler === null
          ? {}
          : { ...defined(defaults.endpoint?.error_handler), ...defined(endpoint.error_handler) },
    },
    columns: own.columns === null ? {} : { ...defaults.columns, ...own.columns },
  };
};

const resolvePaginator = (given: EndpointConfig["paginator"], place: Place): Paginator => {
  if (given == null) {
    throw new ConfigError("no paginator: give one to the endpoint, to resource_defaults or to the client", place);
  }
  const paginator = typeof given === "string" ? { type: given } : given;
  return { ...PAGINATOR_DEFAULTS[paginator.type], ...defined(paginator) } as Paginator;
};

const resolveResource = (
  config: SourceConfig,
  given: string | ResourceConfig,
): Omit<ResolvedResource, "fields_for_children"> => {
  const resource = withDefaults(given, config.resource_defaults);
  const { endpoint } = resource;
  const path = endpoint.path ?? resource.name;
  const params: Record<string, string> = {};
  const bindings: (Binding & { resource: string })[] = [];
  for (const [name, value] of Object.entries(endpoint.params ?? {})) {
    if (value === null) continue;
    if (typeof value === "object") bindings.push({ placeholder: name, field: value.field, resource: value.resource });
    else params[name] = String(value);
  }
  const primary_key = [resource.primary_key ?? []].flat();
  const parents = new Set(bindings.map((binding) => binding.resource));
  if (parents.size > 1) {
    throw new ConfigError(`is bound to several parents (${[...parents].join(", ")}): a resource has at most one`, {
      source: config.name,
      resource: resource.name,
    });
  }
  const [parent] = parents;
  const include = resource.include_from_parent ?? [];
  if (include.length > 0 && parent === undefined) {
    throw new ConfigError("include_from_parent needs a parent: bind a parameter with type: resolve", {
      source: config.name,
      resource: resource.name,
    });
  }
  return {
    name: resource.name,
    table: resource.table_name ?? resource.name,
    method: endpoint.method ?? "GET",
    path,
    params,
    headers: endpoint.headers ?? {},
    parent:
      parent === undefined
        ? null
        : { resource: parent, bindings: bindings.map(({ placeholder, field }) => ({ placeholder, field })), include },
    paginator: resolvePaginator(endpoint.paginator ?? config.client.paginator, {
      source: config.name,
      resource: resource.name,
    }),
    data_selector: endpoint.data_selector ?? null,
    incremental: endpoint.incremental ?? null,
    error_handler: {
      ...ERROR_HANDLER_DEFAULTS,
      retry_on_status_codes: [...ERROR_HANDLER_DEFAULTS.retry_on_status_codes],
      ...defined(config.client.error_handler),
      ...defined(endpoint.error_handler),
    },
    write_disposition: resource.write_disposition ?? "append",
    primary_key,
    columns: Object.fromEntries(
      Object.entries(resource.columns).map(([name, column]) => [
        name,
        { ...column, nullable: column.nullable ?? !primary_key.includes(name) },
      ]),
    ),
    selected: resource.selected ?? true,
  };
};

/**
 * Applies the defaults and puts the resources in dependency order (parents first, otherwise as they were written).
 *
 * @param overrides `base_url` of the stage, when it is not the config's.
 * @throws ConfigError for what only shows between the parts: a resource without a paginator, an unknown parent,
 *   a cycle, a placeholder that nothing binds, two resources of one name.
 */
export const resolveSource = (source: Source, overrides: { base_url?: string } = {}): ResolvedSource => {
  const { config, settings } = source;
  const { schedule: _schedule, timezone: _timezone, ...bounds } = settings;
  const { auth } = config.client;
  return {
    name: config.name,
    base_url: overrides.base_url ?? config.client.base_url,
    headers: config.client.headers ?? {},
    auth: auth == null ? null : auth.type === "api_key" ? { ...API_KEY_DEFAULTS, ...defined(auth) } : auth,
    resources: inDependencyOrder(
      config.name,
      config.resources.map((resource) => resolveResource(config, resource)),
    ),
    settings: { ...SETTINGS_DEFAULTS, ...defined(bounds) },
  };
};

/**
 * The resource of that name.
 *
 * @throws ConfigError naming the ones that exist.
 */
export const findResource = (source: ResolvedSource, name: string): ResolvedResource => {
  const resource = source.resources.find((candidate) => candidate.name === name);
  if (resource === undefined) {
    const known = source.resources.map((candidate) => candidate.name).join(", ");
    throw new ConfigError(`there is no resource ${JSON.stringify(name)}; there are: ${known}`, { source: source.name });
  }
  return resource;
};
