import type { Redactor } from "../ports/redactor.ts";

/** Minimum length of values that are masked in data. Shorter ones are masked in messages only, because data may contain them by chance. */
const MIN_LENGTH_IN_DATA = 8;

/** Replacement for a secret. */
export const MASK = "***";

const hex = (character: string): string => character.charCodeAt(0).toString(16).padStart(2, "0");
const percent = (character: string): string => `%${hex(character).toUpperCase()}`;
const unicode = (character: string): string => `\\u${hex(character).padStart(4, "0")}`;

/** Returns the forms in URLs. JavaScript, form encoding, RFC 3986 and Python escape different characters; proxies write %2f for %2F. */
const inUrls = (value: string): string[] => {
  const component = encodeURIComponent(value);
  const encoded = [
    component,
    encodeURI(value),
    new URLSearchParams([["", value]]).toString().slice(1),
    component.replaceAll(/[!'()*]/g, percent),
    component.replaceAll(/[!'()*]/g, percent).replaceAll("%2F", "/"),
  ];
  return encoded.flatMap((form) => [form, form.replaceAll(/%[\dA-F]{2}/g, (code) => code.toLowerCase())]);
};

/** Returns the forms in JSON as JavaScript, PHP (`\/`, ASCII only), Python (ASCII only), Go and Rails (safe in HTML) write it. */
const inJson = (value: string): string[] => {
  const plain = JSON.stringify(value).slice(1, -1);
  const ascii = plain.replaceAll(/[^ -~]/g, unicode);
  return [
    plain,
    ascii,
    plain.replaceAll("/", "\\/"),
    ascii.replaceAll("/", "\\/"),
    plain.replaceAll(/[<>&]/g, unicode),
  ];
};

const inHtml = (value: string): string[] => {
  const plain = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const quoted = plain.replaceAll('"', "&quot;");
  return [plain, quoted, quoted.replaceAll("'", "&#39;"), quoted.replaceAll("'", "&#x27;")];
};

/** Returns the forms in base64, without padding. */
const inBase64 = (value: string): string[] => [
  Buffer.from(value).toString("base64").replace(/=+$/, ""),
  Buffer.from(value).toString("base64url"),
];

const forms = (value: string): string[] => [
  value,
  ...inUrls(value.toWellFormed()),
  ...inJson(value),
  ...inHtml(value),
  ...inBase64(value),
];

/** Masks the parts of a URL that may contain keys: user, password and query. Accepts any text. */
export const maskUrl = (text: string): string =>
  text.replace(/^([^/]*:\/\/)?.*@/s, `$1${MASK}@`).replace(/\?.*/s, `?${MASK}`);

/** Creates a redactor without secrets. */
export const createRedactor = (): Redactor => {
  /** Known secrets, with whether they are masked in data. */
  const isMaskedInData = new Map<string, boolean>();
  const known = new Set<string>();
  const inData = new Set<string>();

  const mask = (text: string, from: Iterable<string>): string => {
    let result = text;
    for (const form of from) if (result.includes(form)) result = result.replaceAll(form, MASK);
    return result;
  };

  const maskDeep = (value: unknown, from: Iterable<string>): unknown => {
    if (typeof value === "string") return mask(value, from);
    if (Array.isArray(value)) return value.map((inner) => maskDeep(inner, from));
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [mask(key, from), maskDeep(inner, from)]));
    }
    return value;
  };

  /** Sorts the longest first, because one secret may be the prefix of another. */
  const byLength = (forms: Set<string>): string[] => [...forms].sort((a, b) => b.length - a.length);
  let ordered: string[] = [];
  let orderedInData: string[] = [];

  return {
    add(value, { in_data } = { in_data: true }) {
      if (value === "") return;
      const isLong = in_data && value.length >= MIN_LENGTH_IN_DATA;
      if (isMaskedInData.has(value) && (isMaskedInData.get(value) || !isLong)) return;
      isMaskedInData.set(value, isLong);
      for (const form of forms(value)) {
        known.add(form);
        if (isLong) inData.add(form);
      }
      ordered = byLength(known);
      orderedInData = byLength(inData);
    },
    redact: (text) => mask(text, ordered),
    redactDeep: <Value>(value: Value) => maskDeep(value, ordered) as Value,
    isIn: (text) => orderedInData.some((form) => text.includes(form)),
    redactData: <Value>(value: Value) => maskDeep(value, orderedInData) as Value,
  };
};
