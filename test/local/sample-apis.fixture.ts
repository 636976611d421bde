import { expect } from "vitest";
import { source as assetManagement } from "../../functions/asset-management.ts";
import { source as inventoryManagement } from "../../functions/inventory-management.ts";
import { source as orderManagement } from "../../functions/order-management.ts";
import { source as stockAnalytics } from "../../functions/stock-analytics.ts";
import { source as workforceAnalytics } from "../../functions/workforce-analytics.ts";
import type { DataType } from "../../lib/columns/types.ts";
import { type SampleApis, sampleTables } from "../../local/sample-apis/index.ts";

/** A record as the API returns it. */
export type Row = Record<string, unknown>;

/** The parts of a config that these tests read; the sources set all of them explicitly. */
export interface Resource {
  name: string;
  endpoint: {
    path: string;
    params?: Record<string, { type: "resolve"; resource: string; field: string }>;
    data_selector: string;
    paginator:
      | { type: "page_number"; base_page: number; page_param: string; limit: number; limit_param?: string }
      | { type: "offset"; limit: number }
      | { type: "single_page" };
    incremental?: { cursor_path: string; start_param: string };
    error_handler?: { retry_on_status_codes: number[] };
  };
  columns: Record<string, { data_type: DataType; nullable?: boolean }>;
}

/** The five sources in `functions/`. */
export const sources = [assetManagement, orderManagement, inventoryManagement, workforceAnalytics, stockAnalytics];
/** Names of the five sources. */
export const names = sources.map((source) => source.config.name);
/** Returns a source's resources. */
export const resourcesOf = (source: (typeof sources)[number]): Resource[] =>
  source.config.resources as unknown as Resource[];
/** All 26 resources with their sources. */
export const resources = sources.flatMap((source) =>
  resourcesOf(source).map((resource) => ({ source, name: source.config.name, resource })),
);
/** All 26 resources with titles for `test.each`. */
export const cases = resources.map((entry) => [`${entry.name}.${entry.resource.name}`, entry] as const);
/** Returns all rows that the API has for a resource. */
export const rowsOf = (source: string, resource: string): Row[] => sampleTables(source)[resource] as Row[];

/** Parses JSON and keeps integers beyond 2^53, as restlake does. */
const parseExactly = (text: string): unknown => {
  const revive = (_: string, value: unknown, { source = "" }: { source?: string } = {}): unknown =>
    typeof value === "number" && /^-?\d+$/.test(source) && !Number.isSafeInteger(value) ? BigInt(source) : value;
  return JSON.parse(text, revive as Parameters<typeof JSON.parse>[1]);
};

interface ApiResponse {
  status: number;
  retryAfter: string | null;
  text: string;
  body: Row;
  data: Row[];
}

/** Sends one GET with the source's key in the location that its config names. */
export async function get(
  apis: SampleApis,
  name: string,
  path: string,
  query: Record<string, string> = {},
): Promise<ApiResponse> {
  const { auth } = sources.find((source) => source.config.name === name)?.config.client ?? {};
  const key = apis.keys[name] as string;
  const location = typeof auth === "object" && auth !== null && "location" in auth ? auth.location : undefined;
  const parameters = new URLSearchParams(location === "query" ? { ...query, api_key: key } : query);
  const headers: Record<string, string> = location === "header" ? { api_key: key } : {};
  const response = await fetch(`${apis.urls[name]}${path}?${parameters}`, { headers });
  const text = await response.text();
  const body = parseExactly(text) as Row;
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    text,
    body,
    data: body.data as Row[],
  };
}

/** Reads all pages of one path up to an empty page. A failed page is retried once, immediately. */
async function crawlPath(apis: SampleApis, name: string, { endpoint }: Resource, path: string): Promise<Row[]> {
  const { paginator, data_selector } = endpoint;
  const rows: Row[] = [];
  for (let page = 0; ; page++) {
    const query: Record<string, string> = {};
    if (paginator.type === "offset") Object.assign(query, { offset: page * paginator.limit, limit: paginator.limit });
    if (paginator.type === "page_number") {
      query[paginator.page_param] = String(page + paginator.base_page);
      if (paginator.limit_param) query[paginator.limit_param] = String(paginator.limit);
    }
    let response = await get(apis, name, path, query);
    if (response.status !== 200) response = await get(apis, name, path, query);
    expect(response.status).toBe(200);
    const selected = response.body[data_selector] as Row | Row[];
    rows.push(...(Array.isArray(selected) ? selected : [selected]));
    if (paginator.type === "single_page" || (selected as Row[]).length === 0) return rows;
  }
}

/** Reads all rows of a resource; for a child, those of all parents. */
export async function crawl(apis: SampleApis, name: string, resource: Resource): Promise<Row[]> {
  const [binding] = Object.entries(resource.endpoint.params ?? {});
  if (binding === undefined) return crawlPath(apis, name, resource, resource.endpoint.path);
  const [placeholder, { resource: parent, field }] = binding;
  const rows: Row[] = [];
  for (const row of rowsOf(name, parent)) {
    rows.push(
      ...(await crawlPath(
        apis,
        name,
        resource,
        resource.endpoint.path.replace(`{${placeholder}}`, String(row[field])),
      )),
    );
  }
  return rows;
}

/** Applies dlt's snake_case, as far as these names require it. */
const normalise = (name: string): string =>
  name
    .replace(/[^a-zA-Z0-9_]/g, "_")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/_+/g, "_")
    .replace(/_$/, "x");

const isObject = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);

/** Returns a raw row by its columns: an object becomes a json column if one is declared, and is flattened otherwise. */
export function flatten(row: Row, columns: Resource["columns"], prefix = ""): Row {
  const flat: Row = {};
  for (const [key, value] of Object.entries(row)) {
    const column = prefix + normalise(key);
    if (isObject(value) && columns[column]?.data_type !== "json")
      Object.assign(flat, flatten(value, columns, `${column}__`));
    else if (value === null && Object.keys(columns).some((name) => name.startsWith(`${column}__`))) continue;
    else flat[column] = value;
  }
  return flat;
}

const BIGINT_LIMIT = 2n ** 63n;
const isText = (value: unknown, pattern: RegExp): boolean =>
  typeof value === "string" && pattern.test(value) && !Number.isNaN(Date.parse(value));
/** Whether a raw value fits a declared type. */
export const fits: Record<DataType, (value: unknown) => boolean> = {
  text: (value) => typeof value === "string",
  bigint: (value) =>
    typeof value === "bigint" ? value < BIGINT_LIMIT && value >= -BIGINT_LIMIT : Number.isSafeInteger(value),
  double: (value) => Number.isFinite(value),
  bool: (value) => typeof value === "boolean",
  timestamp: (value) => isText(value, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:\d\d)$/),
  date: (value) => isText(value, /^\d{4}-\d\d-\d\d$/),
  decimal: () => false,
  json: (value) => typeof value === "object",
};
