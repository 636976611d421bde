import { sha256 } from "../json/hash.ts";

/** Longest column name; longer ones are shortened with a hash. Glue allows 255, Postgres-like engines 63. */
const LONGEST_NAME = 127;
const TAG_LENGTH = 10;
const CONTESTED_TAG_LENGTH = 6;

/** dlt's two steps: before a capitalised word, then between a small letter or a digit and a capital. */
const CAPITALISED_WORD = /([^_])([A-Z][a-z]+)/g;
const SMALL_THEN_CAPITAL = /([a-z\d])([A-Z])/g;

/** Separates the keys of a flattened object. */
export const PATH_SEPARATOR = "__";

const shorten = (name: string): string => {
  if (name.length <= LONGEST_NAME) return name;
  const tag = sha256(name).slice(0, TAG_LENGTH);
  const kept = LONGEST_NAME - TAG_LENGTH - 2;
  return `${name.slice(0, Math.ceil(kept / 2))}_${tag}_${name.slice(-Math.floor(kept / 2))}`;
};

/** One part of a name: no `__` comes out of it, but where it begins with an underscore and follows another. */
const snakePart = (part: string): string => {
  const plain = part
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .trim()
    .replaceAll(/[+*]/g, "x")
    .replaceAll("-", "_")
    .replaceAll("@", "a")
    .replaceAll("|", "l")
    .replaceAll(/[^A-Za-z0-9_]+/g, "_")
    .replaceAll(CAPITALISED_WORD, "$1_$2")
    .replaceAll(SMALL_THEN_CAPITAL, "$1_$2")
    .toLowerCase()
    .replace(/_+$/, (tail) => "x".repeat(tail.length))
    .replaceAll(/_{2,}/g, "_");
  if (plain === "") return "x";
  return /^\d/.test(plain) ? `_${plain}` : plain;
};

/**
 * dlt's snake_case: `camelCase` split, `+` and `*` to `x`, `-` to `_`, `@` to `a`, `|` to `l`, everything else that is
 * not alphanumeric to one `_`, every trailing `_` to `x`, a leading digit behind `_`. A `__` inside stays, as it does in
 * dlt, which takes it for the path of a flattened object; around a name it is dropped. Not dlt's: letters outside ASCII
 * lose their accents where they have any, and a key without a name is `x`.
 *
 * @example snakeCase("Contact for Item") === "contact_for_item"
 * @example snakeCase("trialing?") === "trialingx"
 * @example snakeCase("address__postalCode") === "address__postal_code"
 */
export const snakeCase = (key: string): string =>
  key
    .split(PATH_SEPARATOR)
    .filter((part) => part.trim() !== "")
    .map(snakePart)
    .join(PATH_SEPARATOR) || "x";

/**
 * The name of a resource or a table, of whatever dlt takes for one, such as a path: in snake_case, and without what stands
 * before its first letter or digit, since data that begins with `_` is hidden from Athena.
 */
export const normaliseName = (name: string): string => snakeCase(name).replace(/^_+/, "");

/** The column of a path of keys: each in snake_case, joined by `__`. */
export const columnName = (path: string[]): string => shorten(path.map(snakeCase).join(PATH_SEPARATOR));

/** The column of a path whose plain name another path owns: the same for this path, always. */
export const contestedName = (path: string[]): string => {
  const tag = sha256(JSON.stringify(path)).slice(0, CONTESTED_TAG_LENGTH);
  return shorten(`${path.map(snakeCase).join(PATH_SEPARATOR)}_${tag}`);
};

/** The column that a name in the config means (`columns`, `primary_key`): as the API says it, or as the table does. */
export const declaredName = (name: string): string => columnName([name]);
