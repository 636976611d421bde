import { readFileSync } from "node:fs";
import { basename, extname } from "node:path";
import { type Document, type ErrorCode, isAlias, isMap, isScalar, isSeq, type Node, parseDocument, visit } from "yaml";
import { defineSource, type Source } from "../lib/config/index.ts";
import { isRegisteredAuth, isRegisteredPaginator } from "../lib/config/registry.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { isJsonObject } from "../lib/json/index.ts";

const DUPLICATE_KEY = "a key that stands twice in one object";

/** So many uses of anchors are a config still; what is more may grow without end. */
const MOST_ALIASES = 10_000;

/**
 * The kinds of mistakes that a YAML file can have, in our words: the parser's own quote the text, and there may be a key
 * in it.
 */
const YAML_MISTAKES: Partial<Record<ErrorCode, string>> = {
  BAD_DIRECTIVE: "a directive that is not known",
  BAD_DQ_ESCAPE: "an escape that is not known in a text in double quotes",
  BAD_INDENT: "wrong indentation, or a bracket that is not closed",
  BAD_SCALAR_START: "a text that must stand in quotes, because of its first character",
  BLOCK_AS_IMPLICIT_KEY: "a second mapping in the same line; a text with a colon in it must stand in quotes",
  BLOCK_IN_FLOW: "block style within brackets",
  DUPLICATE_KEY,
  MISSING_CHAR: "a quote, bracket, comma, colon or space that is missing",
  MULTILINE_IMPLICIT_KEY: "a key without its colon, or one of several lines",
  MULTIPLE_DOCS: "a second document",
  NON_STRING_KEY: "a key that is no text",
  RESOURCE_EXHAUSTION: "too many levels",
  TAB_AS_INDENT: "a tab in the indentation, which takes spaces",
  TAG_RESOLVE_FAILED: "a tag, of which none but YAML's own are known",
};

const notA = (kind: string) => (shown: string, text: string, offset: number, mistake: string) => {
  const lines = text.slice(0, offset).split("\n");
  return new ConfigError(`${shown}:${lines.length}:${(lines.at(-1) ?? "").length + 1}: is not ${kind}: ${mistake}`);
};
const notJson = notA("JSON");
const notYaml = notA("YAML");

/** What is wrong with a text as JSON; V8's words, without the text that it quotes. Null when nothing is. */
const jsonMistake = (text: string): { mistake: string; offset?: number } | null => {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const { message } = error as Error;
    const [, mistake, offset] = /^(.*) in JSON at position (\d+)/s.exec(message) ?? [];
    if (mistake !== undefined) return { mistake, offset: Number(offset) };
    const [token] = /^Unexpected token '.{1,2}'/su.exec(message) ?? [];
    return token === undefined ? { mistake: "Unexpected end", offset: text.length } : { mistake: token };
  }
};

/** Of an unexpected token V8 does not say where it is: the shortest beginning of the text that is wrong ends with it. */
const unexpectedToken = (text: string, mistake: string): number => {
  let [right, wrong] = [0, text.length];
  while (right < wrong) {
    const middle = Math.floor((right + wrong) / 2);
    if (jsonMistake(text.slice(0, middle + 1))?.mistake === mistake) wrong = middle;
    else right = middle + 1;
  }
  return right;
};

/** Where a key stands that its object has already; null when there is none. Of two, JSON.parse drops one silently. */
const duplicateKey = (json: string): number | null => {
  const open: Set<string>[] = [];
  for (const { 0: token, index } of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (token.endsWith(":")) {
      const key = JSON.parse(token.slice(0, -1)) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return index;
      keys?.add(key);
    }
  }
  return null;
};

const parseJson = (shown: string, text: string): unknown => {
  const wrong = jsonMistake(text);
  if (wrong !== null) {
    const { mistake, offset = unexpectedToken(text, mistake) } = wrong;
    throw notJson(shown, text, offset, mistake);
  }
  const twice = duplicateKey(text);
  if (twice !== null) throw notJson(shown, text, twice, DUPLICATE_KEY);
  return JSON.parse(text);
};

