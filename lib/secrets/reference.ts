/** A reference to a field of the source's secret; the value itself is never part of a config. */
export interface SecretReference {
  secret: string;
}

/**
 * Stands where dlt has `dlt.secrets["api_key"]`: the value is read at run time from the source's secret.
 * In JSON configs write `{"secret": "api_key"}`.
 */
export const secret = (name: string): SecretReference => ({ secret: name });

/** Whether a config value is a reference to a secret. */
export const isSecretReference = (value: unknown): value is SecretReference =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as SecretReference).secret === "string" &&
  Object.keys(value).length === 1;

/** Names of all secrets that a config value refers to, however deep. */
export const secretsIn = (value: unknown): string[] => {
  if (isSecretReference(value)) return [value.secret];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(secretsIn) : [];
};
