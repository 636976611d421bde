import { HttpError, ResponseError, type RestlakeError, ThrottledError, TimeoutError } from "../errors/index.ts";
import type { Ports } from "../ports/index.ts";
import type { Redactor } from "../ports/redactor.ts";
import { BrokenBodyError } from "./body.ts";
import { CallbackTimeout } from "./callback.ts";
import { decodeLeniently } from "./charset.ts";
import { excerpt } from "./excerpt.ts";
import type { RawResponse } from "./exchange.ts";
import { API, type Peer } from "./peer.ts";
import { parseRetryAfter } from "./retry-timing.ts";
import { isThrottling } from "./throttling.ts";
import type { WaitCause } from "./wait.ts";

/** A failed attempt that may be repeated. */
export interface Failure extends WaitCause {
  /** Returns the error that it becomes after a number of retries. */
  error: (attempts: number) => RestlakeError;
  /** Seconds of the Retry-After header; null when there is none. */
  retry_after_seconds: number | null;
  /** Whether the server responded: only then `min_retry_after` applies. */
  hasResponse: boolean;
}

const WITHOUT_RESPONSE = { hasResponse: false, retry_after_seconds: null };

/** Returns how many retries a message reports; none when there were none. */
const afterRetries = (attempts: number): string[] =>
  attempts === 0 ? [] : [`after ${attempts} ${attempts === 1 ? "retry" : "retries"}`];

/** Returns the number of retries in parentheses, at the end of a message. */
const after = (attempts: number): string =>
  afterRetries(attempts)
    .map((text) => ` (${text})`)
    .join("");

/** A retry that the end of the invocation cut off: the next invocation continues with it. */
export const OUT_OF_TIME: Failure = {
  ...WITHOUT_RESPONSE,
  reason: "time budget",
  required_by: API.name,
  error: (attempts) => new TimeoutError(`no response within the time budget${after(attempts)}`),
};

/** A successful response whose content is inconsistent. */
export const inconsistentPage = (why: string): Failure => ({
  ...WITHOUT_RESPONSE,
  reason: "inconsistent page",
  required_by: API.name,
  error: (attempts) => new ResponseError(`the response does not fit the paginator${after(attempts)}: ${why}`),
});

const causeCode = (error: unknown): string => {
  for (let current = error as { code?: string; cause?: unknown; name?: string } | undefined; current; ) {
    if (typeof current.code === "string") return current.code;
    if (current.cause === undefined) return current.name ?? "unknown";
    current = current.cause as typeof current;
  }
  return "unknown";
};

/** Describes failed attempts. */
export interface Failures {
  /** Failure of a response with an error status, or with a response action that retries it. */
  fromResponse(response: RawResponse, peer: Peer): Failure;
  /** Failure without a response, or with a broken one. */
  fromError(error: unknown, peer: Peer): Failure;
  /** Error of a response of the API that a response action rejects. */
  rejected(response: RawResponse): ResponseError;
}

/** Returns the beginning of a response in parentheses, after a space, with secrets redacted; "" for an empty one. */
export const quoteInParentheses = (response: RawResponse, redactor: Pick<Redactor, "redact">): string => {
  const text = excerpt(decodeLeniently(response), redactor);
  return text === "" ? "" : ` (${text})`;
};

/** Config of the descriptions of failures. */
export interface FailureOptions {
  /** Seconds, for messages. */
  request_timeout: number;
  retry_on_status_codes: readonly number[];
}

/** Returns the descriptions of failures, with secrets redacted. */
export const createFailures = (
  { redactor, clock }: Pick<Ports, "redactor" | "clock">,
  { request_timeout, retry_on_status_codes }: FailureOptions,
): Failures => ({
  fromResponse(response, peer) {
    const { status, headers } = response;
    const text = excerpt(decodeLeniently(response), redactor);
    const returned = `${peer.name} returned ${status}${text === "" ? "" : `: ${text}`}`;
    return {
      reason: `status ${status}`,
      required_by: peer.name,
      hasResponse: true,
      retry_after_seconds: parseRetryAfter(headers.get("retry-after"), clock.now()),
      error: (attempts) =>
        isThrottling(response, retry_on_status_codes)
          ? new ThrottledError(`${returned}${after(attempts)}. The next run resumes from here`)
          : new HttpError(`${returned}${after(attempts)}`, { status: peer === API ? status : null }),
    };
  },

  rejected(response) {
    const text = excerpt(decodeLeniently(response), redactor);
    return new ResponseError(
      `a response action rejects the response (status ${response.status}: ${text}): correct the request, or the action`,
    );
  },

  fromError(error, peer) {
    const failure = { ...WITHOUT_RESPONSE, required_by: peer.name };
    if (error instanceof BrokenBodyError) {
      return {
        ...failure,
        reason: "broken body",
        error: (attempts) => new ResponseError(`${error.message}${after(attempts)}`, { cause: error }),
      };
    }
    if (error instanceof CallbackTimeout) {
      return {
        ...failure,
        reason: "timeout",
        error: (attempts) => new TimeoutError(`${error.message}${after(attempts)}`),
      };
    }
    const code = causeCode(error);
    if (code === "TimeoutError" || (error as Error).name === "TimeoutError") {
      return {
        ...failure,
        reason: "timeout",
        error: (attempts) =>
          new TimeoutError(`${peer.no_response} within ${request_timeout} s${after(attempts)}: ${peer.when_slow}`),
      };
    }
    return {
      ...failure,
      reason: code,
      error: (attempts) =>
        new HttpError(
          `${peer.name} cannot be reached (${[code, ...afterRetries(attempts)].join(", ")}): check ${peer.address}, and the network`,
        ),
    };
  },
});
