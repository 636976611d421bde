import { randomUUID } from "node:crypto";
import type { Json, JsonObject } from "./index.ts";
import { hasLiterals, markLiterals } from "./literals.ts";

/**
 * A number that a double may not keep: 16 digits or more, an exponent, or zeros only after the point. In text that JSON.parse
 * accepts, it is a whole token or a part of a string.
 */
const LITERAL =
  /(?:^|[[:,\s])(?=-?(?:\d{16}|[\d.]{17}|\d+(?:\.0+(?!\d)|(?:\.\d+)?[eE])))(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=\s*(?:[,\]}]|$))/g;
const INTEGER = /^-?\d+$/;

/** Begins the strings that replace such numbers while JSON.parse runs. It is random: no response contains it. */
const MARK = `\x7f${randomUUID()}`;
const MARK_CODE = MARK.charCodeAt(0);
const BACKSLASH = "\\".charCodeAt(0);

/** Returns the index after the string whose content begins at an index. */
const endOfString = (text: string, start: number): number => {
  for (let quote = text.indexOf('"', start); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let escapes = quote;
    while (text.charCodeAt(escapes - 1) === BACKSLASH) escapes--;
    if ((quote - escapes) % 2 === 0) return quote + 1;
  }
  return text.length;
};

/** Whether a double has all that a literal says: its digits, and for a double with an integer value its point. */
const isKept = (literal: string): boolean => {
  const value = Number(literal);
  if (INTEGER.test(literal)) return Number.isSafeInteger(value);
  return String(value) === literal && !Number.isInteger(value);
};

/** Replaces the numbers that a double does not keep by marked strings. */
const markNumbers = (text: string): string => {
  let marked = "";
  let copied = 0;
  let string = text.indexOf('"');
  LITERAL.lastIndex = 0;
  for (let match = LITERAL.exec(text); match !== null; match = LITERAL.exec(text)) {
    const literal = match[1] as string;
    const start = LITERAL.lastIndex - literal.length;
    let end = 0;
    while (string !== -1 && string < start) {
      end = endOfString(text, string + 1);
      string = text.indexOf('"', end);
    }
    if (end > start) LITERAL.lastIndex = end;
    else if (!isKept(literal)) {
      marked += `${text.slice(copied, start)}"${MARK}${literal}"`;
      copied = start + literal.length;
    }
  }
  return marked + text.slice(copied);
};

/** Returns the number of a literal. A number that is too large for a double stays text. */
const numberOf = (literal: string): number | bigint | string => {
  const value = Number(literal);
  if (!Number.isFinite(value)) return literal;
  return INTEGER.test(literal) ? BigInt(literal) : value;
};

/** An object or list, and the one that contains it. */
interface Place {
  container: JsonObject | Json[];
  parent: Place | null;
}

/** Replaces marked strings by their numbers. A number with a point or exponent keeps its literal. */
const restoreNumbers = (root: Json): Json => {
  // A list around the root: the root itself may be a number.
  const top: Json[] = [root];
  const places: Place[] = [{ container: top, parent: null }];
  const withLiterals: Place[] = [];

  const restore = (place: Place, key: string, marked: string) => {
    const literal = marked.slice(MARK.length);
    const value = numberOf(literal);
    (place.container as JsonObject)[key] = value;
    if (typeof value !== "number") return;
    const literals = markLiterals(place.container);
    if (literals.size === 0) withLiterals.push(place);
    literals.set(key, literal);
  };
  const visit = (place: Place, key: string | number, value: Json) => {
    if (typeof value === "object") {
      if (value !== null) places.push({ container: value, parent: place });
    } else if (typeof value === "string" && value.charCodeAt(0) === MARK_CODE && value.startsWith(MARK)) {
      restore(place, String(key), value);
    }
  };
  // No recursion: the text may be nested deeper than the stack.
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const { container } = place;
    if (Array.isArray(container)) {
      for (let index = 0; index < container.length; index++) visit(place, index, container[index] as Json);
    } else {
      for (const key of Object.keys(container)) visit(place, key, container[key] as Json);
    }
  }
  for (const { parent } of withLiterals) {
    // One that is marked already has marked objects around it, or is in the list itself.
    for (let outer = parent; outer !== null && !hasLiterals(outer.container); outer = outer.parent) {
      markLiterals(outer.container);
    }
  }
  return top[0] as Json;
};

/**
 * Parses JSON without losing a digit: an integer beyond 2^53 becomes a BigInt, and a number that is too large for a double, such
 * as 1e400, becomes a string, because JSON cannot represent Infinity. Where a number has more digits than a double keeps, or a
 * point or exponent that its value does not show (`10.0`), its object keeps the literal: see `literalAt`.
 *
 * A reviver would be slower, and V8 does not give it the source of every number.
 *
 * @throws SyntaxError if the text is not JSON.
 */
export const parseJson = (text: string): Json => {
  const marked = markNumbers(text);
  return marked === text ? (JSON.parse(text) as Json) : restoreNumbers(JSON.parse(marked) as Json);
};
