import type { Secrets } from "../ports.ts";
import type { Auth } from "../source/schema/index.ts";
import { isSecretReference, type SecretReference } from "../source/secret.ts";

/** What goes out: headers and URL are the auth's to change. */
export interface Outgoing {
  url: URL;
  headers: Record<string, string>;
}

/** Text of a config value: itself, or what the secret holds. */
export const resolveText = (value: string | SecretReference, secrets: Secrets, force: boolean): Promise<string> =>
  isSecretReference(value) ? secrets.get(value.secret, { force }) : Promise.resolve(value);

/**
 * The request with the credentials added.
 *
 * @param force reads the secret anew.
 */
export const authorize = async (
  request: Outgoing,
  auth: Auth | null,
  secrets: Secrets,
  force: boolean,
): Promise<Outgoing> => {
  if (auth === null) return request;
  const key = await resolveText(auth.api_key, secrets, force);
  const url = new URL(request.url);
  const headers = { ...request.headers };
  switch (auth.location) {
    case "header":
      headers[auth.name] = key;
      break;
    case "query":
      url.searchParams.set(auth.name, key);
      break;
    case "cookie":
      headers.Cookie = [headers.Cookie, `${auth.name}=${key}`].filter(Boolean).join("; ");
      break;
    default:
      auth.location satisfies never;
  }
  return { url, headers };
};
