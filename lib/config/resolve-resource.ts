import { normaliseName } from "../columns/names.ts";
import { ENDPOINT_DEFAULTS, ERROR_HANDLER_DEFAULTS, RESOURCE_DEFAULTS, STATIC_WRITE_DISPOSITION } from "./defaults.ts";
import type { UnlinkedResource } from "./dependencies.ts";
import {
  defined,
  type EndpointConfig,
  isStatic,
  type MergedResource,
  mergeHeaders,
  type ResourceConfig,
  withDefaults,
} from "./merge-defaults.ts";
import { withoutInheritedSecrets } from "./other-origin.ts";
import { bindPath, fieldsOfParents, isSingleEntity } from "./placeholders.ts";
import { checkColumns, columnWith, resolveColumns, resolveDedupSort } from "./resolve-columns.ts";
import {
  checkBody,
  checkKeyColumn,
  resolveActions,
  resolveAuth,
  resolveBody,
  resolveIncremental,
  resolvePaginator,
  sortParams,
} from "./resolve-endpoint.ts";
import { resolveSteps } from "./resolve-steps.ts";
import type { SchemaContract } from "./resolved.ts";
import type { SourceConfig } from "./schema/index.ts";
import { resolveRows, withoutRequest } from "./static-rows.ts";
import type { Report } from "./validation-errors.ts";

type ClientConfig = SourceConfig["client"];

/** Returns the columns of a key: those that the resource names, otherwise those with the hint. */
const keyOf = (resource: MergedResource, hint: "primary_key" | "merge_key"): string[] => {
  const named = [resource[hint] ?? []].flat();
  if (named.length > 0) return named;
  return Object.keys(resource.columns).filter((column) => resource.columns[column]?.[hint]);
};

/** Resolves what is sent: URL, parameters, headers, body, and the parent and cursor that placeholders in them name. */
const resolveRequest = (client: ClientConfig, resource: MergedResource, names: string[] | null, report: Report) => {
  const { endpoint } = resource;
  const { plain, bound, cursors } = sortParams(endpoint.params);
  const incremental = resolveIncremental(endpoint.incremental, cursors, keyOf(resource, "primary_key"), report);
  const sorted = { plain, bound, cursors: cursors.map((cursor) => cursor.name) };
  const { path, params, path_secrets } = bindPath(endpoint.path ?? resource.name, sorted, report);
  const headers = mergeHeaders(client.headers, endpoint.headers);
  const body = resolveBody(endpoint);
  const parent = fieldsOfParents({ path, params, headers, body }, { incremental, bound, names }, report);
  const include = resource.include_from_parent ?? [];
  if (include.length > 0 && parent === null) {
    report(
      ["include_from_parent"],
      "resource without a parent: name one in a placeholder {resources.<parent>.<field>}",
    );
  }
  return {
    method: endpoint.method ?? ENDPOINT_DEFAULTS.method,
    path,
    path_secrets,
    params,
    headers,
    body,
    incremental,
    parent: parent === null ? null : { ...parent, include },
  };
};

/** Returns the selector; null to detect the rows in each response, which an empty one does even for a single entity (dlt). */
const selectorOf = (given: EndpointConfig["data_selector"], isSingle: boolean): string | null =>
  given === "" ? null : (given ?? (isSingle ? "$" : null));

/** Resolves how responses are requested and read: auth, pages, rows, retries, concurrency. */
const resolveResponses = (client: ClientConfig, { endpoint, name }: MergedResource) => {
  const isSingle = isSingleEntity(endpoint.path ?? name);
  return {
    // dlt: null at an endpoint means no auth.
    auth: resolveAuth(endpoint.auth === undefined ? client.auth : endpoint.auth),
    paginator: resolvePaginator(endpoint.paginator ?? (isSingle ? null : client.paginator), isSingle),
    data_selector: selectorOf(endpoint.data_selector, isSingle),
    key_column: endpoint.key_column ?? null,
    on_missing_data: endpoint.on_missing_data ?? ENDPOINT_DEFAULTS.on_missing_data,
    response_actions: resolveActions(endpoint.response_actions),
    response_format: endpoint.response_format ?? null,
    max_concurrency: endpoint.max_concurrency ?? client.max_concurrency ?? ENDPOINT_DEFAULTS.max_concurrency,
    error_handler: {
      ...ERROR_HANDLER_DEFAULTS,
      retry_on_status_codes: [...ERROR_HANDLER_DEFAULTS.retry_on_status_codes],
      ...defined(client.error_handler),
      ...defined(endpoint.error_handler),
    },
  };
};