/** The first of what only shows once the file is parsed: where it stands, and what it is. */
const yamlMistake = (document: Document): [offset: number, mistake: string] | null => {
  let found: [number, string] | null = null;
  const fail = (node: Node | null, mistake: string) => {
    found = [node?.range?.[0] ?? 0, mistake];
    return visit.BREAK;
  };
  visit(document, {
    Alias(_key, alias, path) {
      const target = alias.resolve(document);
      if (target === undefined) return fail(alias, "an alias without an anchor before it");
      return path.includes(target) ? fail(alias, "an alias within its own anchor") : undefined;
    },
    Scalar(_key, scalar) {
      const isNumber = typeof scalar.value !== "number" || Number.isFinite(scalar.value);
      return isNumber ? undefined : fail(scalar, "infinity, or no number");
    },
    Pair(_key, { key, value }) {
      if (!isScalar(key) || key.value !== "<<" || key.type !== "PLAIN") return undefined;
      const merged = isSeq(value) ? value.items : [value];
      return merged.every((item) => isMap(isAlias(item) ? item.resolve(document) : item))
        ? undefined
        : fail(key, 'a merge key ("<<") without a mapping');
    },
  });
  return found;
};

/** YAML 1.2's core schema and merge keys, and nothing that JSON has no word for. */
const parseYaml = (shown: string, text: string): unknown => {
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    merge: true,
    resolveKnownTags: false,
    stringKeys: true,
    prettyErrors: false,
    // Silent, the parser would not tell of a second document.
    logLevel: "error",
  });
  const [first] = [...document.errors, ...document.warnings];
  if (first !== undefined) {
    throw notYaml(shown, text, first.pos[0], YAML_MISTAKES[first.code] ?? "something that cannot stand here");
  }
  const later = yamlMistake(document);
  if (later !== null) throw notYaml(shown, text, ...later);
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch {
    throw new ConfigError(`${shown}: is too large once its aliases are written out`);
  }
};

/** The kinds of files that hold a config as data, by extension. */
const PARSERS: Record<string, (shown: string, text: string) => unknown> = {
  ".json": parseJson,
  ".yaml": parseYaml,
  ".yml": parseYaml,
};

/** Extensions of the files that hold a config as data. */
export const CONFIG_EXTENSIONS: readonly string[] = Object.keys(PARSERS);

/** Whether a file holds a config as data: as JSON or YAML. */
export const isConfigFile = (path: string): boolean => extname(path) in PARSERS;

/** A dict pasted from dlt has no name: the file's will do. */
const nameAfter = (path: string): string =>
  basename(path, extname(path))
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_");

/** Parts of a request's body: whatever is in them means nothing here. */
const BODIES = new Set(["json", "data"]);

const REGISTERED: Record<string, (name: unknown) => boolean> = {
  paginator: isRegisteredPaginator,
  auth: isRegisteredAuth,
};

/** Where a config names a paginator or an auth that only code can have made known. */
const registeredIn = (value: unknown, path: string[] = []): string | null => {
  if (typeof value !== "object" || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    if (BODIES.has(key)) continue;
    const here = [...path, key];
    const type = isJsonObject(inner) ? inner.type : inner;
    const isRegistered = REGISTERED[key]?.(type) ?? false;
    const found = isRegistered ? `${here.join(".")}: ${JSON.stringify(type)}` : registeredIn(inner, here);
    if (found !== null) return found;
  }
  return null;
};

/**
 * The source in a `.json`, `.yaml` or `.yml` file: dlt's dict, with `settings` beside `client` and `resources`. `name` may
 * be left out; `$schema` is an editor's.
 *
 * @param shown what the file is called in messages.
 * @throws ConfigError with the kind of mistake and its line, and never with the file's text. Does not validate the
 *   config against the schema.
 */
export const readConfigFile = (shown: string, path: string): Source => {
  const text = readFileSync(path, "utf8").replace(/^\ufeff/, "");
  const config = text.trim() === "" ? null : PARSERS[extname(path)]?.(shown, text);
  if (!isJsonObject(config)) throw new ConfigError(`${shown}: must be an object with client and resources`);
  const registered = registeredIn(config);
  if (registered !== null) {
    // Another source of this project registered it; this one's Lambda would not have its code.
    throw new ConfigError(`${shown}: ${registered} is registered by code: only a TypeScript config can use it`);
  }
  const { $schema: _editors, name, settings, ...rest } = config;
  return defineSource({ name: name ?? nameAfter(path), ...rest } as never, (settings ?? {}) as never);
};
