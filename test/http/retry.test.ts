import { describe, expect, test } from "vitest";
import { Throttled } from "../../lib/http/client.ts";
import { UNREACHABLE } from "../ports.ts";
import { drippingBody, rejection, request, START, silence, startClient } from "./client.fixture.ts";
import { json, type Responder } from "./server.ts";

/** Fails the first requests in the given way, then succeeds. */
const failing =
  (times: number, fail: Responder): Responder =>
  (request, response, number) =>
    number < times ? fail(request, response, number) : json(response, { rows: [1] });

const status =
  (code: number, headers: Record<string, string> = {}): Responder =>
  (_, response) =>
    json(response, { message: "no" }, code, headers);
const reset: Responder = (_, response) => response.socket?.resetAndDestroy();
const hangUp: Responder = (_, response) => response.destroy();
const tooShort: Responder = (_, response) => {
  response.writeHead(200, { "content-length": "1000" }).write('{"rows":[1');
  setTimeout(() => response.destroy(), 5);
};
const cutJson: Responder = (_, response) => response.end('{"rows":[1,');
const brokenGzip: Responder = (_, response) =>
  response.writeHead(200, { "content-encoding": "gzip" }).end(Buffer.from("no gzip at all"));

const max = () => 1;

describe("a failed attempt", () => {
  test.each([
    ["a configured status", status(503)],
    ["a 429", status(429)],
    ["a reset connection", reset],
    ["a connection that is closed without a response", hangUp],
    ["a body shorter than its content-length", tooShort],
    ["incomplete JSON", cutJson],
    ["a body that does not decompress", brokenGzip],
    ["no response in time", silence],
    ["a body that drips longer than the timeout", drippingBody],
  ])("with %s is retried, and the next response counts", async (_, fail) => {
    await using api = await startClient(failing(2, fail));
    expect((await api.get()).body).toEqual({ rows: [1] });
    expect(api.seen).toHaveLength(3);
    expect(api.sleeps).toHaveLength(2);
    expect(api.client.stats).toMatchObject({ requests: 3, retries: 2 });
  });

  test.each([400, 404, 418, 502])("with a %i that retry_on_status_codes does not list is not retried", async (code) => {
    await using api = await startClient(status(code));
    expect(await rejection(api.get())).toMatchObject({
      name: "HttpError",
      message: `the API returned ${code}: {"message":"no"}`,
    });
    expect(api.seen).toHaveLength(1);
  });

  test("with a 429 that retry_on_status_codes does not list is a ThrottledError without retries", async () => {
    await using api = await startClient(status(429), { error_handler: { retry_on_status_codes: [] } });
    expect(await rejection(api.get())).toMatchObject({ name: "ThrottledError" });
    expect(api.seen).toHaveLength(1);
  });

  test("with a 304 or a redirect without a target is an error without retries", async () => {
    for (const code of [304, 302]) {
      await using api = await startClient((_, response) => response.writeHead(code).end());
      expect(await rejection(api.get())).toMatchObject({ name: "HttpError", message: `the API returned ${code}` });
    }
  });

  test("is one request: ofetch does not retry", async () => {
    await using api = await startClient(status(503), { error_handler: { max_retries: 0 } });
    await rejection(api.get());
    expect(api.fetches()).toBe(1);
    expect(api.seen).toHaveLength(1);
  });

  test("whose response is inconsistent is retried until the validation accepts one", async () => {
    await using api = await startClient((_, response, number) => json(response, number));
    const validate = ({ body }: { body: unknown }) => (body === 2 ? null : "too small");
    expect((await api.get("/", 0, validate)).body).toBe(2);
    expect(api.seen).toHaveLength(3);
  });
});

