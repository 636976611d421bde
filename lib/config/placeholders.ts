import { isSecretReference, type SecretReference } from "../secrets/reference.ts";
import { didYouMean } from "./nearest.ts";
import type { Body, ResolvedIncremental, TextOrSecret } from "./resolved.ts";
import { type IncrementalValue, literal, type Piece, parseTemplate, textsIn, unknownPlaceholder } from "./template.ts";
import { type ConfigPath, pathText, type Report } from "./validation-errors.ts";

/** Parameters of `type: resolve`, by the name in braces in the path. */
export type BoundParams = Record<string, { resource: string; field: string }>;

type Params = Record<string, TextOrSecret | string[]>;

/** Parameters of an endpoint by kind. */
export interface SortedParams {
  /** Sent as query parameters, or inserted into a path that names them. */
  plain: Params;
  bound: BoundParams;
  /** Names of the incremental parameters. */
  cursors: string[];
}

const PATH: ConfigPath = ["endpoint", "path"];
const paramPath = (name: string): ConfigPath => ["endpoint", "params", name];

/** Returns the template text of a piece. */
const pieceText = (piece: Piece): string => {
  if ("text" in piece) return literal(piece.text);
  if ("time" in piece) return piece.source;
  if ("resource" in piece) return `{resources.${piece.resource}.${piece.field}}`;
  return "incremental" in piece ? `{incremental.${piece.incremental}}` : `{${piece.name}}`;
};

/** Returns a plain parameter's text as it is inserted into the path: encoded, with its own placeholders unchanged. */
const encodedText = (text: string): string =>
  parseTemplate(text)
    .map((piece) => pieceText("text" in piece ? { text: encodeURIComponent(piece.text) } : piece))
    .join("");

/** Stands for a placeholder where only its position matters. No path contains it. */
const PLACEHOLDER = "\0";

/** Whether dlt considers a path that of a single entity: its last segment has a placeholder. */
export const isSingleEntity = (path: string): boolean => {
  // A field's JSONPath may contain slashes and question marks.
  const template = parseTemplate(path, { isPath: true })
    .map((piece) => ("text" in piece ? piece.text : PLACEHOLDER))
    .join("");
  const [pathname = ""] = template.split("?");
  return (pathname.replace(/\/+$/, "").split("/").at(-1) ?? "").includes(PLACEHOLDER);
};

/** Returns what a `{name}` in the path stands for: a parent's field, a plain value, or null after an error. */
const bindName = (
  name: string,
  { plain, bound, cursors }: SortedParams,
  report: Report,
): { parent: BoundParams[string] } | { value: string } | { secret: SecretReference } | null => {
  const parent = Object.hasOwn(bound, name) ? bound[name] : undefined;
  if (parent !== undefined) return { parent };
  if (cursors.includes(name)) {
    report(
      paramPath(name),
      `incremental parameter used in the path as {${name}}: write {incremental.start_value} in the path`,
    );
    return null;
  }
  const value = Object.hasOwn(plain, name) ? plain[name] : undefined;
  if (typeof value === "string") return { value };
  if (isSecretReference(value)) return { secret: value };
  if (value === undefined) {
    const unknown = unknownPlaceholder(`{${name}}`)?.message;
    report(PATH, unknown ?? `{${name}} in the path has no value: set params.${name}, or bind it with type: resolve`);
  } else {
    report(paramPath(name), `list used in the path as {${name}}: set a string, number or boolean`);
  }
  return null;
};

/** Returns the place of a secret in a path. No row contains it there: values of rows are encoded, and `$` is not. */
const secretPlace = (name: string): string => `$${encodeURIComponent(name)}$`;

/** A path whose names are bound. */
export interface BoundPath {
  /** Only placeholders of parents, incrementals and times are left, and the places of secrets. */
  path: string;
  /** Parameters that are sent in the query. */
  params: Params;
  /** Secrets by their place in the path. */
  path_secrets: Record<string, SecretReference>;
}

/**
 * Binds every `{name}` of a path: to a parent's field for `type: resolve`, otherwise to the parameter of that name, which is
 * then not sent as a query parameter (dlt).
 *
 * @param report receives names without a value, and bindings of names that the path does not contain.
 */
