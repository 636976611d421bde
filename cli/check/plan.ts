import type { z } from "zod";
import { PAGINATOR_DEFAULTS } from "../../lib/config/defaults.ts";
import type { Source } from "../../lib/config/index.ts";
import type { ResolvedResource, ResolvedSource } from "../../lib/config/resolve.ts";
import type { MergeRules, ResolvedAuth, ResolvedIncremental, ResponseAction } from "../../lib/config/resolved.ts";
import { column } from "../../lib/config/schema/column-hints.ts";
import { resource as resourceSchema } from "../../lib/config/schema/resource-config.ts";
import { ConfigError } from "../../lib/errors/index.ts";
import { maskUrl } from "../../lib/secrets/redact.ts";
import { secretsIn } from "../../lib/secrets/reference.ts";
import { neededBy } from "../secrets.ts";
import { type Fact, factLines, saying, some } from "./facts.ts";
import { headerLines, plannedRequest, requestLines, shownValue, withoutUsual } from "./request-line.ts";

/** Where an auth puts what it knows. */
const placeOf = (auth: Exclude<ResolvedAuth, (...given: never) => unknown>): string => {
  const { name, location, access_token_url } = auth as Record<string, unknown>;
  if (auth.type === "api_key") return ` in the ${location} ${name}`;
  return typeof access_token_url === "string" ? ` by ${maskUrl(access_token_url)}` : "";
};

/** So many declared columns are named: who reads this has written them. */
const MOST_COLUMNS = 12;

/** An auth in a line. Of its options only what names a place or a secret: of a registered one, any may be a key. */
const authText = (auth: ResolvedAuth | null): string => {
  if (auth === null) return "none";
  if (typeof auth === "function") return "a function";
  const secrets = secretsIn(auth);
  return `${auth.type}${placeOf(auth)}${secrets.length === 0 ? "" : `, secret ${secrets.join(", ")}`}`;
};

/** A paginator with its options: `page_number: base_page 1, page_param page`. */
export const paginatorText = ({ type, ...options }: { type: string }): string => {
  const defaults: object = PAGINATOR_DEFAULTS[type as keyof typeof PAGINATOR_DEFAULTS] ?? {};
  const isUsual = ([key, value]: [string, unknown]) =>
    key.startsWith("stop_after_") && (defaults as Record<string, unknown>)[key] === value;
  const told = Object.entries(options).filter((option) => option[1] != null && !isUsual(option));
  const texts = told.map(([key, value]) =>
    typeof value === "string" ? `${key} ${shownValue(key, value)}` : `${key} ${JSON.stringify(value)}`,
  );
  return [type, texts.join(", ")].filter(Boolean).join(": ");
};

const incrementalText = (incremental: ResolvedIncremental, isReplaced: boolean): string => {
  const { cursor_path, initial_value, end_value, start_param, end_param, lag, row_order } = incremental;
  const parts = [
    `by ${cursor_path}`,
    initial_value === null ? null : `from ${initial_value} on`,
    end_value === null ? null : `up to ${end_value}`,
    start_param === null ? null : `start sent as ${start_param}`,
    end_param === null ? null : `end sent as ${end_param}`,
    lag === 0 ? null : `lag ${lag}`,
    row_order === null ? null : `rows ${row_order}`,
    end_value !== null
      ? "the same in every run"
      : isReplaced
        ? "all of it in every run, since the table is replaced"
        : null,
  ];
  return parts.filter((part) => part !== null).join(", ");
};

const actionText = ({ status_code, content, actions }: ResponseAction): string => {
  const when = [status_code, content === null ? null : JSON.stringify(content)].filter((part) => part !== null);
  const what = actions.map((action) => (typeof action === "function" ? "function" : action)).join(", ");
  return `${when.length === 0 ? "any answer" : when.join(" with ")}: ${what}`;
};

/** Declared columns; all others are found out. */
const columnsText = ({ columns, primary_key }: ResolvedResource): string | null => {
  const declared = Object.entries(columns)
    // Of the primary key, the line above speaks.
    .filter(([name, { data_type }]) => data_type !== undefined || !primary_key.includes(name))
    .map(([name, { data_type, nullable }]) => [name, data_type, nullable ? "" : "not null"].filter(Boolean).join(" "));
  return declared.length === 0 ? null : some(declared, MOST_COLUMNS);
};

const mergeText = ({ primary_key, merge_key, hard_delete, dedup_sort }: MergeRules): string => {
  const key = primary_key.length === 0 ? "" : ` by ${primary_key.join(", ")}`;
  if (key === "" && merge_key.length === 0) return "merge without a primary_key: all rows stay";
  return [
    `merge${key}`,
    ...(dedup_sort === null ? [] : [`the first by ${dedup_sort.column} ${dedup_sort.order} of a run`]),
    ...(merge_key.length === 0 ? [] : [`the latest run of each ${merge_key.join(", ")}`]),
    ...(hard_delete === null ? [] : [`without what ${hard_delete} deletes`]),
  ].join(", ");
};

