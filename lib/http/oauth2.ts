import type { ResolvedAuth } from "../config/resolved.ts";
import type { Auth } from "../config/schema/index.ts";
import { AuthError, ResponseError, RestlakeError } from "../errors/index.ts";
import { isJsonObject, type Json } from "../json/index.ts";
import type { Ports } from "../ports/index.ts";
import type { Secrets } from "../ports/secrets.ts";
import { isSecretReference, type SecretReference } from "../secrets/reference.ts";
import { parseBody } from "./body.ts";
import { excerpt } from "./excerpt.ts";
import { type Answer, type Attempt, type Exchange, NotNow } from "./exchange.ts";
import { checkHost } from "./origin.ts";
import { TOKEN_SERVER } from "./peer.ts";
import { FORM, formText } from "./request-body.ts";
import { readAnew } from "./secret-text.ts";

/** A token is renewed this much before it expires: seconds, and a part of its lifetime, whichever is less. */
const MARGIN_SECONDS = 60;
const MARGIN_PART = 0.1;
const NOT_ALLOWED = new Set([400, 401, 403]);
/** What RFC 6750, 2.1 allows in a token is all of this; fetch refuses what no header can carry, and would quote it. */
const TOKEN = /^[\x20-\x7e]+$/;

/** The token's server did not give one, in a way that another attempt may. Never leaves `lib/http`. */
export class TokenFailure {
  /** What it answered, with a status that is no success; null when it did not. */
  readonly answer: Answer | null;
  /** Why it did not. */
  readonly error: unknown;

  constructor(answer: Answer | null, error?: unknown) {
    this.answer = answer;
    this.error = error;
  }
}

interface Token {
  /** Value of the Authorization header. */
  authorization: string;
  /** Milliseconds since 1970. */
  renew_at: number;
}

/** Tokens by client credentials (RFC 6749, 4.4). */
export interface TokenSource {
  /**
   * The value of the Authorization header that is good now.
   *
   * @param refused the one that the API refused: a token other than that is had, with the secret read anew.
   * @throws AuthError when the token's server refuses the credentials; ResponseError when its answer is of no use;
   *   TokenFailure when that may be otherwise next time; NotNow.
   */
  authorization(refused: string | null, attempt: Attempt): Promise<string>;
}

type OAuth2 = Extract<Auth, { type: "oauth2_client_credentials" }>;

/** The auth, if it is one by client credentials. */
export const asOAuth2 = (auth: ResolvedAuth | null): OAuth2 | null =>
  typeof auth === "object" && auth?.type === "oauth2_client_credentials" ? (auth as OAuth2) : null;

/** @throws ConfigError when the tokens' server has an address that none has. */
export const checkTokenServer = (auth: ResolvedAuth | null, allowLinkLocal: boolean): void => {
  const oauth2 = asOAuth2(auth);
  if (oauth2 !== null) checkHost("access_token_url", new URL(oauth2.access_token_url), allowLinkLocal);
};

/** The form that asks for a token; what the config gives besides wins. */
const formOf = (auth: OAuth2): [string, string | SecretReference][] => {
  const more = Object.entries(auth.access_token_request_data ?? {}).map(([name, value]) => {
    return [name, isSecretReference(value) ? value : String(value)] as [string, string | SecretReference];
  });
  const form = new Map<string, string | SecretReference>([
    ["grant_type", "client_credentials"],
    ["client_id", auth.client_id],
    ["client_secret", auth.client_secret],
    ...more,
  ]);
  return [...form];
};

/** Seconds that an answer says its token lasts, as a number or its text; null when it does not, or says nonsense. */
const statedLifetime = (expires_in: Json | undefined): number | null => {
  const isNumeric = typeof expires_in === "number" || (typeof expires_in === "string" && expires_in.trim() !== "");
  const seconds = isNumeric ? Number(expires_in) : Number.NaN;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
};

/** Keeps one token, which all requests of an invocation share. */
export const createTokenSource = (
  auth: OAuth2,
  { secrets, clock, redactor }: Pick<Ports, "secrets" | "clock" | "redactor">,
  exchange: Exchange,
): TokenSource => {
  let current: Token | null = null;
  let pending: Promise<Token> | null = null;

  const ask = async (held: Secrets, attempt: Attempt): Promise<Answer> => {
    const request = { method: "POST", url: new URL(auth.access_token_url) } as const;
    const headers = { accept: "application/json", "content-type": FORM };
    const complete = async (url: URL) => ({ url, headers, body: await formText(formOf(auth), held) });
    try {
      return await exchange(TOKEN_SERVER, request, complete, attempt);
    } catch (error) {
      if (!(error instanceof Error) || error instanceof RestlakeError) throw error;
      throw new TokenFailure(null, error);
    }
  };

  const parse = ({ headers, bytes }: Answer): Json => {
    const contentType = redactor.redact(headers.get("content-type") ?? "no content type");
    try {
      return parseBody(bytes, contentType, TOKEN_SERVER);
    } catch (error) {
      if (error instanceof RestlakeError) throw error;
      throw new TokenFailure(null, error);
    }
  };

  /** What RFC 6749, 5.2 has as `error`, for a message. */
  const reason = (answer: Answer): string => {
    try {
      const body = parse(answer);
      const said = isJsonObject(body) && typeof body.error === "string" ? excerpt(body.error, redactor) : "";
      return said === "" ? "" : ` (${said})`;
    } catch {
      return "";
    }
  };

  const fetchToken = async (isRefused: boolean, attempt: Attempt): Promise<Token> => {
    let answer = await ask(isRefused ? readAnew(secrets) : secrets, attempt);
    // The credentials may have been rotated since they were read.
    if (NOT_ALLOWED.has(answer.status) && !isRefused) answer = await ask(readAnew(secrets), attempt);
    const { status } = answer;
    if (NOT_ALLOWED.has(status)) {
      throw new AuthError(
        `${TOKEN_SERVER.name} answered ${status}${reason(answer)}, also with the secret read anew: put a valid client_id and client_secret into the secret`,
      );
    }
    if (status < 200 || status > 299) throw new TokenFailure(answer);
    const body = parse(answer);
    const text = isJsonObject(body) ? body.access_token : undefined;
    if (typeof text !== "string" || text === "") {
      throw new ResponseError(`${TOKEN_SERVER.name} answered without an access_token: check ${TOKEN_SERVER.address}`);
    }
    redactor.add(text);
    if (!TOKEN.test(text)) {
      throw new ResponseError(
        `${TOKEN_SERVER.name} answered with an access_token that no header can carry: check ${TOKEN_SERVER.address}`,
      );
    }
    const lifetime = statedLifetime(isJsonObject(body) ? body.expires_in : undefined) ?? auth.default_token_expiration;
    const margin = Math.min(MARGIN_SECONDS, lifetime * MARGIN_PART);
    return { authorization: `Bearer ${text}`, renew_at: clock.now() + (lifetime - margin) * 1000 };
  };

  return {
    async authorization(refused, attempt) {
      if (current !== null && clock.now() < current.renew_at && current.authorization !== refused) {
        return current.authorization;
      }
      // Who may not wait only shares what another attempt is asking for.
      if (pending === null && !attempt.isPatient) throw new NotNow();
      pending ??= fetchToken(refused !== null, attempt).finally(() => {
        pending = null;
      });
      current = await pending;
      return current.authorization;
    },
  };
};
