import { describe, expect, test } from "vitest";
import { createHttpClient } from "../../lib/http/client.ts";
import { createRateLimiter } from "../../lib/http/rate-limit.ts";
import { BudgetSpent, createBudget } from "../../lib/time/budget.ts";
import { systemClock } from "../../lib/time/clock.ts";
import { rejection, request, startClient } from "./client.fixture.ts";
import { type Answer, json } from "./server.ts";

/** Resolves when the server's side of the first connection is closed. */
const watched = (answer: Answer) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watching: Answer = (request, response, number) => {
    request.socket.once("close", () => resolve());
    return answer(request, response, number);
  };
  return { watching, closed: promise };
};
const silence: Answer = () => {};
const halfABody: Answer = (_, response) => response.writeHead(200, { "content-type": "application/json" }).write("[1,");

describe("the deadline", () => {
  test.each([
    ["before the answer", silence],
    ["in the middle of the body", halfABody],
  ])("%s: BudgetSpent, the socket is closed, nothing is retried", async (_, answer) => {
    const { watching, closed } = watched(answer);
    await using api = await startClient(watching, { time: 400 });
    expect(await rejection(api.get())).toBeInstanceOf(BudgetSpent);
    await closed;
    expect(api.connections()).toBe(0);
    expect(api.seen).toHaveLength(1);
    expect(api.sleeps).toEqual([]);
  });

  test("a user who stops: the same", async () => {
    const stop = new AbortController();
    const { watching, closed } = watched((request, response, number) => {
      halfABody(request, response, number);
      setTimeout(() => stop.abort(), 20);
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
    const stop = new AbortController();
    await using api = await startClient((_, response) => {
      setTimeout(() => stop.abort(), 20);
      json(response, {}, 503, { "retry-after": "9" });
    });
    const budget = createBudget(systemClock, 60_000, stop.signal);
    const ports = {
      ...({ bucket: undefined } as never as { bucket: never }),
      secrets: { get: async () => "k" },
      fetch,
      clock: systemClock,
      logger: { debug() {}, info() {}, warn() {} },
      redactor: api.redactor,
    };
    const error_handler = { retry_on_status_codes: [503], max_retries: 3, backoff_factor: 2, min_retry_after: 0 };
    const limits = { request_timeout: 5, max_inline_wait: 10, max_wait: 60 };
    const options = { auth: null, response_actions: [], error_handler, ...limits };
    const client = createHttpClient(ports, options, createRateLimiter(null, systemClock), budget);
    const startedAt = Date.now();
    const asked = client.send(request(new URL(api.url)));
    expect(await rejection(asked)).toBeInstanceOf(BudgetSpent);
    expect(Date.now() - startedAt).toBeLessThan(2000);
    budget.close();
  });
});

test("a request timeout closes the socket, also of a body that drips", async () => {
  const { watching, closed } = watched(halfABody);
  await using api = await startClient(watching, { request_timeout: 0.1, error_handler: { max_retries: 0 } });
  expect(await rejection(api.get())).toMatchObject({ name: "TimeoutError" });
  await closed;
});

test("every attempt has the whole timeout for itself", async () => {
  await using api = await startClient(
    (_, response, number) => void setTimeout(() => json(response, number, number < 2 ? 503 : 200), 200),
    { request_timeout: 0.5 },
  );
  expect((await api.get()).body).toBe(2);
});
