import type { Clock } from "../ports/clock.ts";
import { type Attempt, PrefetchSkipped } from "./attempt.ts";
import type { RequestToken, Token } from "./token-request.ts";

/** Tokens that a server issues. */
export interface TokenSource {
  /**
   * Returns a valid token.
   *
   * @param refused the token that the API refused; null: none. Another token is returned, requested with a reloaded secret.
   * @throws the errors of RequestToken; PrefetchSkipped when a prefetch would have to request a token.
   */
  token(refused: string | null, attempt: Attempt): Promise<string>;
}

/** Keeps one token, which all requests of an invocation share. */
export const createTokenSource = (requestToken: RequestToken, clock: Pick<Clock, "now">): TokenSource => {
  let current: Token | null = null;
  let pending: Promise<Token> | null = null;
  return {
    async token(refused, attempt) {
      if (current !== null && clock.now() < current.renew_at && current.text !== refused) return current.text;
      // A prefetch only shares a token that another attempt is requesting.
      if (pending === null && attempt.isPrefetch) throw new PrefetchSkipped();
      pending ??= requestToken(refused !== null, attempt).finally(() => {
        pending = null;
      });
      current = await pending;
      return current.text;
    },
  };
};
