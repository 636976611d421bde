import type { AuthFunction, AuthRequest } from "../config/callbacks.ts";
import { registeredAuth } from "../config/registry.ts";
import type { BuiltInAuth, KeyPlace, ResolvedAuth } from "../config/resolved.ts";
import type { Ports } from "../ports/index.ts";
import { type SecretReference, secretsIn } from "../secrets/reference.ts";
import type { Attempt } from "./attempt.ts";
import { applyAuthFunction } from "./auth-function.ts";
import { checkCookieValue, checkHeaderValue } from "./headers.ts";
import { setParam } from "./query.ts";
import { resolveText } from "./secret-text.ts";
import { asTokenAuth, type TokenAuth } from "./token-auths.ts";
import type { TokenSource } from "./token-source.ts";

/** The API refused the attempt before this one: its credentials have to be renewed. */
export interface Refusal {
  /** The token that was refused; null when the auth requests none. */
  token: string | null;
}

/** Everything that an auth depends on, besides the request's URL and headers. */
export interface AuthContext extends Pick<Ports, "secrets" | "redactor" | "clock"> {
  /** Tokens of an auth that requests them; null for every other auth. */
  tokens: TokenSource | null;
  /** Seconds that an auth function may take. */
  timeout: number;
  method: "GET" | "POST";
  body: string | null;
  /** null for a first attempt. */
  refusal: Refusal | null;
  attempt: Attempt;
}

/** Request with credentials, and the token among them, if the auth requests tokens. */
export interface AuthorizedParts extends AuthRequest {
  token: string | null;
}

const BUILT_IN = new Set(
  Object.keys({
    api_key: 0,
    bearer: 0,
    http_basic: 0,
    oauth2_client_credentials: 0,
    oauth2_refresh_token: 0,
    session_token: 0,
  } satisfies Record<BuiltInAuth["type"], 0>),
);

const isBuiltIn = (auth: Exclude<ResolvedAuth, AuthFunction>): auth is BuiltInAuth => BUILT_IN.has(auth.type);

/** Whether only a call of an auth's function can renew its credentials, because its options refer to no secret. */
export const isCustomAuth = (auth: ResolvedAuth | null): boolean =>
  typeof auth === "function" || (auth !== null && !isBuiltIn(auth) && secretsIn(auth).length === 0);

/** @param given the config's value: the message of an invalid key names its secret. */
const withKey = (
  request: AuthRequest,
  { name, location }: KeyPlace,
  key: string,
  given: string | SecretReference,
): AuthRequest => {
  const url = new URL(request.url);
  const headers = { ...request.headers };
  switch (location) {
    case "header":
      checkHeaderValue(name, given, key);
      headers[name.toLowerCase()] = key;
      break;
    case "query":
      setParam(url, name, key);
      break;
    case "cookie":
      checkCookieValue(name, given, key);
      headers.cookie = [headers.cookie, `${name}=${key}`].filter(Boolean).join("; ");
      break;
    default:
      location satisfies never;
  }
  return { url, headers };
};

const withAuthorization = ({ url, headers }: AuthRequest, value: string): AuthRequest => ({
  url,
  headers: { ...headers, authorization: value },
});

/** Adds the token of an auth that requests tokens. */
const withToken = async (request: AuthRequest, auth: TokenAuth, context: AuthContext): Promise<AuthorizedParts> => {
  const { tokens, refusal, attempt } = context;
  const token = await (tokens as TokenSource).token(refusal?.token ?? null, attempt);
  if (auth.type !== "session_token") return { ...withAuthorization(request, `Bearer ${token}`), token };
  return { ...withKey(request, auth, `${auth.prefix}${token}`, token), token };
};

const applyBuiltIn = async (
  request: AuthRequest,
  auth: Exclude<BuiltInAuth, TokenAuth>,
  { secrets, redactor }: AuthContext,
): Promise<AuthRequest> => {
  switch (auth.type) {
    case "api_key":
      return withKey(request, auth, await resolveText(auth.api_key, secrets), auth.api_key);
    case "bearer": {
      const token = await resolveText(auth.token, secrets);
      checkHeaderValue("Authorization", auth.token, token);
      return withAuthorization(request, `Bearer ${token}`);
    }
    case "http_basic": {
      const username = await resolveText(auth.username, secrets);
      const credentials = `${username}:${await resolveText(auth.password, secrets)}`;
      // The header holds the base64 of both together, in which neither can be found.
      if (secretsIn(auth).length > 0) redactor.add(credentials);
      return withAuthorization(request, `Basic ${Buffer.from(credentials).toString("base64")}`);
    }
    default:
      return auth satisfies never;
  }
};

/** Adds the credentials of an auth that requests no tokens. */
const withoutToken = async (
  request: AuthRequest,
  auth: Exclude<ResolvedAuth, TokenAuth>,
  context: AuthContext,
): Promise<AuthRequest> => {
  if (typeof auth !== "function" && isBuiltIn(auth)) return applyBuiltIn(request, auth, context);
  const functionContext = { ...context, renew: context.refusal !== null, signal: context.attempt.signal };
  if (typeof auth === "function") return applyAuthFunction(auth, {}, request, functionContext);
  const { type, ...options } = auth;
  return applyAuthFunction(registeredAuth(type), options, request, functionContext);
};

/**
 * Returns the request with credentials added.
 *
 * @param request header names in lower case.
 * @param context after a refusal, its `secrets` reload the secret.
 * @throws SecretError for a key that is not allowed in its place; ConfigError for an auth function that does not work;
 *   CallbackTimeout; and the errors of TokenSource.
 */
export const authorize = async (
  request: AuthRequest,
  auth: ResolvedAuth | null,
  context: AuthContext,
): Promise<AuthorizedParts> => {
  if (auth === null) return { ...request, token: null };
  const tokenAuth = asTokenAuth(auth);
  if (tokenAuth !== null) return withToken(request, tokenAuth, context);
  return { ...(await withoutToken(request, auth as Exclude<ResolvedAuth, TokenAuth>, context)), token: null };
};
