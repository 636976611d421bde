import { isSecretReference } from "../secrets/reference.ts";
import { didYouMean } from "./nearest.ts";
import type { Body, ResolvedIncremental, TextOrSecret } from "./resolved.ts";
import { literal, type Piece, parseTemplate, textsIn } from "./template.ts";
import { type ConfigPath, pathText, type Report } from "./validation-errors.ts";

/** Parameters of dlt's older form, by the name that the path has in braces. */
export type BoundParams = Record<string, { resource: string; field: string }>;

type Params = Record<string, TextOrSecret | string[]>;

/** An endpoint's parameters by what they are. */
export interface SortedParams {
  /** Sent, or put into the path where it names them. */
  plain: Params;
  bound: BoundParams;
  /** Names of those that are an incremental. */
  cursors: string[];
}

const PATH: ConfigPath = ["endpoint", "path"];
const paramPath = (name: string): ConfigPath => ["endpoint", "params", name];

/** A piece as the text that stands for it. */
const written = (piece: Piece): string => {
  if ("text" in piece) return literal(piece.text);
  if ("resource" in piece) return `{resources.${piece.resource}.${piece.field}}`;
  return "incremental" in piece ? `{incremental.${piece.incremental}}` : `{${piece.name}}`;
};

/** What a plain parameter puts into the path: its text, encoded; its own placeholders stay. */
const inPath = (text: string): string =>
  parseTemplate(text)
    .map((piece) => written("text" in piece ? { text: encodeURIComponent(piece.text) } : piece))
    .join("");

/** Stands for a placeholder where only its place counts; no path has it. */
const HOLE = "\0";

/** Whether dlt takes a path for that of one thing: its last segment has a placeholder. */
export const isSingleEntity = (path: string): boolean => {
  // A field's JSONPath may hold slashes and question marks of its own.
  const holed = parseTemplate(path, { isPath: true })
    .map((piece) => ("text" in piece ? piece.text : HOLE))
    .join("");
  const [pathname = ""] = holed.split("?");
  return (pathname.replace(/\/+$/, "").split("/").at(-1) ?? "").includes(HOLE);
};

/**
 * Binds every `{name}` of a path: to a parent's field where `type: resolve` says so, else to the plain parameter of that
 * name, which is not sent then (dlt).
 *
 * @param report is told of a name that nothing binds, and of a binding that the path does not have.
 * @returns the path with placeholders of parents only, and the parameters that are sent.
 */
export const bindPath = (
  path: string,
  { plain, bound, cursors }: SortedParams,
  report: Report,
): { path: string; params: Params } => {
  const params = { ...plain };
  const unused = new Set(Object.keys(bound));
  const used = new Set<string>();
  const pieces = parseTemplate(path, { isPath: true }).map((piece): string => {
    if (!("name" in piece)) return written(piece);
    const { name } = piece;
    const parent = Object.hasOwn(bound, name) ? bound[name] : undefined;
    if (parent !== undefined) {
      unused.delete(name);
      return written(parent);
    }
    if (cursors.includes(name)) {
      report(paramPath(name), `is an incremental, which the path cannot take as {${name}}: it is sent as a parameter`);
      return "";
    }
    const value = Object.hasOwn(params, name) ? params[name] : undefined;
    if (value === undefined) {
      report(PATH, `nothing binds {${name}} of the path: give params.${name} a value or type: resolve`);
      return "";
    }
    if (typeof value !== "string") {
      const what = isSecretReference(value) ? "a secret" : "a list";
      report(paramPath(name), `is ${what}, which cannot go into the path as {${name}}`);
      return "";
    }
    used.add(name);
    return inPath(value);
  });
  for (const name of unused) report(paramPath(name), `is bound to a parent, but the path has no {${name}}`);
  for (const name of used) delete params[name];
  return { path: pieces.join(""), params };
};

/** What is wrong with a placeholder of an incremental's value; null when it has one in every run. */
const valueMistake = (value: string, incremental: ResolvedIncremental | null): string | null => {
  const shown = `{incremental.${value}}`;
  if (incremental === null) return `${shown} needs an incremental at this endpoint`;
  if (value === "end_value" && incremental.end_value === null) {
    return `${shown} never has a value: give the incremental an end_value, or use end_param`;
  }
  if (value !== "end_value" && incremental.initial_value === null) {
    return `${shown} has no value in the first run: give the incremental an initial_value`;
  }
  return null;
};

/** What of an endpoint may hold placeholders. */
export interface Templates {
  path: string;
  params: Params;
  headers: Record<string, TextOrSecret>;
  body: Body | null;
}

/** Every text of a request, with the place in the resource that it comes from. */
const placedTexts = ({ path, params, headers, body }: Templates) => [
  { path: PATH, text: path },
  ...textsIn(params, ["endpoint", "params"]),
  ...textsIn(headers, ["endpoint", "headers"]),
  ...(body !== null && "json" in body ? textsIn(body.json, ["endpoint", "json"]) : []),
  // A form's pairs are in an order of their own by now.
  ...(body !== null && !("json" in body)
    ? textsIn(body).map(({ text }) => ({ path: ["endpoint", "data"], text }))
    : []),
];

/**
 * The one parent that the placeholders of a request name, with the fields it needs of it; null when they name none.
 *
 * @param names the resources that there are; null: they are not known.
 * @param report is told of an unknown parent, of several parents, of a host that a parent chooses, and of an incremental's
 *   value that is never there.
 */
export const fieldsOfParents = (
  request: Templates,
  {
    incremental,
    bound,
    names,
  }: { incremental: ResolvedIncremental | null; bound: BoundParams; names: string[] | null },
  report: Report,
): { resource: string; fields: string[] } | null => {
  /** The fields of each parent, and where it was named first. */
  const parents = new Map<string, { fields: Set<string>; path: ConfigPath }>();
  for (const { path, text } of placedTexts(request)) {
    for (const piece of parseTemplate(text)) {
      if ("resource" in piece) {
        const { resource, field } = piece;
        const older = Object.entries(bound).find(([, by]) => by.resource === resource && by.field === field);
        const parent = parents.get(resource) ?? {
          fields: new Set(),
          path: path === PATH && older !== undefined ? [...paramPath(older[0]), "resource"] : path,
        };
        parents.set(resource, parent);
        parent.fields.add(field);
      } else if ("incremental" in piece) {
        const mistake = valueMistake(piece.incremental, incremental);
        if (mistake !== null) report(path, mistake);
      }
    }
  }
  if (/^https?:\/\/[^/?]*\{(?!\{)/i.test(request.path)) {
    report(PATH, "a placeholder is in the host of the path: rows would choose where the key goes");
  }
  for (const [resource, { path }] of parents) {
    if (names === null || names.includes(resource)) continue;
    report(
      path,
      `its parent ${JSON.stringify(resource)} is not a resource of this source${didYouMean(resource, names)} There are: ${names.join(", ")}`,
    );
  }
  if (parents.size > 1) {
    const shown = [...parents].map(([resource, { path }]) => `${resource} in ${pathText(path)}`).join(", ");
    report([], `is bound to several parents (${shown}): a resource has at most one`);
  }
  const [first] = parents;
  return first === undefined ? null : { resource: first[0], fields: [...first[1].fields] };
};
