import type { Body, ResolvedAuth, ResponseAction } from "../config/resolved.ts";
import type { ErrorHandler } from "../config/schema/index.ts";
import { AuthError, ResponseError, RestlakeError, ThrottledError } from "../errors/index.ts";
import type { Json } from "../json/index.ts";
import type { Ports } from "../ports/index.ts";
import { type SecretReference, secretsIn } from "../secrets/reference.ts";
import { type Budget, BudgetSpent } from "../time/budget.ts";
import { authorize, type Refusal, resolveHeaders } from "./auth.ts";
import { parseBody } from "./body.ts";
import { type Attempt, createExchange, NotNow } from "./exchange.ts";
import { createFailures, type Failure, OUT_OF_TIME } from "./failure.ts";
import { asOAuth2, createTokenSource, TokenFailure } from "./oauth2.ts";
import { API, TOKEN_SERVER } from "./peer.ts";
import { type Allowance, parseAllowance } from "./rate-headers.ts";
import type { RateLimiter } from "./rate-limit.ts";
import { bodyText } from "./request-body.ts";
import { actOn } from "./response-actions.ts";
import { retryWait } from "./retry-timing.ts";
import { readAnew, resolveText } from "./secret-text.ts";

/** Why a request waits that no answer asked for. */
const RATE_LIMIT = "rate_limit";
/** Why a request waits that another one's answer held back. */
const ASKED_BY_API = { who: "the API", what: "asked to wait" };

/** The API asks for a wait that is the machine's to take. Not an error, and never leaves `lib`. */
export class Throttled {
  readonly reason = "throttled";
  /** Seconds to wait. */
  readonly seconds: number;
  /** Retries used for this page so far, over all invocations. */
  readonly attempts: number;

  constructor(seconds: number, attempts: number) {
    this.seconds = seconds;
    this.attempts = attempts;
  }
}

/** What a page asks for, before auth: placeholders are filled, secrets are not. */
export interface HttpRequest {
  method: "GET" | "POST";
  url: URL;
  /** Names in any case: two that differ only in that are one header. */
  headers: Record<string, string | SecretReference>;
  /** Query parameters that are secret; everything else is in the URL. */
  secret_params: Record<string, SecretReference>;
  body: Body | null;
}

/** A successful answer. */
export interface HttpResponse {
  body: Json;
  headers: Headers;
  status: number;
  /** Of the body, after decompression. */
  bytes: number;
  /** A response action says that it counts as a page without rows, and that nothing follows it. */
  ignored: boolean;
}

/** How a source is talked to; the bounds come from its config and settings. */
export interface HttpOptions {
  auth: ResolvedAuth | null;
  response_actions: ResponseAction[];
  error_handler: Required<ErrorHandler>;
  /** Seconds that each request may take, its answer's body included. */
  request_timeout: number;
  /** Seconds. */
  max_inline_wait: number;
  /** Seconds. */
  max_wait: number;
}

/** What was done so far; for reports. */
export interface HttpStatistics {
  requests: number;
  retries: number;
  /** Seconds waited in place. */
  waited_seconds: number;
}

