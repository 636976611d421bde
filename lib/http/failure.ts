import { HttpError, ResponseError, type RestlakeError, ThrottledError, TimeoutError } from "../errors/index.ts";
import type { Ports } from "../ports/index.ts";
import { BrokenBodyError } from "./body.ts";
import { FunctionTimeout } from "./callback.ts";
import { excerpt } from "./excerpt.ts";
import type { Answer } from "./exchange.ts";
import { API, type Peer } from "./peer.ts";
import { parseRetryAfter } from "./retry-timing.ts";

const TOO_MANY_REQUESTS = 429;

/** One failed attempt that may be repeated. */
export interface Failure {
  /** What the failure is in the end, after so many retries. */
  error: (attempts: number) => RestlakeError;
  /** Seconds that the answer asks to wait; null when it does not. */
  retryAfter: number | null;
  /** Whether it was an answer that failed: only then `min_retry_after` applies. */
  answered: boolean;
  /** Who asks for the wait, in messages. */
  who: string;
  /** For logs. */
  what: string;
}

/** A retry that the end of the invocation cut off: the next invocation goes on with it. */
export const OUT_OF_TIME: Failure = {
  what: "time budget",
  who: API.name,
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

/** Tells failed attempts by what came back. */
export interface Failures {
  /** An answer whose status is no success, or whose text asks for another attempt. */
  ofStatus(answer: Answer, peer: Peer): Failure;
  /** No answer, or a broken one. */
  ofSilence(error: unknown, peer: Peer): Failure;
}

/** @param request_timeout seconds, for messages. */
export const createFailures = (
  { redactor, clock }: Pick<Ports, "redactor" | "clock">,
  request_timeout: number,
): Failures => ({
  ofStatus({ status, headers, bytes }, peer) {
    const text = excerpt(Buffer.from(bytes).toString(), redactor);
    const said = `${peer.name} answered ${status}${text === "" ? "" : `: ${text}`}`;
    return {
      what: `status ${status}`,
      who: peer.name,
      answered: true,
      retryAfter: parseRetryAfter(headers.get("retry-after"), clock.now()),
      error: (attempts) =>
        status === TOO_MANY_REQUESTS
          ? new ThrottledError(`${said} (after ${attempts} retries). The next run goes on from here`)
          : new HttpError(`${said}${attempts > 0 ? ` (after ${attempts} retries)` : ""}`),
    };
  },

  ofSilence(error, peer) {
    const failure = { who: peer.name, answered: false, retryAfter: null };
    if (error instanceof BrokenBodyError) {
      return {
        ...failure,
        what: "broken body",
        error: (attempts) => new ResponseError(`${error.message} (after ${attempts} retries)`, { cause: error }),
      };
    }
    if (error instanceof FunctionTimeout) {
      return {
        ...failure,
        what: "timeout",
        error: (attempts) => new TimeoutError(`${error.message} (after ${attempts} retries)`),
      };
    }
    const code = causeCode(error);
    const timedOut = code === "TimeoutError" || (error as Error).name === "TimeoutError";
    return {
      ...failure,
      what: timedOut ? "timeout" : code,
      error: (attempts) =>
        timedOut
          ? new TimeoutError(`${peer.silence} within ${request_timeout} s (after ${attempts} retries): ${peer.slow}`)
          : new HttpError(
              `${peer.name} cannot be reached (${code}, after ${attempts} retries): check ${peer.address}, and the network`,
            ),
    };
  },
});
