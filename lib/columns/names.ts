import { sha256 } from "../json/hash.ts";
import { countTrailing } from "./trailing.ts";

/** Maximum length of a column name; longer ones are shortened with a hash. Glue allows 255, Postgres-like engines 63. */
const MAX_NAME_LENGTH = 127;
const TAG_LENGTH = 10;
const CONTESTED_TAG_LENGTH = 6;

/** Maximum length of a key of the rows. Longer ones are data, and schemas store the paths of columns. */
const MAX_KEY_LENGTH = 1000;

/** Places where dlt splits camelCase, in two steps: before a capitalised word, then between a lower-case letter or digit and a capital. */
const CAPITALISED_WORD = /([^_])([A-Z][a-z]+)/g;
const LOWER_THEN_CAPITAL = /([a-z\d])([A-Z])/g;

/** Separates the keys of a flattened object. */
export const PATH_SEPARATOR = "__";

const shorten = (name: string): string => {
  if (name.length <= MAX_NAME_LENGTH) return name;
  const tag = sha256(name).slice(0, TAG_LENGTH);
  const kept = MAX_NAME_LENGTH - TAG_LENGTH - 2;
  return `${name.slice(0, Math.ceil(kept / 2))}_${tag}_${name.slice(-Math.floor(kept / 2))}`;
};

/** Converts one part of a name. A `__` can result only where a part that begins with an underscore follows another. */
const snakePart = (part: string): string => {
  const words = part
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .trim()
    .replaceAll(/[+*]/g, "x")
    .replaceAll("-", "_")
    .replaceAll("@", "a")
    .replaceAll("|", "l")
    .replaceAll(/[^A-Za-z0-9_]+/g, "_")
    .replaceAll(CAPITALISED_WORD, "$1_$2")
    .replaceAll(LOWER_THEN_CAPITAL, "$1_$2")
    .toLowerCase();
  const tail = countTrailing(words, "_");
  const plain = (words.slice(0, words.length - tail) + "x".repeat(tail)).replaceAll(/_{2,}/g, "_");
  if (plain === "") return "x";
  return /^\d/.test(plain) ? `_${plain}` : plain;
};

/**
 * Converts a key to snake_case as dlt does: `camelCase` is split, `+` and `*` become `x`, `-` becomes `_`, `@` becomes `a`,
 * `|` becomes `l`, any other run of characters that are not alphanumeric becomes one `_`, every trailing `_` becomes `x`, and a
 * leading digit gets a `_` before it. A `__` inside of a name stays, because dlt reads it as the path of a flattened object;
 * around a name it is dropped. Different from dlt: letters outside ASCII lose their accents, and an empty key becomes `x`.
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
 * Returns the name of a resource or table in snake_case, from any name that dlt accepts, such as a path. Leading underscores
 * are dropped, because Athena hides data whose name begins with `_`.
 */
export const normaliseName = (name: string): string => snakeCase(name).replace(/^_+/, "");

/** Returns a key of the rows as it is stored in paths: of a long one, both ends around a hash. */
export const storedKey = (key: string): string => {
  if (key.length <= MAX_KEY_LENGTH) return key;
  const [start, end] = [key.slice(0, MAX_NAME_LENGTH), key.slice(-MAX_NAME_LENGTH)];
  return `${start}_${sha256(key).slice(0, TAG_LENGTH * 2)}_${end}`.toWellFormed();
};

/** Returns the column of a path of keys: each in snake_case, joined by `__`. */
export const columnName = (path: string[]): string => shorten(path.map(snakeCase).join(PATH_SEPARATOR));

/** Returns the column of a path whose plain name another path owns. It depends on the path only. */
export const contestedName = (path: string[]): string => {
  const tag = sha256(JSON.stringify(path)).slice(0, CONTESTED_TAG_LENGTH);
  return shorten(`${path.map(snakeCase).join(PATH_SEPARATOR)}_${tag}`);
};

/** Returns the column for a name in the config (`columns`, `primary_key`), which may be the API's or the table's. */
export const declaredName = (name: string): string => columnName([name]);
