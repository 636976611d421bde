import { normaliseName } from "../columns/names.ts";
import { ConfigError } from "../errors/index.ts";
import { compilePath } from "../json/path.ts";
import { isSecretReference } from "../secrets/reference.ts";
import { didYouMean, nearest } from "./nearest.ts";
import { leadingTime, type TimePlaceholder, timeValue } from "./time-placeholder.ts";
import type { ConfigPath } from "./validation-errors.ts";

/** Values of an incremental that a placeholder may name, as in dlt. */
export const INCREMENTAL_VALUES = ["initial_value", "start_value", "last_value", "end_value", "lag"] as const;

/** A value of an incremental. */
export type IncrementalValue = (typeof INCREMENTAL_VALUES)[number];

/** A piece of a template. */
export type Piece =
  /** Literal text. */
  | { text: string }
  /** `{resources.posts.id}`: a field (JSONPath) of the parent's row. */
  | { resource: string; field: string }
  /** `{incremental.start_value}` */
  | { incremental: IncrementalValue }
  /** `{run.opened_at}` or `{now}` */
  | TimePlaceholder
  /** `{id}`: has a meaning in a path only. */
  | { name: string };

const RESOURCE = /^\{resources\.([^{}.]+)\.([^{}]+)\}/;
const INCREMENTAL = /^\{incremental\.([^{}]*)\}/;
const NAME = /^\{([^{}]*)\}/;

