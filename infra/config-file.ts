import { readFileSync } from "node:fs";
import { basename, extname } from "node:path";
import { type Document, type ErrorCode, isAlias, isMap, isScalar, isSeq, type Node, parseDocument, visit } from "yaml";
import { defineSource, type Source } from "../lib/config/index.ts";
import { isRegisteredAuth, isRegisteredPaginator } from "../lib/config/registry.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { isJsonObject } from "../lib/json/index.ts";

const DUPLICATE_KEY = "duplicate key";

/** Maximum number of aliases that are expanded. A config may repeat itself, but must not grow without limit. */
const MAX_ALIASES = 10_000;

/** Messages by kind of YAML error. The parser's own messages quote the file, which may contain an API key. */
const YAML_ERRORS: Partial<Record<ErrorCode, string>> = {
  BAD_DIRECTIVE: "unknown directive",
  BAD_DQ_ESCAPE: "unknown escape sequence in a double-quoted string",
  BAD_INDENT: "wrong indentation, or unclosed bracket",
  BAD_SCALAR_START: "string needs quotes, because of its first character",
  BLOCK_AS_IMPLICIT_KEY: "two mappings in one line: correct the indentation, and quote strings that contain a colon",
  BLOCK_IN_FLOW: "block style inside brackets",
  DUPLICATE_KEY,
  MISSING_CHAR: "missing quote, bracket, comma, colon or space",
  MULTILINE_IMPLICIT_KEY: "key without a colon, or key of several lines",
  MULTIPLE_DOCS: "more than one document",
  NON_STRING_KEY: "key is not a string",
  RESOURCE_EXHAUSTION: "nesting is too deep",
  TAB_AS_INDENT: "tab in the indentation: use spaces",
  TAG_RESOLVE_FAILED: "unknown tag: only YAML's core tags are allowed",
};

/** A syntax error, at an offset where it is known. */
interface SyntaxProblem {
  problem: string;
  offset?: number;
}

const invalid = (kind: "JSON" | "YAML") => (file: string, text: string, offset: number, problem: string) => {
  const lines = text.slice(0, offset).split("\n");
  const column = (lines.at(-1) ?? "").length + 1;
  return new ConfigError(`${file}:${lines.length}:${column}: invalid ${kind}: ${problem}`);
};
const invalidJson = invalid("JSON");
const invalidYaml = invalid("YAML");

/** Returns V8's message for invalid JSON, without the text that it quotes; null for valid JSON. */
const jsonProblem = (text: string): SyntaxProblem | null => {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const { message } = error as Error;
    const [, problem, offset] = /^(.*) in JSON at position (\d+)/s.exec(message) ?? [];
    if (problem !== undefined) return { problem, offset: Number(offset) };
    const [token] = /^Unexpected token '.{1,2}'/su.exec(message) ?? [];
    return token === undefined ? { problem: "Unexpected end", offset: text.length } : { problem: token };
  }
};

/** Returns the offset of an unexpected token, which V8 does not report: the shortest prefix with this error ends there. */
const unexpectedToken = (text: string, problem: string): number => {
  let [valid, broken] = [0, text.length];
  while (valid < broken) {
    const middle = Math.floor((valid + broken) / 2);
    if (jsonProblem(text.slice(0, middle + 1))?.problem === problem) broken = middle;
    else valid = middle + 1;
  }
  return valid;
};

/** Returns the offset of the first duplicate key, which JSON.parse drops silently; null when there is none. */
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

const parseJson = (file: string, text: string): unknown => {
  const error = jsonProblem(text);
  if (error !== null) {
    const { problem, offset = unexpectedToken(text, problem) } = error;
    throw invalidJson(file, text, offset, problem);
  }
  const duplicate = duplicateKey(text);
  if (duplicate !== null) throw invalidJson(file, text, duplicate, DUPLICATE_KEY);
  return JSON.parse(text);
};

