import type { Secrets } from "../ports/secrets.ts";
import { isSecretReference, type SecretReference } from "../secrets/reference.ts";

/** Returns the text of a config value: itself, or the value of the secret that it refers to. */
export const resolveText = async (value: string | SecretReference, secrets: Secrets): Promise<string> =>
  isSecretReference(value) ? `${value.prefix ?? ""}${await secrets.get(value.secret)}` : value;

/** Reloads the secret when its first field is read, once for all of its fields. */
export const reloadOnFirstRead = (secrets: Secrets): Secrets => {
  let reloading: Promise<unknown> | null = null;
  return {
    ...secrets,
    async get(field) {
      if (reloading === null) {
        const first = secrets.get(field, { force: true });
        // The caller of this first read gets the error.
        reloading = first.catch(() => {});
        return first;
      }
      await reloading;
      return secrets.get(field);
    },
  };
};