/** The beginning of a placeholder, also with spaces, in the singular or in capitals. */
const BEGINNING = /\{ *(resource|incremental)s? *\.(?!\.\.)/i;
/** Text in the form of a placeholder of an unknown kind: `{word.word}`. Doubled braces are literal. */
const UNKNOWN = /(?<!\{)\{ *([\p{L}_][\p{L}\p{N}_]*) *\. *([\p{L}\p{N}_$[][^{}]*)\}/u;
/** The first words of placeholders, with their form. */
const KINDS: Record<string, string> = {
  resources: "{resources.<parent>.<field>}",
  incremental: "{incremental.<value>}",
  run: "{run.opened_at}",
};
/** The beginning of a time, except within doubled braces. */
const TIME_BEGINNING = /(?<!\{)\{(?:now\}| *run *\. *opened_?at\b| *now *(?:[+-] *\d|:[^{}]*%))/i;
/** Python's conversions and formats. A field name that contains such a character can be quoted. */
const FORMAT = /[:!][^'"\]]*$/;

const incrementalValue = (name: string): IncrementalValue => {
  const value = INCREMENTAL_VALUES.find((candidate) => candidate === name);
  if (value !== undefined) return value;
  throw new ConfigError(
    `unknown placeholder {incremental.${name}}${didYouMean(name, INCREMENTAL_VALUES)} Allowed values: ${INCREMENTAL_VALUES.join(", ")}`,
  );
};

/** @throws ConfigError for a field that is not a JSONPath, which would otherwise fail only when there are rows. */
const checkField = (placeholder: string, field: string): void => {
  const format = FORMAT.exec(field)?.[0];
  if (format !== undefined) {
    throw new ConfigError(
      `${placeholder} has the Python format ${JSON.stringify(format)}: remove it, or quote the name if it is part of the field's name`,
    );
  }
  compilePath(field);
};

/** Returns the error of a string that begins like a placeholder. */
const malformed = (rest: string, [beginning, kind]: RegExpExecArray): ConfigError => {
  const syntax = kind?.toLowerCase() === "resource" ? "{resources.<parent>.<field>}" : "{incremental.<value>}";
  const [whole] = NAME.exec(rest) ?? [];
  // Without a closing brace, only the beginning is shown: the rest of the text may contain a key.
  const problem = whole === undefined ? `unclosed placeholder ${beginning}` : `invalid placeholder ${whole}`;
  return new ConfigError(`${problem}: write ${syntax}`);
};

/**
 * Returns the error of the first `{word.word}` in a string, and its place; null if there is none. It is a misspelled
 * placeholder, and would be sent literally. Only the placeholder is quoted, because the rest of the text may contain a key.
 */
export const unknownPlaceholder = (text: string): { index: number; message: string } | null => {
  const match = UNKNOWN.exec(text);
  if (match === null) return null;
  const [whole, word, rest] = match as unknown as [string, string, string];
  const [value = ""] = /^\w+/.exec(rest) ?? [];
  if (word === "resources" || word === "incremental" || (word === "run" && value === "opened_at")) return null;
  const isTime = nearest(value, ["opened_at"]) !== undefined;
  const kind = nearest(word, isTime ? ["run"] : ["resources", "incremental"]);
  const advice =
    kind === undefined
      ? `write ${Object.values(KINDS).join(" or ")}, or double the braces to send the text itself`
      : `did you mean ${isTime ? KINDS.run : `{${kind}.${rest.trim()}}`}?`;
  return { index: match.index, message: `unknown placeholder ${whole}: ${advice}` };
};

/** Returns the placeholder at the beginning of a string, and its length; null if there is none. */
const leadingPlaceholder = (rest: string, isPath: boolean): [Piece, number] | null => {
  const resource = RESOURCE.exec(rest);
  if (resource !== null) {
    const [whole, name, field] = resource as unknown as [string, string, string];
    checkField(whole, field);
    return [{ resource: normaliseName(name), field }, whole.length];
  }
  const incremental = INCREMENTAL.exec(rest);
  if (incremental !== null) return [{ incremental: incrementalValue(incremental[1] as string) }, incremental[0].length];
  const beginning = BEGINNING.exec(rest);
  if (beginning?.index === 0) throw malformed(rest, beginning);
  const time = leadingTime(rest);
  if (time !== null) return [time, time.source.length];
  const unknown = isPath ? null : unknownPlaceholder(rest);
  if (unknown?.index === 0) throw new ConfigError(unknown.message);
  const name = isPath ? NAME.exec(rest) : null;
  if (name?.[1] === "") throw new ConfigError("empty placeholder {} in the path: write {name} and set params.name");
  return name === null ? null : [{ name: name[1] as string }, name[0].length];
};

/** Splits a string into pieces; null if a brace in it is neither doubled nor part of a placeholder. */
const split = (text: string, isPath: boolean): Piece[] | null => {
  const pieces: Piece[] = [];
  let plain = "";
  for (let index = 0; index < text.length; ) {
    const rest = text.slice(index);
    if (rest.startsWith("{{") || rest.startsWith("}}")) {
      plain += rest[0];
      index += 2;
      continue;
    }
    const found = rest.startsWith("{") ? leadingPlaceholder(rest, isPath) : null;
    if (found !== null) {
      if (plain !== "") pieces.push({ text: plain });
      plain = "";
      pieces.push(found[0]);
      index += found[1];
      continue;
    }
    if (rest.startsWith("{") || rest.startsWith("}")) return null;
    plain += rest[0];
    index++;
  }
  if (plain !== "") pieces.push({ text: plain });
  return pieces;
};

/**
 * Parses the placeholders in a string: `{resources.<parent>.<field>}` and `{incremental.<value>}` as in dlt, `{run.opened_at}`
 * and `{now}`, and doubled braces for literal ones. In a string without placeholders, single braces are literal, so that JSON and GraphQL can be pasted
 * unchanged (dlt rejects that).
 *
 * @param options.isPath also parses `{name}`, which a path binds to a parameter.
 * @throws ConfigError for an unknown or malformed placeholder (anything of the form `{word.word}`), and for a single brace in
 *   a path or next to a placeholder.
 *   Only the placeholder is quoted, because the rest of the text may be a key.
 */
export const parseTemplate = (text: string, { isPath = false } = {}): Piece[] => {
  if (!/[{}]/.test(text)) return text === "" ? [] : [{ text }];
  const pieces = split(text, isPath);
  if (pieces !== null) return pieces;
  const unknown = isPath ? null : unknownPlaceholder(text);
  if (unknown !== null) throw new ConfigError(unknown.message);
  if (isPath || hasPlaceholder(text)) {
    throw new ConfigError("single brace outside of a placeholder: write {{ or }} for a literal brace");
  }
  return [{ text }];
};

/**
 * Returns a value with the time of the run filled in where it is a string with placeholders; a number for a single epoch.
 *
 * @param opened_at milliseconds since 1970.
 */
export const withRunTime = <Value>(given: Value, opened_at: number): Value | string | number => {
  if (typeof given !== "string") return given;
  const values = parseTemplate(given).map((piece) => {
    if ("text" in piece) return piece.text;
    return "time" in piece ? timeValue(piece, { opened_at, now: opened_at }) : "";
  });
  const [first = ""] = values;
  return values.length === 1 ? first : values.join("");
};

/** Whether a string contains the beginning of a placeholder. Literal and malformed ones count as well. */
export const hasPlaceholder = (text: string): boolean => BEGINNING.test(text) || TIME_BEGINNING.test(text);

/** Doubles the braces of a string, so that a template reads them as literal. */
export const literal = (text: string): string => text.replaceAll(/[{}]/g, "$&$&");

/** A string and its path. */
export interface PlacedText {
  path: ConfigPath;
  text: string;
}

/** Returns every string in a config value with its path, keys included, at any depth. Names of secrets are left out. */
export const textsIn = (value: unknown, path: ConfigPath = []): PlacedText[] => {
  if (typeof value === "string") return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((inner, index) => textsIn(inner, [...path, index]));
  if (typeof value !== "object" || value === null || isSecretReference(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, key];
    return [{ path: here, text: key }, ...textsIn(inner, here)];
  });
};
