import type { ResolvedAuth } from "../config/resolved.ts";
import { AuthError } from "../errors/index.ts";
import type { Ports } from "../ports/index.ts";
import { isCustomAuth } from "./auth.ts";
import type { AuthorizedResponse } from "./authorized-request.ts";
import type { RawResponse } from "./exchange.ts";
import { type Failure, type Failures, quoteInParentheses } from "./failure.ts";
import type { HttpResponse } from "./messages.ts";
import { parseBody, type ResponseFormat } from "./parse-body.ts";
import { API } from "./peer.ts";
import { isThrottling403 } from "./throttling.ts";
import { asTokenAuth } from "./token-auths.ts";
import { TokenFailure } from "./token-request.ts";

const NO_CONTENT = 204;

/** Result of one attempt: a successful response, or a failure that may be retried. */
export type AttemptResult = HttpResponse | Failure;

/** Whether an attempt was successful. */
export const isSuccess = (result: AttemptResult): result is HttpResponse => "body" in result;

/** Config that decides which responses are retried. */
export interface ClassificationOptions {
  auth: ResolvedAuth | null;
  retry_on_status_codes: number[];
  response_format: ResponseFormat | null;
}

/** Decides what a response or an error means: success, a failure to retry, or an error of the resource. */
export interface Classification {
  /**
   * Returns the success or the failure that a response means.
   *
   * @throws ResponseError for a response that a response action rejects, AuthError for a 401 or 403, HttpError or ThrottledError for another status that is not retried, ResponseError
   *   for a body that is not JSON, BrokenBodyError for an incomplete one.
   */
  ofResponse(response: AuthorizedResponse): AttemptResult;
  /**
   * Returns the failure that an error of an attempt means.
   *
   * @throws HttpError or ThrottledError for a status of the token server that is not retried.
   */
  ofError(error: unknown): Failure;
}

/** @param quoted the API's response, in parentheses. */
const refusedText = (
  auth: ResolvedAuth | null,
  { response: { status }, isRenewed }: AuthorizedResponse,
  quoted: string,
): string => {
  const returned = `${API.name} returned ${status}${quoted}`;
  if (!isRenewed) return `${returned}, and the config sends no credentials: set client.auth`;
  const tokenAuth = asTokenAuth(auth);
  if (tokenAuth !== null) {
    const whose = tokenAuth.type === "session_token" ? "user that logs in" : "OAuth client (scope, audience)";
    return `${returned} again with a new token: check the permissions of the ${whose}`;
  }
  return isCustomAuth(auth)
    ? `${returned} again after the auth function was called to renew its credentials: check what it sends`
    : `${returned} again after the secret was reloaded: put a valid key into the secret, or correct how auth sends it`;
};

const ignoredResponse = ({ status, headers, bytes }: RawResponse): HttpResponse => ({
  status,
  headers,
  body: null,
  bytes: bytes.byteLength,
  ignored: true,
});

/** Returns the classification for a resource's auth and error handler. */
export const createClassification = (
  { redactor }: Pick<Ports, "redactor">,
  { auth, retry_on_status_codes, response_format: format }: ClassificationOptions,
  failures: Failures,
): Classification => ({
  ofResponse(authorized) {
    const { response, verdict } = authorized;
    const { status, headers, bytes } = response;
    if (verdict === "ignore") return ignoredResponse(response);
    if (verdict === "fail") throw failures.rejected(response);
    const isRetried = retry_on_status_codes.includes(status) || isThrottling403(response);
    if (verdict === "retry" || isRetried) return failures.fromResponse(response, API);
    if (status === 401 || status === 403) {
      throw new AuthError(refusedText(auth, authorized, quoteInParentheses(response, redactor)), { status });
    }
    if (status < 200 || status > 299) throw failures.fromResponse(response, API).error(0);
    if (status === NO_CONTENT) return ignoredResponse(response);
    const body = parseBody(response, { redactor, format });
    return { status, headers, body, bytes: bytes.byteLength, ignored: false };
  },

  ofError(error) {
    if (!(error instanceof TokenFailure)) return failures.fromError(error, API);
    if (error.response === null) return failures.fromError(error.error, error.peer);
    const failure = failures.fromResponse(error.response, error.peer);
    if (retry_on_status_codes.includes(error.response.status) || isThrottling403(error.response)) return failure;
    throw failure.error(0);
  },
});
