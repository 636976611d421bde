import type { RateLimit } from "../../lib/config/schema/index.ts";
import { createHttpClient, type HttpOptions, type HttpRequest } from "../../lib/http/client.ts";
import { createRateLimiter, type RateUsage } from "../../lib/http/rate-limit.ts";
import type { Ports } from "../../lib/ports/index.ts";
import type { Secrets } from "../../lib/ports/secrets.ts";
import { createSecrets } from "../../lib/secrets/index.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { type Budget, createBudget } from "../../lib/time/budget.ts";
import { type Answer, startServer } from "./server.ts";

/** When the fake clock starts; it moves only by its own sleeps. */
export const START = Date.parse("2026-11-20T09:00:00Z");
const MINUTE = 60_000;

const OPTIONS: HttpOptions = {
  auth: { type: "api_key", name: "X-Api-Key", api_key: { secret: "api_key" }, location: "header" },
  response_actions: [],
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

/** What an answer returns that never comes: as soon as its request has arrived, the time that it may take has passed. */
const SILENT = Symbol("silent");
/** What an answer returns whose body never ends: as soon as its client reads that, the time that it may take has passed. */
const ENDLESS = Symbol("endless");

/** Answers nothing. */
export const silence: Answer = () => SILENT;
/** Answers with the beginning of a body. */
export const halfABody: Answer = (_, response) => {
  response.writeHead(200, { "content-type": "application/json" }).write("[1,");
  return ENDLESS;
};
/** Answers with a body that goes on and on. */
export const drippingBody: Answer = (_, response) => {
  response.writeHead(200, { "content-type": "application/json" }).write("[");
  const drip = setInterval(() => response.write(" "), 1);
  response.on("close", () => clearInterval(drip));
  return ENDLESS;
};

/** A GET without anything else to it. */
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
  /** The secret's text as it is read the first, second... time; the last one stays. */
  secret?: string[];
  secrets?: Secrets;
  /** What the fake dice say. */
  random?: () => number;
  /** Milliseconds of the whole invocation. */
  time?: number;
  /** Seconds that pass when an answer never comes; by default those of `request_timeout`. */
  patience?: number;
  stop?: AbortSignal;
  /** Headers of every request. */
  headers?: HttpRequest["headers"];
  rate_limit?: RateLimit;
  /** What an earlier invocation sent. */
  usage?: RateUsage;
}

/** A client of the real kind, to a server of the real kind; only the clock and the dice are not. */
export const startClient = async (answer: Answer, setup: Setup = {}) => {
  const { secret = ["key-1"], random = () => 0, time = 10 * MINUTE, stop, error_handler, rate_limit, usage } = setup;
  const options = { ...OPTIONS, ...setup, error_handler: { ...OPTIONS.error_handler, ...error_handler } };
  const { patience = options.request_timeout } = setup;
  const sleeps: number[] = [];
  const logged: unknown[] = [];
  /** The `force` of every read of the secret. */
  const reads: boolean[] = [];
  /** When each request went out, in milliseconds since START. */
  const sentAt: number[] = [];
  let now = START;
  const alarms = new Set<{ at: number; ring: () => void }>();
  /** Milliseconds of every alarm that was set. */
  const alarmsSet: number[] = [];
  /** Time goes by for what is under way: alarms that are due ring. */
  const elapse = (seconds: number) => {
    now += seconds * 1000;
    for (const alarm of [...alarms]) if (alarm.at <= now && alarms.delete(alarm)) alarm.ring();
  };
  let isEndless = false;
  /** An answer after which nothing comes lets the time pass. */
  const withTime =
    (inner: Answer): Answer =>
    (...args) => {
      const result = inner(...args);
      isEndless = result === ENDLESS;
      if (result === SILENT) elapse(patience);
      return result;
    };
  const server = await startServer(withTime(answer));
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
  /** A client of another invocation, which knows what the one before it sent. */
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
    /** Alarms that nobody disposed of. */
    pendingAlarms: () => alarms.size,
    elapse,
    withTime,
    fetches: () => sentAt.length,
    /** Time goes by while nothing is under way. */
    advance(seconds: number) {
      now += seconds * 1000;
    },
    /** Asks for a path. */
    get: (path = "/", attempts = 0, doubt?: Parameters<typeof client.send>[2], headers: Record<string, string> = {}) =>
      client.send(request(new URL(path, server.url), { headers: { ...setup.headers, ...headers } }), attempts, doubt),
    /** Asks for a path with whatever else belongs to a request. */
    send: (path: string, more: Partial<HttpRequest>) =>
      client.send(request(new URL(path, server.url), { ...more, headers: { ...setup.headers, ...more.headers } })),
    async [Symbol.asyncDispose]() {
      for (const one of budgets) one.close();
      await server[Symbol.asyncDispose]();
    },
  };
};

/** What a promise was rejected with. */
export const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it was not rejected");
};
