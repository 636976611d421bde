import type { ResolvedAuth, ResponseAction } from "../config/resolved.ts";
import { AuthError, SecretError } from "../errors/index.ts";
import type { Ports } from "../ports/index.ts";
import type { Secrets } from "../ports/secrets.ts";
import { secretsIn } from "../secrets/reference.ts";
import type { Attempt } from "./attempt.ts";
import { type AuthContext, authorize, isCustomAuth, type Refusal } from "./auth.ts";
import { createExchange, type OutgoingRequest, type RawResponse } from "./exchange.ts";
import { resolveHeaders } from "./headers.ts";
import type { HttpRequest } from "./messages.ts";
import type { ResponseFormat } from "./parse-body.ts";
import { API } from "./peer.ts";
import { setParam } from "./query.ts";
import { bodyText } from "./request-body.ts";
import { type ActedResponse, applyResponseActions } from "./response-actions.ts";
import { reloadOnFirstRead, resolveText } from "./secret-text.ts";
import type { Throttle } from "./throttle.ts";
import { isThrottling403 } from "./throttling.ts";
import { asTokenAuth, tokenRequestOf } from "./token-auths.ts";
import { createTokenRequest } from "./token-request.ts";
import { createTokenSource } from "./token-source.ts";

/** Config of the requests of a resource. */
export interface RequestOptions {
  auth: ResolvedAuth | null;
  response_actions: ResponseAction[];
  /** null: detected in each response. */
  response_format: ResponseFormat | null;
  /** Seconds that each request may take, the body of its response included. */
  request_timeout: number;
}

/** Response to a request, after the response actions. */
export interface AuthorizedResponse extends ActedResponse {
  /** Whether the API refused a first attempt, so that this one was sent with renewed credentials. */
  isRenewed: boolean;
}

/** Accept header by format; an API with another name for the format may still send it. */
const ACCEPT: Record<ResponseFormat, string> = {
  json: "application/json",
  jsonl: "application/x-ndjson, */*;q=0.1",
  csv: "text/csv, */*;q=0.1",
};

/** Returns a copy of a URL with the secrets of its path filled in. @throws SecretError for one that would change the path. */
const withPathSecrets = async (target: URL, { path_secrets = {} }: HttpRequest, secrets: Secrets): Promise<URL> => {
  let href = target.href;
  for (const [place, reference] of Object.entries(path_secrets)) {
    const text = await resolveText(reference, secrets);
    if (/^\.{1,2}$/.test(text)) {
      throw new SecretError(
        `field ${JSON.stringify(reference.secret)} of the secret would change the path: correct it`,
      );
    }
    href = href.replaceAll(place, () => encodeURIComponent(text));
  }
  return new URL(href);
};

/** Fills in the secrets and the credentials of a request to a URL: its own, or the target of a redirect. */
const completeRequest = async (
  request: HttpRequest,
  target: URL,
  { auth, response_format }: Pick<RequestOptions, "auth" | "response_format">,
  context: Omit<AuthContext, "method" | "body">,
): Promise<OutgoingRequest & { token: string | null }> => {
  const { secrets } = context;
  const url = await withPathSecrets(target, request, secrets);
  for (const [name, value] of Object.entries(request.secret_params)) {
    setParam(url, name, await resolveText(value, secrets));
  }
  const content = request.body === null ? null : await bodyText(request.body, secrets);
  const body = content?.text ?? null;
  const headers = {
    accept: ACCEPT[response_format ?? "json"],
    ...(content !== null && content.type !== null && { "content-type": content.type }),
    ...(await resolveHeaders(request.headers, secrets)),
  };
  return { ...(await authorize({ url, headers }, auth, { ...context, method: request.method, body })), body };
};

/** Whether a 401 or 403 may come from credentials that can be renewed. */
const isRenewable = (auth: ResolvedAuth | null, { headers, secret_params, path_secrets, body }: HttpRequest): boolean =>
  isCustomAuth(auth) ||
  asTokenAuth(auth) !== null ||
  secretsIn([auth, headers, secret_params, path_secrets, body]).length > 0;

/**
 * Returns a function that sends a request with its secrets and credentials. After a 401 or 403 it renews them and sends the
 * request again; a prefetch does not, and a 403 that limits the rate is returned.
 */
export const createAuthorizedRequest = (
  { secrets, redactor, clock, fetch }: Pick<Ports, "secrets" | "redactor" | "clock" | "fetch">,
  options: RequestOptions,
  throttle: Pick<Throttle, "track">,
) => {
  const { auth, response_actions, request_timeout: timeout } = options;
  const exchange = createExchange({ fetch, clock, redactor }, timeout);
  const tokenAuth = asTokenAuth(auth);
  const requestToken =
    tokenAuth && createTokenRequest(tokenRequestOf(tokenAuth, redactor), { secrets, clock, redactor }, exchange);
  const tokens = requestToken && createTokenSource(requestToken, clock);

  /** Sends a request once, redirects included. Returns the token that the last of them had. */
  const send = async (
    request: HttpRequest,
    refusal: Refusal | null,
    attempt: Attempt,
  ): Promise<{ response: RawResponse; token: string | null }> => {
    let pendingRefusal = refusal;
    let token: string | null = null;
    const completeTarget = async (target: URL) => {
      const activeSecrets = pendingRefusal === null ? secrets : reloadOnFirstRead(secrets);
      const context = { secrets: activeSecrets, redactor, clock, tokens, timeout, refusal: pendingRefusal, attempt };
      const outgoing = await completeRequest(request, target, options, context);
      // Credentials that were renewed before a redirect are valid after it.
      pendingRefusal = null;
      token = outgoing.token;
      return outgoing;
    };
    const response = await throttle.track(exchange(API, request, completeTarget, attempt));
    return { response, token };
  };

  /** Sends a first request. Returns null when the login of an auth function was refused: its secret may have been rotated. */
  const sendFirst = async (request: HttpRequest, attempt: Attempt) => {
    try {
      return await send(request, null, attempt);
    } catch (error) {
      // Tokens are requested again with a reloaded secret already.
      if (error instanceof AuthError && tokens === null && !attempt.isPrefetch) return null;
      throw error;
    }
  };

  return async (request: HttpRequest, attempt: Attempt): Promise<AuthorizedResponse> => {
    const context = { redactor, clock, timeout, signal: attempt.signal };
    const sendRenewed = async (token: string | null): Promise<AuthorizedResponse> => {
      const { response } = await send(request, { token }, attempt);
      return { ...(await applyResponseActions(response_actions, response, context)), isRenewed: true };
    };
    const first = await sendFirst(request, attempt);
    if (first === null) return sendRenewed(null);
    const acted = await applyResponseActions(response_actions, first.response, context);
    const isRefused =
      acted.verdict === null && [401, 403].includes(acted.response.status) && !isThrottling403(acted.response);
    // Many prefetches may be refused at once; the request of the current page reloads the secret for all of them.
    if (!isRefused || attempt.isPrefetch || !isRenewable(auth, request)) return { ...acted, isRenewed: false };
    return sendRenewed(first.token);
  };
};
