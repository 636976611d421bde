import { isSecretReference, type SecretReference } from "./reference.ts";

/** Last words of names of keys, tokens and passwords. */
const KEY_WORDS = new Set([
  ...["key", "apikey", "token", "secret", "password", "passwd", "passphrase", "pwd", "pass", "pin"],
  ...["auth", "authorization", "credential", "credentials", "bearer", "jwt", "signature", "sig", "session", "cookie"],
]);

/** Last words of names of ordinary values, which rows may contain. */
const IDENTIFIER_WORDS = new Set([
  ...["id", "uuid", "guid", "number", "name", "slug", "user", "username", "login", "email", "mail"],
  ...["account", "tenant", "org", "organization", "organisation", "company", "customer", "client", "merchant", "team"],
  ...["project", "workspace", "site", "store", "shop", "domain", "subdomain", "host", "region", "realm"],
  ...["database", "db", "environment", "env"],
]);

/** Returns the last word of a name in snake case, camel case or with dashes, without a number: `user` of `apiUser2`. */
const lastWord = (name: string): string =>
  name
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .split(/[^A-Za-z]+/)
    .findLast((word) => word !== "")
    ?.toLowerCase() ?? "";

/** Whether names, such as those of a field and of a parameter, suggest a value that must not be stored. Unknown names do. */
export const isKeyName = (...names: string[]): boolean => {
  const words = names.map(lastWord);
  return words.some((word) => KEY_WORDS.has(word)) || !words.some((word) => IDENTIFIER_WORDS.has(word));
};

/** Whether the value of each field of the secret is masked in rows. Fields that only functions use are not included. */
export type MaskedFields = ReadonlyMap<string, boolean>;

/** A use of a field. */
interface Use {
  reference: SecretReference;
  isKey: boolean;
}

const isPair = (value: unknown): value is [string, SecretReference] =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === "string" && isSecretReference(value[1]);

const usesIn = (value: unknown, place: string): Use[] => {
  if (isSecretReference(value)) return [{ reference: value, isKey: isKeyName(place, value.secret) }];
  if (isPair(value)) return usesIn(value[1], value[0]);
  if (Array.isArray(value)) return value.flatMap((inner) => usesIn(inner, place));
  if (typeof value !== "object" || value === null) return [];
  const { username, password } = value as { username?: unknown; password?: unknown };
  // Some APIs take their key as the user name, with a password that does not matter.
  const isKeyAsUser = isSecretReference(username) && password !== undefined && !isSecretReference(password);
  return Object.entries(value).flatMap(([key, inner]) =>
    usesIn(inner, isKeyAsUser && key === "username" ? "password" : key),
  );
};

/**
 * Returns whether the fields of the secret are masked in rows, by their use in a config: keys, tokens and passwords are, user
 * names and ids are not. A field that is used as a key anywhere is one; `mask_in_rows` of a reference decides otherwise.
 */
export const maskedFieldsIn = (config: unknown): MaskedFields => {
  const masked = new Map<string, boolean>();
  const uses = usesIn(config, "");
  for (const { reference, isKey } of uses) {
    masked.set(reference.secret, isKey || masked.get(reference.secret) === true);
  }
  for (const { reference } of uses) {
    if (reference.mask_in_rows !== undefined) masked.set(reference.secret, reference.mask_in_rows);
  }
  return masked;
};
