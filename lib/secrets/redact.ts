/** Shorter values are masked in messages, but not in data: they would tear holes into innocent text. */
const SHORTEST_IN_DATA = 8;

/** What stands where a secret stood. */
export const MASK = "***";

/** The one place that knows which texts are secret, and takes them out of whatever leaves the process. */
export interface Redactor {
  /** Remembers a secret in all the forms in which it may show up: raw, in a URL, in JSON, in base64. */
  add(value: string): void;
  /** The text with every secret masked; for logs, errors, metadata. */
  redact(text: string): string;
  /** Whether a text that is about to be stored as data holds a secret of at least eight characters. */
  isIn(text: string): boolean;
  /** Any value with every string in it redacted, keys included. */
  redactDeep<Value>(value: Value): Value;
}

const forms = (value: string): string[] => [
  value,
  encodeURIComponent(value),
  encodeURI(value),
  new URLSearchParams([["", value]]).toString().slice(1),
  JSON.stringify(value).slice(1, -1),
  Buffer.from(value).toString("base64"),
  Buffer.from(value).toString("base64url"),
];

/** A redactor that knows no secret yet. */
export const createRedactor = (): Redactor => {
  const known = new Set<string>();
  let byLength: string[] = [];

  const redact = (text: string): string => {
    let result = text;
    for (const form of byLength) if (result.includes(form)) result = result.replaceAll(form, MASK);
    return result;
  };

  const redactDeep = (value: unknown): unknown => {
    if (typeof value === "string") return redact(value);
    if (Array.isArray(value)) return value.map(redactDeep);
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [redact(key), redactDeep(inner)]));
    }
    return value;
  };

  return {
    add(value) {
      if (value === "") return;
      for (const form of forms(value)) known.add(form);
      byLength = [...known].sort((a, b) => b.length - a.length);
    },
    redact,
    isIn: (text) => byLength.some((form) => form.length >= SHORTEST_IN_DATA && text.includes(form)),
    redactDeep: redactDeep as Redactor["redactDeep"],
  };
};
