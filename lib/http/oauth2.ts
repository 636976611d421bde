import type { ResolvedAuth } from "../config/resolved.ts";
import type { Clock } from "../ports/clock.ts";
import { type Attempt, PrefetchSkipped } from "./attempt.ts";
import { checkHost } from "./origin.ts";
import type { OAuth2, RequestToken, Token } from "./token-request.ts";

/** Access tokens by client credentials (RFC 6749, 4.4). */
export interface TokenSource {
  /**
   * Returns the value of a valid Authorization header.
   *
   * @param refused the value that the API refused; null: none. Another token is returned, requested with a reloaded secret.
   * @throws the errors of RequestToken; PrefetchSkipped when a prefetch would have to request a token.
   */
  authorization(refused: string | null, attempt: Attempt): Promise<string>;
}

/** Returns the auth if it is one by client credentials, else null. */
export const asOAuth2 = (auth: ResolvedAuth | null): OAuth2 | null =>
  typeof auth === "object" && auth?.type === "oauth2_client_credentials" ? (auth as OAuth2) : null;

/**
 * Checks the `access_token_url` of an auth that has one.
 *
 * @throws ConfigError when it is link-local or contains credentials.
 */
export const checkTokenServer = (auth: ResolvedAuth | null, allowLinkLocal: boolean): void => {
  const oauth2 = asOAuth2(auth);
  if (oauth2 !== null) checkHost("access_token_url", new URL(oauth2.access_token_url), allowLinkLocal);
};

/** Keeps one token, which all requests of an invocation share. */
export const createTokenSource = (requestToken: RequestToken, clock: Pick<Clock, "now">): TokenSource => {
  let current: Token | null = null;
  let pending: Promise<Token> | null = null;
  return {
    async authorization(refused, attempt) {
      if (current !== null && clock.now() < current.renew_at && current.authorization !== refused) {
        return current.authorization;
      }
      // A prefetch only shares a token that another attempt is requesting.
      if (pending === null && attempt.isPrefetch) throw new PrefetchSkipped();
      pending ??= requestToken(refused !== null, attempt).finally(() => {
        pending = null;
      });
      current = await pending;
      return current.authorization;
    },
  };
};
