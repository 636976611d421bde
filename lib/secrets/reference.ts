/** A reference to a field of the source's secret; the value itself is never part of a config. */
export interface SecretReference {
  secret: string;
}

/**
 * Returns a reference to a field of the source's secret, as `dlt.secrets["api_key"]` in dlt. The value is read at run time.
 * JSON configs write `{"secret": "api_key"}`.
 */
export const secret = (name: string): SecretReference => ({ secret: name });

/** Whether a config value is a reference to a secret. */
export const isSecretReference = (value: unknown): value is SecretReference =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as SecretReference).secret === "string" &&
  Object.keys(value).length === 1;

/** Returns the names of all secrets that a config value refers to, at any depth. */
export const secretsIn = (value: unknown): string[] => {
  if (isSecretReference(value)) return [value.secret];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(secretsIn) : [];
};
