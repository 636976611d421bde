import { normaliseName } from "../columns/names.ts";
import { ConfigError } from "../errors/index.ts";
import { compilePath } from "../json/path.ts";
import { isSecretReference } from "../secrets/reference.ts";
import { didYouMean } from "./nearest.ts";
import type { ConfigPath } from "./validation-errors.ts";

/** What of an incremental a text may name, as in dlt. */
export const INCREMENTAL_VALUES = ["initial_value", "start_value", "last_value", "end_value"] as const;

/** One of them. */
export type IncrementalValue = (typeof INCREMENTAL_VALUES)[number];

/** A piece of a text with placeholders. */
export type Piece =
  /** As it is. */
  | { text: string }
  /** `{resources.posts.id}`: a field (JSONPath) of the parent's row. */
  | { resource: string; field: string }
  /** `{incremental.start_value}` */
  | { incremental: IncrementalValue }
  /** `{id}`, which means something in a path only. */
  | { name: string };

const RESOURCE = /^\{resources\.([^{}.]+)\.([^{}]+)\}/;
const INCREMENTAL = /^\{incremental\.([^{}]*)\}/;
const NAME = /^\{([^{}]*)\}/;

/** What begins like a placeholder, rightly or with blanks, in the singular or in capitals. */
const BEGINNING = /\{ *(resource|incremental)s? *\.(?!\.\.)/i;
/** Python's conversions and formats; a name that holds such a character can be quoted. */
const FORMAT = /[:!][^'"\]]*$/;

const incrementalValue = (name: string): IncrementalValue => {
  const known = INCREMENTAL_VALUES.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  throw new ConfigError(
    `{incremental.${name}} names nothing${didYouMean(name, INCREMENTAL_VALUES)} There are ${INCREMENTAL_VALUES.join(", ")}`,
  );
};

/** @throws ConfigError for a field that is no JSONPath: it would only fail once there are rows. */
const checkField = (shown: string, field: string): void => {
  const format = FORMAT.exec(field)?.[0];
  if (format !== undefined) {
    throw new ConfigError(
      `${shown} has Python's format ${JSON.stringify(format)}: leave it out; if it is part of the field's name, quote the name`,
    );
  }
  compilePath(field);
};

/** The placeholder that a text begins with, and its length. */
const placeholder = (rest: string, isPath: boolean): [Piece, number] | null => {
  const resource = RESOURCE.exec(rest);
  if (resource !== null) {
    const [shown, name, field] = resource as unknown as [string, string, string];
    checkField(shown, field);
    return [{ resource: normaliseName(name), field }, shown.length];
  }
  const incremental = INCREMENTAL.exec(rest);
  if (incremental !== null) return [{ incremental: incrementalValue(incremental[1] as string) }, incremental[0].length];
  const beginning = BEGINNING.exec(rest);
  if (beginning?.index === 0) {
    // Without its end nobody knows how much of the text belongs to it, and what else is in there.
    const shown = NAME.exec(rest)?.[0] ?? `${beginning[0]} without its end`;
    const isParent = beginning[1]?.toLowerCase() === "resource";
    throw new ConfigError(
      `${shown} is no placeholder: write ${isParent ? "{resources.<parent>.<field>}" : "{incremental.<value>}"}`,
    );
  }
  const name = isPath ? NAME.exec(rest) : null;
  if (name?.[1] === "") throw new ConfigError("has {}, which names nothing: write {name}, and bind it by params.name");
  return name === null ? null : [{ name: name[1] as string }, name[0].length];
};

/** The text cut into pieces; null when a brace in it is neither doubled nor part of a placeholder. */
const cut = (text: string, isPath: boolean): Piece[] | null => {
  const pieces: Piece[] = [];
  let plain = "";
  for (let index = 0; index < text.length; ) {
    const rest = text.slice(index);
    if (rest.startsWith("{{") || rest.startsWith("}}")) {
      plain += rest[0];
      index += 2;
      continue;
    }
    const found = rest.startsWith("{") ? placeholder(rest, isPath) : null;
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
 * Reads dlt's placeholders out of a text: `{resources.<parent>.<field>}`, `{incremental.<value>}`, and doubled braces
 * for literal ones. Where there is no placeholder, braces that are not all doubled mean themselves, so that JSON and the
 * like can be pasted as they are (dlt refuses that).
 *
 * @param options.isPath also reads `{name}`, which a path binds to a parameter.
 * @throws ConfigError for a placeholder that names nothing, and for a lone brace in a path or beside one. It quotes the
 *   placeholder and nothing else of the text, which may be a key's.
 */
export const parseTemplate = (text: string, { isPath = false } = {}): Piece[] => {
  if (!/[{}]/.test(text)) return text === "" ? [] : [{ text }];
  const pieces = cut(text, isPath);
  if (pieces !== null) return pieces;
  if (isPath || hasPlaceholder(text)) {
    throw new ConfigError("has a single brace that is part of no placeholder: double it, as {{ or }}");
  }
  return [{ text }];
};

/** Whether a text has something that looks like a placeholder, also where none is filled in. */
export const hasPlaceholder = (text: string): boolean => BEGINNING.test(text);

/** The text with its braces doubled: it means itself wherever a template is read. */
export const literal = (text: string): string => text.replaceAll(/[{}]/g, "$&$&");

/** A text with its place. */
export interface PlacedText {
  path: ConfigPath;
  text: string;
}

/** Every text in a config value with its path, keys included, however deep; a secret's name is none. */
export const textsIn = (value: unknown, path: ConfigPath = []): PlacedText[] => {
  if (typeof value === "string") return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((inner, index) => textsIn(inner, [...path, index]));
  if (typeof value !== "object" || value === null || isSecretReference(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, key];
    return [{ path: here, text: key }, ...textsIn(inner, here)];
  });
};
