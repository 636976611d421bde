import { ConfigError, SecretError } from "../errors.ts";
import type { Ports, Secrets } from "../ports.ts";
import type { Auth } from "../source/schema/index.ts";
import { isSecretReference, type SecretReference } from "../source/secret.ts";

/** What goes out: headers and URL are the auth's to change. */
export interface Outgoing {
  url: URL;
  /** Names in any case: two that differ only in that are one header. */
  headers: Record<string, string>;
}

/** Text of a config value: itself, or what the secret holds. */
const resolveText = (value: string | SecretReference, secrets: Secrets, force: boolean): Promise<string> =>
  isSecretReference(value) ? secrets.get(value.secret, { force }) : Promise.resolve(value);

/** What fetch refuses in a header (RFC 9110, 5.5); in a cookie `;` would end the value, and the server see half a key. */
const NOT_IN_A_HEADER = /[^\t\x20-\x7e\x80-\xff]/;
const NOT_IN_A_COOKIE = /[^\t\x20-\x7e\x80-\xff]|;/;

/** fetch would fail as if the API could not be reached, and be asked again in vain. */
const checkText = (where: string, given: string | SecretReference, text: string, forbidden: RegExp): void => {
  if (!forbidden.test(text)) return;
  const why = "holds a character that it cannot carry (a line break, a semicolon in a cookie, a typographic quote)";
  if (isSecretReference(given)) {
    throw new SecretError(
      `field ${JSON.stringify(given.secret)} of the secret ${why} as ${where}: put the key in anew`,
    );
  }
  throw new ConfigError(`${where} ${why}`);
};

/**
 * Headers of the config with their secrets filled in, names in lower case.
 *
 * @param force reads the secrets anew.
 * @throws SecretError or ConfigError for a value that no header can carry.
 */
export const resolveHeaders = async (
  headers: Record<string, string | SecretReference>,
  secrets: Secrets,
  force: boolean,
): Promise<Record<string, string>> => {
  const resolved: Record<string, string> = {};
  for (const [name, given] of Object.entries(headers)) {
    const text = (await resolveText(given, secrets, force)).trim();
    checkText(`header ${name}`, given, text, NOT_IN_A_HEADER);
    resolved[name.toLowerCase()] = text;
  }
  return resolved;
};

const withApiKey = (request: Outgoing, auth: Extract<Auth, { type: "api_key" }>, key: string): Outgoing => {
  const url = new URL(request.url);
  const headers = { ...request.headers };
  switch (auth.location) {
    case "header":
      checkText(`header ${auth.name}`, auth.api_key, key, NOT_IN_A_HEADER);
      headers[auth.name.toLowerCase()] = key;
      break;
    case "query":
      url.searchParams.set(auth.name, key);
      break;
    case "cookie":
      checkText(`cookie ${auth.name}`, auth.api_key, key, NOT_IN_A_COOKIE);
      headers.cookie = [headers.cookie, `${auth.name}=${key}`].filter(Boolean).join("; ");
      break;
    default:
      auth.location satisfies never;
  }
  return { url, headers };
};

const withAuthorization = ({ url, headers }: Outgoing, value: string): Outgoing => ({
  url,
  headers: { ...headers, authorization: value },
});

/**
 * The request with the credentials added.
 *
 * @param request header names in lower case.
 * @param force reads the secret anew.
 * @throws SecretError for a key that its place cannot carry.
 */
export const authorize = async (
  request: Outgoing,
  auth: Auth | null,
  { secrets, redactor }: Pick<Ports, "secrets" | "redactor">,
  force: boolean,
): Promise<Outgoing> => {
  switch (auth?.type) {
    case undefined:
      return request;
    case "api_key":
      return withApiKey(request, auth, await resolveText(auth.api_key, secrets, force));
    case "bearer": {
      const token = await resolveText(auth.token, secrets, force);
      checkText("header Authorization", auth.token, token, NOT_IN_A_HEADER);
      return withAuthorization(request, `Bearer ${token}`);
    }
    case "http_basic": {
      const username = await resolveText(auth.username, secrets, force);
      const credentials = `${username}:${await resolveText(auth.password, secrets, force)}`;
      // What goes out is the base64 of both together, in which neither can be recognised.
      redactor.add(credentials);
      return withAuthorization(request, `Basic ${Buffer.from(credentials).toString("base64")}`);
    }
    default:
      return auth satisfies never;
  }
};
