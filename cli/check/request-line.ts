import { isDeepStrictEqual } from "node:util";
import type { ResolvedResource } from "../../lib/config/resolve.ts";
import type { PagePaginator } from "../../lib/config/resolved.ts";
import { createIncrementalLoading } from "../../lib/extract/incremental-loading.ts";
import { createRequestBuilder } from "../../lib/extract/request-builder.ts";
import type { HttpRequest } from "../../lib/http/client.ts";
import { type JsonObject, stringifyJson } from "../../lib/json/index.ts";
import { NO_ROW_HASHES } from "../../lib/lake/row-hashes.ts";
import { newRunRecord, type RunRecord } from "../../lib/lake/run-record.ts";
import { firstPage, pageRequest } from "../../lib/pagination/index.ts";
import { MASK } from "../../lib/secrets/redact.ts";
import { isSecretReference, type SecretReference } from "../../lib/secrets/reference.ts";
import { systemClock } from "../../lib/time/clock.ts";

/** Returns the record of a first run that is opened now: no incremental state, no start options. */
export const firstRun = (): RunRecord =>
  newRunRecord({ run_id: "check", opened_at: new Date(systemClock.now()).toISOString(), opened_by: "check" });

/**
 * Returns the request of a resource's first page in a first run. It has placeholders instead of values of a parent's row.
 *
 * @throws subclasses of RestlakeError, and anything that a user callback throws.
 */
export const plannedRequest = (base: URL, resource: ResolvedResource): HttpRequest => {
  const { paginator, parent } = resource;
  const page =
    paginator.type === "auto" ? {} : pageRequest(paginator as PagePaginator, firstPage(paginator as PagePaginator));
  const run = firstRun();
  const incremental = createIncrementalLoading(resource, run, NO_ROW_HASHES);
  const row: JsonObject | null =
    parent === null
      ? null
      : Object.fromEntries(parent.fields.map((field) => [field, `{resources.${parent.resource}.${field}}`]));
  // A plan shows the request; only a run or --live rejects its address.
  const times = { opened_at: run.opened_at, now: systemClock.now };
  return createRequestBuilder({ base, allow_link_local: true }, resource, incremental, times).build(page, row);
};

/** Names of values that are probably secret. A config may contain them in plain text; they are masked nevertheless. Page tokens are not secret. */
const SENSITIVE =
  /api[-_]?key|(?<!next[-_]?|page[-_]?|continuation[-_]?|sync[-_]?)token|secret|passw|authori[sz]ation|cookie|credential|signature|^(key|auth|pwd|sig)$/i;

/** Returns a value for printing: masked if it is a secret, or its name suggests one. */
export const shownValue = (name: string, value: string | SecretReference): string =>
  isSecretReference(value) || SENSITIVE.test(name) ? MASK : value;

/** Returns a JSON body with masked secrets. */
const masked = (value: unknown, name = ""): unknown => {
  if (isSecretReference(value)) return MASK;
  if (Array.isArray(value)) return value.map((inner) => masked(inner, name));
  if (typeof value === "string") return shownValue(name, value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, masked(inner, key)]));
};

const bodyLine = (body: NonNullable<HttpRequest["body"]>): string => {
  if ("json" in body) return `json ${stringifyJson(masked(body.json))}`;
  if ("text" in body) return `body ${JSON.stringify(body.text)}`;
  return `form ${body.form.map(([name, value]) => `${name}=${shownValue(name, value)}`).join("&")}`;
};

/** Encoded characters that are printed decoded: those of placeholders, times and lists. Delimiters of a URL stay encoded. */
const DECODED = /%(7B|7D|5B|5D|3A|2C|40|24|27)/gi;

const urlText = ({ url, secret_params, path_secrets = {} }: HttpRequest): string => {
  const shown = new URL(Object.keys(path_secrets).reduce((href, place) => href.replaceAll(place, MASK), url.href));
  for (const [name, value] of [...shown.searchParams]) {
    if (shownValue(name, value) !== value) shown.searchParams.set(name, MASK);
  }
  for (const name of Object.keys(secret_params)) shown.searchParams.set(name, MASK);
  return shown.href.replaceAll(DECODED, decodeURIComponent);
};

/** Returns headers as lines with masked secrets. */
export const headerLines = (headers: HttpRequest["headers"]): string[] =>
  Object.entries(headers).map(([name, value]) => `${name}: ${shownValue(name, value)}`);

/** Returns a request without the headers of the client, which are printed once for the source. */
export const withoutClientHeaders = (
  request: HttpRequest,
  clientHeaders: HttpRequest["headers"] | null = {},
): HttpRequest => ({
  ...request,
  headers: Object.fromEntries(
    Object.entries(request.headers).filter(([name, value]) => !isDeepStrictEqual(clientHeaders?.[name], value)),
  ),
});

/** Returns a request as lines: method and URL, headers, body. Secrets are masked; what the auth adds is not included. */
export const requestLines = (request: HttpRequest): string[] => [
  `${request.method} ${urlText(request)}`,
  ...headerLines(request.headers),
  ...(request.body === null ? [] : [bodyLine(request.body)]),
];
