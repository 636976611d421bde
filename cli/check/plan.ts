import type { Source } from "../../lib/config/index.ts";
import type { ResolvedResource, ResolvedSource } from "../../lib/config/resolve.ts";
import type { OtherOrigin, ResolvedIncremental, ResponseAction } from "../../lib/config/resolved.ts";
import { ConfigError } from "../../lib/errors/index.ts";
import { maskUrl } from "../../lib/secrets/redact.ts";
import { secretNames } from "../secret-values.ts";
import { keepTogether } from "../wrap-text.ts";
import { type Fact, factLines, joinItems, presentFacts } from "./facts.ts";
import { ineffectiveKeys } from "./ineffective-keys.ts";
import { authText, paginatorText, stepText } from "./option-text.ts";
import { headerLines, plannedRequest, requestLines, withoutClientHeaders } from "./request-line.ts";

/** Declared columns that are printed; the others are counted. */
const MAX_COLUMNS = 12;

const rangeText = ({ end_value }: ResolvedIncremental, isReplaced: boolean): string | null => {
  if (end_value !== null) return "the same range in every run";
  return isReplaced ? "everything in every run, because the table is replaced" : null;
};

const incrementalText = (incremental: ResolvedIncremental, isReplaced: boolean): string => {
  const { cursor_path, initial_value, end_value, start_param, end_param, lag, row_order } = incremental;
  const parts = [
    cursor_path,
    initial_value === null ? null : keepTogether("from", String(initial_value)),
    end_value === null ? null : keepTogether("up", "to", String(end_value)),
    start_param === null ? null : `start sent as ${start_param}`,
    end_param === null ? null : `end sent as ${end_param}`,
    lag === 0 ? null : keepTogether("lag", String(lag)),
    row_order === null ? null : keepTogether("row_order", row_order),
    rangeText(incremental, isReplaced),
  ];
  return parts.filter((part) => part !== null).join(", ");
};

const actionText = ({ status_code, content, actions }: ResponseAction): string => {
  const conditions = [status_code, content === null ? null : JSON.stringify(content)].filter((part) => part !== null);
  const names = actions.map((action) => (typeof action === "function" ? "function" : action)).join(", ");
  return `${conditions.length === 0 ? "any response" : conditions.join(" with ")}: ${names}`;
};

/** Returns the declared columns; null if there are none. All other columns are detected. */
const columnsText = ({ columns, primary_key }: ResolvedResource): string | null => {
  const declared = Object.entries(columns)
    // Columns that only the primary key declares are in the fact about the table.
    .filter(([name, { data_type }]) => data_type !== undefined || !primary_key.includes(name))
    .map(([name, { data_type = "", nullable }]) => keepTogether(name, data_type, ...(nullable ? [] : ["not", "null"])));
  return declared.length === 0 ? null : joinItems(declared, MAX_COLUMNS);
};

const keyText = (key: string[]): string => (key.length === 0 ? "" : ` by ${key.join(", ")}`);

const mergeText = (resource: ResolvedResource): string => {
  const { primary_key, merge_key, hard_delete, dedup_sort, insert_only, on_missing_rows } = resource;
  if (primary_key.length === 0 && merge_key.length === 0) return "merge without primary_key: all rows stay";
  return [
    `merge${keyText(primary_key)}`,
    ...(insert_only ? ["insert-only"] : []),
    ...(dedup_sort === null ? [] : [`dedup_sort ${dedup_sort.column} ${dedup_sort.order}`]),
    ...(merge_key.length === 0 ? [] : [`merge_key ${merge_key.join(", ")}`]),
    ...(hard_delete === null ? [] : [`hard_delete ${hard_delete}`]),
    ...(on_missing_rows === "delete" ? ["on_missing_rows delete"] : []),
  ].join(", ");
};

const tableText = (resource: ResolvedResource): string => {
  const { selected, table, write_disposition, primary_key, file_format } = resource;
  if (!selected) return "none: loaded only for its children";
  const rules = write_disposition === "merge" ? mergeText(resource) : `${write_disposition}${keyText(primary_key)}`;
  const repeated =
    resource.rows !== null && write_disposition === "append" ? " (the same rows again in every run)" : "";
  return `${table}, ${rules}${repeated}${file_format === "parquet" ? ", as parquet" : ""}`;
};

const includedText = ({ resource, include }: NonNullable<ResolvedResource["parent"]>): string =>
  include.map((field) => `_${resource}_${field}`).join(", ");