/** A contract in one word applies to tables, columns and data types (dlt). */
const resolveContract = (given: ResourceConfig["schema_contract"]): SchemaContract => {
  const all = typeof given === "string" ? given : RESOURCE_DEFAULTS.schema_contract;
  return { tables: all, columns: all, data_type: all, ...(typeof given === "object" ? defined(given) : {}) };
};

const dispositionOf = ({ write_disposition: given, rows }: MergedResource) => {
  const { disposition, strategy } = typeof given === "object" && given !== null ? given : { disposition: given };
  const byDefault = isStatic({ rows }) ? STATIC_WRITE_DISPOSITION : RESOURCE_DEFAULTS.write_disposition;
  return {
    disposition: disposition ?? byDefault,
    insert_only: disposition === "merge" && strategy === "insert-only",
  };
};

/** Resolves how rows are processed and stored: steps, table, keys, columns, files. */
const resolveTable = (resource: MergedResource, report: Report) => {
  const { columns, table_name } = resource;
  const renamed_from = [resource.renamed_from ?? []].flat().map(normaliseName);
  if (renamed_from.length > 0 && table_name == null) {
    report(
      ["renamed_from"],
      `renamed_from without table_name: set table_name to the table that ${renamed_from[0]} had`,
    );
  }
  const primary_key = keyOf(resource, "primary_key");
  const { disposition, insert_only } = dispositionOf(resource);
  if (insert_only && primary_key.length === 0) {
    report(["write_disposition", "strategy"], "insert-only without primary_key: name the columns that identify a row");
  }
  const selected = (resource.selected ?? RESOURCE_DEFAULTS.selected) && disposition !== "skip";
  return {
    renamed_from,
    table: normaliseName(table_name ?? resource.name),
    write_disposition: disposition === "skip" ? RESOURCE_DEFAULTS.write_disposition : disposition,
    primary_key,
    merge_key: keyOf(resource, "merge_key"),
    hard_delete: columnWith(columns, "hard_delete"),
    dedup_sort: resolveDedupSort(columns),
    insert_only,
    on_missing_rows: resource.on_missing_rows ?? RESOURCE_DEFAULTS.on_missing_rows,
    processing_steps: resolveSteps(resource.processing_steps),
    // A resource that is not loaded has no table whose files could be Parquet.
    file_format: selected && resource.file_format === "parquet" ? "parquet" : RESOURCE_DEFAULTS.file_format,
    columns: resolveColumns(columns, primary_key),
    schema_contract: resolveContract(resource.schema_contract),
    max_table_nesting: resource.max_table_nesting ?? RESOURCE_DEFAULTS.max_table_nesting,
    selected,
  } as const;
};

/** Resolves which rows of the parent are skipped. In `resource_defaults` it has no effect on resources without a parent. */
const resolveSkipping = (
  given: string | ResourceConfig,
  { on_missing_parent_field, on_error }: MergedResource,
  isChild: boolean,
  report: Report,
) => {
  for (const key of ["on_missing_parent_field", "on_error"] as const) {
    if (!isChild && typeof given === "object" && given[key] === "skip") {
      report([key], "resource without a parent: nothing can be skipped");
    }
  }
  return {
    on_missing_parent_field: on_missing_parent_field ?? RESOURCE_DEFAULTS.on_missing_parent_field,
    on_error: on_error ?? RESOURCE_DEFAULTS.on_error,
  };
};

/**
 * Applies all defaults to a resource.
 *
 * @param names the names of all resources; null if some are unknown.
 * @param report receives errors in the relations between keys and resources.
 * @throws ConfigError for a name that is also the path and is not a valid template.
 */
export const resolveResource = (
  config: SourceConfig,
  given: string | ResourceConfig,
  names: string[] | null,
  report: Report,
): UnlinkedResource => {
  const merged = withDefaults(given, config.resource_defaults ?? {});
  checkColumns(merged.columns, report);
  const { client, resource, other_origin } = isStatic(merged)
    ? withoutRequest(config.client, merged)
    : withoutInheritedSecrets(config.client, merged, given);
  const request = resolveRequest(client, resource, names, report);
  const responses = resolveResponses(client, resource);
  checkBody(request.method, responses.paginator, request.body, report);
  checkKeyColumn(responses, report);
  return {
    name: normaliseName(resource.name),
    rows: resolveRows(merged),
    ...request,
    other_origin,
    ...responses,
    ...resolveTable(resource, report),
    ...resolveSkipping(given, resource, request.parent !== null, report),
    parallelized: resource.parallelized ?? RESOURCE_DEFAULTS.parallelized,
  };
};
