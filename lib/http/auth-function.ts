import type { AuthFunction, AuthRequest, AuthTools } from "../config/callbacks.ts";
import { wrongResult } from "../config/guard-callback.ts";
import { AuthError, ConfigError, HttpError, type RestlakeError } from "../errors/index.ts";
import { kindOf } from "../json/kind.ts";
import type { Ports } from "../ports/index.ts";
import { isSecretReference } from "../secrets/reference.ts";
import { callCallback } from "./callback.ts";
import { checkHeaderName, checkHeaderValue } from "./headers.ts";
import { resolveText } from "./secret-text.ts";

const AUTH_FUNCTION = "the auth function";

/** Everything that a call of an auth function depends on, besides the request. */
export interface AuthFunctionContext extends Pick<Ports, "secrets" | "redactor" | "clock"> {
  method: "GET" | "POST";
  body: string | null;
  /** Whether the API refused the credentials of the attempt before this one. */
  renew: boolean;
  /** Seconds that the function may take. */
  timeout: number;
  /** Ends the wait for the function. */
  signal: AbortSignal;
}

const toolsOf = ({ secrets, redactor, method, body, renew }: AuthFunctionContext): AuthTools => ({
  method,
  body,
  renew,
  async text(value) {
    if (typeof value === "string" || isSecretReference(value)) return resolveText(value, secrets);
    throw new ConfigError(`${AUTH_FUNCTION} called text() with ${kindOf(value)}: pass a string or a secret`);
  },
  conceal: (text) => redactor.add(text),
});

/** Errors of JavaScript itself: the function has a bug. */
const BUGS = [TypeError, ReferenceError, RangeError, SyntaxError, URIError, EvalError];

/** Returns the class of what a function threw: a connection that failed, a bug, or otherwise a refused login. */
const classOf = (thrown: unknown): typeof RestlakeError => {
  const { code, cause } = (thrown ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  if (typeof code === "string" || typeof cause?.code === "string") return HttpError;
  return BUGS.some((Bug) => thrown instanceof Bug) ? ConfigError : AuthError;
};

/** Returns the headers that the function set, with names in lower case. */
const checkedHeaders = (returned: object): Record<string, string> => {
  const entries = returned instanceof Headers ? [...returned] : Object.entries(returned);
  const headers = entries.map(([name, value]): [string, string] => {
    checkHeaderName(name);
    if (typeof value !== "string" && typeof value !== "number") {
      throw new ConfigError(`${AUTH_FUNCTION} set header ${name} to ${kindOf(value)}: set a string or a number`);
    }
    checkHeaderValue(name, "", String(value));
    return [name.toLowerCase(), String(value)];
  });
  return Object.fromEntries(headers);
};

/** Checks the returned request: a function may return anything. */
const checkedRequest = (returned: unknown, { url: { origin } }: AuthRequest): AuthRequest => {
  const { url, headers } = (returned ?? {}) as Partial<AuthRequest>;
  if (!(url instanceof URL) || typeof headers !== "object" || headers === null || Array.isArray(headers)) {
    throw wrongResult(AUTH_FUNCTION, returned, "the request as { url, headers }");
  }
  if (url.origin !== origin) {
    throw new ConfigError(`${AUTH_FUNCTION} sends the request to another origin, ${url.origin}: refused`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new ConfigError(`${AUTH_FUNCTION} puts a user or a password into the URL: put them into a header`);
  }
  return { url, headers: checkedHeaders(headers) };
};

/**
 * Returns the request as an auth function changed it. The function gets a copy.
 *
 * @param options of a registered auth; an empty object for a plain function.
 * @throws AuthError when the function throws, unless that is a bug (ConfigError) or a failed connection (HttpError);
 *   ConfigError when it returns a request that cannot be sent; CallbackTimeout.
 */
export const applyAuthFunction = async (
  auth: AuthFunction<never>,
  options: unknown,
  request: AuthRequest,
  context: AuthFunctionContext,
): Promise<AuthRequest> => {
  const copy: AuthRequest = { url: new URL(request.url), headers: { ...request.headers } };
  const returned = await callCallback(AUTH_FUNCTION, () => auth(copy, toolsOf(context), options as never), {
    ...context,
    classOf,
  });
  return checkedRequest(returned, request);
};
