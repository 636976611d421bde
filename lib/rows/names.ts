import { createHash } from "node:crypto";

/** Longest column name; longer ones are shortened with a hash. Glue allows 255, Postgres-like engines 63. */
const LONGEST_NAME = 127;
const TAG_LENGTH = 10;

const WORD_BOUNDARIES = /([a-z\d])([A-Z]+)|([A-Z]+)([A-Z][a-z])/g;

/** Separates the keys of a flattened object. */
export const PATH_SEPARATOR = "__";

const shorten = (name: string): string => {
  if (name.length <= LONGEST_NAME) return name;
  const tag = createHash("sha256").update(name).digest("hex").slice(0, TAG_LENGTH);
  const kept = LONGEST_NAME - TAG_LENGTH - 2;
  return `${name.slice(0, Math.ceil(kept / 2))}_${tag}_${name.slice(-Math.floor(kept / 2))}`;
};

/**
 * dlt's snake_case: `camelCase` split, `+` and `*` to `x`, `-` to `_`, `@` to `a`, `|` to `l`, everything else that is
 * not alphanumeric to `_`, `__` collapsed, a trailing `_` to `x`, a leading digit behind `_`. Letters outside
 * ASCII lose their accents where they have any.
 *
 * @example snakeCase("Contact for Item") === "contact_for_item"
 * @example snakeCase("trialing?") === "trialingx"
 */
export const snakeCase = (key: string): string => {
  const plain = key
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .trim()
    .replaceAll(/[+*]/g, "x")
    .replaceAll("-", "_")
    .replaceAll("@", "a")
    .replaceAll("|", "l")
    .replaceAll(/[^A-Za-z0-9_]/g, "_")
    .replaceAll(WORD_BOUNDARIES, (_match, a, b, c, d) => (a === undefined ? `${c}_${d}` : `${a}_${b}`))
    .toLowerCase()
    .replaceAll(/_{2,}/g, "_")
    .replace(/_+$/, (tail) => "x".repeat(tail.length));
  if (plain === "") return "x";
  return /^\d/.test(plain) ? `_${plain}` : plain;
};

/** The column of a path of keys: each in snake_case, joined by `__`. */
export const columnName = (path: string[]): string => shorten(path.map(snakeCase).join(PATH_SEPARATOR));
