import { createFetch } from "ofetch";
import { AuthError, HttpError, ResponseError, RestlakeError, ThrottledError, TimeoutError } from "../errors.ts";
import type { Json } from "../json.ts";
import type { Ports } from "../ports.ts";
import { type Budget, BudgetSpent } from "../run/budget.ts";
import { MAX_RESPONSE_BYTES } from "../source/defaults.ts";
import type { Auth, ErrorHandler } from "../source/schema/index.ts";
import { type SecretReference, secretsIn } from "../source/secret.ts";
import { authorize, type Outgoing, resolveHeaders } from "./auth.ts";
import { BrokenBodyError, parseBody, readBody } from "./body.ts";
import { sameOrigin } from "./origin.ts";
import { parseRetryAfter, retryWait } from "./retry-timing.ts";

const MAXIMUM_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const TOO_MANY_REQUESTS = 429;
/** What a message quotes of an answer that failed. */
const LONGEST_EXCERPT = 200;
/** A timer's delay is a whole 32-bit number. */
const LONGEST_TIMER = 2 ** 31 - 1;

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

/** What a page asks for, before auth. */
export interface HttpRequest extends Outgoing {
  method: "GET";
}

/** A successful answer. */
export interface HttpResponse {
  body: Json;
  headers: Headers;
  status: number;
}

/** How a source is talked to; the bounds come from its config and settings. */
export interface HttpOptions {
  auth: Auth | null;
  headers: Record<string, string | SecretReference>;
  error_handler: Required<ErrorHandler>;
  /** Seconds. */
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

/** One failed attempt that may be repeated. */
interface Failure {
  error: (attempts: number) => RestlakeError;
  retryAfter: number | null;
  /** Whether it was the API that said when: only then `min_retry_after` applies. */
  answered: boolean;
  what: string;
}

/** A retry that the end of the invocation cut off: the next invocation goes on with it. */
const OUT_OF_TIME: Failure = {
  what: "time budget",
  answered: false,
  retryAfter: null,
  error: (attempts) => new TimeoutError(`no answer before the time budget was spent (after ${attempts} retries)`),
};

const causeCode = (error: unknown): string => {
  for (let current = error as { code?: string; cause?: unknown; name?: string } | undefined; current; ) {
    if (typeof current.code === "string") return current.code;
    if (current.cause === undefined) return current.name ?? "unknown";
    current = current.cause as typeof current;
  }
  return "unknown";
};

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
  readonly statistics: HttpStatistics;
}

