/** A reference to a field of the source's secret; the value itself is never part of a config. */
export interface SecretReference {
  /** Name of the field. */
  secret: string;
  /** Text before the value, such as `Token `. */
  prefix?: string;
  /** Whether the value is masked in rows; by default, if its use suggests a key, token or password (see `maskedFieldsIn`). */
  mask_in_rows?: boolean;
}

/**
 * Returns a reference to a field of the source's secret, as `dlt.secrets["api_key"]` in dlt. The value is read at run time.
 * JSON configs write `{"secret": "api_key"}`.
 */
export const secret = (name: string, options: Omit<SecretReference, "secret"> = {}): SecretReference => ({
  secret: name,
  ...options,
});

const KEYS = new Set(["secret", "prefix", "mask_in_rows"]);

/** Whether a config value is a reference to a secret. */
export const isSecretReference = (value: unknown): value is SecretReference =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as SecretReference).secret === "string" &&
  Object.keys(value).every((key) => KEYS.has(key));

/** Returns the names of all secrets that a config value refers to, at any depth. */
export const secretsIn = (value: unknown): string[] => {
  if (isSecretReference(value)) return [value.secret];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(secretsIn) : [];
};
