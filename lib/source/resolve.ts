import { ConfigError } from "../errors.ts";
import type { Json } from "../json.ts";
import { declaredName, normaliseName } from "../rows/names.ts";
import { SYSTEM_COLUMNS } from "../rows/table-schema.ts";
import {
  API_KEY_DEFAULTS,
  ERROR_HANDLER_DEFAULTS,
  INCREMENTAL_DEFAULTS,
  MAX_CONCURRENCY,
  MAX_TABLE_NESTING,
  OAUTH2_DEFAULTS,
  PAGINATOR_DEFAULTS,
  SETTINGS_DEFAULTS,
} from "./defaults.ts";
import { familyMistakes, inDependencyOrder } from "./dependencies.ts";
import type { AuthFunction } from "./functions.ts";
import type { Source } from "./index.ts";
import { type Mistake, mistakesError, pathText, type Report } from "./mistakes.ts";
import { type BoundParams, bindPath, fieldsOfParents, isSingleEntity } from "./placeholders.ts";
import type {
  Body,
  DeclaredColumn,
  PagePaginator,
  ResolvedAuth,
  ResolvedIncremental,
  ResolvedResource,
  ResolvedSource,
  ResponseAction,
  SchemaContract,
  TextOrSecret,
} from "./resolved.ts";
import type { Column, DataType, DeclaredType, Incremental, SourceConfig } from "./schema/index.ts";
import { isSecretReference } from "./secret.ts";
import { literal } from "./template.ts";

export type { ResolvedResource, ResolvedSource } from "./resolved.ts";

type ResourceConfig = Exclude<SourceConfig["resources"][number], string>;
type ResourceDefaults = NonNullable<SourceConfig["resource_defaults"]>;
type EndpointConfig = Exclude<NonNullable<ResourceConfig["endpoint"]>, string>;
type NamedColumns = Record<string, Partial<Column>>;