/** Returns the first error that the parser does not report. */
const yamlProblem = (document: Document): [offset: number, problem: string] | null => {
  let found: [number, string] | null = null;
  const fail = (node: Node | null, problem: string) => {
    found = [node?.range?.[0] ?? 0, problem];
    return visit.BREAK;
  };
  visit(document, {
    Alias(_key, alias, path) {
      const target = alias.resolve(document);
      if (target === undefined) return fail(alias, "alias without an anchor before it");
      return path.includes(target) ? fail(alias, "alias inside its own anchor") : undefined;
    },
    Scalar(_key, scalar) {
      const isInfinite = typeof scalar.value === "number" && !Number.isFinite(scalar.value);
      return isInfinite ? fail(scalar, "number is infinite or not a number") : undefined;
    },
    Pair(_key, { key, value }) {
      if (!isScalar(key) || key.value !== "<<" || key.type !== "PLAIN") return undefined;
      const merged = isSeq(value) ? value.items : [value];
      return merged.every((item) => isMap(isAlias(item) ? item.resolve(document) : item))
        ? undefined
        : fail(key, 'merge key ("<<") without a mapping');
    },
  });
  return found;
};

/** Parses YAML 1.2's core schema and merge keys. Anything that JSON cannot represent is an error. */
const parseYaml = (file: string, text: string): unknown => {
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    merge: true,
    resolveKnownTags: false,
    stringKeys: true,
    prettyErrors: false,
    // At lower levels the parser accepts a second document.
    logLevel: "error",
  });
  const [first] = [...document.errors, ...document.warnings];
  if (first !== undefined) {
    throw invalidYaml(file, text, first.pos[0], YAML_ERRORS[first.code] ?? "unexpected content");
  }
  const problem = yamlProblem(document);
  if (problem !== null) throw invalidYaml(file, text, ...problem);
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    throw new ConfigError(`${file}: too large after its aliases are expanded: use fewer aliases of aliases`);
  }
};

/** Parsers of config files, by extension. */
const PARSERS: Record<string, (file: string, text: string) => unknown> = {
  ".json": parseJson,
  ".yaml": parseYaml,
  ".yml": parseYaml,
};

/** Extensions of JSON and YAML configs. */
export const CONFIG_EXTENSIONS: readonly string[] = Object.keys(PARSERS);

/** Whether a file is a JSON or YAML config. */
export const isConfigFile = (path: string): boolean => extname(path) in PARSERS;

/** Returns the source name for a config without one, such as a dict pasted from dlt. */
const nameOfFile = (path: string): string =>
  basename(path, extname(path))
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_");

/** Keys of request bodies and of rows, whose content is not config. */
const CONTENTS = new Set(["json", "data", "rows"]);

const REGISTERED: Record<string, (name: unknown) => boolean> = {
  paginator: isRegisteredPaginator,
  auth: isRegisteredAuth,
};

/** Returns path and name of a paginator or auth that was registered by code; null when there is none. */
const findRegistered = (value: unknown, path: string[] = []): string | null => {
  if (typeof value !== "object" || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    if (CONTENTS.has(key)) continue;
    const here = [...path, key];
    const type = isJsonObject(inner) ? inner.type : inner;
    const isRegistered = REGISTERED[key]?.(type) ?? false;
    const found = isRegistered ? `${here.join(".")}: ${JSON.stringify(type)}` : findRegistered(inner, here);
    if (found !== null) return found;
  }
  return null;
};

/**
 * Reads the source in a `.json`, `.yaml` or `.yml` file: dlt's dict, with `settings` next to `client` and `resources`.
 * `name` is optional, and `$schema` is for editors. The config is not validated.
 *
 * @param file name of the file in messages.
 * @throws ConfigError with the kind of error and its position, but without the file's text.
 */
export const readConfigFile = (file: string, path: string): Source => {
  const text = readFileSync(path, "utf8").replace(/^\ufeff/, "");
  const config = text.trim() === "" ? null : PARSERS[extname(path)]?.(file, text);
  if (!isJsonObject(config)) throw new ConfigError(`${file}: must be an object with client and resources`);
  const registered = findRegistered(config);
  if (registered !== null) {
    // Another source of this project registered it. The Lambda of this source would not contain that code.
    throw new ConfigError(`${file}: ${registered} is registered by code: only a TypeScript config can use it`);
  }
  const { $schema: _, name, settings, ...rest } = config;
  return defineSource({ name: name ?? nameOfFile(path), ...rest } as never, (settings ?? {}) as never);
};