/** An HTTP client for one resource in one invocation. */
export const createHttpClient = (
  { fetch, secrets, clock, log, redactor }: Ports,
  options: HttpOptions,
  budget: Budget,
): HttpClient => {
  const statistics: HttpStatistics = { requests: 0, retries: 0, waited_seconds: 0 };
  const $fetch = createFetch({ fetch });
  const handler = options.error_handler;
  const hasSecret = secretsIn([options.auth, options.headers]).length > 0;
  let force = false;

  /** One attempt, redirects inside the origin included. */
  const attempt = async (request: HttpRequest) => {
    const timeout = AbortSignal.timeout(Math.min(Math.ceil(options.request_timeout * 1000), LONGEST_TIMER));
    const signal = AbortSignal.any([timeout, budget.signal]);
    let url = request.url;
    for (let hop = 0; hop <= MAXIMUM_REDIRECTS; hop++) {
      const headers = {
        accept: "application/json",
        ...(await resolveHeaders(options.headers, secrets, force)),
        ...(await resolveHeaders(request.headers, secrets, force)),
      };
      const outgoing = await authorize({ url, headers }, options.auth, { secrets, redactor }, force);
      force = false;
      statistics.requests++;
      const response = await $fetch.raw(outgoing.url.href, {
        method: request.method,
        headers: outgoing.headers,
        redirect: "manual",
        responseType: "stream",
        retry: 0,
        ignoreResponseError: true,
        signal,
      });
      const location = response.headers.get("location");
      if (!REDIRECTS.has(response.status) || location === null) {
        const bytes = await readBody(response._data ?? null, MAX_RESPONSE_BYTES);
        return { status: response.status, headers: response.headers, bytes };
      }
      await response._data?.cancel();
      url = sameOrigin(url, location);
    }
    throw new ResponseError(`the API redirected more than ${MAXIMUM_REDIRECTS} times`);
  };

  const failedStatus = (status: number, headers: Headers, bytes: Uint8Array): Failure => {
    // Redacted before anything is cut off: half a key at the cut would not be known as one.
    const text = redactor.redact(Buffer.from(bytes).toString()).replaceAll(/\s+/g, " ").trim();
    const said = `the API answered ${status}${text === "" ? "" : `: ${text.slice(0, LONGEST_EXCERPT)}`}`;
    return {
      what: `status ${status}`,
      answered: true,
      retryAfter: parseRetryAfter(headers.get("retry-after"), clock.now()),
      error: (attempts) =>
        status === TOO_MANY_REQUESTS
          ? new ThrottledError(`${said} (after ${attempts} retries). The next run goes on from here`)
          : new HttpError(`${said}${attempts > 0 ? ` (after ${attempts} retries)` : ""}`),
    };
  };

  const failedToAnswer = (error: unknown): Failure => {
    if (error instanceof BrokenBodyError) {
      return {
        what: "broken body",
        answered: false,
        retryAfter: null,
        error: (attempts) => new ResponseError(`${error.message} (after ${attempts} retries)`, { cause: error }),
      };
    }
    const timedOut = causeCode(error) === "TimeoutError" || (error as Error).name === "TimeoutError";
    return {
      what: timedOut ? "timeout" : causeCode(error),
      answered: false,
      retryAfter: null,
      error: (attempts) =>
        timedOut
          ? new TimeoutError(
              `no answer within ${options.request_timeout} s (after ${attempts} retries): ask for smaller pages or raise request_timeout`,
            )
          : new HttpError(
              `the API cannot be reached (${causeCode(error)}, after ${attempts} retries): check base_url and the network`,
            ),
    };
  };

  /** The answer, or why this attempt failed in a way that another may not. */
  const tryOnce = async (request: HttpRequest, isRetry: boolean): Promise<HttpResponse | Failure> => {
    try {
      let { status, headers, bytes } = await attempt(request);
      if (status === 401 || status === 403) {
        force = hasSecret;
        if (force) ({ status, headers, bytes } = await attempt(request));
        // A config that lists 403 knows an API that throttles with it.
        if ((status === 401 || status === 403) && !handler.retry_on_status_codes.includes(status)) {
          throw new AuthError(
            hasSecret
              ? `the API answered ${status}, also with the secret read anew: put a valid key into the secret`
              : `the API answered ${status}, and the config sends no key: give the client an auth`,
          );
        }
      }
      if (handler.retry_on_status_codes.includes(status)) return failedStatus(status, headers, bytes);
      if (status < 200 || status > 299) throw failedStatus(status, headers, bytes).error(0);
      const body = parseBody(bytes, redactor.redact(headers.get("content-type") ?? "no content type"));
      return { status, headers, body };
    } catch (error) {
      if (error instanceof RestlakeError) throw error;
      // A page that failed before is not too slow for the budget: its failures used the time up.
      if (budget.signal.aborted && isRetry && !budget.isStopped()) return OUT_OF_TIME;
      if (budget.signal.aborted) throw new BudgetSpent();
      return failedToAnswer(error);
    }
  };

  /** A good answer that contradicts itself is a failed attempt. */
  const doubted = (result: HttpResponse | Failure, doubt: (response: HttpResponse) => string | null) => {
    const complaint = "body" in result ? doubt(result) : null;
    if (complaint === null) return result;
    return {
      what: "contradiction",
      answered: false,
      retryAfter: null,
      error: (used: number) => new ResponseError(`the page contradicts itself: ${complaint} (after ${used} retries)`),
    };
  };

  return {
    statistics,
    async send(request, attempts = 0, doubt = () => null) {
      for (let used = attempts; ; ) {
        const result = doubted(await tryOnce(request, used > attempts), doubt);
        if ("body" in result) return result;
        if (used >= handler.max_retries) throw result.error(used);
        used++;
        const bounds = result.answered ? handler : { ...handler, min_retry_after: 0 };
        const seconds = retryWait(bounds, used, result.retryAfter, clock.random);
        if (seconds > options.max_wait) {
          throw new ThrottledError(
            `the API asks for a wait of ${Math.round(seconds)} s, more than max_wait (${options.max_wait} s)`,
          );
        }
        statistics.retries++;
        const inline = seconds <= options.max_inline_wait && seconds * 1000 < budget.remaining();
        log.info(inline ? "wait" : "throttled", { reason: result.what, seconds, attempt: used });
        if (!inline) throw new Throttled(Math.max(1, Math.ceil(seconds)), used);
        await clock.sleep(seconds * 1000, budget.signal).catch(() => {
          throw new BudgetSpent();
        });
        statistics.waited_seconds += seconds;
      }
    },
  };
};