const defined = <T extends object>(value: T | null | undefined): T =>
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
const withDefaults = (resource: string | ResourceConfig, defaults: ResourceDefaults = {}) => {
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

/** The body's paths that take the place of a query parameter, per parameter. */
const IN_BODY = {
  page_param: "page_body_path",
  offset_param: "offset_body_path",
  limit_param: "limit_body_path",
  cursor_param: "cursor_body_path",
} as const;

const resolvePaginator = (given: EndpointConfig["paginator"], isSingle: boolean): ResolvedResource["paginator"] => {
  const wanted = given ?? (isSingle ? "single_page" : "auto");
  const { type, ...own } = typeof wanted === "string" ? { type: wanted } : wanted;
  if (type === "auto") return { type };
  const known = type === "json_response" ? "json_link" : type;
  const defaults: Record<string, unknown> = {
    ...(Object.hasOwn(PAGINATOR_DEFAULTS, known) ? PAGINATOR_DEFAULTS[known as keyof typeof PAGINATOR_DEFAULTS] : {}),
  };
  const options = defined(own) as Record<string, unknown>;
  for (const [parameter, path] of Object.entries(IN_BODY)) {
    if (options[path] != null) delete defaults[parameter];
    if (options[parameter] === null) delete options[parameter];
  }
  return { type: known, ...defaults, ...options } as PagePaginator;
};

/** Tells of a GET with a body, which fetch refuses to send; and of a body that cannot take the paginator's values. */
const checkBody = (method: string, paginator: object, body: Body | null, report: Report): void => {
  const inBody = Object.values(IN_BODY).find((key) => (paginator as Record<string, unknown>)[key] != null);
  const post = 'a GET carries no body: give the endpoint method: "POST"';
  if (method === "GET" && body !== null) report(["endpoint", "json" in body ? "json" : "data"], post);
  if (inBody === undefined) return;
  if (method === "GET" && body === null) report(["endpoint", "paginator"], `has a ${inBody}, and ${post}`);
  if (body === null || ("json" in body && !Array.isArray(body.json))) return;
  report(["endpoint", "paginator"], `has a ${inBody}, and the body is no JSON object: give the endpoint json`);
};

const resolveAuth = (given: EndpointConfig["auth"]): ResolvedAuth | null => {
  if (given == null || typeof given === "function") return given ?? null;
  const auth = defined(given) as Exclude<ResolvedAuth, AuthFunction>;
  // dlt: a token alone is a bearer's.
  if (!("type" in auth)) return { ...(auth as object), type: "bearer" } as ResolvedAuth;
  if (auth.type === "api_key") return { ...API_KEY_DEFAULTS, ...auth } as ResolvedAuth;
  return auth.type === "oauth2_client_credentials" ? ({ ...OAUTH2_DEFAULTS, ...auth } as ResolvedAuth) : auth;
};

/**
 * The endpoint's headers over the client's, whatever their case; null removes the client's. Those are sent as they are: only
 * an endpoint's have placeholders (dlt).
 */
const mergeHeaders = (
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

const asText = (value: string | number | boolean): string => String(value);

type PlainParam = string | number | boolean | { secret: string } | (string | number | boolean)[];

const resolveParam = (value: PlainParam): TextOrSecret | string[] => {
  if (Array.isArray(value)) return value.map(asText);
  return typeof value === "object" ? value : asText(value);
};

/** The endpoint's parameters by what they are: sent, bound to a parent, or the cursor's. */
const sortParams = (params: EndpointConfig["params"]) => {
  const plain: Record<string, TextOrSecret | string[]> = {};
  const bound: BoundParams = {};
  const cursors: { name: string; incremental: Incremental }[] = [];
  for (const [name, value] of Object.entries(params ?? {})) {
    if (value == null) continue;
    if (typeof value === "object" && "type" in value) {
      if (value.type === "resolve") bound[name] = { resource: normaliseName(value.resource), field: value.field };
      else {
        const { type: _form, ...incremental } = value;
        cursors.push({ name, incremental });
      }
    } else plain[name] = resolveParam(value);
  }
  return { plain, bound, cursors };
};

const resolveIncremental = (
  given: EndpointConfig["incremental"],
  cursors: { name: string; incremental: Incremental }[],
  primary_key: string[],
  report: Report,
): ResolvedIncremental | null => {
  const forms = [
    ...(given == null ? [] : [{ path: ["incremental"], incremental: given }]),
    ...cursors.map(({ name, incremental }) => ({ path: ["params", name], incremental })),
  ];
  const [first, ...others] = forms;
  for (const { path } of others) {
    const message = `is an incremental beside ${pathText(["endpoint", ...(first?.path ?? [])])}: a resource follows one cursor`;
    report(["endpoint", ...path], message);
  }
  const incremental = first?.incremental;
  if (incremental === undefined) return null;
  const own = { ...INCREMENTAL_DEFAULTS, ...defined(incremental) };
  const { initial_value = null, end_value = null, row_order = null, start_param = null, end_param = null } = own;
  const key = incremental.primary_key == null ? primary_key : [incremental.primary_key].flat();
  const lag = own.lag ?? 0;
  const isDeduplicated =
    !(Array.isArray(incremental.primary_key) && key.length === 0) &&
    lag === 0 &&
    end_value === null &&
    own.range_start === "closed";
  return {
    cursor_path: own.cursor_path,
    initial_value,
    end_value,
    last_value_func: own.last_value_func,
    dedup_key: isDeduplicated ? key : null,
    row_order,
    on_cursor_value_missing: own.on_cursor_value_missing,
    lag,
    range_start: own.range_start,
    range_end: own.range_end,
    start_param: cursors[0]?.name ?? start_param,
    end_param,
    convert: own.convert ?? null,
  };
};

const resolveBody = ({ json, data }: EndpointConfig): Body | null => {
  if (json != null) return { json: json as Json };
  if (data == null) return null;
  if (typeof data === "string") return { text: data };
  const pairs = Array.isArray(data) ? data : Object.entries(data);
  return {
    form: pairs.flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, TextOrSecret] => [name, isSecretReference(one) ? one : asText(one)]),
    ),
  };
};

