import { SecretError } from "../errors/index.ts";
import { isJsonObject, type Json } from "../json/index.ts";
import type { Redactor } from "../ports/redactor.ts";
import type { Secrets } from "../ports/secrets.ts";
/** Reads the text of a secret; `force` goes past every cache. */
export type FetchSecret = (options: { force: boolean }) => Promise<string | Uint8Array | undefined>;

const putIntoSecretsManager = (field: string, id: string) =>
  `put it with: aws secretsmanager put-secret-value --secret-id ${id} --secret-string '{"${field}": "..."}'`;

const reason = (error: unknown): string => {
  const { name = "", code = "", cause } = error as { name?: string; code?: string; cause?: unknown };
  if (name === "GetParameterError" && cause !== undefined) return reason(cause);
  return code || name || "unknown";
};

const parse = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
};

/**
 * The source's secret, field by field. Its value is a JSON object, or plain text that is then every field.
 * Each value that is read is made known to the redactor before anyone can use it.
 *
 * @param howToPut the next step for a user whose secret is missing.
 */
export const createSecrets = (
  id: string,
  fetchSecret: FetchSecret,
  redactor: Redactor,
  howToPut: (field: string, id: string) => string = putIntoSecretsManager,
): Secrets => ({
  async get(field, { force = false } = {}) {
    let held: string | Uint8Array | undefined;
    try {
      held = await fetchSecret({ force });
    } catch (error) {
      const why = reason(error);
      throw new SecretError(
        why === "ResourceNotFoundException"
          ? `secret ${id} does not exist or has no value yet: ${howToPut(field, id)}`
          : `secret ${id} cannot be read (${why}): check its name, the role of this function and the network`,
        { cause: error },
      );
    }
    if (held instanceof Uint8Array) {
      throw new SecretError(`secret ${id} is binary, not text: ${howToPut(field, id)}`);
    }
    // White space around a value is a slip of whoever put it; no key has any, and headers drop it.
    const text = held?.trim() ?? "";
    if (text === "") throw new SecretError(`secret ${id} is empty: ${howToPut(field, id)}`);
    const value = parse(text);
    redactor.add(text);
    if (!isJsonObject(value)) return text;
    // What else lies in the secret is nobody's business either, but rows may be full of an account's name.
    for (const inner of Object.values(value)) {
      if (typeof inner === "string") redactor.add(inner.trim(), { in_data: false });
    }
    const own = value[field];
    const found = typeof own === "string" ? own.trim() : "";
    if (found === "") {
      throw new SecretError(
        `secret ${id} has no text field ${JSON.stringify(field)} (it has: ${Object.keys(value).join(", ") || "none"}): ${howToPut(field, id)}`,
      );
    }
    redactor.add(found);
    return found;
  },
});
