import { describe, expect, test } from "vitest";
import { createHttpClient, Throttled } from "../../lib/http/client.ts";
import { createRateLimiter } from "../../lib/http/rate-limit.ts";
import type { Clock } from "../../lib/ports/clock.ts";
import { BudgetSpent, createBudget } from "../../lib/time/budget.ts";
import { systemClock } from "../../lib/time/clock.ts";
import { HOUR } from "../../lib/time/durations.ts";
import { halfABody, rejection, request, silence, startClient } from "./client.fixture.ts";
import { eventually, json, type Responder } from "./server.ts";

/** Seconds. */
const REQUEST_TIMEOUT = 10;

/** Adds a promise that resolves when the first connection is closed on the server. */
const watched = (respond: Responder) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watching: Responder = (request, response, number) => {
    request.socket.once("close", () => resolve());
    return respond(request, response, number);
  };
  return { watching, closed: promise };
};

describe("the end of an invocation", () => {
  test.each([
    ["before the response", silence],
    ["in the middle of the body", halfABody],
  ])("%s throws BudgetSpent and closes the socket without retries", async (_, respond) => {
    const { watching, closed } = watched(respond);
    await using api = await startClient(watching, { time: 400, patience: 0.4 });
    expect(await rejection(api.get())).toBeInstanceOf(BudgetSpent);
    await closed;
    await eventually(() => api.connections()).toBe(0);
    expect(api.seen).toHaveLength(1);
    expect(api.sleeps).toEqual([]);
  });

  test("by a user's stop throws BudgetSpent and closes the socket", async () => {
    const stop = new AbortController();
    const { watching, closed } = watched((_, response) => {
      response.writeHead(200).write("[1,", () => stop.abort());
    });
    await using api = await startClient(watching, { stop: stop.signal });
    expect(await rejection(api.get())).toBeInstanceOf(BudgetSpent);
    await closed;
  });

  test("by a user's stop before the first request sends nothing", async () => {
    await using api = await startClient((_, response) => json(response, []), { stop: AbortSignal.abort() });
    expect(await rejection(api.get())).toBeInstanceOf(BudgetSpent);
    expect(api.seen).toEqual([]);
  });

  test("cuts an inline wait short", async () => {
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
      secrets: { get: async () => "k", put: async () => {} },
      fetch,
      clock,
      logger: { debug() {}, info() {}, warn() {} },
      redactor: api.redactor,
    };
    const error_handler = { retry_on_status_codes: [503], max_retries: 3, backoff_factor: 2, min_retry_after: 0 };
    const limits = { request_timeout: 3600, max_inline_wait: 3600, max_wait: 3600 };
    const options = { auth: null, response_actions: [], response_format: null, error_handler, ...limits };
    const client = createHttpClient(ports, options, createRateLimiter(null, clock), budget);
    expect(await rejection(client.send(request(new URL(api.url))))).toBeInstanceOf(BudgetSpent);
    budget.close();
  });
});

test("a request timeout closes the socket, even in the middle of a body", async () => {
  const { watching, closed } = watched(halfABody);
  await using api = await startClient(watching, { error_handler: { max_retries: 0 } });
  expect(await rejection(api.get())).toMatchObject({ name: "TimeoutError" });
  await closed;
});

test("every attempt has the full request_timeout", async () => {
  const takesMostOfIt: Responder = (_, response, number) => {
    api.elapse(0.9 * REQUEST_TIMEOUT);
    json(response, number, number < 2 ? 503 : 200);
  };
  await using api = await startClient(takesMostOfIt, { request_timeout: REQUEST_TIMEOUT });
  expect((await api.get()).body).toBe(2);
  expect(api.seen).toHaveLength(3);
});

test("a page whose failed attempts used up the time resumes in the next invocation with its attempts counted", async () => {
  await using api = await startClient(
    (request, response, number) => (number === 0 ? json(response, {}, 503) : silence(request, response, number)),
    { time: 600, patience: 0.6 },
  );
  const error = await rejection(api.get());
  expect(error).toBeInstanceOf(Throttled);
  expect((error as Throttled).attempts).toBe(2);
});
