import type { Secrets } from "../ports/secrets.ts";
import { isSecretReference, type SecretReference } from "../secrets/reference.ts";

/** Text of a config value: itself, or what the secret holds. */
export const resolveText = (value: string | SecretReference, secrets: Secrets): Promise<string> =>
  isSecretReference(value) ? secrets.get(value.secret) : Promise.resolve(value);

/** The secret as it is now: read anew when its first field is asked for, once however many are. */
export const readAnew = (secrets: Secrets): Secrets => {
  let reading: Promise<unknown> | null = null;
  return {
    async get(field) {
      if (reading === null) {
        const first = secrets.get(field, { force: true });
        // Who asks for this field is told of what goes wrong.
        reading = first.catch(() => {});
        return first;
      }
      await reading;
      return secrets.get(field);
    },
  };
};
