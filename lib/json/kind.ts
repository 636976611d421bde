/** Returns the type of a value in the words that configs use: `null`, `list`, `object`, `string`, `number`. */
export const typeName = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "list" : typeof value;

const withArticle = (noun: string): string => `${/^[aeiou]/i.test(noun) ? "an" : "a"} ${noun}`;

/**
 * Returns what kind of value it is, for messages: `null`, `nothing`, `NaN`, `a list`, `an object`, `a string`, `a Date`.
 * It never quotes the value, which may be data or a secret.
 */
export const kindOf = (value: unknown): string => {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "bigint") return "a number";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value !== "object" || Array.isArray(value)) return withArticle(typeName(value));
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null;
  return withArticle(prototype?.constructor?.name?.replace(/^Object$/, "object") || "object");
};
