import { ResponseError } from "../errors/index.ts";
import { isJsonObject, type Json } from "../json/index.ts";
import { parseJson } from "../json/parse.ts";
import { findSyntaxError } from "../json/syntax-error.ts";
import type { Redactor } from "../ports/redactor.ts";
import { BrokenBodyError } from "./body.ts";
import { decodeBody, type EncodedBody } from "./charset.ts";
import { parseCsv } from "./csv.ts";
import { errorAfterLines } from "./error-envelope.ts";
import { excerpt } from "./excerpt.ts";
import { API, type Peer } from "./peer.ts";

/** Format of a response body: one JSON value, one JSON value per line, or CSV whose first line names the columns. */
export type ResponseFormat = "json" | "jsonl" | "csv";

/** Options of parsing a body. */
export interface ParseOptions {
  redactor: Pick<Redactor, "redact">;
  /** The server that sent it. */
  peer?: Peer;
  /** null: JSON, unless content type or content say otherwise. */
  format?: ResponseFormat | null;
}

/** Text of a response, for messages. */
interface Source {
  text: string;
  contentType: string;
  peer: Peer;
  excerpt(text: string): string;
}

/** Subtypes of content types whose bodies are JSON Lines or CSV. */
const FORMATS: [RegExp, ResponseFormat][] = [
  [/^[\w-]+\/(x-)?(ndjson|jsonl|jsonlines|json-lines)\b/i, "jsonl"],
  [/^[\w-]+\/(x-)?(csv|comma-separated-values|tab-separated-values)\b/i, "csv"],
];

const formatOfType = (contentType: string): ResponseFormat | null =>
  FORMATS.find(([pattern]) => pattern.test(contentType))?.[1] ?? null;

/** Maximum number of characters that a message quotes of an invalid body. */
const MAX_EXCERPT = 80;

const parsed = (text: string): Json | undefined => {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
};

/** Whether the string before an index is JSON, and ends with its line. */
const isOnLines = (text: string, index: number): boolean =>
  /[\r\n][ \t]*$/.test(text.slice(Math.max(0, index - MAX_EXCERPT), index)) &&
  parsed(text.slice(0, index)) !== undefined;

/** Returns the error of a string that is not JSON. One that ends too early may be complete in another attempt. */
const notJson = ({ text, contentType, peer, excerpt: quote }: Source): Error => {
  if (text.trim() === "") {
    return new ResponseError(`${peer.response} is not JSON (an empty body): check ${peer.address}`);
  }
  const { index, found } = findSyntaxError(text);
  if (found === "") return new BrokenBodyError(`${peer.response} is incomplete JSON`);
  if (!/^\s*[[{]/.test(text)) {
    const beginning = JSON.stringify(quote(text).slice(0, MAX_EXCERPT));
    return new ResponseError(
      `${peer.response} is not JSON (${contentType}, it begins with ${beginning}): check ${peer.address}`,
    );
  }
  const advice = isOnLines(text, index) ? ". It seems to be JSON Lines: set response_format: jsonl" : "";
  return new ResponseError(`${peer.response} is not JSON at character ${index + 1}: ${quote(found)}${advice}`);
};

const linesOf = (text: string): string[] => text.split(/[\r\n]+/).filter((line) => line.trim() !== "");

/** Parses JSON Lines: a list, or the error that ends it. The last line may be incomplete when the body is. */
const parseLines = (source: Source): Json => {
  const lines = linesOf(source.text);
  const values = lines.map((text, index) => {
    const value = parsed(text);
    if (value !== undefined) return value;
    const error = notJson({ ...source, text });
    if (error instanceof BrokenBodyError && index === lines.length - 1) throw error;
    throw new ResponseError(`line ${index + 1} of ${source.peer.response} is not JSON: set response_format`);
  });
  return errorAfterLines(values) ?? values;
};

/** Whether a string that is not JSON is JSON Lines: its first line, of several, is an object, which it is in no other JSON. */
const isJsonLines = (text: string): boolean => {
  // One line break only before the white space: two repetitions of it would take quadratic time.
  const first = /^\s*(\{.*\})[ \t]*[\r\n]\s*\{/.exec(text)?.[1];
  return first !== undefined && isJsonObject(parsed(first));
};

/** Whether a body that should be CSV may be the JSON of an error. */
const isLikeJson = (text: string): boolean => /^\s*[[{]/.test(text);

const parseDetected = (source: Source): Json => {
  const { text, contentType } = source;
  const format = formatOfType(contentType);
  if (format === "jsonl") return parseLines(source);
  if (format === "csv" && !isLikeJson(text)) return parseCsv(text);
  const value = parsed(text);
  if (value !== undefined) return value;
  if (isJsonLines(text)) return parseLines(source);
  throw notJson(source);
};

/**
 * Parses the body of a response: JSON, JSON Lines as a list, or CSV as a list of objects. JSON Lines that end with an error are
 * that error. JSON where CSV is expected is JSON, because it is an error of the API.
 *
 * @throws ResponseError when it is not valid in its charset or format.
 * @throws BrokenBodyError when it ends too early.
 */
export const parseBody = (body: EncodedBody, { redactor, peer = API, format = null }: ParseOptions): Json => {
  const contentType = redactor.redact(body.headers.get("content-type") ?? "no content type");
  const text = decodeBody(body, contentType, peer);
  const source: Source = { text, contentType, peer, excerpt: (quoted) => excerpt(quoted, redactor) };
  if (format === "csv") return (isLikeJson(text) ? parsed(text) : undefined) ?? parseCsv(text);
  if (format === "jsonl") return parseLines(source);
  if (format === null) return parseDetected(source);
  const value = parsed(text);
  if (value === undefined) throw notJson(source);
  return value;
};
