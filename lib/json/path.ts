import { JSONPathEnvironment, JSONPathError, type JSONPathNode, JSONPathQuery, jsonpath } from "json-p3";
import { ConfigError, ResponseError } from "../errors/index.ts";
import { withExactNumbers } from "./filter-expressions.ts";
import { isJsonObject, type Json } from "./index.ts";

/** The deepest place on the way of a path that is there. */
export interface DeadEnd {
  /** `$` for the whole. */
  path: string;
  /** What is there. */
  value: Json;
}

/**
 * A path into JSON, as configs write it: RFC 9535 JSONPath, the leading `$.` left out or not. As in dlt, a name may hold
 * dashes, and may be quoted where it holds a dot: `'@odata.nextLink'`.
 */
export interface Path {
  /** As it was written. */
  readonly text: string;
  /** The keys of a path that is nothing but keys, which may hold dots themselves; null when there is more to it. */
  readonly keys: readonly string[] | null;
  /** All that it matches, in the order of the document. */
  all(body: Json): Json[];
  /** The first match; undefined when there is none, which is not the same as null. */
  first(body: Json): Json | undefined;
  /**
   * Where a path that matches nothing ends. Names must be there; what picks among the items of a list or an object may
   * pick none of them: then it is null, as it is for a path that matches.
   */
  deadEnd(body: Json): DeadEnd | null;
}

