import { SecretError } from "../errors/index.ts";
import { isJsonObject, type Json } from "../json/index.ts";
import type { Redactor } from "../ports/redactor.ts";
import type { Secrets } from "../ports/secrets.ts";
import { isKeyName, type MaskedFields } from "./roles.ts";

/** Reads the text of a secret. `force` bypasses every cache. */
export type FetchSecret = (options: { force: boolean }) => Promise<string | Uint8Array | undefined>;

const putIntoSecretsManager = (field: string, id: string) =>
  `put it with: aws secretsmanager put-secret-value --secret-id ${id} --secret-string '{"${field}": "..."}'`;

const reasonOf = (error: unknown): string => {
  const { name = "", code = "", cause } = error as { name?: string; code?: string; cause?: unknown };
  if (name === "GetParameterError" && cause !== undefined) return reasonOf(cause);
  return code || name || "unknown";
};

const parse = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
};

/** How a source uses its secret, and how it is written. */
export interface SecretsOptions {
  /** Whether the fields that the config names are masked in rows. All others are if their name suggests a key. */
  masked?: MaskedFields;
  /** Replaces the text of the secret. Without it, the secret cannot be written. */
  putSecret?: (text: string) => Promise<unknown>;
  /** Returns the next step for a user whose secret is missing. */
  howToPut?: (field: string, id: string) => string;
}

/** The text of a secret, without the white space around it, and its value: an object, or the text itself. */
interface SecretContent {
  text: string;
  value: Json;
}

/** Returns a function that reads the secret. @throws SecretError with the next step for the field. */
const createReader =
  (id: string, fetchSecret: FetchSecret, howToPut: NonNullable<SecretsOptions["howToPut"]>) =>
  async (field: string, force: boolean): Promise<SecretContent> => {
    let content: string | Uint8Array | undefined;
    try {
      content = await fetchSecret({ force });
    } catch (error) {
      const reason = reasonOf(error);
      throw new SecretError(
        reason === "ResourceNotFoundException"
          ? `secret ${id} does not exist or has no value yet: ${howToPut(field, id)}`
          : `secret ${id} cannot be read (${reason}): check its name, the role of this function and the network`,
        { cause: error },
      );
    }
    if (content instanceof Uint8Array) {
      throw new SecretError(`secret ${id} is binary, not text: ${howToPut(field, id)}`);
    }
    // No key has white space around it, and headers drop it.
    const text = content?.trim() ?? "";
    if (text === "") throw new SecretError(`secret ${id} is empty: ${howToPut(field, id)}`);
    return { text, value: parse(text) };
  };

/**
 * Creates the access to a source's secret. The secret is a JSON object with fields, or plain text that is the value of every field.
 * Each value is registered with the redactor before it is returned: keys are masked in rows as well, all others in messages only.
 */
export const createSecrets = (
  id: string,
  fetchSecret: FetchSecret,
  redactor: Redactor,
  { masked, putSecret, howToPut = putIntoSecretsManager }: SecretsOptions = {},
): Secrets => {
  const read = createReader(id, fetchSecret, howToPut);
  return {
    async get(field, { force = false } = {}) {
      const isKey = masked?.get(field) ?? isKeyName(field);
      const { text, value } = await read(field, force);
      redactor.add(text, { in_data: isKey || isJsonObject(value) });
      if (!isJsonObject(value)) return text;
      for (const [name, inner] of Object.entries(value)) {
        if (typeof inner === "string") redactor.add(inner.trim(), { in_data: masked?.get(name) ?? false });
      }
      const stored = Object.hasOwn(value, field) ? value[field] : undefined;
      const found = typeof stored === "string" ? stored.trim() : "";
      if (found === "") {
        throw new SecretError(
          `secret ${id} has no text field ${JSON.stringify(field)} (it has: ${Object.keys(value).join(", ") || "none"}): ${howToPut(field, id)}`,
        );
      }
      redactor.add(found, { in_data: isKey });
      return found;
    },

    async put(field, given) {
      redactor.add(given);
      // Another field may have been rotated since the secret was read.
      const { value } = await read(field, true);
      const text = isJsonObject(value) ? JSON.stringify({ ...value, [field]: given }) : given;
      redactor.add(text);
      try {
        if (putSecret === undefined) throw new Error("there is no access to write it");
        await putSecret(text);
      } catch (error) {
        throw new SecretError(
          `the new value of ${JSON.stringify(field)} cannot be written to secret ${id} (${reasonOf(error)}), and the old one may be invalid: allow this function to write the secret, and put a new value into it`,
          { cause: error },
        );
      }
    },
  };
};
