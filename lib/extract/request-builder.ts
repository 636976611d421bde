import type { Body, ResolvedResource, TextOrSecret } from "../config/resolved.ts";
import { type IncrementalValue, type Piece, parseTemplate } from "../config/template.ts";
import { type Times, timeValue } from "../config/time-placeholder.ts";
import { ConfigError, ResponseError } from "../errors/index.ts";
import type { HttpRequest } from "../http/client.ts";
import { encodeBreaks, joinUrl, sameOrigin } from "../http/origin.ts";
import { setParam } from "../http/query.ts";
import { isJsonObject, type Json, type JsonObject } from "../json/index.ts";
import { kindOf } from "../json/kind.ts";
import { parentField } from "../lake/parent-rows.ts";
import type { PageRequest } from "../pagination/index.ts";
import type { Clock } from "../ports/clock.ts";
import { isSecretReference, type SecretReference } from "../secrets/reference.ts";
import type { IncrementalLoading } from "./incremental-loading.ts";

/** Builds the requests of a resource. */
export interface RequestBuilder {
  /**
   * Returns the request of a page.
   *
   * @param page what the paginator adds.
   * @param parent the fields of the parent's row, by path; null for a resource without a parent.
   * @throws ResponseError when the parent's row lacks a field that a placeholder needs, or holds an unusable value there.
   */
  build(page: PageRequest, parent: JsonObject | null): HttpRequest;
}

/** The origin that requests are limited to. */
export interface Origin {
  /** The checked base_url. */
  base: URL;
  /** Whether an absolute path may be a link-local address. */
  allow_link_local: boolean;
}

/** A row of the parent has nothing in a field that a placeholder needs. */
export class MissingParentFieldError extends ResponseError {
  /** Content of the field, such as `null as id`. */
  readonly reason: string;

  constructor({ resource, field }: ParentField, value: Json | undefined) {
    const reason = value === undefined ? `no ${field}` : `${value === null ? "null" : "an empty text"} as ${field}`;
    super(
      `a row of ${resource} has ${reason}, which {resources.${resource}.${field}} needs: set on_missing_parent_field: "skip", filter such rows out in the processing_steps of ${resource}, or use another field`,
    );
    this.reason = reason;
  }
}

/** A field of the parent's row, in a placeholder. */
interface ParentField {
  resource: string;
  field: string;
}

/** Whether a value would leave a gap in the request: the URL `posts//tags` is another resource. */
const isMissing = (value: Json | undefined): value is "" | null | undefined =>
  value === undefined || value === null || (typeof value === "string" && value.trim() === "");

const fieldOf = (parent: JsonObject | null, field: string): Json | undefined =>
  parent === null ? undefined : parentField(parent, field);

/** Fills placeholders. */
interface Fill {
  /** Returns the text with every placeholder filled. */
  text(template: string, encode?: (value: string) => string): string;
  /** Returns the JSON with every placeholder filled. A string of a single placeholder becomes its value, type included (dlt). */
  json(value: Json): Json;
  textOrSecret(value: TextOrSecret): TextOrSecret;
}

/** Fills placeholders with the fields of a parent's row, the incremental values of that row, and times. */
const createFill = (incremental: IncrementalLoading, parent: JsonObject | null, times: Times): Fill => {
  const incrementalValue = (name: IncrementalValue): Json => {
    const value = incremental.value(name, parent);
    if (value !== undefined) return value;
    throw new ConfigError(`{incremental.${name}} has no value in this run: set ${name} in incremental`);
  };

  const pieceText = (piece: Piece, encode: (value: string) => string): string => {
    if ("text" in piece) return piece.text;
    if ("incremental" in piece) return encode(String(incrementalValue(piece.incremental)));
    // A slash can only be part of the format.
    if ("time" in piece) return encode(String(timeValue(piece, times))).replaceAll("%2F", "/");
    if (!("resource" in piece)) return "";
    const value = fieldOf(parent, piece.field);
    if (isMissing(value)) throw new MissingParentFieldError(piece, value);
    if (typeof value === "object") {
      throw new ResponseError(
        `a row of ${piece.resource} has ${kindOf(value)} as ${piece.field}, which {resources.${piece.resource}.${piece.field}} needs: use a field that holds a string or a number`,
      );
    }
    return encode(String(value));
  };

  const text: Fill["text"] = (template, encode = (value) => value) =>
    parseTemplate(template)
      .map((piece) => pieceText(piece, encode))
      .join("");

  const textJson = (template: string): Json => {
    const [piece, ...rest] = parseTemplate(template);
    if (rest.length > 0 || piece === undefined || "text" in piece) return text(template);
    if ("incremental" in piece) return incrementalValue(piece.incremental);
    if ("time" in piece) return timeValue(piece, times);
    if (!("resource" in piece)) return text(template);
    const value = fieldOf(parent, piece.field);
    if (isMissing(value)) throw new MissingParentFieldError(piece, value);
    return value;
  };

  const json = (value: Json): Json => {
    if (typeof value === "string") return textJson(value);
    if (Array.isArray(value)) return value.map(json);
    // A secret is filled in by the HTTP client.
    if (isSecretReference(value)) return value as unknown as Json;
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), json(inner)]));
  };

  return { text, json, textOrSecret: (value) => (isSecretReference(value) ? value : text(value)) };
};

