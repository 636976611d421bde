import { JSONPathEnvironment, JSONPathError, type JSONPathNode, JSONPathQuery, jsonpath } from "json-p3";
import { ConfigError, ResponseError } from "../errors/index.ts";
import { withExactNumbers } from "./filter-expressions.ts";
import { isJsonObject, type Json, type JsonObject } from "./index.ts";

/** Keys and indices that lead to a value. */
export type Place = readonly (string | number)[];

/** The deepest value that a path without a match reaches. */
export interface DeadEnd {
  /** `$` for the whole document. */
  path: string;
  value: Json;
}

/**
 * A path into JSON, as configs write it: RFC 9535 JSONPath, with or without the leading `$.`. As in dlt, a name may contain
 * dashes, and is quoted if it contains a dot: `'@odata.nextLink'`.
 */
export interface Path {
  /** The path as written. */
  readonly text: string;
  /** Keys of a path that consists of keys only (a key may contain dots); null for any other path. */
  readonly keys: readonly string[] | null;
  /** Returns all matches in document order. */
  all(body: Json): Json[];
  /** Returns the first match; undefined if there is none. null is a match. */
  first(body: Json): Json | undefined;
  /** Returns where the matches are, in the order of `all`. */
  places(body: Json): Place[];
  /** Whether it has at most one match in any document: it consists of names and indices (RFC 9535, 2.3.5). */
  readonly isSingular: boolean;
  /** Kind of its last part: one field, one item of a list, or several of either. `whole` is `$`, which has no part. */
  readonly selects: "whole" | "field" | "item" | "several";
  /**
   * Returns the deepest value that the path reaches when it matches nothing. null for a path that matches, and for one that
   * selects among items (wildcard, filter, index) and legitimately finds none. Names are required.
   */
  deadEnd(body: Json): DeadEnd | null;
  /**
   * Returns the items of the first list among which the path selects by a wildcard, a filter or a slice, whether it selects them
   * or not; null for any other path.
   */
  itemsAround(body: Json): Json[] | null;
}