/** The value at a path of keys; undefined when there is nothing, which is not the same as null. */
export const atKeys = (body: Json, keys: readonly string[]): Json | undefined => {
  let current: Json | undefined = body;
  for (const key of keys) {
    if (!isJsonObject(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
};

/** A name that needs no quotes: nothing in it means something in a path, here or in dlt. Blanks only inside. */
const NAME = String.raw`[^\s.[\]*()?'"\\,|&\x60~!=<>]+(?: +[^\s.[\]*()?'"\\,|&\x60~!=<>]+)*`;
const QUOTED = String.raw`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`;

const BARE = new RegExp(`^${NAME}$`);
const DOTTED = new RegExp(`^\\s*(\\.\\.?)\\s*(?:(${QUOTED})|(${NAME}))`, "s");
/** dlt takes a dot before a bracket, too. */
const BRACKETED = new RegExp(`^\\s*\\.?\\s*\\[\\s*(${QUOTED})\\s*\\]`, "s");
const BRACKET = /^\s*\.?\s*\[/;
const TOKEN = new RegExp(`^(?:${QUOTED}|[^])`);

/** The path of some keys, as a config may write it. */
export const pathOf = (keys: readonly string[]): string =>
  keys
    .map((key, index) => {
      if (!BARE.test(key) || (index === 0 && key.startsWith("$"))) return `[${JSON.stringify(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join("") || "$";

/** What is between quotes, escapes resolved (RFC 9535, 2.3.1.2); null when an escape is none. */
const unquoted = (quoted: string): string | null => {
  const inner = quoted.slice(1, -1);
  if (!inner.includes("\\")) return inner;
  const asJson = inner.replaceAll(/\\.|"/gs, (found) => (found === "\\'" ? "'" : found === '"' ? '\\"' : found));
  try {
    return JSON.parse(`"${quoted.startsWith("'") ? asJson : inner}"`) as string;
  } catch {
    return null;
  }
};

/** The text up to the bracket that closes the first one, or all of it. */
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

/** A path as it was written, read: its keys if there is nothing else in it, and the same path as the standard has it. */
const read = (text: string): { keys: string[] | null; standard: string } => {
  let rest = text.startsWith("$") ? text.slice(1) : /^[.[]/.test(text) ? text : `.${text}`;
  const keys: string[] = [];
  let isPlain = true;
  let standard = "$";
  while (rest !== "") {
    const dotted = DOTTED.exec(rest);
    const inBrackets = dotted === null ? BRACKETED.exec(rest) : null;
    const [whole = ""] = dotted ?? inBrackets ?? [];
    const quoted = dotted?.[2] ?? inBrackets?.[1];
    const key = quoted === undefined ? dotted?.[3] : unquoted(quoted);
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
  deadEnd(body) {
    const depth = keys.findIndex((_, index) => atKeys(body, keys.slice(0, index + 1)) === undefined);
    if (depth === -1) return null;
    const there = keys.slice(0, depth);
    return { path: pathOf(there), value: atKeys(body, there) ?? null };
  },
});

/** How deep `..` looks. Its way takes the more stack the deeper it gets. */
const DEEPEST = 1000;
const environment = new JSONPathEnvironment({ maxRecursionDepth: DEEPEST });
const { FilterSelector, IndexSelector, SliceSelector, WildcardSelector } = jsonpath.selectors;

/** What dlt's parser takes and the standard does not, by what it looks like. */
const HINTS: [RegExp, string][] = [
  [/\?\s*\(?\s*[A-Za-z_]\w*\s*[=<>!]/, "a field in a filter begins with @, as in [?@.id > 1]"],
  [/[^=<>!]=(?!=)/, "a filter compares with =="],
  [/^[^[]*,/, "to take several names, write ['a', 'b']"],
  [/^\$[^.[]/, "quote a name that begins with $"],
];

const compileQuery = (text: string, standard: string): JSONPathQuery => {
  try {
    return withExactNumbers(environment.compile(standard));
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error;
    // What json-p3 says of a text that ends too early is about its own inside.
    const why = error.message.startsWith("can't backup") ? "it ends too early" : error.message.split(" ('")[0];
    const hint = HINTS.find(([pattern]) => pattern.test(text))?.[1];
    throw new ConfigError(
      `${JSON.stringify(text)} is no JSONPath (RFC 9535): ${why}${hint === undefined ? "" : `; ${hint}`}`,
    );
  }
};

/** Whether a selector may find nothing in a value and be right: a list or an object may be empty, and null is. */
const mayPickNothing = (selector: object, value: unknown): boolean => {
  if (selector instanceof WildcardSelector || selector instanceof FilterSelector) return typeof value === "object";
  const picksItems = selector instanceof IndexSelector || selector instanceof SliceSelector;
  return picksItems && (value === null || Array.isArray(value));
};

const queryPath = (text: string, query: JSONPathQuery): Path => {
  /** json-p3 spreads whole lists into arguments unless it is asked lazily, and the stack holds only so many. */
  const nodes = function* (body: Json, wanted: JSONPathQuery): Generator<JSONPathNode> {
    try {
      yield* wanted.lazyQuery(body as never);
    } catch (error) {
      if (!(error instanceof JSONPathError || error instanceof RangeError)) throw error;
      throw new ResponseError(
        `${JSON.stringify(text)} cannot be followed in this answer, which is nested too deep (over ${DEEPEST} levels) or too large for it: name the keys on the way`,
      );
    }
  };
  return {
    text,
    keys: null,
    all: (body) => Array.from(nodes(body, query), ({ value }) => value as Json),
    first: (body) => nodes(body, query).next().value?.value as Json | undefined,
    deadEnd(body) {
      const upTo = (depth: number) =>
        Array.from(nodes(body, new JSONPathQuery(environment, query.segments.slice(0, depth))));
      let reached = upTo(0);
      for (const [depth, { selectors }] of query.segments.entries()) {
        const further = upTo(depth + 1);
        if (further.length === 0) {
          const [end] = reached;
          const isFine = reached.some(({ value }) => selectors.some((selector) => mayPickNothing(selector, value)));
          if (isFine || end === undefined) return null;
          return { path: end.getPath().replace(/^\$\.?(?=.)/, ""), value: end.value as Json };
        }
        reached = further;
      }
      return null;
    },
  };
};

const compiled = new Map<string, Path>();

/**
 * Compiles a path, or takes the one that was compiled before.
 *
 * @throws ConfigError when it is no JSONPath.
 */
export const compilePath = (text: string): Path => {
  let path = compiled.get(text);
  if (path === undefined) {
    const { keys, standard } = read(text.trim());
    path = keys === null ? queryPath(text, compileQuery(text, standard)) : keyPath(text, keys);
    compiled.set(text, path);
  }
  return path;
};

/**
 * The first match of a path; undefined when there is none, which is not the same as null.
 *
 * @throws ConfigError when it is no JSONPath.
 * @throws ResponseError when the document is nested too deep for the path.
 */
export const at = (body: Json, path: string): Json | undefined => compilePath(path).first(body);
