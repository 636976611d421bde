import { isDeepStrictEqual } from "node:util";
import type { ResolvedResource } from "../../lib/config/resolve.ts";
import type { PagePaginator } from "../../lib/config/resolved.ts";
import { createIncrementalLoading } from "../../lib/extract/incremental-loading.ts";
import { createRequestBuilder } from "../../lib/extract/request-builder.ts";
import type { HttpRequest } from "../../lib/http/client.ts";
import { type JsonObject, stringifyJson } from "../../lib/json/index.ts";
import type { RunRecord } from "../../lib/lake/run-record.ts";
import { firstPage, pageRequest } from "../../lib/pagination/index.ts";
import { MASK } from "../../lib/secrets/redact.ts";
import { isSecretReference, type SecretReference } from "../../lib/secrets/reference.ts";

/** A run that nothing was loaded in before. */
export const firstRun = (): RunRecord => ({
  version: 1,
  run_id: "check",
  opened_at: new Date(0).toISOString(),
  opened_by: "check",
  joined_at: new Date(0).toISOString(),
  refresh: null,
  window: null,
  resources: null,
  incremental: {},
  lease: null,
  closed_at: null,
  failed_by: null,
});

/**
 * The request of a resource's first page in a first run, with its placeholders where a parent's row would be.
 *
 * @throws whatever the config's own functions throw, and the errors of `lib/errors/index.ts`.
 */
export const plannedRequest = (base: URL, resource: ResolvedResource): HttpRequest => {
  const { paginator, parent } = resource;
  const page =
    paginator.type === "auto" ? {} : pageRequest(paginator as PagePaginator, firstPage(paginator as PagePaginator));
  const incremental = createIncrementalLoading(resource, firstRun());
  const row: JsonObject | null =
    parent === null
      ? null
      : Object.fromEntries(parent.fields.map((field) => [field, `{resources.${parent.resource}.${field}}`]));
  // An address that is refused is told by the run; a plan only shows what would be asked.
  return createRequestBuilder({ base, allow_link_local: true }, resource, incremental).build(page, row);
};

/** A key that stands in a config as it is does not belong there, and is not shown for all that. A page's token is none. */
const SENSITIVE =
  /api[-_]?key|(?<!next[-_]?|page[-_]?|continuation[-_]?|sync[-_]?)token|secret|passw|authori[sz]ation|cookie|credential|signature|^(key|auth|pwd|sig)$/i;

/** A value for people: masked when it is secret, or looks like it by its name. */
export const shownValue = (name: string, value: string | SecretReference): string =>
  isSecretReference(value) || SENSITIVE.test(name) ? MASK : value;

/** JSON of a body, secrets masked. */
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

/** What a URL may show as it is, though it is sent encoded: placeholders, times, lists. Not what would divide it. */
const HARMLESS = /%(7B|7D|5B|5D|3A|2C|40|24|27)/gi;

const urlText = ({ url, secret_params }: HttpRequest): string => {
  const shown = new URL(url);
  for (const [name, value] of [...shown.searchParams]) {
    if (shownValue(name, value) !== value) shown.searchParams.set(name, MASK);
  }
  for (const name of Object.keys(secret_params)) shown.searchParams.set(name, MASK);
  return shown.href.replaceAll(HARMLESS, decodeURIComponent);
};

/** Headers in lines, secrets masked. */
export const headerLines = (headers: HttpRequest["headers"]): string[] =>
  Object.entries(headers).map(([name, value]) => `${name}: ${shownValue(name, value)}`);

/** The request without the client's headers, which all have: they are told once. */
export const withoutUsual = (request: HttpRequest, usual: HttpRequest["headers"] | null = {}): HttpRequest => ({
  ...request,
  headers: Object.fromEntries(
    Object.entries(request.headers).filter(([name, value]) => !isDeepStrictEqual(usual?.[name], value)),
  ),
});

/** A request in lines for people: method and URL, headers, body; no secret, and nothing of what an auth adds. */
export const requestLines = (request: HttpRequest): string[] => [
  `${request.method} ${urlText(request)}`,
  ...headerLines(request.headers),
  ...(request.body === null ? [] : [bodyLine(request.body)]),
];
