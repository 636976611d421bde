import { AuthError, ResponseError, RestlakeError } from "../errors/index.ts";
import type { Json } from "../json/index.ts";
import type { Ports } from "../ports/index.ts";
import type { Redactor } from "../ports/redactor.ts";
import type { Secrets } from "../ports/secrets.ts";
import { SECOND } from "../time/durations.ts";
import type { Attempt } from "./attempt.ts";
import type { Exchange, RawResponse } from "./exchange.ts";
import { quoteInParentheses } from "./failure.ts";
import { parseBody } from "./parse-body.ts";
import type { Peer } from "./peer.ts";
import { reloadOnFirstRead } from "./secret-text.ts";
import { isThrottling403 } from "./throttling.ts";

/** A token is renewed this many seconds before it expires, or this share of its lifetime, whichever is less. */
const RENEWAL_MARGIN = 60;
const RENEWAL_MARGIN_SHARE = 0.1;
/** Statuses of refused credentials (RFC 6749, 5.2). */
const REFUSED = new Set([400, 401, 403]);

const isRefusal = (response: RawResponse): boolean => REFUSED.has(response.status) && !isThrottling403(response);

/** Includes all characters of RFC 6750, 2.1. For others fetch would throw an error that quotes the token. */
const TOKEN = /^[\x20-\x7e]+$/;

/** A successful response of a token server, and its body as JSON. */
export interface TokenResponse extends RawResponse {
  /** @throws ResponseError when it is not JSON. */
  json(): Json;
}

/** How the tokens of an auth are requested. */
export interface TokenRequest {
  peer: Peer;
  url: URL;
  /** Returns the request with its secrets filled in. Header names are in lower case. */
  complete(secrets: Secrets): Promise<{ headers: Record<string, string>; body: string | null }>;
  /** Name of the token in messages, such as `access_token`. */
  token_name: string;
  /** Returns the token in a response, undefined when there is none, and its lifetime in seconds. */
  read(response: TokenResponse): { token: unknown; lifetime: number };
  /** Stores credentials that the response replaces, before its token is used. */
  store?(response: TokenResponse, secrets: Secrets): Promise<void>;
  /** Names what to put into the secret when the credentials are refused. */
  credentials: string;
}

/** The token server did not return a token, and another attempt may help. Never leaves `lib/http`. */
export class TokenFailure {
  readonly peer: Peer;
  /** Its response, whose status is not a success; null when there was none, or a broken one. */
  readonly response: RawResponse | null;
  /** Why there was none. */
  readonly error: unknown;

  constructor(peer: Peer, response: RawResponse | null, error?: unknown) {
    this.peer = peer;
    this.response = response;
    this.error = error;
  }
}

/** An access token. */
export interface Token {
  text: string;
  /** Milliseconds since 1970. */
  renew_at: number;
}

/**
 * Requests a token.
 *
 * @param isRefused whether the API refused the last token: the secret is then reloaded first.
 * @throws AuthError when the token server refuses the credentials; ResponseError when its response has no valid token;
 *   TokenFailure when another attempt may help.
 */
export type RequestToken = (isRefused: boolean, attempt: Attempt) => Promise<Token>;

/** @throws ResponseError when it is not JSON; TokenFailure when it is incomplete. */
const parseResponse = (response: RawResponse, peer: Peer, redactor: Redactor): Json => {
  try {
    return parseBody(response, { redactor, peer, format: "json" });
  } catch (error) {
    if (error instanceof RestlakeError) throw error;
    throw new TokenFailure(peer, null, error);
  }
};

/** Returns the token of a response, after it is registered as a secret and valid in a header. */
const readToken = (
  { peer, token_name, read }: TokenRequest,
  response: TokenResponse,
  { redactor, clock }: Pick<Ports, "redactor" | "clock">,
): Token => {
  const { token: text, lifetime } = read(response);
  if (typeof text !== "string" || text === "") {
    throw new ResponseError(`${peer.name} returned no ${token_name}: check ${peer.address}`);
  }
  redactor.add(text);
  if (!TOKEN.test(text)) {
    throw new ResponseError(
      `${peer.name} returned ${token_name} with characters that are not allowed in a header: check ${peer.address}`,
    );
  }
  const margin = Math.min(RENEWAL_MARGIN, lifetime * RENEWAL_MARGIN_SHARE);
  return { text, renew_at: clock.now() + (lifetime - margin) * SECOND };
};

/** Returns a function that requests tokens. */
export const createTokenRequest = (
  request: TokenRequest,
  ports: Pick<Ports, "secrets" | "clock" | "redactor">,
  exchange: Exchange,
): RequestToken => {
  const { secrets, redactor } = ports;
  const { peer, url, complete, store, credentials } = request;

  const post = async (activeSecrets: Secrets, attempt: Attempt): Promise<RawResponse> => {
    const completeTarget = async (target: URL) => {
      const { headers, body } = await complete(activeSecrets);
      return { url: target, headers: { accept: "application/json", ...headers }, body };
    };
    try {
      return await exchange(peer, { method: "POST", url }, completeTarget, attempt);
    } catch (error) {
      if (!(error instanceof Error) || error instanceof RestlakeError) throw error;
      throw new TokenFailure(peer, null, error);
    }
  };

  return async (isRefused, attempt) => {
    let response = await post(isRefused ? reloadOnFirstRead(secrets) : secrets, attempt);
    // The credentials may have been rotated since the secret was read.
    if (isRefusal(response) && !isRefused) response = await post(reloadOnFirstRead(secrets), attempt);
    const { status } = response;
    if (isRefusal(response)) {
      throw new AuthError(
        `${peer.name} returned ${status}${quoteInParentheses(response, redactor)} again after the secret was reloaded: put ${credentials} into the secret`,
      );
    }
    if (status < 200 || status > 299) throw new TokenFailure(peer, response);
    const successful: TokenResponse = { ...response, json: () => parseResponse(response, peer, redactor) };
    await store?.(successful, secrets);
    return readToken(request, successful, ports);
  };
};