/** Returns the value at a path of keys; undefined if there is none. null is a value. */
export const atKeys = (body: Json, keys: readonly string[]): Json | undefined => {
  let current: Json | undefined = body;
  for (const key of keys) {
    if (!isJsonObject(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
};

/** A name without quotes: no character has a meaning in a path, here or in dlt. Spaces are allowed inside only. */
const NAME = String.raw`[^\s.[\]*()?'"\\,|&\x60~!=<>]+(?: +[^\s.[\]*()?'"\\,|&\x60~!=<>]+)*`;
const QUOTED = String.raw`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`;

const BARE = new RegExp(`^${NAME}$`);
const DOTTED = new RegExp(`^\\s*(\\.\\.?)\\s*(?:(${QUOTED})|(${NAME}))`, "s");
/** dlt also allows a dot before a bracket. */
const BRACKETED = new RegExp(`^\\s*\\.?\\s*\\[\\s*(${QUOTED})\\s*\\]`, "s");
const BRACKET = /^\s*\.?\s*\[/;
const TOKEN = new RegExp(`^(?:${QUOTED}|[^])`);

/** Returns the path of some keys, in the form that configs use. */
export const pathOf = (keys: readonly string[]): string =>
  keys
    .map((key, index) => {
      if (!BARE.test(key) || (index === 0 && key.startsWith("$"))) return `[${JSON.stringify(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join("") || "$";

/** Returns the text between quotes with its escapes resolved (RFC 9535, 2.3.1.2); null for an invalid escape. */
const unquote = (quoted: string): string | null => {
  const inner = quoted.slice(1, -1);
  if (!inner.includes("\\")) return inner;
  const asJson = inner.replaceAll(/\\.|"/gs, (found) => (found === "\\'" ? "'" : found === '"' ? '\\"' : found));
  try {
    return JSON.parse(`"${quoted.startsWith("'") ? asJson : inner}"`) as string;
  } catch {
    return null;
  }
};

/** Returns the text up to the bracket that closes the first one, or all of it. */
const bracketed = (text: string): string => {
  let [length, depth] = [0, 0];
  while (length < text.length) {
    const [token = ""] = TOKEN.exec(text.slice(length)) ?? [];
    length += token.length;
    if (token === "[") depth++;
    if (token === "]" && --depth === 0) break;
  }
  return text.slice(0, length);
};

/** Parses a path: its keys if it consists of keys only, and the same path in the syntax of RFC 9535. */
const parse = (text: string): { keys: string[] | null; standard: string } => {
  let rest = text.startsWith("$") ? text.slice(1) : /^[.[]/.test(text) ? text : `.${text}`;
  const keys: string[] = [];
  let isPlain = true;
  let standard = "$";
  while (rest !== "") {
    const dotted = DOTTED.exec(rest);
    const inBrackets = dotted === null ? BRACKETED.exec(rest) : null;
    const [whole = ""] = dotted ?? inBrackets ?? [];
    const quoted = dotted?.[2] ?? inBrackets?.[1];
    const key = quoted === undefined ? dotted?.[3] : unquote(quoted);
    if (key != null) {
      const isDescent = dotted?.[1] === "..";
      isPlain &&= !isDescent;
      keys.push(key);
      standard += `${isDescent ? ".." : ""}[${JSON.stringify(key)}]`;
      rest = rest.slice(whole.length);
      continue;
    }
    isPlain = false;
    const taken = BRACKET.test(rest) ? bracketed(rest) : rest.startsWith("..") ? ".." : rest.slice(0, 1);
    standard += taken.replace(BRACKET, "[");
    rest = rest.slice(taken.length);
  }
  return { keys: isPlain ? keys : null, standard };
};

const keyPath = (text: string, keys: string[]): Path => ({
  text,
  keys,
  all(body) {
    const found = atKeys(body, keys);
    return found === undefined ? [] : [found];
  },
  first: (body) => atKeys(body, keys),
  places: (body) => (atKeys(body, keys) === undefined ? [] : [keys]),
  isSingular: true,
  selects: keys.length === 0 ? "whole" : "field",
  deadEnd(body) {
    const depth = keys.findIndex((_, index) => atKeys(body, keys.slice(0, index + 1)) === undefined);
    if (depth === -1) return null;
    const reached = keys.slice(0, depth);
    return { path: pathOf(reached), value: atKeys(body, reached) ?? null };
  },
  itemsAround: () => null,
});

/** Maximum depth of `..`, which needs more stack with each level. */
const MAX_DEPTH = 1000;
/** The environment in which all queries are compiled. */
export const environment = new JSONPathEnvironment({ maxRecursionDepth: MAX_DEPTH });
const { FilterSelector, IndexSelector, NameSelector, SliceSelector, WildcardSelector } = jsonpath.selectors;

/** Syntax that dlt's parser accepts and the standard does not, with what to write instead. */
const HINTS: [RegExp, string][] = [
  [/\?\s*\(?\s*[A-Za-z_]\w*\s*[=<>!]/, "a field in a filter begins with @, as in [?@.id > 1]"],
  [/[^=<>!]=(?!=)/, "a filter compares with =="],
  [/^[^[]*,/, "to take several names, write ['a', 'b']"],
  [/^\$[^.[]/, "quote a name that begins with $"],
];

/**
 * Compiles text in the syntax of RFC 9535.
 *
 * @param text the text as the config has it, for the message.
 * @param kind completes `is not ...` in the message.
 * @param hints patterns of the text, with what to write instead.
 * @throws ConfigError if the syntax is wrong.
 */
export const compileQuery = (
  standard: string,
  text: string,
  kind = "a JSONPath",
  hints: readonly [RegExp, string][] = HINTS,
): JSONPathQuery => {
  try {
    return withExactNumbers(environment.compile(standard));
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error;
    // For an incomplete path, json-p3 reports its internal state.
    const reason = error.message.startsWith("can't backup") ? "it ends too early" : error.message.split(" ('")[0];
    const hint = hints.find(([pattern]) => pattern.test(text))?.[1];
    throw new ConfigError(
      `${JSON.stringify(text)} is not ${kind} (RFC 9535): ${reason}${hint === undefined ? "" : `; ${hint}`}`,
    );
  }
};

/** Whether a selector takes several items of a list, or some of them. */
const takesItems = (selector: object): boolean =>
  [WildcardSelector, FilterSelector, SliceSelector].some((kind) => selector instanceof kind);

/** Returns what the last part of a query selects. */
const selectedBy = ({ segments }: JSONPathQuery): Path["selects"] => {
  const { selectors } = segments.at(-1) ?? { selectors: [] };
  const [selector, ...others] = selectors;
  if (selector === undefined) return "whole";
  if (others.length === 0 && selector instanceof NameSelector) return "field";
  return others.length === 0 && selector instanceof IndexSelector ? "item" : "several";
};

/** Whether a selector may legitimately find nothing in a value, because lists and objects may be empty or null. */
const mayMatchNothing = (selector: object, value: unknown): boolean => {
  if (selector instanceof WildcardSelector || selector instanceof FilterSelector) return typeof value === "object";
  const selectsItems = selector instanceof IndexSelector || selector instanceof SliceSelector;
  return selectsItems && (value === null || Array.isArray(value));
};

/** Returns the error of a query or filter that a document is too deep or too large for; any other error unchanged. */
export const evaluationError = (text: string, error: unknown): unknown =>
  error instanceof JSONPathError || error instanceof RangeError
    ? new ResponseError(
        `${JSON.stringify(text)} cannot be evaluated on this response (nested more than ${MAX_DEPTH} levels deep, or too large): replace .. by the keys of the path`,
      )
    : error;

const queryPath = (text: string, query: JSONPathQuery): Path => {
  /** Only the lazy query works for large lists: otherwise json-p3 spreads them into arguments and overflows the stack. */
  const nodes = function* (body: Json, part: JSONPathQuery): Generator<JSONPathNode> {
    try {
      yield* part.lazyQuery(body as never);
    } catch (error) {
      throw evaluationError(text, error);
    }
  };
  /** Returns what the first segments of the path reach. */
  const upTo = (body: Json, depth: number) =>
    Array.from(nodes(body, new JSONPathQuery(environment, query.segments.slice(0, depth))));
  return {
    text,
    keys: null,
    all: (body) => Array.from(nodes(body, query), ({ value }) => value as Json),
    first: (body) => nodes(body, query).next().value?.value as Json | undefined,
    places: (body) => Array.from(nodes(body, query), ({ location }) => location),
    isSingular: query.singularQuery(),
    selects: selectedBy(query),
    itemsAround(body) {
      for (const [depth, { selectors }] of query.segments.entries()) {
        if (!selectors.some(takesItems)) continue;
        const lists = upTo(body, depth).flatMap(({ value }) => (Array.isArray(value) ? [value as Json[]] : []));
        if (lists.length > 0) return lists.flat();
      }
      return null;
    },
    deadEnd(body) {
      let reached = upTo(body, 0);
      for (const [depth, { selectors }] of query.segments.entries()) {
        const next = upTo(body, depth + 1);
        if (next.length === 0) {
          const [end] = reached;
          const isLegitimate = reached.some(({ value }) =>
            selectors.some((selector) => mayMatchNothing(selector, value)),
          );
          if (isLegitimate || end === undefined) return null;
          return { path: end.getPath().replace(/^\$\.?(?=.)/, ""), value: end.value as Json };
        }
        reached = next;
      }
      return null;
    },
  };
};

const compiled = new Map<string, Path>();

/**
 * Compiles a path. Compiled paths are cached.
 *
 * @throws ConfigError if it is not a JSONPath.
 */
export const compilePath = (text: string): Path => {
  let path = compiled.get(text);
  if (path === undefined) {
    const { keys, standard } = parse(text.trim());
    path = keys === null ? queryPath(text, compileQuery(standard, text)) : keyPath(text, keys);
    compiled.set(text, path);
  }
  return path;
};

/**
 * Returns the first match of a path; undefined if there is none. null is a match.
 *
 * @throws ConfigError if it is not a JSONPath.
 * @throws ResponseError if the document is nested too deep for the path.
 */
export const at = (body: Json, path: string): Json | undefined => compilePath(path).first(body);

/**
 * Returns a field of a row that a child names; undefined if there is none. If the row has a key equal to the whole path, the
 * key is used, dots or not: `include_from_parent` names keys.
 */
export const fieldAt = (row: JsonObject, field: string): Json | undefined =>
  Object.hasOwn(row, field) ? row[field] : at(row, field);