/** Sends requests of one source: auth, timeouts, retries, redirects inside the origin. */
export interface HttpClient {
  /**
   * @param attempts retries that earlier invocations already used for this page.
   * @param doubt looks at a good answer and says what is wrong with it, so that it is asked again; else null.
   * @throws Throttled when the wait is the machine's; BudgetSpent; and the family's errors.
   */
  send(
    request: HttpRequest,
    attempts?: number,
    doubt?: (response: HttpResponse) => string | null,
  ): Promise<HttpResponse>;
  /**
   * One attempt ahead of its turn: without a wait, without reading a secret anew, without asking for a token, and not while
   * the API wants to be left alone. Null when it does not succeed at once: who needs the answer asks by `send`.
   */
  attempt(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse | null>;
  readonly statistics: HttpStatistics;
}

/** Whether an attempt has an answer. */
const isResponse = (result: HttpResponse | Failure): result is HttpResponse => "body" in result;

/** An HTTP client for one resource in one invocation. */
export const createHttpClient = (
  ports: Ports,
  options: HttpOptions,
  limiter: RateLimiter,
  budget: Budget,
): HttpClient => {
  const { secrets, clock, logger, redactor } = ports;
  const statistics: HttpStatistics = { requests: 0, retries: 0, waited_seconds: 0 };
  const exchange = createExchange(ports, options.request_timeout);
  const failures = createFailures(ports, options.request_timeout);
  const { auth, error_handler: handler } = options;
  const isOwnAuth = typeof auth === "function" || (auth !== null && secretsIn(auth).length === 0);
  const oauth2 = asOAuth2(auth);
  const tokens = oauth2 === null ? null : createTokenSource(oauth2, ports, exchange);
  /** Patient attempts whose page's request is not out yet: those ahead of their turn leave room for them. */
  const due = new Set<Attempt>();
  /** Until when the API does not want to be asked: what it told one request holds for all. Milliseconds since 1970. */
  let quietUntil = 0;

  /** What the last answer said is left, less what is on its way. */
  let allowance: Allowance | null = null;
  let onTheirWay = 0;

  /** Milliseconds until the API's own limit has room for one more, and for so many others. */
  const untilAllowed = (kept = 0): number => {
    if (allowance === null || allowance.remaining > kept) return 0;
    return Math.max(0, allowance.reset_at - clock.now());
  };

  /** Milliseconds until the API wants to be asked again. A limit that lasts longer than anybody waits has to be told by a refusal. */
  const quietTime = (): number => {
    const allowed = untilAllowed();
    return Math.max(quietUntil - clock.now(), allowed > options.max_wait * 1000 ? 0 : allowed, 0);
  };

  /** Counts a request that goes out. */
  const count = () => {
    statistics.requests++;
    if (allowance !== null) allowance = { ...allowance, remaining: allowance.remaining - 1 };
  };

  const heedAllowance = (headers: Headers) => {
    const said = parseAllowance(headers, clock.now());
    if (said !== null) allowance = { ...said, remaining: said.remaining - onTheirWay };
  };

  /** Whether an answer of 401 or 403 may come of a secret that was rotated. */
  const hasSecret = (request: HttpRequest) =>
    isOwnAuth || secretsIn([auth, request.headers, request.secret_params, request.body]).length > 0;

  /**
   * Waits in place, or leaves the wait to the machine.
   *
   * @param attempts retries used for this page so far.
   * @param isMidway whether the attempt has begun. What it has had so far, such as a token, would be lost by the machine's
   *   wait and take up the same room again, for ever. So it waits in place if it can; if not, it is a failed attempt.
   */
  const wait = async (
    seconds: number,
    { who, what }: Pick<Failure, "who" | "what">,
    attempts: number,
    isMidway = false,
  ): Promise<void> => {
    if (seconds > options.max_wait) {
      throw new ThrottledError(
        `${who} asks for a wait of ${Math.round(seconds)} s, more than max_wait (${options.max_wait} s)`,
      );
    }
    const fits = seconds * 1000 < budget.remaining();
    const inline = fits && (isMidway || seconds <= options.max_inline_wait);
    logger.info(inline ? "wait" : "throttled", { reason: what, seconds, attempt: attempts });
    if (!inline && isMidway && attempts >= handler.max_retries) {
      throw new ThrottledError(
        `${who} leaves no room for all that one page takes (a token, redirects) within the time budget: allow more requests`,
      );
    }
    if (!inline) throw new Throttled(Math.max(1, Math.ceil(seconds)), attempts + (isMidway ? 1 : 0));
    await clock.sleep(seconds * 1000, budget.signal).catch(() => {
      throw new BudgetSpent();
    });
    statistics.waited_seconds += seconds;
  };

  /** @param attempts retries used for this page so far. */
  const patientAttempt = (attempts: number): Attempt => {
    let isMidway = false;
    return {
      signal: budget.signal,
      isPatient: true,
      async room() {
        for (;;) {
          const [own, theirs] = [limiter.wait(), quietTime()];
          if (own === 0 && theirs === 0) return;
          const why = own < theirs ? ASKED_BY_API : { who: RATE_LIMIT, what: RATE_LIMIT };
          await wait(Math.max(own, theirs) / 1000, why, attempts, isMidway);
        }
      },
      take() {
        if (quietTime() > 0 || !limiter.take()) return false;
        isMidway = true;
        count();
        return true;
      },
    };
  };

  const attemptAhead = (stop: AbortSignal): Attempt => ({
    signal: AbortSignal.any([budget.signal, stop]),
    isPatient: false,
    async room() {
      if (limiter.wait(due.size) > 0 || untilAllowed(due.size) > 0) throw new NotNow();
    },
    take() {
      if (untilAllowed(due.size) > 0 || !limiter.take(due.size)) return false;
      count();
      return true;
    },
  });

  /**
   * One attempt, redirects inside the origin included.
   *
   * @param refusal of the one before it: what is secret is read anew.
   */
  const tryWith = async (request: HttpRequest, refusal: Refusal | null, attempt: Attempt) => {
    // After a redirect, what was had anew is good.
    let refused = refusal;
    let authorization: string | null = null;
    onTheirWay++;
    const sending = exchange(
      API,
      request,
      async (target) => {
        const held = refused === null ? secrets : readAnew(secrets);
        const url = new URL(target);
        for (const [name, value] of Object.entries(request.secret_params)) {
          url.searchParams.set(name, await resolveText(value, held));
        }
        const body = request.body === null ? null : await bodyText(request.body, held);
        const headers = {
          accept: "application/json",
          ...(body !== null && body.type !== null && { "content-type": body.type }),
          ...(await resolveHeaders(request.headers, held)),
        };
        const ports = { secrets: held, redactor, clock, tokens, timeout: options.request_timeout };
        const authPorts = { ...ports, method: request.method, body: body?.text ?? null };
        const authorised = await authorize({ url, headers }, auth, authPorts, refused, attempt);
        refused = null;
        authorization = authorised.headers.authorization ?? null;
        return { ...authorised, body: body?.text ?? null };
      },
      {
        ...attempt,
        take: () => {
          const mayGo = attempt.take();
          if (mayGo) due.delete(attempt);
          return mayGo;
        },
      },
    );
    const answer = await sending.finally(() => {
      onTheirWay--;
    });
    heedAllowance(answer.headers);
    return { answer, authorization };
  };

  /** @throws HttpError for a status that the config does not ask again. */
  const failedToken = ({ answer, error }: TokenFailure): Failure => {
    if (answer === null) return failures.ofSilence(error, TOKEN_SERVER);
    const failure = failures.ofStatus(answer, TOKEN_SERVER);
    if (handler.retry_on_status_codes.includes(answer.status)) return failure;
    throw failure.error(0);
  };

  /** What was tried when the API refused all that it was sent, and what to do. */
  const refusedInVain = (): string => {
    if (oauth2 !== null) return "also with a new token: check what the client is allowed to (scope, audience)";
    if (isOwnAuth) return "also when the auth function was called to renew what it adds: check what it sends";
    return "also with the secret read anew: put a valid key into the secret";
  };

  /** What one attempt came to: the answer, or why it failed in a way that another may not. */
  const ask = async (request: HttpRequest, attempt: Attempt): Promise<HttpResponse | Failure> => {
    const context = { redactor, clock, timeout: options.request_timeout, signal: attempt.signal };
    let refusal: Refusal | null = null;
    for (;;) {
      const sent = await tryWith(request, refusal, attempt);
      const { answer, verdict } = await actOn(options.response_actions, sent.answer, context);
      const { status, headers, bytes } = answer;
      if (verdict === "ignore") return { status, headers, body: null, bytes: bytes.byteLength, ignored: true };
      if (verdict === "retry") return failures.ofStatus(answer, API);
      const isRefused = status === 401 || status === 403;
      // Ahead of turn, many may be refused at once; who asks in turn reads the secret for all of them.
      if (isRefused && refusal === null && attempt.isPatient && hasSecret(request)) {
        refusal = { authorization: sent.authorization };
        continue;
      }
      // A config that lists 403 knows an API that throttles with it.
      if (handler.retry_on_status_codes.includes(status)) return failures.ofStatus(answer, API);
      if (isRefused) {
        const why = refusal === null ? "and the config sends no key: give the client an auth" : refusedInVain();
        throw new AuthError(`the API answered ${status}, ${why}`);
      }
      if (status < 200 || status > 299) throw failures.ofStatus(answer, API).error(0);
      const body = parseBody(bytes, redactor.redact(headers.get("content-type") ?? "no content type"));
      return { status, headers, body, bytes: bytes.byteLength, ignored: false };
    }
  };

  const tryOnce = async (request: HttpRequest, attempt: Attempt, isRetry: boolean): Promise<HttpResponse | Failure> => {
    if (attempt.isPatient) due.add(attempt);
    try {
      return await ask(request, attempt);
    } catch (error) {
      if (error instanceof RestlakeError || error instanceof Throttled || error instanceof NotNow) throw error;
      // A page that failed before is not too slow for the budget: its failures used the time up.
      if (budget.signal.aborted && isRetry && !budget.isStopped()) return OUT_OF_TIME;
      if (budget.signal.aborted) throw new BudgetSpent();
      return error instanceof TokenFailure ? failedToken(error) : failures.ofSilence(error, API);
    } finally {
      due.delete(attempt);
    }
  };

  /**
   * An API that says when it wants to be asked again is not asked until then, by nobody; one that only fails a request ahead
   * of its turn gets the pause of a first retry.
   */
  const heed = (result: HttpResponse | Failure, isAhead: boolean) => {
    if (isResponse(result)) return;
    const { retryAfter, answered } = result;
    const pause = isAhead && answered ? retryWait(handler, 1, retryAfter, clock.random) : retryAfter;
    if (pause !== null) quietUntil = Math.max(quietUntil, clock.now() + pause * 1000);
  };

  /** A good answer that contradicts itself is a failed attempt. */
  const doubted = (result: HttpResponse | Failure, doubt: (response: HttpResponse) => string | null) => {
    const complaint = isResponse(result) && !result.ignored ? doubt(result) : null;
    if (complaint === null) return result;
    return {
      what: "contradiction",
      who: API.name,
      answered: false,
      retryAfter: null,
      error: (used: number) => new ResponseError(`the page contradicts itself: ${complaint} (after ${used} retries)`),
    };
  };

  return {
    statistics,
    async send(request, attempts = 0, doubt = () => null) {
      for (let used = attempts; ; ) {
        const answer = await tryOnce(request, patientAttempt(used), used > attempts);
        heed(answer, false);
        const result = doubted(answer, doubt);
        if (isResponse(result)) return result;
        if (used >= handler.max_retries) throw result.error(used);
        used++;
        const bounds = result.answered ? handler : { ...handler, min_retry_after: 0 };
        const seconds = retryWait(bounds, used, result.retryAfter, clock.random);
        statistics.retries++;
        await wait(seconds, result, used);
      }
    },
    async attempt(request, signal) {
      if (clock.now() < quietUntil) return null;
      try {
        const result = await tryOnce(request, attemptAhead(signal), true);
        heed(result, true);
        return isResponse(result) ? result : null;
      } catch (error) {
        logger.debug("not ahead", { why: error instanceof Error ? error.name : "no time or no room" });
        return null;
      }
    },
  };
};
