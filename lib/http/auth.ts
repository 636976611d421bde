import type { AuthFunction, AuthRequest, AuthTools } from "../config/callbacks.ts";
import { wrongResult } from "../config/guard-callback.ts";
import { registeredAuth } from "../config/registry.ts";
import type { ResolvedAuth } from "../config/resolved.ts";
import type { Auth } from "../config/schema/index.ts";
import { ConfigError, SecretError } from "../errors/index.ts";
import type { Ports } from "../ports/index.ts";
import type { Secrets } from "../ports/secrets.ts";
import { isSecretReference, type SecretReference } from "../secrets/reference.ts";
import { callOwnFunction } from "./callback.ts";
import type { Attempt } from "./exchange.ts";
import type { TokenSource } from "./oauth2.ts";
import { resolveText } from "./secret-text.ts";

/** What fetch refuses in a header (RFC 9110, 5.5); in a cookie `;` would end the value, and the server see half a key. */
const NOT_IN_A_HEADER = /[^\t\x20-\x7e\x80-\xff]/;
const NOT_IN_A_COOKIE = /[^\t\x20-\x7e\x80-\xff]|;/;
/** A token (RFC 9110, 5.6.2): a name may have been put together of a parent's row, or by a function. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;

/** fetch would fail as if the API could not be reached, and be asked again in vain. */
const checkName = (name: string): void => {
  if (!HEADER_NAME.test(name)) throw new ConfigError(`${JSON.stringify(name)} cannot be the name of a header`);
};

/** As above. */
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
 * @throws SecretError or ConfigError for a name or a value that no header can have.
 */
export const resolveHeaders = async (
  headers: Record<string, string | SecretReference>,
  secrets: Secrets,
): Promise<Record<string, string>> => {
  const resolved: Record<string, string> = {};
  for (const [name, given] of Object.entries(headers)) {
    checkName(name);
    const text = (await resolveText(given, secrets)).trim();
    checkText(`header ${name}`, given, text, NOT_IN_A_HEADER);
    resolved[name.toLowerCase()] = text;
  }
  return resolved;
};

const withApiKey = (request: AuthRequest, auth: Extract<Auth, { type: "api_key" }>, key: string): AuthRequest => {
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

const withAuthorization = ({ url, headers }: AuthRequest, value: string): AuthRequest => ({
  url,
  headers: { ...headers, authorization: value },
});

/** What an auth works with. */
export interface AuthPorts extends Pick<Ports, "secrets" | "redactor" | "clock"> {
  /** Of oauth2_client_credentials; null for every other auth. */
  tokens: TokenSource | null;
  /** Seconds that a function of the config may take. */
  timeout: number;
  /** Of the request that is authorised. */
  method: "GET" | "POST";
  body: string | null;
}

/** The API refused the attempt before this one: what it was sent is to be had anew. */
export interface Refusal {
  /** Value of the Authorization header that was refused, if there was one. */
  authorization: string | null;
}

const AUTH_FUNCTION = "the auth function";

/** Headers as a function of the config made them. */
const checkedHeaders = (made: unknown): Record<string, string> => {
  const entries = made instanceof Headers ? [...made] : Object.entries(made as object);
  const headers = entries.map(([name, value]): [string, string] => {
    checkName(name);
    if (typeof value !== "string" && typeof value !== "number") {
      throw new ConfigError(`${AUTH_FUNCTION} gave the header ${name} a value that is no text`);
    }
    checkText(`header ${name}`, "", String(value), NOT_IN_A_HEADER);
    return [name.toLowerCase(), String(value)];
  });
  return Object.fromEntries(headers);
};

/** Applies an auth function of the config, which may make anything of a request. */
const applyFunction = async (
  auth: AuthFunction<never>,
  options: unknown,
  request: AuthRequest,
  { secrets, redactor, clock, timeout, method, body }: AuthPorts,
  renew: boolean,
  signal: AbortSignal,
): Promise<AuthRequest> => {
  const tools: AuthTools = {
    method,
    body,
    async text(value) {
      if (typeof value === "string" || isSecretReference(value)) return resolveText(value, secrets);
      throw new ConfigError(`${AUTH_FUNCTION} asks for the text of something that is neither a text nor a secret`);
    },
    conceal: (text) => redactor.add(text),
    renew,
  };
  const given: AuthRequest = { url: new URL(request.url), headers: { ...request.headers } };
  const made: Partial<AuthRequest> | null | undefined = await callOwnFunction(
    AUTH_FUNCTION,
    () => auth(given, tools, options as never),
    { redactor, clock, timeout, signal },
  );
  const { url, headers } = made ?? {};
  if (!(url instanceof URL) || typeof headers !== "object" || headers === null || Array.isArray(headers)) {
    throw wrongResult(AUTH_FUNCTION, made, "the request as { url, headers }");
  }
  if (url.origin !== request.url.origin) {
    throw new ConfigError(`${AUTH_FUNCTION} sends the request to another origin, ${url.origin}: refused`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new ConfigError(`${AUTH_FUNCTION} puts a user or a password into the URL: put them into a header`);
  }
  return { url, headers: checkedHeaders(headers) };
};

const isBuiltIn = (auth: Exclude<ResolvedAuth, AuthFunction>): auth is Auth =>
  ["api_key", "bearer", "http_basic", "oauth2_client_credentials"].includes(auth.type);

/**
 * The request with the credentials added.
 *
 * @param request header names in lower case.
 * @param ports `secrets` reads anew, where that is due.
 * @param refusal null for a first attempt.
 * @throws SecretError for a key that its place cannot carry; ConfigError for an auth function that does not work;
 *   FunctionTimeout; and what TokenSource throws.
 */
export const authorize = async (
  request: AuthRequest,
  auth: ResolvedAuth | null,
  ports: AuthPorts,
  refusal: Refusal | null,
  attempt: Attempt,
): Promise<AuthRequest> => {
  if (auth === null) return request;
  const { secrets, redactor, tokens } = ports;
  const renew = refusal !== null;
  if (typeof auth === "function") return applyFunction(auth, {}, request, ports, renew, attempt.signal);
  if (!isBuiltIn(auth)) {
    const { type, ...options } = auth;
    return applyFunction(registeredAuth(type), options, request, ports, renew, attempt.signal);
  }
  switch (auth.type) {
    case "api_key":
      return withApiKey(request, auth, await resolveText(auth.api_key, secrets));
    case "bearer": {
      const token = await resolveText(auth.token, secrets);
      checkText("header Authorization", auth.token, token, NOT_IN_A_HEADER);
      return withAuthorization(request, `Bearer ${token}`);
    }
    case "http_basic": {
      const username = await resolveText(auth.username, secrets);
      const credentials = `${username}:${await resolveText(auth.password, secrets)}`;
      // What goes out is the base64 of both together, in which neither can be recognised.
      redactor.add(credentials);
      return withAuthorization(request, `Basic ${Buffer.from(credentials).toString("base64")}`);
    }
    case "oauth2_client_credentials":
      return withAuthorization(
        request,
        await (tokens as TokenSource).authorization(refusal?.authorization ?? null, attempt),
      );
    default:
      return auth satisfies never;
  }
};
