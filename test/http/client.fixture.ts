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
  const server = await startServer(answer);
  const sleeps: number[] = [];
  const logged: unknown[] = [];
  /** The `force` of every read of the secret. */
  const reads: boolean[] = [];
  /** When each request went out, in milliseconds since START. */
  const sentAt: number[] = [];
  let now = START;
  const redactor = createRedactor();
  const log = (message: string, fields?: unknown) => void logged.push([message, fields]);
  const clock: Ports["clock"] = {
    now: () => now,
    random,
    async sleep(milliseconds) {
      sleeps.push(milliseconds / 1000);
      now += milliseconds;
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
    fetch: (...request) => {
      sentAt.push(now - START);
      return fetch(...request);
    },
    clock,
    logger: { debug: log, info: log, warn: log },
    redactor,
  };
  const options = { ...OPTIONS, ...setup, error_handler: { ...OPTIONS.error_handler, ...error_handler } };
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
    fetches: () => sentAt.length,
    /** Time goes by. */
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