const resolveActions = (given: EndpointConfig["response_actions"]): ResponseAction[] =>
  (given ?? []).map((entry) =>
    typeof entry === "function"
      ? { status_code: null, content: null, actions: [entry] }
      : {
          status_code: entry.status_code ?? null,
          content: entry.content ?? null,
          actions: [entry.action].flat() as ResponseAction["actions"],
        },
  );

/** The types of dlt that are none of ours. */
const OTHER_TYPES: Partial<Record<DeclaredType, DataType>> = { binary: "text", time: "text", wei: "decimal" };

const resolveColumns = (columns: NamedColumns, primary_key: string[]): Record<string, DeclaredColumn> => {
  // A config may name one column as the API does and as the table does.
  const key = new Set(primary_key.map(declaredName));
  const declared: Record<string, DeclaredColumn> = {};
  for (const [name, { data_type, nullable }] of Object.entries(columns)) {
    if (data_type === undefined) continue;
    declared[name] = {
      data_type: OTHER_TYPES[data_type] ?? (data_type as DataType),
      nullable: nullable ?? !key.has(declaredName(name)),
    };
  }
  return declared;
};

/** One word is said of all three (dlt). */
const resolveContract = (given: ResourceConfig["schema_contract"]): SchemaContract => {
  const all = typeof given === "string" ? given : "evolve";
  return { tables: all, columns: all, data_type: all, ...(typeof given === "object" ? defined(given) : {}) };
};

const resolveDisposition = (given: ResourceConfig["write_disposition"]) =>
  (typeof given === "object" ? given?.disposition : given) ?? "append";

/** What is said of one column twice, under names that are one name in the table; and of columns that are not the API's. */
const checkColumns = (columns: NamedColumns, report: Report): void => {
  const seen = new Map<string, string>();
  for (const written of Object.keys(columns)) {
    const name = declaredName(written);
    const other = seen.get(name);
    if (other !== undefined) report(["columns", written], `is the column ${name}, which ${other} is as well: keep one`);
    seen.set(name, written);
    if (SYSTEM_COLUMNS.some((column) => column.name === name)) {
      report(["columns", written], "is a column of restlake's own, which has its type already");
    }
  }
};

type Unordered = Omit<ResolvedResource, "fields_for_children">;

const resolveResource = (
  config: SourceConfig,
  given: string | ResourceConfig,
  names: string[] | null,
  report: Report,
): Unordered => {
  const resource = withDefaults(given, config.resource_defaults ?? {});
  const { endpoint } = resource;
  const name = normaliseName(resource.name);
  const { plain, bound, cursors } = sortParams(endpoint.params);
  const marked = Object.entries(resource.columns).flatMap(([column, hints]) => (hints.primary_key ? [column] : []));
  const named = [resource.primary_key ?? []].flat();
  const primary_key = named.length > 0 ? named : marked;
  checkColumns(resource.columns, report);
  const incremental = resolveIncremental(endpoint.incremental, cursors, primary_key, report);
  const written = endpoint.path ?? resource.name;
  const { path, params } = bindPath(written, { plain, bound, cursors: cursors.map((cursor) => cursor.name) }, report);
  const headers = mergeHeaders(config.client.headers, endpoint.headers);
  const body = resolveBody(endpoint);
  const parent = fieldsOfParents({ path, params, headers, body }, { incremental, bound, names }, report);
  const include = resource.include_from_parent ?? [];
  if (include.length > 0 && parent === null) {
    report(["include_from_parent"], "needs a parent: name one in a placeholder, {resources.<parent>.<field>}");
  }
  const isSingle = isSingleEntity(written);
  const paginator = resolvePaginator(endpoint.paginator ?? (isSingle ? null : config.client.paginator), isSingle);
  checkBody(endpoint.method ?? "GET", paginator, body, report);
  const disposition = resolveDisposition(resource.write_disposition);
  return {
    name,
    table: resource.table_name == null ? name : normaliseName(resource.table_name),
    method: endpoint.method ?? "GET",
    path,
    params,
    body,
    headers,
    // dlt: null at an endpoint is no auth at all.
    auth: resolveAuth(endpoint.auth === undefined ? config.client.auth : endpoint.auth),
    parent: parent === null ? null : { ...parent, include },
    parallelized: resource.parallelized ?? false,
    max_concurrency: endpoint.max_concurrency ?? config.client.max_concurrency ?? MAX_CONCURRENCY,
    paginator,
    data_selector: endpoint.data_selector ?? (isSingle ? "$" : null),
    response_actions: resolveActions(endpoint.response_actions),
    processing_steps: resource.processing_steps ?? [],
    incremental,
    error_handler: {
      ...ERROR_HANDLER_DEFAULTS,
      retry_on_status_codes: [...ERROR_HANDLER_DEFAULTS.retry_on_status_codes],
      ...defined(config.client.error_handler),
      ...defined(endpoint.error_handler),
    },
    write_disposition: disposition === "skip" ? "append" : disposition,
    primary_key,
    columns: resolveColumns(resource.columns, primary_key),
    schema_contract: resolveContract(resource.schema_contract),
    max_table_nesting: resource.max_table_nesting ?? MAX_TABLE_NESTING,
    selected: (resource.selected ?? true) && disposition !== "skip",
  };
};

