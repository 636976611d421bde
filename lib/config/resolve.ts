import { declaredName, normaliseName } from "../columns/names.ts";
import { type DeclaredColumn, SYSTEM_COLUMNS } from "../columns/table-schema.ts";
import { type DataType, decimalDigits, MAX_PRECISION } from "../columns/types.ts";
import { ConfigError } from "../errors/index.ts";
import { ERROR_HANDLER_DEFAULTS, MAX_CONCURRENCY, MAX_TABLE_NESTING, SETTINGS_DEFAULTS } from "./defaults.ts";
import { dependencyErrors, inDependencyOrder } from "./dependencies.ts";
import type { Source } from "./index.ts";
import { defined, mergeHeaders, type NamedColumns, type ResourceConfig, withDefaults } from "./merge-defaults.ts";
import { bindPath, fieldsOfParents, isSingleEntity } from "./placeholders.ts";
import {
  checkBody,
  resolveActions,
  resolveAuth,
  resolveBody,
  resolveIncremental,
  resolvePaginator,
  sortParams,
} from "./resolve-endpoint.ts";
import type { DedupSort, ResolvedResource, ResolvedSource, SchemaContract } from "./resolved.ts";
import type { DeclaredType, SourceConfig } from "./schema/index.ts";
import { asConfigError, type Report, type ValidationError } from "./validation-errors.ts";

export type { ResolvedResource, ResolvedSource } from "./resolved.ts";

/** The types of dlt that are none of ours. */
const OTHER_TYPES: Partial<Record<DeclaredType, DataType>> = { binary: "text", time: "text", wei: "decimal" };

/** dlt's `wei`: an integer with as many digits as a decimal can have. */
const WEI = { precision: 38, scale: 0 };

const digitsOf = ({ data_type, precision, scale }: NamedColumns[string]) => {
  if (data_type === "wei") return WEI;
  return data_type === "decimal" ? defined({ precision, scale }) : {};
};

/** What has an effect on a column. A column of the primary key may not be null, unless the config says that it may (dlt). */
const resolveColumns = (columns: NamedColumns, primary_key: string[]): Record<string, DeclaredColumn> => {
  // A config may name one column as the API does and as the table does.
  const key = new Set(primary_key.map(declaredName));
  const said = new Set(Object.keys(columns).map(declaredName));
  const unsaid = primary_key.filter((name) => !said.has(declaredName(name)));
  const declared: Record<string, DeclaredColumn> = Object.fromEntries(
    unsaid.map((name) => [name, { nullable: false }]),
  );
  for (const [name, hints] of Object.entries(columns)) {
    const { data_type: type } = hints;
    const data_type = type === undefined ? undefined : (OTHER_TYPES[type] ?? (type as DataType));
    const nullable = hints.nullable ?? !key.has(declaredName(name));
    if (data_type === undefined && nullable) continue;
    declared[name] = { ...(data_type && { data_type }), nullable, ...digitsOf(hints) };
  }
  return declared;
};

/** The first column of which this is said; dlt takes the first as well. */
const columnWith = (columns: NamedColumns, hint: "hard_delete" | "dedup_sort"): string | null =>
  Object.keys(columns).find((name) => columns[name]?.[hint]) ?? null;

const resolveDedupSort = (columns: NamedColumns): DedupSort | null => {
  const column = columnWith(columns, "dedup_sort");
  const order = column === null ? undefined : columns[column]?.dedup_sort;
  return column === null || order === undefined ? null : { column, order };
};

/** One word is said of all three (dlt). */
const resolveContract = (given: ResourceConfig["schema_contract"]): SchemaContract => {
  const all = typeof given === "string" ? given : "evolve";
  return { tables: all, columns: all, data_type: all, ...(typeof given === "object" ? defined(given) : {}) };
};

const resolveDisposition = (given: ResourceConfig["write_disposition"]) =>
  (typeof given === "object" ? given?.disposition : given) ?? "append";

const checkDigits = (written: string, hints: NamedColumns[string], report: Report): void => {
  const { precision, scale } = decimalDigits(defined({ precision: hints.precision, scale: hints.scale }));
  if (precision > MAX_PRECISION) {
    report(["columns", written, "precision"], `is ${precision}, and ${MAX_PRECISION} is the most that engines have`);
  } else if (scale > precision) {
    if (hints.scale === undefined)
      report(["columns", written], `needs a scale: it is ${scale}, more than the precision`);
    else report(["columns", written, "scale"], `is ${scale}, more than the precision of ${precision}`);
  }
};

/** What is said of one column twice, under names that are one name in the table; and of columns that are not the API's. */
const checkColumns = (columns: NamedColumns, report: Report): void => {
  const seen = new Map<string, string>();
  for (const [written, hints] of Object.entries(columns)) {
    const name = declaredName(written);
    const other = seen.get(name);
    if (other !== undefined) report(["columns", written], `is the column ${name}, which ${other} is as well: keep one`);
    seen.set(name, written);
    if (SYSTEM_COLUMNS.some((column) => column.name === name)) {
      report(["columns", written], "is a column of restlake's own, which has its type already");
    }
    if (hints.data_type === "decimal") checkDigits(written, hints, report);
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
  const key = (hint: "primary_key" | "merge_key") => {
    const named = [resource[hint] ?? []].flat();
    return named.length > 0
      ? named
      : Object.keys(resource.columns).filter((column) => resource.columns[column]?.[hint]);
  };
  const primary_key = key("primary_key");
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
  const isSelected = (resource.selected ?? true) && disposition !== "skip";
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
    merge_key: key("merge_key"),
    hard_delete: columnWith(resource.columns, "hard_delete"),
    dedup_sort: resolveDedupSort(resource.columns),
    file_format: isSelected && resource.file_format === "parquet" ? "parquet" : "jsonl",
    columns: resolveColumns(resource.columns, primary_key),
    schema_contract: resolveContract(resource.schema_contract),
    max_table_nesting: resource.max_table_nesting ?? MAX_TABLE_NESTING,
    selected: isSelected,
  };
};

const nameOf = (given: unknown): string | null => {
  const name = typeof given === "object" ? (given as { name?: unknown } | null)?.name : given;
  return typeof name === "string" ? normaliseName(name) : null;
};

/** The resources as far as they can be told, and all that is wrong between them. */
const resolveAll = (config: SourceConfig, unsound: ReadonlySet<number>) => {
  const mistakes: ValidationError[] = [];
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
  mistakes.push(...dependencyErrors(family));
  return { names, resources, mistakes };
};

/**
 * What is wrong between the parts of a config, each of which fits the schema: an unknown parent, a circle of parents, a
 * placeholder that nothing binds or that never has a value, several cursors, two resources of one name, a body that cannot
 * be sent.
 *
 * @param unsound indices of resources that do not fit the schema: nothing but their names is looked at.
 */
export const errorsBetween = (config: SourceConfig, unsound: ReadonlySet<number> = new Set()): ValidationError[] =>
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
  if (mistakes.length > 0) throw asConfigError(config.name, mistakes, names);
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
    throw new ConfigError(`unknown resource ${JSON.stringify(name)}: choose from ${known}`, { source: source.name });
  }
  return resource;
};