describe("max_retries", () => {
  test.each([
    [
      "ThrottledError",
      "a 429",
      status(429),
      /^the API returned 429: .* \(after 3 retries\)\. The next run resumes from here/,
    ],
    ["HttpError", "a 500", status(500), /^the API returned 500: .* \(after 3 retries\)$/],
    ["TimeoutError", "no response in time", silence, /^no response within 10 s \(after 3 retries\)/],
    ["TimeoutError", "a dripping body", drippingBody, /^no response within 10 s/],
    ["HttpError", "a reset", reset, /^the API cannot be reached \(ECONNRESET, after 3 retries\)/],
    [
      "HttpError",
      "a truncated body",
      tooShort,
      /^the API cannot be reached \((UND_ERR_SOCKET|ECONNRESET), after 3 retries\)/,
    ],
    ["ResponseError", "incomplete JSON", cutJson, /\(after 3 retries\)$/],
  ])("of 3 ends with a %s after the fourth failure by %s", async (name, _, fail, message) => {
    await using api = await startClient(fail);
    expect(await rejection(api.get())).toMatchObject({ name, message: expect.stringMatching(message) });
    expect(api.seen).toHaveLength(4);
    expect(api.sleeps).toHaveLength(3);
  });

  test("ends with an HttpError that has the reason why the API cannot be reached", async () => {
    await using api = await startClient(silence, { error_handler: { max_retries: 1 } });
    const error = await rejection(api.client.send(request(new URL(UNREACHABLE))));
    expect(error).toMatchObject({
      name: "HttpError",
      message: expect.stringContaining("(ECONNREFUSED, after 1 retry)"),
    });
    expect(api.sleeps).toHaveLength(1);
  });

  test("ends with a ResponseError for a response that stays inconsistent", async () => {
    await using api = await startClient((_, response) => json(response, []));
    expect(await rejection(api.get("/", 0, () => "no rows"))).toMatchObject({
      name: "ResponseError",
      message: "the response does not fit the paginator (after 3 retries): no rows",
    });
    expect(api.seen).toHaveLength(4);
  });

  test("does not apply to an error that the validation throws", async () => {
    await using api = await startClient((_, response) => json(response, []));
    const thrown = new Error("selector");
    const validate = () => {
      throw thrown;
    };
    expect(await rejection(api.get("/", 0, validate))).toBe(thrown);
    expect(api.seen).toHaveLength(1);
  });

  test("includes the retries of earlier invocations", async () => {
    await using api = await startClient(status(503));
    expect(await rejection(api.get("/", 2))).toMatchObject({ name: "HttpError" });
    expect(api.seen).toHaveLength(2);
    await rejection(api.get("/", 3));
    expect(api.seen).toHaveLength(3);
  });

  test("applies to each page separately", async () => {
    await using api = await startClient((_, response, number) => json(response, [], number % 4 < 3 ? 503 : 200));
    for (const path of ["/1", "/2", "/3"]) expect(await api.get(path)).toMatchObject({ status: 200 });
    expect(api.client.stats).toMatchObject({ requests: 12, retries: 9 });
  });
});

describe("the wait before a retry", () => {
  test("is backoff_factor to the power of the attempt, with full jitter", async () => {
    await using api = await startClient(failing(3, status(503)), { random: max });
    await api.get();
    expect(api.sleeps).toEqual([2, 4, 8]);
    expect(api.client.stats.waited_seconds).toBe(14);
    await using lucky = await startClient(failing(3, status(503)), { random: () => 0.25 });
    await lucky.get();
    expect(lucky.sleeps).toEqual([0.5, 1, 2]);
  });

  test("is at least Retry-After, in seconds or as a date", async () => {
    const date = new Date(START + 7000).toUTCString();
    for (const header of ["7", date]) {
      await using api = await startClient(failing(1, status(429, { "retry-after": header })), { random: max });
      await api.get();
      expect(api.sleeps).toEqual([7]);
    }
  });

  test.each(["-1", "soon", new Date(START - 60_000).toUTCString()])("ignores a Retry-After of %j", async (header) => {
    await using api = await startClient(failing(1, status(429, { "retry-after": header })), { random: max });
    await api.get();
    expect(api.sleeps).toEqual([2]);
  });

  test("is at least min_retry_after after a response, but not after a broken connection", async () => {
    const error_handler = { min_retry_after: 5 };
    await using throttled = await startClient(failing(1, status(429, { "retry-after": "3" })), { error_handler });
    await throttled.get();
    expect(throttled.sleeps).toEqual([5]);
    await using broken = await startClient(failing(1, reset), { error_handler });
    await broken.get();
    expect(broken.sleeps).toEqual([0]);
  });
});

