import { ConfigError, SecretError } from "../errors/index.ts";
import type { Secrets } from "../ports/secrets.ts";
import { isSecretReference, type SecretReference } from "../secrets/reference.ts";
import { resolveText } from "./secret-text.ts";

/** Characters that fetch refuses in a header (RFC 9110, 5.5). */
const NOT_IN_A_HEADER = /[^\t\x20-\x7e\x80-\xff]/;
/** In a cookie, `;` would end the value: the server would get half a key. */
const NOT_IN_A_COOKIE = /[^\t\x20-\x7e\x80-\xff]|;/;
/** Syntax of a header name (RFC 9110, 5.6.2). A name may be built from a parent's row, or by an auth function. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;

/**
 * Checks the name of a header: fetch would fail as if the API could not be reached, and the request would be retried.
 *
 * @throws ConfigError.
 */
export const checkHeaderName = (name: string): void => {
  if (!HEADER_NAME.test(name)) throw new ConfigError(`${JSON.stringify(name)} is not a valid header name`);
};

const checkText = (where: string, given: string | SecretReference, text: string, forbidden: RegExp): void => {
  if (!forbidden.test(text)) return;
  const why = `contains a character that is not allowed in ${where} (such as a line break, a typographic quote, or a semicolon in a cookie)`;
  if (isSecretReference(given)) {
    throw new SecretError(`field ${JSON.stringify(given.secret)} of the secret ${why}: enter the key again`);
  }
  throw new ConfigError(`the value ${why}: remove it`);
};

/**
 * Checks the value of a header.
 *
 * @param given the config's value: the message names its secret.
 * @throws SecretError or ConfigError.
 */
export const checkHeaderValue = (name: string, given: string | SecretReference, text: string): void =>
  checkText(`header ${name}`, given, text, NOT_IN_A_HEADER);

/**
 * Checks the value of a cookie.
 *
 * @param given the config's value: the message names its secret.
 * @throws SecretError or ConfigError.
 */
export const checkCookieValue = (name: string, given: string | SecretReference, text: string): void =>
  checkText(`cookie ${name}`, given, text, NOT_IN_A_COOKIE);

/**
 * Returns the config's headers with secrets filled in and names in lower case.
 *
 * @throws SecretError or ConfigError for an invalid name or value.
 */
export const resolveHeaders = async (
  headers: Record<string, string | SecretReference>,
  secrets: Secrets,
): Promise<Record<string, string>> => {
  const resolved: Record<string, string> = {};
  for (const [name, given] of Object.entries(headers)) {
    checkHeaderName(name);
    const text = (await resolveText(given, secrets)).trim();
    checkHeaderValue(name, given, text);
    resolved[name.toLowerCase()] = text;
  }
  return resolved;
};