/**
 * Returns the URL of a path that consists of a single placeholder; null for any other path. As in dlt, the value may be a
 * whole URL, here of the same origin, or a path with slashes and a query. A value without a slash is an id, and is encoded
 * like all others.
 */
const urlFromField = ({ base, allow_link_local }: Origin, path: string, parent: JsonObject | null): URL | null => {
  const [piece, ...rest] = parseTemplate(path);
  if (piece === undefined || rest.length > 0 || !("resource" in piece)) return null;
  const value = fieldOf(parent, piece.field);
  if (typeof value !== "string" || !value.includes("/")) return null;
  if (!/^https?:\/\//i.test(value)) return joinUrl(base, value, allow_link_local);
  return sameOrigin(base, encodeBreaks(value.trimEnd()));
};

const fillBody = (body: Body | null, fill: Fill): Body | null => {
  if (body === null) return null;
  if ("json" in body) return { json: fill.json(body.json) };
  if ("text" in body) return { text: fill.text(body.text) };
  return { form: body.form.map(([name, value]) => [fill.text(name), fill.textOrSecret(value)]) };
};

/** Returns the JSON with a value at a path of keys; missing objects are added, other values on the way are replaced. */
const withValue = (json: Json, [key, ...rest]: string[], value: Json): Json => {
  if (key === undefined) return value;
  const object = isJsonObject(json) ? json : {};
  return { ...object, [key]: withValue(object[key] ?? null, rest, value) };
};

const withPageBody = (body: Body | null, values: Record<string, Json>): Body | null => {
  const entries = Object.entries(values);
  if (entries.length === 0) return body;
  const json = body !== null && "json" in body ? body.json : {};
  return { json: entries.reduce((filled, [path, value]) => withValue(filled, path.split("."), value), json) };
};

/** Sets the parameters of the config and of incremental loading. A link of the API has them already. */
const setOwnParams = (url: URL, { params }: ResolvedResource, fill: Fill, incremental: Record<string, Json>): void => {
  for (const [name, value] of Object.entries(params)) {
    if (isSecretReference(value)) continue;
    setParam(url, fill.text(name), Array.isArray(value) ? value.map((one) => fill.text(one)) : fill.text(value));
  }
  for (const [name, value] of Object.entries(incremental)) setParam(url, name, String(value));
};

const secretParams = ({ params }: ResolvedResource, fill: Fill): Record<string, SecretReference> =>
  Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) => (isSecretReference(value) ? [[fill.text(name), value]] : [])),
  );

/**
 * Creates the builder of a resource's requests in a run.
 *
 * @param times.opened_at of the run, ISO 8601.
 */
export const createRequestBuilder = (
  origin: Origin,
  resource: ResolvedResource,
  incremental: IncrementalLoading,
  { opened_at, now }: { opened_at: string } & Pick<Clock, "now">,
): RequestBuilder => ({
  build({ params = {}, body = {}, url: link }, parent) {
    const fill = createFill(incremental, parent, { opened_at: Date.parse(opened_at), now: now() });
    const own =
      urlFromField(origin, resource.path, parent) ??
      joinUrl(origin.base, fill.text(resource.path, encodeURIComponent), origin.allow_link_local);
    const url = link === undefined ? own : new URL(link, own);
    if (link === undefined) setOwnParams(url, resource, fill, incremental.params(parent));
    for (const [name, value] of Object.entries(params)) setParam(url, name, value);
    return {
      method: resource.method,
      url,
      headers: Object.fromEntries(
        Object.entries(resource.headers).map(([name, value]) => [fill.text(name), fill.textOrSecret(value)]),
      ),
      secret_params: secretParams(resource, fill),
      path_secrets: resource.path_secrets,
      body: withPageBody(fillBody(resource.body, fill), body),
    };
  },
});