describe("a wait that is not inline", () => {
  test("over max_inline_wait is left to the state machine, in seconds rounded up", async () => {
    await using api = await startClient(status(429, { "retry-after": "10.2" }));
    const thrown = await rejection(api.get());
    expect(thrown).toBeInstanceOf(Throttled);
    expect(thrown).toMatchObject({ retry_after_seconds: 11, attempts: 1 });
    expect(api.sleeps).toEqual([]);
    await using inline = await startClient(failing(1, status(429, { "retry-after": "10" })));
    await inline.get();
    expect(inline.sleeps).toEqual([10]);
  });

  test("that does not fit into the time budget is left to the state machine", async () => {
    await using api = await startClient(status(429, { "retry-after": "6" }), { time: 5000 });
    expect(await rejection(api.get())).toMatchObject({ reason: "throttled", retry_after_seconds: 6, attempts: 1 });
    expect(api.sleeps).toEqual([]);
  });

  test("follows inline waits when their sum no longer fits into the time budget", async () => {
    await using api = await startClient(status(429, { "retry-after": "4" }), { time: 10_000 });
    expect(await rejection(api.get())).toMatchObject({ reason: "throttled", retry_after_seconds: 4, attempts: 3 });
    expect(api.sleeps).toEqual([4, 4]);
  });

  test("reports the attempts, which the next invocation counts until max_retries", async () => {
    await using api = await startClient(status(429, { "retry-after": "60" }));
    let attempts = 0;
    for (const expected of [1, 2, 3]) {
      const thrown = (await rejection(api.get("/", attempts))) as Throttled;
      expect(thrown).toMatchObject({ reason: "throttled", retry_after_seconds: 60, attempts: expected });
      ({ attempts } = thrown);
      api.advance(60);
    }
    expect(await rejection(api.get("/", attempts))).toMatchObject({ name: "ThrottledError" });
    expect(api.seen).toHaveLength(4);
  });

  test("over max_wait is a ThrottledError without retries", async () => {
    await using api = await startClient(status(503, { "retry-after": "3601" }));
    expect(await rejection(api.get())).toMatchObject({
      name: "ThrottledError",
      message:
        "the API requires a wait of 3601 s, more than max_wait (3600 s): raise max_wait, or let a later run resume",
    });
    expect(api.seen).toHaveLength(1);
    await using just = await startClient(status(503, { "retry-after": "3600" }));
    expect(await rejection(just.get())).toMatchObject({ reason: "throttled", retry_after_seconds: 3600 });
  });
});

test.each([
  [1.005, 1005],
  [0.3005, 301],
  [30_000_000, 2 ** 31 - 1],
])("a request_timeout of %d s is a timer of %d ms, an integer of 31 bits", async (request_timeout, milliseconds) => {
  await using api = await startClient((_, response) => json(response, []), { request_timeout });
  expect(await api.get()).toMatchObject({ status: 200 });
  expect(api.alarmsSet).toContain(milliseconds);
});

test("no timer is left after a request, whether it succeeded, failed or timed out", async () => {
  for (const respond of [status(200), status(404), reset, silence, drippingBody]) {
    await using api = await startClient(respond);
    await api.get().catch(() => {});
    api.budget.close();
    expect(api.pendingAlarms()).toBe(0);
  }
});
