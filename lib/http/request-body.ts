import type { Body } from "../config/resolved.ts";
import { isJsonObject, type Json, stringifyJson } from "../json/index.ts";
import type { Secrets } from "../ports/secrets.ts";
import { isSecretReference, type SecretReference } from "../secrets/reference.ts";
import { resolveText } from "./secret-text.ts";

const withSecrets = async (value: Json, secrets: Secrets): Promise<Json> => {
  if (isSecretReference(value)) return resolveText(value, secrets);
  if (Array.isArray(value)) return Promise.all(value.map((inner) => withSecrets(inner, secrets)));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(
    async ([key, inner]): Promise<[string, Json]> => [key, await withSecrets(inner, secrets)],
  );
  return Object.fromEntries(await Promise.all(entries));
};

/** Encodes pairs as a form, with secrets filled in. */
export const formText = async (pairs: [string, string | SecretReference][], secrets: Secrets): Promise<string> => {
  const form = new URLSearchParams();
  for (const [name, value] of pairs) form.append(name, await resolveText(value, secrets));
  return form.toString();
};

/** Content type of a form. */
export const FORM = "application/x-www-form-urlencoded";

/**
 * Returns a body as it is sent, with secrets filled in.
 *
 * @returns the text and its content type; null for raw text, whose type only the config knows.
 */
export const bodyText = async (body: Body, secrets: Secrets): Promise<{ text: string; type: string | null }> => {
  if ("text" in body) return { text: body.text, type: null };
  if ("form" in body) return { text: await formText(body.form, secrets), type: FORM };
  return { text: stringifyJson(await withSecrets(body.json, secrets)), type: "application/json" };
};