const requestText = ({ config }: Source, resource: ResolvedResource, base: URL): string[] => {
  try {
    return requestLines(withoutClientHeaders(plannedRequest(base, resource), config.client.headers));
  } catch (error) {
    // A user callback may throw anything.
    const { name, message } = error as Error;
    const text = error instanceof ConfigError ? message : `its request cannot be built: ${name}: ${message}`;
    throw new ConfigError(text, { source: config.name, resource: resource.name });
  }
};

/** Returns what another origin gets of the secrets that the resource inherits. */
const originText = ({ origin, sends_auth }: OtherOrigin): string =>
  sends_auth
    ? `${origin}, which gets the client's auth and secrets`
    : `${origin}, which gets no auth and no secrets of the client (send_auth: true sends them)`;

/** Returns the facts about the requests of a resource, or about its rows in the config. */
const readingFacts = (
  source: Source,
  resource: ResolvedResource,
  usualAuth: string,
  base: URL,
): [string, string | null][] => {
  const { rows, paginator, response_actions, data_selector, key_column } = resource;
  if (rows !== null) return [["rows", `${rows.length} in the config, no request`]];
  const [first = "", ...further] = requestText(source, resource, base);
  const auth = authText(resource.auth);
  return [
    ["request", first],
    ...further.map((line): Fact => ["", line]),
    ["origin", resource.other_origin === null ? null : originText(resource.other_origin)],
    ["auth", auth === usualAuth ? null : auth],
    ["pages", paginator.type === "auto" ? "auto: detected from the first response" : paginatorText(paginator)],
    ["responses", response_actions.length === 0 ? null : response_actions.map(actionText).join("; ")],
    [
      "rows",
      data_selector === null
        ? "detected in each response"
        : `at ${data_selector}${key_column === null ? "" : `, keys in ${key_column}`}`,
    ],
  ];
};

const resourceFacts = (source: Source, resource: ResolvedResource, usualAuth: string, base: URL): Fact[] => {
  const { parent, incremental, write_disposition, processing_steps, selected } = resource;
  return presentFacts([
    ...readingFacts(source, resource, usualAuth, base),
    ["parent", parent === null || parent.include.length === 0 ? null : `adds ${includedText(parent)}`],
    ["steps", processing_steps.length === 0 ? null : processing_steps.map(stepText).join("; ")],
    ["cursor", incremental === null ? null : incrementalText(incremental, write_disposition === "replace")],
    ["table", tableText(resource)],
    ["columns", selected ? columnsText(resource) : null],
  ]);
};

const sourceFacts = (source: Source, resolved: ResolvedSource, usualAuth: string): Fact[] => {
  const { schedule, timezone } = source.settings;
  const { rate_limit } = resolved;
  const secrets = secretNames(resolved).toSorted();
  const ineffective = ineffectiveKeys(source);
  const headers = headerLines(source.config.client.headers ?? {});
  return presentFacts([
    ["base_url", maskUrl(resolved.base_url)],
    ["auth", usualAuth === "" ? "differs by resource" : usualAuth],
    ["headers", headers.length === 0 ? null : headers.join(", ")],
    ["secrets", secrets.length === 0 ? "none" : secrets.join(", ")],
    ["schedule", schedule === undefined ? "none: started manually" : [schedule, timezone].filter(Boolean).join(" ")],
    ["unselected", resolved.unselected.length === 0 ? null : `${resolved.unselected.join(", ")}: not requested`],
    ["rate_limit", rate_limit === null ? null : `${rate_limit.requests} requests in ${rate_limit.per} s`],
    ["no effect", ineffective.length === 0 ? null : `${ineffective.join(", ")} (see docs/coming-from-dlt.md)`],
  ]);
};

/**
 * Returns the plan of a source as lines: its resources in loading order, with their requests, pages, rows, tables and
 * columns. Secrets are masked.
 *
 * @param selected names of the resources to print.
 * @param width columns of the terminal.
 * @throws ConfigError for a request that cannot be built.
 */
export const planLines = (source: Source, resolved: ResolvedSource, selected: Set<string>, width: number): string[] => {
  const base = new URL(resolved.base_url);
  const resources = resolved.resources.filter(({ name }) => selected.has(name));
  // The auth of most resources is printed once, for the source.
  const auths = resources.filter(({ rows }) => rows === null).map(({ auth }) => authText(auth));
  const isUsual = (text: string) => auths.filter((other) => other === text).length * 2 > auths.length;
  const usual = auths.length === 0 ? "none" : (auths.find(isUsual) ?? "");
  return [
    resolved.name,
    ...factLines(sourceFacts(source, resolved, usual), width),
    ...resources.flatMap((resource, index) => [
      "",
      `${index + 1}. ${resource.name}${resource.parent === null ? "" : `, for each row of ${resource.parent.resource}`}`,
      ...factLines(resourceFacts(source, resource, usual, base), width),
    ]),
  ];
};
