import { createHttpClient, type HttpOptions } from "../../lib/http/client.ts";
import type { Ports, Secrets } from "../../lib/ports.ts";
import { createBudget } from "../../lib/run/budget.ts";
import { createSecrets } from "../../lib/secrets/index.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { type Answer, startServer } from "./server.ts";

/** When the fake clock starts; it moves only by its own sleeps. */
export const START = Date.parse("2026-11-20T09:00:00Z");
const MINUTE = 60_000;

const OPTIONS: HttpOptions = {
  auth: { type: "api_key", name: "X-Api-Key", api_key: { secret: "api_key" }, location: "header" },
  headers: {},
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
}

/** A client of the real kind, to a server of the real kind; only the clock and the dice are not. */
export const startClient = async (answer: Answer, setup: Setup = {}) => {
  const { secret = ["key-1"], random = () => 0, time = 10 * MINUTE, stop, error_handler, ...given } = setup;
  const server = await startServer(answer);
  const sleeps: number[] = [];
  const logged: unknown[] = [];
  /** The `force` of every read of the secret. */
  const reads: boolean[] = [];
  let fetches = 0;
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
      fetches++;
      return fetch(...request);
    },
    clock,
    log: { debug: log, info: log, warn: log },
    redactor,
  };
  const budget = createBudget(clock, time, stop);
  const options = { ...OPTIONS, ...given, error_handler: { ...OPTIONS.error_handler, ...error_handler } };
  const client = createHttpClient(ports, options, budget);
  return {
    ...server,
    client,
    budget,
    redactor,
    sleeps,
    logged,
    reads,
    fetches: () => fetches,
    /** Asks for a path. */
    get: (path = "/", attempts = 0, doubt?: Parameters<typeof client.send>[2], headers: Record<string, string> = {}) =>
      client.send({ method: "GET", url: new URL(path, server.url), headers }, attempts, doubt),
    async [Symbol.asyncDispose]() {
      budget.close();
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
