import type { Cursor } from "../columns/cursor-values.ts";
import type { ResolvedResource } from "../config/resolve.ts";
import { sha256 } from "../json/hash.ts";
import { canonicalJson, type Json } from "../json/index.ts";
import { anyValue, count, listOf, mapOf, objectOf, orNull, sha256Text, string } from "../json/shape.ts";
import { NO_READINGS, type Readings } from "../metering/readings.ts";
import type { SkippedParents } from "../metering/skipped-parents.ts";
import type { Decision } from "../pagination/auto.ts";
import type { CycleState } from "../pagination/cycle-detection.ts";
import { CURSORS, EXCEPTIONS, READINGS, VERSION } from "./document-shapes.ts";

/** Everything that later pages depend on, as plain JSON: the state after the last committed page. */
export interface Position extends SkippedParents, Readings {
  version: 1;
  /** Hash of the parts of the config that the position depends on. */
  config_hash: string;
  /** Pages committed so far. */
  pages: number;
  /** Rows committed so far: `_seq` of the next row is one higher. */
  rows: number;
  /** Rows, and values of the other rows, that `schema_contract` discarded so far. */
  discarded_rows: number;
  discarded_values: number;
  /** Rows so far in which keys, tokens or passwords were masked. */
  masked_rows: number;
  /** Contradictions in the API's responses so far; see `lib/metering/warnings.ts`. */
  warnings: string[];
  /** Name of the newest list of the primary keys that were read; null for none. See `seen-keys.ts`. */
  keys: string | null;
  /** Consecutive pages without rows, of the resource or of a parent's row. */
  empty_pages: number;
  /** The parent's row whose pages are being read: the part (from 1) and the row in it (from 0). */
  parent: { part: number; row: number } | null;
  /** The paginator's state for the next page; null before the first page of the resource or of a parent's row. */
  page: Json;
  /** Keys of the rows' place in the first response; null before it, and when the config has a data_selector. */
  selector: string[] | null;
  /** Decision of the paginator `auto` at the first response; null before it, and for all other paginators. */
  decided: Decision | null;
  /** State of the cycle detection; null before the first page. */
  cycle: CycleState | null;
  /** Hash of the previous page's rows, to detect a paginator that does not advance. */
  previous_page: string | null;
  /** Cursors by parent; a resource without a parent has one cursor under "". */
  cursors: Record<string, Cursor>;
}

/** Shape of a position. The paginator checks its own state. */
export const POSITION = objectOf<Position>({
  version: VERSION,
  config_hash: string,
  pages: count,
  rows: count,
  ...EXCEPTIONS,
  ...READINGS,
  list_rows: count,
  list_total: orNull(count),
  keys: orNull(sha256Text),
  empty_pages: count,
  parent: orNull(objectOf<NonNullable<Position["parent"]>>({ part: count, row: count })),
  page: anyValue,
  selector: orNull(listOf(string)),
  decided: orNull(objectOf<Decision>({ paginator: mapOf(anyValue), is_base_guessed: anyValue, is_guess: anyValue })),
  cycle: orNull(objectOf<CycleState>({ hash: string, first: orNull(string), steps: count, power: count })),
  previous_page: orNull(string),
  cursors: CURSORS,
});

/** Headers about the client and about one request, which have no effect on the rows. */
const OTHER_HEADERS = new Set([
  ...["user-agent", "date", "idempotency-key", "request-id", "x-request-id", "correlation-id", "x-correlation-id"],
  ...["traceparent", "tracestate"],
]);

/**
 * Returns the parts of a resource's config that a position depends on: everything that decides which rows the API returns, in
 * which pages. Secrets are references.
 */
export const positionConfig = (resource: ResolvedResource) => {
  const { method, path, path_secrets, params, body, paginator, incremental } = resource;
  const headers = Object.fromEntries(
    Object.entries(resource.headers).filter(([name]) => !OTHER_HEADERS.has(name.toLowerCase())),
  );
  // The order in which the config names the parent's fields does not matter.
  const parent = resource.parent && { ...resource.parent, fields: resource.parent.fields.toSorted() };
  return { method, path, path_secrets, params, headers, body, paginator, parent, incremental };
};

const LOOPBACK = /^(localhost|127\.[\d.]+|\[::1\])$/;

/**
 * Returns what of a base_url makes it another API: not the scheme, which a correction may change, and not the port of a server
 * on the same machine, which may be another one at each start.
 */
const apiOf = (base_url: string): string => {
  if (!URL.canParse(base_url)) return base_url;
  const { hostname, host, pathname, search } = new URL(base_url);
  return `${LOOPBACK.test(hostname) ? hostname : host}${pathname.replace(/\/$/, "")}${search}`;
};

/**
 * Returns the hash of the parts of a config that a position depends on. A run resumes after a fix of the selector, but not
 * after a change of the paginator, or of a header that selects a tenant.
 */
export const configHash = (resource: ResolvedResource, base_url: string): string => {
  const config = positionConfig(resource);
  // The case of a header's name does not matter.
  const headers = Object.fromEntries(
    Object.entries(config.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const api = resource.rows === null ? apiOf(base_url) : null;
  return sha256(canonicalJson({ ...config, headers, api })).slice(0, 16);
};

/** Returns the position before the first page of a resource. */
export const firstPosition = (resource: ResolvedResource, base_url: string): Position => ({
  version: 1,
  config_hash: configHash(resource, base_url),
  pages: 0,
  rows: 0,
  discarded_rows: 0,
  discarded_values: 0,
  masked_rows: 0,
  warnings: [],
  skipped_parents: 0,
  skipped_parent_rows: [],
  ...NO_READINGS,
  keys: null,
  empty_pages: 0,
  parent: resource.parent === null ? null : { part: 1, row: 0 },
  page: null,
  selector: null,
  decided: null,
  previous_page: null,
  cycle: null,
  cursors: {},
});
