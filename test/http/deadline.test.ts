import { describe, expect, test } from "vitest";
import { createHttpClient } from "../../lib/http/client.ts";
import { createRateLimiter } from "../../lib/http/rate-limit.ts";
import type { Clock } from "../../lib/ports/clock.ts";
import { BudgetSpent, createBudget } from "../../lib/time/budget.ts";
import { systemClock } from "../../lib/time/clock.ts";
import { HOUR } from "../../lib/time/durations.ts";
import { halfABody, rejection, request, silence, startClient } from "./client.fixture.ts";
import { type Answer, eventually, json } from "./server.ts";

/** Seconds. */
const REQUEST_TIMEOUT = 10;

/** Resolves when the server's side of the first connection is closed. */
const watched = (answer: Answer) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watching: Answer = (request, response, number) => {
    request.socket.once("close", () => resolve());
    return answer(request, response, number);
  };
  return { watching, closed: promise };
};

describe("the deadline", () => {
  test.each([
    ["before the answer", silence],
    ["in the middle of the body", halfABody],
  ])("%s: BudgetSpent, the socket is closed, nothing is retried", async (_, answer) => {
    const { watching, closed } = watched(answer);
    await using api = await startClient(watching, { time: 400, patience: 0.4 });
    expect(await rejection(api.get())).toBeInstanceOf(BudgetSpent);
    await closed;
    await eventually(() => api.connections()).toBe(0);
    expect(api.seen).toHaveLength(1);
    expect(api.sleeps).toEqual([]);
  });

  test("a user who stops: the same", async () => {
    const stop = new AbortController();
    const { watching, closed } = watched((_, response) => {
      response.writeHead(200).write("[1,", () => stop.abort());
    });
    await using api = await startClient(watching, { stop: stop.signal });
    expect(await rejection(api.get())).toBeInstanceOf(BudgetSpent);
    await closed;
  });

  test("a user who stopped before: not one request", async () => {
    await using api = await startClient((_, response) => json(response, []), { stop: AbortSignal.abort() });
    expect(await rejection(api.get())).toBeInstanceOf(BudgetSpent);
    expect(api.seen).toEqual([]);
  });

  test("cuts a wait short that was taken in place", async () => {
    await using api = await startClient((_, response) => json(response, {}, 503, { "retry-after": "3600" }));
    const stop = new AbortController();
    const clock: Clock = {
      ...systemClock,
      sleep(milliseconds, signal) {
        const sleeping = systemClock.sleep(milliseconds, signal);
        stop.abort();
        return sleeping;
      },
    };
    const budget = createBudget(clock, 2 * HOUR, stop.signal);
    const ports = {
      ...({ bucket: undefined } as never as { bucket: never }),
      secrets: { get: async () => "k" },
      fetch,
      clock,
      logger: { debug() {}, info() {}, warn() {} },
      redactor: api.redactor,
    };
    const error_handler = { retry_on_status_codes: [503], max_retries: 3, backoff_factor: 2, min_retry_after: 0 };
    const limits = { request_timeout: 3600, max_inline_wait: 3600, max_wait: 3600 };
    const options = { auth: null, response_actions: [], error_handler, ...limits };
    const client = createHttpClient(ports, options, createRateLimiter(null, clock), budget);
    expect(await rejection(client.send(request(new URL(api.url))))).toBeInstanceOf(BudgetSpent);
    budget.close();
  });
});

test("a request timeout closes the socket, also of a body that drips", async () => {
  const { watching, closed } = watched(halfABody);
  await using api = await startClient(watching, { error_handler: { max_retries: 0 } });
  expect(await rejection(api.get())).toMatchObject({ name: "TimeoutError" });
  await closed;
});

test("every attempt has the whole timeout for itself", async () => {
  const takesMostOfIt: Answer = (_, response, number) => {
    api.elapse(0.9 * REQUEST_TIMEOUT);
    json(response, number, number < 2 ? 503 : 200);
  };
  await using api = await startClient(takesMostOfIt, { request_timeout: REQUEST_TIMEOUT });
  expect((await api.get()).body).toBe(2);
  expect(api.seen).toHaveLength(3);
});