const tableText = (resource: ResolvedResource): string => {
  const { selected, table, write_disposition, primary_key, file_format } = resource;
  if (!selected) return "none: read for its children only";
  const key = primary_key.length === 0 ? "" : ` by ${primary_key.join(", ")}`;
  const shown = write_disposition === "merge" ? mergeText(resource) : `${write_disposition}${key}`;
  return `${table}, ${shown}${file_format === "parquet" ? ", as parquet" : ""}`;
};

const includedText = ({ resource, include }: NonNullable<ResolvedResource["parent"]>): string =>
  include.map((field) => `_${resource}_${field}`).join(", ");

const requestText = ({ config }: Source, resource: ResolvedResource, base: URL): string[] => {
  try {
    return requestLines(withoutUsual(plannedRequest(base, resource), config.client.headers));
  } catch (error) {
    // A function of the config may throw anything.
    const { name, message } = error as Error;
    const what = error instanceof ConfigError ? message : `its request cannot be made: ${name}: ${message}`;
    throw new ConfigError(what, { source: config.name, resource: resource.name });
  }
};

/** What a resource will do. */
const resourceFacts = (source: Source, resource: ResolvedResource, usualAuth: string, base: URL): Fact[] => {
  const { parent, paginator, incremental, write_disposition, response_actions, processing_steps, selected } = resource;
  const [first = "", ...further] = requestText(source, resource, base);
  const auth = authText(resource.auth);
  return saying([
    ["request", first],
    ...further.map((line): Fact => ["", line]),
    ["auth", auth === usualAuth ? null : auth],
    ["pages", paginator.type === "auto" ? "auto: found out by the first answer" : paginatorText(paginator)],
    ["answers", response_actions.length === 0 ? null : response_actions.map(actionText).join("; ")],
    ["rows", resource.data_selector === null ? "found in each answer" : `at ${resource.data_selector}`],
    ["parent", parent === null || parent.include.length === 0 ? null : `adds ${includedText(parent)}`],
    ["steps", processing_steps.length === 0 ? null : processing_steps.map((step) => Object.keys(step)[0]).join(", ")],
    ["new rows", incremental === null ? null : incrementalText(incremental, write_disposition === "replace")],
    ["table", tableText(resource)],
    ["columns", selected ? columnsText(resource) : null],
  ]);
};

/** Keys of an object's schema that say of themselves that they change nothing. */
const idleIn = ({ shape }: z.ZodObject): string[] =>
  Object.entries(shape).flatMap(([key, schema]) => (schema.description?.startsWith("No effect") ? [key] : []));

const IDLE_KEYS = idleIn(resourceSchema);
const IDLE_HINTS = idleIn(column);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Keys of the config that are dlt's, allowed, and change nothing. */
const idleKeys = ({ config }: Source): string[] => {
  const places: unknown[] = [config.resource_defaults, ...config.resources];
  const found = places.filter(isObject).flatMap((place) => {
    const { columns, write_disposition } = place;
    const hints = isObject(columns) ? Object.values(columns).filter(isObject) : [];
    return [
      ...IDLE_KEYS.filter((key) => place[key] != null),
      ...(isObject(write_disposition) && "strategy" in write_disposition ? ["write_disposition.strategy"] : []),
      ...IDLE_HINTS.filter((key) => hints.some((hint) => hint[key] != null)).map((key) => `columns.${key}`),
    ];
  });
  return [...new Set(found)];
};

const sourceFacts = (source: Source, resolved: ResolvedSource, usualAuth: string): Fact[] => {
  const { schedule, timezone } = source.settings;
  const { rate_limit } = resolved;
  const secrets = neededBy(resolved).toSorted();
  const idle = idleKeys(source);
  const sent = headerLines(source.config.client.headers ?? {});
  return saying([
    ["base_url", maskUrl(resolved.base_url)],
    ["auth", usualAuth === "" ? "differs from resource to resource" : usualAuth],
    ["headers", sent.length === 0 ? null : sent.join(", ")],
    ["secrets", secrets.length === 0 ? "none" : secrets.join(", ")],
    ["schedule", schedule === undefined ? "none: started by hand" : [schedule, timezone].filter(Boolean).join(" ")],
    ["rate_limit", rate_limit === null ? null : `${rate_limit.requests} requests in ${rate_limit.per} s`],
    ["no effect", idle.length === 0 ? null : `${idle.join(", ")} (see docs/coming-from-dlt.md)`],
  ]);
};

/**
 * What a source will do, without doing it: its resources in the order in which they are loaded, their requests, pages,
 * rows, tables and columns, and what is secret.
 *
 * @param wanted names of the resources that are told of.
 * @param width columns of the terminal.
 * @throws ConfigError for a request that cannot be made.
 */
export const planLines = (source: Source, resolved: ResolvedSource, wanted: Set<string>, width: number): string[] => {
  const base = new URL(resolved.base_url);
  const resources = resolved.resources.filter(({ name }) => wanted.has(name));
  // What most resources have is told once.
  const auths = resources.map(({ auth }) => authText(auth));
  const usual = auths.find((text) => auths.filter((other) => other === text).length * 2 > auths.length) ?? "";
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