const nameOf = (given: unknown): string | null => {
  const name = typeof given === "object" ? (given as { name?: unknown } | null)?.name : given;
  return typeof name === "string" ? normaliseName(name) : null;
};

/** The resources as far as they can be told, and all that is wrong between them. */
const resolveAll = (config: SourceConfig, unsound: ReadonlySet<number>) => {
  const mistakes: Mistake[] = [];
  const names = config.resources.map(nameOf);
  const known = names.filter((name) => name !== null);
  // Where one has no name, any may be meant.
  const parents = known.length === names.length ? known : null;
  const resources = config.resources.map((given, resource) => {
    if (unsound.has(resource)) return null;
    const report: Report = (path, message) => mistakes.push({ resource, path, message });
    try {
      return resolveResource(config, given, parents, report);
    } catch (error) {
      // A name that is the path as well is a template only there.
      if (!(error instanceof ConfigError)) throw error;
      report(["endpoint", "path"], error.message);
      return null;
    }
  });
  const family = names.map((name, index) => ({ name, parent: resources[index]?.parent?.resource ?? null }));
  mistakes.push(...familyMistakes(family));
  return { names, resources, mistakes };
};

/**
 * What is wrong between the parts of a config, each of which fits the schema: an unknown parent, a circle of parents, a
 * placeholder that nothing binds or that never has a value, several cursors, two resources of one name, a body that cannot
 * be sent.
 *
 * @param unsound indices of resources that do not fit the schema: nothing but their names is looked at.
 */
export const mistakesBetween = (config: SourceConfig, unsound: ReadonlySet<number> = new Set()): Mistake[] =>
  resolveAll(config, unsound).mistakes;

/**
 * Applies the defaults and puts the resources in dependency order (parents first, otherwise as they were written).
 *
 * @param overrides `base_url` of the stage, when it is not the config's.
 * @throws ConfigError with a line for each of `mistakesBetween`.
 */
export const resolveSource = (source: Source, overrides: { base_url?: string } = {}): ResolvedSource => {
  const { config, settings } = source;
  const { schedule: _schedule, timezone: _timezone, ...bounds } = settings;
  const { names, resources, mistakes } = resolveAll(config, new Set());
  if (mistakes.length > 0) throw mistakesError(config.name, mistakes, names);
  return {
    name: config.name,
    base_url: overrides.base_url ?? config.client.base_url,
    rate_limit: config.client.rate_limit ?? null,
    resources: inDependencyOrder(resources as Unordered[]),
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
