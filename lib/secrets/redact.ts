import { withLiteralsOf } from "../json/literals.ts";
import type { Redactor } from "../ports/redactor.ts";

/** Minimum length of values that are masked in data, and in any case. Shorter ones may occur by chance. */
const MIN_LENGTH = 8;
/**
 * Minimum length of values that are masked at all. Shorter ones are in most words, and a log without them is unreadable. No key is
 * that short, but a user name may be.
 */
const MIN_MASKED_LENGTH = 4;
/** Length up to which a letter or digit may be encoded. Nothing encodes those, except to hide them, and patterns of tokens stay small. */
const MAX_ENCODED_LETTERS = 64;

/** Replacement for a secret. */
export const MASK = "***";

const NAMED_ENTITIES: Record<string, string> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" };

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/** Returns a pattern of hexadecimal digits in either case. */
const hex = (code: number, length = 2): string =>
  code
    .toString(16)
    .padStart(length, "0")
    .replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);

const percentEncoded = (character: string): string =>
  [...Buffer.from(character)].map((byte) => `%${hex(byte)}`).join("");

/** Returns `\u0041`, two of them for a character outside of the basic plane. */
const unicodeEscaped = (character: string): string =>
  character
    .split("")
    .map((unit) => `\\\\u${hex(unit.charCodeAt(0), 4)}`)
    .join("");

const entities = (character: string, code: number): string[] => [
  `&#0*${code};`,
  `&#[xX]0*${hex(code, 1)};`,
  ...(character in NAMED_ENTITIES ? [`&${NAMED_ENTITIES[character]};`] : []),
];

/**
 * Returns a pattern of a character in all forms in which it may occur: raw, percent-encoded, as an entity of HTML, and escaped
 * in JSON by JavaScript, PHP (`\/`), Python (ASCII only), Go and Rails (safe in HTML).
 */
const characterPattern = (character: string): string => {
  const inJson = JSON.stringify(character).slice(1, -1);
  const forms = [
    escaped(character),
    percentEncoded(character),
    unicodeEscaped(character),
    ...entities(character, character.codePointAt(0) ?? 0),
    ...(inJson === character ? [] : [escaped(inJson)]),
    ...(character === "/" ? ["\\\\/"] : []),
    // Form encoding.
    ...(character === " " ? ["\\+"] : []),
  ];
  return `(?:${forms.join("|")})`;
};

/** Returns a pattern of a secret in all forms in which it may occur, among them base64 without padding. */
const patternOf = (value: string): RegExp => {
  const encoded = [...value]
    .map((character, index) =>
      index >= MAX_ENCODED_LETTERS && /[A-Za-z\d]/.test(character) ? character : characterPattern(character),
    )
    .join("");
  const base64 = Buffer.from(value).toString("base64").replace(/=+$/, "");
  const forms = [encoded, escaped(base64), escaped(Buffer.from(value).toString("base64url"))];
  // Host names, and some headers, are in lower case.
  return new RegExp(forms.join("|"), value.length >= MIN_LENGTH ? "gi" : "g");
};

/** Masks the parts of a URL that may contain keys: user, password and query. Accepts any text. */
export const maskUrl = (text: string): string =>
  text.replace(/^([^/]*:\/\/)?.*@/s, `$1${MASK}@`).replace(/\?.*/s, `?${MASK}`);

/** A known secret. */
interface Known {
  length: number;
  pattern: RegExp;
  isMaskedInData: boolean;
}

/** Creates a redactor without secrets. */
export const createRedactor = (): Redactor => {
  const known = new Map<string, Known>();
  /** Patterns, those of the longest secrets first, because one secret may be the prefix of another. */
  let all: RegExp[] = [];
  let inData: RegExp[] = [];

  const mask = (text: string, patterns: RegExp[]): string =>
    patterns.reduce((masked, pattern) => masked.replaceAll(pattern, MASK), text);

  const maskDeep = (value: unknown, patterns: RegExp[]): unknown => {
    if (typeof value === "string") return mask(value, patterns);
    if (Array.isArray(value)) {
      const items = value.map((inner) => maskDeep(inner, patterns));
      return withLiteralsOf(value, items);
    }
    if (typeof value === "object" && value !== null) {
      const entries = Object.entries(value).map(
        ([key, inner]) => [mask(key, patterns), maskDeep(inner, patterns)] as const,
      );
      return withLiteralsOf(value, Object.fromEntries(entries));
    }
    return value;
  };

  return {
    add(value, { in_data } = { in_data: true }) {
      if (value.length < MIN_MASKED_LENGTH) return;
      const isMaskedInData = in_data && value.length >= MIN_LENGTH;
      const earlier = known.get(value);
      if (earlier !== undefined && (earlier.isMaskedInData || !isMaskedInData)) return;
      known.set(value, { length: value.length, pattern: earlier?.pattern ?? patternOf(value), isMaskedInData });
      const ordered = [...known.values()].sort((a, b) => b.length - a.length);
      all = ordered.map(({ pattern }) => pattern);
      inData = ordered.flatMap((secret) => (secret.isMaskedInData ? [secret.pattern] : []));
    },
    redact: (text) => mask(text, all),
    redactDeep: <Value>(value: Value) => maskDeep(value, all) as Value,
    isIn: (text) => inData.some((pattern) => text.search(pattern) !== -1),
    redactData: <Value>(value: Value) => maskDeep(value, inData) as Value,
  };
};
