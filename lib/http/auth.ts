import type { AuthFunction, AuthRequest } from "../config/callbacks.ts";
import { registeredAuth } from "../config/registry.ts";
import type { ResolvedAuth } from "../config/resolved.ts";
import type { AuthConfig } from "../config/schema/index.ts";
import type { Ports } from "../ports/index.ts";
import { secretsIn } from "../secrets/reference.ts";
import type { Attempt } from "./attempt.ts";
import { applyAuthFunction } from "./auth-function.ts";
import { checkCookieValue, checkHeaderValue } from "./headers.ts";
import type { TokenSource } from "./oauth2.ts";
import { setParam } from "./query.ts";
import { resolveText } from "./secret-text.ts";

type ApiKeyAuth = Extract<AuthConfig, { type: "api_key" }>;

/** The API refused the attempt before this one: its credentials have to be renewed. */
export interface Refusal {
  /** Value of the Authorization header that was refused; null when there was none. */
  authorization: string | null;
}

/** Everything that an auth depends on, besides the request's URL and headers. */
export interface AuthContext extends Pick<Ports, "secrets" | "redactor" | "clock"> {
  /** Tokens of `oauth2_client_credentials`; null for every other auth. */
  tokens: TokenSource | null;
  /** Seconds that an auth function may take. */
  timeout: number;
  method: "GET" | "POST";
  body: string | null;
  /** null for a first attempt. */
  refusal: Refusal | null;
  attempt: Attempt;
}

/** Whether an auth has no secret references: only a call of its function can renew its credentials. */
export const isCustomAuth = (auth: ResolvedAuth | null): boolean =>
  typeof auth === "function" || (auth !== null && secretsIn(auth).length === 0);

const withApiKey = (request: AuthRequest, auth: ApiKeyAuth, key: string): AuthRequest => {
  const url = new URL(request.url);
  const headers = { ...request.headers };
  switch (auth.location) {
    case "header":
      checkHeaderValue(auth.name, auth.api_key, key);
      headers[auth.name.toLowerCase()] = key;
      break;
    case "query":
      setParam(url, auth.name, key);
      break;
    case "cookie":
      checkCookieValue(auth.name, auth.api_key, key);
      headers.cookie = [headers.cookie, `${auth.name}=${key}`].filter(Boolean).join("; ");
      break;
    default:
      auth.location satisfies never;
  }
  return { url, headers };
};

const withAuthorization = ({ url, headers }: AuthRequest, value: string): AuthRequest => ({
  url,
  headers: { ...headers, authorization: value },
});

const isBuiltIn = (auth: Exclude<ResolvedAuth, AuthFunction>): auth is AuthConfig =>
  ["api_key", "bearer", "http_basic", "oauth2_client_credentials"].includes(auth.type);

const applyBuiltIn = async (request: AuthRequest, auth: AuthConfig, context: AuthContext): Promise<AuthRequest> => {
  const { secrets, redactor, tokens, refusal, attempt } = context;
  switch (auth.type) {
    case "api_key":
      return withApiKey(request, auth, await resolveText(auth.api_key, secrets));
    case "bearer": {
      const token = await resolveText(auth.token, secrets);
      checkHeaderValue("Authorization", auth.token, token);
      return withAuthorization(request, `Bearer ${token}`);
    }
    case "http_basic": {
      const username = await resolveText(auth.username, secrets);
      const credentials = `${username}:${await resolveText(auth.password, secrets)}`;
      // The header holds the base64 of both together, in which neither can be found.
      redactor.add(credentials);
      return withAuthorization(request, `Basic ${Buffer.from(credentials).toString("base64")}`);
    }
    case "oauth2_client_credentials": {
      const refused = refusal?.authorization ?? null;
      return withAuthorization(request, await (tokens as TokenSource).authorization(refused, attempt));
    }
    default:
      return auth satisfies never;
  }
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
): Promise<AuthRequest> => {
  if (auth === null) return request;
  if (typeof auth !== "function" && isBuiltIn(auth)) return applyBuiltIn(request, auth, context);
  const functionContext = { ...context, renew: context.refusal !== null, signal: context.attempt.signal };
  if (typeof auth === "function") return applyAuthFunction(auth, {}, request, functionContext);
  const { type, ...options } = auth;
  return applyAuthFunction(registeredAuth(type), options, request, functionContext);
};
