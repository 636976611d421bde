import type { RateLimit } from "../../lib/config/schema/index.ts";
import { createHttpClient, type HttpOptions, type HttpRequest } from "../../lib/http/client.ts";
import { createRateLimiter, type RateUsage } from "../../lib/http/rate-limit.ts";
import type { Ports } from "../../lib/ports/index.ts";
import type { Secrets } from "../../lib/ports/secrets.ts";
import { createSecrets } from "../../lib/secrets/index.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { type Budget, createBudget } from "../../lib/time/budget.ts";
import { MINUTE } from "../../lib/time/durations.ts";
import { type Responder, startServer } from "./server.ts";

/** When the fake clock starts. It advances only by sleeps and by `elapse` and `advance`. */
export const START = Date.parse("2026-11-20T09:00:00Z");
const OPTIONS: HttpOptions = {
  auth: { type: "api_key", name: "X-Api-Key", api_key: { secret: "api_key" }, location: "header" },
  response_actions: [],
  response_format: null,
  error_handler: {
    retry_on_status_codes: [429, 500, 503],
    max_retries: 3,
    backoff_factor: 2,
    min_retry_after: 0,
  },
  request_timeout: 10,
  max_inline_wait: 10,
  max_wait: 3600,
};

/** Returned by a responder that never responds: its time limit passes as soon as the request has arrived. */
const SILENT = Symbol("silent");
/** Returned by a responder whose body never ends: its time limit passes as soon as the client reads the body. */
const ENDLESS = Symbol("endless");

/** Never responds. */
export const silence: Responder = () => SILENT;
/** Responds with the beginning of a body. */
export const halfABody: Responder = (_, response) => {
  response.writeHead(200, { "content-type": "application/json" }).write("[1,");
  return ENDLESS;
};
/** Responds with a body that never ends. */
export const drippingBody: Responder = (_, response) => {
  response.writeHead(200, { "content-type": "application/json" }).write("[");
  const drip = setInterval(() => response.write(" "), 1);
  response.on("close", () => clearInterval(drip));
  return ENDLESS;
};

/** Returns a GET without headers, secrets or a body. */
export const request = (url: URL, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "GET",
  url,
  headers: {},
  secret_params: {},
  body: null,
  ...more,
});

interface Setup extends Omit<Partial<HttpOptions>, "error_handler"> {
  error_handler?: Partial<HttpOptions["error_handler"]>;
  /** The secret's text at the first and each later reload; the last one stays. */
  secret?: string[];
  secrets?: Secrets;
  /** Fake random numbers. */
  random?: () => number;
  /** Milliseconds of the invocation. */
  time?: number;
  /** Seconds that pass when a response never comes; by default `request_timeout`. */
  patience?: number;
  stop?: AbortSignal;
  /** Headers of every request. */
  headers?: HttpRequest["headers"];
  rate_limit?: RateLimit;
  /** Requests of an earlier invocation. */
  usage?: RateUsage;
}

/** Starts a server and a client of it. Only the clock and the random numbers are fake. */
export const startClient = async (respond: Responder, setup: Setup = {}) => {
  const { secret = ["key-1"], random = () => 0, time = 10 * MINUTE, stop, error_handler, rate_limit, usage } = setup;
  const options = { ...OPTIONS, ...setup, error_handler: { ...OPTIONS.error_handler, ...error_handler } };
  const { patience = options.request_timeout } = setup;
  const sleeps: number[] = [];
  const logged: unknown[] = [];
  /** Whether each read of the secret was a reload. */
  const reads: boolean[] = [];
  /** When each request was sent, in milliseconds since START. */
  const sentAt: number[] = [];
  let now = START;
  const alarms = new Set<{ at: number; ring: () => void }>();
  /** Milliseconds of every alarm that was set. */
  const alarmsSet: number[] = [];
  /** Advances the clock during a request: alarms that are due ring. */
  const elapse = (seconds: number) => {
    now += seconds * 1000;
    for (const alarm of [...alarms]) if (alarm.at <= now && alarms.delete(alarm)) alarm.ring();
  };
  let isEndless = false;
  /** Lets the time pass after a responder that never finishes. */
  const withTime =
    (inner: Responder): Responder =>
    (...args) => {
      const result = inner(...args);
      isEndless = result === ENDLESS;
      if (result === SILENT) elapse(patience);
      return result;
    };
  const server = await startServer(withTime(respond));
  const redactor = createRedactor();
  const log = (message: string, fields?: unknown) => void logged.push([message, fields]);
  const clock: Ports["clock"] = {
    now: () => now,
    random,
    async sleep(milliseconds) {
      sleeps.push(milliseconds / 1000);
      now += milliseconds;
    },
    alarm(milliseconds, ring) {
      alarmsSet.push(milliseconds);
      const alarm = { at: now + milliseconds, ring };
      alarms.add(alarm);
      return { [Symbol.dispose]: () => void alarms.delete(alarm) };
    },
  };
  const ports: Ports = {
    bucket: undefined as never,
    secrets:
      setup.secrets ??
      createSecrets(
        "restlake/test",
        async ({ force }) => {
          reads.push(force);
          return secret[Math.min(reads.filter(Boolean).length, secret.length - 1)];
        },
        redactor,
      ),
    fetch: async (...request) => {
      sentAt.push(now - START);
      const response = await fetch(...request);
      if (isEndless) setImmediate(elapse, patience);
      return response;
    },
    clock,
    logger: { debug: log, info: log, warn: log },
    redactor,
  };
  const budgets: Budget[] = [];
  /** Returns a client of another invocation, which gets the rate usage of the one before it. */
  const invoke = (known?: RateUsage | null) => {
    const budget = createBudget(clock, time, stop);
    budgets.push(budget);
    const limiter = createRateLimiter(rate_limit ?? null, clock, known);
    return { budget, limiter, client: createHttpClient(ports, options, limiter, budget) };
  };
  const { client, limiter, budget } = invoke(usage);
  return {
    ...server,
    client,
    budget,
    invoke,
    redactor,
    sleeps,
    logged,
    reads,
    limiter,
    sentAt,
    alarmsSet,
    /** Number of alarms that were not disposed of. */
    pendingAlarms: () => alarms.size,
    elapse,
    withTime,
    fetches: () => sentAt.length,
    /** Advances the clock between requests. */
    advance(seconds: number) {
      now += seconds * 1000;
    },
    /** Sends a GET to a path. */
    get: (
      path = "/",
      attempts = 0,
      validate?: Parameters<typeof client.send>[2],
      headers: Record<string, string> = {},
    ) =>
      client.send(
        request(new URL(path, server.url), { headers: { ...setup.headers, ...headers } }),
        attempts,
        validate,
      ),
    /** Sends a request to a path. */
    send: (path: string, more: Partial<HttpRequest>) =>
      client.send(request(new URL(path, server.url), { ...more, headers: { ...setup.headers, ...more.headers } })),
    async [Symbol.asyncDispose]() {
      for (const one of budgets) one.close();
      await server[Symbol.asyncDispose]();
    },
  };
};

/** Returns the reason of a rejected promise. */
export const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("the promise was not rejected");
};
