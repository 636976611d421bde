import type { ResolvedResource } from "../config/resolve.ts";
import type { Body, TextOrSecret } from "../config/resolved.ts";
import { type IncrementalValue, type Piece, parseTemplate } from "../config/template.ts";
import { ConfigError, ResponseError } from "../errors/index.ts";
import type { HttpRequest } from "../http/client.ts";
import { joinUrl, sameOrigin } from "../http/origin.ts";
import { isJsonObject, type Json, type JsonObject } from "../json/index.ts";
import { kindOf } from "../json/kind.ts";
import type { PageRequest } from "../pagination/index.ts";
import { isSecretReference, type SecretReference } from "../secrets/reference.ts";
import type { IncrementalLoading } from "./incremental-loading.ts";

/** Builds the requests of a resource. */
export interface RequestBuilder {
  /**
   * The request of a page.
   *
   * @param page what the paginator adds to it.
   * @param parent the fields of the parent's row, by path.
   * @throws ResponseError when the parent's row lacks a field, or has one that is no text.
   */
  build(page: PageRequest, parent: JsonObject | null): HttpRequest;
}

/** Where requests may go. */
export interface Origin {
  /** The checked base_url. */
  base: URL;
  /** Whether an absolute path may be a link-local address. */
  allow_link_local: boolean;
}

/** Fills the placeholders of one request. */
const createFill = (resource: ResolvedResource, incremental: IncrementalLoading, parent: JsonObject | null) => {
  const fieldOf = (field: string): Json | undefined =>
    parent !== null && Object.hasOwn(parent, field) ? parent[field] : undefined;

  const unusable = (piece: { resource: string; field: string }, value: Json | undefined) =>
    new ResponseError(
      `a row of ${piece.resource} has ${value === undefined ? "no" : `${kindOf(value)} as`} ${piece.field}, which {resources.${piece.resource}.${piece.field}} needs: leave such rows out of ${piece.resource} by a filter in its processing_steps, or name another field`,
    );

  const incrementalValue = (name: IncrementalValue): Json => {
    const value = incremental.value(name, parent);
    if (value !== undefined) return value;
    throw new ConfigError(`{incremental.${name}} has no value in this run`);
  };

  const textOf = (piece: Piece, encode: (text: string) => string): string => {
    if ("text" in piece) return piece.text;
    if ("incremental" in piece) return encode(String(incrementalValue(piece.incremental)));
    if (!("resource" in piece)) return "";
    const value = fieldOf(piece.field);
    if (value === undefined || value === null || typeof value === "object") throw unusable(piece, value);
    return encode(String(value));
  };

  const text = (template: string, encode: (text: string) => string = (plain) => plain): string =>
    parseTemplate(template)
      .map((piece) => textOf(piece, encode))
      .join("");

  /** A placeholder that is a whole text in a JSON body keeps its type (dlt). */
  const json = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(json);
    if (isSecretReference(value)) return value as unknown as Json;
    if (isJsonObject(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), json(inner)]));
    }
    if (typeof value !== "string") return value;
    const [piece, ...rest] = parseTemplate(value);
    if (rest.length > 0 || piece === undefined || "text" in piece) return text(value);
    if ("incremental" in piece) return incrementalValue(piece.incremental);
    if (!("resource" in piece)) return text(value);
    const field = fieldOf(piece.field);
    if (field === undefined || field === null) throw unusable(piece, field);
    return field;
  };

  const textOrSecret = (value: TextOrSecret): TextOrSecret => (isSecretReference(value) ? value : text(value));

  /**
   * dlt: a path that is nothing but a placeholder may be a whole URL, here of the same origin, or a path with slashes and
   * a query of its own. Without a slash it is an id, and encoded like all others.
   */
  const wholeUrl = ({ base, allow_link_local }: Origin): URL | null => {
    const [piece, ...rest] = parseTemplate(resource.path);
    if (piece === undefined || rest.length > 0 || !("resource" in piece)) return null;
    const value = fieldOf(piece.field);
    if (typeof value !== "string" || !value.includes("/")) return null;
    return /^https?:\/\//i.test(value) ? sameOrigin(base, value) : joinUrl(base, value, allow_link_local);
  };

  return {
    url: (origin: Origin): URL =>
      wholeUrl(origin) ?? joinUrl(origin.base, text(resource.path, encodeURIComponent), origin.allow_link_local),
    text,
    textOrSecret,
    body(): Body | null {
      const { body } = resource;
      if (body === null) return null;
      if ("json" in body) return { json: json(body.json) };
      if ("text" in body) return { text: text(body.text) };
      return { form: body.form.map(([name, value]) => [text(name), textOrSecret(value)]) };
    },
  };
};

/** The JSON with a value at a path of keys, whatever was there; objects on the way are made. */
const withValue = (json: Json, [key, ...rest]: string[], value: Json): Json => {
  if (key === undefined) return value;
  const object = isJsonObject(json) ? json : {};
  return { ...object, [key]: withValue(object[key] ?? null, rest, value) };
};

const withPage = (body: Body | null, values: Record<string, Json>): Body | null => {
  const entries = Object.entries(values);
  if (entries.length === 0) return body;
  const json = body !== null && "json" in body ? body.json : {};
  return { json: entries.reduce((filled, [path, value]) => withValue(filled, path.split("."), value), json) };
};

const setParam = (url: URL, name: string, value: string | string[]) => {
  url.searchParams.delete(name);
  for (const one of [value].flat()) url.searchParams.append(name, one);
};

/** A builder of the resource's requests in a run. */
export const createRequestBuilder = (
  origin: Origin,
  resource: ResolvedResource,
  incremental: IncrementalLoading,
): RequestBuilder => ({
  build({ params = {}, body = {}, url: link }, parent) {
    const fill = createFill(resource, incremental, parent);
    const own = fill.url(origin);
    const url = link === undefined ? own : new URL(link, own);
    const secret_params: Record<string, SecretReference> = {};
    for (const [name, value] of Object.entries(resource.params)) {
      if (isSecretReference(value)) secret_params[fill.text(name)] = value;
      else if (link === undefined) {
        setParam(url, fill.text(name), Array.isArray(value) ? value.map((one) => fill.text(one)) : fill.text(value));
      }
    }
    if (link === undefined) {
      for (const [name, value] of Object.entries(incremental.params(parent))) setParam(url, name, String(value));
    }
    for (const [name, value] of Object.entries(params)) setParam(url, name, value);
    const headers: HttpRequest["headers"] = {};
    for (const [name, value] of Object.entries(resource.headers)) headers[fill.text(name)] = fill.textOrSecret(value);
    return { method: resource.method, url, headers, secret_params, body: withPage(fill.body(), body) };
  },
});
