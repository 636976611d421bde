import type { AuthConfig } from "../config/schema/index.ts";
import { AuthError, ResponseError, RestlakeError } from "../errors/index.ts";
import { isJsonObject, type Json } from "../json/index.ts";
import type { Ports } from "../ports/index.ts";
import type { Redactor } from "../ports/redactor.ts";
import type { Secrets } from "../ports/secrets.ts";
import { isSecretReference, type SecretReference } from "../secrets/reference.ts";
import { SECOND } from "../time/durations.ts";
import type { Attempt } from "./attempt.ts";
import { excerpt } from "./excerpt.ts";
import type { Exchange, RawResponse } from "./exchange.ts";
import { parseBody } from "./parse-body.ts";
import { TOKEN_SERVER } from "./peer.ts";
import { FORM, formText } from "./request-body.ts";
import { reloadOnFirstRead } from "./secret-text.ts";

/** A token is renewed this many seconds before it expires, or this share of its lifetime, whichever is less. */
const RENEWAL_MARGIN = 60;
const RENEWAL_MARGIN_SHARE = 0.1;
/** Statuses of refused credentials (RFC 6749, 5.2). */
const REFUSED = new Set([400, 401, 403]);
/** Includes all characters of RFC 6750, 2.1. For others fetch would throw an error that quotes the token. */
const TOKEN = /^[\x20-\x7e]+$/;

/** Auth by client credentials (RFC 6749, 4.4). */
export type OAuth2 = Extract<AuthConfig, { type: "oauth2_client_credentials" }>;

/** The token server did not return a token, and another attempt may help. Never leaves `lib/http`. */
export class TokenFailure {
  /** Its response, whose status is not a success; null when there was none, or a broken one. */
  readonly response: RawResponse | null;
  /** Why there was none. */
  readonly error: unknown;

  constructor(response: RawResponse | null, error?: unknown) {
    this.response = response;
    this.error = error;
  }
}

/** An access token. */
export interface Token {
  /** Value of the Authorization header. */
  authorization: string;
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

/** Returns the form of a token request. Fields of the config override the standard ones. */
const formOf = (auth: OAuth2): [string, string | SecretReference][] => {
  const custom = Object.entries(auth.access_token_request_data ?? {}).map(
    ([name, value]): [string, string | SecretReference] => [name, isSecretReference(value) ? value : String(value)],
  );
  const form = new Map<string, string | SecretReference>([
    ["grant_type", "client_credentials"],
    ["client_id", auth.client_id],
    ["client_secret", auth.client_secret],
    ...custom,
  ]);
  return [...form];
};

/** @throws ResponseError when it is not JSON; TokenFailure when it is incomplete. */
const parseResponse = (response: RawResponse, redactor: Redactor): Json => {
  try {
    return parseBody(response, { redactor, peer: TOKEN_SERVER, format: "json" });
  } catch (error) {
    if (error instanceof RestlakeError) throw error;
    throw new TokenFailure(null, error);
  }
};

/** Returns the `error` of RFC 6749, 5.2 in parentheses, for a message; an empty text when there is none. */
const errorCodeText = (response: RawResponse, redactor: Redactor): string => {
  try {
    const body = parseResponse(response, redactor);
    const code = isJsonObject(body) && typeof body.error === "string" ? excerpt(body.error, redactor) : "";
    return code === "" ? "" : ` (${code})`;
  } catch {
    return "";
  }
};

/** Returns the seconds that a token lasts, stated as a number or as text; null when they are absent or invalid. */
const parseLifetime = (expires_in: Json | undefined): number | null => {
  const isNumeric = typeof expires_in === "number" || (typeof expires_in === "string" && expires_in.trim() !== "");
  const seconds = isNumeric ? Number(expires_in) : Number.NaN;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
};

const parseToken = (
  response: RawResponse,
  { redactor, clock }: Pick<Ports, "redactor" | "clock">,
  defaultLifetime: number,
): Token => {
  const body = parseResponse(response, redactor);
  const { access_token, expires_in } = isJsonObject(body) ? body : {};
  if (typeof access_token !== "string" || access_token === "") {
    throw new ResponseError(`${TOKEN_SERVER.name} returned no access_token: check ${TOKEN_SERVER.address}`);
  }
  redactor.add(access_token);
  if (!TOKEN.test(access_token)) {
    throw new ResponseError(
      `${TOKEN_SERVER.name} returned an access_token with characters that are not allowed in a header: check ${TOKEN_SERVER.address}`,
    );
  }
  const lifetime = parseLifetime(expires_in) ?? defaultLifetime;
  const margin = Math.min(RENEWAL_MARGIN, lifetime * RENEWAL_MARGIN_SHARE);
  return { authorization: `Bearer ${access_token}`, renew_at: clock.now() + (lifetime - margin) * SECOND };
};

/** Returns a function that requests tokens by client credentials. */
export const createTokenRequest = (
  auth: OAuth2,
  ports: Pick<Ports, "secrets" | "clock" | "redactor">,
  exchange: Exchange,
): RequestToken => {
  const { secrets, redactor } = ports;

  const post = async (activeSecrets: Secrets, attempt: Attempt): Promise<RawResponse> => {
    const request = { method: "POST", url: new URL(auth.access_token_url) } as const;
    const headers = { accept: "application/json", "content-type": FORM };
    const complete = async (url: URL) => ({ url, headers, body: await formText(formOf(auth), activeSecrets) });
    try {
      return await exchange(TOKEN_SERVER, request, complete, attempt);
    } catch (error) {
      if (!(error instanceof Error) || error instanceof RestlakeError) throw error;
      throw new TokenFailure(null, error);
    }
  };

  return async (isRefused, attempt) => {
    let response = await post(isRefused ? reloadOnFirstRead(secrets) : secrets, attempt);
    // The credentials may have been rotated since the secret was read.
    if (REFUSED.has(response.status) && !isRefused) response = await post(reloadOnFirstRead(secrets), attempt);
    const { status } = response;
    if (REFUSED.has(status)) {
      throw new AuthError(
        `${TOKEN_SERVER.name} returned ${status}${errorCodeText(response, redactor)} again after the secret was reloaded: put a valid client_id and client_secret into the secret`,
      );
    }
    if (status < 200 || status > 299) throw new TokenFailure(response);
    return parseToken(response, ports, auth.default_token_expiration);
  };
};