export const bindPath = (path: string, sorted: SortedParams, report: Report): BoundPath => {
  const path_secrets: BoundPath["path_secrets"] = {};
  const unused = new Set(Object.keys(sorted.bound));
  const params = { ...sorted.plain };
  const isParam = (name: string) =>
    Object.hasOwn(sorted.plain, name) || Object.hasOwn(sorted.bound, name) || sorted.cursors.includes(name);
  const texts = parseTemplate(path, { isPath: true }).map((given): string => {
    // A parameter named `now` takes precedence, as in dlt.
    const piece = "time" in given && given.source === "{now}" && isParam("now") ? { name: "now" } : given;
    if (!("name" in piece)) return pieceText(piece);
    const binding = bindName(piece.name, sorted, report);
    if (binding === null) return "";
    if ("parent" in binding) {
      unused.delete(piece.name);
      return pieceText(binding.parent);
    }
    delete params[piece.name];
    if ("value" in binding) return encodedText(binding.value);
    const place = secretPlace(piece.name);
    path_secrets[place] = binding.secret;
    return literal(place);
  });
  for (const name of unused) {
    report(paramPath(name), `type: resolve without {${name}} in the path: add {${name}} to the path`);
  }
  return { path: texts.join(""), params, path_secrets };
};

/** Returns the error of a placeholder of an incremental's value; null if it has a value in every run. */
const incrementalValueError = (value: IncrementalValue, incremental: ResolvedIncremental | null): string | null => {
  const placeholder = `{incremental.${value}}`;
  if (incremental === null) return `${placeholder} has no value: add an incremental to this endpoint`;
  if (value === "end_value" && incremental.end_value === null) {
    return `${placeholder} never has a value: set end_value of the incremental, or use end_param`;
  }
  if (value !== "end_value" && value !== "lag" && incremental.initial_value === null) {
    return `${placeholder} has no value in the first run: set initial_value of the incremental`;
  }
  return null;
};

/** Parts of a request that may contain placeholders. */
export interface Templates {
  path: string;
  params: Params;
  headers: Record<string, TextOrSecret>;
  body: Body | null;
}

/** Returns every string of a request with its path in the resource. */
const placedTexts = ({ path, params, headers, body }: Templates) => [
  { path: PATH, text: path },
  ...textsIn(params, ["endpoint", "params"]),
  ...textsIn(headers, ["endpoint", "headers"]),
  ...(body !== null && "json" in body ? textsIn(body.json, ["endpoint", "json"]) : []),
  // The pairs of a form no longer have the paths of the config.
  ...(body !== null && !("json" in body)
    ? textsIn(body).map(({ text }) => ({ path: ["endpoint", "data"], text }))
    : []),
];

/** Fields of each parent by name, and the path of its first placeholder. */
type Parents = Map<string, { fields: Set<string>; path: ConfigPath }>;

const parentsIn = (request: Templates, bound: BoundParams): Parents => {
  const parents: Parents = new Map();
  for (const { path, text } of placedTexts(request)) {
    for (const piece of parseTemplate(text)) {
      if (!("resource" in piece)) continue;
      const { resource, field } = piece;
      const param = Object.entries(bound).find(([, by]) => by.resource === resource && by.field === field)?.[0];
      const parent = parents.get(resource) ?? {
        fields: new Set(),
        path: path === PATH && param !== undefined ? [...paramPath(param), "resource"] : path,
      };
      parents.set(resource, parent);
      parent.fields.add(field);
    }
  }
  return parents;
};

const checkParents = (parents: Parents, names: string[] | null, report: Report): void => {
  for (const [resource, { path }] of parents) {
    if (names === null || names.includes(resource)) continue;
    report(
      path,
      `unknown parent resource ${JSON.stringify(resource)}${didYouMean(resource, names)} Resources: ${names.join(", ")}`,
    );
  }
  if (parents.size > 1) {
    const found = [...parents].map(([resource, { path }]) => `${resource} in ${pathText(path)}`).join(", ");
    report([], `several parents (${found}): use fields of one parent only`);
  }
};

const checkIncrementalValues = (request: Templates, incremental: ResolvedIncremental | null, report: Report): void => {
  for (const { path, text } of placedTexts(request)) {
    for (const piece of parseTemplate(text)) {
      const error = "incremental" in piece ? incrementalValueError(piece.incremental, incremental) : null;
      if (error !== null) report(path, error);
    }
  }
};

/**
 * Returns the parent that the placeholders of a request name, with the fields that it needs; null if they name none.
 *
 * @param context.names the names of all resources; null if some are unknown.
 * @param report receives an unknown parent, several parents, a host that depends on a row, and values of an incremental
 *   that do not exist in every run.
 */
export const fieldsOfParents = (
  request: Templates,
  context: { incremental: ResolvedIncremental | null; bound: BoundParams; names: string[] | null },
  report: Report,
): { resource: string; fields: string[] } | null => {
  checkIncrementalValues(request, context.incremental, report);
  if (/^https?:\/\/[^/?]*\{(?!\{)/i.test(request.path)) {
    report(PATH, "placeholder in the host of the path: use a fixed host, so that no row can redirect credentials");
  }
  const parents = parentsIn(request, context.bound);
  checkParents(parents, context.names, report);
  const [first] = parents;
  return first === undefined ? null : { resource: first[0], fields: [...first[1].fields] };
};
